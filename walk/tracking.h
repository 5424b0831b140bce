// Which remote-tracking ref a branch follows, and which one a push of it would update (git-config(1)
// "branch.<name>.merge", "push.default"): what "@{upstream}" and "@{push}" mean.  The remote door knows remotes in
// full; this is the part that names need.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace git {

class Repository;

std::optional<std::string> current_branch(Repository& repo);  // short name; nullopt where HEAD is detached
// Full name of the tracking ref ("refs/remotes/origin/main"). `branch` is a short name, nullopt: the current one.
// Errors are git's ("no upstream configured for branch '%s'" ...).
Result<std::string> branch_upstream(Repository& repo, std::optional<std::string> branch);
Result<std::string> branch_push_target(Repository& repo, std::optional<std::string> branch);
std::string branch_remote_name(Repository& repo, std::string_view branch, bool for_push);  // "" where there is none
// Where a ref of the remote is stored here, by the remote's fetch refspecs; nullopt where it isn't.
std::optional<std::string> tracking_ref_for(Repository& repo, std::string_view remote, std::string_view remote_ref);

}  // namespace git
