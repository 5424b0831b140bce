// Making a stash: three or four trees, a commit each, and the worktree brought back to HEAD.
#include <unistd.h>

#include "add-patch.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "checkout.h"
#include "index.h"
#include "index/add-to-index.h"
#include "index/dir.h"
#include "index/local-changes.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "stash.h"
#include "walk/commit-pool.h"
#include "walk/commit-write.h"

namespace git {

int run_git_command(const std::vector<std::string>& args, const std::vector<std::string>& env) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = args;
  child.env = env;
  return child.run();
}

namespace {

std::vector<std::string> untracked_files(Index& index, const StashPush& push) {
  DirScan scan(index);
  if (push.untracked != StashUntracked::all) scan.setup_standard_excludes();
  scan.fill(&push.pathspec);
  std::vector<std::string> paths;
  for (const DirEntry& e : scan.entries)
    if (match_pathspec(index, push.pathspec, e.path) && !e.path.empty()) paths.push_back(e.path);
  return paths;
}

std::vector<LocalChange> matching(Index& index, const Pathspec& spec, std::vector<LocalChange> changes) {
  std::erase_if(changes, [&](const LocalChange& c) { return !spec.empty() && !match_pathspec(index, spec, c.path); });
  return changes;
}

class StashMaker {
 public:
  StashMaker(Repository& repo, const StashPush& push, StashInfo& info)
      : repo_(repo), push_(push), info_(info), index_(Index::read(repo)) {}
  int run(std::string& message);

