// git cherry-pick and git revert as a conversation: what to pick, the state that lets one go on, and the ways out of it.
#include "sequencer.h"

#include <unistd.h>

#include "advice.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "branch.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"

namespace git {

int Sequencer::populate_todo(RevWalk& walk, TodoList& list) {
  // Ranges are picked oldest first; what is named one by one, in the order given.
  if (options.action == ReplayAction::pick && !walk.no_walk) walk.reverse = !walk.reverse;
  walk.prepare();
  const TodoCommand command = options.action == ReplayAction::pick ? TodoCommand::pick : TodoCommand::revert;
  while (Commit* commit = walk.next()) {
    TodoItem item;
    item.command = command;
    item.commit = commit;
    item.arg = read_texts(commit).subject;
    item.line = strf("%s %s %s", todo_command_name(command), short_name(commit), item.arg);
    list.items.push_back(std::move(item));
  }
  if (list.items.empty()) return error(_("empty commit set passed"));
  return 0;
}

int Sequencer::create_state_dir() {
  if (is_directory(repo_.git_path("sequencer"))) {
    ReplayAction action;
    const char* name = nullptr;
    if (is_last_command_ours(&action)) name = action == ReplayAction::pick ? "cherry-pick" : "revert";
    if (name) {
      error("%s", action == ReplayAction::pick ? _("cherry-pick is already in progress") : _("revert is already in progress"));
      const bool can_skip = repo_.refs().exists(action == ReplayAction::pick ? "CHERRY_PICK_HEAD" : "REVERT_HEAD");
      if (advice_enabled(repo_.config(), "sequencerInUse"))
        advise(strf(_("try \"git %s (--continue | %s--abort | --quit)\""), name, can_skip ? "--skip | " : ""));
      return -1;
    }
  }
  if (!make_dir(repo_.git_path("sequencer")) && !is_directory(repo_.git_path("sequencer")))
    return error_errno(_("could not create sequencer directory '%s'"), repo_.git_path("sequencer"));
  return 0;
}

int Sequencer::pick_single(Commit* commit) {
  TodoItem item;
  item.command = options.action == ReplayAction::pick ? TodoCommand::pick : TodoCommand::revert;
  item.commit = commit;
  bool check_todo = false;
  return pick_commit(item, false, check_todo);
}

int Sequencer::pick_revisions(RevWalk& walk) {
  refresh_index();
  for (const PendingObject& one : walk.pending) {
    if (one.flags & kRevUninteresting) continue;
    if (repo_.commits().peel_to_commit(one.oid)) continue;
    const ObjectType type = repo_.odb().type_of(one.oid);
    if (type == ObjectType::bad || type == ObjectType::none) return error(_("%s: not a valid object name"), one.name);
    return error(_("%s: can't cherry-pick a %s"), one.name, type_name(type));
  }
  // One commit needs no list: CHERRY_PICK_HEAD or REVERT_HEAD says enough.
  if (walk.cmdline.size() == 1 && walk.cmdline[0].whence == CmdlineRevision::Whence::rev && walk.no_walk &&
      !walk.cmdline[0].flags) {
    walk.prepare();
    Commit* commit = walk.next();
    if (!commit) return error(_("empty commit set passed"));
    return pick_single(commit);
  }
  TodoList list;
  if (populate_todo(walk, list) || create_state_dir()) return -1;
  auto oid = head();
  if (!oid && options.action == ReplayAction::revert) return error(_("can't revert as initial commit"));
  if (save_head(oid ? *oid : ObjectId::null(repo_.algo()))) return -1;
  save_options();
  update_abort_safety();
  return run_list(list);
}

// What was in conflict is committed as the user left it.
int Sequencer::continue_single() {
  if (!repo_.refs().exists("CHERRY_PICK_HEAD") && !repo_.refs().exists("REVERT_HEAD"))
    return error(_("no cherry-pick or revert in progress"));
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"commit"};
  // Without an editor nobody removes the list of conflicts.
  if (options.edit == 0 || (options.edit < 0 && !::isatty(0)))
    child.args.insert(child.args.end(), {"--no-edit", "--cleanup=strip"});
  return child.run();
}

int Sequencer::resume() {
  refresh_index();
  TodoList list;
  if (options.is_rebase()) return resume_rebase(list);
  if (!read_options()) return -1;
  if (!path_exists(todo_path())) return continue_single();
  if (int code = read_todo(list)) return code;
  if (repo_.refs().exists("CHERRY_PICK_HEAD") || repo_.refs().exists("REVERT_HEAD"))
    if (int code = continue_single()) return code;
  auto oid = head();
  std::optional<ObjectId> tree;
  if (oid) tree = peel_to_type(repo_, *oid, ObjectType::tree);
  if (!is_tree_unchanged(tree)) return error_dirty_index();
  list.current++;
  return run_list(list);
}

int Sequencer::skip() {
  ReplayAction last = ReplayAction::rebase;
  is_last_command_ours(&last);
  const bool is_revert = options.action == ReplayAction::revert;
  if (!repo_.refs().exists(is_revert ? "REVERT_HEAD" : "CHERRY_PICK_HEAD")) {
    if (last != options.action) return error("%s", is_revert ? _("no revert in progress") : _("no cherry-pick in progress"));
    if (!is_rollback_safe()) {
      error(_("there is nothing to skip"));
      if (advice_enabled(repo_.config(), "resolveConflict"))
        advise(strf(_("have you committed already?\ntry \"git %s --continue\""), options.name()));
      return -1;
    }
  }
  auto oid = head();
  if (reset_merge(oid ? &*oid : nullptr)) return error(_("failed to skip the commit"));
  if (!is_directory(repo_.git_path("sequencer"))) return 0;
  return resume();
}

int Sequencer::rollback() {
  const std::string file = repo_.git_path("sequencer/head");
  auto text = read_file_if_exists(file);
  if (!text) return rollback_single();
  std::string_view rest = *text;
  auto oid = ObjectId::parse_prefix(rest, repo_.algo());
  if (!oid || !(rest.empty() || rest[0] == '\n')) return error(_("stored pre-cherry-pick HEAD file '%s' is corrupt"), file);
  if (oid->is_null()) return error(_("cannot abort from a branch yet to be born"));
  if (!is_rollback_safe())
    warning(_("You seem to have moved HEAD. Not rewinding, check your HEAD!"));
  else if (reset_merge(&*oid))
    return -1;
  return remove_state();
}

}  // namespace git
