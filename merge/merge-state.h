// The files of a merge that is under way: MERGE_HEAD, MERGE_MSG, MERGE_MODE, SQUASH_MSG, MERGE_AUTOSTASH, and the
// autostash itself (git-merge(1), "--autostash").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

// Removes MERGE_HEAD, MERGE_MSG, MERGE_MODE and MERGE_RR's companions; the autostash is applied where `apply_autostash`.
void remove_merge_state(Repository& repo, bool apply_autostash);
// Saves what is not committed to MERGE_AUTOSTASH (or `file`) and resets the worktree; says "Created autostash: %s".
// False where there was nothing to save. Dies "Cannot autostash".
bool create_autostash(Repository& repo, const std::string& file);
// Puts it back, or stores it as a stash where that conflicts ("Applied autostash.", "Applying autostash resulted in conflicts.").
void apply_autostash(Repository& repo, const std::string& file);
void save_autostash(Repository& repo, const std::string& file);  // as a stash, without applying it

// Paths at which the index differs from a tree; empty where it doesn't.
std::vector<std::string> index_changes(Repository& repo, const std::optional<ObjectId>& tree);

}  // namespace git
