// A line is a command, often an object name, and the rest, which people may change as they like.
#include "merge/todo-list.h"

#include <algorithm>
#include <array>

#include "advice.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/strings.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

struct CommandName {
  char letter;
  std::string_view name;
};
constexpr std::array<CommandName, 15> kNames{{{'p', "pick"},
                                              {0, "revert"},
                                              {'e', "edit"},
                                              {'r', "reword"},
                                              {'f', "fixup"},
                                              {'s', "squash"},
                                              {'x', "exec"},
                                              {'b', "break"},
                                              {'l', "label"},
                                              {'t', "reset"},
                                              {'m', "merge"},
                                              {'u', "update-ref"},
                                              {0, "noop"},
                                              {'d', "drop"},
                                              {0, "comment"}}};

constexpr std::string_view kBlank = " \t";

void skip_blank(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size())); }

class LineParser {
 public:
  LineParser(Repository& repo, std::string_view comment, bool is_rebase)
      : repo_(repo), comment_(comment), is_rebase_(is_rebase) {}
  bool parse(std::string_view line, TodoItem& item) const;

 private:
  bool take_command(std::string_view& rest, TodoItem& item) const;
  bool check_name(const TodoItem& item) const;
  bool check_merge_commit(const TodoItem& item) const;
  bool parse_commit(std::string_view rest, TodoItem& item) const;
  Repository& repo_;
  std::string_view comment_;
  bool is_rebase_;
};

bool LineParser::take_command(std::string_view& rest, TodoItem& item) const {
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n"));
  for (std::size_t i = 0; i + 1 < kNames.size(); i++) {
    if (word != kNames[i].name && !(kNames[i].letter && word.size() == 1 && word[0] == kNames[i].letter)) continue;
    item.command = static_cast<TodoCommand>(i);
    rest.remove_prefix(word.size());
    return true;
  }
  error(_("invalid command '%s'"), word);
  return false;
}

bool LineParser::check_name(const TodoItem& item) const {
  if (item.command == TodoCommand::label) {
    // "#" opens a comment behind the names of a merge.
    if (item.arg == "#" || !check_refname_format(item.arg, kRefnameAllowOneLevel))
      return error(_("'%s' is not a valid label"), item.arg) == 0;
  } else if (item.command == TodoCommand::update_ref) {
    if (!check_refname_format(item.arg, kRefnameAllowOneLevel)) return error(_("'%s' is not a valid refname"), item.arg) == 0;
    if (!check_refname_format(item.arg))
      return error(_("update-ref requires a fully qualified refname e.g. refs/heads/%s"), item.arg) == 0;
  }
  return true;
}

bool LineParser::check_merge_commit(const TodoItem& item) const {
  if (!is_rebase_) return true;
  repo_.commits().parse_or_die(item.commit);
  if (item.commit->parents.size() < 2) return true;
  const std::string_view name = todo_command_name(item.command);
  std::string advice;
  switch (item.command) {
    case TodoCommand::pick:
      advice = _("'pick' does not take a merge commit. If you wanted to\nreplay the merge, use 'merge -C' on the commit.");
      break;
    case TodoCommand::reword:
      advice =
          _("'reword' does not take a merge commit. If you wanted to\nreplay the merge and reword the commit message, use\n"
            "'merge -c' on the commit");
      break;
    case TodoCommand::edit:
      advice =
          _("'edit' does not take a merge commit. If you wanted to\nreplay the merge, use 'merge -C' on the commit, and then\n"
            "'break' to give the control back to you so that you can\ndo 'git commit --amend && git rebase --continue'.");
      break;
    case TodoCommand::fixup:
    case TodoCommand::squash:
      return error(_("cannot squash merge commit into another commit")) == 0;
    default:
      return true;
  }
  error(_("'%s' does not accept merge commits"), name);
  advise_if_enabled(repo_.config(), "rebaseTodoError", advice);
  return false;
}

bool LineParser::parse_commit(std::string_view rest, TodoItem& item) const {
  const std::string_view name = rest.substr(0, rest.find_first_of(" \t\n"));
  auto oid = get_oid(repo_, name, NameHint::committish, true);
  item.commit = oid ? repo_.commits().peel_to_commit(*oid) : nullptr;
  std::string_view arg = rest.substr(name.size());
  skip_blank(arg);
  item.arg = arg;
  if (!oid || !item.commit) return error(_("could not parse '%s'"), name) == 0;
  return item.command == TodoCommand::merge || item.command == TodoCommand::drop || check_merge_commit(item);
}

