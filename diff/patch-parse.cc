// A patch in a mail is surrounded by anything: text is skipped until a line starts a header. Names in git's header are
// trusted only where both agree; renames and deletions say theirs in lines of their own.
#include "diff/patch-parse.h"

#include <zlib.h>

#include <algorithm>

#include "base/quote.h"
#include "base/regex.h"
#include "base/strings.h"
#include "diff/binary-patch.h"
#include "diff/xdiff.h"

namespace git {
namespace {

bool is_dev_null(std::string_view s) { return starts_with(s, "/dev/null") && (s.size() == 9 || is_line_space(s[9])); }

std::string squash_slashes(std::string_view name) {
  std::string out;
  for (char c : name)
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  return out;
}

// What is left of a path behind `count` leading components; nullopt where there are too few.
std::optional<std::string_view> skip_components(std::string_view path, int count) {
  if (!count) {
    if (!path.empty() && path[0] == '/') return std::nullopt;
    return path;
  }
  for (std::size_t i = 0; i < path.size(); i++)
    if (path[i] == '/' && --count <= 0) {
      if (i == 0) return std::nullopt;
      return path.substr(i + 1);
    }
  return std::nullopt;
}

enum Terminate : unsigned { kTermSpace = 1, kTermTab = 2 };

std::optional<std::string> name_from_quoted(std::string_view line, int p_value) {
  auto unquoted = unquote_c_style(line);
  if (!unquoted) return std::nullopt;
  std::string_view rest = *unquoted;
  for (int p = p_value; p > 0; p--) {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(slash + 1);
  }
  return squash_slashes(rest);
}

std::string plain_name(std::string_view line, std::string_view fallback, int p_value, std::size_t end, unsigned terminate) {
  std::size_t at = 0;
  std::optional<std::size_t> start;
  if (p_value == 0) start = 0;
  while (at < line.size() && at != end) {
    const char c = line[at];
    if (end == std::string_view::npos && is_line_space(c)) {
      if (c == '\n') break;
      if ((c == ' ' && (terminate & kTermSpace)) || (c == '\t' && (terminate & kTermTab))) break;
    }
    at++;
    if (c == '/' && !--p_value) start = at;
  }
  if (!start || at <= *start) return squash_slashes(fallback);
  std::string_view name = line.substr(*start, at - *start);
  if (!fallback.empty() && fallback.size() < name.size() && starts_with(name, fallback)) return squash_slashes(fallback);
  return squash_slashes(name);
}

std::string find_name(std::string_view line, std::string_view fallback, int p_value, unsigned terminate) {
  if (!line.empty() && line[0] == '"')
    if (auto name = name_from_quoted(line, p_value)) return *name;
  return plain_name(line, fallback, p_value, std::string_view::npos, terminate);
}

// Length of a time stamp at the end of a "--- name<TAB>2005-07-16 12:34:56 -0700" line, 0 where there is none.
std::size_t timestamp_length(std::string_view line) {
  auto regex = Regex::compile(
      "[ \t]+([0-9][0-9])?[0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9](\\.[0-9]+)?( "
      "?[-+][0-9][0-9]:?[0-9][0-9])?$");
  std::vector<Regex::Match> match(1);
  if (!regex || !regex->search(line, match)) return 0;
  return line.size() - static_cast<std::size_t>(match[0].start);
}

std::string find_traditional_name(std::string_view line, std::string_view fallback, int p_value) {
  if (!line.empty() && line[0] == '"')
    if (auto name = name_from_quoted(line, p_value)) return *name;
  std::string_view content = line.substr(0, line.find('\n'));
  std::size_t stamp = timestamp_length(content);
  if (!stamp) return plain_name(line, fallback, p_value, std::string_view::npos, kTermTab);
  return plain_name(line, fallback, p_value, content.size() - stamp, 0);
}

// The time stamp of a file that isn't there: the epoch, in any zone.
bool has_epoch_timestamp(std::string_view line) {
  auto regex =
      Regex::compile("[ \t](1969-12-31|1970-01-01) ([0-9][0-9]):([0-9][0-9]):00(\\.0+)? ?([-+])([0-9][0-9]):?([0-9][0-9])");
  std::vector<Regex::Match> m(8);
  line = line.substr(0, line.find('\n'));
  if (!regex || !regex->search(line, m)) return false;
  auto number = [&](std::size_t i) {
    std::string_view s = line.substr(static_cast<std::size_t>(m[i].start), static_cast<std::size_t>(m[i].end - m[i].start));
    return static_cast<int>(parse_uint(s).value_or(0));
  };
  std::string_view day = line.substr(static_cast<std::size_t>(m[1].start), 10);
  const int zone = (number(6) * 60 + number(7)) * (line[static_cast<std::size_t>(m[5].start)] == '-' ? -1 : 1);
  int minutes = number(2) * 60 + number(3);
  if (day == "1969-12-31") minutes -= 24 * 60;
  return minutes == zone;
}

// "diff --git a/x b/x": the name where both are the same behind their first components.
std::optional<std::string> git_header_name(std::string_view line, int p_value) {
  skip_prefix(line, "diff --git ");
  if (ends_with(line, "\n")) line.remove_suffix(1);
  if (!line.empty() && line[0] == '"') {
    std::string_view rest = line;
    auto first = unquote_c_style(rest);
    if (!first) return std::nullopt;
    auto name = skip_components(*first, p_value);
    if (!name) return std::nullopt;
    while (!rest.empty() && is_line_space(rest[0])) rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
    if (rest[0] == '"') {
      auto second = unquote_c_style(rest);
      if (!second) return std::nullopt;
      auto other = skip_components(*second, p_value);
      if (!other || *other != *name) return std::nullopt;
      return std::string(*name);
    }
    auto other = skip_components(rest, p_value);
    if (!other || *other != *name) return std::nullopt;
    return std::string(*name);
  }
  auto name = skip_components(line, p_value);
  if (!name) return std::nullopt;
  const std::size_t quote = name->find('"');
  if (quote != std::string_view::npos && quote > 0 && is_line_space((*name)[quote - 1])) {
    std::string_view rest = name->substr(quote);
    auto second = unquote_c_style(rest);
    if (second) {
      auto other = skip_components(*second, p_value);
      if (!other) return std::nullopt;
      std::string_view first = name->substr(0, quote);
      while (!first.empty() && is_line_space(first.back())) first.remove_suffix(1);
      if (first == *other) return std::string(first);
      return std::nullopt;
    }
  }
  for (std::size_t i = 0; i < name->size(); i++) {
    if ((*name)[i] != ' ' && (*name)[i] != '\t') continue;
    auto second = skip_components(name->substr(i + 1), p_value);
    if (second && second->size() == i && *second == name->substr(0, i)) return std::string(*second);
  }
  return std::nullopt;
}

std::optional<std::string> inflate_exactly(std::string_view deflated, std::size_t size) {
  std::string out(size + 1, '\0');
  uLongf length = static_cast<uLongf>(size + 1);
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &length, reinterpret_cast<const Bytef*>(deflated.data()),
                 static_cast<uLong>(deflated.size())) != Z_OK ||
      length != size)
    return std::nullopt;
  out.resize(size);
  return out;
}

