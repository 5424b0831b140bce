// Discovery begins at the cwd and ends with a Repository and the prefix; the rules are those of gitrepository-layout(5)
// and of git(1)'s GIT_DIR, GIT_WORK_TREE, GIT_CEILING_DIRECTORIES and GIT_DISCOVERY_ACROSS_FILESYSTEM.
//
//   found              git_dir            worktree          cwd becomes
//   GIT_DIR set        as given           GIT_WORK_TREE,    top of the worktree, where we are
//                                         core.worktree,    below it
//                                         or the cwd
//   dir/.git           ".git"             dir               dir
//   dir/.git a file    where it points    dir               dir
//   dir is bare        "." or its path    none              stays
#include "setup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/trace.h"
#include "base/trace2.h"
#include "config.h"

namespace git {
namespace {

std::string physical_cwd() {
  char buffer[4096];
  if (!::getcwd(buffer, sizeof buffer)) die_errno("Unable to read current working directory");
  return buffer;
}
void change_dir(const std::string& dir) {
  if (::chdir(dir.c_str()) < 0) die_errno("cannot change to '%s'", dir);
}

// `path` below `dir`: its offset behind the slash; -1 where it is outside.
long offset_inside(const std::string& path, const std::string& dir) {
  if (path == dir) return static_cast<long>(path.size());
  std::string slashed = ends_with(dir, "/") ? dir : dir + "/";
  return starts_with(path, slashed) ? static_cast<long>(slashed.size()) : -1;
}

class Setup {
 public:
  explicit Setup(bool gently) : gently_(gently), cwd_(physical_cwd()) {}
  SetupResult run();
  // Only looks: the git directory, nullopt where there is none that may be used.
  std::optional<std::string> look();
  std::optional<std::string> seen_worktree() const {
    return get_env("GIT_DIR") || git_dir_ == "." || git_dir_ == dir_ ? std::nullopt : std::optional<std::string>(dir_);
  }

 private:
  enum class Found { nothing, mount_point, explicit_dir, discovered, bare };
  Found discover();
  std::size_t ceiling() const;
  bool looks_safe_bare(const std::string& dir) const;
  bool check_owner(const std::string& gitfile, const std::string& worktree, const std::string& git_dir) const;

  bool read_layout(const std::string& git_dir);
  void take_explicit(std::string git_dir);
  void take_discovered();
  void take_bare();
  void no_worktree(const std::string& git_dir);
  bool in_worktree(const std::string& worktree, const std::string& git_dir);
  void publish(const std::string& git_dir);
  SetupResult finish();

