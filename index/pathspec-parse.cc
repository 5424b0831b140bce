// An element is ":(magic,words)rest", ":/!rest" or just a path; the path is taken from the prefix unless ":(top)".
//
//   in "sub/":  "*.c"            -> match "sub/*.c", prefix 4, wild
//               ":(top)*.c"      -> match "*.c"
//               ":!x"            -> match "sub/x", exclude
#include "index/pathspec.h"

#include <unistd.h>

#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "index.h"
#include "index/attr.h"
#include "index/dir.h"
#include "repository.h"

namespace git {
namespace {

struct MagicWord {
  unsigned bit;
  char mnemonic;
  const char* name;
};
constexpr MagicWord kMagicWords[] = {
    {kMagicTop, '/', "top"},      {kMagicLiteral, '\0', "literal"}, {kMagicGlob, '\0', "glob"},
    {kMagicIcase, '\0', "icase"}, {kMagicExclude, '!', "exclude"},  {kMagicAttr, '\0', "attr"},
};

struct GlobalMagic {
  bool literal, glob, noglob, icase;
};

GlobalMagic read_global_magic() {
  GlobalMagic g{env_bool("GIT_LITERAL_PATHSPECS", false), env_bool("GIT_GLOB_PATHSPECS", false),
                env_bool("GIT_NOGLOB_PATHSPECS", false), env_bool("GIT_ICASE_PATHSPECS", false)};
  if (g.glob && g.noglob) die("global 'glob' and 'noglob' pathspec settings are incompatible");
  if (g.literal && (g.glob || g.noglob || g.icase))
    die("global 'literal' pathspec setting is incompatible with all other global pathspec settings");
  return g;
}

// The value of one attribute test, without its escapes.
std::string unescape_attr_value(std::string_view text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\') {
      if (i + 1 >= text.size()) die("Escape character '\\' not allowed as last character in attr value");
      c = text[++i];
    }
    if (!is_alnum(c) && c != ',' && c != '-' && c != '_') die("cannot use '%c' for value matching", c);
    value += c;
  }
  return value;
}

void parse_attr_tests(PathspecItem& item, std::string_view text) {
  if (text.empty()) die("attr spec must not be empty");
  if (!item.attrs.empty()) die("Only one 'attr:' specification is allowed.");
  for (std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    PathspecAttr test;
    if (word[0] == '!') {
      test.mode = PathspecAttr::Mode::unspecified;
      word.remove_prefix(1);
    } else if (word[0] == '-') {
      test.mode = PathspecAttr::Mode::unset;
      word.remove_prefix(1);
    } else if (std::size_t eq = word.find('='); eq != std::string_view::npos) {
      test.mode = PathspecAttr::Mode::value;
      test.value = unescape_attr_value(word.substr(eq + 1));
      word = word.substr(0, eq);
    }
    test.name = word;
    if (!is_valid_attr_name(word)) die("invalid attribute name %s", test.name);
    item.attrs.push_back(std::move(test));
  }
}

// The end of one word of ":(a,b)": an unescaped ',' or ')'.
std::size_t end_of_word(std::string_view text) {
  std::size_t i = 0;
  for (; i < text.size() && text[i] != ',' && text[i] != ')'; ++i)
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
  return i;
}

struct Parsed {
  unsigned magic = 0;
  std::string_view rest;
  std::optional<std::size_t> prefix_override;
};

Parsed parse_long_magic(PathspecItem& item, std::string_view element) {
  Parsed parsed;
  std::string_view text = element.substr(2);
  while (!text.empty() && text[0] != ')') {
    std::size_t length = end_of_word(text);
    std::string_view word = text.substr(0, length);
    bool at_end = length >= text.size();
    text.remove_prefix(at_end ? length : text[length] == ',' ? length + 1 : length);
    if (word.empty()) continue;
    std::string_view value;
    if (skip_prefix(word, "prefix:", &value)) {
      auto number = parse_uint(value);
      if (!number) die("invalid parameter for pathspec magic 'prefix'");
      parsed.prefix_override = static_cast<std::size_t>(*number);
      continue;
    }
    if (skip_prefix(word, "attr:", &value)) {
      parse_attr_tests(item, value);
      parsed.magic |= kMagicAttr;
      continue;
    }
    auto it = std::find_if(std::begin(kMagicWords), std::end(kMagicWords), [&](const MagicWord& m) { return word == m.name; });
    if (it == std::end(kMagicWords)) die("Invalid pathspec magic '%s' in '%s'", word, element);
    parsed.magic |= it->bit;
  }
  if (text.empty()) die("Missing ')' at the end of pathspec magic in '%s'", element);
  parsed.rest = text.substr(1);
  return parsed;
}