bool take_number(std::string_view& line, unsigned long& value) {
  std::size_t n = 0;
  while (n < line.size() && is_digit(line[n])) n++;
  if (!n) return false;
  auto parsed = parse_uint(line.substr(0, n));
  if (!parsed || *parsed > 0x7fffffffu) return false;
  value = *parsed;
  line.remove_prefix(n);
  return true;
}
bool take_range(std::string_view& line, unsigned long& pos, unsigned long& lines) {
  lines = 1;
  if (!take_number(line, pos)) return false;
  return !skip_prefix(line, ",") || take_number(line, lines);
}

}  // namespace

bool parse_hunk_header(std::string_view line, PatchFragment& f) {
  return skip_prefix(line, "@@ -") && take_range(line, f.old_pos, f.old_lines) && skip_prefix(line, " +") &&
         take_range(line, f.new_pos, f.new_lines) && skip_prefix(line, " @@");
}

FilePatch parse_git_header(std::string_view text, int p_value) {
  PatchParseOptions options;
  options.p_value = p_value;
  PatchParser parser(text, options);
  FilePatch patch;
  auto size = parser.read_git_header(patch, 0, parser.line_at(0).size());
  return size ? patch : FilePatch();
}

void reverse_patch(FilePatch& patch) {
  std::swap(patch.old_name, patch.new_name);
  if (patch.new_mode || patch.is_delete) std::swap(patch.new_mode, patch.old_mode);
  std::swap(patch.is_new, patch.is_delete);
  std::swap(patch.lines_added, patch.lines_deleted);
  std::swap(patch.old_oid_prefix, patch.new_oid_prefix);
  for (PatchFragment& f : patch.fragments) {
    std::swap(f.new_pos, f.old_pos);
    std::swap(f.new_lines, f.old_lines);
  }
}

