// Before the editor runs, the list is kept as git-rebase-todo.backup, so that a commit lost in editing can be named.
#include "rebase-todo.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "config.h"
#include "editor.h"
#include "object-name.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr char kCommands[] =
    "\nCommands:\n"
    "p, pick <commit> = use commit\n"
    "r, reword <commit> = use commit, but edit the commit message\n"
    "e, edit <commit> = use commit, but stop for amending\n"
    "s, squash <commit> = use commit, but meld into previous commit\n"
    "f, fixup [-C | -c] <commit> = like \"squash\" but keep only the previous\n"
    "                   commit's log message, unless -C is used, in which case\n"
    "                   keep only this commit's message; -c is same as -C but\n"
    "                   opens the editor\n"
    "x, exec <command> = run command (the rest of the line) using shell\n"
    "b, break = stop here (continue rebase later with 'git rebase --continue')\n"
    "d, drop <commit> = remove commit\n"
    "l, label <label> = label current HEAD with a name\n"
    "t, reset <label> = reset HEAD to a label\n"
    "m, merge [-C <commit> | -c <commit>] <label> [# <oneline>]\n"
    "        create a merge commit using the original merge commit's\n"
    "        message (or the oneline, if no original merge commit was\n"
    "        specified); use -c <commit> to reword the commit message\n"
    "u, update-ref <ref> = track a placeholder for the <ref> to be updated\n"
    "                      to this position in the new commits. The <ref> is\n"
    "                      updated at the end of the rebase\n"
    "\n"
    "These lines can be re-ordered; they are executed from top to bottom.\n";
constexpr char kInvalidAdvice[] =
    "You can fix this with 'git rebase --edit-todo' and then run 'git rebase --continue'.\n"
    "Or you can abort the rebase with 'git rebase --abort'.\n";

enum class Missing { ignore, warn, error };

Missing missing_check(Repository& repo) {
  auto word = repo.config().get_string("rebase.missingcommitscheck");
  if (!word || iequals(*word, "ignore")) return Missing::ignore;
  if (iequals(*word, "warn")) return Missing::warn;
  if (iequals(*word, "error")) return Missing::error;
  warning(_("unrecognized setting %s for option rebase.missingCommitsCheck. Ignoring."), *word);
  return Missing::ignore;
}

std::string help_text(Repository& repo, int commands, const std::string& range, const std::string& onto) {
  const bool is_initial = !range.empty();
  std::string text;
  if (is_initial)
    text = strf(Q_("Rebase %s onto %s (%d command)", "Rebase %s onto %s (%d commands)", static_cast<std::uint64_t>(commands)),
                range, onto, commands) +
           "\n";
  text += _(kCommands);
  text += missing_check(repo) == Missing::error ? _("\nDo not remove any line. Use 'drop' explicitly to remove a commit.\n")
                                                : _("\nIf you remove a line here THAT COMMIT WILL BE LOST.\n");
  text += is_initial ? _("\nHowever, if you remove everything, the rebase will be aborted.\n\n")
                     : _("\nYou are editing the todo file of an ongoing interactive rebase.\n"
                         "To continue rebase after editing, run:\n    git rebase --continue\n\n");
  return text;
}

bool check_missing(Repository& repo, const TodoList& before, const TodoList& after) {
  const Missing level = missing_check(repo);
  if (level == Missing::ignore) return true;
  std::set<const Commit*> kept;
  for (const TodoItem& item : after.items) kept.insert(item.commit);
  std::string lost;
  for (auto it = before.items.rbegin(); it != before.items.rend(); ++it)
    if (it->commit && kept.insert(it->commit).second) lost += strf(" - %s %s\n", unique_abbrev(repo, it->commit->oid), it->arg);
  if (lost.empty()) return true;
  err(_("Warning: some commits may have been dropped accidentally.\n"));
  errf(_("Dropped commits (newer to older):\n%s"), lost);
  err(
      _("To avoid this message, use \"drop\" to explicitly remove a commit.\n\n"
        "Use 'git config rebase.missingCommitsCheck' to change the level of warnings.\n"
        "The possible behaviours are: ignore, warn, error.\n\n"));
  if (level == Missing::warn) return true;
  err(_(kInvalidAdvice));
  return false;
}

}  // namespace

bool check_against_backup(Repository& repo, const std::string& comment, const TodoList& list) {
  auto text = read_file_if_exists(repo.git_path("rebase-merge/git-rebase-todo.backup"));
  if (!text) return true;
  TodoList backup;
  backup.done_count = 1;
  ReportCapture quiet([](void*, const char*, const std::string&) {}, nullptr);
  (void)parse_todo_list(repo, *text, comment, true, backup);
  return check_missing(repo, backup, list);
}

TodoEdit edit_rebase_todo(Repository& repo, const std::string& comment, TodoList& list, TodoList& edited,
                          const std::string& range, const std::string& onto, bool run_editor) {
  const bool is_initial = !range.empty();
  const std::string file = repo.git_path("rebase-merge/git-rebase-todo");
  const std::string backup = file + ".backup", dropped = repo.git_path("rebase-merge/dropped");
  unsigned flags = kTodoShortIds;
  if (repo.config().get_bool_or("rebase.abbreviatecommands", false)) flags |= kTodoAbbreviateCommands;
  const std::string help = comment_lines(help_text(repo, list.count_commands(), range, onto), comment);
  const bool was_incorrect = path_exists(dropped);
  if (!write_todo_file(file, format_todo_list(repo, list, flags) + (is_initial ? "\n" : "") + help)) {
    error_errno(_("could not write '%s'"), file);
    return TodoEdit::failed;
  }
  // While the list is still wrong the older backup is the one that knows.
  if (is_initial || !was_incorrect)
    if (!write_todo_file(backup, format_todo_list(repo, list, flags & ~unsigned{kTodoShortIds}) + "\n" + help)) {
      error(_("could not write '%s'."), backup);
      return TodoEdit::failed;
    }
  std::string text = format_todo_list(repo, list, 0);
  if (run_editor) {
    auto result = launch_sequence_editor(&repo, file);
    if (!result) return TodoEdit::no_editor;
    text = strip_space(*result, comment);
  }
  if (is_initial && text.empty()) return TodoEdit::emptied;
  edited.done_count = list.done_count;
  if (!parse_todo_list(repo, text, comment, true, edited)) {
    err(_(kInvalidAdvice));
    write_file(dropped, "");
    return is_initial ? TodoEdit::invalid : TodoEdit::failed;
  }
  const bool is_complete = was_incorrect ? check_against_backup(repo, comment, edited) : check_missing(repo, list, edited);
  if (!is_complete) {
    write_file(dropped, "");
    return TodoEdit::invalid;
  }
  remove_file(dropped);
  return TodoEdit::done;
}

}  // namespace git
