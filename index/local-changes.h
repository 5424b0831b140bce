// What differs from a commit: in the index, or in the worktree, as one letter and path each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "index.h"

namespace git {

struct LocalChange {
  char status = 'M';  // A D M T U
  std::string path;
};
// Of the index against the tree (nullopt: the empty tree).
std::vector<LocalChange> staged_changes(Index& index, const std::optional<ObjectId>& tree);
// Of the worktree (as far as tracked) against the tree.
std::vector<LocalChange> worktree_changes(Index& index, const std::optional<ObjectId>& tree);

}  // namespace git
