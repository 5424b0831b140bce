// git rm: paths out of the index, and out of the worktree unless that would lose something.
#include <unistd.h>

#include "advice.h"
#include "advise-sparse.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/add-to-index.h"
#include "index/dir.h"
#include "index/gitmodules-file.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("rm", cmd_rm, kSetup)

namespace git {
namespace {

struct Victim {
  std::string path;
  bool is_submodule = false;
};

class Rm {
 public:
  explicit Rm(Invocation& inv) : inv_(inv), repo_(inv.repo()), index_(inv.repo()) {}
  int run();

 private:
  void parse();
  void collect();
  int check_local_modifications();
  void complain(const std::vector<std::string>& files, const char* one, const char* many, const char* hint, int& errors);
  bool is_submodule_dirty(const std::string& path);
  void remove_from_worktree();

  Invocation& inv_;
  Repository& repo_;
  Index index_;
  std::vector<std::string> args_;
  Pathspec spec_;
  std::vector<Victim> list_;
  bool show_only_ = false, force_ = false, cached_ = false, recursive_ = false, quiet_ = false, ignore_unmatch_ = false,
       sparse_ = false, nul_ = false;
  std::optional<std::string> pathspec_file_;
};

void Rm::parse() {
  Options o(
      {"git rm [-f | --force] [-n] [-r] [--cached] [--ignore-unmatch]\n"
       "       [--quiet] [--pathspec-from-file=<file> [--pathspec-file-nul]]\n"
       "       [--] [<pathspec>...]"});
  o.boolean('n', "dry-run", &show_only_, N_("dry run"));
  o.boolean('q', "quiet", &quiet_, N_("do not list removed files"));
  o.boolean(0, "cached", &cached_, N_("only remove from the index"));
  o.boolean('f', "force", &force_, N_("override the up-to-date check"));
  o.boolean('r', "", &recursive_, N_("allow recursive removal"));
  o.boolean(0, "ignore-unmatch", &ignore_unmatch_, N_("exit with a zero status even if nothing matched"));
  o.boolean(0, "sparse", &sparse_, N_("allow updating entries outside of the sparse-checkout cone"));
  o.filename(0, "pathspec-from-file", &pathspec_file_, N_("read pathspec from file"));
  o.boolean(0, "pathspec-file-nul", &nul_, N_("with --pathspec-from-file, pathspec elements are separated with NUL character"));
  args_ = o.parse(inv_.args, inv_.prefix_or_empty());
  if (pathspec_file_) {
    if (!args_.empty()) die("'%s' and pathspec arguments cannot be used together", "--pathspec-from-file");
    spec_ = parse_pathspec_file(repo_, *pathspec_file_, nul_, inv_.prefix_or_empty(), kPreferCwd);
  } else {
    if (nul_) die("the option '%s' requires '%s'", "--pathspec-file-nul", "--pathspec-from-file");
    spec_ = parse_pathspec(repo_, args_, inv_.prefix_or_empty(), kPreferCwd);
  }
  if (args_.empty() && spec_.empty()) die("No pathspec was given. Which files should I remove?");
  if (args_.empty() && !pathspec_file_) die("No pathspec was given. Which files should I remove?");
}

void Rm::collect() {
  std::vector<std::uint8_t> seen(spec_.size());
  for (std::size_t i = 0; i < index_.size(); ++i) {
    IndexEntry& e = index_[i];
    if (!sparse_ && (e.skip_worktree || !path_in_sparse_checkout(index_, e.path))) continue;
    if (!index_entry_path_match(index_, spec_, e.path, e.mode, &seen)) continue;
    if (list_.empty() || list_.back().path != e.path || e.stage == 0) list_.push_back({e.path, is_gitlink_mode(e.mode)});
  }
  std::vector<std::string> only_sparse;
  bool seen_any = false;
  for (std::size_t i = 0; i < spec_.size(); ++i) {
    const PathspecItem& item = spec_.items[i];
    if (item.magic & kMagicExclude) continue;
    if (seen[i]) {
      seen_any = true;
      if (!recursive_ && seen[i] == kMatchedRecursively)
        die("not removing '%s' recursively without -r", item.original.empty() ? "." : item.original);
      continue;
    }
    if (ignore_unmatch_) continue;
    Pathspec one;
    one.items = {item};
    one.magic = item.magic;
    bool outside = false;
    if (!sparse_)
      for (const auto& e : index_.entries()) outside |= index_entry_path_match(index_, one, e->path, e->mode);
    if (!outside) die("pathspec '%s' did not match any files", item.original);
    only_sparse.push_back(item.original);
  }
  if (!only_sparse.empty()) {
    advise_on_updating_sparse_paths(repo_, only_sparse);
    if (!seen_any) exit_with(1);
  }
  if (!seen_any) exit_with(0);
}

bool Rm::is_submodule_dirty(const std::string& path) {
  if (!path_exists(path_join(path, ".git"))) return false;
  ChildProcess status;
  status.git_command = true;
  status.dir = path;
  for (const std::string& name : local_repo_env_vars()) status.env.push_back(name);
  status.args = {"status", "--porcelain", "-u", "--ignore-submodules=none"};
  CommandOutput result = pipe_command(status, "");
  return result.code != 0 || result.out.size() > 2;
}

void Rm::complain(const std::vector<std::string>& files, const char* one, const char* many, const char* hint, int& errors) {
  if (files.empty()) return;
  std::string text = files.size() == 1 ? one : many;
  for (const std::string& file : files) text += "\n    " + file;
  if (advice_enabled(repo_.config(), "rmHints")) text += hint;
  error("%s", text);
  errors = 1;
}

int Rm::check_local_modifications() {
  Index head(repo_);
  std::optional<ObjectId> commit = repo_.refs().read_oid("HEAD");
  if (commit) head.read_tree(*commit).or_die();
  std::vector<std::string> staged_files, cached_files, local_files;
  for (const Victim& v : list_) {
    IndexEntry* e = index_.find(v.path);
    if (!e) {
      if (!v.is_submodule) continue;
      e = index_.find(v.path, 2);
      if (!e) continue;
    }
    struct stat st {};
    if (has_symlink_leading_path(v.path) || lstat(v.path.c_str(), &st) < 0) {
      if (errno != ENOENT && errno != ENOTDIR && errno != 0) warning_errno("failed to stat '%s'", v.path);
      continue;
    }
    if (S_ISDIR(st.st_mode) && !is_gitlink_mode(e->mode)) continue;
    bool local = index_.modified(*e, st, 0) != 0;
    if (v.is_submodule && is_submodule_dirty(v.path)) local = true;
    IndexEntry* old = head.find(v.path);
    bool staged = !old || old->mode != e->mode || old->oid != e->oid;
    if (local && staged) {
      if (!cached_ || !e->intent_to_add) staged_files.push_back(v.path);
    } else if (!cached_) {
      if (staged) cached_files.push_back(v.path);
      if (local) local_files.push_back(v.path);
    }
  }
  int errors = 0;
  complain(staged_files, "the following file has staged content different from both the\nfile and the HEAD:",
           "the following files have staged content different from both the\nfile and the HEAD:", "\n(use -f to force removal)",
           errors);
  complain(cached_files, "the following file has changes staged in the index:",
           "the following files have changes staged in the index:", "\n(use --cached to keep the file, or -f to force removal)",
           errors);
  complain(local_files, "the following file has local modifications:", "the following files have local modifications:",
           "\n(use --cached to keep the file, or -f to force removal)", errors);
  return errors;
}

void Rm::remove_from_worktree() {
  bool removed = false, gitmodules_changed = false;
  for (const Victim& v : list_) {
    if (v.is_submodule) {
      if (remove_dir_recursive(v.path, 0) < 0) die("could not remove '%s'", v.path);
      removed = true;
      gitmodules_changed |= remove_path_from_gitmodules(index_, v.path);
      continue;
    }
    if (has_symlink_leading_path(v.path)) continue;
    if (remove_path_and_empty_parents(v.path) == 0) {
      removed = true;
      continue;
    }
    if (errno == EISDIR || errno == EPERM) continue;
    if (!removed) die_errno("git rm: '%s'", v.path);
  }
  if (gitmodules_changed) stage_gitmodules(index_);
}

int Rm::run() {
  parse();
  if (!cached_) setup_work_tree(repo_);
  LockFile lock = LockFile::hold_or_die(repo_.index_file());
  index_ = Index::read(repo_);
  if (repo_.worktree()) index_.refresh(Index::kRefreshQuiet | Index::kRefreshUnmerged);
  ensure_full_index(index_);
  collect();
  if (!cached_) {
    for (const Victim& v : list_) {
      if (!v.is_submodule) continue;
      if (is_directory(path_join(v.path, ".git")) && !show_only_) {
        ChildProcess absorb;
        absorb.git_command = true;
        absorb.args = {"submodule", "absorbgitdirs", "--", v.path};
        absorb.run();
      }
    }
  }
  if (!force_ && check_local_modifications()) return 1;
  for (const Victim& v : list_) {
    if (!quiet_) outf("rm '%s'\n", v.path);
    index_.remove_path(v.path);
  }
  if (show_only_) return 0;
  if (!cached_) remove_from_worktree();
  if (!index_.write_locked(lock, Index::kSkipIfUnchanged)) die("Unable to write new index file");
  return 0;
}

}  // namespace

int cmd_rm(Invocation& inv) { return Rm(inv).run(); }

}  // namespace git
