// Switching branches: the two-way merge of index and worktree first, then HEAD, and last what people are told.
#include <algorithm>

#include "advice.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/strings.h"
#include "checkout.h"
#include "config.h"
#include "index.h"
#include "index/add-to-index.h"
#include "index/cache-tree.h"
#include "index/index-state.h"
#include "index/local-changes.h"
#include "index/unpack-trees.h"
#include "merge/checkout-result.h"
#include "merge/merge-ort.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "show/encoding.h"
#include "show/tracking-info.h"
#include "stash.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"
#include "walk/tracking.h"
#include "worktree.h"

namespace git {

std::string describe_commit_line(Repository& repo, Commit* commit) {
  Result<ObjectData> data = repo.odb().read(commit->oid);
  std::string subject;
  if (data) {
    std::string text = reencode_commit(data->data, log_output_encoding(repo));
    std::string_view message = commit_message(text);
    while (!message.empty() && is_space(message[0])) message.remove_prefix(1);
    for (std::string_view line : split_lines(message)) {
      if (trim(line).empty()) break;
      if (!subject.empty()) subject += ' ';
      subject += rtrim(line);
    }
  }
  return unique_abbrev(repo, commit->oid) + (subject.empty() ? "" : " " + subject);
}

std::optional<std::string> unique_tracking_name(Repository& repo, const std::string& name, ObjectId& oid, int* matches) {
  std::string preferred = repo.config().get_string_or("checkout.defaultremote", "");
  std::optional<std::string> found;
  bool is_preferred = false;
  int count = 0;
  for (const std::string& remote : repo.config().subsections("remote")) {
    std::optional<std::string> ref = tracking_ref_for(repo, remote, "refs/heads/" + name);
    std::optional<ObjectId> there = ref ? repo.refs().read_oid(*ref) : std::nullopt;
    if (!there) continue;
    ++count;
    if (remote == preferred || (!found && !is_preferred)) {
      found = *ref;
      oid = *there;
      is_preferred = remote == preferred;
    }
  }
  if (is_preferred) count = 1;
  if (matches) *matches = count;
  if (count != 1) return std::nullopt;
  return found;
}

void die_if_checked_out_elsewhere(Repository& repo, const std::string& full_name) {
  for (const Worktree& w : list_worktrees(repo)) {
    if (w.is_current || w.is_bare) continue;
    if (w.head_ref != full_name && !is_worktree_being_rebased(w, full_name) && !is_worktree_being_bisected(w, full_name))
      continue;
    std::string_view name = full_name;
    skip_prefix(name, "refs/heads/");
    die("'%s' is already used by worktree at '%s'", name, w.path);
  }
}

namespace {

class Switcher {
 public:
  Switcher(Repository& repo, CheckoutOptions& options, BranchInfo& to) : repo_(repo), o_(options), to_(to) {}
  int run();