  bool gently_;
  bool only_looks_ = false;
  std::string cwd_;
  std::string dir_;      // where the search ended
  std::string git_dir_;  // what it found
  RepositoryLayout layout_;
  bool is_found_ = false;
  bool export_git_dir_ = false;
  std::optional<std::string> prefix_;
};

SetupResult Setup::run() {
  switch (discover()) {
    case Found::explicit_dir:
      take_explicit(*get_env("GIT_DIR"));
      break;
    case Found::discovered:
      take_discovered();
      break;
    case Found::bare:
      take_bare();
      break;
    case Found::nothing:
      if (!gently_) die("not a git repository (or any of the parent directories): %s", ".git");
      break;
    case Found::mount_point:
      if (!gently_)
        die("not a git repository (or any parent up to mount point %s)\n"
            "Stopping at filesystem boundary (GIT_DISCOVERY_ACROSS_FILESYSTEM not set).",
            dir_);
      break;
  }
  return finish();
}

std::optional<std::string> Setup::look() {
  only_looks_ = true;
  switch (discover()) {
    case Found::explicit_dir: {
      std::string git_dir = *get_env("GIT_DIR");
      if (auto target = read_gitfile(git_dir)) return *target;
      if (is_git_directory(git_dir)) return git_dir;
      return std::nullopt;
    }
    case Found::discovered:
      return git_dir_ == ".git" ? (dir_ == cwd_ ? git_dir_ : path_join(dir_, ".git")) : git_dir_;
    case Found::bare:
      return git_dir_;
    default:
      return std::nullopt;
  }
}

bool Setup::check_owner(const std::string& gitfile, const std::string& worktree, const std::string& git_dir) const {
  if (only_looks_) return !has_dubious_ownership(gitfile, worktree, git_dir);
  die_upon_dubious_ownership(gitfile, worktree, git_dir);
  return true;
}

// How much of the cwd must stay: the longest of the ceilings above it.
std::size_t Setup::ceiling() const {
  auto list = get_env("GIT_CEILING_DIRECTORIES");
  if (!list) return 0;
  std::size_t longest = 0;
  bool resolve_links = true;
  for (std::string_view item : split(*list, ':')) {
    if (item.empty()) {
      resolve_links = false;
      continue;
    }
    if (!is_absolute_path(item)) continue;
    std::string dir = resolve_links ? real_path_forgiving(std::string(item)) : std::string(item);
    if (auto clean = normalize_path(dir)) dir = *clean;
    while (dir.size() > 1 && ends_with(dir, "/")) dir.pop_back();
    if (dir == "/") dir.clear();
    if (cwd_.size() > dir.size() && starts_with(cwd_, dir + "/")) longest = std::max(longest, dir.size());
  }
  return longest;
}

bool Setup::looks_safe_bare(const std::string& dir) const {
  Config config{ConfigSources{}};
  auto allowed = config.get_string("safe.barerepository");
  if (!allowed || *allowed != "explicit") return true;
  // The inside of an ordinary repository is no bare repository that somebody planted.
  return ends_with(dir, "/.git") || dir.find("/.git/worktrees/") != std::string::npos ||
         dir.find("/.git/modules/") != std::string::npos;
}

Setup::Found Setup::discover() {
  if (get_env("GIT_DIR")) return Found::explicit_dir;
  std::size_t stop = ceiling();
  bool has_ceiling = get_env("GIT_CEILING_DIRECTORIES").has_value();
  bool one_device = !env_bool("GIT_DISCOVERY_ACROSS_FILESYSTEM", false);
  dir_ = cwd_;
  dev_t device = 0;
  if (auto st = stat_path(".")) device = st->st_dev;
  for (;;) {
    std::string dotgit = path_join(dir_, ".git");
    auto gitfile = read_gitfile(dotgit);
    if (gitfile) {
      if (!check_owner(dotgit, dir_, *gitfile)) return Found::nothing;
      git_dir_ = *gitfile;
      return Found::discovered;
    }
    if (is_git_directory(dotgit)) {
      if (!check_owner({}, dir_, dotgit)) return Found::nothing;
      git_dir_ = ".git";
      return Found::discovered;
    }
    if (gitfile.error().kind == ErrorKind::invalid) {
      if (!gently_) die("%s", gitfile.error().message);
      return Found::nothing;
    }
    if (is_git_directory(dir_)) {
      bool is_inside_dotgit = ends_with(dir_, "/.git") || dir_.find("/.git/worktrees/") != std::string::npos ||
                              dir_.find("/.git/modules/") != std::string::npos;
      if (!only_looks_ && !is_inside_dotgit) trace2::data("setup", "implicit-bare-repository", std::string_view(dir_));
      if (!looks_safe_bare(dir_)) {
        if (!gently_) die("cannot use bare repository '%s' (safe.bareRepository is '%s')", dir_, "explicit");
        return Found::nothing;
      }
      if (!check_owner({}, {}, dir_)) return Found::nothing;
      git_dir_ = dir_ == cwd_ ? "." : dir_;
      return Found::bare;
    }
    if (dir_ == "/") return Found::nothing;
    std::size_t slash = dir_.rfind('/');
    if (has_ceiling && stop && slash <= stop) return Found::nothing;
    std::string parent = slash ? dir_.substr(0, slash) : "/";
    if (one_device) {
      auto st = stat_path(parent);
      if (!st) die_errno("failed to stat '%s'", parent);
      if (st->st_dev != device) {
        dir_ = parent;
        return Found::mount_point;
      }
    }
    dir_ = std::move(parent);
  }
}

bool Setup::read_layout(const std::string& git_dir) {
  auto layout = read_repository_layout(git_dir, true);
  if (!layout) {
    if (!gently_) die("%s", layout.error().message);
    warning("%s", layout.error().message);
    return false;
  }
  layout_ = std::move(*layout);
  return true;
}

void Setup::no_worktree(const std::string& git_dir) {
  layout_.worktree.reset();
  layout_.is_bare = layout_.configured_bare.value_or(true);
  publish(git_dir);
}

void Setup::publish(const std::string& git_dir) {
  layout_.git_dir = git_dir;
  layout_.git_dir_abs = real_path_forgiving(git_dir);
  layout_.common_dir_shown = common_dir_of(git_dir, true);
  layout_.common_dir = real_path_forgiving(layout_.common_dir_shown);
  is_found_ = true;
}

void Setup::take_explicit(std::string git_dir) {
  if (auto target = read_gitfile(git_dir)) git_dir = *target;
  if (!is_git_directory(git_dir)) {
    if (!gently_) die("not a git repository: '%s'", git_dir);
    return;
  }
  if (!read_layout(git_dir)) return;
  export_git_dir_ = true;
  auto wanted = get_env("GIT_WORK_TREE");
  std::string worktree;
  if (wanted && !wanted->empty()) {
    worktree = real_path_forgiving(*wanted);
  } else if (layout_.configured_bare.value_or(false)) {
    if (layout_.configured_worktree) {
      warning("core.bare and core.worktree do not make sense");
      layout_.has_bogus_worktree_config = true;
    }
    no_worktree(git_dir);
    return;
  } else if (layout_.configured_worktree) {
    const std::string& configured = *layout_.configured_worktree;
    worktree = real_path_forgiving(is_absolute_path(configured) ? configured : path_join(git_dir, configured));
  } else if (!env_bool("GIT_IMPLICIT_WORK_TREE", true)) {
    no_worktree(git_dir);
    return;
  } else {
    worktree = cwd_;
  }
  layout_.worktree = worktree;
  layout_.is_bare = false;
  long offset = offset_inside(cwd_, worktree);
  if (cwd_ == worktree || offset < 0) {
    publish(git_dir);
    return;
  }
  publish(real_path_forgiving(git_dir));
  change_dir(worktree);
  prefix_ = cwd_.substr(static_cast<std::size_t>(offset)) + "/";
}

void Setup::take_discovered() {
  std::string found = git_dir_ == ".git" ? path_join(dir_, ".git") : git_dir_;
  if (!read_layout(found)) return;
  if (get_env("GIT_WORK_TREE") || layout_.configured_worktree) {
    take_explicit(git_dir_ == ".git" && dir_ == cwd_ ? std::string(".git") : found);
    return;
  }
  if (layout_.configured_bare.value_or(false)) {
    no_worktree(dir_ == cwd_ ? git_dir_ : found);
    export_git_dir_ = true;
    return;
  }
  change_dir(dir_);
  layout_.worktree = dir_;
  layout_.is_bare = false;
  publish(git_dir_);
  export_git_dir_ = git_dir_ != ".git";
  if (dir_ == cwd_) return;
  prefix_ = cwd_.substr(dir_ == "/" ? 1 : dir_.size() + 1) + "/";
}

void Setup::take_bare() {
  if (!read_layout(git_dir_)) return;
  if (get_env("GIT_WORK_TREE") || layout_.configured_worktree) {
    take_explicit(git_dir_);
    return;
  }
  no_worktree(git_dir_);
  export_git_dir_ = true;
}

void trace_found(const RepositoryLayout& layout, const std::optional<std::string>& prefix) {
  constexpr const char* kKey = "GIT_TRACE_SETUP";
  if (!trace_want(kKey)) return;
  trace_print(kKey, "setup: git_dir: " + layout.git_dir);
  trace_print(kKey, "setup: git_common_dir: " + layout.common_dir_shown);
  trace_print(kKey, "setup: worktree: " + layout.worktree.value_or("(null)"));
  trace_print(kKey, "setup: cwd: " + physical_cwd());
  trace_print(kKey, "setup: prefix: " + prefix.value_or("(null)"));
}

SetupResult Setup::finish() {
  SetupResult result;
  result.original_cwd = cwd_;
  if (!is_found_) {
    set_env("GIT_PREFIX", "");
    return result;
  }
  set_env("GIT_PREFIX", prefix_.value_or(""));
  if (export_git_dir_) set_env("GIT_DIR", layout_.git_dir);
  trace_found(layout_, prefix_);
  result.prefix = prefix_;
  result.repo = std::make_unique<Repository>(std::move(layout_));
  return result;
}

}  // namespace

SetupResult setup_git_directory(bool gently) { return Setup(gently).run(); }

std::unique_ptr<Config> read_early_config() {
  Setup setup(true);
  auto git_dir = setup.look();
  if (git_dir) {
    auto layout = read_repository_layout(*git_dir, true);
    if (layout) {
      layout->worktree = setup.seen_worktree();
      Repository repo(std::move(*layout));
      auto config = std::make_unique<Config>(repo.config());
      config->entries();
      return config;
    }
  }
  return std::make_unique<Config>(ConfigSources{});
}

void setup_work_tree(Repository& repo) {
  if (repo.layout().has_bogus_worktree_config) die("unable to set up work tree using invalid config");
  if (!repo.worktree() || ::chdir(repo.worktree()->c_str()) < 0) die("this operation must be run in a work tree");
  if (get_env("GIT_WORK_TREE")) set_env("GIT_WORK_TREE", ".");
  if (is_absolute_path(repo.git_dir())) return;
  std::string shown = relative_path(repo.git_dir_abs(), *repo.worktree());
  if (starts_with(shown, "..")) shown = repo.git_dir_abs();
  if (shown == repo.git_dir()) return;
  repo.set_git_dir(shown);
  if (get_env("GIT_DIR")) set_env("GIT_DIR", shown);
}

bool is_inside_git_dir(const Repository& repo) { return offset_inside(physical_cwd(), real_path_forgiving(repo.git_dir())) >= 0; }
bool is_inside_work_tree(const Repository& repo) {
  return repo.worktree() && offset_inside(physical_cwd(), real_path_forgiving(*repo.worktree())) >= 0;
}

std::unique_ptr<Repository> enter_repo(const std::string& path, bool strict) {
  std::string found = path;
  if (!strict) {
    while (found.size() > 1 && ends_with(found, "/")) found.pop_back();
    auto expanded = expand_user_path(found);
    if (!expanded) return nullptr;
    std::string base = *expanded;
    found.clear();
    for (const char* suffix : {"/.git", "", ".git/.git", ".git"}) {
      std::string candidate = base + suffix;
      auto st = stat_path(candidate);
      if (st && (S_ISREG(st->st_mode) || (S_ISDIR(st->st_mode) && is_git_directory(candidate)))) {
        found = candidate;
        break;
      }
    }
    if (found.empty()) return nullptr;
    std::string gitfile;
    if (is_file(found)) {
      auto target = read_gitfile(found);
      if (!target) return nullptr;
      gitfile = found;
      found = *target;
    }
    die_upon_dubious_ownership(gitfile, {}, found);
  } else if (is_git_directory(path)) {
    die_upon_dubious_ownership({}, {}, path);
  }
  if (::chdir(found.c_str()) < 0 || !is_git_directory(".")) return nullptr;
  set_env("GIT_DIR", ".");
  auto layout = read_repository_layout(".", true);
  if (!layout) die("%s", layout.error().message);
  layout->is_bare = layout->configured_bare.value_or(true);
  return std::make_unique<Repository>(std::move(*layout));
}

}  // namespace git
