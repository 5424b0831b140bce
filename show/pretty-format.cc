// User formats.  Placeholders are expanded left to right into one string; %<, %>, %w and %C change what follows,
// so the run keeps a little state: the padding of the next placeholder and where the wrapped text began.
#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"
#include "config/color.h"
#include "object-name.h"
#include "object/object.h"
#include "refs.h"
#include "repository.h"
#include "show/encoding.h"
#include "show/mailmap.h"
#include "show/pretty.h"
#include "show/trailers.h"
#include "walk/reflog-walk.h"
#include "walk/revisions.h"

namespace git {
namespace {

enum class Flush : std::uint8_t { none, left, right, both, left_and_steal };
enum class Trunc : std::uint8_t { none, left, middle, right };

// "true", "", "no" ... of "%(trailers:only=no)".
std::optional<bool> option_bool(std::string_view value, bool is_set) {
  if (!is_set || value.empty()) return is_set && value.empty() ? std::optional<bool>(false) : std::optional<bool>(true);
  return parse_maybe_bool(std::string(value));
}

class FormatRun {
 public:
  FormatRun(PrettyContext& context, const Commit* commit) : context_(context), commit_(commit) { auto_color_ = false; }
  std::string run(std::string_view format) {
    expand(format);
    rewrap(0, 0, 0, out_.size());
    return std::move(out_);
  }

 private:
  void expand(std::string_view format);
  std::size_t item(std::string& out, std::string_view p);
  std::size_t padded_item(std::string& out, std::string_view p);
  std::size_t one(std::string& out, std::string_view p);
  std::size_t color(std::string& out, std::string_view p);
  std::size_t padding(std::string_view p);
  std::size_t wrap(std::string_view p);
  std::size_t reflog(std::string& out, char what);
  std::size_t person(std::string& out, char what, std::string_view ident_line);
  std::size_t parenthesized(std::string& out, std::string_view p);
  std::size_t trailers(std::string& out, std::string_view p);
  std::size_t decorate(std::string& out, std::string_view p);
  std::size_t describe(std::string& out, std::string_view p);
  std::size_t signature(std::string& out, std::string_view p);
  void rewrap(int width, int indent1, int indent2, std::size_t at);
  void need_header();
  void need_message();
  std::string_view argument(std::string_view& list, std::string_view* key, std::string_view* value, bool* has_value);
  static std::string expand_escapes(std::string_view text);

