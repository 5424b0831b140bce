// Looking after linked worktrees: the files that link them with their repository, which of them are gone, and mending
// what a moved directory broke.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "worktree.h"

namespace git {

// <worktree>/.git and <common_dir>/worktrees/<id>/gitdir point at each other. `relative` writes relative paths, and the
// extension that they need.
void write_worktree_links(Repository& repo, const std::string& dotgit, const std::string& admin_dir, bool relative);
bool wants_relative_worktrees(Repository& repo);  // worktree.useRelativePaths

struct PruneVerdict {
  bool prune = false;
  std::string reason;
  std::string dotgit;  // where the worktree's .git is, where it isn't pruned
};
// Is <common_dir>/worktrees/<id> the rest of a worktree that is gone, and was so at `expire`?
PruneVerdict judge_worktree(Repository& repo, const std::string& id, std::int64_t expire);
void delete_worktree_admin_dir(Repository& repo, const std::string& id);
void delete_worktrees_dir_if_empty(Repository& repo);
// Does the worktree's own idea of its place agree? The complaint, "" where all is well. `may_be_missing`: gone is fine.
std::string validate_worktree(Repository& repo, const Worktree& worktree, bool may_be_missing);
// By path, by "." or by a unique end of its path.
std::optional<Worktree> find_worktree(const std::vector<Worktree>& worktrees, std::string_view prefix, const std::string& arg);

using RepairReport = std::function<void(bool is_error, const std::string& path, const std::string& message)>;
void repair_worktrees(Repository& repo, const RepairReport& report, bool relative);
void repair_worktree_at_path(Repository& repo, const std::string& path, const RepairReport& report, bool relative);

}  // namespace git
