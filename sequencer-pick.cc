// One commit applied to HEAD, or taken back from it: a three-way merge whose base is the commit's parent (for a revert the
// other way round), with a message made of the commit's own.
#include <unistd.h>

#include "advice.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "config/ident.h"
#include "index.h"
#include "index/unpack-trees.h"
#include "merge/checkout-result.h"
#include "merge/merge-ort.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "rerere.h"
#include "sequencer.h"
#include "show/encoding.h"
#include "show/pretty.h"
#include "show/trailers.h"
#include "walk/commit-pool.h"

namespace git {

const char* const kRebaseResolveMessage =
    "Resolve all conflicts manually, mark them as resolved with\n"
    "\"git add/rm <conflicted_files>\", then run \"git rebase --continue\".\n"
    "You can instead skip this commit: run \"git rebase --skip\".\n"
    "To abort and get back to the state before \"git rebase\", run \"git rebase --abort\".";

// What is known of the commit being picked, as it becomes known.
struct Sequencer::Pick {
  Pick(TodoItem& i, bool is_final) : item(i), command(i.command), commit(i.commit), is_final_fixup(is_final) {}
  TodoItem& item;
  TodoCommand command;
  Commit* commit;
  bool is_final_fixup;
  Commit* parent = nullptr;
  ObjectId head;  // the tree (or commit) picked onto
  bool is_unborn = false, rewords = false, is_fast_forward = false;
  CommitTexts texts;
  std::string author, message;
  Commit *base = nullptr, *next = nullptr;
  std::string base_label, next_label;
  std::optional<std::string> message_file;
  unsigned flags = 0;
};

bool Sequencer::should_edit() const {
  if (options.edit >= 0) return options.edit;
  return options.action == ReplayAction::revert && ::isatty(0);
}

Sequencer::CommitTexts Sequencer::read_texts(Commit* commit) {
  CommitTexts texts;
  texts.buffer = reencode_commit(repo_.commits().read_buffer(commit).take_or_die(),
                                 repo_.config().get_string_or("i18n.commitencoding", "UTF-8"));
  std::string_view body = commit_message(texts.buffer);
  texts.body = body;
  while (!body.empty() && body[0] == '\n') body.remove_prefix(1);
  texts.subject = body.substr(0, body.find('\n'));
  texts.label = strf("%s (%s)", short_name(commit), texts.subject);
  texts.parent_label = "parent of " + texts.label;
  return texts;
}

int Sequencer::error_dirty_index() {
  Index index = Index::read(repo_);
  if (index.has_unmerged()) {
    const char* text = options.action == ReplayAction::revert ? _("Reverting is not possible because you have unmerged files.")
                       : options.action == ReplayAction::pick
                           ? _("Cherry-picking is not possible because you have unmerged files.")
                           : _("Rebasing is not possible because you have unmerged files.");
    error("%s", text);
    advise_if_enabled(repo_.config(), "resolveConflict",
                      _("Fix them up in the work tree, and then use 'git add/rm <file>'\n"
                        "as appropriate to mark resolution and make a commit."));
    return -1;
  }
  error(_("your local changes would be overwritten by %s."), options.name());
  if (advice_enabled(repo_.config(), "commitBeforeMerge")) advise(_("commit your changes or stash them to proceed."));
  return -1;
}

bool Sequencer::is_tree_unchanged(const std::optional<ObjectId>& tree) { return index_changes(repo_, tree).empty(); }

void Sequencer::print_advice(bool show_hint) {
  if (auto text = get_env("GIT_CHERRY_PICK_HELP")) {
    advise(*text);
    // Whoever gave that text makes the commit, too.
    delete_ref("CHERRY_PICK_HEAD");
    return;
  }
  if (!show_hint) return;
  if (options.is_rebase()) {
    advise_if_enabled(repo_.config(), "mergeConflict", _(kRebaseResolveMessage));
    delete_ref("CHERRY_PICK_HEAD");
  } else if (options.no_commit) {
    advise_if_enabled(repo_.config(), "mergeConflict",
                      _("after resolving the conflicts, mark the corrected paths\nwith 'git add <paths>' or 'git rm <paths>'"));
  } else {
    const std::string name = options.name();
    advise_if_enabled(repo_.config(), "mergeConflict",
                      replace_all(_("After resolving the conflicts, mark them with\n"
                                    "\"git add/rm <pathspec>\", then run\n"
                                    "\"git %s --continue\".\n"
                                    "You can instead skip this commit with \"git %s --skip\".\n"
                                    "To abort and get back to the state before \"git %s\",\n"
                                    "run \"git %s --abort\"."),
                                  "%s", name));
  }
}

// What HEAD, index and worktree become where the commit can be had as it is.
int Sequencer::fast_forward(const ObjectId& to, const ObjectId* from) {
  CommitPool& pool = repo_.commits();
  Commit* target = pool.peel_to_commit(to);
  if (!target) return error(_("could not parse '%s'"), to);
  pool.parse_or_die(target);
  ObjectId from_tree = empty_tree_id(repo_.algo());
  if (from) {
    Commit* start = pool.get(*from);
    pool.parse_or_die(start);
    from_tree = pool.tree(start);
  }
  Index index = Index::read(repo_);
  index.refresh(Index::kRefreshQuiet);
  LockFile lock = index.lock_or_die();
  UnpackOptions unpack;
  unpack.head_idx = 1;
  unpack.merge = unpack.update = true;
  unpack.fn = UnpackOptions::Merge::twoway;
  unpack.porcelain_command = "merge";
  unpack.preserve_ignored = false;
  if (unpack_trees(index, {from_tree, pool.tree(target)}, unpack) != 0) return -1;
  if (!index.write_locked(lock)) return error(_("unable to write new index file"));
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = to;
  if (from)
    update.old_oid = *from;
  else if (!options.is_rebase())
    update.old_oid = ObjectId::null(repo_.algo());
  update.message = reflog_action_ + ": fast-forward";
  if (auto done = repo_.refs().update(std::move(update)); !done) return error("%s", done.error().message);
  update_abort_safety();
  return 0;
}

int Sequencer::choose_parent(Pick& pick) {
  const auto& parents = pick.commit->parents;
  if (parents.size() > 1) {
    if (!options.mainline) return error(_("commit %s is a merge but no -m option was given."), pick.commit->oid);
    if (static_cast<std::size_t>(options.mainline) > parents.size())
      return error(_("commit %s does not have parent %d"), pick.commit->oid, options.mainline);
    pick.parent = parents[static_cast<std::size_t>(options.mainline) - 1];
  } else {
    if (options.mainline > 1) return error(_("commit %s does not have parent %d"), pick.commit->oid, options.mainline);
    pick.parent = parents.empty() ? nullptr : parents[0];
  }
  if (pick.parent)
    if (auto parsed = repo_.commits().parse(pick.parent); !parsed)
      return error(_("%s: cannot parse parent commit %s"), todo_command_name(pick.command), pick.parent->oid);
  return 0;
}

std::string Sequencer::refer_to(Commit* commit) {
  if (!options.use_reference) return commit->oid.hex();
  repo_.commits().parse_or_die(commit);
  return format_commit_simple(repo_, commit, "%h (%s, %as)");
}

void Sequencer::make_revert_message(Pick& pick) {
  pick.base = pick.commit;
  pick.base_label = pick.texts.label;
  pick.next = pick.parent;
  pick.next_label = pick.texts.parent_label;
  std::string& text = pick.message;
  std::string_view subject = pick.texts.subject, inner = subject;
  const bool is_revert = skip_prefix(inner, "Revert \"");
  if (options.use_reference)
    text = comment_ + " *** SAY WHY WE ARE REVERTING ON THE TITLE LINE ***";
  else if (is_revert && !starts_with(inner, "Revert \""))
    text = "Reapply \"" + std::string(inner);
  else
    text = strf("Revert \"%s\"", subject);
  text += "\n\nThis reverts commit " + refer_to(pick.commit);
  if (pick.commit->parents.size() > 1) text += ", reversing\nchanges made to " + refer_to(pick.parent);
  text += ".\n";
}

int Sequencer::prepare_message(Pick& pick) {
  if (pick.command == TodoCommand::revert) {
    make_revert_message(pick);
    return 0;
  }
  pick.base = pick.parent;
  pick.base_label = pick.texts.parent_label;
  pick.next = pick.commit;
  pick.next_label = pick.texts.label;
  pick.message = pick.texts.body;
  if (options.record_origin) {
    if (!pick.message.empty() && pick.message.back() != '\n') pick.message += '\n';
    if (!has_conforming_footer(pick.message, TrailerSettings::read(repo_.config()))) pick.message += '\n';
    pick.message += strf("(cherry picked from commit %s)\n", pick.commit->oid);
  }
  if (!is_fixup(pick.command)) {
    auto header = parse_commit(pick.texts.buffer, repo_.algo());
    if (header) pick.author = header->author;
  }
  return 0;
}

int Sequencer::merge_recursively(Pick& pick, std::string& message) {
  CommitPool& pool = repo_.commits();
  MergeOptions merge = MergeOptions::from_config(repo_);
  merge.branch1 = "HEAD";
  merge.branch2 = pick.next ? pick.next_label : "(empty tree)";
  merge.ancestor = pick.base ? pick.base_label : "(empty tree)";
  for (const std::string& option : options.strategy_options) merge.parse_strategy_option(option);
  auto tree_of = [&](Commit* commit) -> ObjectId { return commit ? pool.tree(commit) : empty_tree_id(repo_.algo()); };
  const ObjectId head_tree = peel_to_type(repo_, pick.head, ObjectType::tree).value_or(empty_tree_id(repo_.algo()));
  Index index = Index::read(repo_);
  auto lock = index.try_lock();
  if (!lock) return error("%s", lock.error().message);
  auto result = merge_trees(repo_, merge, tree_of(pick.base), head_tree, tree_of(pick.next));
  if (!result) return error("%s", result.error().message);
  if (auto switched = switch_to_merge_result(repo_, index, head_tree, *result, "merge"); !switched) {
    if (!switched.error().message.empty()) error("%s", switched.error().message);
    return -1;
  }
  if (!options.is_rebase() || !result->is_clean) out(format_merge_messages(*result));
  flush_out();
  if (!result->is_clean) write_file(repo_.git_path("AUTO_MERGE"), result->tree.hex() + "\n");
  if (!index.write_locked(*lock, Index::kSkipIfUnchanged)) return error(_("%s: Unable to write new index file"), options.name());
  if (!result->is_clean) append_conflicts_hint(message, index, comment_, options.cleanup == CleanupMode::scissors);
  return result->is_clean ? 0 : 1;
}

int Sequencer::run_merge_strategy(const std::vector<Commit*>& bases, const ObjectId& head_oid,
                                  const std::vector<ObjectId>& others) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"merge-" + options.strategy};
  for (const std::string& option : options.strategy_options) child.args.push_back("--" + option);
  for (const Commit* base : bases) child.args.push_back(base->oid.hex());
  child.args.insert(child.args.end(), {"--", head_oid.hex()});
  for (const ObjectId& other : others) child.args.push_back(other.hex());
  return child.run();
}

