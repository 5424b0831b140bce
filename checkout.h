// git checkout, switch and restore: going to another branch, or bringing back paths.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "branch.h"
#include "hash/object-id.h"
#include "index/pathspec.h"

namespace git {

class Repository;
class SubmoduleMover;  // index/submodule-move.h
struct Commit;

struct CheckoutOptions {
  bool quiet = false, merge = false, force = false, force_detach = false, implicit_detach = false, overwrite_ignore = true,
       ignore_skip_worktree = false, ignore_other_worktrees = false, show_progress = false, discard_changes = false,
       patch = false, new_branch_log = false, no_dwim_new_local_branch = false, ignore_unmerged = false;
  int writeout_stage = 0;
  int overlay = -1;
  BranchTrack track = BranchTrack::unspecified;
  std::string prefix;
  std::optional<std::string> new_branch, new_branch_force, new_orphan_branch, conflict_style;
  std::string branch_exists_path;
  Pathspec pathspec;
  std::optional<ObjectId> source_tree;
  std::string from_treeish;
  // what the three commands differ in
  std::string command = "checkout";
  bool accept_ref = true, accept_pathspec = true, switch_branch_doing_nothing_is_ok = true,
       only_merge_on_switching_branches = false, can_switch_when_in_progress = true, orphan_from_empty_tree = false,
       empty_pathspec_ok = true, count_checkout_paths = true;
  bool checkout_index = true, checkout_worktree = true;  // -S, -W of restore
  bool ignore_unmerged_opt = false;
  std::optional<bool> recurse_submodules;
  SubmoduleMover* submodules = nullptr;  // takes submodules along
};

// A place to go to.
struct BranchInfo {
  std::string name;  // as written, or the branch's short name
  std::string path;  // "refs/heads/x", "" where it is no branch
  Commit* commit = nullptr;
  std::optional<ObjectId> oid;
};

int checkout_paths(Repository& repo, const CheckoutOptions& options, const BranchInfo& info);
int switch_branches(Repository& repo, CheckoutOptions& options, BranchInfo& to);
// "abc1234 subject"
std::string describe_commit_line(Repository& repo, Commit* commit);
// The remote-tracking branch that "git checkout <name>" may mean: its name, where exactly one remote (or
// checkout.defaultRemote) has it. `matches` counts.
std::optional<std::string> unique_tracking_name(Repository& repo, const std::string& name, ObjectId& oid, int* matches);
// Dies "'%s' is already used by worktree at '%s'" where another worktree has it.
void die_if_checked_out_elsewhere(Repository& repo, const std::string& full_name);
int run_post_checkout_hook(Repository& repo, const Commit* from, const Commit* to, bool is_branch_switch);

}  // namespace git
