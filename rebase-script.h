// What a rebase is going to do, as a list of commands: made from history, then rearranged and completed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "merge/todo-list.h"

namespace git {

class Repository;

struct RebaseScript {
  ObjectId base, tip;               // what is in `tip` and not in `base`
  std::optional<ObjectId> exclude;  // nor in this (the fork point)
  bool keep_empty = true, reapply_cherry_picks = false, warn_skipped = true;
  bool rebase_merges = false, rebase_cousins = false;
  std::optional<ObjectId> onto;  // REQUIRES: with rebase_merges
  bool is_root_with_onto = false;
};
// One line a commit, "pick <name> # <subject>"; with rebase_merges also labels, resets and merges.
std::string make_rebase_script(Repository& repo, const RebaseScript& how);
std::string make_script_with_merges(Repository& repo, const RebaseScript& how);

// "fixup!", "squash!" and "amend!" commits go behind what they are meant for. False where the list has such commands already.
bool rearrange_squash(Repository& repo, TodoList& list);
// The commands behind every group of commits.
void add_exec_commands(TodoList& list, const std::vector<std::string>& commands);
// "update-ref" lines behind the commits that branches point at. Tells what to store as rebase-merge/update-refs.
std::string add_update_ref_commands(Repository& repo, TodoList& list);

// How the subjects of a list are to be made: "# " and rebase.instructionFormat.
std::string instruction_format(Repository& repo);

}  // namespace git
