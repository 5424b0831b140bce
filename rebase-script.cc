// Making the list of a rebase without merges, and the changes that options ask for.
#include "rebase-script.h"

#include <algorithm>
#include <map>

#include "advice.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "log-patch-id.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "show/commit-message.h"
#include "show/pretty.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"
#include "worktree.h"

namespace git {
namespace {

bool is_empty_commit(CommitPool& pool, Commit* commit) {
  pool.parse_or_die(commit);
  if (commit->parents.empty()) return pool.tree(commit) == empty_tree_id(pool.algo());
  pool.parse_or_die(commit->parents[0]);
  return pool.tree(commit->parents[0]) == pool.tree(commit);
}

TodoItem new_item(TodoCommand command, const std::string& arg) {
  TodoItem item;
  item.command = command;
  item.arg = arg;
  item.line = std::string(todo_command_name(command)) + " " + arg;
  return item;
}

// The subject behind "fixup! " and its like, however often they stand there; nullopt where they don't.
std::optional<std::string_view> squash_target(std::string_view subject) {
  std::string_view rest = subject;
  while (skip_prefix(rest, "fixup! ") || skip_prefix(rest, "amend! ") || skip_prefix(rest, "squash! ")) rest = ltrim(rest);
  if (rest.size() == subject.size()) return std::nullopt;
  return rest;
}

}  // namespace

std::string instruction_format(Repository& repo) {
  const std::string format = repo.config().get_string_or("rebase.instructionformat", "");
  return "# " + (format.empty() ? std::string("%s") : format);
}

std::string make_rebase_script(Repository& repo, const RebaseScript& how) {
  if (how.rebase_merges) return make_script_with_merges(repo, how);
  CommitPool& pool = repo.commits();
  RevWalk walk(repo);
  std::vector<std::string> args = {"--topo-order", "--reverse", "--right-only", "--max-parents=1"};
  if (!how.reapply_cherry_picks) args.push_back("--cherry-mark");
  args.push_back(how.base.hex() + "..." + how.tip.hex());
  if (how.exclude) args.push_back("^" + how.exclude->hex());
  walk.setup(args, {});
  give_patch_ids(walk, "");
  walk.prepare();
  const std::string format = instruction_format(repo), comment = comment_prefix_of(repo.config());
  std::string text;
  bool skipped = false;
  while (Commit* commit = walk.next()) {
    const bool is_empty = is_empty_commit(pool, commit);
    if (!is_empty && (walk.flags(commit) & kRevPatchsame)) {
      if (how.warn_skipped) warning(_("skipped previously applied commit %s"), unique_abbrev(repo, commit->oid));
      skipped = true;
      continue;
    }
    if (is_empty && !how.keep_empty) continue;
    text += strf("pick %s %s", commit->oid, format_commit_simple(repo, commit, format));
    if (is_empty) text += " " + comment + " empty";
    text += "\n";
  }
  if (skipped && how.warn_skipped)
    advise_if_enabled(repo.config(), "skippedCherryPicks", _("use --reapply-cherry-picks to include skipped commits"));
  return text;
}

bool rearrange_squash(Repository& repo, TodoList& list) {
  auto& items = list.items;
  const std::size_t count = items.size();
  constexpr std::ptrdiff_t kNone = -1;
  std::vector<std::ptrdiff_t> next(count, kNone), tail(count, kNone);
  std::vector<std::string> subjects(count);
  std::map<std::string, std::size_t> by_subject;
  std::map<const Commit*, std::size_t> by_commit;
  bool changed = false;
  for (std::size_t i = 0; i < count; i++) {
    TodoItem& item = items[i];
    if (!item.commit || item.command == TodoCommand::drop) continue;
    if (is_fixup(item.command)) return error(_("the script was already rearranged.")) == 0;
    by_commit[item.commit] = i;
    const std::string subject = subjects[i] = format_commit_simple(repo, item.commit, "%s");
    std::ptrdiff_t target = kNone;
    if (auto wanted = squash_target(subject)) {
      auto exact = by_subject.find(std::string(*wanted));
      Commit* named = nullptr;
      if (exact != by_subject.end()) {
        target = static_cast<std::ptrdiff_t>(exact->second);
      } else if (wanted->find(' ') == std::string_view::npos) {
        if (auto oid = get_oid(repo, *wanted, NameHint::committish, true)) named = repo.commits().peel_to_commit(*oid);
        if (named && by_commit.count(named) && by_commit[named] != i) target = static_cast<std::ptrdiff_t>(by_commit[named]);
      }
      for (std::size_t j = 0; target == kNone && j < i; j++)
        if (!subjects[j].empty() && starts_with(subjects[j], *wanted)) target = static_cast<std::ptrdiff_t>(j);
    }
    if (target != kNone) {
      changed = true;
      item.command = starts_with(subject, "squash!") ? TodoCommand::squash : TodoCommand::fixup;
      item.replace_fixup = starts_with(subject, "amend!");
      const auto t = static_cast<std::size_t>(target);
      const std::size_t behind = tail[t] == kNone ? t : static_cast<std::size_t>(tail[t]);
      next[i] = next[behind];
      next[behind] = static_cast<std::ptrdiff_t>(i);
      tail[t] = static_cast<std::ptrdiff_t>(i);
    } else if (!by_subject.count(subject)) {
      by_subject[subject] = i;
    }
  }
  if (!changed) return true;
  std::vector<TodoItem> sorted;
  for (std::size_t i = 0; i < count; i++) {
    if (is_fixup(items[i].command)) continue;
    for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i); at != kNone; at = next[static_cast<std::size_t>(at)])
      sorted.push_back(items[static_cast<std::size_t>(at)]);
  }
  items = std::move(sorted);
  return true;
}

