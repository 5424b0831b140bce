// The format for people, also the comment block of a commit message template: every line can get the comment sign in front.
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"
#include "config/color.h"
#include "diff.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "show/tracking-info.h"
#include "show/wt-status-internal.h"
#include "show/wt-status.h"

namespace git {

std::string StatusPaths::show(std::string_view path) const {
  if (status.null_termination) return std::string(path);
  return quote_path(path, status.prefix, quote_high);
}

class LongStatus {
 public:
  explicit LongStatus(WtStatus& s) : s_(s), paths_(s), header_(s.color(StatusColor::header)) {}

  void print() {
    print_branch();
    print_state();
    if (s_.is_initial) {
      line("");
      line(s_.commit_template ? "Initial commit" : "No commits yet");
      line("");
    }
    print_updated();
    print_unmerged();
    print_changed();
    if (s_.submodule_summary && s_.ignore_submodule_arg != "all") {
      print_submodule_summary(false);
      print_submodule_summary(true);
    }
    if (s_.show_untracked != UntrackedMode::no) {
      print_other(s_.untracked, "Untracked files", "add");
      if (s_.show_ignored != IgnoredMode::no) print_other(s_.ignored, "Ignored files", "add -f");
    } else if (s_.committable) {
      line(std::string("Untracked files not listed") + (s_.hints ? " (use -u option to show untracked files)" : ""));
    }
    if (s_.verbose) print_verbose();
    if (!s_.committable) print_nothing();
    if (s_.show_stash) print_stash();
  }

 private:
  void put(std::string_view text) { s_.write(text); }
  static std::string paint(std::string_view color, std::string_view text) {
    if (color.empty()) return std::string(text);
    return std::string(color) + std::string(text) + std::string(kColorReset);
  }
  // Text, perhaps of several lines, the comment sign before each unless it goes on in a line begun.
  void printf(std::string_view color, std::string_view text, bool at_start, std::string_view trail) {
    if (text.empty()) {
      std::string out;
      if (s_.display_comment_prefix) {
        out = s_.comment_prefix;
        if (trail.empty()) out += ' ';
      }
      put(paint_if(color, out) + std::string(trail));
      return;
    }
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      std::string out;
      if (at_start && s_.display_comment_prefix) {
        out = s_.comment_prefix;
        if (text[0] != '\n' && text[0] != '\t') out += ' ';
      }
      out += text.substr(0, end);
      put(paint_if(color, out));
      if (end == std::string_view::npos) break;
      put("\n");
      text.remove_prefix(end + 1);
      at_start = true;
    }
    put(trail);
  }
  static std::string paint_if(std::string_view color, const std::string& text) {
    return text.empty() && color.empty() ? text : paint(color, text);
  }
  void line(std::string_view text) { printf(header_, text, true, "\n"); }
  void hint(std::string_view text) {
    if (s_.hints) line(text);
  }
  void begin(std::string_view color, std::string_view text) { printf(color, text, true, ""); }
  void more(std::string_view color, std::string_view text) {
    if (text.empty()) {
      put(paint_if(color, ""));
      return;
    }
    printf(color, text, false, "");
  }
  void trailer() { printf(plain_, "", true, "\n"); }

  void print_branch() {
    if (s_.branch.empty()) return;
    const WtState& state = s_.state;
    std::string on_what = "On branch ", name = s_.branch;
    std::string status_color = header_;
    if (name == "HEAD") {
      status_color = s_.color(StatusColor::no_branch);
      if (state.rebase || state.rebase_interactive) {
        on_what = state.rebase_interactive ? "interactive rebase in progress; onto " : "rebase in progress; onto ";
        name = state.onto;
      } else if (!state.detached_from.empty()) {
        name = state.detached_from;
        on_what = state.detached_at ? "HEAD detached at " : "HEAD detached from ";
      } else {
        name.clear();
        on_what = "Not currently on any branch.";
      }
    } else if (starts_with(name, "refs/heads/")) {
      name = name.substr(11);
    }
    begin(header_, "");
    more(status_color, on_what);
    more(s_.color(StatusColor::on_branch), name + "\n");
    if (!s_.is_initial) print_tracking();
  }

