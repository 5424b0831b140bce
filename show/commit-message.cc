// Messages are cleaned the same way for commit, merge and the sequencer.
#include "show/commit-message.h"

#include "base/error.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "config.h"
#include "show/trailers.h"
#include "show/wt-status.h"

namespace git {
namespace {

constexpr std::string_view kSignOff = "Signed-off-by: ";

bool is_rest_empty(std::string_view text) {
  for (std::string_view line : split_lines(text)) {
    if (starts_with(line, kSignOff)) continue;
    if (!trim(line).empty()) return false;
  }
  return true;
}

}  // namespace

CleanupMode parse_cleanup_mode(std::string_view word, bool use_editor) {
  if (word.empty() || word == "default") return use_editor ? CleanupMode::all : CleanupMode::space;
  if (word == "verbatim") return CleanupMode::none;
  if (word == "whitespace") return CleanupMode::space;
  if (word == "strip") return CleanupMode::all;
  if (word == "scissors") return use_editor ? CleanupMode::scissors : CleanupMode::space;
  die("Invalid cleanup mode %s", word);
}

std::string cleanup_message(std::string_view message, CleanupMode mode, bool verbose, std::string_view comment) {
  if (verbose || mode == CleanupMode::scissors) message = message.substr(0, locate_cut_line(message, comment));
  if (mode == CleanupMode::none) return std::string(message);
  return strip_space(message, mode == CleanupMode::all ? comment : std::string_view());
}

bool message_is_empty(std::string_view message, CleanupMode mode) {
  if (mode == CleanupMode::none && !message.empty()) return false;
  return is_rest_empty(message);
}

bool is_template_untouched(std::string_view message, std::string_view template_text, CleanupMode mode, std::string_view comment) {
  if (mode == CleanupMode::none && !message.empty()) return false;
  const std::string cleaned = strip_space(template_text, mode == CleanupMode::all ? comment : std::string_view());
  skip_prefix(message, cleaned);
  return is_rest_empty(message);
}

std::string comment_prefix_of(const Config& config, std::string_view message) {
  std::string value = "#";
  for (const ConfigEntry& entry : config.entries())
    if ((entry.key == "core.commentchar" || entry.key == "core.commentstring") && entry.value) value = *entry.value;
  if (!iequals(value, "auto")) return value;
  std::string candidates = "#;@!$%^&|:";
  bool is_comment_free = true;
  for (std::string_view line : split_lines(message)) {
    if (line.empty()) continue;
    if (line[0] == '#') is_comment_free = false;
  }
  if (is_comment_free) return "#";
  for (std::string_view line : split_lines(message)) {
    if (line.empty()) continue;
    const std::size_t at = candidates.find(line[0]);
    if (at != std::string::npos) candidates.erase(at, 1);
  }
  if (candidates.empty()) die("unable to select a comment character that is not used\nin the current commit message");
  return candidates.substr(0, 1);
}

std::size_t ignored_footer_length(std::string_view message, std::string_view comment) {
  std::size_t boc = 0;
  bool in_old_conflicts = false;
  const std::size_t cutoff = locate_cut_line(message, comment);
  for (std::size_t at = 0; at < cutoff;) {
    const std::size_t newline = message.find('\n', at);
    const std::size_t next = newline == std::string_view::npos ? message.size() : newline + 1;
    std::string_view line = message.substr(at, next - at);
    if (starts_with(line, comment) || line == "\n") {
      if (!boc) boc = at;
    } else if (starts_with(line, "Conflicts:\n")) {
      in_old_conflicts = true;
      if (!boc) boc = at;
    } else if (in_old_conflicts && line[0] == '\t') {
    } else if (boc) {
      boc = 0;
      in_old_conflicts = false;
    }
    at = next;
  }
  return boc ? message.size() - boc : message.size() - cutoff;
}

bool has_conforming_footer(std::string_view message, const TrailerSettings& settings) {
  return !parse_trailers(message, settings, true).trailers.empty();
}

void append_signoff(std::string& message, std::string_view ident, const TrailerSettings& settings) {
  const std::string line = std::string(kSignOff) + std::string(ident) + "\n";
  TrailerBlock block = parse_trailers(message, settings, true);
  std::string tail;
  if (block.message_end < message.size() && !trim(std::string_view(message).substr(block.message_end)).empty()) {
    tail = message.substr(block.message_end);
    message.resize(block.message_end);
  }
  bool has_footer = false, is_last = false;
  for (const Trailer& trailer : block.trailers) {
    if (!trailer.token.empty() || starts_with(trailer.raw, "(cherry picked from commit ")) has_footer = true;
    is_last = trailer.raw + "\n" == line;
  }
  if (!message.empty() && message.back() != '\n') message += '\n';
  if (is_last) {
    message += tail;
    return;
  }
  if (!has_footer) {
    // A paragraph of its own; an empty message leaves room for the subject.
    if (message.empty())
      message = "\n\n";
    else if (message == "\n")
      message += "\n";
    else if (message.size() < 2 || message[message.size() - 2] != '\n')
      message += '\n';
  }
  message += line;
  message += tail;
}

}  // namespace git
