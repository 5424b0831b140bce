// Where a history of limited depth ends (gitprotocol-pack(5), "deepen"): the commits a shallow clone shows without
// their parents.
#pragma once

#include <string>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

class Repository;

inline constexpr int kDepthInfinite = 0x7fffffff;

struct DepthBoundary {
  std::vector<Commit*> shallow;  // the boundary itself
  CommitMarks<char> is_inside;   // commits whose parents are wanted too
};

// `depth` 1 is the tips alone. A boundary of the repository itself stays one.
DepthBoundary boundary_by_depth(CommitPool& pool, const std::vector<Commit*>& tips, int depth);
// Everything of `tips` not older than `since` ("" any; seconds as text) and not reached from `excluded`.
// Dies "no commits selected for shallow requests".
DepthBoundary boundary_by_walk(Repository& repo, const std::vector<ObjectId>& tips, const std::string& since,
                               const std::vector<ObjectId>& excluded);

}  // namespace git
