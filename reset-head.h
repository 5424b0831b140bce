// HEAD, index and worktree go to a commit at once: how a rebase begins and is given up.
#pragma once

#include <optional>
#include <string>

#include "hash/object-id.h"

namespace git {

class Repository;

struct ResetHead {
  std::optional<ObjectId> oid;        // absent: HEAD
  std::optional<ObjectId> orig_head;  // stored as ORIG_HEAD
  std::string branch;                 // full name: HEAD points there afterwards; "" leaves HEAD as it is, or detaches
  bool detach = false;
  bool hard = false;       // local changes are lost
  bool refs_only = false;  // index and worktree stay
  bool run_hook = false;   // post-checkout
  std::string action = "rebase";
  std::string head_message, branch_message;  // for the reflogs
};
// 0, or -1 after an error was told.
int reset_head(Repository& repo, const ResetHead& how);

}  // namespace git
