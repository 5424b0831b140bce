// The named formats: header lines by format, then the message, indented and with tabs expanded where it is indented.
#include "show/pretty.h"

#include "base/error.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"
#include "object-name.h"
#include "object/object.h"
#include "repository.h"
#include "show/encoding.h"
#include "show/mailmap.h"
#include "walk/revisions.h"

namespace git {
namespace {

struct NamedFormat {
  std::string_view name;
  CommitFormat format;
  bool is_terminated;
  int expand_tabs;
};
constexpr NamedFormat kFormats[] = {
    {"raw", CommitFormat::raw, false, 0},
    {"medium", CommitFormat::medium, false, 8},
    {"short", CommitFormat::short_, false, 0},
    {"email", CommitFormat::email, false, 0},
    {"mboxrd", CommitFormat::mboxrd, false, 0},
    {"fuller", CommitFormat::fuller, false, 8},
    {"full", CommitFormat::full, false, 8},
    {"oneline", CommitFormat::oneline, true, 0},
    {"reference", CommitFormat::reference, true, 0},
};
constexpr std::string_view kReferenceFormat = "%C(auto)%h (%s, %ad)";

bool set_user(PrettyFormat& format, std::string_view text, bool terminated) {
  format.format = CommitFormat::user;
  format.user = std::string(text);
  format.is_terminated = terminated;
  return true;
}

// The named format, built in or pretty.<name>, that `text` is a prefix of.
bool find_named(Config& config, std::string_view text, std::string_view original, PrettyFormat& format, int depth) {
  if (depth > 20) die("invalid --pretty format: '%s' references an alias which points to itself", original);
  std::string best;
  const NamedFormat* named = nullptr;
  std::string alias;
  for (const NamedFormat& f : kFormats)
    if (starts_with(f.name, text) && (best.empty() || f.name.size() < best.size())) {
      best = std::string(f.name);
      named = &f;
    }
  for (const ConfigEntry& entry : config.entries()) {
    std::string_view key = entry.key;
    if (!skip_prefix(key, "pretty.")) continue;
    bool builtin = false;
    for (const NamedFormat& f : kFormats) builtin = builtin || f.name == key;
    if (builtin || !istarts_with(key, text)) continue;
    if (best.empty() || key.size() <= best.size()) {
      if (!entry.value) die("missing value for '%s'", entry.key);
      best = std::string(key);
      named = nullptr;
      alias = *entry.value;
    }
  }
  if (best.empty()) return false;
  if (named) {
    format.format = named->format;
    format.is_terminated = named->is_terminated;
    format.expand_tabs = named->expand_tabs != 0;
    if (named->format == CommitFormat::reference) {
      format.user = std::string(kReferenceFormat);
      format.is_date_dependent = true;
    }
    return true;
  }
  std::string_view value = alias;
  if (skip_prefix(value, "format:")) return set_user(format, value, false);
  if (skip_prefix(value, "tformat:") || value.find('%') != std::string_view::npos) return set_user(format, value, true);
  return find_named(config, value, original, format, depth + 1);
}

}  // namespace

PrettyFormat parse_pretty_format(Config& config, std::string_view text) {
  PrettyFormat format;
  format.expand_tabs = true;
  if (text.empty()) {
    format.format = CommitFormat::medium;
    return format;
  }
  std::string_view value;
  if (skip_prefix(text, "format:", &value)) {
    set_user(format, value, false);
    return format;
  }
  if (skip_prefix(text, "tformat:", &value) || text.find('%') != std::string_view::npos) {
    set_user(format, skip_prefix(text, "tformat:", &value) ? value : text, true);
    return format;
  }
  if (!find_named(config, text, text, format, 0)) die("invalid --pretty format: %s", text);
  return format;
}

namespace {

// Tabs as blanks up to the next multiple of `width` columns.
std::string expand_tabs(std::string_view line, int width) {
  if (width <= 0 || line.find('\t') == std::string_view::npos) return std::string(line);
  std::string out;
  int column = 0;
  while (!line.empty()) {
    std::size_t tab = line.find('\t');
    std::string_view part = line.substr(0, tab);
    int w = utf8_width(part);
    out.append(part);
    if (tab == std::string_view::npos) break;
    column += w;
    int pad = width - column % width;
    out.append(static_cast<std::size_t>(pad), ' ');
    column += pad;
    line.remove_prefix(tab + 1);
  }
  return out;
}

class PrettyPrinter {
 public:
  PrettyPrinter(PrettyContext& context, const Commit* commit) : context_(context), commit_(commit) {}

