// The list of what is left to do of a cherry-pick, revert or rebase (git-rebase(1), "INTERACTIVE MODE"): one command a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;
struct Commit;

// In git's order: what makes commits first, what does nothing last.
enum class TodoCommand : std::uint8_t {
  pick,
  revert,
  edit,
  reword,
  fixup,
  squash,
  exec,
  break_,
  label,
  reset,
  merge,
  update_ref,
  noop,
  drop,
  comment
};
std::string_view todo_command_name(TodoCommand command);
char todo_command_letter(TodoCommand command);  // 0 where there is none
inline bool is_fixup(TodoCommand command) { return command == TodoCommand::fixup || command == TodoCommand::squash; }
inline bool is_noop(TodoCommand command) { return command >= TodoCommand::noop; }
inline bool makes_commit(TodoCommand command) { return command <= TodoCommand::squash; }

struct TodoItem {
  TodoCommand command = TodoCommand::comment;
  Commit* commit = nullptr;
  bool edit_message = false;   // merge -c, and merge without either
  bool replace_fixup = false;  // fixup -C, fixup -c
  bool edit_fixup = false;     // fixup -c
  std::string arg;             // what follows the commit, or the whole comment
  std::string line;            // as it was written

  // fixup -C or -c: the message of this commit takes over.
  bool replaces_message() const { return command == TodoCommand::fixup && replace_fixup; }
};

struct TodoList {
  std::vector<TodoItem> items;
  std::size_t current = 0;
  int done_count = 0, total_count = 0;

  // Commands other than comments.
  int count_commands() const;
  // The command of the next line but `offset` that is no comment; comment where there is none.
  TodoCommand peek(std::size_t offset) const;
  // Lines from `first` on, as they were written.
  std::string text_from(std::size_t first) const;
};

// Each bad line is told ("invalid line %d: %s") and becomes a comment. False where there was one.
// `comment` starts comments (core.commentChar).
bool parse_todo_list(Repository& repo, std::string_view text, std::string_view comment, bool is_rebase, TodoList& list);

enum TodoFormatFlag : unsigned { kTodoShortIds = 1, kTodoAbbreviateCommands = 2 };
// The lines with whole object names, or abbreviated ones.
std::string format_todo_list(Repository& repo, const TodoList& list, unsigned flags, std::size_t limit = ~std::size_t{0});
// Writes over `path`; false where that fails, with errno set.
bool write_todo_file(const std::string& path, std::string_view text);

}  // namespace git