int Sequencer::merge_pick(Pick& pick, const std::string& text) {
  std::string message = text;
  const bool is_builtin = options.strategy.empty() || options.strategy == "recursive" || options.strategy == "ort";
  if (is_builtin || !pick.base || pick.command == TodoCommand::revert) {
    const int code = merge_recursively(pick, message);
    if (code < 0) return code;
    return write(repo_.git_path("MERGE_MSG"), message) ? code : -1;
  }
  if (!write(repo_.git_path("MERGE_MSG"), message)) return -1;
  std::vector<Commit*> bases;
  if (pick.base) bases.push_back(pick.base);
  const int code = run_merge_strategy(bases, pick.head, {pick.next->oid});
  return code > 1 ? -1 : code;  // it could not even begin
}

// 1: may be empty, 2: drop it, 0: an empty one stops.
int Sequencer::allow_empty(Commit* commit) {
  CommitPool& pool = repo_.commits();
  auto head_oid = head();
  std::optional<ObjectId> head_tree;
  if (head_oid) {
    Commit* current = pool.get(*head_oid);
    pool.parse_or_die(current);
    head_tree = pool.tree(current);
  }
  if (!is_tree_unchanged(head_tree)) return 0;
  ObjectId before = empty_tree_id(repo_.algo());
  if (!commit->parents.empty()) {
    pool.parse_or_die(commit->parents[0]);
    before = pool.tree(commit->parents[0]);
  }
  if (pool.tree(commit) == before) return options.allow_empty || options.keep_redundant ? 1 : 0;
  if (options.keep_redundant) return 1;
  return options.drop_redundant ? 2 : 0;
}