bool is_pathspec_magic_char(char c) { return c > ' ' && c < 127 && !is_alnum(c) && !std::strchr("*?[\\{}()^$+.|_-", c); }

Parsed parse_short_magic(std::string_view element) {
  Parsed parsed;
  std::size_t i = 1;
  for (; i < element.size() && element[i] != ':'; ++i) {
    char c = element[i];
    if (c == '^') {
      parsed.magic |= kMagicExclude;
      continue;
    }
    if (!is_pathspec_magic_char(c)) break;
    auto it = std::find_if(std::begin(kMagicWords), std::end(kMagicWords), [&](const MagicWord& m) { return m.mnemonic == c; });
    if (it == std::end(kMagicWords)) die("Unimplemented pathspec magic '%c' in '%s'", c, element);
    parsed.magic |= it->bit;
  }
  if (i < element.size() && element[i] == ':') ++i;
  parsed.rest = element.substr(i);
  return parsed;
}

std::string magic_names(unsigned magic) {
  std::string text;
  for (const MagicWord& m : kMagicWords) {
    if (!(magic & m.bit)) continue;
    if (!text.empty()) text += ", ";
    text += m.mnemonic ? strf("'%s' (mnemonic: '%c')", m.name, m.mnemonic) : strf("'%s'", m.name);
  }
  return text;
}

// ":(top,icase,prefix:4)sub/x", for the commands we start.
std::string prefixed_original(const PathspecItem& item, std::string_view element, unsigned magic) {
  std::string text = ":(";
  for (const MagicWord& m : kMagicWords)
    if ((magic & m.bit) && m.bit != kMagicTop && m.bit != kMagicAttr) text += std::string(m.name) + ",";
  if (magic & kMagicAttr) {
    std::size_t at = element.find("attr:");
    std::string_view tail = element.substr(at);
    text += std::string(tail.substr(0, end_of_word(tail))) + ",";
  }
  return text + strf("prefix:%u)", item.prefix_length) + item.match;
}

class Parser {
 public:
  Parser(Repository& repo, std::string_view prefix, unsigned flags)
      : repo_(repo), prefix_(prefix), flags_(flags), global_(read_global_magic()) {}

  PathspecItem parse(const std::string& element) const;
  PathspecItem everything(bool from_prefix) const;

 private:
  unsigned effective_magic(unsigned magic, const std::string& element) const;
  Repository& repo_;
  std::string_view prefix_;
  unsigned flags_;
  GlobalMagic global_;
};

unsigned Parser::effective_magic(unsigned magic, const std::string& element) const {
  if (global_.literal) magic |= kMagicLiteral;
  if (global_.glob) magic |= kMagicGlob;
  if (global_.icase) magic |= kMagicIcase;
  // --noglob makes elements literal that don't ask for glob
  if (global_.noglob && !(magic & kMagicGlob)) magic |= kMagicLiteral;
  if (global_.glob && (magic & kMagicLiteral) && !global_.literal) magic &= ~unsigned{kMagicGlob};
  if ((magic & kMagicLiteral) && (magic & kMagicGlob)) die("%s: 'literal' and 'glob' are incompatible", element);
  return magic;
}

