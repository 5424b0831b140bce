// Where the history of a push ends: of all that the server says it has, the few commits that matter for the pack.
#pragma once

#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

// Commits that exclude from the history of `tips` exactly what `there` (what the server advertised) excludes. It is
// `there` itself where that is short, or where no commit-graph helps to tell.
std::vector<ObjectId> push_boundary(Repository& repo, const std::vector<ObjectId>& tips, std::vector<ObjectId> there);

}  // namespace git