 private:
  bool may_skip_merge() const;
  int merge_working_tree();
  int reset_tree(Index& index, const ObjectId& tree, bool worktree, UnpackReset reset);
  int real_merge(Index& index, const ObjectId& new_tree);
  void show_local_changes(Index& index);
  void warn_about_orphans();
  void update_refs();
  void say_where_we_are();
  void die_if_something_in_progress();
  void advise_detached();
  ObjectId tree_of(Commit* c) {
    repo_.commits().parse(c).or_die();
    return repo_.commits().tree(c);
  }
  Repository& repo_;
  CheckoutOptions& o_;
  BranchInfo& to_;
  BranchInfo from_;
  bool used_autostash_ = false;
  bool starts_here_ = false;  // no starting point was named
};

bool Switcher::may_skip_merge() const {
  return starts_here_ && o_.new_branch && !o_.new_branch_force && !o_.new_orphan_branch && from_.commit &&
         to_.commit == from_.commit && !o_.merge && !o_.force && !o_.discard_changes && o_.command == "checkout" &&
         !o_.force_detach && !repo_.config().get_bool_or("core.sparsecheckout", false);
}

int Switcher::reset_tree(Index& index, const ObjectId& tree, bool worktree, UnpackReset reset) {
  UnpackOptions u;
  u.head_idx = -1;
  u.update = worktree;
  u.skip_sparse_checkout = !worktree;
  u.skip_unmerged = !worktree;
  u.reset = reset;
  u.merge = true;
  u.fn = UnpackOptions::Merge::oneway;
  u.submodules = o_.submodules;
  u.preserve_ignored = !o_.overwrite_ignore;
  u.metadata.refname = to_.path;
  if (to_.commit) u.metadata.treeish = to_.commit->oid;
  return unpack_trees(index, {tree}, u);
}

// Local changes that are in the way are put aside, and merged into the new branch file by file; where that conflicts they
// are kept as a stash too.
int Switcher::real_merge(Index& index, const ObjectId& new_tree) {
  ObjectId old_tree = tree_of(from_.commit);
  StashPush push;
  push.quiet = true;
  StashInfo stash;
  std::string message = "autostash while switching to '" + to_.name + "'";
  std::string reflog = message;
  if (create_stash(repo_, push, stash, message)) die("cannot put local changes aside");
  if (reset_tree(index, old_tree, true, UnpackReset::overwrite_untracked) < 0) return 1;
  UnpackOptions u;
  u.porcelain_command = "checkout";
  u.head_idx = -1;
  u.update = u.merge = true;
  u.fn = UnpackOptions::Merge::twoway;
  u.submodules = o_.submodules;
  u.preserve_ignored = !o_.overwrite_ignore;
  u.metadata.refname = to_.path;
  if (to_.commit) u.metadata.treeish = to_.commit->oid;
  bool went = unpack_trees(index, {old_tree, new_tree}, u) >= 0;
  ObjectId here = went ? new_tree : old_tree;
  MergeOptions options = MergeOptions::from_config(repo_);
  options.branch1 = to_.name;
  options.branch2 = "local";
  options.ancestor = from_.name.empty() ? unique_abbrev(repo_, from_.commit->oid) : from_.name;
  if (o_.conflict_style) options.conflict_style = *o_.conflict_style == "diff3" ? 1 : *o_.conflict_style == "zdiff3" ? 2 : 0;
  Result<MergeResult> merged = merge_trees(repo_, options, old_tree, here, stash.w_tree);
  if (!merged) die("%s", merged.error().message);
  if (Result<void> r = switch_to_merge_result(repo_, index, here, *merged, o_.command); !r) return 1;
  used_autostash_ = true;
  if (merged->is_clean) {
    if (!o_.quiet) err("Applied autostash.\n");
  } else {
    store_stash(repo_, stash.w_commit, reflog, true);
    err("Applying autostash resulted in conflicts.\n"
        "Your changes are safe in the stash.\n"
        "You can run \"git stash pop\" or \"git stash drop\" at any time.\n");
  }
  // The index shows the new branch; what was local stays in the worktree, conflicts as stages.
  if (reset_tree(index, went ? new_tree : stash.i_tree, false, UnpackReset::overwrite_untracked) < 0) return 1;
  return went ? 0 : 2;
}

int Switcher::merge_working_tree() {
  LockFile lock = LockFile::hold_or_die(repo_.index_file());
  Index index = Index::read(repo_);
  index.internals().resolve_undo.clear();
  ObjectId empty = empty_tree_id(repo_.algo());
  ObjectId new_tree = o_.new_orphan_branch && o_.orphan_from_empty_tree ? empty : tree_of(to_.commit);
  if (o_.discard_changes) {
    if (reset_tree(index, new_tree, true, UnpackReset::overwrite_untracked) == -1) return 1;
  } else {
    UnpackOptions u;
    u.porcelain_command = "checkout";
    u.advise_commit_before_merge = advice_enabled(repo_.config(), "commitBeforeMerge");
    u.show_all_errors = true;
    u.head_idx = -1;
    index.refresh(Index::kRefreshQuiet);
    if (index.has_unmerged()) {
      error("you need to resolve your current index first");
      return 1;
    }
    u.initial_checkout = !index.internals().existed;
    u.update = u.merge = true;
    u.quiet = o_.merge && from_.commit;
    u.fn = UnpackOptions::Merge::twoway;
    u.submodules = o_.submodules;
    u.preserve_ignored = !o_.overwrite_ignore;
    u.metadata.refname = to_.path;
    if (to_.commit) u.metadata.treeish = to_.commit->oid;
    ObjectId old_tree = from_.commit ? tree_of(from_.commit) : empty;
    int ret = unpack_trees(index, {old_tree, new_tree}, u);
    if (ret == -1) {
      if (!o_.merge || !from_.commit) return 1;
      int failed = real_merge(index, new_tree);
      if (failed == 2 && !index.write_locked(lock)) die("unable to write new index file");
      if (failed) return 1;
    }
  }
  if (!index.has_unmerged() && (!index.cache_tree() || !index.cache_tree()->is_fully_valid()))
    if (!update_cache_tree(index, kCacheTreeSilent | kCacheTreeRepair)) index.set_cache_tree(nullptr);
  if (!o_.discard_changes && !o_.quiet && to_.commit && !(o_.new_orphan_branch && o_.orphan_from_empty_tree))
    show_local_changes(index);
  index.is_changed = true;
  if (!index.write_locked(lock)) die("unable to write new index file");
  return 0;
}

void Switcher::show_local_changes(Index& index) {
  std::vector<LocalChange> changes = worktree_changes(index, tree_of(to_.commit));
  if (used_autostash_ && !changes.empty()) out("The following paths have local changes:\n");
  for (const LocalChange& c : changes) outf("%c\t%s\n", c.status, c.path);
}

void Switcher::warn_about_orphans() {
  RevWalk walk(repo_);
  walk.add_pending(from_.commit->oid, "HEAD");
  repo_.refs().for_each("refs/", [&](const Ref& ref) {
    if (!ref.oid.is_null() && repo_.commits().peel_to_commit(ref.oid)) walk.add_pending(ref.oid, ref.name, kRevUninteresting);
    return true;
  });
  if (to_.commit) walk.add_pending(to_.commit->oid, "to", kRevUninteresting);
  walk.prepare();
  std::vector<Commit*> lost;
  while (Commit* c = walk.next()) lost.push_back(c);
  if (lost.empty()) {
    errf("%s %s\n", "Previous HEAD position was", describe_commit_line(repo_, from_.commit));
    return;
  }
  std::string list;
  constexpr std::size_t kCutoff = 4;
  for (std::size_t i = 0; i < lost.size(); ++i) {
    if (i >= kCutoff && lost.size() > kCutoff) {
      list += strf(" ... and %d more.\n", lost.size() - kCutoff);
      break;
    }
    list += "  " + describe_commit_line(repo_, lost[i]) + "\n";
  }
  const char* format = lost.size() == 1
                           ? "Warning: you are leaving %d commit behind, not connected to\nany of your branches:\n\n%s\n"
                           : "Warning: you are leaving %d commits behind, not connected to\nany of your branches:\n\n%s\n";
  errf(format, lost.size(), list);
  if (advice_enabled(repo_.config(), "detachedHead"))
    errf(lost.size() == 1 ? "If you want to keep it by creating a new branch, this may be a good time\nto do so with:\n\n git "
                            "branch <new-branch-name> %s\n\n"
                          : "If you want to keep them by creating a new branch, this may be a good time\nto do so with:\n\n git "
                            "branch <new-branch-name> %s\n\n",
         unique_abbrev(repo_, from_.commit->oid));
}

void Switcher::advise_detached() {
  std::string text = strf(
      "Note: switching to '%s'.\n"
      "\n"
      "You are in 'detached HEAD' state. You can look around, make experimental\n"
      "changes and commit them, and you can discard any commits you make in this\n"
      "state without impacting any branches by switching back to a branch.\n"
      "\n"
      "If you want to create a new branch to retain commits you create, you may\n"
      "do so (now or later) by using -c with the switch command. Example:\n"
      "\n"
      "  git switch -c <new-branch-name>\n"
      "\n"
      "Or undo this operation with:\n"
      "\n"
      "  git switch -\n"
      "\n"
      "Turn off this advice by setting config variable advice.detachedHead to false\n"
      "\n",
      to_.name);
  err(text);
}

void Switcher::update_refs() {
  RefStore& refs = repo_.refs();
  std::string message;
  if (o_.new_branch) {
    if (o_.new_orphan_branch) {
      if (o_.new_branch_log) {
        if (Result<void> r = refs.create_reflog("refs/heads/" + *o_.new_orphan_branch); !r) {
          errf("Can not do reflog for '%s': %s\n", *o_.new_orphan_branch, r.error().message);
          return;
        }
      }
    } else {
      CreateBranch c;
      c.force = o_.new_branch_force.has_value();
      c.clobber_head_ok = c.force;
      c.create_reflog = o_.new_branch_log;
      c.quiet = o_.quiet;
      c.track = o_.track;
      create_branch(repo_, *o_.new_branch, to_.name, c);
    }
    to_.name = *o_.new_branch;
    to_.path = "refs/heads/" + to_.name;
  }
  std::string old_desc = !from_.name.empty() ? from_.name : from_.commit ? from_.commit->oid.hex() : "(invalid)";
  if (auto action = get_env("GIT_REFLOG_ACTION"); action && !action->empty())
    message = *action;
  else
    message = strf("checkout: moving from %s to %s", old_desc, to_.name);
  if (to_.path.empty() && !o_.force_detach && to_.name == "HEAD") {
    // nothing to do: "git checkout HEAD" of whatever it is
  } else if (o_.force_detach || to_.path.empty()) {
    RefUpdate update;
    update.name = "HEAD";
    update.new_oid = to_.commit->oid;
    update.flags = kRefNoDeref;
    update.message = message;
    refs.update(std::move(update)).or_die();
    if (!o_.quiet) {
      if (!from_.path.empty() && advice_enabled(repo_.config(), "detachedHead") && !o_.force_detach) advise_detached();
      errf("%s %s\n", "HEAD is now at", describe_commit_line(repo_, to_.commit));
    }
  } else {
    bool existed = refs.exists(to_.path);
    if (Result<void> r = refs.create_symref("HEAD", to_.path, message); !r) die("unable to update HEAD");
    if (!o_.quiet) {
      if (!from_.path.empty() && from_.path == to_.path) {
        errf(o_.new_branch_force ? "Reset branch '%s'\n" : "Already on '%s'\n", to_.name);
      } else if (o_.new_branch) {
        errf(!o_.branch_exists_path.empty() ? "Switched to and reset branch '%s'\n" : "Switched to a new branch '%s'\n",
             to_.name);
      } else {
        errf("Switched to branch '%s'\n", to_.name);
      }
    }
    if (!from_.path.empty() && !from_.name.empty() && !existed && !refs.exists(from_.path) && refs.has_reflog(from_.path))
      refs.delete_reflog(from_.path);
  }
  remove_branch_state(repo_, !o_.quiet);
  bool is_born = o_.new_branch && o_.branch_exists_path.empty();  // what it tracks was just said
  if (!o_.quiet && !o_.force_detach && !is_born && (!to_.path.empty() || to_.name == "HEAD")) say_where_we_are();
}

void Switcher::say_where_we_are() {
  std::optional<std::string> branch = to_.path.empty() ? current_branch(repo_) : std::optional<std::string>(to_.name);
  if (branch) out(format_tracking_info(repo_, *branch, AheadBehindMode::full, true));
}

void Switcher::die_if_something_in_progress() {
  auto exists = [&](const char* name) { return path_exists(repo_.git_path(name)); };
  if (path_exists(repo_.git_path("rebase-apply/applying")))
    die("cannot switch branch in the middle of an am session\nConsider \"git am --quit\" or \"git worktree add\".");
  if (exists("rebase-apply") || exists("rebase-merge"))
    die("cannot switch branch while rebasing\nConsider \"git rebase --quit\" or \"git worktree add\".");
  if (exists("MERGE_HEAD")) die("cannot switch branch while merging\nConsider \"git merge --quit\" or \"git worktree add\".");
  if (exists("CHERRY_PICK_HEAD"))
    die("cannot switch branch while cherry-picking\nConsider \"git cherry-pick --quit\" or \"git worktree add\".");
  if (exists("REVERT_HEAD")) die("cannot switch branch while reverting\nConsider \"git revert --quit\" or \"git worktree add\".");
  if (exists("BISECT_LOG")) warning("you are switching branch while bisecting");
}

int Switcher::run() {
  std::optional<ResolvedRef> head = repo_.refs().resolve("HEAD");
  if (head && head->exists && !head->oid.is_null()) from_.commit = repo_.commits().peel_to_commit(head->oid);
  if (head && head->is_symref) {
    from_.path = head->name;
    std::string_view name = head->name;
    if (skip_prefix(name, "refs/heads/")) from_.name = name;
  }
  if (!o_.can_switch_when_in_progress) die_if_something_in_progress();
  if (to_.name.empty()) {
    starts_here_ = true;
    to_.name = "HEAD";
    to_.commit = from_.commit;
    if (!to_.commit && !o_.new_branch) die("You are on a branch yet to be born");
    if (!to_.commit || (o_.only_merge_on_switching_branches && o_.new_branch && !o_.new_orphan_branch)) {
      if (!to_.commit) {  // an unborn branch becomes another
        std::string path = "refs/heads/" + *o_.new_branch;
        if (Result<void> r = repo_.refs().create_symref("HEAD", path, "checkout -b"); !r) die("%s", r.error().message);
        if (!o_.quiet) errf("Switched to a new branch '%s'\n", *o_.new_branch);
        return 0;
      }
    }
  }
  bool merge_needed =
      !may_skip_merge() && !(o_.only_merge_on_switching_branches && o_.new_branch && !o_.new_orphan_branch && to_.name == "HEAD");
  if (merge_needed)
    if (int failed = merge_working_tree()) return failed;
  if (!o_.quiet && from_.path.empty() && from_.commit && to_.commit != from_.commit) warn_about_orphans();
  Commit* old = from_.commit;
  update_refs();
  int hook = run_post_checkout_hook(repo_, old, to_.commit, true);
  return hook ? 1 : 0;
}

}  // namespace

int switch_branches(Repository& repo, CheckoutOptions& options, BranchInfo& to) { return Switcher(repo, options, to).run(); }

}  // namespace git
