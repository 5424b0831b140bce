// rebase --continue: the user has resolved conflicts, edited, amended, committed or skipped; find out which, and make of it
// what was to be made.
#include <algorithm>

#include "base/command-line.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "clean-check.h"
#include "index.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "rebase-todo.h"
#include "refs.h"
#include "repository.h"
#include "reset-head.h"
#include "sequencer.h"
#include "show/encoding.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr char kStagedChangesAdvice[] =
    "you have staged changes in your working tree\n"
    "If these changes are meant to be squashed into the previous commit, run:\n\n"
    "  git commit --amend %s\n\n"
    "If they are meant to go into a new commit, run:\n\n"
    "  git commit %s\n\n"
    "In both cases, once you're done, continue with:\n\n"
    "  git rebase --continue\n";

}  // namespace

// ---- what git rebase was asked for, kept for later ----

void Sequencer::write_rebase_options() {
  const ReplayOptions& o = options;
  auto flag = [&](bool is_set, const char* name, const char* text = "") {
    if (is_set) write(rebase_path(name), text);
  };
  flag(o.quiet, "quiet");
  flag(o.verbose, "verbose");
  if (!o.strategy.empty()) write(rebase_path("strategy"), o.strategy, true);
  if (!o.strategy_options.empty()) {
    std::vector<std::string> words;
    for (const std::string& option : o.strategy_options) words.push_back("--" + option);
    std::string text = sq_quote_argv(words);
    write(rebase_path("strategy_opts"), text.substr(1), true);
  }
  if (o.rerere_autoupdate >= 0)
    write(rebase_path("allow_rerere_autoupdate"), o.rerere_autoupdate ? "--rerere-autoupdate\n" : "--no-rerere-autoupdate\n");
  if (o.gpg_sign) write(rebase_path("gpg_sign_opt"), "-S" + *o.gpg_sign, true);
  flag(o.signoff, "signoff", "--signoff\n");
  flag(o.drop_redundant, "drop_redundant_commits");
  flag(o.keep_redundant, "keep_redundant_commits");
  flag(o.committer_date_is_author_date, "cdate_is_adate");
  flag(o.ignore_date, "ignore_date");
  flag(true, o.reschedule_failed_exec ? "reschedule-failed-exec" : "no-reschedule-failed-exec");
}

int Sequencer::read_rebase_options() {
  ReplayOptions& o = options;
  auto has = [&](const char* name) { return path_exists(rebase_path(name)); };
  o.gpg_sign.reset();
  if (auto text = read_line(rebase_path("gpg_sign_opt")); text && starts_with(*text, "-S")) o.gpg_sign = text->substr(2);
  if (auto text = read_line(rebase_path("allow_rerere_autoupdate"))) o.rerere_autoupdate = *text == "--rerere-autoupdate" ? 1 : 0;
  o.verbose = has("verbose");
  o.quiet = has("quiet");
  o.signoff = has("signoff");
  o.committer_date_is_author_date = has("cdate_is_adate");
  o.ignore_date = has("ignore_date");
  if (o.signoff || o.committer_date_is_author_date || o.ignore_date) o.allow_ff = false;
  if (has("reschedule-failed-exec"))
    o.reschedule_failed_exec = true;
  else if (has("no-reschedule-failed-exec"))
    o.reschedule_failed_exec = false;
  o.drop_redundant = has("drop_redundant_commits");
  o.keep_redundant = has("keep_redundant_commits");
  o.strategy = read_line(rebase_path("strategy")).value_or("");
  o.strategy_options.clear();
  if (auto text = read_line(rebase_path("strategy_opts"))) {
    auto words = parse_command_line(*text);
    if (words)
      for (std::string_view word : *words) {
        skip_prefix(word, "--");
        o.strategy_options.emplace_back(word);
      }
  }
  if (auto text = read_file_if_exists(rebase_path("current-fixups"))) {
    fixups_ = rtrim(*text);
    fixup_count_ = static_cast<int>(split_lines(fixups_).size());
  }
  if (auto text = read_line(rebase_path("squash-onto"))) {
    o.squash_onto = ObjectId::from_hex(*text, repo_.algo());
    if (!o.squash_onto) return error(_("unusable squash-onto"));
  }
  return 0;
}

// ---- going on ----

