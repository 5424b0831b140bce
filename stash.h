// git stash: local changes put aside as commits (git-stash(1), "DISCUSSION").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "index/pathspec.h"

namespace git {

class Repository;

inline constexpr const char* kStashRef = "refs/stash";

// The parts of a stash commit: what it was made on, the index, the worktree, perhaps untracked files.
struct StashInfo {
  ObjectId w_commit, b_commit, i_commit, u_commit;
  ObjectId w_tree, b_tree, i_tree, u_tree;
  std::string revision;  // "refs/stash@{0}", or as given
  bool is_stash_ref = false, has_untracked = false;
};
// "", "2", "stash@{2}" or a commit. Errors are told; nullopt.
std::optional<StashInfo> read_stash_info(Repository& repo, const std::vector<std::string>& args);

enum class StashUntracked : int { no = 0, yes = 1, all = 2 };
struct StashPush {
  std::string message;
  StashUntracked untracked = StashUntracked::no;
  int keep_index = -1;
  bool patch = false, only_staged = false, quiet = false;
  Pathspec pathspec;
  std::string prefix;
};
int push_stash(Repository& repo, const StashPush& push);
// Makes the commits without storing them. 0, 1 nothing to save, negative an error.
int create_stash(Repository& repo, const StashPush& push, StashInfo& info, std::string& message);
int apply_stash(Repository& repo, const StashInfo& info, bool with_index, bool quiet, std::string_view prefix);
int store_stash(Repository& repo, const ObjectId& commit, const std::string& message, bool quiet);
int drop_stash(Repository& repo, const StashInfo& info, bool quiet);
int clear_stash(Repository& repo);
// Another git command; its exit code.
int run_git_command(const std::vector<std::string>& args, const std::vector<std::string>& env = {});

}  // namespace git