PathspecItem Parser::parse(const std::string& element) const {
  PathspecItem item;
  Parsed parsed;
  parsed.rest = element;
  if (!(flags_ & kPathspecLiteralPath) && !global_.literal && !element.empty() && element[0] == ':')
    parsed = element.size() > 1 && element[1] == '(' ? parse_long_magic(item, element) : parse_short_magic(element);
  unsigned magic = effective_magic(parsed.magic, element);
  if (flags_ & kPathspecLiteralPath) magic |= kMagicLiteral;
  if (parsed.prefix_override && (!prefix_.empty()) && false) magic |= 0;
  item.magic = magic;
  if (magic & kMagicTop) {
    item.match = parsed.rest;
    std::optional<std::string> clean = normalize_path(parsed.rest);
    if (clean && !parsed.rest.empty())
      item.match = *clean + (parsed.rest.back() == '/' && !clean->empty() && clean->back() != '/' ? "/" : "");
  } else {
    std::optional<std::string> path = prefix_path_gently(repo_, prefix_, std::string(parsed.rest));
    if (!path)
      die("%s: '%s' is outside repository at '%s'", element, parsed.rest,
          repo_.worktree() ? *repo_.worktree() : repo_.git_dir_abs());
    item.match = std::move(*path);
    item.prefix_length = 0;
    while (item.prefix_length < prefix_.size() && item.prefix_length < item.match.size() &&
           item.match[item.prefix_length] == prefix_[item.prefix_length])
      ++item.prefix_length;
    if (item.prefix_length < prefix_.size() && item.prefix_length) {
      std::size_t slash = item.match.rfind('/', item.prefix_length - 1);
      item.prefix_length = slash == std::string::npos ? 0 : slash + 1;
    }
  }
  if (parsed.prefix_override) item.prefix_length = std::min(*parsed.prefix_override, item.match.size());
  item.original = flags_ & kPathspecPrefixOrigin ? prefixed_original(item, element, parsed.magic) : element;
  item.nowildcard_length = magic & kMagicLiteral ? item.match.size() : std::max(simple_length(item.match), item.prefix_length);
  if (item.is_wild() && !(magic & kMagicGlob) && item.match[item.nowildcard_length] == '*' &&
      simple_length(std::string_view(item.match).substr(item.nowildcard_length + 1)) ==
          item.match.size() - item.nowildcard_length - 1)
    item.is_one_star = true;
  return item;
}

PathspecItem Parser::everything(bool from_prefix) const {
  PathspecItem item;
  if (from_prefix) item.match = std::string(prefix_);
  item.original = from_prefix ? std::string(prefix_) : std::string();
  item.prefix_length = item.nowildcard_length = item.match.size();
  return item;
}

}  // namespace

std::size_t simple_length(std::string_view pattern) { return std::min(pattern.find_first_of("*?[\\"), pattern.size()); }

std::optional<std::string> prefix_path_gently(Repository& repo, std::string_view prefix, const std::string& path) {
  if (!is_absolute_path(path)) {
    std::optional<std::string> clean = normalize_path(std::string(prefix) + path);
    if (!clean) return std::nullopt;
    bool keeps_slash = !path.empty() && path.back() == '/' && !clean->empty() && clean->back() != '/';
    if (path.empty() && !prefix.empty() && !clean->empty() && clean->back() != '/') keeps_slash = true;
    return keeps_slash ? *clean + "/" : *clean;
  }
  std::string top = repo.worktree() ? *repo.worktree() : std::string();
  if (top.empty()) return std::nullopt;
  std::optional<std::string> clean = normalize_path(path);
  if (!clean) return std::nullopt;
  std::string slash = path.back() == '/' && clean->back() != '/' ? "/" : "";
  if (auto below = path_below(*clean, top)) return below->empty() ? std::string() : std::string(*below) + slash;
  // Perhaps a symbolic link leads there: look at each leading directory.
  for (std::size_t at = clean->find('/', 1);; at = clean->find('/', at + 1)) {
    std::string head = clean->substr(0, at);
    Result<std::string> real = real_path(head);
    if (real && *real == top) return at == std::string::npos ? std::string() : clean->substr(at + 1) + slash;
    if (at == std::string::npos) return std::nullopt;
  }
}

std::string prefix_path(Repository& repo, std::string_view prefix, const std::string& path) {
  std::optional<std::string> result = prefix_path_gently(repo, prefix, path);
  if (!result) die("'%s' is outside repository at '%s'", path, repo.worktree() ? *repo.worktree() : repo.git_dir_abs());
  return *result;
}

