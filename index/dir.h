// Walking the worktree: untracked and ignored files, and the patterns of gitignore(5) that tell them apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dot-names.h"
#include "hash/object-id.h"
#include "index.h"
#include "index/pathspec.h"

namespace git {

class Repository;

// ---- patterns ----
enum PatternFlag : unsigned {
  kPatternNoDir = 1u << 0,     // no '/' inside: matches the basename
  kPatternEndsWith = 1u << 2,  // "*literal"
  kPatternMustBeDir = 1u << 3,
  kPatternNegative = 1u << 4,
};
struct IgnorePattern {
  std::string pattern;
  std::string base;  // directory of the file it came from, "" or "dir/"
  std::string source;
  int line = 0;
  unsigned flags = 0;
  std::size_t nowildcard_length = 0;
};
struct PatternList {
  std::string source;
  std::vector<IgnorePattern> patterns;
};
// One line (already without newline) as a pattern; nullopt for blanks and comments.
std::optional<IgnorePattern> parse_ignore_pattern(std::string_view line);
void add_pattern(PatternList& list, std::string_view line, std::string_view base, int line_number);
void add_patterns_from_buffer(PatternList& list, std::string_view text, std::string_view base);
// The last pattern of the list that matches, nullptr where none does. `type` is DT_DIR, DT_REG, DT_LNK or DT_UNKNOWN.
const IgnorePattern* last_matching_pattern(const PatternList& list, std::string_view path, unsigned char type,
                                           bool icase = false);
bool match_ignore_basename(const IgnorePattern& pattern, std::string_view basename, bool icase = false);
bool match_ignore_path(const IgnorePattern& pattern, std::string_view path, bool icase = false);

enum DirFlag : unsigned {
  kShowIgnored = 1u << 0,
  kShowOtherDirectories = 1u << 1,
  kHideEmptyDirectories = 1u << 2,
  kNoGitlinks = 1u << 3,
  kCollectIgnored = 1u << 4,
  kShowIgnoredToo = 1u << 5,
  kKeepUntrackedContents = 1u << 6,
  kShowIgnoredTooModeMatching = 1u << 7,
  kSkipNested = 1u << 8,
};

struct DirEntry {
  std::string path;  // directories end in '/'
};

// What a scan of the worktree finds, and the exclude rules it goes by.
class DirScan {
 public:
  explicit DirScan(Index& index);
  ~DirScan();
  DirScan(DirScan&&) noexcept;

  unsigned flags = 0;
  std::string per_directory;      // "" or ".gitignore"
  std::vector<DirEntry> entries;  // sorted, no duplicates
  std::vector<DirEntry> ignored;  // where kCollectIgnored / kShowIgnoredToo

  // info/exclude, core.excludesFile and per-directory .gitignore.
  void setup_standard_excludes();
  PatternList& add_pattern_list(std::string source);     // command line ("--exclude")
  void add_patterns_from_file(const std::string& file);  // dies "cannot use %s as exclude file"

  // Fills `entries` and `ignored`.
  void fill(const Pathspec* spec = nullptr);
  // Is the path (from the top) ignored? Parent directories count. `is_dir` where it is one.
  bool is_excluded(std::string_view path, bool is_dir);
  const IgnorePattern* last_matching(std::string_view path, bool is_dir);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// core.excludesFile or $XDG_CONFIG_HOME/git/ignore; "" where there is none.
std::string excludes_file(Repository& repo);
// Is `path` a git worktree or repository of its own?
bool is_nonbare_repository_dir(const std::string& path);
// A leading component of `path` (from the top; the last one not looked at) is a symbolic link.
bool has_symlink_leading_path(std::string_view path);
// As above, but also true where a leading component is no directory.
bool has_dirs_only_path(std::string_view path);
// lstat with a component that is a link refused.
bool path_is_beyond_symlink(std::string_view path);
// Is the path safe for the index: no "." "..", no ".git" in any of its disguises (core.protectHFS / protectNTFS)?
bool verify_path(Repository& repo, std::string_view path, std::uint32_t mode);
bool verify_path(const struct WorktreeSettings& settings, std::string_view path, std::uint32_t mode);  // for many paths
// The directory the command was started in, from the top ("": the top itself): never removed. Told once, by git.cc.
void protect_original_cwd(std::string path);
bool is_original_cwd(std::string_view path);
// Removes the file and then its parents while they are empty (never the starting directory of the command); errno on failure.
int remove_path_and_empty_parents(const std::string& path);

enum RemoveDirFlag : unsigned {
  kRemoveEmptyOnly = 1,
  kRemoveKeepNestedGit = 2,
  kRemoveKeepToplevel = 4,
  kRemovePurgeOriginalCwd = 8
};
int remove_dir_recursive(const std::string& path, unsigned flags);

}  // namespace git