  void print_tracking() {
    std::string_view name = s_.branch;
    if (!skip_prefix(name, "refs/heads/")) return;
    const bool full = s_.ahead_behind.value_or(true);
    const std::string text =
        format_tracking_info(s_.repo(), name, full ? AheadBehindMode::full : AheadBehindMode::quick, !s_.commit_template);
    if (text.empty()) return;
    for (std::string_view part : split_lines(text)) {
      std::string out = s_.display_comment_prefix ? s_.comment_prefix + (part.empty() ? "" : " ") : "";
      put(paint_if(header_, out + std::string(part)) + "\n");
    }
    if (s_.display_comment_prefix)
      put(paint_if(header_, s_.comment_prefix) + "\n");
    else
      put("\n");
  }

  void print_state() {
    const WtState& state = s_.state;
    if (state.merge) {
      if (state.rebase_interactive) {
        print_rebase_information();
        put("\n");
      }
      print_merge();
    } else if (state.am) {
      print_am();
    } else if (state.rebase || state.rebase_interactive) {
      print_rebase();
    } else if (state.cherry_pick) {
      print_pick("Cherry-pick currently in progress.", "You are currently cherry-picking commit %s.", "cherry-pick",
                 "cancel the cherry-pick operation", state.cherry_pick_head);
    } else if (state.revert) {
      print_pick("Revert currently in progress.", "You are currently reverting commit %s.", "revert",
                 "cancel the revert operation", state.revert_head);
    }
    if (state.bisect) {
      line(state.bisecting_from.empty() ? "You are currently bisecting."
                                        : strf("You are currently bisecting, started from branch '%s'.", state.bisecting_from));
      hint("  (use \"git bisect reset\" to get back to the original branch)");
      trailer();
    }
    if (state.sparse_percentage) {
      line(*state.sparse_percentage < 0
               ? "You are in a sparse checkout."
               : strf("You are in a sparse checkout with %d%% of tracked files present.", *state.sparse_percentage));
      trailer();
    }
  }

  void print_merge() {
    if (s_.has_unmerged()) {
      line("You have unmerged paths.");
      hint("  (fix conflicts and run \"git commit\")");
      hint("  (use \"git merge --abort\" to abort the merge)");
    } else {
      line("All conflicts fixed but you are still merging.");
      hint("  (use \"git commit\" to conclude merge)");
    }
    trailer();
  }

  void print_am() {
    line("You are in the middle of an am session.");
    const bool empty = s_.state.am_empty_patch;
    if (empty) line("The current patch is empty.");
    if (!empty) hint("  (fix conflicts and then run \"git am --continue\")");
    hint("  (use \"git am --skip\" to skip this patch)");
    if (empty) hint("  (use \"git am --allow-empty\" to record this patch as an empty commit)");
    hint("  (use \"git am --abort\" to restore the original branch)");
    trailer();
  }

  // The commands of a todo list with object names made short.
  bool read_todo(const char* name, std::vector<std::string>& lines) {
    auto text = read_file_if_exists(s_.repo().git_path(name));
    if (!text) return false;
    for (std::string_view raw : split_lines(*text)) {
      std::string_view entry = trim(raw);
      if (entry.empty() || starts_with(entry, s_.comment_prefix)) continue;
      std::string shown(entry);
      const bool has_name =
          !starts_with(entry, "exec ") && !starts_with(entry, "x ") && !starts_with(entry, "label ") && !starts_with(entry, "l ");
      std::size_t first = entry.find(' ');
      // "fixup -C <name>", "merge -c <name>"
      if (first != std::string_view::npos &&
          (starts_with(entry.substr(first), " -C ") || starts_with(entry.substr(first), " -c ")))
        first += 3;
      if (has_name && first != std::string_view::npos) {
        std::size_t second = entry.find(' ', first + 1);
        std::string_view word = entry.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
        if (second != std::string_view::npos || true)
          if (auto oid = get_oid(s_.repo(), word, NameHint::none, true)) {
            shown = std::string(entry.substr(0, first + 1)) + unique_abbrev(s_.repo(), *oid, -1);
            if (second != std::string_view::npos) shown += entry.substr(second);
          }
      }
      lines.push_back(shown);
    }
    return true;
  }

  void print_rebase_information() {
    if (!s_.state.rebase_interactive) return;
    std::vector<std::string> done, todo;
    read_todo("rebase-merge/done", done);
    if (!read_todo("rebase-merge/git-rebase-todo", todo)) line("git-rebase-todo is missing.");
    if (done.empty()) {
      line("No commands done.");
    } else {
      line(strf(Q_("Last command done (%d command done):", "Last commands done (%d commands done):", done.size()), done.size()));
      for (std::size_t i = done.size() > 2 ? done.size() - 2 : 0; i < done.size(); i++) line("   " + done[i]);
      if (done.size() > 2) hint("  (see more in file " + s_.repo().git_path("rebase-merge/done") + ")");
    }
    if (todo.empty()) {
      line("No commands remaining.");
    } else {
      line(strf(Q_("Next command to do (%d remaining command):", "Next commands to do (%d remaining commands):", todo.size()),
                todo.size()));
      for (std::size_t i = 0; i < 2 && i < todo.size(); i++) line("   " + todo[i]);
      hint("  (use \"git rebase --edit-todo\" to view and edit)");
    }
  }

