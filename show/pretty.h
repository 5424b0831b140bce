// Commits as text: the named formats and --format's placeholders (git-log(1), "PRETTY FORMATS").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/date.h"
#include "hash/object-id.h"

namespace git {

class Config;
class Mailmap;
class ReflogWalk;
class Repository;
class RevWalk;
struct Commit;

enum class CommitFormat : std::uint8_t { raw, medium, short_, full, fuller, oneline, email, mboxrd, user, reference, unset };

// What --pretty= or --format= named.
struct PrettyFormat {
  CommitFormat format = CommitFormat::medium;
  std::string user;            // the template of a user format
  bool is_terminated = false;  // tformat: and oneline: a newline behind each, instead of between
  std::optional<bool> expand_tabs;
  bool is_date_dependent = false;
};
// "oneline", "format:%h", "tformat:...", "%h" (as tformat), a pretty.<name> alias. Dies "invalid --pretty format: %s".
PrettyFormat parse_pretty_format(Config& config, std::string_view text);

struct PrettyContext {
  Repository* repo = nullptr;
  PrettyFormat format;
  int abbrev = -1;  // of %h; 0 whole
  bool abbrev_merge_parents = true;
  DateFormat date;
  bool has_date = false;  // --date was given (or log.date set): %gd shows dates
  int expand_tabs_width = 8;
  bool use_color = false;
  std::string output_encoding = "UTF-8";
  const Mailmap* mailmap = nullptr;  // %aN; with `use_mailmap` also the named formats
  bool use_mailmap = false;
  ReflogWalk* reflog = nullptr;
  RevWalk* walk = nullptr;  // for %m and rewritten parents
  // "" where the commit has no notes; `raw` without indentation and heading (%N).
  std::function<std::string(const Commit*, bool raw)> notes;
  std::function<std::string(const Commit*, bool color)> decorations;  // " (HEAD -> main)"
  std::function<std::string(const Commit*)> decorations_plain;        // "HEAD -> main"
  // %(decorate:...): prefix, suffix, separator, pointer, tag
  struct DecorateOptions {
    std::string prefix = " (", suffix = ")", separator = ", ", pointer = " -> ", tag = "tag: ";
  };
  std::function<std::string(const Commit*, const DecorateOptions&, bool color)> decorate_with;
  std::function<std::string(const Commit*)> source;                       // %S
  std::function<std::string(const Commit*, char what)> signature_status;  // %G?, %GS ...
  std::string commit_color;                                               // of %h after %C(auto)
  int graph_width = 0;                                                    // columns taken by --graph
  // email
  std::string after_subject, subject = "[PATCH] ";
  bool preserve_subject = false, encode_email_headers = true, print_email_subject = true;
  int need_8bit_cte = 0;
  std::string from_name, from_mail;  // of format-patch --from
  bool force_in_body_from = false;
};

// The whole text of one commit (without the "commit <id>" line of the named formats).
std::string pretty_commit(PrettyContext& context, const Commit* commit);
// Only a user format.
std::string format_commit(PrettyContext& context, const Commit* commit, std::string_view format);
// For callers that want "%h %s" of one commit with nothing else set up.
std::string format_commit_simple(Repository& repo, const Commit* commit, std::string_view format);

// Wraps and indents as %w does; `width` 0: only indents, negative indentation means that many columns are used already.
std::string wrap_text(std::string_view text, int indent1, int indent2, int width);
// The first paragraph of a message as one line; what follows it stays in `message`.
std::string take_subject(std::string_view& message, std::string_view line_separator = " ");
std::string sanitize_subject_line(std::string_view subject);  // %f
// "From: ..." "Subject: ..." values in RFC 2047.
void append_rfc2047(std::string& out, std::string_view text, std::string_view encoding, bool is_address);
bool needs_rfc2047(std::string_view text);

}  // namespace git