Pathspec parse_pathspec(Repository& repo, const std::vector<std::string>& args, std::string_view prefix, unsigned flags,
                        unsigned allowed, int max_depth) {
  Pathspec spec;
  if (flags & kMaxDepthValid) {
    spec.magic |= kMagicMaxDepth;
    spec.max_depth = max_depth;
  }
  Parser parser(repo, prefix, flags);
  if (args.empty()) {
    if (flags & kPreferFull) return spec;
    if (!(flags & kPreferCwd) || prefix.empty()) return spec;
    spec.items.push_back(parser.everything(true));
    return spec;
  }
  bool any_positive = false;
  for (const std::string& element : args) {
    if (element.empty()) die("empty string is not a valid pathspec. please use . instead if you meant to match all paths");
  }
  if (args.size() == 1 && args[0] == ":" && !read_global_magic().literal) return spec;
  for (const std::string& element : args) {
    PathspecItem item = parser.parse(element);
    if (unsigned bad = item.magic & ~allowed)
      die("%s: pathspec magic not supported by this command: %s", element, magic_names(bad));
    if ((flags & kPathspecSymlinkLeading) && has_symlink_leading_path(item.match))
      die("pathspec '%s' is beyond a symbolic link", element);
    any_positive |= !(item.magic & kMagicExclude);
    spec.has_wildcard |= item.is_wild();
    spec.magic |= item.magic;
    spec.items.push_back(std::move(item));
  }
  if (!any_positive) spec.items.push_back(parser.everything((flags & kPreferCwd) && !prefix.empty()));
  if (flags & kMaxDepthValid)
    std::stable_sort(spec.items.begin(), spec.items.end(), [](const auto& a, const auto& b) { return a.match < b.match; });
  return spec;
}

std::vector<std::string> read_pathspec_file(const std::string& file, bool nul_separated) {
  UniqueFd opened;
  int fd = 0;
  if (file != "-") {
    opened = open_fd(file, 0);
    if (!opened) die_errno("could not open '%s' for reading", file);
    fd = opened.get();
  }
  std::vector<std::string> list;
  LineReader reader(fd, nul_separated ? '\0' : '\n');
  for (std::string line; reader.next(line);) {
    if (!nul_separated) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty() && line[0] == '"') {
        std::string_view rest = line;
        std::optional<std::string> plain = unquote_c_style(rest);
        if (!plain || !rest.empty()) die("line is badly quoted: %s", line);
        line = std::move(*plain);
      }
    }
    list.push_back(line);
  }
  return list;
}

Pathspec parse_pathspec_file(Repository& repo, const std::string& file, bool nul_separated, std::string_view prefix,
                             unsigned flags, unsigned allowed) {
  return parse_pathspec(repo, read_pathspec_file(file, nul_separated), prefix, flags, allowed);
}

Pathspec literal_pathspec(const std::vector<std::string>& paths) {
  Pathspec spec;
  for (const std::string& path : paths) {
    PathspecItem item;
    item.original = item.match = path;
    item.magic = kMagicLiteral;
    item.nowildcard_length = path.size();
    spec.items.push_back(std::move(item));
  }
  spec.magic = kMagicLiteral;
  return spec;
}

int report_path_error(const std::vector<std::uint8_t>& seen, const Pathspec& spec) {
  int errors = 0;
  for (std::size_t i = 0; i < spec.items.size(); ++i) {
    const PathspecItem& item = spec.items[i];
    if ((i < seen.size() && seen[i]) || (item.magic & kMagicExclude)) continue;
    bool duplicate = false;
    for (std::size_t j = 0; j < spec.items.size(); ++j)
      if (j != i && j < seen.size() && seen[j] && spec.items[j].match == item.match) duplicate = true;
    if (duplicate) continue;
    error("pathspec '%s' did not match any file(s) known to git", item.original);
    ++errors;
  }
  return errors;
}

std::string common_prefix(const Pathspec& spec) {
  std::optional<std::string_view> common;
  for (const PathspecItem& item : spec.items) {
    if (item.magic & kMagicExclude) continue;
    std::string_view sure =
        std::string_view(item.match).substr(0, item.magic & kMagicIcase ? item.prefix_length : item.nowildcard_length);
    std::size_t slash = sure.rfind('/');
    std::string_view directory = slash == std::string_view::npos ? std::string_view() : sure.substr(0, slash + 1);
    if (!common) {
      common = directory;
      continue;
    }
    std::size_t n = 0, last = 0;
    for (; n < common->size() && n < directory.size() && (*common)[n] == directory[n]; ++n)
      if ((*common)[n] == '/') last = n + 1;
    common = common->substr(0, last);
  }
  return std::string(common.value_or(""));
}

}  // namespace git