void add_exec_commands(TodoList& list, const std::vector<std::string>& commands) {
  std::vector<TodoItem> completed;
  bool is_due = false;
  auto insert = [&] {
    for (const std::string& command : commands) completed.push_back(new_item(TodoCommand::exec, command));
    is_due = false;
  };
  for (TodoItem& item : list.items) {
    if (is_due && !is_fixup(item.command)) insert();
    if (item.command == TodoCommand::pick || item.command == TodoCommand::merge) is_due = true;
    completed.push_back(std::move(item));
  }
  if (is_due) insert();
  list.items = std::move(completed);
}

std::string add_update_ref_commands(Repository& repo, TodoList& list) {
  std::multimap<ObjectId, std::string> branches;
  repo.refs().for_each("refs/heads/", [&](const Ref& ref) {
    if (ref.symref_target.empty()) branches.emplace(ref.oid, ref.name);
    return true;
  });
  // The branch being rebased is among them; it moves anyway.
  const std::map<std::string, std::string> used = branches_in_use(list_worktrees(repo));
  std::vector<TodoItem> completed;
  std::string state;
  std::map<std::string, ObjectId> moved;
  for (TodoItem& item : list.items) {
    Commit* commit = item.commit;
    const bool is_made = makes_commit(item.command) || item.command == TodoCommand::merge;
    completed.push_back(std::move(item));
    if (!commit || !is_made) continue;
    auto [from, to] = branches.equal_range(commit->oid);
    // The last name first, as git log decorates.
    for (auto it = to; it != from;) {
      --it;
      if (auto place = used.find(it->second); place != used.end()) {
        TodoItem note;
        note.arg = note.line = strf("%s Ref %s checked out at '%s'", comment_prefix_of(repo.config()), it->second, place->second);
        completed.push_back(std::move(note));
        continue;
      }
      completed.push_back(new_item(TodoCommand::update_ref, it->second));
      moved[it->second] = commit->oid;
    }
  }
  list.items = std::move(completed);
  for (const auto& [name, oid] : moved) state += strf("%s\n%s\n%s\n", name, oid, ObjectId::null(repo.algo()));
  return state;
}

}  // namespace git
