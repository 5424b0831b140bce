// Patch identity of a commit: the same for commits that make the same change (git-patch-id(1)), whatever
// their message, line numbers and white space.
#pragma once

#include <optional>

#include "hash/object-id.h"

namespace git {

class Repository;
class RevWalk;
struct Commit;

// nullopt for merges, which have none.
std::optional<ObjectId> commit_patch_id(Repository& repo, Commit* commit);
// Lets the walk answer --cherry-pick and --cherry-mark, within the walk's paths.
void give_patch_ids(RevWalk& walk, std::string_view prefix);

}  // namespace git
