// git mv: files, links and directories to another name, in the worktree and in the index.
#include <unistd.h>

#include <algorithm>
#include <set>

#include "advise-sparse.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/cache-tree.h"
#include "index/dir.h"
#include "index/entry.h"
#include "index/gitmodules-file.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "index/submodule-config.h"
#include "index/submodule-gitdir.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("mv", cmd_mv, kSetup | kNeedWorkTree)

namespace git {
namespace {

enum class Kind : std::uint8_t { file, directory, inside };
struct Move {
  std::string from, to;
  Kind kind = Kind::file;  // inside: below a directory that is moved as a whole
  bool is_submodule = false;
  bool sparse = false;       // the file is not in the worktree
  bool into_sparse = false;  // nor will it be
};

class Mv {
 public:
  explicit Mv(Invocation& inv) : inv_(inv), repo_(inv.repo()), index_(inv.repo()) {}
  int run();

 private:
  const char* check(Move& m, std::set<std::string>& targets, std::vector<Move>& more);
  void apply(const Move& m);
  Invocation& inv_;
  Repository& repo_;
  SubmoduleConfig submodules_{repo_};
  Index index_;
  bool verbose_ = false, show_only_ = false, force_ = false, ignore_errors_ = false, sparse_ = false;
  std::vector<std::string> only_sparse_;
  bool gitmodules_changed_ = false;
};

const char* Mv::check(Move& m, std::set<std::string>& targets, std::vector<Move>& more) {
  struct stat st {};
  bool missing = lstat(m.from.c_str(), &st) < 0;
  std::string below = m.from + "/";
  if (missing) {
    IndexEntry* e = index_.find(m.from);
    if (!e) {
      // Perhaps a directory of which nothing is checked out.
      if (index_.has_directory(m.from)) {
        bool all_sparse = true;
        for (const auto& x : index_.entries())
          if (starts_with(x->path, below) && !x->skip_worktree) all_sparse = false;
        if (!all_sparse) return "bad source";
        if (!sparse_) {
          for (const auto& x : index_.entries())
            if (starts_with(x->path, below)) only_sparse_.push_back(x->path);
          return "";
        }
        m.kind = Kind::directory;
        m.sparse = true;
        for (const auto& x : index_.entries()) {
          if (!starts_with(x->path, below)) continue;
          Move child;
          child.from = x->path, child.to = m.to + "/" + x->path.substr(below.size());
          child.sparse = true;
          more.push_back(std::move(child));
        }
        return nullptr;
      }
      return "bad source";
    }
    if (!e->skip_worktree) return "bad source";
    if (!sparse_) {
      only_sparse_.push_back(m.from);
      if (!path_in_sparse_checkout(index_, m.to)) only_sparse_.push_back(m.to);
      return "";
    }
    m.sparse = true;
    if (index_.find(m.to) && !force_) return "destination exists";
  }
  if (starts_with(m.to + "/", below) && (missing || S_ISDIR(st.st_mode))) return "can not move directory into itself";
  bool dst_exists = path_exists(m.to);
  if (!missing && S_ISDIR(st.st_mode) && dst_exists && is_directory(m.to)) return "destination already exists";
  if (!missing && S_ISDIR(st.st_mode)) {
    if (IndexEntry* e = index_.find(m.from); e && is_gitlink_mode(e->mode)) {
      if (!is_staging_gitmodules_ok(index_)) die("Please stage your changes to .gitmodules or stash them to proceed");
      m.is_submodule = true;
      return dst_exists ? "destination already exists" : nullptr;
    }
    m.kind = Kind::directory;
    if (dst_exists) return "cannot move directory over file";
    std::size_t count = 0;
    for (const auto& e : index_.entries()) {
      if (!starts_with(e->path, below) || (count && more.back().from == e->path)) continue;
      Move child;
      child.from = e->path;
      child.to = m.to + "/" + e->path.substr(below.size());
      child.kind = Kind::inside;
      child.sparse = e->skip_worktree;
      more.push_back(std::move(child));
      ++count;
    }
    if (!count) return "source directory is empty";
    bool outside = false;
    for (const Move& child : more) {
      if (sparse_) break;
      if (child.sparse || !path_in_sparse_checkout(index_, child.from)) only_sparse_.push_back(child.from), outside = true;
      if (!path_in_sparse_checkout(index_, child.to)) only_sparse_.push_back(child.to), outside = true;
    }
    return outside ? "" : nullptr;
  }
  if (!index_.find(m.from)) return index_.is_path_unmerged(m.from) ? "conflicted" : "not under version control";
  if (dst_exists && m.kind == Kind::file) {
    if (!force_) return "destination exists";
    struct stat there {};
    lstat(m.to.c_str(), &there);
    if (!S_ISREG(there.st_mode) && !S_ISLNK(there.st_mode)) return "Cannot overwrite";
    if (verbose_) warning("overwriting '%s'", m.to);
  }
  if (path_in_sparse_checkout(index_, m.to))
    for (std::size_t at = m.to.find('/'); at != std::string::npos; at = m.to.find('/', at + 1)) {
      struct stat above {};
      if (lstat(m.to.substr(0, at).c_str(), &above) < 0) return "destination directory does not exist";
      if (S_ISLNK(above.st_mode)) return "destination is beyond a symbolic link";
      if (!S_ISDIR(above.st_mode)) return "destination is not a directory";
    }
  if (targets.count(m.to)) return "multiple sources for the same target";
  if (!m.to.empty() && m.to.back() == '/') return "destination directory does not exist";
  if (!sparse_ && !path_in_sparse_checkout(index_, m.from)) {
    only_sparse_.push_back(m.from);
    if (!path_in_sparse_checkout(index_, m.to)) only_sparse_.push_back(m.to);
    return "";
  }
  if (!path_in_sparse_checkout(index_, m.to)) {
    if (!sparse_) {
      only_sparse_.push_back(m.to);
      return "";
    }
    m.into_sparse = is_sparse_checkout_cone(repo_);
    if (m.into_sparse && index_.find(m.to) && !force_) return "destination exists in the index";
  }
  targets.insert(m.to);
  return nullptr;
}

void Mv::apply(const Move& m) {
  if (show_only_ || verbose_) outf("Renaming %s to %s\n", m.from, m.to);
  if (show_only_) return;
  if (m.kind != Kind::inside && !m.sparse && !m.into_sparse) {
    if (rename(m.from.c_str(), m.to.c_str()) < 0) {
      if (ignore_errors_) return;
      die_errno("renaming '%s' failed", m.from);
    }
    if (m.is_submodule) {
      // Gitfile and core.worktree name each other by relative paths.
      if (is_file(path_join(m.to, ".git")))
        if (const Submodule* submodule = submodules_.find(m.from))
          reconnect_submodule(submodule_git_dir_of_name(repo_, submodule->name), m.to);
      gitmodules_changed_ |= update_path_in_gitmodules(index_, m.from, m.to);
    }
  }
  if (m.kind == Kind::directory) return;
  IndexEntry* e = index_.find(m.from);
  if (!e) return;
  IndexEntry copy = *e;
  copy.path = m.to;
  index_.remove_path(m.from);
  if (m.sparse && !m.into_sparse && path_in_sparse_checkout(index_, m.to)) copy.skip_worktree = false;
  if (m.into_sparse) {
    copy.skip_worktree = true;
    unlink(m.from.c_str());
  }
  IndexEntry* added = index_.add(std::move(copy));
  if (added && m.sparse && !m.into_sparse && !added->skip_worktree) {
    // It comes into the worktree now.
    Converter converter(repo_, &index_);
    CheckoutState state(index_);
    state.converter = &converter;
    state.force = state.refresh_cache = true;
    if (checkout_entry(*added, state)) die("cannot checkout %s", added->path);
    return;
  }
  if (added && !added->skip_worktree) {
    struct stat st {};
    if (lstat(m.to.c_str(), &st) == 0 && !is_gitlink_mode(added->mode)) {
      // Moving a file changes its ctime, not its content.
      std::uint32_t size = added->stat.size, mtime = added->stat.mtime_sec;
      StatData now = stat_data_of(st);
      if (now.size == size && now.mtime_sec == mtime) added->stat = now;
    }
  }
}

int Mv::run() {
  Options o(
      {"git mv [-v] [-f] [-n] [-k] <source> <destination>", "git mv [-v] [-f] [-n] [-k] <source>... <destination-directory>"});
  o.boolean('v', "verbose", &verbose_, N_("be verbose"));
  o.boolean('n', "dry-run", &show_only_, N_("dry run"));
  o.boolean('f', "force", &force_, N_("force move/rename even if target exists"));
  o.boolean('k', "", &ignore_errors_, N_("skip move/rename errors"));
  o.boolean(0, "sparse", &sparse_, N_("allow updating entries outside of the sparse-checkout cone"));
  std::vector<std::string> args = o.parse(inv_.args, inv_.prefix_or_empty());
  if (args.size() < 2) o.usage_with_options();
  LockFile lock = LockFile::hold_or_die(repo_.index_file());
  index_ = Index::read(repo_);
  ensure_full_index(index_);
  auto clean = [&](std::string path, bool keep_slash) {
    std::string full = prefix_path(repo_, inv_.prefix_or_empty(), path.empty() ? "." : path);
    if (!keep_slash)
      while (!full.empty() && full.back() == '/') full.pop_back();
    return full;
  };
  std::vector<Move> moves;
  std::string target_arg = args.back();
  args.pop_back();
  bool slash = !target_arg.empty() && target_arg.back() == '/';
  std::string target = clean(target_arg, true);
  std::string target_bare = target;
  while (!target_bare.empty() && target_bare.back() == '/') target_bare.pop_back();
  std::optional<struct stat> st = target_bare.empty() ? stat_path(".") : lstat_path(target_bare);
  bool target_is_dir = (st && S_ISDIR(st->st_mode)) || (!st && index_.has_directory(target_bare));
  if (target_bare.empty()) target_is_dir = true;
  for (const std::string& arg : args) {
    Move m;
    m.from = clean(arg, false);
    if (target_is_dir)
      m.to = path_join(target_bare, std::string(path_basename(m.from)));
    else
      m.to = slash ? target_bare + "/" : target_bare;
    moves.push_back(std::move(m));
  }
  if (!target_is_dir) {
    if (args.size() != 1) die("destination '%s' is not a directory", target_bare);
    // "git mv dir newdir/" names the directory itself
    if (slash && is_directory(moves[0].from)) moves[0].to = target_bare;
  }
  std::set<std::string> targets;
  std::vector<Move> accepted;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    Move m = moves[i];
    std::vector<Move> more;
    if (show_only_) outf("Checking rename of '%s' to '%s'\n", m.from, m.to);
    const char* bad = check(m, targets, more);
    if (bad) {
      if (!*bad || ignore_errors_) continue;
      die("%s, source=%s, destination=%s", bad, m.from, m.to);
    }
    accepted.push_back(m);
    if (m.kind == Kind::directory)
      for (Move& child : more) {
        if (show_only_) outf("Checking rename of '%s' to '%s'\n", child.from, child.to);
        accepted.push_back(std::move(child));
      }
  }
  if (!only_sparse_.empty()) {
    advise_on_updating_sparse_paths(repo_, only_sparse_);
    if (!ignore_errors_) return 1;
  }
  for (const Move& m : accepted) apply(m);
  if (gitmodules_changed_) stage_gitmodules(index_);
  if (show_only_) return 0;
  if (!index_.write_locked(lock, Index::kSkipIfUnchanged)) die("Unable to write new index file");
  return 0;
}

}  // namespace

int cmd_mv(Invocation& inv) { return Mv(inv).run(); }

}  // namespace git