std::string_view PatchParser::line_at(std::size_t at) const {
  const std::size_t newline = text_.find('\n', at);
  return text_.substr(at, newline == std::string_view::npos ? newline : newline - at + 1);
}

std::string PatchParser::where(int line) const { return options_.input_name + ":" + std::to_string(line); }

std::string PatchParser::prefixed(std::string name) const { return name.empty() ? name : options_.root + name; }

Result<std::optional<FilePatch>> PatchParser::next() {
  FilePatch patch;
  std::size_t header_size = 0;
  auto found = find_header(patch, header_size);
  if (!found) return found.error();
  if (!*found) return std::optional<FilePatch>();
  at_ = **found + header_size;
  if (options_.begin) options_.begin(patch);
  auto body = read_fragments(patch, at_);
  if (!body) return body.error();
  std::size_t used = *body;
  if (!used) {
    std::string_view line = line_at(at_);
    if (starts_with(line, "GIT binary patch\n")) {
      auto binary = read_binary(patch, at_);
      if (!binary) return binary.error();
      used = *binary;
    } else if ((starts_with(line, "Binary files ") || starts_with(line, "Files ")) && ends_with(line, " differ\n")) {
      patch.is_binary = true;
      used = line.size();
      line_++;
    }
    if (!used && !patch.is_binary && patch.is_new != 1 && patch.is_delete != 1 && !patch.is_rename && !patch.is_copy &&
        !(patch.is_git && patch.old_mode != patch.new_mode && patch.new_mode))
      return make_error(ErrorKind::corrupt, "patch with only garbage at %s", where(line_));
  }
  at_ += used;
  return std::optional<FilePatch>(std::move(patch));
}

Result<std::optional<std::size_t>> PatchParser::find_header(FilePatch& patch, std::size_t& header_size) {
  for (std::size_t at = at_; at < text_.size();) {
    std::string_view line = line_at(at);
    const std::size_t next = at + line.size();
    if (line.size() < 6) {
      at = next;
      line_++;
      continue;
    }
    PatchFragment dummy;
    if (starts_with(line, "@@ -") && parse_hunk_header(line, dummy)) {
      if (ends_with(line, "\n")) line.remove_suffix(1);
      return make_error(ErrorKind::corrupt, "patch fragment without header at %s: %s", where(line_), line);
    }
    if (text_.size() - at < line.size() + 6) break;
    if (starts_with(line, "diff --git ")) {
      const int saved = line_;
      auto size = read_git_header(patch, at, line.size());
      if (!size) return size.error();
      if (*size > line.size()) {
        header_size = *size;
        return std::optional<std::size_t>(at);
      }
      patch = FilePatch();
      line_ = saved + 1;
      at = next;
      continue;
    }
    std::string_view second = line_at(next);
    if (starts_with(line, "--- ") && starts_with(second, "+++ ") && text_.size() - next >= second.size() + 14 &&
        starts_with(text_.substr(next + second.size()), "@@ -")) {
      auto ok = read_traditional_header(patch, line.substr(4), second.substr(4));
      if (!ok) return ok.error();
      header_size = line.size() + second.size();
      line_ += 2;
      return std::optional<std::size_t>(at);
    }
    at = next;
    line_++;
  }
  return std::optional<std::size_t>();
}