  std::string run() {
    Result<std::string> raw = context_.repo->commits().read_buffer(commit_);
    if (!raw) die("%s", raw.error().message);
    std::string text = reencode_commit(*raw, context_.output_encoding);
    std::string_view message = text;
    CommitFormat f = context_.format.format;
    if (f == CommitFormat::email || f == CommitFormat::mboxrd) find_8bit(message);
    header(message);
    if (f != CommitFormat::oneline && !is_email()) out_ += '\n';
    while (!message.empty()) {
      std::size_t end = message.find('\n');
      std::string_view line = message.substr(0, end);
      if (!trim(line).empty()) break;
      message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    }
    if (f == CommitFormat::oneline || is_email()) title(message);
    std::size_t body_at = out_.size();
    if (f != CommitFormat::oneline) remainder(message);
    while (!out_.empty() && is_space(out_.back())) out_.pop_back();
    if (f != CommitFormat::oneline) out_ += '\n';
    if (is_email() && out_.size() <= body_at) out_ += '\n';
    return std::move(out_);
  }

 private:
  bool is_email() const {
    return context_.format.format == CommitFormat::email || context_.format.format == CommitFormat::mboxrd;
  }
  void find_8bit(std::string_view text) {
    if (context_.need_8bit_cte < 0) return;
    std::size_t body = text.find("\n\n");
    for (char c : text.substr(body == std::string_view::npos ? text.size() : body))
      if (static_cast<unsigned char>(c) > 127) {
        needs_8bit_ = true;
        return;
      }
  }

  void header(std::string_view& message) {
    bool parents_shown = false;
    CommitFormat f = context_.format.format;
    for (;;) {
      std::size_t end = message.find('\n');
      if (message.empty()) return;
      std::string_view line = message.substr(0, end);
      message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
      if (line.empty()) return;
      if (f == CommitFormat::raw) {
        out_ += line;
        out_ += '\n';
        continue;
      }
      std::string_view value;
      if (starts_with(line, "parent ")) continue;
      if (!parents_shown) {
        std::span<Commit* const> parents = context_.walk ? context_.walk->parents(commit_) : commit_->parents;
        if (!starts_with(line, "tree ")) {
          merge_info(parents);
          parents_shown = true;
        }
      }
      if (skip_prefix(line, "author ", &value)) {
        user("Author", value, f != CommitFormat::full && f != CommitFormat::fuller);
      } else if (skip_prefix(line, "committer ", &value) && (f == CommitFormat::full || f == CommitFormat::fuller)) {
        user("Commit", value, false);
      }
    }
  }

  void merge_info(std::span<Commit* const> parents) {
    if (context_.format.format == CommitFormat::oneline || is_email() || parents.size() < 2) return;
    out_ += "Merge:";
    for (Commit* p : parents) {
      out_ += ' ';
      out_ += context_.abbrev == 0 || !context_.abbrev_merge_parents ? p->oid.hex()
                                                                     : unique_abbrev(*context_.repo, p->oid, context_.abbrev);
    }
    out_ += '\n';
  }

  void user(std::string_view what, std::string_view line, bool with_date) {
    CommitFormat f = context_.format.format;
    if (f == CommitFormat::oneline) return;
    std::optional<IdentLine> ident = split_ident_line(line);
    if (!ident) return;
    std::string name(ident->name), mail(ident->mail);
    if (context_.mailmap && context_.use_mailmap) context_.mailmap->map(name, mail);
    if (is_email()) {
      email_from(name, mail, *ident);
      return;
    }
    std::string label = f == CommitFormat::fuller ? (what == "Author" ? "Author:     " : "Commit:     ") : strf("%s: ", what);
    out_ += strf("%s%s <%s>\n", label, name, mail);
    if (f == CommitFormat::medium && with_date)
      out_ += strf("Date:   %s\n", show_date(ident_time(*ident), ident_tz(*ident), context_.date));
    else if (f == CommitFormat::fuller)
      out_ += strf("%sDate: %s\n", what, show_date(ident_time(*ident), ident_tz(*ident), context_.date));
  }

