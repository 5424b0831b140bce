// What came in as mbox, Maildir, StGit or Mercurial patches lies as numbered mails in .git/rebase-apply afterwards.
#include <algorithm>

#include "am.h"
#include "base/date.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "config.h"
#include "mailsplit.h"
#include "refs.h"
#include "repository.h"

namespace git {
namespace {

bool looks_like_mail(std::string_view text) {
  for (std::string_view line : split_lines(text)) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) return true;
    if (line[0] == ' ' || line[0] == '\t') continue;
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return false;
    for (char c : line.substr(0, colon))
      if (static_cast<unsigned char>(c) < 33 || static_cast<unsigned char>(c) > 126) return false;
  }
  return true;
}

// StGit: a subject, then author and date as lines of a header, then the text.
std::string stgit_to_mail(std::string_view text) {
  std::string mail;
  bool subject_done = false;
  while (auto line = next_part(text, '\n')) {
    std::string_view rest;
    if (trim(*line).empty()) continue;
    if (skip_prefix(*line, "Author:", &rest)) {
      mail += "From:" + std::string(rest) + "\n";
    } else if (starts_with(*line, "From") || starts_with(*line, "Date")) {
      mail += std::string(*line) + "\n";
    } else if (!subject_done) {
      mail += "Subject: " + std::string(*line) + "\n";
      subject_done = true;
    } else {
      mail += "\n" + std::string(*line) + "\n";
      break;
    }
  }
  return mail + std::string(text);
}

// Mercurial: comments say who and when ("# Date <seconds> <offset west of Greenwich>").
std::string hg_to_mail(std::string_view text) {
  std::string mail;
  while (auto line = next_part(text, '\n')) {
    std::string_view rest;
    if (skip_prefix(*line, "# User ", &rest)) {
      mail += "From: " + std::string(rest) + "\n";
    } else if (skip_prefix(*line, "# Date ", &rest)) {
      const std::size_t space = rest.find(' ');
      auto time = parse_uint(rest.substr(0, space));
      auto west = space == std::string_view::npos ? std::nullopt : parse_int(trim(rest.substr(space + 1)));
      if (!time || !west) die(_("invalid timestamp"));
      const long minutes = static_cast<long>(*west < 0 ? -*west : *west) / 60;
      int tz = static_cast<int>(minutes / 60 * 100 + minutes % 60);
      if (*west > 0) tz = -tz;
      DateFormat format;
      format.mode = DateMode::rfc2822;
      mail += "Date: " + show_date(*time, tz, format) + "\n";
    } else if (!starts_with(*line, "# ")) {
      mail += "\n" + std::string(*line) + "\n";
      break;
    }
  }
  return mail + std::string(text);
}

}  // namespace

std::string Am::detect_format(const std::vector<std::string>& paths) const {
  if (paths.empty() || paths[0] == "-" || is_directory(paths[0])) return "mbox";
  auto text = read_file(paths[0]);
  if (!text) die_errno(_("could not open '%s' for reading"), paths[0]);
  std::string_view rest = *text;
  std::vector<std::string_view> lines;
  while (lines.size() < 3) {
    auto line = next_part(rest, '\n');
    if (!line) break;
    if (!line->empty() && line->back() == '\r') line->remove_suffix(1);
    if (lines.empty() && line->empty()) continue;
    lines.push_back(*line);
  }
  if (lines.empty()) return "";
  lines.resize(3);
  if (starts_with(lines[0], "From ") || starts_with(lines[0], "From: ")) return "mbox";
  if (starts_with(lines[0], "# This series applies on GIT commit")) return "stgit-series";
  if (lines[0] == "# HG changeset patch") return "hg";
  if (!lines[0].empty() && lines[1].empty() &&
      (starts_with(lines[2], "From:") || starts_with(lines[2], "Author:") || starts_with(lines[2], "Date:")))
    return "stgit";
  return looks_like_mail(*text) ? "mbox" : "";
}