// The extended header lines below "diff --git".
class HeaderReader {
 public:
  HeaderReader(PatchParser& parser, FilePatch& patch) : parser_(parser), patch_(patch) {}

  // False: the line ends the header. Errors are left in `error`.
  bool take(std::string_view line) {
    const int p = parser_.options_.p_value;
    const int p_rename = p ? p - 1 : 0;
    std::string_view rest = line;
    if (starts_with(line, "@@ -")) return false;
    if (skip_prefix(rest, "--- ")) return old_name(rest);
    if (skip_prefix(rest, "+++ ")) return new_name(rest);
    if (skip_prefix(rest, "old mode ")) return mode(rest, patch_.old_mode);
    if (skip_prefix(rest, "new mode ")) return mode(rest, patch_.new_mode);
    if (skip_prefix(rest, "deleted file mode ")) {
      patch_.is_delete = 1;
      patch_.old_name = default_name;
      return mode(rest, patch_.old_mode);
    }
    if (skip_prefix(rest, "new file mode ")) {
      patch_.is_new = 1;
      patch_.new_name = default_name;
      return mode(rest, patch_.new_mode);
    }
    auto named = [&](std::string& target, bool& flag) {
      flag = true;
      target = parser_.prefixed(find_name(rest, {}, p_rename, 0));
      return true;
    };
    if (skip_prefix(rest, "copy from ")) return named(patch_.old_name, patch_.is_copy);
    if (skip_prefix(rest, "copy to ")) return named(patch_.new_name, patch_.is_copy);
    if (skip_prefix(rest, "rename old ") || skip_prefix(rest, "rename from ")) return named(patch_.old_name, patch_.is_rename);
    if (skip_prefix(rest, "rename new ") || skip_prefix(rest, "rename to ")) return named(patch_.new_name, patch_.is_rename);
    if (skip_prefix(rest, "similarity index ") || skip_prefix(rest, "dissimilarity index ")) {
      unsigned long n = 0;
      if (take_number(rest, n) && n <= 100) patch_.score = static_cast<int>(n);
      return true;
    }
    if (skip_prefix(rest, "index ")) return index(rest);
    return false;
  }

  std::string error;
  std::string default_name;

 private:
  bool fail(std::string message) {
    error = std::move(message);
    return false;
  }
  bool verify(std::string_view rest, bool is_null, std::string& name, const char* side) {
    const std::string line = parser_.where(parser_.line_);
    if (name.empty() && !is_null) {
      name = parser_.prefixed(find_name(rest, {}, parser_.options_.p_value, kTermSpace * 0 | kTermTab));
      return true;
    }
    if (!name.empty()) {
      if (is_null) return fail(strf("git apply: bad git-diff - expected /dev/null, got %s at %s", name, line));
      std::string another = parser_.prefixed(find_name(rest, {}, parser_.options_.p_value, kTermTab));
      if (another != name) return fail(strf("git apply: bad git-diff - inconsistent %s filename at %s", side, line));
      return true;
    }
    if (!is_dev_null(rest)) return fail(strf("git apply: bad git-diff - expected /dev/null at %s", line));
    return true;
  }
  bool old_name(std::string_view rest) { return verify(rest, patch_.is_new == 1, patch_.old_name, "old"); }
  bool new_name(std::string_view rest) { return verify(rest, patch_.is_delete == 1, patch_.new_name, "new"); }
  bool mode(std::string_view rest, std::uint32_t& target) {
    std::uint32_t value = 0;
    std::size_t n = 0;
    while (n < rest.size() && rest[n] >= '0' && rest[n] <= '7' && n < 10)
      value = value * 8 + static_cast<unsigned>(rest[n++] - '0');
    if (!n || n >= rest.size() || !is_line_space(rest[n])) {
      while (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);
      return fail(strf("invalid mode at %s: %s", parser_.where(parser_.line_), std::string(rest) + "\n"));
    }
    target = value;
    return true;
  }
  bool index(std::string_view rest) {
    const std::size_t dots = rest.find("..");
    if (dots == std::string_view::npos || dots > 64) return true;
    std::size_t end = dots + 2;
    while (end < rest.size() && !is_line_space(rest[end])) end++;
    if (end - dots - 2 > 64) return true;
    patch_.old_oid_prefix = rest.substr(0, dots);
    patch_.new_oid_prefix = rest.substr(dots + 2, end - dots - 2);
    if (end < rest.size() && rest[end] == ' ') return mode(rest.substr(end + 1), patch_.old_mode);
    return true;
  }

