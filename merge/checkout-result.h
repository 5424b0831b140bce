// A merge's result in the index and the worktree.
#pragma once

#include <string>

#include "base/result.h"
#include "hash/object-id.h"
#include "merge/merge-ort.h"

namespace git {

class Index;
class Repository;

// Goes from `head` to `result.tree`: files are updated where nothing of the user's would be lost, and the paths in conflict
// get their higher stages. The index is changed in memory; writing it is the caller's. conflict where local changes
// are in the way (said already on stderr, as `command` says it).
Result<void> switch_to_merge_result(Repository& repo, Index& index, const ObjectId& head, const MergeResult& result,
                                    const std::string& command);
// The conflicting paths as .git/MERGE_MSG lists them, as comments behind `message`.
void append_conflicts_hint(std::string& message, const Index& index, const std::string& comment, bool scissors);

}  // namespace git