bool Sequencer::write_author_script(std::string_view author) {
  auto ident = split_ident_line(author);
  if (!ident) {
    error(_("unable to parse commit author"));
    return false;
  }
  auto quoted = [](std::string_view value) { return sq_quote(value); };
  return write(rebase_path("author-script"),
               "GIT_AUTHOR_NAME=" + quoted(ident->name) + "\nGIT_AUTHOR_EMAIL=" + quoted(ident->mail) +
                   "\nGIT_AUTHOR_DATE=" + quoted("@" + std::string(ident->date) + " " + std::string(ident->tz)) + "\n");
}

int Sequencer::pick_commit(TodoItem& item, bool is_final, bool& check_todo) {
  Pick pick(item, is_final);
  was_dropped_ = false;
  CommitPool& pool = repo_.commits();
  if (should_edit()) pick.flags |= kEditMessage;
  if (!should_edit()) pick.message_file = repo_.git_path("MERGE_MSG");
  pool.parse_or_die(pick.commit);
  auto head_oid = head();
  if (options.no_commit) {
    Index index = Index::read(repo_);
    auto tree = index.write_tree();
    if (!tree) return error(_("your index file is unmerged."));
    pick.head = *tree;
  } else {
    pick.is_unborn = !head_oid;
    if (head_oid && options.squash_onto && *head_oid == *options.squash_onto) {
      if (is_fixup(pick.command)) return error(_("cannot fixup root commit"));
      pick.flags |= kCreateRoot;
      pick.is_unborn = true;
    }
    pick.head = head_oid ? *head_oid : empty_tree_id(repo_.algo());
    std::optional<ObjectId> tree;
    if (!pick.is_unborn) {
      Commit* current = pool.get(*head_oid);
      pool.parse_or_die(current);
      tree = pool.tree(current);
    }
    if (!is_tree_unchanged(tree)) return error_dirty_index();
  }
  if (int code = choose_parent(pick)) return code;
  pick.texts = read_texts(pick.commit);
  if (options.allow_ff && !is_fixup(pick.command) &&
      ((pick.parent && head_oid && pick.parent->oid == *head_oid) || (!pick.parent && pick.is_unborn))) {
    if (options.is_rebase()) {
      auto header = parse_commit(pick.texts.buffer, repo_.algo());
      if (!header || !write_author_script(header->author)) return -1;
    }
    const ObjectId* from = head_oid ? &*head_oid : nullptr;
    if (int code = fast_forward(pick.commit->oid, from); code || pick.command != TodoCommand::reword) return code;
    pick.is_fast_forward = true;
    pick.rewords = true;
    return conclude(pick, check_todo);
  }
  if (int code = prepare_message(pick)) return code;
  if (pick.command == TodoCommand::reword) {
    // It is made as it was, so that the editor finds a clean state, and then amended.
    pick.rewords = true;
  } else if (is_fixup(pick.command)) {
    if (update_squash_messages(item)) return -1;
    pick.flags |= kAmendMessage;
    if (!is_final) {
      pick.message_file = rebase_path("message-squash");
    } else if (path_exists(rebase_path("message-fixup"))) {
      if (!options.is_cleanup_explicit) pick.flags |= kVerbatimMessage;
      pick.message_file = rebase_path("message-fixup");
    } else {
      const std::string file = repo_.git_path("SQUASH_MSG");
      auto text = read_file(rebase_path("message-squash"));
      if (!text || !write_file(file, *text)) return error(_("could not copy '%s' to '%s'"), rebase_path("message-squash"), file);
      remove_file(repo_.git_path("MERGE_MSG"));
      pick.message_file = file;
      pick.flags |= kEditMessage;
    }
  }
  if (options.signoff && !is_fixup(pick.command))
    append_signoff(pick.message, committer_ident(repo_.config(), kIdentStrict | kIdentNoDate),
                   TrailerSettings::read(repo_.config()));
  if (options.is_rebase() && !is_fixup(pick.command) && !write_author_script(pick.author)) return -1;
  if (options.is_rebase() && is_fixup(pick.command)) {
    auto header = parse_commit(pick.texts.buffer, repo_.algo());
    if (!header || !write_author_script(header->author)) return -1;
  }
  int code = merge_pick(pick, pick.message);
  if (code < 0) return code;
  const bool picks =
      pick.command == TodoCommand::pick || pick.command == TodoCommand::reword || pick.command == TodoCommand::edit;
  // Whoever concludes it finds out whose author and message to take.
  if (picks && !options.no_commit && code <= 1 && !set_ref("CHERRY_PICK_HEAD", pick.commit->oid)) return -1;
  if (pick.command == TodoCommand::revert && ((options.no_commit && code == 0) || code == 1) &&
      !set_ref("REVERT_HEAD", pick.commit->oid))
    return -1;
  if (code) {
    error(pick.command == TodoCommand::revert ? _("could not revert %s... %s") : _("could not apply %s... %s"),
          short_name(pick.commit), pick.texts.subject);
    print_advice(code == 1);
    run_rerere(repo_, options.rerere_autoupdate);
    return code;
  }
  return conclude(pick, check_todo);
}