 private:
  ObjectId commit(const ObjectId& tree, std::vector<ObjectId> parents, const std::string& message);
  ObjectId untracked_tree(const std::vector<std::string>& files);
  int worktree_tree(ObjectId& tree);
  int staged_tree(ObjectId& tree);
  int patched_tree(ObjectId& tree);
  Repository& repo_;
  const StashPush& push_;
  StashInfo& info_;
  Index index_;
  ObjectId head_tree_;
};

ObjectId StashMaker::commit(const ObjectId& tree, std::vector<ObjectId> parents, const std::string& message) {
  NewCommit c;
  c.tree = tree;
  c.parents = std::move(parents);
  c.message = message;
  return write_commit(repo_, c).take_or_die();
}

ObjectId StashMaker::untracked_tree(const std::vector<std::string>& files) {
  Index temporary(repo_);
  for (const std::string& path : files) {
    struct stat st {};
    if (lstat(path.c_str(), &st) < 0) continue;
    std::string bare = path.back() == '/' ? path.substr(0, path.size() - 1) : path;
    add_to_index(temporary, bare, st, 0);
  }
  return temporary.write_tree().take_or_die();
}

// HEAD's tree with every tracked file as the worktree has it.
int StashMaker::worktree_tree(ObjectId& tree) {
  std::vector<LocalChange> changes = matching(index_, push_.pathspec, worktree_changes(index_, head_tree_));
  Index temporary(repo_);
  temporary.read_tree(info_.i_tree).or_die();
  for (const LocalChange& c : changes) {
    struct stat st {};
    bool gone = has_symlink_leading_path(c.path) || lstat(c.path.c_str(), &st) < 0;
    IndexEntry* e = index_.find(c.path);
    if (!gone && S_ISDIR(st.st_mode) && !(e && is_gitlink_mode(e->mode))) gone = true;
    if (e && e->skip_worktree) continue;
    if (gone || c.status == 'D')
      temporary.remove_path(c.path);
    else if (add_to_index(temporary, c.path, st, 0))
      return -1;
  }
  // Staged files that the tree has but the worktree lost.
  for (const LocalChange& c : matching(index_, push_.pathspec, staged_changes(index_, head_tree_))) {
    IndexEntry* e = index_.find(c.path);
    if (e && !e->skip_worktree && !path_exists(c.path)) temporary.remove_path(c.path);
  }
  Result<ObjectId> written = temporary.write_tree();
  if (!written) return -1;
  tree = *written;
  return 0;
}

// --staged: the index is the worktree's tree too.
int StashMaker::staged_tree(ObjectId& tree) {
  if (matching(index_, push_.pathspec, staged_changes(index_, head_tree_)).empty()) {
    if (!push_.quiet) err("No staged changes\n");
    return 1;
  }
  tree = info_.i_tree;
  return 0;
}

// --patch: hunks are chosen into a temporary index that starts as HEAD.
int StashMaker::patched_tree(ObjectId& tree) {
  std::string file = repo_.git_path("index.stash." + std::to_string(getpid()));
  std::vector<std::string> env = {"GIT_INDEX_FILE=" + absolute_path(file)};
  if (run_git_command({"read-tree", info_.b_commit.hex()}, env)) {
    remove_file(file);
    return -1;
  }
  AddPatchOptions choose;
  choose.mode = PatchMode::stash;
  choose.revision = "HEAD";
  choose.env = env;
  std::vector<std::string> paths;
  for (const PathspecItem& item : push_.pathspec.items) paths.push_back(item.original);
  run_add_patch(repo_, choose, paths);
  Index chosen = Index::read_from(repo_, file);
  Result<ObjectId> written = chosen.write_tree();
  remove_file(file);
  if (!written) return -1;
  tree = *written;
  if (tree == head_tree_) {
    err("No changes selected\n");
    return 1;
  }
  return 0;
}

int StashMaker::run(std::string& message) {
  std::optional<ObjectId> head = repo_.refs().read_oid("HEAD");
  if (!head) {
    if (!push_.quiet) err("You do not have the initial commit yet\n");
    return -1;
  }
  info_.b_commit = *head;
  Commit* commit_object = repo_.commits().peel_to_commit(*head);
  repo_.commits().parse(commit_object).or_die();
  head_tree_ = info_.b_tree = repo_.commits().tree(commit_object);
  if (index_.has_unmerged()) {
    index_.refresh(0);
    error("could not write index");
    return -1;
  }
  index_.refresh(Index::kRefreshQuiet);
  std::vector<std::string> untracked;
  if (push_.untracked != StashUntracked::no) untracked = untracked_files(index_, push_);
  bool changed = !matching(index_, push_.pathspec, worktree_changes(index_, head_tree_)).empty() ||
                 !matching(index_, push_.pathspec, staged_changes(index_, head_tree_)).empty();
  if (!changed && untracked.empty()) return 1;
  std::optional<ResolvedRef> ref = repo_.refs().resolve("HEAD");
  std::string branch = "(no branch)";
  if (ref && ref->is_symref) {
    std::string_view name = ref->name;
    skip_prefix(name, "refs/heads/");
    branch = name;
  }
  std::string base = branch + ": " + describe_commit_line(repo_, commit_object) + "\n";
  for (const auto& e : index_.entries())
    if (e->intent_to_add && (push_.pathspec.empty() || match_pathspec(index_, push_.pathspec, e->path))) {
      error("Entry '%s' not uptodate. Cannot merge.", e->path);
      if (!push_.quiet) err("Cannot save the current index state\n");
      return -1;
    }
  Result<ObjectId> i_tree = index_.write_tree();
  if (!i_tree) {
    if (!push_.quiet) err("Cannot save the current index state\n");
    return -1;
  }
  info_.i_tree = *i_tree;
  info_.i_commit = commit(info_.i_tree, {info_.b_commit}, "index on " + base);
  if (!untracked.empty()) {
    info_.u_tree = untracked_tree(untracked);
    info_.u_commit = commit(info_.u_tree, {}, "untracked files on " + base);
    info_.has_untracked = true;
  }
  int failed = push_.patch         ? patched_tree(info_.w_tree)
               : push_.only_staged ? staged_tree(info_.w_tree)
                                   : worktree_tree(info_.w_tree);
  if (failed) {
    if (failed < 0 && !push_.quiet) err("Cannot save the current worktree state\n");
    return failed < 0 ? -1 : 2;
  }
  if (message.empty())
    message = "WIP on " + base;
  else
    message = "On " + branch + ": " + message;
  std::vector<ObjectId> parents = {info_.b_commit, info_.i_commit};
  if (info_.has_untracked) parents.push_back(info_.u_commit);
  info_.w_commit = commit(info_.w_tree, parents, message);
  return 0;
}

std::vector<std::string> originals(const Pathspec& spec) {
  std::vector<std::string> list;
  for (const PathspecItem& item : spec.items) list.push_back(item.original);
  return list;
}

std::string capture(const std::vector<std::string>& args, int& code) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = args;
  CommandOutput result = pipe_command(child, "");
  code = result.code;
  return std::move(result.out);
}

int apply_reversed(const std::string& patch, std::vector<std::string> extra) {
  flush_out();
  ChildProcess apply;
  apply.git_command = true;
  apply.args = {"apply"};
  apply.args.insert(apply.args.end(), extra.begin(), extra.end());
  return pipe_command(apply, patch).code;
}

