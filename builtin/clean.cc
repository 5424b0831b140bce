// git clean: untracked files out of the worktree.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "clean-menu.h"
#include "config.h"
#include "index.h"
#include "index/dir.h"
#include "index/pathspec.h"
#include "repository.h"

GIT_BUILTIN("clean", cmd_clean, kSetup | kNeedWorkTree)

namespace git {
namespace {

class Clean {
 public:
  explicit Clean(Invocation& inv) : inv_(inv), repo_(inv.repo()), index_(inv.repo()), scan_(index_) {}
  int run();

 private:
  void parse();
  void drop_nested();
  std::string shown(std::string_view path) {
    return quote_path(path, inv_.prefix_or_empty(), repo_.config().get_bool_or("core.quotepath", true));
  }
  bool remove_dirs(const std::string& path, bool& gone);
  Invocation& inv_;
  Repository& repo_;
  Index index_;
  DirScan scan_;
  std::vector<std::string> args_, excludes_;
  Pathspec spec_;
  bool dry_run_ = false, quiet_ = false, interactive_ = false, directories_ = false, ignored_ = false, ignored_only_ = false,
       require_force_ = true;
  int force_ = 0;
};

void Clean::parse() {
  Options o({"git clean [-d] [-f] [-i] [-n] [-q] [-e <pattern>] [-x | -X] [--] [<pathspec>...]"});
  o.boolean('q', "quiet", &quiet_, N_("do not print names of files removed"));
  o.boolean('n', "dry-run", &dry_run_, N_("dry run"));
  o.count_up('f', "force", &force_, N_("force"));
  o.boolean('i', "interactive", &interactive_, N_("interactive cleaning"));
  o.boolean('d', "", &directories_, N_("remove whole directories"));
  o.strings('e', "exclude", &excludes_, N_("pattern"), N_("add <pattern> to ignore rules"));
  o.boolean('x', "", &ignored_, N_("remove ignored files, too"));
  o.boolean('X', "", &ignored_only_, N_("remove only ignored files"));
  args_ = o.parse(inv_.args, inv_.prefix_or_empty());
  require_force_ = repo_.config().get_bool_or("clean.requireforce", true);
  if (require_force_ && !force_ && !interactive_ && !dry_run_)
    die("clean.requireForce is true and -f not given: refusing to clean");
  if (ignored_ && ignored_only_) die("options '%s' and '%s' cannot be used together", "-x", "-X");
}

// An untracked directory that holds ignored files stays, its other contents go one by one; what stands inside a
// directory that goes as a whole needs no entry of its own.
void Clean::drop_nested() {
  std::vector<DirEntry> kept;
  for (DirEntry& e : scan_.entries) {
    auto contains = [](const std::string& dir, const std::string& path) {
      return !dir.empty() && dir.back() == '/' && path.size() > dir.size() && starts_with(path, dir);
    };
    if (!kept.empty() && contains(kept.back().path, e.path)) continue;
    bool holds_ignored = false;
    for (const DirEntry& i : scan_.ignored) holds_ignored |= contains(e.path, i.path);
    if (!holds_ignored) kept.push_back(std::move(e));
  }
  scan_.entries = std::move(kept);
}

// True where everything went (or would).
bool Clean::remove_dirs(const std::string& path, bool& gone) {
  gone = true;
  if (force_ <= 1 && is_nonbare_repository_dir(path)) {
    if (!quiet_) outf(dry_run_ ? "Would skip repository %s\n" : "Skipping repository %s\n", shown(path));
    gone = false;
    return true;
  }
  DIR* dir = opendir(path.c_str());
  if (!dir) {
    if (!dry_run_ && rmdir(path.c_str()) == 0) return true;
    if (dry_run_) return true;
    int code = errno;
    warning("failed to remove %s: %s", shown(path), strerror(code));
    gone = false;
    return false;
  }
  std::vector<std::string> names;
  while (struct dirent* e = readdir(dir))
    if (std::string_view name = e->d_name; name != "." && name != "..") names.emplace_back(name);
  closedir(dir);
  std::sort(names.begin(), names.end());
  bool ok = true;
  std::vector<std::string> done;
  for (const std::string& name : names) {
    std::string child = path_join(path, name);
    struct stat st {};
    if (lstat(child.c_str(), &st) < 0) {
      warning_errno("could not lstat %s\n", child);
      gone = ok = false;
      continue;
    }
    if (S_ISDIR(st.st_mode)) {
      bool child_gone = true;
      if (!remove_dirs(child, child_gone)) ok = false;
      if (child_gone)
        done.push_back(child + "/");
      else
        gone = false;
      continue;
    }
    if (dry_run_ || unlink(child.c_str()) == 0 || errno == ENOENT) {
      done.push_back(child);
    } else {
      warning("failed to remove %s: %s", shown(child), strerror(errno));
      gone = ok = false;
    }
  }
  if (gone) {
    if (is_original_cwd(path)) {
      outf(dry_run_ ? "Would refuse to remove current working directory\n" : "Refusing to remove current working directory\n");
      gone = false;
    } else if (!dry_run_ && rmdir(path.c_str()) < 0 && errno != ENOENT) {
      warning("failed to remove %s: %s", shown(path), strerror(errno));
      gone = ok = false;
    }
  }
  if (!gone && !quiet_)
    for (const std::string& name : done) outf(dry_run_ ? "Would remove %s\n" : "Removing %s\n", shown(name));
  return ok;
}

int Clean::run() {
  parse();
  index_ = Index::read(repo_);
  spec_ = parse_pathspec(repo_, args_, inv_.prefix_or_empty(), kPreferCwd);
  scan_.flags = kShowOtherDirectories;
  if (!args_.empty()) directories_ = true;
  if (directories_ && !ignored_only_) scan_.flags |= kShowIgnoredToo | kKeepUntrackedContents;
  if (force_ <= 1) scan_.flags |= kSkipNested;
  if (ignored_) scan_.flags &= ~unsigned{kShowIgnoredToo | kKeepUntrackedContents};
  if (ignored_only_) scan_.flags |= kShowIgnored;
  if (!ignored_) scan_.setup_standard_excludes();
  PatternList& extra = scan_.add_pattern_list("--exclude option");
  for (std::size_t i = 0; i < excludes_.size(); ++i) add_pattern(extra, excludes_[i], "", -static_cast<int>(i) - 1);
  scan_.fill(&spec_);
  drop_nested();
  std::vector<std::string> victims;
  for (const DirEntry& e : scan_.entries) {
    int how = 0;
    std::string bare = e.path.back() == '/' ? e.path.substr(0, e.path.size() - 1) : e.path;
    if (index_.find_position(bare) >= 0) continue;
    if (!spec_.empty()) {
      MatchPathspecOptions options;
      options.is_directory = e.path.back() == '/';
      how = match_pathspec(&index_, spec_, e.path, options);
      if (!how) continue;
    }
    struct stat st {};
    if (lstat(bare.c_str(), &st) < 0) die_errno("Cannot lstat '%s'", e.path);
    if (S_ISDIR(st.st_mode) && !directories_ && how != kMatchedExactly) continue;
    victims.push_back(e.path);
  }
  if (interactive_ && !victims.empty()) clean_interactively(repo_, scan_, inv_.prefix_or_empty(), victims);
  bool failed = false;
  for (const std::string& path : victims) {
    struct stat st {};
    std::string bare = path.back() == '/' ? path.substr(0, path.size() - 1) : path;
    if (lstat(bare.c_str(), &st) < 0) continue;
    if (S_ISDIR(st.st_mode)) {
      bool gone = true;
      if (!remove_dirs(bare, gone)) failed = true;
      if (gone && !quiet_) outf(dry_run_ ? "Would remove %s\n" : "Removing %s\n", shown(path));
      continue;
    }
    if (!dry_run_ && unlink(bare.c_str()) < 0 && errno != ENOENT) {
      warning("failed to remove %s: %s", shown(path), strerror(errno));
      failed = true;
    } else if (!quiet_) {
      outf(dry_run_ ? "Would remove %s\n" : "Removing %s\n", shown(path));
    }
  }
  return failed;
}

}  // namespace

int cmd_clean(Invocation& inv) { return Clean(inv).run(); }

}  // namespace git