  PatchParser& parser_;
  FilePatch& patch_;
};

Result<std::size_t> PatchParser::read_git_header(FilePatch& patch, std::size_t at, std::size_t first_length) {
  patch.is_new = patch.is_delete = 0;
  patch.is_git = true;
  HeaderReader reader(*this, patch);
  auto name = git_header_name(text_.substr(at, first_length), options_.p_value);
  if (name) reader.default_name = prefixed(*name);
  std::size_t offset = first_length;
  line_++;
  while (at + offset < text_.size()) {
    std::string_view line = line_at(at + offset);
    if (!ends_with(line, "\n") || !reader.take(line)) {
      if (!reader.error.empty()) return make_error(ErrorKind::corrupt, "%s", reader.error);
      break;
    }
    offset += line.size();
    line_++;
  }
  if (patch.old_name.empty() && patch.new_name.empty()) {
    if (reader.default_name.empty())
      return make_error(ErrorKind::corrupt,
                        Q_("git diff header lacks filename information when removing %d leading pathname component at %s",
                           "git diff header lacks filename information when removing %d leading pathname components at %s",
                           static_cast<unsigned>(options_.p_value)),
                        options_.p_value, where(line_));
    patch.old_name = patch.new_name = reader.default_name;
  }
  if ((patch.new_name.empty() && patch.is_delete != 1) || (patch.old_name.empty() && patch.is_new != 1))
    return make_error(ErrorKind::corrupt, "git diff header lacks filename information at %s", where(line_));
  if (patch.is_new == 1) patch.old_name.clear();
  if (patch.is_delete == 1) patch.new_name.clear();
  patch.is_toplevel_relative = true;
  return offset;
}

Result<bool> PatchParser::read_traditional_header(FilePatch& patch, std::string_view first, std::string_view second) {
  if (!options_.p_value_known) {
    // A patch made without -p1 prefixes, below our directory.
    auto guess = [&](std::string_view line) -> int {
      if (is_dev_null(line)) return -1;
      std::string name = find_traditional_name(line, {}, 0);
      if (name.find('/') == std::string::npos) return 0;
      if (!options_.prefix.empty()) {
        if (starts_with(name, options_.prefix))
          return static_cast<int>(std::count(options_.prefix.begin(), options_.prefix.end(), '/'));
        std::size_t slash = name.find('/');
        if (starts_with(std::string_view(name).substr(slash + 1), options_.prefix))
          return static_cast<int>(std::count(options_.prefix.begin(), options_.prefix.end(), '/')) + 1;
      }
      return -1;
    };
    int p = guess(first);
    const int q = guess(second);
    if (p < 0) p = q;
    if (p >= 0 && p == q) {
      options_.p_value = p;
      options_.p_value_known = true;
    }
  }
  const int p = options_.p_value;
  std::string name;
  if (is_dev_null(first)) {
    patch.is_new = 1;
    patch.is_delete = 0;
    name = patch.new_name = prefixed(find_traditional_name(second, {}, p));
  } else if (is_dev_null(second)) {
    patch.is_new = 0;
    patch.is_delete = 1;
    name = patch.old_name = prefixed(find_traditional_name(first, {}, p));
  } else {
    name = prefixed(find_traditional_name(second, find_traditional_name(first, {}, p), p));
    if (has_epoch_timestamp(first)) {
      patch.is_new = 1;
      patch.is_delete = 0;
      patch.new_name = name;
    } else if (has_epoch_timestamp(second)) {
      patch.is_new = 0;
      patch.is_delete = 1;
      patch.old_name = name;
    } else {
      patch.old_name = patch.new_name = name;
    }
  }
  if (name.empty() || name == options_.root)
    return make_error(ErrorKind::corrupt, "unable to find filename in patch at %s", where(line_));
  return true;
}

