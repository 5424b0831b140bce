// One walk over the worktree.  Each name is tracked, ignored, untracked, or a directory to be looked into; with
// kShowOtherDirectories an untracked directory is reported as one entry, which needs to know what it holds:
//
//   holds something untracked       -> untracked "dir/"
//   holds ignored files only        -> ignored "dir/"
//   holds nothing                   -> untracked, or nothing with kHideEmptyDirectories
#include "index/dir.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "index/exclude-stack.h"
#include "repository.h"
#include "setup.h"

namespace git {
namespace {

enum class PathState : std::uint8_t { none, recurse, excluded, untracked };
enum class InIndex : std::uint8_t { nonexistent, directory, gitdir };

InIndex directory_in_index(Index& index, std::string_view path) {  // without the trailing '/'
  std::ptrdiff_t at = index.find_position(path);
  if (at >= 0) {
    if (is_gitlink_mode(index[static_cast<std::size_t>(at)].mode)) return InIndex::gitdir;
    at = -at - 1;
  }
  std::string below = std::string(path) + "/";
  std::ptrdiff_t pos = index.find_position(below);
  auto i = static_cast<std::size_t>(pos < 0 ? -pos - 1 : pos);
  if (i < index.size() && starts_with(index[i].path, below)) return InIndex::directory;
  auto j = static_cast<std::size_t>(-at - 1);
  if (j < index.size() && index[j].path == path && is_gitlink_mode(index[j].mode)) return InIndex::gitdir;
  return InIndex::nonexistent;
}

unsigned char type_of(const std::string& path, unsigned char d_type) {
  if (d_type != DT_UNKNOWN) return d_type;
  struct stat st {};
  if (lstat(path.c_str(), &st) < 0) return DT_UNKNOWN;
  if (S_ISDIR(st.st_mode)) return DT_DIR;
  if (S_ISREG(st.st_mode)) return DT_REG;
  if (S_ISLNK(st.st_mode)) return DT_LNK;
  return DT_UNKNOWN;
}

// GIT_WORK_TREE may put our own repository below the worktree; that does not make it a nested one.
bool is_own_git_dir(Repository& repo, const std::string& path) {
  Result<std::string> real = real_path(path_join(path, ".git"));
  Result<std::string> own = real_path(repo.git_dir_abs());
  return real && own && *real == *own;
}

struct Name {
  std::string name;
  unsigned char type;
};

std::vector<Name> read_names(const std::string& directory) {
  std::vector<Name> names;
  DIR* dir = opendir(directory.empty() ? "." : directory.c_str());
  if (!dir) {
    if (errno != ENOENT && errno != ENOTDIR) warning_errno("could not open directory '%s'", directory.empty() ? "./" : directory);
    return names;
  }
  while (struct dirent* e = readdir(dir)) {
    std::string_view name = e->d_name;
    if (name == "." || name == ".." || name == ".git") continue;
    names.push_back({std::string(name), e->d_type});
  }
  closedir(dir);
  std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.name < b.name; });
  return names;
}

}  // namespace

struct DirScan::State {
  State(DirScan& s, Index& i) : scan(&s), index(i), excludes(i) {}
  DirScan* scan;
  Index& index;
  ExcludeStack excludes;
  const Pathspec* spec = nullptr;

  unsigned flags() const { return scan->flags; }
  bool is_simplified_away(std::string_view path) const;
  bool excluded_matches_pathspec(std::string_view path) const;
  bool is_excluded(std::string_view path, unsigned char type) {
    const IgnorePattern* p = excludes.last_matching(path, type);
    return p && !(p->flags & kPatternNegative);
  }
  PathState walk(const std::string& base, bool check_only, bool stop_at_first);
  PathState treat(const std::string& path, unsigned char type, bool check_only);
  PathState treat_directory(const std::string& path, bool excluded, bool check_only);
  PathState look_inside(const std::string& path, bool excluded, bool check_only);
  void note(const std::string& path, PathState state);
};

// No item can match `path` or anything below it, by its literal front alone.
bool DirScan::State::is_simplified_away(std::string_view path) const {
  if (!spec || spec->empty()) return false;
  for (const PathspecItem& item : spec->items) {
    std::size_t n = std::min(path.size(), item.nowildcard_length);
    std::string_view a = path.substr(0, n), b = std::string_view(item.match).substr(0, n);
    if (item.magic & kMagicIcase ? iequals(a, b) : a == b) return false;
  }
  return true;
}

// The user named an ignored path: the item covers it exactly or by an enclosing directory.
bool DirScan::State::excluded_matches_pathspec(std::string_view path) const {
  if (!spec || spec->empty()) return false;
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  for (const PathspecItem& item : spec->items) {
    if (item.magic & kMagicExclude) continue;
    std::string_view match = item.match;
    if (match.size() == item.nowildcard_length && match == path) return true;
    if (match.size() > path.size() && match[path.size()] == '/' && starts_with(match, path)) return true;
  }
  return false;
}