bool Am::split_foreign(const std::vector<std::string>& paths, std::string (*convert)(std::string_view)) {
  std::vector<std::string> all = paths;
  if (all.empty()) all.push_back("-");
  int number = 0;
  for (const std::string& one : all) {
    auto text = one == "-" ? read_fd(0) : read_file(one);
    if (!text) {
      error_errno(_("could not open '%s' for reading"), one);
      return false;
    }
    if (!write(strf("%0*d", digits_, ++number), convert(*text))) return false;
  }
  current_ = 1;
  last_ = number;
  return true;
}

int Am::split(const std::vector<std::string>& paths, const std::string& format, bool keep_cr) {
  if (format == "mbox" || format == "mboxrd") {
    MailsplitOptions how;
    how.digits = digits_;
    how.allow_bare = true;
    how.keep_cr = keep_cr;
    how.mboxrd = format == "mboxrd";
    const int count = split_mail_files(paths.empty() ? std::vector<std::string>{"-"} : paths, path(""), how);
    current_ = 1;
    last_ = count;
    return count < 0 ? -1 : 0;
  }
  if (format == "stgit") return split_foreign(paths, stgit_to_mail) ? 0 : -1;
  if (format == "hg") return split_foreign(paths, hg_to_mail) ? 0 : -1;
  // A series names its patches, one a line.
  if (paths.size() != 1) return error(_("Only one StGIT patch series can be applied at once"));
  auto text = read_file(paths[0]);
  if (!text) return error_errno(_("could not open '%s' for reading"), paths[0]);
  std::vector<std::string> patches;
  for (std::string_view line : split_lines(*text))
    if (!line.empty() && line[0] != '#') patches.push_back(path_join(path_dirname(paths[0]), line));
  return split_foreign(patches, stgit_to_mail) ? 0 : -1;
}

void Am::write_state() {
  const AmOptions& o = options;
  auto flag = [this](std::string_view name, bool value) { write(name, value ? "t\n" : "f\n"); };
  flag("threeway", o.threeway > 0);
  flag("quiet", o.quiet);
  flag("sign", o.signoff);
  flag("utf8", o.utf8);
  if (o.rerere_autoupdate >= 0) flag("rerere-autoupdate", o.rerere_autoupdate);
  write("keep", o.keep == AmKeep::yes ? "t\n" : o.keep == AmKeep::non_patch ? "b\n" : "f\n");
  flag("messageid", o.message_id);
  write("scissors", o.scissors == AmScissors::unset ? "\n" : o.scissors == AmScissors::yes ? "t\n" : "f\n");
  write("quoted-cr", o.quoted_cr + "\n");
  write("apply-opt", sq_quote_argv(o.apply_options) + "\n");
  flag("no_inbody_headers", o.no_inbody_headers);
  write(o.rebasing ? "rebasing" : "applying", "");
}

void Am::setup(const std::vector<std::string>& paths, std::string format, int keep_cr) {
  if (format.empty()) {
    format = detect_format(paths);
    if (format.empty()) {
      err(_("Patch format detection failed.\n"));
      exit_with(128);
    }
  }
  if (!make_dir(path("")) && !is_directory(path(""))) die_errno(_("failed to create directory '%s'"), path(""));
  if (repo_.refs().read("REBASE_HEAD")) (void)repo_.refs().remove("REBASE_HEAD", std::nullopt, "", kRefNoDeref);
  if (keep_cr < 0) keep_cr = repo_.config().get_bool_or("am.keepcr", false);
  if (split(paths, format, keep_cr)) {
    destroy();
    die(_("Failed to split patches."));
  }
  if (options.rebasing) options.threeway = 1;
  write_state();
  auto head = repo_.refs().read_oid("HEAD");
  write("abort-safety", head ? head->hex() + "\n" : std::string("\n"));
  if (!options.rebasing) {
    if (head) {
      RefUpdate update;
      update.name = "ORIG_HEAD";
      update.new_oid = *head;
      update.message = "am";
      repo_.refs().update(std::move(update)).or_die();
    } else if (repo_.refs().read("ORIG_HEAD")) {
      (void)repo_.refs().remove("ORIG_HEAD", std::nullopt, "", 0);
    }
  }
  write("next", std::to_string(current_) + "\n");
  write("last", std::to_string(last_) + "\n");
}

}  // namespace git