  PrettyContext& context_;
  const Commit* commit_;
  std::string out_;
  std::string buffer_;
  bool has_header_ = false;
  CommitHeader header_;
  bool has_subject_ = false;
  std::string subject_;
  std::string_view body_;
  Flush flush_ = Flush::none;
  Trunc trunc_ = Trunc::none;
  int padding_ = 0;
  bool auto_color_ = false;
  int wrap_width_ = 0, wrap_indent1_ = 0, wrap_indent2_ = 0;
  std::size_t wrap_start_ = 0;
};

void FormatRun::need_header() {
  if (has_header_) return;
  has_header_ = true;
  Result<std::string> raw = context_.repo->commits().read_buffer(commit_);
  if (!raw) die("%s", raw.error().message);
  buffer_ = reencode_commit(*raw, context_.output_encoding);
  if (Result<CommitHeader> header = parse_commit(buffer_, context_.repo->algo())) header_ = std::move(*header);
}
void FormatRun::need_message() {
  need_header();
  if (has_subject_) return;
  has_subject_ = true;
  body_ = header_.message;
  while (starts_with(body_, "\n")) body_.remove_prefix(1);
  subject_ = take_subject(body_);
  while (!body_.empty()) {
    std::size_t end = body_.find('\n');
    if (!trim(body_.substr(0, end)).empty()) break;
    body_.remove_prefix(end == std::string_view::npos ? body_.size() : end + 1);
  }
}

void FormatRun::expand(std::string_view format) {
  while (!format.empty()) {
    std::size_t percent = format.find('%');
    out_.append(format.substr(0, percent));
    if (percent == std::string_view::npos) return;
    format.remove_prefix(percent + 1);
    if (starts_with(format, "%")) {
      out_ += '%';
      format.remove_prefix(1);
      continue;
    }
    std::size_t used = item(out_, format);
    if (used)
      format.remove_prefix(used);
    else
      out_ += '%';
  }
}

// "%+x", "%-x" and "% x" look at whether x came to anything.
std::size_t FormatRun::item(std::string& out, std::string_view p) {
  if (p.empty()) return 0;
  char magic = p[0];
  if (magic != '-' && magic != '+' && magic != ' ') return flush_ != Flush::none ? padded_item(out, p) : one(out, p);
  if (p.size() > 1 && p[1] == 'w') return 0;
  std::size_t before = out.size();
  std::size_t used = flush_ != Flush::none ? padded_item(out, p.substr(1)) : one(out, p.substr(1));
  if (!used) return 0;
  before = std::min(before, out.size());
  bool empty = out.size() == before;
  if (empty && magic == '-') {
    while (!out.empty() && out.back() == '\n') out.pop_back();
  } else if (!empty) {
    if (magic == '+') out.insert(before, "\n");
    if (magic == ' ') out.insert(before, " ");
  }
  return used + 1;
}

// Cuts columns [from, from+count) out of `text` and puts `replacement` there.
std::string replace_columns(std::string_view text, int from, int count, std::string_view replacement) {
  std::string out;
  int column = 0;
  bool replaced = false;
  while (!text.empty()) {
    std::string_view rest = text;
    if (rest[0] == '\033') {
      std::size_t m = rest.find('m');
      if (m != std::string_view::npos && starts_with(rest, "\033[")) {
        out.append(rest.substr(0, m + 1));
        text.remove_prefix(m + 1);
        continue;
      }
    }
    std::int32_t ch = utf8_next(rest);
    std::size_t n = ch < 0 ? 1 : text.size() - rest.size();
    int w = ch < 0 ? 1 : std::max(char_width(ch), 0);
    if (column >= from && column < from + count) {
      if (!replaced) {
        out += replacement;
        replaced = true;
      }
    } else {
      out.append(text.substr(0, n));
    }
    column += w;
    text.remove_prefix(n);
  }
  return out;
}

std::size_t FormatRun::padded_item(std::string& out, std::string_view p) {
  std::string local;
  std::size_t total = 0;
  int padding = padding_;
  if (padding < 0) {
    std::size_t line = out.rfind('\n');
    std::string_view current = std::string_view(out).substr(line == std::string::npos ? 0 : line + 1);
    int occupied = utf8_width_no_ansi(current) + context_.graph_width;
    padding = -padding - occupied;
  }
  for (;;) {
    bool modifier = p[0] == 'C';
    std::size_t used = one(local, p);
    total += used;
    p.remove_prefix(used);
    if (!modifier || !starts_with(p, "%") || !used) break;
    p.remove_prefix(1);
    total++;
  }
  int width = utf8_width_no_ansi(local);
  Flush flush = flush_;
  if (flush == Flush::left_and_steal) {
    std::size_t at = out.size();
    while (at > 0 && width > padding) {
      if (out[at - 1] == ' ') {
        at--;
        padding++;
        continue;
      }
      // Colour escapes in between are stepped over.
      if (out[at - 1] == 'm') {
        std::size_t esc = out.rfind("\033[", at - 1);
        if (esc != std::string::npos && out.find('m', esc) == at - 1) {
          std::string escape = out.substr(esc, at - esc);
          out.erase(esc, at - esc);
          local.insert(0, escape);
          at = esc;
          continue;
        }
      }
      break;
    }
    std::size_t blanks = out.size() - at;
    out.resize(out.size() - blanks);
    flush = Flush::left;
  }
  if (width > padding) {
    switch (trunc_) {
      case Trunc::left:
        local = replace_columns(local, 0, width - (padding - 2), "..");
        break;
      case Trunc::middle:
        local = replace_columns(local, padding / 2 - 1, width - (padding - 2), "..");
        break;
      case Trunc::right:
        local = replace_columns(local, padding - 2, width - (padding - 2), "..");
        break;
      default:
        break;
    }
    out += local;
  } else {
    int blanks = padding - width, before = 0;
    if (flush == Flush::left)
      before = blanks;
    else if (flush == Flush::both)
      before = blanks / 2;
    out.append(static_cast<std::size_t>(before), ' ');
    out += local;
    out.append(static_cast<std::size_t>(blanks - before), ' ');
  }
  flush_ = Flush::none;
  return total;
}

std::size_t FormatRun::color(std::string& out, std::string_view p) {
  if (starts_with(p, "C(")) {
    std::size_t end = p.find(')');
    if (end == std::string_view::npos) return 0;
    std::string_view name = p.substr(2, end - 2);
    if (name == "auto") {
      auto_color_ = context_.use_color;
      return end + 1;
    }
    bool use = true;
    if (skip_prefix(name, "auto,")) {
      use = context_.use_color;
    } else if (skip_prefix(name, "always,")) {
    } else {
      use = context_.use_color;
    }
    std::optional<std::string> escape = parse_color(name);
    if (!escape) die("unable to parse --pretty format");
    if (use) out += *escape;
    return end + 1;
  }
  for (auto [word, escape] : {std::pair<std::string_view, std::string_view>{"Cred", "\033[31m"},
                              {"Cgreen", "\033[32m"},
                              {"Cblue", "\033[34m"},
                              {"Creset", "\033[m"}})
    if (starts_with(p, word)) {
      if (context_.use_color) out += escape;
      return word.size();
    }
  return 0;
}

std::size_t FormatRun::padding(std::string_view p) {
  std::size_t at = 1;
  Flush flush = Flush::right;
  if (p[0] == '>') {
    flush = Flush::left;
    if (starts_with(p, "><")) {
      flush = Flush::both;
      at++;
    } else if (starts_with(p, ">>")) {
      flush = Flush::left_and_steal;
      at++;
    }
  }
  bool to_column = false;
  if (at < p.size() && p[at] == '|') {
    to_column = true;
    at++;
  }
  if (at >= p.size() || p[at] != '(') return 0;
  std::size_t end = p.find_first_of(",)", at);
  if (end == std::string_view::npos || end == at + 1) return 0;
  std::string_view number = trim(p.substr(at + 1, end - at - 1));
  std::optional<std::int64_t> n = parse_int(number);
  if (!n || *n == 0 || *n > 16 * 1024 || *n < -16 * 1024) return 0;
  std::int64_t width = *n;
  if (width < 0) {
    if (!to_column) return 0;
    width += 80;
    if (auto columns = std::getenv("COLUMNS"))
      if (auto c = parse_int(columns)) width += static_cast<std::int64_t>(*c) - 80;
    if (width <= 0) return 0;
  }
  Trunc trunc = Trunc::none;
  if (p[end] == ',') {
    std::size_t close = p.find(')', end);
    if (close == std::string_view::npos) return 0;
    std::string_view word = trim(p.substr(end + 1, close - end - 1));
    if (word == "trunc")
      trunc = Trunc::right;
    else if (word == "ltrunc")
      trunc = Trunc::left;
    else if (word == "mtrunc")
      trunc = Trunc::middle;
    else
      return 0;
    end = close;
  }
  padding_ = static_cast<int>(to_column ? -width : width);
  trunc_ = trunc;
  flush_ = flush;
  return end + 1;
}

void FormatRun::rewrap(int width, int indent1, int indent2, std::size_t at) {
  if (wrap_start_ < at && (wrap_width_ || wrap_indent1_ || wrap_indent2_)) {
    std::string tail = out_.substr(wrap_start_);
    out_.resize(wrap_start_);
    out_ += wrap_text(tail, wrap_indent1_, wrap_indent2_, wrap_width_);
  }
  wrap_start_ = out_.size();
  wrap_width_ = width;
  wrap_indent1_ = indent1;
  wrap_indent2_ = indent2;
}
std::size_t FormatRun::wrap(std::string_view p) {
  if (!starts_with(p, "w(")) return 0;
  std::size_t end = p.find(')');
  if (end == std::string_view::npos) return 0;
  std::string_view inside = p.substr(2, end - 2);
  std::int64_t numbers[3] = {0, 0, 0};
  if (!inside.empty()) {
    std::vector<std::string_view> parts = split(inside, ',');
    if (parts.size() > 3) return 0;
    for (std::size_t i = 0; i < parts.size(); i++) {
      std::optional<std::uint64_t> n = trim(parts[i]).empty() ? std::optional<std::uint64_t>(0) : parse_uint(trim(parts[i]));
      if (!n || *n > 16 * 1024) return 0;
      numbers[i] = static_cast<std::int64_t>(*n);
    }
  }
  rewrap(static_cast<int>(numbers[0]), static_cast<int>(numbers[1]), static_cast<int>(numbers[2]), out_.size());
  return end + 1;
}

std::size_t FormatRun::person(std::string& out, char what, std::string_view line) {
  constexpr std::string_view kKnown = "nNeElLdDtrisIhaS";
  if (kKnown.find(what) == std::string_view::npos || what == 'S' || what == 'a') return 0;
  std::optional<IdentLine> ident = split_ident_line(line);
  if (!ident) return 2;
  std::string name(ident->name), mail(ident->mail);
  if ((what == 'N' || what == 'E' || what == 'L') && context_.mailmap) context_.mailmap->map(name, mail);
  switch (what) {
    case 'n':
    case 'N':
      out += name;
      return 2;
    case 'e':
    case 'E':
      out += mail;
      return 2;
    case 'l':
    case 'L':
      out += mail.substr(0, mail.find('@'));
      return 2;
    default:
      break;
  }
  if (ident->date.empty()) return 2;
  Timestamp time = ident_time(*ident);
  int tz = ident_tz(*ident);
  auto show = [&](DateMode mode) {
    DateFormat format{mode, false, {}};
    out += show_date(time, tz, format);
  };
  switch (what) {
    case 't':
      out += ident->date;
      break;
    case 'd':
      out += show_date(time, tz, context_.date);
      break;
    case 'D':
      show(DateMode::rfc2822);
      break;
    case 'r':
      show(DateMode::relative);
      break;
    case 'i':
      show(DateMode::iso8601);
      break;
    case 'I':
      show(DateMode::iso8601_strict);
      break;
    case 'h':
      show(DateMode::human);
      break;
    case 's':
      show(DateMode::short_date);
      break;
    default:
      return 0;
  }
  return 2;
}

std::size_t FormatRun::reflog(std::string& out, char what) {
  switch (what) {
    case 'd':
    case 'D':
      if (context_.reflog && context_.reflog->has_current()) {
        std::string date;
        bool dates = context_.has_date || context_.reflog->wants_dates();
        if (dates) {
          const ReflogEntry& e = context_.reflog->entry();
          date = show_date(e.time, e.tz, context_.date);
        }
        out += context_.reflog->selector(what == 'd', dates ? &date : nullptr);
      }
      return 2;
    case 's':
      if (context_.reflog && context_.reflog->has_current()) out += context_.reflog->message();
      return 2;
    case 'n':
    case 'N':
    case 'e':
    case 'E':
      if (context_.reflog && context_.reflog->has_current()) {
        std::string line = context_.reflog->entry().committer + " 0 +0000";
        person(out, what, line);
      }
      return 2;
    default:
      return 0;
  }
}

// One "key=value" of a list inside parentheses; `list` keeps what follows. At ")" it is left alone.
std::string_view FormatRun::argument(std::string_view& list, std::string_view* key, std::string_view* value, bool* has_value) {
  std::size_t end = list.find_first_of(",)");
  if (end == std::string_view::npos) end = list.size();
  std::string_view whole = list.substr(0, end);
  std::size_t equals = whole.find('=');
  *has_value = equals != std::string_view::npos;
  *key = whole.substr(0, equals);
  *value = *has_value ? whole.substr(equals + 1) : std::string_view();
  list.remove_prefix(end);
  if (starts_with(list, ",")) list.remove_prefix(1);
  return whole;
}
std::string FormatRun::expand_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    if (text[i] == '%' && i + 1 < text.size()) {
      if (text[i + 1] == 'n') {
        out += '\n';
        i++;
        continue;
      }
      if (text[i + 1] == '%') {
        out += '%';
        i++;
        continue;
      }
      if (text[i + 1] == 'x' && i + 3 < text.size() && hex_value(text[i + 2]) >= 0 && hex_value(text[i + 3]) >= 0) {
        out += static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
        i += 3;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::size_t FormatRun::trailers(std::string& out, std::string_view p) {
  std::string_view rest = p;
  if (!skip_prefix(rest, "(trailers")) return 0;
  TrailerFormat format;
  std::vector<std::string> keys;
  if (skip_prefix(rest, ":")) {
    while (!rest.empty() && rest[0] != ')') {
      std::string_view key, value;
      bool has_value = false;
      argument(rest, &key, &value, &has_value);
      auto flag = [&](bool& target) {
        std::optional<bool> b = option_bool(value, has_value);
        if (!b) return false;
        target = *b;
        return true;
      };
      if (key == "key") {
        if (!has_value) return 0;
        std::string name(value);
        if (!name.empty() && name.back() == ':') name.pop_back();
        keys.push_back(lowercase(name));
        format.only_trailers = true;
      } else if (key == "separator" && has_value) {
        format.separator = expand_escapes(value);
      } else if (key == "key_value_separator" && has_value) {
        format.key_value_separator = expand_escapes(value);
      } else if (key == "only") {
        if (!flag(format.only_trailers)) return 0;
      } else if (key == "unfold") {
        if (!flag(format.unfold)) return 0;
      } else if (key == "keyonly") {
        if (!flag(format.key_only)) return 0;
      } else if (key == "valueonly") {
        if (!flag(format.value_only)) return 0;
      } else {
        return 0;
      }
    }
  }
  if (!starts_with(rest, ")")) return 0;
  if (!keys.empty())
    format.filter = [&keys](std::string_view key) { return std::find(keys.begin(), keys.end(), lowercase(key)) != keys.end(); };
  need_header();
  out += format_trailers(header_.message, format, TrailerSettings::read(context_.repo->config()));
  return p.size() - rest.size() + 1;
}

std::size_t FormatRun::decorate(std::string& out, std::string_view p) {
  std::string_view rest = p;
  if (!skip_prefix(rest, "(decorate")) return 0;
  PrettyContext::DecorateOptions options;
  if (skip_prefix(rest, ":")) {
    while (!rest.empty() && rest[0] != ')') {
      std::string_view key, value;
      bool has_value = false;
      argument(rest, &key, &value, &has_value);
      std::string text = expand_escapes(value);
      if (key == "prefix")
        options.prefix = text;
      else if (key == "suffix")
        options.suffix = text;
      else if (key == "separator")
        options.separator = text;
      else if (key == "pointer")
        options.pointer = text;
      else if (key == "tag")
        options.tag = text;
      else
        return 0;
    }
  }
  if (!starts_with(rest, ")")) return 0;
  if (context_.decorate_with) out += context_.decorate_with(commit_, options, auto_color_);
  return p.size() - rest.size() + 1;
}

std::size_t FormatRun::describe(std::string& out, std::string_view p) {
  std::string_view rest = p;
  if (!skip_prefix(rest, "(describe")) return 0;
  ChildProcess child;
  child.git_command = true;
  child.args = {"describe"};
  if (skip_prefix(rest, ":")) {
    while (!rest.empty() && rest[0] != ')') {
      std::string_view key, value;
      bool has_value = false;
      argument(rest, &key, &value, &has_value);
      if (key == "tags") {
        std::optional<bool> b = option_bool(value, has_value);
        if (!b) return 0;
        child.args.push_back(*b ? "--tags" : "--no-tags");
      } else if (key == "abbrev" && has_value) {
        if (!parse_uint(value)) return 0;
        child.args.push_back(strf("--abbrev=%s", value));
      } else if (key == "match" && has_value && !value.empty()) {
        child.args.push_back(strf("--match=%s", value));
      } else if (key == "exclude" && has_value && !value.empty()) {
        child.args.push_back(strf("--exclude=%s", value));
      } else {
        return 0;
      }
    }
  }
  if (!starts_with(rest, ")")) return 0;
  child.args.push_back(commit_->oid.hex());
  child.err = ChildProcess::kNull;
  CommandOutput result = pipe_command(child, "", true);
  if (result.code == 0) out += rtrim(result.out);
  return p.size() - rest.size() + 1;
}

std::size_t FormatRun::parenthesized(std::string& out, std::string_view p) {
  if (std::size_t used = describe(out, p)) return used;
  if (std::size_t used = decorate(out, p)) return used;
  if (std::size_t used = trailers(out, p)) return used;
  return 0;
}

std::size_t FormatRun::signature(std::string& out, std::string_view p) {
  if (p.size() < 2) return 0;
  switch (p[1]) {
    case '?':
      need_header();
      out += context_.signature_status ? context_.signature_status(commit_, '?') : "N";
      return 2;
    case 'G':
    case 'S':
    case 'K':
    case 'F':
    case 'P':
    case 'T':
      if (context_.signature_status)
        out += context_.signature_status(commit_, p[1]);
      else if (p[1] == 'T')
        out += "undefined";
      return 2;
    default:
      return 0;
  }
}

std::size_t FormatRun::one(std::string& out, std::string_view p) {
  if (p.empty()) return 0;
  switch (p[0]) {
    case 'C':
      if (std::size_t used = color(out, p)) return used;
      return 0;
    case 'w':
      return wrap(p);
    case '<':
    case '>':
      return padding(p);
    case 'n':
      out += '\n';
      return 1;
    case 'x':
      if (p.size() >= 3 && hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0) {
        out += static_cast<char>(hex_value(p[1]) * 16 + hex_value(p[2]));
        return 3;
      }
      return 0;
    case '%':
      out += '%';
      return 1;
    case 'H':
      if (auto_color_) out += context_.commit_color;
      out += commit_->oid.hex();
      if (auto_color_) out += kColorReset;
      return 1;
    case 'h':
      if (auto_color_) out += context_.commit_color;
      out += unique_abbrev(*context_.repo, commit_->oid, context_.abbrev);
      if (auto_color_) out += kColorReset;
      return 1;
    case 'T':
      need_header();
      out += header_.tree.hex();
      return 1;
    case 't':
      need_header();
      out += unique_abbrev(*context_.repo, header_.tree, context_.abbrev);
      return 1;
    case 'P':
    case 'p': {
      std::span<Commit* const> parents = context_.walk ? context_.walk->parents(commit_) : commit_->parents;
      bool first = true;
      for (Commit* parent : parents) {
        if (!first) out += ' ';
        first = false;
        out += p[0] == 'P' ? parent->oid.hex() : unique_abbrev(*context_.repo, parent->oid, context_.abbrev);
      }
      return 1;
    }
    case 'm': {
      // The side of a symmetric difference shows here without --left-right, too.
      std::string mark = context_.walk ? context_.walk->mark(commit_) : std::string();
      if (mark.empty() || mark == "+") mark = context_.walk && context_.walk->flags(commit_) & kRevSymmetricLeft ? "<" : ">";
      out += mark;
      return 1;
    }
    case 'd':
      if (context_.decorations) out += context_.decorations(commit_, auto_color_);
      return 1;
    case 'D':
      if (context_.decorate_with) {
        PrettyContext::DecorateOptions options;
        options.prefix.clear();
        options.suffix.clear();
        out += context_.decorate_with(commit_, options, auto_color_);
      }
      return 1;
    case 'S':
      if (context_.source) out += context_.source(commit_);
      return context_.source ? 1 : 0;
    case 'g':
      return p.size() > 1 ? reflog(out, p[1]) : 0;
    case 'N':
      if (!context_.notes) return 0;
      out += context_.notes(commit_, true);
      return 1;
    case 'G':
      return signature(out, p);
    case 'a':
    case 'c':
      need_header();
      if (p.size() < 2) return 0;
      return person(out, p[1], p[0] == 'a' ? header_.author : header_.committer);
    case 'e':
      need_header();
      out += header_.encoding;
      return 1;
    case 'B':
      need_header();
      out += header_.message;
      return 1;
    case 's':
      need_message();
      out += subject_;
      return 1;
    case 'f':
      need_message();
      out += sanitize_subject_line(subject_);
      return 1;
    case 'b':
      need_message();
      out += body_;
      return 1;
    case '(':
      return parenthesized(out, p);
    default:
      return 0;
  }
}

}  // namespace

std::string format_commit(PrettyContext& context, const Commit* commit, std::string_view format) {
  // Colours and encodings other than UTF-8 need columns counted in UTF-8.
  if (is_utf8_name(context.output_encoding)) return FormatRun(context, commit).run(format);
  std::string wanted = std::exchange(context.output_encoding, "UTF-8");
  std::string text = FormatRun(context, commit).run(format);
  context.output_encoding = wanted;
  if (auto done = reencode_text(text, wanted, "UTF-8")) return *done;
  return text;
}

}  // namespace git