// The worktree (and index) as HEAD has them, where the stash took the changes.
int clean_up_after_push(const StashPush& push, const StashInfo& info) {
  std::vector<std::string> paths = originals(push.pathspec);
  auto with_paths = [&](std::vector<std::string> args) {
    args.insert(args.end(), paths.begin(), paths.end());
    return args;
  };
  int code = 0;
  if (push.patch || push.only_staged) {
    std::string patch = capture({"diff-tree", "-p", "-U1", "--binary", "HEAD", info.w_tree.hex(), "--"}, code);
    if (code) return -1;
    if (!patch.empty() && apply_reversed(patch, push.only_staged ? std::vector<std::string>{"--index", "-R", "--unidiff-zero"}
                                                                 : std::vector<std::string>{"-R"})) {
      if (!push.quiet) err("Cannot remove worktree changes\n");
      return 1;
    }
    if (push.only_staged) return 0;
    if (push.keep_index < 1 && run_git_command(with_paths({"reset", "-q", "--refresh", "--"}))) return -1;
    return 0;
  }
  if (push.untracked != StashUntracked::no && push.pathspec.empty()) {
    std::vector<std::string> clean = {"clean", "--force", "--quiet", "-d", ":/"};
    if (push.untracked == StashUntracked::all) clean.push_back("-x");
    if (run_git_command(clean)) return -1;
  }
  if (!push.pathspec.empty()) {
    std::vector<std::string> add = {"add"};
    if (push.untracked == StashUntracked::no) add.push_back("--update");
    if (push.untracked == StashUntracked::all) add.push_back("--force");
    add.push_back("--");
    if (run_git_command(with_paths(add))) return -1;
    std::string patch = capture(with_paths({"diff-index", "-p", "--cached", "--binary", "HEAD", "--"}), code);
    if (code) return -1;
    if (!patch.empty() && apply_reversed(patch, {"--index", "-R"})) return -1;
  } else if (run_git_command({"reset", "--hard", "-q"})) {
    return -1;
  }
  if (push.keep_index == 1 && !info.i_tree.is_null()) {
    std::vector<std::string> args = {"checkout", "--no-overlay", info.i_tree.hex(), "--"};
    if (paths.empty()) args.push_back(":/");
    if (run_git_command(with_paths(args))) return -1;
  }
  return 0;
}

}  // namespace

int create_stash(Repository& repo, const StashPush& push, StashInfo& info, std::string& message) {
  return StashMaker(repo, push, info).run(message);
}

int store_stash(Repository& repo, const ObjectId& commit, const std::string& message, bool quiet) {
  RefUpdate update;
  update.name = kStashRef;
  update.new_oid = commit;
  update.flags = kRefForceCreateReflog;
  update.message = message.empty() ? "Created via \"git stash store\"." : message;
  Result<void> r = repo.refs().update(std::move(update));
  if (r) return 0;
  if (!quiet) errf("Cannot update %s with %s\n", kStashRef, commit);
  return -1;
}

int clear_stash(Repository& repo) {
  std::optional<ObjectId> oid = repo.refs().read_oid(kStashRef);
  if (!oid) return 0;
  Result<void> r = repo.refs().remove(kStashRef, *oid, "");
  return r ? 0 : error("%s", r.error().message);
}

int push_stash(Repository& repo, const StashPush& given) {
  StashPush push = given;
  if (push.patch && push.keep_index == -1) push.keep_index = 1;
  if (push.patch && push.untracked != StashUntracked::no) {
    err("Can't use --patch and --include-untracked or --all at the same time\n");
    return 1;
  }
  if (push.only_staged && push.untracked != StashUntracked::no) {
    err("Can't use --staged and --include-untracked or --all at the same time\n");
    return 1;
  }
  Index index = Index::read(repo);
  if (push.untracked == StashUntracked::no && !push.pathspec.empty()) {
    std::vector<std::uint8_t> seen(push.pathspec.size());
    for (const auto& e : index.entries()) index_entry_path_match(index, push.pathspec, e->path, e->mode, &seen);
    if (report_path_error(seen, push.pathspec)) {
      err("Did you forget to 'git add'?\n");
      return 1;
    }
  }
  index.refresh_and_write_quietly();
  StashInfo info;
  std::string message = push.message;
  int failed = create_stash(repo, push, info, message);
  if (failed == 1) {
    if (!push.quiet) out("No local changes to save\n");
    return 0;
  }
  if (failed) return 1;
  while (!message.empty() && message.back() == '\n') message.pop_back();
  if (store_stash(repo, info.w_commit, message, true)) {
    if (!push.quiet) err("Cannot save the current status\n");
    return 1;
  }
  if (!push.quiet) outf("Saved working directory and index state %s\n", message);
  return clean_up_after_push(push, info) ? 1 : 0;
}

}  // namespace git
