// Patterns of gitignore(5), which attributes and sparse checkouts share.  A pattern without '/' is compared with the last
// component, any other with the whole path below the directory its file stands in.
#include <dirent.h>

#include "base/files.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "index/dir.h"
#include "index/pathspec.h"

namespace git {

std::optional<IgnorePattern> parse_ignore_pattern(std::string_view line) {
  IgnorePattern pattern;
  if (!line.empty() && line[0] == '!') {
    pattern.flags |= kPatternNegative;
    line.remove_prefix(1);
  }
  if (!line.empty() && line.back() == '/') {
    pattern.flags |= kPatternMustBeDir;
    line.remove_suffix(1);
  }
  if (line.find('/') == std::string_view::npos) pattern.flags |= kPatternNoDir;
  pattern.nowildcard_length = simple_length(line);
  if (!line.empty() && line[0] == '*' && simple_length(line.substr(1)) == line.size() - 1) pattern.flags |= kPatternEndsWith;
  pattern.pattern = line;
  return pattern;
}

void add_pattern(PatternList& list, std::string_view line, std::string_view base, int line_number) {
  std::optional<IgnorePattern> pattern = parse_ignore_pattern(line);
  if (!pattern) return;
  pattern->base = base;
  pattern->source = list.source;
  pattern->line = line_number;
  list.patterns.push_back(std::move(*pattern));
}

namespace {

// Spaces at the end don't count unless a backslash stands before them.
std::string_view trim_trailing_spaces(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    if (line[i] == '\\') {
      if (i + 1 >= line.size()) return line;
      ++i;
    }
    end = i + 1;
  }
  return line.substr(0, end);
}

bool same(std::string_view a, std::string_view b, bool icase) { return icase ? iequals(a, b) : a == b; }

}  // namespace

void add_patterns_from_buffer(PatternList& list, std::string_view text, std::string_view base) {
  skip_prefix(text, "\xef\xbb\xbf");
  int number = 0;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++number;
    if (!line.empty() && line[0] == '#') continue;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    line = trim_trailing_spaces(line);
    if (!line.empty()) add_pattern(list, line, base, number);
  }
}

bool match_ignore_basename(const IgnorePattern& pattern, std::string_view basename, bool icase) {
  std::string_view text = pattern.pattern;
  if (pattern.nowildcard_length == text.size()) return same(text, basename, icase);
  if (pattern.flags & kPatternEndsWith) {
    text.remove_prefix(1);
    return basename.size() >= text.size() && same(basename.substr(basename.size() - text.size()), text, icase);
  }
  return wildmatch(text, basename, icase ? unsigned{kWildCaseFold} : 0u);
}

bool match_ignore_path(const IgnorePattern& pattern, std::string_view path, bool icase) {
  std::string_view text = pattern.pattern;
  std::size_t literal = pattern.nowildcard_length;
  if (!text.empty() && text[0] == '/') {
    text.remove_prefix(1);
    if (literal) --literal;
  }
  std::string_view base = pattern.base;
  if (!base.empty() && base.back() == '/') base.remove_suffix(1);
  if (!base.empty()) {
    if (path.size() < base.size() + 1 || path[base.size()] != '/' || !same(path.substr(0, base.size()), base, icase))
      return false;
    path.remove_prefix(base.size() + 1);
  }
  if (literal) {
    if (literal > path.size() || !same(path.substr(0, literal), text.substr(0, literal), icase)) return false;
    text.remove_prefix(literal);
    path.remove_prefix(literal);
    if (text.empty() && path.empty()) return true;
  }
  return wildmatch(text, path, kWildPathname | (icase ? unsigned{kWildCaseFold} : 0u));
}

const IgnorePattern* last_matching_pattern(const PatternList& list, std::string_view path, unsigned char type, bool icase) {
  std::string_view basename = path.substr(path.rfind('/') + 1);
  for (auto it = list.patterns.rbegin(); it != list.patterns.rend(); ++it) {
    const IgnorePattern& pattern = *it;
    if (pattern.flags & kPatternMustBeDir) {
      if (type == DT_UNKNOWN) {
        auto st = lstat_path(std::string(path));
        if (!st || !S_ISDIR(st->st_mode)) continue;
      } else if (type != DT_DIR) {
        continue;
      }
    }
    bool hit = pattern.flags & kPatternNoDir ? starts_with(path, pattern.base) && match_ignore_basename(pattern, basename, icase)
                                             : match_ignore_path(pattern, path, icase);
    if (hit) return &pattern;
  }
  return nullptr;
}

}  // namespace git
