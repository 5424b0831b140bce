// Line by line through the list.  A line that can't be done stays where the user finds it: a cherry-pick keeps it in its
// list until it is done, a rebase has moved it to "done" and writes it back ("rescheduled").
#include <sys/stat.h>

#include <algorithm>

#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "diff.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "post-rewrite.h"
#include "refs.h"
#include "repository.h"
#include "sequencer.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr char kRescheduleAdvice[] =
    "Could not execute the todo command\n\n    %s\n\n"
    "It has been rescheduled; To edit the command before continuing, please\nedit the todo list first:\n\n"
    "    git rebase --edit-todo\n    git rebase --continue\n";
constexpr char kAmendAdvice[] =
    "You can amend the commit now, with\n\n  git commit --amend %s\n\n"
    "Once you are satisfied with your changes, run\n\n  git rebase --continue\n";

void append_file(const std::string& file, const std::string& text) {
  UniqueFd fd = open_fd(file, O_CREAT | O_WRONLY | O_APPEND);
  if (!fd || !write_in_full(fd.get(), text)) die_errno(_("could not write to '%s'"), file);
}

}  // namespace

void Sequencer::clear_line() {
  if (options.verbose || options.quiet) return;
  const std::string term = get_env_or("TERM", "dumb");
  err(term == "dumb" ? "\r" + std::string(80, ' ') + "\r" : std::string("\r\033[K"));
}

bool Sequencer::is_final_fixup(const TodoList& list) const {
  if (!is_fixup(list.items[list.current].command)) return false;
  for (std::size_t i = list.current + 1; i < list.items.size(); i++) {
    if (is_fixup(list.items[i].command)) return false;
    if (!is_noop(list.items[i].command)) break;
  }
  return true;
}

// ---- what became of each commit, for post-rewrite ----

void Sequencer::flush_rewritten() {
  auto pending = read_file_if_exists(rebase_path("rewritten-pending"));
  auto now = head();
  if (!pending || !now) return;
  std::string lines;
  for (std::string_view old : split_lines(*pending)) lines += strf("%s %s\n", old, *now);
  append_file(rebase_path("rewritten-list"), lines);
  remove_file(rebase_path("rewritten-pending"));
}

void Sequencer::record_rewritten(const ObjectId& oid, TodoCommand next) {
  append_file(rebase_path("rewritten-pending"), oid.hex() + "\n");
  if (!is_fixup(next)) flush_rewritten();
}

// ---- stopping ----

bool Sequencer::write_rebase_head(const ObjectId& oid) { return set_ref("REBASE_HEAD", oid); }

int Sequencer::make_patch(Commit* commit) {
  if (!write(rebase_path("stopped-sha"), commit->oid.hex(), true) || !write_rebase_head(commit->oid)) return -1;
  ChildProcess child;
  child.git_command = true;
  child.args = {"diff-tree", "-p", "--root", "--no-commit-id", "-r", commit->oid.hex()};
  if (commit->parents.size() > 1) child.args = {"diff-tree", "--cc", "--no-commit-id", commit->oid.hex()};
  CommandOutput patch = pipe_command(child, "");
  if (!write(rebase_path("patch"), patch.out)) return -1;
  if (path_exists(rebase_path("message"))) return 0;
  return write(rebase_path("message"), ltrim(read_texts(commit).body)) ? 0 : -1;
}

bool Sequencer::intend_to_amend() {
  auto oid = head();
  if (!oid) {
    error(_("cannot read HEAD"));
    return false;
  }
  return write(rebase_path("amend"), oid->hex(), true);
}