  void email_from(std::string name, std::string mail, const IdentLine& ident) {
    if (!context_.from_mail.empty()) {
      bool differs = name != context_.from_name || mail != context_.from_mail;
      if (differs || context_.force_in_body_from) in_body_from_ = strf("From: %s <%s>\n", name, mail);
      name = context_.from_name;
      mail = context_.from_mail;
    }
    out_ += "From: ";
    if (context_.encode_email_headers && needs_rfc2047(name)) {
      append_rfc2047(out_, name, context_.output_encoding, true);
    } else if (name.find_first_of("()<>@,;:\\\".[]") != std::string::npos) {
      out_ += '"';
      for (char c : name) {
        if (c == '"' || c == '\\') out_ += '\\';
        out_ += c;
      }
      out_ += '"';
    } else {
      out_ += name;
    }
    std::size_t line = out_.size() - (out_.rfind('\n') == std::string::npos ? 0 : out_.rfind('\n') + 1);
    if (line + mail.size() + 3 > 78) out_ += '\n';
    out_ += strf(" <%s>\n", mail);
    DateFormat rfc{DateMode::rfc2822, false, {}};
    out_ += strf("Date: %s\n", show_date(ident_time(ident), ident_tz(ident), rfc));
  }

  void title(std::string_view& message) {
    std::string subject = take_subject(message, is_email() && context_.preserve_subject ? "\n" : " ");
    if (is_email()) {
      if (context_.print_email_subject) {
        std::string line = "Subject: " + context_.subject;
        if (context_.encode_email_headers && needs_rfc2047(subject)) {
          append_rfc2047(line, subject, context_.output_encoding, false);
        } else {
          line = wrap_text_tail(line, subject);
        }
        out_ += line + "\n";
      }
      if (needs_8bit_ || (context_.need_8bit_cte > 0))
        out_ += strf("MIME-Version: 1.0\nContent-Type: text/plain; charset=%s\nContent-Transfer-Encoding: 8bit\n",
                     context_.output_encoding);
      out_ += context_.after_subject;
      out_ += '\n';
      if (!in_body_from_.empty()) out_ += in_body_from_ + "\n";
    } else {
      out_ += subject;
    }
  }
  // A long subject goes on in the next line, which starts with a blank.
  static std::string wrap_text_tail(const std::string& start, const std::string& text) {
    return start + wrap_text(text, -static_cast<int>(start.size()), 1, 78);
  }

  void remainder(std::string_view message) {
    CommitFormat f = context_.format.format;
    int indent = f == CommitFormat::raw || f == CommitFormat::medium || f == CommitFormat::short_ || f == CommitFormat::full ||
                         f == CommitFormat::fuller
                     ? 4
                     : 0;
    bool first = true;
    int width = context_.format.expand_tabs.value_or(indent != 0) ? context_.expand_tabs_width : 0;
    while (!message.empty()) {
      std::size_t end = message.find('\n');
      std::string_view line = message.substr(0, end);
      message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
      if (trim(line).empty()) {
        if (first) continue;
        if (f == CommitFormat::short_) break;
        line = {};
      }
      first = false;
      if (f == CommitFormat::mboxrd) {
        std::string_view quoted = line;
        while (starts_with(quoted, ">")) quoted.remove_prefix(1);
        if (starts_with(quoted, "From ")) out_ += '>';
        out_ += line;
      } else if (indent) {
        out_.append(static_cast<std::size_t>(indent), ' ');
        out_ += expand_tabs(line, width);
      } else {
        out_ += expand_tabs(line, width && !is_email() ? width : 0);
      }
      out_ += '\n';
    }
  }

  PrettyContext& context_;
  const Commit* commit_;
  std::string out_, in_body_from_;
  bool needs_8bit_ = false;
};

}  // namespace

std::string pretty_commit(PrettyContext& context, const Commit* commit) {
  if (context.format.format == CommitFormat::user || context.format.format == CommitFormat::reference)
    return format_commit(context, commit, context.format.user);
  return PrettyPrinter(context, commit).run();
}

std::string format_commit_simple(Repository& repo, const Commit* commit, std::string_view format) {
  PrettyContext context;
  context.repo = &repo;
  context.output_encoding = log_output_encoding(repo);
  return format_commit(context, commit, format);
}

}  // namespace git