int Sequencer::conclude(Pick& pick, bool& check_todo) {
  bool drops = false;
  int code = 0;
  if (!pick.is_fast_forward) {
    switch (allow_empty(pick.commit)) {
      case 1:
        pick.flags |= kAllowEmpty;
        break;
      case 2:
        drops = was_dropped_ = true;
        delete_ref("CHERRY_PICK_HEAD");
        remove_file(repo_.git_path("MERGE_MSG"));
        remove_file(repo_.git_path("AUTO_MERGE"));
        errf(_("dropping %s %s -- patch contents already upstream\n"), pick.commit->oid, pick.texts.subject);
        break;
      default:
        break;
    }
    if (!options.no_commit && !drops) {
      if (pick.author.empty() && pick.command != TodoCommand::revert && !(pick.flags & kAmendMessage))
        return error(_("unable to parse commit author"));
      std::string author = pick.author.empty() ? author_ident(repo_.config()) : pick.author;
      code = do_commit(pick.message_file, author, pick.flags, &pick.commit->oid);
      check_todo = pick.flags & kEditMessage;
    }
  }
  if (!code && pick.rewords) {
    unsigned flags = kEditMessage | kVerifyMessage | kAmendMessage | (pick.flags & kAllowEmpty);
    if (pick.is_fast_forward) flags |= kAllowEmpty;
    code = run_git_commit(std::nullopt, flags);
    check_todo = true;
  }
  if (!code && pick.is_final_fixup) {
    for (const char* name : {"message-fixup", "message-squash", "current-fixups"}) remove_file(rebase_path(name));
    fixups_.clear();
    fixup_count_ = 0;
  }
  return code;
}

}  // namespace git