int Sequencer::commit_staged_changes(TodoList& list) {
  unsigned flags = kAllowEmpty | kEditMessage;
  bool is_final = false;
  Index index = Index::read(repo_);
  if (has_unstaged_changes(index, true)) return error(_("cannot rebase: You have unstaged changes."));
  const bool is_clean = !has_uncommitted_changes(index, false);
  const std::string sign = options.gpg_sign ? sq_quote("-S" + *options.gpg_sign) : std::string();
  if (!is_clean && !path_exists(rebase_path("message"))) return error(kStagedChangesAdvice, sign, sign);
  auto drop_fixups = [&] {
    remove_file(rebase_path("current-fixups"));
    fixups_.clear();
    fixup_count_ = 0;
  };
  if (path_exists(rebase_path("amend"))) {
    auto now = head();
    if (!now) return error(_("cannot amend non-existing commit"));
    auto text = read_line(rebase_path("amend"));
    auto to_amend = ObjectId::from_hex(text.value_or(""), repo_.algo());
    if (!to_amend) return error(_("invalid contents: '%s'"), rebase_path("amend"));
    if (!is_clean && !(*now == *to_amend))
      return error(
          _("\nYou have uncommitted changes in your working tree. Please, commit them\nfirst and then run 'git rebase "
            "--continue' again."));
    const bool continues = is_fixup(list.peek(0));
    if (is_clean && fixup_count_) {
      if (!(*now == *to_amend) || !path_exists(rebase_path("stopped-sha"))) {
        // The user concluded the group by hand.
        if (!continues) {
          remove_file(rebase_path("message-fixup"));
          remove_file(rebase_path("message-squash"));
          drop_fixups();
        }
      } else {
        // A member of the group was skipped: it doesn't count, nor does its message.
        fixup_count_--;
        const std::size_t newline = fixups_.rfind('\n');
        fixups_.resize(newline == std::string::npos ? 0 : newline);
        if (!write(rebase_path("current-fixups"), fixups_)) return -1;
        if (fixup_count_ > 0 && !continues) {
          is_final = true;
          const bool was_edited = fixups_.find("fixup -c ") != std::string::npos;
          if (!has_seen_squash() && !was_edited) flags = (flags & ~unsigned{kEditMessage}) | kCleanupMessage;
        } else if (continues) {
          Commit* current = repo_.commits().peel_to_commit(*now);
          if (!current) return error(_("could not parse HEAD"));
          if (!write(rebase_path("message-squash"), ltrim(read_texts(current).body))) return -1;
        }
      }
    }
    flags |= kAmendMessage;
  }
  const bool concludes_merge = path_exists(repo_.git_path("MERGE_HEAD"));
  if (is_clean && !concludes_merge) {
    delete_ref("CHERRY_PICK_HEAD");
    if (!remove_file(repo_.git_path("MERGE_MSG"))) return error_errno(_("could not remove '%s'"), repo_.git_path("MERGE_MSG"));
    if (!is_final) return 0;
  }
  std::optional<std::string> file;
  if (!is_final) file = rebase_path("message");
  if (run_git_commit(file, flags)) return error(_("could not commit staged changes."));
  remove_file(rebase_path("amend"));
  remove_file(repo_.git_path("MERGE_HEAD"));
  remove_file(repo_.git_path("AUTO_MERGE"));
  if (is_final) {
    remove_file(rebase_path("message-fixup"));
    remove_file(rebase_path("message-squash"));
  }
  // The message is final now; what follows begins a group of its own.
  if (fixup_count_ > 0) drop_fixups();
  return 0;
}

int Sequencer::resume_rebase(TodoList& list) {
  if (read_rebase_options()) return -1;
  if (int code = read_todo(list)) return code;
  if (path_exists(rebase_path("dropped"))) {
    if (!check_against_backup(repo_, comment_, list)) return -1;
    remove_file(rebase_path("dropped"));
  }
  reflog_action_ = reflog_message("continue");
  if (commit_staged_changes(list)) return -1;
  if (auto stopped = read_line(rebase_path("stopped-sha")))
    if (auto oid = get_oid(repo_, *stopped, NameHint::committish, true)) record_rewritten(*oid, list.peek(0));
  return run_list(list);
}

// ---- beginning ----

int Sequencer::checkout_onto(const std::string& onto_name, const ObjectId& onto, const ObjectId& orig_head) {
  reflog_action_ = reflog_message("start", "checkout " + onto_name);
  ResetHead how;
  how.oid = onto;
  how.orig_head = orig_head;
  how.detach = true;
  how.run_hook = true;
  how.action = "checkout";
  how.head_message = reflog_action_;
  if (reset_head(repo_, how)) {
    apply_autostash(repo_, "rebase-merge/autostash");
    remove_state();
    return error(_("could not detach HEAD"));
  }
  return 0;
}

std::optional<ObjectId> Sequencer::skip_unnecessary_picks(TodoList& list, ObjectId base) {
  CommitPool& pool = repo_.commits();
  std::size_t at = 0;
  for (; at < list.items.size(); at++) {
    const TodoItem& item = list.items[at];
    if (is_noop(item.command)) continue;
    if (item.command != TodoCommand::pick) break;
    if (auto parsed = pool.parse(item.commit); !parsed) {
      error(_("could not parse commit '%s'"), item.commit->oid);
      return std::nullopt;
    }
    if (item.commit->parents.size() != 1 || !(item.commit->parents[0]->oid == base)) break;
    base = item.commit->oid;
  }
  if (!at) return base;
  std::string done;
  for (std::size_t i = 0; i < at; i++) {
    done += list.items[i].line + "\n";
    if (list.items[i].command != TodoCommand::comment) list.done_count++;
  }
  const std::string file = rebase_path("done");
  if (!write_file(file, read_file_if_exists(file).value_or("") + done)) {
    error_errno(_("could not write to '%s'"), file);
    return std::nullopt;
  }
  // A group that starts on a commit skipped this way still belongs to it.
  if (at < list.items.size() && is_fixup(list.items[at].command)) record_rewritten(base, list.items[at].command);
  list.items.erase(list.items.begin(), list.items.begin() + static_cast<std::ptrdiff_t>(at));
  return base;
}

}  // namespace git
