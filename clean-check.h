// Commands that would lose what is not committed refuse to start.
#pragma once

#include <string>

namespace git {

class Index;
class Repository;

// Is anything of the worktree different from the index, of the index from HEAD?
bool has_unstaged_changes(Index& index, bool ignore_submodules);
bool has_uncommitted_changes(Index& index, bool ignore_submodules);

// False, with "cannot %s: You have unstaged changes." and so on said, and the hint behind it where there is one.
bool require_clean_work_tree(Repository& repo, const std::string& action, const std::string& hint, bool ignore_submodules);

}  // namespace git
