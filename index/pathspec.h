// Pathspecs (gitglossary(7), "pathspec"): what people write to select paths, parsed once and matched often.
//
//   Pathspec spec = parse_pathspec(repo, args, prefix, {});
//   if (match_pathspec(index, spec, "dir/file.c")) ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "object/object.h"

namespace git {

class Index;
class Repository;
class AttributeReader;  // index/attr.h

enum PathspecMagic : unsigned {
  kMagicTop = 1u << 0,
  kMagicMaxDepth = 1u << 1,
  kMagicLiteral = 1u << 2,
  kMagicGlob = 1u << 3,
  kMagicIcase = 1u << 4,
  kMagicExclude = 1u << 5,
  kMagicAttr = 1u << 6,
  kMagicAll = 0x7f,
};

// One attribute test of ":(attr:...)".
struct PathspecAttr {
  enum class Mode : std::uint8_t { set, unset, unspecified, value };
  std::string name;
  Mode mode = Mode::set;
  std::string value;
};

struct PathspecItem {
  std::string original;  // as the user gave it, for messages
  std::string match;     // from the top of the worktree, magic removed
  unsigned magic = 0;
  std::size_t prefix_length = 0;      // of `match`, taken from the cwd: never wild, never case folded
  std::size_t nowildcard_length = 0;  // of `match`: what comes before the first wildcard
  bool is_one_star = false;           // "*" + literal and nothing else
  std::vector<PathspecAttr> attrs;

  bool is_wild() const { return nowildcard_length < match.size(); }
};

struct Pathspec {
  std::vector<PathspecItem> items;
  unsigned magic = 0;  // of all items together
  bool has_wildcard = false;
  bool recursive = false;
  int max_depth = -1;

  bool empty() const { return items.empty(); }
  std::size_t size() const { return items.size(); }
};

enum PathspecFlag : unsigned {
  kPreferCwd = 1u << 0,               // no argument means the current directory
  kPreferFull = 1u << 1,              // ... or everything
  kMaxDepthValid = 1u << 2,           // max_depth of the Pathspec is meant
  kPathspecSymlinkLeading = 1u << 3,  // "pathspec '%s' is beyond a symbolic link"
  kPathspecPrefixOrigin = 1u << 4,    // items' `original` gets the prefix in front (for children)
  kPathspecKeepDuplicates = 1u << 5,
  kPathspecLiteralPath = 1u << 6,  // arguments are paths
};

// Dies with git's messages on bad magic, paths outside the repository, unsupported magic (`allowed`: kMagic* bits).
Pathspec parse_pathspec(Repository& repo, const std::vector<std::string>& args, std::string_view prefix,
                        unsigned flags = kPreferCwd, unsigned allowed = kMagicAll, int max_depth = -1);
// --pathspec-from-file=<file> ("-": standard input), one per line (C-quoted lines are unquoted) or NUL separated.
Pathspec parse_pathspec_file(Repository& repo, const std::string& file, bool nul_separated, std::string_view prefix,
                             unsigned flags, unsigned allowed = kMagicAll);
std::vector<std::string> read_pathspec_file(const std::string& file, bool nul_separated);
Pathspec literal_pathspec(const std::vector<std::string>& paths);

// How an item matched, from weakest to strongest; 0 is no match.
enum PathspecMatch : std::uint8_t {
  kMatchedNot = 0,
  kMatchedRecursively = 1,
  kMatchedRecursivelyWithLeading = 2,
  kMatchedFnmatch = 3,
  kMatchedExactly = 4
};

struct MatchPathspecOptions {
  std::size_t prefix_length = 0;              // of the name: known to match
  std::vector<std::uint8_t>* seen = nullptr;  // per item: the strongest match so far; resized as needed
  bool is_directory = false;                  // the name is a directory
  bool leading = false;                       // also match directories that may hold matches (do_match_pathspec's LEADING)
  bool exclude_only = false;
};
// The strongest match over all items (an empty pathspec matches everything). `index` supplies attributes; nullptr: none.
int match_pathspec(Index* index, const Pathspec& spec, std::string_view name, const MatchPathspecOptions& options = {});
inline bool match_pathspec(Index& index, const Pathspec& spec, std::string_view name, std::vector<std::uint8_t>* seen = nullptr) {
  MatchPathspecOptions options;
  options.seen = seen;
  return match_pathspec(&index, spec, name, options) != 0;
}
// Does the entry of the index match (submodules and sparse directories match as directories)?
// Dies "Pathspec '%s' is in submodule '%s'" where an item names something inside of one.
void die_path_inside_submodule(Index& index, const Pathspec& spec);
bool index_entry_path_match(Index& index, const Pathspec& spec, std::string_view path, std::uint32_t mode,
                            std::vector<std::uint8_t>* seen = nullptr);

// ---- trees ----
enum class Interest : std::int8_t { all_not = -1, no = 0, yes = 1, all = 2 };
// Should a tree walk look at `name` (mode `mode`) below `base` ("" or "dir/")? `all`: this and everything behind it
// in the same tree; `all_not`: nothing from here on in this tree.
// `attributes` answers for ":(attr:...)"; nullptr: as they are in the worktree.
Interest tree_entry_interesting(Repository& repo, const Pathspec& spec, std::string_view base, std::string_view name,
                                std::uint32_t mode, bool recursive, AttributeReader* attributes = nullptr);

// ---- for messages ----
// error "pathspec '%s' did not match any file(s) known to git" for every item not seen; the number of them.
int report_path_error(const std::vector<std::uint8_t>& seen, const Pathspec& spec);
// The longest directory all items share ("" or without trailing '/').
std::string common_prefix(const Pathspec& spec);
// "prefix" + path, cleaned up; dies "'%s' is outside repository at '%s'".
std::string prefix_path(Repository& repo, std::string_view prefix, const std::string& path);
std::optional<std::string> prefix_path_gently(Repository& repo, std::string_view prefix, const std::string& path);
std::size_t simple_length(std::string_view pattern);  // up to the first of "*?[\\"

}  // namespace git