  void print_rebase_state() {
    if (!s_.state.branch.empty())
      line(strf("You are currently rebasing branch '%s' on '%s'.", s_.state.branch, s_.state.onto));
    else
      line("You are currently rebasing.");
  }

  bool is_splitting() {
    if ((!s_.amend && !s_.nowarn && !s_.workdir_dirty) || s_.branch != "HEAD") return false;
    auto head = s_.repo().refs().read_oid("HEAD"), orig = s_.repo().refs().read_oid("ORIG_HEAD");
    if (!head || !orig) return false;
    auto amend = read_file_if_exists(s_.repo().git_path("rebase-merge/amend"));
    auto orig_head = read_file_if_exists(s_.repo().git_path("rebase-merge/orig-head"));
    if (!amend || !orig_head) return false;
    const std::string amend_line(rtrim(*amend)), orig_line(rtrim(*orig_head));
    if (amend_line == orig_line) return head->hex() != amend_line;
    return orig->hex() != orig_line;
  }

  void print_rebase() {
    print_rebase_information();
    if (s_.has_unmerged()) {
      print_rebase_state();
      hint("  (fix conflicts and then run \"git rebase --continue\")");
      hint("  (use \"git rebase --skip\" to skip this patch)");
      hint("  (use \"git rebase --abort\" to check out the original branch)");
    } else if (s_.state.rebase || path_exists(s_.repo().git_path("MERGE_MSG"))) {
      print_rebase_state();
      hint("  (all conflicts fixed: run \"git rebase --continue\")");
    } else if (is_splitting()) {
      line(s_.state.branch.empty() ? "You are currently splitting a commit during a rebase."
                                   : strf("You are currently splitting a commit while rebasing branch '%s' on '%s'.",
                                          s_.state.branch, s_.state.onto));
      hint("  (Once your working directory is clean, run \"git rebase --continue\")");
    } else {
      line(s_.state.branch.empty()
               ? "You are currently editing a commit during a rebase."
               : strf("You are currently editing a commit while rebasing branch '%s' on '%s'.", s_.state.branch, s_.state.onto));
      if (!s_.amend) {
        hint("  (use \"git commit --amend\" to amend the current commit)");
        hint("  (use \"git rebase --continue\" once you are satisfied with your changes)");
      }
    }
    trailer();
  }

  void print_pick(const char* unknown, const char* known, const char* command, const char* cancel, const ObjectId& oid) {
    line(oid.is_null() ? std::string(unknown) : strf(known, unique_abbrev(s_.repo(), oid, -1)));
    if (s_.has_unmerged())
      hint(strf("  (fix conflicts and run \"git %s --continue\")", command));
    else if (oid.is_null())
      hint(strf("  (run \"git %s --continue\" to continue)", command));
    else
      hint(strf("  (all conflicts fixed: run \"git %s --continue\")", command));
    hint(strf("  (use \"git %s --skip\" to skip this patch)", command));
    hint(strf("  (use \"git %s --abort\" to %s)", command, cancel));
    trailer();
  }