void DirScan::State::note(const std::string& path, PathState state) {
  if (state == PathState::excluded) {
    if (flags() & kShowIgnored)
      scan->entries.push_back({path});
    else if ((flags() & kShowIgnoredToo) || ((flags() & kCollectIgnored) && excluded_matches_pathspec(path)))
      scan->ignored.push_back({path});
  } else if (state == PathState::untracked && !(flags() & kShowIgnored)) {
    scan->entries.push_back({path});
  }
}

PathState DirScan::State::walk(const std::string& base, bool check_only, bool stop_at_first) {
  PathState best = PathState::none;
  for (const Name& name : read_names(base)) {
    std::string path = base + name.name;
    if (is_simplified_away(path)) continue;
    unsigned char type = type_of(path, name.type);
    PathState state = treat(path, type, check_only);
    best = std::max(best, state);
    if (state == PathState::recurse) {
      PathState below = walk(path + "/", check_only, stop_at_first);
      best = std::max(best, below);
    }
    if (type == DT_DIR) path += '/';
    if (check_only) {
      if (stop_at_first && best == PathState::untracked) break;
      continue;
    }
    note(path, state);
  }
  return best;
}

PathState DirScan::State::treat(const std::string& path, unsigned char type, bool check_only) {
  if (type != DT_DIR && index.find_position(path) >= 0) return PathState::none;
  if (type != DT_DIR && index.is_path_unmerged(path)) return PathState::none;
  bool excluded = is_excluded(path, type);
  if (type == DT_DIR) {
    if (excluded && !(flags() & (kShowIgnored | kShowIgnoredToo)) && directory_in_index(index, path) != InIndex::directory)
      return PathState::excluded;
    return treat_directory(path + "/", excluded, check_only);
  }
  if (excluded && !(flags() & (kShowIgnored | kShowIgnoredToo))) return PathState::excluded;
  if (type != DT_REG && type != DT_LNK) return PathState::none;
  if (spec && !spec->empty() && !match_pathspec(index, *spec, path)) return PathState::none;
  return excluded ? PathState::excluded : PathState::untracked;
}

PathState DirScan::State::treat_directory(const std::string& path, bool excluded, bool check_only) {
  std::string_view bare = std::string_view(path).substr(0, path.size() - 1);
  int how = kMatchedExactly;
  if (spec && !spec->empty()) {
    MatchPathspecOptions options;
    options.leading = true;
    options.is_directory = true;
    how = match_pathspec(&index, *spec, path, options);
    if (!how) return PathState::none;
  }
  InIndex in_index = directory_in_index(index, bare);
  if (in_index == InIndex::directory) return PathState::recurse;
  if (in_index == InIndex::gitdir) return PathState::none;
  if ((flags() & kSkipNested) || !(flags() & kNoGitlinks)) {
    if (is_nonbare_repository_dir(path) && !is_own_git_dir(index.repo(), path)) {
      if ((flags() & kSkipNested) || how == kMatchedRecursivelyWithLeading) return PathState::none;
      return excluded ? PathState::excluded : PathState::untracked;
    }
  }
  if (!(flags() & kShowOtherDirectories)) {
    if (excluded && (flags() & kShowIgnoredToo) && (flags() & kShowIgnoredTooModeMatching)) return PathState::excluded;
    return PathState::recurse;
  }
  // Items that name something below: the directory itself is none of our business.
  if (how == kMatchedRecursivelyWithLeading && !excluded) return PathState::recurse;
  if (how == kMatchedRecursivelyWithLeading && !(flags() & kShowIgnoredTooModeMatching)) return PathState::recurse;
  return look_inside(path, excluded, check_only);
}

PathState DirScan::State::look_inside(const std::string& path, bool excluded, bool check_only) {
  bool hide_empty = flags() & kHideEmptyDirectories;
  if (excluded && (flags() & kShowIgnoredToo) && (flags() & kShowIgnoredTooModeMatching)) return PathState::excluded;
  if (!(flags() & (kShowIgnoredToo | kShowIgnored)) && !hide_empty) return excluded ? PathState::excluded : PathState::untracked;
  bool collect = (flags() & kShowIgnoredToo) && !excluded && !check_only;
  if (!collect) {
    PathState inside = walk(path, true, !(flags() & kShowIgnored));
    if (inside == PathState::recurse) inside = PathState::none;
    if (inside == PathState::none) return hide_empty ? PathState::none : excluded ? PathState::excluded : PathState::untracked;
    if (excluded) return PathState::excluded;
    // With kShowIgnored an untracked directory may still hold ignored files to be listed.
    if ((flags() & kShowIgnored) && inside == PathState::untracked) return PathState::recurse;
    return inside;
  }
  std::size_t entries = scan->entries.size(), ignored = scan->ignored.size();
  PathState inside = walk(path, false, false);
  if (inside == PathState::recurse) inside = PathState::none;
  if (inside == PathState::untracked) {
    if (!(flags() & kKeepUntrackedContents)) scan->entries.resize(entries);
    return PathState::untracked;
  }
  if (inside == PathState::excluded) {
    if (flags() & kShowIgnoredTooModeMatching) return PathState::none;
    scan->ignored.resize(ignored);
    return PathState::excluded;
  }
  return hide_empty ? PathState::none : PathState::untracked;
}

