// The worktrees of a repository (git-worktree(1), gitrepository-layout(5) "worktrees") and which branches they hold.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

struct Worktree {
  std::string path;      // absolute
  std::string id;        // name below <common_dir>/worktrees, "" for the main worktree
  std::string git_dir;   // absolute
  std::string head_ref;  // full name of the branch, "" where HEAD is detached or broken
  ObjectId head_oid;     // null where unborn
  bool is_detached = false, is_bare = false, is_current = false;
  std::optional<std::string> lock_reason;  // present where locked

  bool is_main() const { return id.empty(); }
};

// The main worktree first, the linked ones by path.
std::vector<Worktree> list_worktrees(Repository& repo);
// The name a ref of that worktree has from any other: "main-worktree/HEAD", "worktrees/<id>/HEAD".
std::string worktree_ref_name(const Worktree& worktree, std::string_view name);

// Branches (full names) that some worktree has checked out, rebases, bisects or will update at the end of a rebase,
// with its path.
std::map<std::string, std::string> branches_in_use(const std::vector<Worktree>& worktrees);
// Where one branch is in use; nullopt where it isn't.
std::optional<std::string> branch_checked_out(Repository& repo, const std::string& full_name);

bool is_worktree_being_rebased(const Worktree& worktree, std::string_view full_name);
bool is_worktree_being_bisected(const Worktree& worktree, std::string_view full_name);

}  // namespace git
