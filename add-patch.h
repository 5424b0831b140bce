// Choosing hunks one by one (git-add(1), "INTERACTIVE MODE"): git add -p, and the same for reset, checkout, restore and stash.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "index/pathspec.h"

namespace git {

class Repository;

enum class PatchMode : unsigned char {
  add,
  stash,
  reset_head,
  reset_nothead,
  checkout_index,
  checkout_head,
  checkout_nothead,
  worktree_head,
  worktree_nothead
};

struct AddPatchOptions {
  PatchMode mode = PatchMode::add;
  std::string revision;          // what is compared with; "" where the mode needs none
  std::vector<std::string> env;  // for the commands that are run: GIT_INDEX_FILE and the like
  int context = -1, inter_hunk_context = -1;
};
// 0; negative where something went wrong. `paths`: pathspecs from the top.
int run_add_patch(Repository& repo, const AddPatchOptions& options, const std::vector<std::string>& paths);

}  // namespace git
