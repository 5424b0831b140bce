// git difftool --dir-diff: both sides of a diff as two directories.
#pragma once

#include <string>
#include <vector>

namespace git {

class Repository;

struct DirDiff {
  std::vector<std::string> diff_args;  // for git diff
  std::string prefix;                  // where it runs
  bool symlinks = true;                // what equals the worktree's file is a link to it
  std::string external_command;        // -x
};
// Exit code.
int run_dir_diff(Repository& repo, const DirDiff& how);

}  // namespace git
