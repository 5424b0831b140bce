// The message of a group of squashes and fixups, collected in message-squash while the group lasts: every commit's message
// with a heading, those that don't count commented out.
//
//   # This is a combination of 2 commits.
//   # This is the 1st commit message:
//
//   subject
//
//   # The commit message #2 will be skipped:
//
//   # fixup! subject
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "config.h"
#include "config/ident.h"
#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "sequencer.h"
#include "show/encoding.h"
#include "show/trailers.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr char kFirst[] = "This is the 1st commit message:";
constexpr char kSkipFirst[] = "The 1st commit message will be skipped:";
constexpr char kNth[] = "This is the commit message #%d:";
constexpr char kSkipNth[] = "The commit message #%d will be skipped:";
constexpr char kCombination[] = "This is a combination of %d commits.";

std::size_t subject_length(std::string_view body) {
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t newline = body.find('\n', at);
    const std::string_view line = body.substr(at, newline - at);
    if (trim(line).empty()) return at;
    at = newline == std::string_view::npos ? body.size() : newline + 1;
  }
  return at;
}

std::string_view without_blank_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos || !trim(text.substr(0, newline)).empty()) break;
    text.remove_prefix(newline + 1);
  }
  return text;
}

}  // namespace

bool Sequencer::has_seen_squash() const {
  return starts_with(fixups_, "squash") || fixups_.find("\nsquash") != std::string::npos;
}

// A message that takes over makes the ones above it comments.
std::string Sequencer::skip_earlier_messages(const std::string& text) const {
  std::string skipped;
  bool is_message = false;
  int number = 1;
  for (std::string_view line : split_lines(text)) {
    std::string_view rest = line;
    const bool is_comment = skip_prefix(rest, comment_ + " ");
    if (is_comment && (rest == kFirst || rest == kSkipFirst)) {
      is_message = rest == kFirst;
      skipped += comment_ + " " + kSkipFirst + "\n";
      continue;
    }
    if (is_comment && (rest == strf(kNth, number + 1) || rest == strf(kSkipNth, number + 1))) {
      number++;
      // The empty line in front of a heading belongs to it, not to the message above.
      const std::string empty = "\n" + comment_ + "\n";
      if (is_message && ends_with(skipped, empty)) skipped.replace(skipped.size() - empty.size(), empty.size(), "\n\n");
      is_message = rest == strf(kNth, number);
      skipped += comment_ + " " + strf(kSkipNth, number) + "\n";
      continue;
    }
    if (is_message && !starts_with(line, comment_) && !(line.empty() && ends_with(skipped, "skipped:\n")))
      skipped += comment_lines(std::string(line) + "\n", comment_);
    else
      skipped += std::string(line) + "\n";
  }
  return skipped;
}

bool Sequencer::append_squash_message(std::string& text, std::string_view body, const TodoItem& item) {
  std::size_t commented = 0;
  // "amend!" subjects are never wanted; the others only where messages are really joined.
  if (starts_with(body, "amend!") || ((item.command == TodoCommand::squash || has_seen_squash()) &&
                                      (starts_with(body, "squash!") || starts_with(body, "fixup!"))))
    commented = subject_length(body);
  text += "\n" + comment_ + " " + strf(kNth, ++fixup_count_ + 1) + "\n\n";
  text += comment_lines(body.substr(0, commented), comment_);
  const std::size_t start = text.size();
  text += body.substr(commented);
  const std::string fixup_file = rebase_path("message-fixup");
  if (!item.replaces_message() || has_seen_squash()) {
    remove_file(fixup_file);
    return true;
  }
  if (options.signoff)
    append_signoff(text, committer_ident(repo_.config(), kIdentStrict | kIdentNoDate), TrailerSettings::read(repo_.config()));
  if (!item.edit_fixup && (path_exists(fixup_file) || !path_exists(rebase_path("message-squash"))))
    return write(fixup_file, without_blank_lines(std::string_view(text).substr(start)));
  remove_file(fixup_file);
  return true;
}

int Sequencer::update_squash_messages(const TodoItem& item) {
  std::string text;
  const std::string squash_file = rebase_path("message-squash");
  if (fixup_count_ > 0) {
    auto old = read_file(squash_file);
    if (!old) return error(_("could not read '%s'"), squash_file);
    const std::size_t newline = old->find('\n');
    text = comment_ + " " + strf(kCombination, fixup_count_ + 2) +
           (newline == std::string::npos ? std::string() : old->substr(newline));
    if (item.replaces_message() && !has_seen_squash()) text = skip_earlier_messages(text);
  } else {
    auto oid = head();
    Commit* current = oid ? repo_.commits().peel_to_commit(*oid) : nullptr;
    if (!current) return error(_("need a HEAD to fixup"));
    const std::string buffer = reencode_commit(repo_.commits().read_buffer(current).take_or_die(),
                                               repo_.config().get_string_or("i18n.commitencoding", "UTF-8"));
    std::string_view body = ltrim(commit_message(buffer));
    if (item.command == TodoCommand::fixup && !item.replace_fixup && !write(rebase_path("message-fixup"), body))
      return error(_("cannot write '%s'"), rebase_path("message-fixup"));
    text =
        comment_ + " " + strf(kCombination, 2) + "\n" + comment_ + " " + (item.replaces_message() ? kSkipFirst : kFirst) + "\n\n";
    text += item.replaces_message() ? comment_lines(body, comment_) : std::string(body);
  }
  const CommitTexts texts = read_texts(item.commit);
  const std::string_view body = ltrim(texts.body);
  if (item.command == TodoCommand::squash || item.replaces_message()) {
    if (!append_squash_message(text, body, item)) return -1;
  } else {
    text += "\n" + comment_ + " " + strf(kSkipNth, ++fixup_count_ + 1) + "\n\n" + comment_lines(body, comment_);
  }
  if (!write(squash_file, text)) return -1;
  if (!fixups_.empty()) fixups_ += "\n";
  const char* flag = item.edit_fixup ? " -c" : item.replaces_message() ? " -C" : "";
  fixups_ += strf("%s%s %s", todo_command_name(item.command), flag, item.commit->oid);
  return write(rebase_path("current-fixups"), fixups_) ? 0 : -1;
}

}  // namespace git