Result<std::size_t> PatchParser::read_fragments(FilePatch& patch, std::size_t at) {
  std::size_t used = 0;
  unsigned long old_lines = 0, new_lines = 0, context = 0;
  while (text_.size() - at - used > 4 && starts_with(text_.substr(at + used), "@@ -")) {
    PatchFragment fragment;
    fragment.line_number = line_;
    const std::size_t size = read_fragment(patch, at + used, fragment);
    if (!size) return make_error(ErrorKind::corrupt, "corrupt patch at %s", where(line_));
    fragment.text = text_.substr(at + used, size);
    old_lines += fragment.old_lines;
    new_lines += fragment.new_lines;
    context += fragment.leading + fragment.trailing;
    patch.fragments.push_back(fragment);
    used += size;
  }
  if (patch.is_new < 0 && (old_lines || patch.fragments.size() > 1)) patch.is_new = 0;
  if (patch.is_delete < 0 && (new_lines || patch.fragments.size() > 1)) patch.is_delete = 0;
  if (patch.is_new > 0 && old_lines) return make_error(ErrorKind::corrupt, "new file %s depends on old contents", patch.new_name);
  if (patch.is_delete > 0 && new_lines)
    return make_error(ErrorKind::corrupt, "deleted file %s still has contents", patch.old_name);
  if (!patch.is_delete && !new_lines && context && used)
    err_line(strf("** warning: file %s becomes empty but is not deleted", patch.new_name));
  return used;
}

void PatchParser::err_line(const std::string& text) { warnings.push_back(text); }

std::size_t PatchParser::read_fragment(FilePatch& patch, std::size_t at, PatchFragment& fragment) {
  std::string_view header = line_at(at);
  if (!ends_with(header, "\n") || !parse_hunk_header(header, fragment)) return 0;
  std::size_t offset = header.size();
  if (options_.recount) {
    fragment.old_lines = fragment.new_lines = 0;
    for (std::size_t k = at + offset; k < text_.size();) {
      std::string_view line = line_at(k);
      const char c = line[0];
      if (c == ' ' || c == '\n') {
        fragment.old_lines++;
        fragment.new_lines++;
      } else if (c == '-') {
        fragment.old_lines++;
      } else if (c == '+') {
        fragment.new_lines++;
      } else if (c == '\\') {
      } else {
        break;
      }
      if (starts_with(line, "-- \n")) {
        // The signature of a mail, not a removed line.
        fragment.old_lines--;
        break;
      }
      k += line.size();
    }
  }
  unsigned long old_left = fragment.old_lines, new_left = fragment.new_lines, added = 0, deleted = 0;
  line_++;
  while (at + offset < text_.size() && (old_left || new_left)) {
    std::string_view line = line_at(at + offset);
    if (!ends_with(line, "\n")) return 0;
    auto check = [&]() {
      if (options_.check_line) options_.check_line(patch, line, line_);
    };
    auto note_crlf = [&]() {
      if (line.size() >= 2 && line[line.size() - 2] == '\r') patch.crlf_in_old = true;
    };
    switch (line[0]) {
      case '\n':
      case ' ':
        if (!old_left || !new_left) return 0;
        old_left--;
        new_left--;
        if (!deleted && !added) fragment.leading++;
        fragment.trailing++;
        note_crlf();
        check();
        break;
      case '-':
        if (!old_left) return 0;
        if (!options_.reverse) note_crlf();
        check();
        deleted++;
        old_left--;
        fragment.trailing = 0;
        break;
      case '+':
        if (!new_left) return 0;
        if (options_.reverse) note_crlf();
        check();
        added++;
        new_left--;
        fragment.trailing = 0;
        break;
      case '\\':
        if (line.size() < 12 || line[1] != ' ') return 0;
        break;
      default:
        return 0;
    }
    offset += line.size();
    line_++;
  }
  if (old_left || new_left) return 0;
  if (!options_.recount && !deleted && !added) return 0;
  std::string_view rest = text_.substr(at + offset);
  if (rest.size() > 12 && starts_with(rest, "\\ ")) {
    offset += line_at(at + offset).size();
    line_++;
  }
  patch.lines_added += static_cast<long>(added);
  patch.lines_deleted += static_cast<long>(deleted);
  return offset;
}

