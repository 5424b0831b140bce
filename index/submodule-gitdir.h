// The git directory of a submodule and its worktree: tying them together, and where such a directory must not be.
#pragma once

#include <string>
#include <string_view>

namespace git {

class Repository;

// Is `git_dir` free to be that of submodule `name`? Not inside of another one's; the reason goes to stderr.
bool is_submodule_git_dir_ok(Repository& repo, const std::string& git_dir, std::string_view name);
// Writes the gitfile and core.worktree, each naming the other.
void connect_work_tree_and_git_dir(const std::string& worktree, const std::string& git_dir);
// The same after the worktree moved, for all submodules in it as well.
void reconnect_submodule(const std::string& git_dir, const std::string& worktree);

}  // namespace git