bool LineParser::parse(std::string_view line, TodoItem& item) const {
  item.line = line;
  std::string_view rest = line;
  skip_blank(rest);
  if (rest.empty() || rest == "\r" || starts_with(rest, comment_)) {
    item.command = TodoCommand::comment;
    item.arg = rest;
    return true;
  }
  while (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  if (!take_command(rest, item)) return false;
  const bool has_blank = !rest.empty() && kBlank.find(rest[0]) != std::string_view::npos;
  skip_blank(rest);
  if (item.command == TodoCommand::noop || item.command == TodoCommand::break_) {
    if (!rest.empty()) return error(_("%s does not accept arguments: '%s'"), todo_command_name(item.command), rest) == 0;
    return true;
  }
  if (!has_blank || rest.empty()) return error(_("missing arguments for %s"), todo_command_name(item.command)) == 0;
  switch (item.command) {
    case TodoCommand::exec:
    case TodoCommand::label:
    case TodoCommand::reset:
    case TodoCommand::update_ref:
      item.arg = rest;
      return check_name(item);
    case TodoCommand::fixup:
    case TodoCommand::merge:
      break;
    default:
      return parse_commit(rest, item);
  }
  const bool has_flag = rest.size() > 2 && (starts_with(rest, "-C") || starts_with(rest, "-c"));
  const bool wants_edit = has_flag && rest[1] == 'c';
  if (has_flag) {
    rest.remove_prefix(2);
    skip_blank(rest);
  }
  if (item.command == TodoCommand::fixup) {
    item.replace_fixup = has_flag;
    item.edit_fixup = wants_edit;
    return parse_commit(rest, item);
  }
  item.edit_message = !has_flag || wants_edit;
  if (has_flag) return parse_commit(rest, item);
  item.arg = rest;
  return true;
}

}  // namespace

std::string_view todo_command_name(TodoCommand command) { return kNames[static_cast<std::size_t>(command)].name; }
char todo_command_letter(TodoCommand command) { return kNames[static_cast<std::size_t>(command)].letter; }

int TodoList::count_commands() const {
  return static_cast<int>(
      std::count_if(items.begin(), items.end(), [](const TodoItem& item) { return item.command != TodoCommand::comment; }));
}

TodoCommand TodoList::peek(std::size_t offset) const {
  for (std::size_t i = current + offset; i < items.size(); i++)
    if (!is_noop(items[i].command)) return items[i].command;
  return TodoCommand::comment;
}

std::string TodoList::text_from(std::size_t first) const {
  std::string text;
  for (std::size_t i = first; i < items.size(); i++) text += items[i].line + "\n";
  return text;
}

bool parse_todo_list(Repository& repo, std::string_view text, std::string_view comment, bool is_rebase, TodoList& list) {
  LineParser parser(repo, comment, is_rebase);
  list.items.clear();
  list.current = 0;
  list.total_count = 0;
  bool is_good = true, can_fixup = list.done_count > 0;
  int number = 0;
  for (std::string_view line : split_lines(text)) {
    number++;
    TodoItem& item = list.items.emplace_back();
    if (!parser.parse(line, item)) {
      error(_("invalid line %d: %s"), number, line);
      is_good = false;
      item.command = TodoCommand::comment;
      item.commit = nullptr;
      item.arg = line;
    }
    if (item.command != TodoCommand::comment) list.total_count++;
    if (can_fixup) continue;
    if (is_fixup(item.command))
      is_good = error(_("cannot '%s' without a previous commit"), todo_command_name(item.command)) == 0;
    else if (!is_noop(item.command))
      can_fixup = true;
  }
  return is_good;
}

std::string format_todo_list(Repository& repo, const TodoList& list, unsigned flags, std::size_t limit) {
  std::string text;
  const std::size_t end = std::min(limit, list.items.size());
  for (std::size_t i = 0; i < end; i++) {
    const TodoItem& item = list.items[i];
    if (item.command == TodoCommand::comment) {
      text += item.arg + "\n";
      continue;
    }
    const char letter = todo_command_letter(item.command);
    if ((flags & kTodoAbbreviateCommands) && letter)
      text += letter;
    else
      text += todo_command_name(item.command);
    if (item.commit) {
      if (item.command == TodoCommand::fixup && item.replace_fixup) text += item.edit_fixup ? " -c" : " -C";
      if (item.command == TodoCommand::merge) text += item.edit_message ? " -c" : " -C";
      text += " " + ((flags & kTodoShortIds) ? unique_abbrev(repo, item.commit->oid) : item.commit->oid.hex());
    }
    if (!item.arg.empty()) text += " " + item.arg;
    text += "\n";
  }
  return text;
}

bool write_todo_file(const std::string& path, std::string_view text) {
  LockFile lock = LockFile::hold_or_die(path);
  return lock.write(text) && lock.commit();
}

}  // namespace git