int Sequencer::stop_with_patch(Commit* commit, const std::string& subject, int code, bool to_amend) {
  if (commit) {
    // A conflict's message names the paths.
    if (code == 1 && !to_amend && !path_exists(rebase_path("message")))
      if (auto text = read_file_if_exists(repo_.git_path("MERGE_MSG"))) write(rebase_path("message"), *text);
    if (make_patch(commit)) return -1;
  } else {
    auto text = read_file_if_exists(repo_.git_path("MERGE_MSG"));
    if (!text || !write(rebase_path("message"), *text))
      return error(_("unable to copy '%s' to '%s'"), repo_.git_path("MERGE_MSG"), rebase_path("message"));
  }
  if (to_amend) {
    if (!intend_to_amend()) return -1;
    errf(kAmendAdvice, options.gpg_sign ? sq_quote("-S" + *options.gpg_sign) : std::string());
  } else if (code) {
    if (commit)
      errf(_("Could not apply %s... %s\n"), short_name(commit), subject);
    else
      errf(_("Could not merge %s\n"), subject);
  }
  return code;
}

int Sequencer::fail_squash(Commit* commit, const std::string& subject) {
  auto text = read_file_if_exists(rebase_path("message-squash"));
  if (!text || !write(rebase_path("message"), *text))
    return error(_("could not copy '%s' to '%s'"), rebase_path("message-squash"), rebase_path("message"));
  if (!write(repo_.git_path("MERGE_MSG"), *text))
    return error(_("could not copy '%s' to '%s'"), rebase_path("message"), repo_.git_path("MERGE_MSG"));
  return stop_with_patch(commit, subject, 1, false);
}

int Sequencer::stop_at_head() {
  auto oid = head();
  Commit* commit = oid ? repo_.commits().peel_to_commit(*oid) : nullptr;
  if (commit)
    errf(_("Stopped at %s\n"), read_texts(commit).label);
  else
    err(_("Stopped at HEAD\n"));
  return 0;
}

// ---- the loop ----

int Sequencer::reread_todo_if_changed(TodoList& list) {
  auto text = read_file(todo_path());
  if (!text) return error_errno(_("could not open '%s'"), todo_path());
  if (*text == list.text_from(list.current + 1)) return 0;
  if (int code = read_todo(list)) return code;
  list.current = static_cast<std::size_t>(-1);  // the loop goes to the first line
  return 0;
}

int Sequencer::run_item(TodoList& list, bool& check_todo, bool& reschedule, bool& stop) {
  TodoItem& item = list.items[list.current];
  int code = 0;
  if (makes_commit(item.command)) {
    stop = true;
    if (options.is_rebase()) reflog_action_ = reflog_message(todo_command_name(item.command));
    code = pick_commit(item, is_final_fixup(list), check_todo);
    update_abort_safety();
    if (options.is_rebase() && code < 0) {
      reschedule = true;
      return code;
    }
    if (item.command == TodoCommand::edit) {
      if (!code) {
        clear_line();
        errf(_("Stopped at %s...  %s\n"), short_name(item.commit), item.arg);
      }
      return stop_with_patch(item.commit, item.arg, code, !code);
    }
    if (!options.is_rebase()) {
      stop = code != 0;
      return code;
    }
    if (!code) {
      if (!was_dropped_)
        record_rewritten(item.commit->oid, list.peek(1));
      else if (!is_fixup(list.peek(1)))
        flush_rewritten();
      stop = false;
      return 0;
    }
    if (is_fixup(item.command)) {
      if (code == 1) intend_to_amend();
      return fail_squash(item.commit, item.arg);
    }
    bool to_amend = false;
    if (auto now = head(); now && item.command == TodoCommand::reword)
      to_amend = *now == item.commit->oid || (options.squash_onto && *now == *options.squash_onto);
    return code | stop_with_patch(item.commit, item.arg, code, to_amend);
  }
  switch (item.command) {
    case TodoCommand::exec:
      clear_line();
      code = run_exec(item.arg);
      if (code && options.reschedule_failed_exec) reschedule = true;
      check_todo = true;
      break;
    case TodoCommand::label:
      code = run_label(item.arg), reschedule = code != 0;
      break;
    case TodoCommand::reset:
      code = run_reset(item.arg), reschedule = code != 0;
      break;
    case TodoCommand::update_ref:
      code = run_update_ref(item.arg), reschedule = code != 0;
      break;
    case TodoCommand::merge:
      code = run_merge(item, check_todo);
      if (code < 0) {
        reschedule = true;
      } else if (code > 0) {
        stop = true;
        return stop_with_patch(item.commit, item.arg, code, false);
      } else if (item.commit) {
        record_rewritten(item.commit->oid, list.peek(1));
      }
      break;
    default:
      break;
  }
  if (code) stop = true;
  return code;
}