  static std::string_view label(char status) {
    switch (status) {
      case 'A':
        return "new file:";
      case 'C':
        return "copied:";
      case 'D':
        return "deleted:";
      case 'M':
        return "modified:";
      case 'R':
        return "renamed:";
      case 'T':
        return "typechange:";
      case 'U':
        return "unmerged:";
      default:
        return "unknown:";
    }
  }
  static std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(text.size() < width ? width - text.size() : 0, ' ');
  }

  void unstage_hint() {
    if (s_.whence != CommitWhence::commit) return;
    if (s_.is_initial)
      hint("  (use \"git rm --cached <file>...\" to unstage)");
    else if (s_.reference == "HEAD")
      hint("  (use \"git restore --staged <file>...\" to unstage)");
    else
      hint(strf("  (use \"git restore --source=%s --staged <file>...\" to unstage)", s_.reference));
  }

  void print_change(const std::string& path, const StatusChange& change, char status, std::string_view color,
                    bool with_submodule) {
    std::string extra;
    if (with_submodule && (change.new_submodule_commits || change.dirty_submodule)) {
      if (change.new_submodule_commits) extra += "new commits, ";
      if (change.dirty_submodule & kSubmoduleModified) extra += "modified content, ";
      if (change.dirty_submodule & kSubmoduleUntracked) extra += "untracked content, ";
      extra = " (" + extra.substr(0, extra.size() - 2) + ")";
    }
    begin(header_, "\t");
    std::string text = padded(label(status), 12);
    if (change.rename_status == status && !change.rename_source.empty())
      text += paths_.show(change.rename_source) + " -> " + paths_.show(path);
    else
      text += paths_.show(path);
    more(color, text);
    if (!extra.empty()) more(header_, extra);
    more(plain_, "\n");
  }

  void print_updated() {
    bool shown = false;
    for (const auto& [path, change] : s_.changes) {
      if (!change.index_status || change.index_status == 'U') continue;
      if (!shown) {
        line("Changes to be committed:");
        unstage_hint();
        shown = true;
      }
      print_change(path, change, change.index_status, s_.color(StatusColor::updated), false);
    }
    if (shown) trailer();
  }

  void print_unmerged() {
    static constexpr std::string_view kLabels[] = {"",
                                                   "both deleted:",
                                                   "added by us:",
                                                   "deleted by them:",
                                                   "added by them:",
                                                   "deleted by us:",
                                                   "both added:",
                                                   "both modified:"};
    bool both_deleted = false, delete_modify = false, not_deleted = false, any = false;
    for (const auto& [path, change] : s_.changes) {
      if (!change.stage_mask) continue;
      any = true;
      if (change.stage_mask == 1)
        both_deleted = true;
      else if (change.stage_mask == 3 || change.stage_mask == 5)
        delete_modify = true;
      else
        not_deleted = true;
    }
    if (!any) return;
    line("Unmerged paths:");
    unstage_hint();
    if (!both_deleted)
      hint(delete_modify ? "  (use \"git add/rm <file>...\" as appropriate to mark resolution)"
                         : "  (use \"git add <file>...\" to mark resolution)");
    else if (!delete_modify && !not_deleted)
      hint("  (use \"git rm <file>...\" to mark resolution)");
    else
      hint("  (use \"git add/rm <file>...\" as appropriate to mark resolution)");
    for (const auto& [path, change] : s_.changes) {
      if (!change.stage_mask) continue;
      begin(header_, "\t");
      more(s_.color(StatusColor::unmerged), padded(kLabels[change.stage_mask & 7], 17) + paths_.show(path) + "\n");
    }
    trailer();
  }

  void print_changed() {
    bool any = false, deleted = false, dirty_submodules = false;
    for (const auto& [path, change] : s_.changes) {
      if (!change.worktree_status || change.worktree_status == 'U') continue;
      any = true;
      if (change.worktree_status == 'D') deleted = true;
      if (change.dirty_submodule) dirty_submodules = true;
    }
    if (!any) return;
    line("Changes not staged for commit:");
    hint(deleted ? "  (use \"git add/rm <file>...\" to update what will be committed)"
                 : "  (use \"git add <file>...\" to update what will be committed)");
    hint("  (use \"git restore <file>...\" to discard changes in working directory)");
    if (dirty_submodules) hint("  (commit or discard the untracked or modified content in submodules)");
    for (const auto& [path, change] : s_.changes)
      if (change.worktree_status && change.worktree_status != 'U')
        print_change(path, change, change.worktree_status, s_.color(StatusColor::changed), true);
    trailer();
  }

  void print_submodule_summary(bool uncommitted) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"submodule", "summary", uncommitted ? "--files" : "--cached", "--for-status", "--summary-limit"};
    child.args.push_back(std::to_string(s_.submodule_summary));
    if (!uncommitted) child.args.push_back(s_.amend ? "HEAD^" : "HEAD");
    if (!s_.index_file.empty()) child.env.push_back("GIT_INDEX_FILE=" + s_.index_file);
    child.in = ChildProcess::kNull;
    CommandOutput output = pipe_command(child, {});
    if (output.out.empty()) return;
    std::string text = uncommitted ? "Submodules changed but not updated:\n\n" : "Submodule changes to be committed:\n\n";
    text += output.out;
    if (!s_.display_comment_prefix) {
      put(text);
      return;
    }
    for (std::string_view part : split_lines(text)) {
      put(s_.comment_prefix);
      if (!part.empty() && part[0] != '\t') put(" ");
      put(part);
      put("\n");
    }
  }

  void print_other(const std::vector<std::string>& names, const char* what, const char* how) {
    if (names.empty()) return;
    line(std::string(what) + ":");
    hint(strf("  (use \"git %s <file>...\" to include in what will be committed)", how));
    const std::string color = s_.color(StatusColor::untracked);
    if (s_.columns.is_active(s_.write_fd == 1 && ::isatty(1))) {
      std::vector<std::string> items;
      for (const std::string& name : names) items.push_back(paths_.show(name));
      ColumnLayout layout;
      layout.indent = header_ + (s_.display_comment_prefix ? "#" : "") + "\t" + color;
      if (!color.empty()) layout.newline = std::string(kColorReset) + "\n";
      layout.width = terminal_columns();
      put(format_columns(items, s_.columns, layout));
    } else {
      for (const std::string& name : names) {
        begin(header_, "\t");
        more(color, paths_.show(name) + "\n");
      }
    }
    trailer();
  }

  void print_verbose() {
    const bool to_file = s_.write_fd != 1;
    auto make = [&]() {
      DiffOptions options = make_diff_options(&s_.repo(), s_.repo().config(), &s_.index(), s_.prefix, DiffConfig::ui);
      options.output_format = kDiffPatch;
      options.ita_invisible_in_index = true;
      options.write = s_.write;
      options.detect_rename = s_.detect_rename;
      options.rename_score = s_.rename_score >= 0 ? s_.rename_score : options.rename_score;
      options.use_color = to_file ? 0 : options.use_color;
      options.pathspec = s_.pathspec;
      return options;
    };
    const bool twice = s_.verbose > 1 && s_.committable;
    if (to_file) {
      if (!s_.has_cut_line) put(WtStatus::cut_line(s_.comment_prefix));
      if (twice) trailer();
    }
    DiffOptions staged = make();
    diff_set_mnemonic_prefix(staged, "c/", "i/");
    if (twice) {
      line("Changes to be committed:");
      staged.a_prefix = "c/";
      staged.b_prefix = "i/";
    }
    diff_setup_done(staged);
    ObjectId tree = empty_tree_id(s_.repo().algo());
    if (!s_.is_initial) tree = peel_to_tree_or_die(s_.repo(), get_oid_or_die(s_.repo(), s_.reference), s_.reference);
    DiffIndexSettings settings;
    settings.cached = true;
    diff_index(staged, s_.index(), tree, settings);
    diffcore_std(staged);
    diff_flush(staged);
    if (s_.verbose < 2 || !s_.workdir_dirty) return;
    line("--------------------------------------------------");
    line("Changes not staged for commit:");
    DiffOptions unstaged = make();
    unstaged.a_prefix = "i/";
    unstaged.b_prefix = "w/";
    diff_setup_done(unstaged);
    diff_files(unstaged, s_.index(), {});
    diffcore_std(unstaged);
    diff_flush(unstaged);
  }

  void print_nothing() {
    const bool hints = s_.hints;
    if (s_.amend)
      line("No changes");
    else if (s_.nowarn)
      return;
    else if (s_.workdir_dirty)
      put(hints ? "no changes added to commit (use \"git add\" and/or \"git commit -a\")\n" : "no changes added to commit\n");
    else if (!s_.untracked.empty())
      put(hints ? "nothing added to commit but untracked files present (use \"git add\" to track)\n"
                : "nothing added to commit but untracked files present\n");
    else if (s_.is_initial)
      put(hints ? "nothing to commit (create/copy files and use \"git add\" to track)\n" : "nothing to commit\n");
    else if (s_.show_untracked == UntrackedMode::no)
      put(hints ? "nothing to commit (use -u to show untracked files)\n" : "nothing to commit\n");
    else
      put("nothing to commit, working tree clean\n");
  }

  void print_stash() {
    const int count = count_stashes(s_.repo());
    if (count)
      line(strf(Q_("Your stash currently has %d entry", "Your stash currently has %d entries", static_cast<unsigned>(count)),
                count));
  }

  WtStatus& s_;
  StatusPaths paths_;
  std::string header_, plain_;
};

int count_stashes(Repository& repo) {
  int count = 0;
  repo.refs().for_each_reflog_entry("refs/stash", true, [&](const ReflogEntry&) {
    count++;
    return true;
  });
  return count;
}

void print_long_status(WtStatus& status) { LongStatus(status).print(); }

}  // namespace git