DirScan::DirScan(Index& index) : state_(std::make_unique<State>(*this, index)) {}
DirScan::~DirScan() = default;
DirScan::DirScan(DirScan&& other) noexcept
    : flags(other.flags),
      per_directory(std::move(other.per_directory)),
      entries(std::move(other.entries)),
      ignored(std::move(other.ignored)),
      state_(std::move(other.state_)) {
  state_->scan = this;
}

std::string excludes_file(Repository& repo) {
  if (auto value = repo.config().get_path("core.excludesfile")) return *value;
  if (auto xdg = get_env("XDG_CONFIG_HOME"); xdg && !xdg->empty()) return *xdg + "/git/ignore";
  if (auto home = get_env("HOME")) return *home + "/.config/git/ignore";
  return "";
}

namespace {

bool add_file(std::vector<std::unique_ptr<PatternList>>& lists, const std::string& path) {
  std::optional<struct stat> st = stat_path(path);
  if (!st || S_ISDIR(st->st_mode)) return false;
  Result<std::string> text = read_file(path);
  if (!text) return false;
  auto list = std::make_unique<PatternList>();
  list->source = path;
  add_patterns_from_buffer(*list, *text, "");
  lists.push_back(std::move(list));
  return true;
}

}  // namespace

void DirScan::setup_standard_excludes() {
  per_directory = ".gitignore";
  Repository& repo = state_->index.repo();
  if (std::string path = excludes_file(repo); !path.empty()) add_file(state_->excludes.files, path);
  add_file(state_->excludes.files, repo.git_path("info/exclude"));
}

PatternList& DirScan::add_pattern_list(std::string source) {
  state_->excludes.command_line.push_back(std::make_unique<PatternList>());
  state_->excludes.command_line.back()->source = std::move(source);
  return *state_->excludes.command_line.back();
}

void DirScan::add_patterns_from_file(const std::string& file) {
  if (!add_file(state_->excludes.files, file)) die("cannot use %s as exclude file", file);
}

bool DirScan::is_excluded(std::string_view path, bool is_dir) {
  const IgnorePattern* pattern = last_matching(path, is_dir);
  return pattern && !(pattern->flags & kPatternNegative);
}

const IgnorePattern* DirScan::last_matching(std::string_view path, bool is_dir) {
  state_->excludes.per_directory = per_directory;
  return state_->excludes.last_matching(path, is_dir ? DT_DIR : DT_REG);
}

void DirScan::fill(const Pathspec* spec) {
  State& s = *state_;
  s.spec = spec;
  s.excludes.per_directory = per_directory;
  entries.clear();
  ignored.clear();
  std::string base = spec ? common_prefix(*spec) : std::string();
  // The walk starts at the deepest directory all items share, unless something above it stops us.
  bool start = true;
  for (std::size_t slash = base.find('/'); slash != std::string::npos && start; slash = base.find('/', slash + 1)) {
    std::string directory = base.substr(0, slash);
    struct stat st {};
    if (lstat(directory.c_str(), &st) < 0 || !S_ISDIR(st.st_mode)) {
      start = false;
      break;
    }
    if (directory == ".git" || ends_with(directory, "/.git")) {
      start = false;
      break;
    }
    PathState state = s.treat(directory, DT_DIR, false);
    if (state == PathState::recurse) continue;
    start = false;
    s.note(directory + "/", state);
  }
  if (start) s.walk(base, false, false);
  auto order = [](const DirEntry& a, const DirEntry& b) { return a.path < b.path; };
  auto same = [](const DirEntry& a, const DirEntry& b) { return a.path == b.path; };
  for (std::vector<DirEntry>* list : {&entries, &ignored}) {
    std::sort(list->begin(), list->end(), order);
    list->erase(std::unique(list->begin(), list->end(), same), list->end());
  }
  s.spec = nullptr;
}

bool is_nonbare_repository_dir(const std::string& path) {
  std::string dot_git = path_join(path, ".git");
  if (!path_exists(dot_git)) return false;
  if (resolve_git_dir(dot_git)) return true;
  return is_file(dot_git) && access(dot_git.c_str(), R_OK) < 0;  // it can't be told: better leave it alone
}

}  // namespace git