int Sequencer::run_list(TodoList& list) {
  refresh_index();
  while (list.current < list.items.size()) {
    TodoItem& item = list.items[list.current];
    if (save_todo(list, false)) return -1;
    if (options.is_rebase()) {
      if (item.command != TodoCommand::comment) {
        write(rebase_path("msgnum"), std::to_string(++list.done_count), true);
        if (!options.quiet) errf(_("Rebasing (%d/%d)%s"), list.done_count, list.total_count, options.verbose ? "\n" : "\r");
      }
      for (const char* name : {"message", "author-script", "stopped-sha", "amend", "patch"}) remove_file(rebase_path(name));
      remove_file(repo_.git_path("MERGE_HEAD"));
      remove_file(repo_.git_path("AUTO_MERGE"));
      delete_ref("REBASE_HEAD");
      if (item.command == TodoCommand::break_) {
        clear_line();
        return stop_at_head();
      }
    }
    bool check_todo = false, reschedule = false, stop = false;
    int code = run_item(list, check_todo, reschedule, stop);
    if (reschedule) {
      error(kRescheduleAdvice, item.line);
      if (save_todo(list, true)) return -1;
      if (item.commit) write_rebase_head(item.commit->oid);
      return code ? code : -1;
    }
    if (stop) return code;
    if (options.is_rebase() && check_todo)
      if (int reread = reread_todo_if_changed(list)) return reread;
    list.current++;
  }
  if (options.is_rebase()) {
    bool done = false;
    if (int code = finish_rebase(done)) return code;
    if (!done) return 0;
  }
  return remove_state();
}

// ---- the end of a rebase ----

void Sequencer::show_rebased_diffstat() {
  auto orig = read_line(rebase_path("orig-head"));
  auto now = head();
  if (!orig || !now) return;
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"diff-tree", "--stat", "-M", *orig, now->hex()};
  child.run();
}

int Sequencer::finish_rebase(bool& done) {
  const std::string branch = read_line(rebase_path("head-name")).value_or("");
  if (starts_with(branch, "refs/")) {
    auto now = head();
    if (!now) return error(_("cannot read HEAD"));
    auto orig = ObjectId::from_hex(read_line(rebase_path("orig-head")).value_or(""), repo_.algo());
    if (!orig) return error(_("could not read orig-head"));
    auto onto = read_line(rebase_path("onto"));
    if (!onto) return error(_("could not read 'onto'"));
    RefUpdate update;
    update.name = branch;
    update.new_oid = *now;
    update.old_oid = *orig;
    update.flags = kRefNoDeref;
    update.message = reflog_message("finish", branch + " onto " + *onto);
    if (auto moved = repo_.refs().update(std::move(update)); !moved) {
      error("%s", moved.error().message);
      return error(_("could not update %s"), branch);
    }
    if (auto moved = repo_.refs().create_symref("HEAD", branch, reflog_message("finish", "returning to " + branch)); !moved)
      return error(_("could not update HEAD to %s"), branch);
  }
  if (options.verbose) show_rebased_diffstat();
  flush_rewritten();
  if (auto rewritten = read_file_if_exists(rebase_path("rewritten-list"))) run_post_rewrite(repo_, "rebase", *rewritten);
  apply_autostash(repo_, "rebase-merge/autostash");
  if (!options.quiet) {
    clear_line();
    errf(_("Successfully rebased and updated %s.\n"), branch);
  }
  done = true;
  return apply_update_refs(options.quiet);
}

int Sequencer::run_todo(TodoList& list) { return run_list(list); }

}  // namespace git
