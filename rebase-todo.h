// The list of a rebase in the user's hands: the text around it, the editor, and what is checked afterwards.
#pragma once

#include <string>

#include "merge/todo-list.h"

namespace git {

class Repository;

enum class TodoEdit : std::uint8_t {
  done,
  failed,     // told already
  no_editor,  // the editor failed
  emptied,    // nothing is left
  invalid,    // bad lines, or commits are missing: the user must edit again
};

// Writes the list for the editor and takes back what it makes of it. `range` is "abc..def", `onto` abbreviated; both empty
// while a rebase is under way. Without `run_editor` the list is only written.
TodoEdit edit_rebase_todo(Repository& repo, const std::string& comment, TodoList& list, TodoList& edited,
                          const std::string& range, const std::string& onto, bool run_editor);
// Are all commits of git-rebase-todo.backup still in the list? Asks rebase.missingCommitsCheck. False: stop.
bool check_against_backup(Repository& repo, const std::string& comment, const TodoList& list);

}  // namespace git