std::optional<BinaryHunk> PatchParser::read_binary_hunk(std::size_t& at, bool& corrupt) {
  std::string_view line = line_at(at);
  std::string_view rest = line;
  BinaryHunk hunk;
  if (skip_prefix(rest, "delta "))
    hunk.is_delta = true;
  else if (!skip_prefix(rest, "literal "))
    return std::nullopt;
  unsigned long size = 0;
  if (!take_number(rest, size)) {
    corrupt = true;
    return std::nullopt;
  }
  line_++;
  at += line.size();
  std::string deflated;
  for (;;) {
    line = line_at(at);
    if (line.empty()) {
      corrupt = true;
      return std::nullopt;
    }
    line_++;
    if (line.size() == 1) {
      at += 1;
      break;
    }
    // The shortest line is "A00000\n"; groups of five characters make four bytes.
    if (line.size() < 7 || (line.size() - 2) % 5) {
      line_--;
      corrupt = true;
      return std::nullopt;
    }
    const char c = line[0];
    const std::size_t count = c >= 'A' && c <= 'Z'   ? static_cast<std::size_t>(c - 'A') + 1
                              : c >= 'a' && c <= 'z' ? static_cast<std::size_t>(c - 'a') + 27
                                                     : 0;
    const std::size_t max = (line.size() - 2) / 5 * 4;
    if (!count || max < count || count + 4 <= max) {
      line_--;
      corrupt = true;
      return std::nullopt;
    }
    auto bytes = decode_base85(line.substr(1, line.size() - 2), count);
    if (!bytes) {
      line_--;
      corrupt = true;
      return std::nullopt;
    }
    deflated += *bytes;
    at += line.size();
  }
  auto data = inflate_exactly(deflated, size);
  if (!data) {
    corrupt = true;
    return std::nullopt;
  }
  hunk.data = std::move(*data);
  return hunk;
}

Result<std::size_t> PatchParser::read_binary(FilePatch& patch, std::size_t at) {
  std::size_t here = at + line_at(at).size();
  line_++;
  bool corrupt = false;
  const int start = line_ - 1;
  auto forward = read_binary_hunk(here, corrupt);
  if (!forward && !corrupt) return make_error(ErrorKind::corrupt, "unrecognized binary patch at %s", where(start));
  if (corrupt) {
    std::string_view line = line_at(here);
    if (ends_with(line, "\n")) line.remove_suffix(1);
    return make_error(ErrorKind::corrupt, "corrupt binary patch at %s: %s", where(line_), line);
  }
  auto reverse = read_binary_hunk(here, corrupt);
  if (corrupt) {
    std::string_view line = line_at(here);
    if (ends_with(line, "\n")) line.remove_suffix(1);
    return make_error(ErrorKind::corrupt, "corrupt binary patch at %s: %s", where(line_), line);
  }
  patch.forward = std::move(forward);
  patch.reverse = std::move(reverse);
  patch.is_binary = true;
  return here - at;
}

}  // namespace git
