// Merging notes (git-notes(1), "NOTES MERGE STRATEGIES"): three-way by object, conflicts solved by strategy or left in
// $GIT_DIR/NOTES_MERGE_WORKTREE for the user.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"
#include "show/notes.h"

namespace git {

class Repository;
struct Commit;

enum class NotesMergeStrategy : std::uint8_t { manual, ours, theirs, union_, cat_sort_uniq };
std::optional<NotesMergeStrategy> parse_notes_merge_strategy(std::string_view name);

struct NotesMergeOptions {
  std::string local_ref, remote_ref;
  NotesMergeStrategy strategy = NotesMergeStrategy::manual;
  bool has_commit_message = true;
  std::string message;
  int verbosity = 2;
};
struct NotesMergeResult {
  enum class Kind : std::uint8_t { merged, fast_forward_or_same, conflicts } kind = Kind::merged;
  ObjectId commit;  // what the ref should become; of a partial merge where there are conflicts
};
NotesMergeResult merge_notes(Repository& repo, const NotesMergeOptions& options, NotesTree& local);
// --commit: makes the merge commit of what is in the worktree.
ObjectId commit_notes_merge(Repository& repo, const ObjectId& partial);
void abort_notes_merge(Repository& repo);

ObjectId create_notes_commit(Repository& repo, const ObjectId& tree, const std::vector<ObjectId>& parents, std::string message);

}  // namespace git
