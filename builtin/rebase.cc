// git rebase: what to put on top of what, whether there is anything to do, and then either the sequencer (merge backend) or
// format-patch and am (apply backend).
#include <unistd.h>

#include <algorithm>

#include "advice.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "branch.h"
#include "builtin.h"
#include "checkout.h"
#include "clean-check.h"
#include "config.h"
#include "editor.h"
#include "hook.h"
#include "index.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "rebase-script.h"
#include "rebase-todo.h"
#include "refs.h"
#include "remote.h"
#include "rerere.h"
#include "reset-head.h"
#include "sequencer.h"
#include "show/pretty.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/commit-write.h"

GIT_BUILTIN("rebase", cmd_rebase, kSetup | kNeedWorkTree)

namespace git {
namespace {

enum class Backend : std::uint8_t { unspecified, apply, merge };
enum Action : int { kStart = 0, kContinue, kSkip, kAbort, kQuit, kEditTodo, kShowPatch };
constexpr const char* kActionNames[] = {"", "continue", "skip", "abort", "quit", "edit-todo", "show-current-patch"};
enum class Empty : std::uint8_t { unspecified, drop, keep, stop };

class Rebase {
 public:
  explicit Rebase(Invocation& inv) : inv_(inv), repo_(inv.repo()), config_(repo_.config()), pool_(repo_.commits()) {}
  int run();

 private:
  void read_config();
  void declare(Options& o);
  void parse();
  void find_state();
  void check_options();
  void imply_merge(const std::string& option);
  int act();
  int resume();
  int skip();
  int abort();
  int quit();
  int edit_todo();
  int show_patch();
  void read_basic_state();
  void write_basic_state();
  int start();
  void choose_upstream(std::vector<std::string>& args);
  void choose_onto();
  void choose_branch(const std::vector<std::string>& args);
  [[noreturn]] void die_no_upstream();
  bool can_fast_forward();
  int up_to_date();
  void show_diffstat();
  int run_merge_backend();
  int run_apply_backend();
  int finish_am(int code);
  int move_to_original_branch();
  int finish();
  void abandon();
  int report(int code);
  bool is_interactive() const { return interactive_ || !exec_.empty() || autosquash_ > 0 || rebase_merges_ > 0; }
  std::string state_dir() const { return backend_ == Backend::apply ? "rebase-apply" : "rebase-merge"; }
  std::string state_path(const std::string& name) const { return repo_.git_path(state_dir() + "/" + name); }
  std::string reflog(const std::string& sub, const std::string& text) const {
    return get_env_or("GIT_REFLOG_ACTION", "rebase") + " (" + sub + "): " + text;
  }
  ReplayOptions replay_options();

  Invocation& inv_;
  Repository& repo_;
  Config& config_;
  CommitPool& pool_;
  std::vector<std::string> args_;
  // options
  int action_ = kStart;
  Backend backend_ = Backend::unspecified, default_backend_ = Backend::merge;
  bool in_progress_ = false, was_interactive_ = false;
  bool interactive_ = false, force_ = false, keep_base_ = false, root_ = false, no_verify_ = false;
  bool signoff_ = false, committer_date_is_author_date_ = false, ignore_date_ = false, ignore_whitespace_ = false;
  bool quiet_ = false, verbose_ = false, diffstat_ = false, keep_empty_ = true, root_with_onto_ = false;
  int autosquash_ = -1, autostash_ = 0, fork_point_ = -1, rebase_merges_ = -1, update_refs_ = -1, reapply_ = -1;
  int reschedule_ = -1, rerere_autoupdate_ = -1;
  bool config_autosquash_ = false, config_update_refs_ = false, config_reschedule_ = false, rebase_cousins_ = false;
  std::optional<bool> config_rebase_merges_cousins_;
  bool config_rebase_merges_ = false, allow_preemptive_ff_ = true;
  Empty empty_ = Empty::unspecified;
  std::optional<std::string> onto_name_, strategy_, gpg_sign_;
  std::vector<std::string> exec_, strategy_options_, am_options_;
  std::optional<std::string> context_lines_;
  std::vector<std::string> whitespace_;
  // what it comes to
  std::optional<std::string> upstream_name_;
  std::string branch_name_, head_name_;  // head_name: full, "" detached
  bool switches_ = false;
  Commit *upstream_ = nullptr, *onto_ = nullptr, *orig_head_ = nullptr, *restrict_ = nullptr;
  Commit* branch_base_ = nullptr;
  std::optional<ObjectId> squash_onto_;
};

void Rebase::read_config() {
  diffstat_ = config_.get_bool_or("rebase.stat", false);
  config_autosquash_ = config_.get_bool_or("rebase.autosquash", false);
  autostash_ = config_.get_bool_or("rebase.autostash", false);
  config_update_refs_ = config_.get_bool_or("rebase.updaterefs", false);
  config_reschedule_ = config_.get_bool_or("rebase.reschedulefailedexec", false);
  if (config_.find("rebase.forkpoint")) fork_point_ = config_.get_bool_or("rebase.forkpoint", true) ? -1 : 0;
  if (const ConfigEntry* entry = config_.find("rebase.rebasemerges")) {
    auto truth = parse_maybe_bool(entry->value);
    if (entry->value && iequals(*entry->value, "rebase-cousins")) {
      config_rebase_merges_ = true;
      config_rebase_merges_cousins_ = true;
    } else if (entry->value && iequals(*entry->value, "no-rebase-cousins")) {
      config_rebase_merges_ = true;
      config_rebase_merges_cousins_ = false;
    } else if (truth || !entry->value) {
      config_rebase_merges_ = truth.value_or(true);
    } else {
      die(_("unknown rebase-merges mode: %s"), *entry->value);
    }
  }
  if (config_.get_bool_or("commit.gpgsign", false)) gpg_sign_ = "";
  if (auto name = config_.get_string("rebase.backend")) {
    if (*name == "apply")
      default_backend_ = Backend::apply;
    else if (*name != "merge")
      die(_("Unknown rebase backend: %s"), *name);
  }
}

void Rebase::declare(Options& o) {
  auto set = [](bool& slot) {
    return [&slot](const std::optional<std::string>&, bool unset) {
      slot = !unset;
      return true;
    };
  };
  o.string(0, "onto", &onto_name_, "revision", N_("rebase onto given branch instead of upstream"));
  o.boolean(0, "keep-base", &keep_base_, N_("use the merge-base of upstream and branch as the current base"));
  o.boolean(0, "no-verify", &no_verify_, N_("allow pre-rebase hook to run"));
  o.callback(
      'q', "quiet", "", N_("be quiet. implies --no-stat"),
      [this](const auto&, bool unset) {
        quiet_ = !unset;
        if (quiet_) verbose_ = diffstat_ = false;
        return true;
      },
      kOptNoArg);
  o.callback(
      'v', "verbose", "", N_("display a diffstat of what changed upstream"),
      [this](const auto&, bool unset) {
        verbose_ = diffstat_ = !unset;
        if (verbose_) quiet_ = false;
        return true;
      },
      kOptNoArg);
  o.callback(
      'n', "no-stat", "", N_("do not show diffstat of what changed upstream"),
      [this](const auto&, bool unset) {
        diffstat_ = unset;
        return true;
      },
      kOptNoArg);
  o.callback(0, "stat", "", "", set(diffstat_), kOptNoArg | kOptHidden);
  o.boolean(0, "signoff", &signoff_, N_("add a Signed-off-by trailer to each commit"));
  o.boolean(0, "committer-date-is-author-date", &committer_date_is_author_date_, N_("make committer date match author date"));
  o.boolean(0, "reset-author-date", &ignore_date_, N_("ignore author date and use current date"));
  o.boolean(0, "ignore-date", &ignore_date_, "", kOptHidden);
  o.string('C', "", &context_lines_, "n", N_("passed to 'git apply'"));
  o.boolean(0, "ignore-whitespace", &ignore_whitespace_, N_("ignore changes in whitespace"));
  o.strings(0, "whitespace", &whitespace_, "action", N_("passed to 'git apply'"));
  o.callback('f', "force-rebase", "", N_("cherry-pick all commits, even if unchanged"), set(force_), kOptNoArg);
  o.boolean(0, "no-ff", &force_, N_("cherry-pick all commits, even if unchanged"));
  o.cmd_mode(0, "continue", &action_, kContinue, N_("continue"));
  o.cmd_mode(0, "skip", &action_, kSkip, N_("skip current patch and continue"));
  o.cmd_mode(0, "abort", &action_, kAbort, N_("abort and check out the original branch"));
  o.cmd_mode(0, "quit", &action_, kQuit, N_("abort but keep HEAD where it is"));
  o.cmd_mode(0, "edit-todo", &action_, kEditTodo, N_("edit the todo list during an interactive rebase"));
  o.cmd_mode(0, "show-current-patch", &action_, kShowPatch, N_("show the patch file being applied or merged"));
  o.callback(
      0, "apply", "", N_("use apply strategies to rebase"),
      [this](const auto&, bool) {
        if (backend_ == Backend::merge) die(_("apply options and merge options cannot be used together"));
        backend_ = Backend::apply;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  o.callback(
      'm', "merge", "", N_("use merging strategies to rebase"),
      [this](const auto&, bool) {
        if (backend_ == Backend::apply) die(_("apply options and merge options cannot be used together"));
        backend_ = Backend::merge;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  o.callback(
      'i', "interactive", "", N_("let the user edit the list of commits to rebase"),
      [this](const auto&, bool) {
        if (backend_ == Backend::apply) die(_("apply options and merge options cannot be used together"));
        backend_ = Backend::merge;
        interactive_ = true;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  o.boolean(0, "rerere-autoupdate", &rerere_autoupdate_, N_("update the index with reused conflict resolution if possible"));
  o.callback(
      0, "empty", "(drop|keep|stop)", N_("how to handle commits that become empty"),
      [this](const std::optional<std::string>& value, bool) {
        if (iequals(*value, "drop"))
          empty_ = Empty::drop;
        else if (iequals(*value, "keep"))
          empty_ = Empty::keep;
        else if (iequals(*value, "stop"))
          empty_ = Empty::stop;
        else if (iequals(*value, "ask")) {
          warning(_("--empty=ask is deprecated; use '--empty=stop' instead."));
          empty_ = Empty::stop;
        } else {
          die(_("unrecognized empty type '%s'; valid values are \"drop\", \"keep\", and \"stop\"."), *value);
        }
        return true;
      },
      kOptNoNeg | kOptLiteralArgHelp);
  o.callback(
      'k', "keep-empty", "", N_("keep commits which start empty"),
      [this](const auto&, bool unset) {
        imply_merge(unset ? "--no-keep-empty" : "--keep-empty");
        keep_empty_ = !unset;
        return true;
      },
      kOptNoArg | kOptHidden);
  o.boolean(0, "autosquash", &autosquash_, N_("move commits that begin with squash!/fixup! under -i"));
  o.boolean(0, "update-refs", &update_refs_, N_("update branches that point to commits that are being rebased"));
  o.callback(
      'S', "gpg-sign", "key-id", N_("GPG-sign commits"),
      [this](const std::optional<std::string>& value, bool unset) {
        if (unset)
          gpg_sign_.reset();
        else
          gpg_sign_ = value.value_or("");
        return true;
      },
      kOptOptionalArg);
  o.boolean(0, "autostash", &autostash_, N_("automatically stash/stash pop before and after"));
  o.strings('x', "exec", &exec_, "exec", N_("add exec lines after each commit of the editable list"));
  o.callback(
      'r', "rebase-merges", "mode", N_("try to rebase merges instead of skipping them"),
      [this](const std::optional<std::string>& value, bool unset) {
        rebase_merges_ = !unset;
        config_rebase_merges_cousins_.reset();
        if (unset || !value) return true;
        if (*value == "rebase-cousins")
          rebase_cousins_ = true;
        else if (*value == "no-rebase-cousins")
          rebase_cousins_ = false;
        else if (value->empty()) {
          warning(
              _("--rebase-merges with an empty string argument is deprecated and will stop working in a future version of "
                "Git. Use --rebase-merges without an argument instead, which does the same thing."));
        } else {
          die(_("unknown rebase-merges mode: %s"), *value);
        }
        return true;
      },
      kOptOptionalArg);
  o.boolean(0, "fork-point", &fork_point_, N_("use 'merge-base --fork-point' to refine upstream"));
  o.string('s', "strategy", &strategy_, "strategy", N_("use the given merge strategy"));
  o.strings('X', "strategy-option", &strategy_options_, "option", N_("pass the argument through to the merge strategy"));
  o.boolean(0, "root", &root_, N_("rebase all reachable commits up to the root(s)"));
  o.boolean(0, "reschedule-failed-exec", &reschedule_, N_("automatically re-schedule any `exec` that fails"));
  o.boolean(0, "reapply-cherry-picks", &reapply_, N_("apply all changes, even those already present upstream"));
}

void Rebase::parse() {
  Options o({"git rebase [-i] [options] [--exec <cmd>] [--onto <newbase> | --keep-base] [<upstream> [<branch>]]",
             "git rebase [-i] [options] [--exec <cmd>] [--onto <newbase>] --root [<branch>]",
             "git rebase --continue | --abort | --skip | --edit-todo"});
  declare(o);
  args_ = o.parse(inv_.args, inv_.prefix_or_empty());
  if (action_ != kStart && inv_.args.size() != 2) o.usage_with_options();
  if (args_.size() > 2) o.usage_with_options();
}

void Rebase::find_state() {
  if (is_directory(repo_.git_path("rebase-apply"))) {
    if (is_file(repo_.git_path("rebase-apply/applying"))) die(_("It looks like 'git am' is in progress. Cannot rebase."));
    backend_ = Backend::apply;
    in_progress_ = true;
  } else if (is_directory(repo_.git_path("rebase-merge"))) {
    backend_ = Backend::merge;
    in_progress_ = true;
    was_interactive_ = is_file(repo_.git_path("rebase-merge/interactive"));
  }
}

void Rebase::imply_merge(const std::string& option) {
  if (backend_ == Backend::apply) die(_("apply options and merge options cannot be used together"));
  (void)option;
  backend_ = Backend::merge;
}

void Rebase::check_options() {
  if (keep_base_) {
    if (onto_name_) die(_("options '%s' and '%s' cannot be used together"), "--keep-base", "--onto");
    if (root_) die(_("options '%s' and '%s' cannot be used together"), "--keep-base", "--root");
    // Without a new base nothing can be there already.
    if (reapply_ < 0) reapply_ = 1;
    if (fork_point_ < 0) fork_point_ = 0;
  }
  if (root_ && fork_point_ > 0) die(_("options '%s' and '%s' cannot be used together"), "--root", "--fork-point");
  for (const std::string& command : exec_) {
    if (trim(command).empty()) exit_with((error(_("empty exec command")), 1));
    if (command.find('\n') != std::string::npos) exit_with((error(_("exec commands cannot contain newlines")), 1));
  }
  if (context_lines_ || !whitespace_.empty()) allow_preemptive_ff_ = allow_preemptive_ff_ && !context_lines_;
  if (context_lines_) {
    if (!parse_uint(*context_lines_)) die(_("switch `C' expects a numerical value"));
    am_options_.push_back("-C" + *context_lines_);
  }
  for (const std::string& word : whitespace_) {
    if (word != "warn" && word != "nowarn" && word != "error" && word != "error-all" && word != "fix" && word != "strip")
      die("Invalid whitespace option: '%s'", word);
    if (word == "fix" || word == "strip") force_ = true;
    am_options_.push_back("--whitespace=" + word);
  }
  if (rerere_autoupdate_ >= 0) am_options_.push_back(rerere_autoupdate_ ? "--rerere-autoupdate" : "--no-rerere-autoupdate");
  const bool forces_apply = context_lines_ || !whitespace_.empty();
  if (forces_apply) {
    if (backend_ == Backend::merge || !exec_.empty() || interactive_ || rebase_merges_ > 0 || strategy_ ||
        !strategy_options_.empty() || autosquash_ > 0 || update_refs_ > 0 || empty_ != Empty::unspecified || reapply_ == 0 ||
        (reapply_ > 0 && !keep_base_))
      die(_("apply options and merge options cannot be used together"));
    if (autosquash_ < 0 && config_autosquash_)
      die(_("apply options are incompatible with rebase.autoSquash.  Consider adding --no-autosquash"));
    if (update_refs_ < 0 && config_update_refs_)
      die(_("apply options are incompatible with rebase.updateRefs.  Consider adding --no-update-refs"));
    if (rebase_merges_ < 0 && config_rebase_merges_)
      die(_("apply options are incompatible with rebase.rebaseMerges.  Consider adding --no-rebase-merges"));
    backend_ = Backend::apply;
  }
  if (!exec_.empty()) imply_merge("--exec");
  if (empty_ != Empty::unspecified) imply_merge("--empty");
  if (reapply_ == 0 || (reapply_ > 0 && !keep_base_))
    imply_merge(reapply_ ? "--reapply-cherry-picks" : "--no-reapply-cherry-picks");
  if (keep_base_ && backend_ == Backend::unspecified) imply_merge("--keep-base");
  if (autosquash_ > 0) imply_merge("--autosquash");
  if (update_refs_ > 0) imply_merge("--update-refs");
  if (rebase_merges_ > 0) imply_merge("--rebase-merges");
  if (strategy_ || !strategy_options_.empty()) imply_merge("--strategy");
  if (root_ && !onto_name_) imply_merge("--root without --onto");
  if (backend_ == Backend::apply) {
    auto clash = [](const char* key, const char* option) {
      die(_("apply options are incompatible with rebase.%s.  Consider adding --no-%s"), key, option);
    };
    if (autosquash_ < 0 && config_autosquash_) clash("autoSquash", "autosquash");
    if (update_refs_ < 0 && config_update_refs_) clash("updateRefs", "update-refs");
    if (rebase_merges_ < 0 && config_rebase_merges_) clash("rebaseMerges", "rebase-merges");
  }
  if (backend_ == Backend::unspecified) backend_ = default_backend_;
  if (backend_ == Backend::merge) {
    if (rebase_merges_ < 0) rebase_merges_ = config_rebase_merges_;
    if (config_rebase_merges_cousins_) rebase_cousins_ = *config_rebase_merges_cousins_;
    if (update_refs_ < 0) update_refs_ = config_update_refs_;
    if (autosquash_ < 0) autosquash_ = config_autosquash_ && interactive_;
    if (strategy_options_.size() && !strategy_) strategy_ = "ort";
    if (ignore_whitespace_) strategy_options_.push_back("ignore-space-change"), strategy_ = strategy_.value_or("ort");
    if (reschedule_ > 0 && !is_interactive()) die(_("%s requires an interactive rebase"), "--reschedule-failed-exec");
    if (reschedule_ < 0) reschedule_ = config_reschedule_;
    if (empty_ == Empty::unspecified) empty_ = interactive_ ? Empty::stop : !exec_.empty() ? Empty::keep : Empty::drop;
  } else {
    if (signoff_) am_options_.push_back("--signoff");
    if (ignore_whitespace_) am_options_.push_back("--ignore-whitespace");
    if (committer_date_is_author_date_) am_options_.push_back("--committer-date-is-author-date");
    if (ignore_date_) am_options_.push_back("--ignore-date");
    if (quiet_) am_options_.push_back("-q");
    if (gpg_sign_) am_options_.push_back("-S" + *gpg_sign_);
  }
  if (signoff_ || committer_date_is_author_date_ || ignore_date_) force_ = true;
  if (interactive_ || !exec_.empty() || autosquash_ > 0) allow_preemptive_ff_ = false;
}

// ---- a rebase that is under way ----

ReplayOptions Rebase::replay_options() {
  ReplayOptions replay;
  replay.action = ReplayAction::rebase;
  replay.read_config(repo_);
  replay.signoff = signoff_;
  replay.allow_ff = !force_;
  replay.allow_empty = true;
  replay.allow_empty_message = true;
  replay.drop_redundant = empty_ == Empty::drop;
  replay.keep_redundant = empty_ == Empty::keep;
  replay.quiet = quiet_;
  replay.verbose = verbose_;
  replay.reschedule_failed_exec = reschedule_ > 0;
  replay.committer_date_is_author_date = committer_date_is_author_date_;
  replay.ignore_date = ignore_date_;
  replay.gpg_sign = gpg_sign_;
  replay.rerere_autoupdate = rerere_autoupdate_;
  replay.strategy = strategy_.value_or("");
  replay.strategy_options = strategy_options_;
  replay.squash_onto = squash_onto_;
  replay.edit = 0;
  return replay;
}

void Rebase::read_basic_state() {
  auto line = [this](const std::string& name) -> std::string {
    auto text = read_file_if_exists(state_path(name));
    return text ? std::string(rtrim(*text)) : std::string();
  };
  const std::string head_name = line("head-name");
  if (head_name.empty()) die(_("could not read '%s'"), state_path("head-name"));
  head_name_ = starts_with(head_name, "refs/") ? head_name : "";
  auto onto = get_oid(repo_, line("onto"));
  if (!onto) die(_("could not get 'onto': '%s'"), line("onto"));
  onto_ = pool_.get(*onto);
  std::string orig_text = line("orig-head");
  if (orig_text.empty()) orig_text = line("head");
  auto orig = get_oid(repo_, orig_text);
  if (!orig) die(_("invalid orig-head: '%s'"), orig_text);
  orig_head_ = pool_.get(*orig);
  quiet_ = path_exists(state_path("quiet"));
  verbose_ = path_exists(state_path("verbose"));
  if (auto text = read_file_if_exists(state_path("gpg_sign_opt"))) {
    std::string_view key = rtrim(*text);
    if (skip_prefix(key, "-S")) gpg_sign_ = key;
  }
}

void Rebase::write_basic_state() {
  auto put = [this](const std::string& name, const std::string& text) {
    if (!write_file(state_path(name), text)) die_errno(_("could not write to '%s'"), state_path(name));
  };
  put("head-name", (head_name_.empty() ? "detached HEAD" : head_name_) + "\n");
  put("onto", onto_->oid.hex() + "\n");
  put("orig-head", orig_head_->oid.hex() + "\n");
}

int Rebase::resume() {
  if (!repo_.refs().exists("HEAD")) die(_("Cannot read HEAD"));
  {
    Index index = Index::read(repo_);
    index.refresh_and_write_quietly();
    if (has_unstaged_changes(index, true)) {
      out(_("You must edit all merge conflicts and then\nmark them as resolved using git add\n"));
      return 1;
    }
  }
  read_basic_state();
  if (backend_ == Backend::apply) {
    flush_out();
    ChildProcess am;
    am.git_command = true;
    am.args = {"am", "--resolved", std::string("--resolvemsg=") + kRebaseResolveMessage};
    am.env.push_back("GIT_REFLOG_ACTION=" + get_env_or("GIT_REFLOG_ACTION", "rebase") + " (pick)");
    if (gpg_sign_) am.args.push_back("-S" + *gpg_sign_);
    return finish_am(am.run());
  }
  Sequencer sequencer(repo_, replay_options());
  sequencer.options.allow_ff = true;
  return report(sequencer.resume());
}

int Rebase::skip() {
  rerere_clear(repo_);
  ResetHead how;
  how.hard = true;
  if (reset_head(repo_, how)) die(_("could not discard worktree changes"));
  remove_branch_state(repo_, false);
  read_basic_state();
  if (backend_ == Backend::apply) {
    flush_out();
    ChildProcess am;
    am.git_command = true;
    am.args = {"am", "--skip", std::string("--resolvemsg=") + kRebaseResolveMessage};
    am.env.push_back("GIT_REFLOG_ACTION=" + get_env_or("GIT_REFLOG_ACTION", "rebase") + " (pick)");
    return finish_am(am.run());
  }
  Sequencer sequencer(repo_, replay_options());
  sequencer.options.allow_ff = true;
  return report(sequencer.resume());
}

int Rebase::abort() {
  rerere_clear(repo_);
  read_basic_state();
  ResetHead how;
  how.oid = orig_head_->oid;
  how.branch = head_name_;
  how.detach = head_name_.empty();
  how.hard = true;
  how.head_message = reflog("abort", "returning to " + (head_name_.empty() ? orig_head_->oid.hex() : head_name_));
  how.branch_message = how.head_message;
  if (reset_head(repo_, how)) die(_("could not move back to %s"), orig_head_->oid);
  remove_branch_state(repo_, false);
  return finish();
}

int Rebase::quit() {
  save_autostash(repo_, state_dir() + "/autostash");
  if (repo_.refs().read("REBASE_HEAD")) (void)repo_.refs().remove("REBASE_HEAD", std::nullopt, "", kRefNoDeref);
  if (backend_ == Backend::merge) {
    ReplayOptions replay;
    replay.action = ReplayAction::rebase;
    return Sequencer(repo_, replay).remove_state() ? 1 : 0;
  }
  if (!remove_dir_recursively(repo_.git_path(state_dir()))) return error(_("could not remove '%s'"), state_dir()) ? 1 : 0;
  return 0;
}

int Rebase::edit_todo() {
  const std::string comment = comment_prefix_of(config_);
  const std::string file = state_path("git-rebase-todo");
  auto text = read_file(file);
  if (!text) return error_errno(_("could not read '%s'."), file) ? 1 : 0;
  TodoList list, edited;
  list.done_count = path_exists(state_path("done")) ? 1 : 0;
  (void)parse_todo_list(repo_, *text, comment, true, list);
  list.items.erase(std::remove_if(list.items.begin(), list.items.end(),
                                  [](const TodoItem& item) { return item.command == TodoCommand::comment && item.arg.empty(); }),
                   list.items.end());
  if (edit_rebase_todo(repo_, comment, list, edited, "", "", true) != TodoEdit::done) return 1;
  ReplayOptions replay;
  replay.action = ReplayAction::rebase;
  Sequencer(repo_, replay).filter_update_refs(edited);
  if (!write_todo_file(file, format_todo_list(repo_, edited, 0))) return error_errno(_("could not write '%s'"), file) ? 1 : 0;
  return 0;
}

int Rebase::show_patch() {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  if (backend_ == Backend::apply)
    child.args = {"am", "--show-current-patch"};
  else
    child.args = {"show", "REBASE_HEAD", "--"};
  return child.run();
}

int Rebase::act() {
  if (!in_progress_) die(_("no rebase in progress"));
  if (action_ == kEditTodo && !was_interactive_) die(_("The --edit-todo action can only be used during interactive rebase."));
  switch (action_) {
    case kContinue:
      return resume();
    case kSkip:
      return skip();
    case kAbort:
      return abort();
    case kQuit:
      return quit();
    case kEditTodo:
      return edit_todo();
    default:
      return show_patch();
  }
}

// ---- a new one ----

void Rebase::die_no_upstream() {
  auto head = repo_.refs().resolve("HEAD");
  std::string_view branch = head ? head->name : "";
  const bool on_branch = skip_prefix(branch, "refs/heads/");
  out(on_branch ? _("There is no tracking information for the current branch.\n") : _("You are not currently on a branch.\n"));
  out(
      _("Please specify which branch you want to rebase against.\nSee git-rebase(1) for details.\n\n    git rebase "
        "'<branch>'\n\n"));
  if (on_branch) {
    Remotes remotes(&repo_, config_);
    auto all = remotes.all();
    outf(_("If you wish to set tracking information for this branch you can do so with:\n\n"
           "    git branch --set-upstream-to=%s/<branch> %s\n\n"),
         all.size() == 1 ? all[0]->name : std::string("<remote>"), branch);
  }
  exit_with(1);
}

void Rebase::choose_upstream(std::vector<std::string>& args) {
  if (root_) {
    if (onto_name_) {
      root_with_onto_ = true;
    } else {
      NewCommit commit;
      (void)repo_.odb().write(ObjectType::tree, "");
      commit.tree = empty_tree_id(repo_.algo());
      auto made = write_commit(repo_, commit);
      if (!made) die(_("Could not create new root commit"));
      squash_onto_ = *made;
      onto_name_ = made->hex();
    }
    return;
  }
  if (args.empty()) {
    auto name = interpret_branch_name(repo_, "@{upstream}");
    if (!name) die_no_upstream();
    upstream_name_ = *name;
    if (fork_point_ < 0) fork_point_ = 1;
  } else {
    upstream_name_ = args[0];
    args.erase(args.begin());
    if (*upstream_name_ == "-") upstream_name_ = "@{-1}";
  }
  upstream_ = lookup_commit_by_name(repo_, *upstream_name_);
  if (!upstream_) die(_("invalid upstream '%s'"), *upstream_name_);
}

void Rebase::choose_branch(const std::vector<std::string>& args) {
  if (!args.empty()) {
    branch_name_ = args[0];
    switches_ = true;
    const std::string full = "refs/heads/" + branch_name_;
    if (auto oid = repo_.refs().read_oid(full)) {
      die_if_checked_out_elsewhere(repo_, full);
      head_name_ = full;
      orig_head_ = pool_.peel_to_commit(*oid);
    } else {
      orig_head_ = lookup_commit_by_name(repo_, branch_name_);
    }
    if (!orig_head_) die(_("no such branch/commit '%s'"), branch_name_);
    return;
  }
  auto head = repo_.refs().resolve("HEAD");
  if (!head) die(_("No such ref: %s"), "HEAD");
  branch_name_ = "HEAD";
  std::string_view rest;
  if (skip_prefix(std::string_view(head->name), "refs/heads/", &rest)) {
    head_name_ = head->name;
    branch_name_ = rest;
  } else if (head->name != "HEAD") {
    head_name_ = head->name;
    branch_name_ = head->name;
  }
  orig_head_ = head->oid.is_null() ? nullptr : pool_.peel_to_commit(head->oid);
  if (!orig_head_) die(_("Could not resolve HEAD to a commit"));
}

void Rebase::choose_onto() {
  if (keep_base_)
    onto_name_ = *upstream_name_ + "..." + branch_name_;
  else if (!onto_name_)
    onto_name_ = *upstream_name_;
  if (onto_name_->find("...") != std::string::npos) {
    auto base = get_oid_mb(repo_, *onto_name_);
    if (!base || !pool_.peel_to_commit(*base))
      die(keep_base_ ? _("'%s': need exactly one merge base with branch") : _("'%s': need exactly one merge base"),
          keep_base_ ? *upstream_name_ : *onto_name_);
    onto_ = pool_.peel_to_commit(*base);
  } else {
    onto_ = lookup_commit_by_name(repo_, *onto_name_);
    if (!onto_) die(_("Does not point to a valid commit '%s'"), *onto_name_);
  }
}

bool Rebase::can_fast_forward() {
  CommitList bases = merge_bases(pool_, onto_, orig_head_);
  if (bases.size() != 1) return false;
  branch_base_ = bases[0];
  if (branch_base_ != onto_) return false;
  if (restrict_ && restrict_ != branch_base_) return false;
  if (!upstream_) return false;
  CommitList upstream_bases = merge_bases(pool_, upstream_, orig_head_);
  if (upstream_bases.size() != 1 || upstream_bases[0] != onto_) return false;
  for (Commit* at = orig_head_; at && at != onto_;) {
    pool_.parse_or_die(at);
    if (at->parents.size() > 1) return false;
    at = at->parents.empty() ? nullptr : at->parents[0];
  }
  return true;
}

int Rebase::up_to_date() {
  if (switches_) {
    ResetHead how;
    how.oid = orig_head_->oid;
    how.branch = head_name_;
    how.detach = head_name_.empty();
    how.run_hook = true;
    how.action = "checkout";
    how.head_message = how.branch_message = get_env_or("GIT_REFLOG_ACTION", "rebase") + ": checkout " + branch_name_;
    // The branch is there already.
    if (reset_head(repo_, how)) {
      error(_("could not switch to %s"), branch_name_);
      abandon();
      return 1;
    }
  }
  if (!quiet_) {
    if (branch_name_ == "HEAD")
      out(_("HEAD is up to date.\n"));
    else
      outf(_("Current branch %s is up to date.\n"), branch_name_);
  }
  return finish();
}

void Rebase::show_diffstat() {
  if (verbose_) {
    if (branch_base_)
      outf(_("Changes from %s to %s:\n"), branch_base_->oid, onto_->oid);
    else
      outf(_("Changes to %s:\n"), onto_->oid);
  }
  flush_out();
  ChildProcess diff;
  diff.git_command = true;
  diff.args = {"diff-tree",
               "--stat",
               "--summary",
               "-M",
               "-r",
               branch_base_ ? branch_base_->oid.hex() : empty_tree_id(repo_.algo()).hex(),
               onto_->oid.hex()};
  diff.run();
}

int Rebase::start() {
  if (in_progress_)
    die(_("It seems that there is already a %s directory, and\nI wonder if you are in the middle of another rebase.  If that "
          "is the\ncase, please try\n\t%s\nIf that is not the case, please\n\t%s\nand run me again.  I am stopping in case you "
          "still have something\nvaluable there.\n"),
        state_dir(), "git rebase (--continue | --abort | --skip)", "rm -fr \"" + repo_.git_path(state_dir()) + "\"");
  check_options();
  std::vector<std::string> args = args_;
  choose_upstream(args);
  if (args.size() > 1) die(_("too many arguments"));
  choose_branch(args);
  choose_onto();
  if (fork_point_ > 0 && upstream_name_) {
    std::string full;
    ObjectId oid;
    const int count = dwim_ref(repo_, *upstream_name_, &oid, &full);
    if (count > 1) die(_("Ambiguous refname: '%s'"), *upstream_name_);
    if (count == 1) restrict_ = fork_point(repo_, full, orig_head_);
  }
  if (autostash_) create_autostash(repo_, state_dir() + "/autostash");
  if (!require_clean_work_tree(repo_, "rebase", _("Please commit or stash them."), true)) return 1;
  if (can_fast_forward() && allow_preemptive_ff_) {
    if (!force_) return up_to_date();
    if (quiet_) {
    } else if (branch_name_ == "HEAD") {
      out(_("HEAD is up to date, rebase forced.\n"));
    } else {
      outf(_("Current branch %s is up to date, rebase forced.\n"), branch_name_);
    }
  }
  flush_out();
  if (!no_verify_) {
    HookOptions hook;
    hook.args = {root_ ? std::string("--root") : *upstream_name_};
    if (!args.empty()) hook.args.push_back(args[0]);
    if (run_hooks(repo_, "pre-rebase", hook)) {
      abandon();
      die(_("The pre-rebase hook refused to rebase."));
    }
  }
  if (diffstat_) show_diffstat();
  return backend_ == Backend::merge ? run_merge_backend() : run_apply_backend();
}

int Rebase::run_merge_backend() {
  // Dies of a format that is none before anything is written.
  if (auto format = config_.get_string("rebase.instructionformat"); format && !format->empty())
    parse_pretty_format(config_, *format);
  if (repo_.refs().read("REBASE_HEAD")) (void)repo_.refs().remove("REBASE_HEAD", std::nullopt, "", kRefNoDeref);
  if (!is_directory(repo_.git_path("rebase-merge")) && !make_dir(repo_.git_path("rebase-merge")))
    die_errno(_("could not create temporary %s"), repo_.git_path("rebase-merge"));
  write_file(state_path("interactive"), "");
  write_basic_state();
  Sequencer sequencer(repo_, replay_options());
  sequencer.write_rebase_options();
  if (squash_onto_) write_file(state_path("squash-onto"), squash_onto_->hex() + "\n");
  RebaseScript script;
  script.base = upstream_ ? upstream_->oid : onto_->oid;
  script.tip = orig_head_->oid;
  if (restrict_) script.exclude = restrict_->oid;
  script.keep_empty = keep_empty_;
  script.reapply_cherry_picks = reapply_ > 0;
  script.rebase_merges = rebase_merges_ > 0;
  script.rebase_cousins = rebase_cousins_;
  script.is_root_with_onto = root_with_onto_;
  const std::string comment = comment_prefix_of(config_);
  std::string text = make_rebase_script(repo_, script);
  if (text.empty()) text = "noop\n";
  TodoList list, edited;
  (void)parse_todo_list(repo_, text, comment, true, list);
  auto give_up = [&] {
    apply_autostash(repo_, "rebase-merge/autostash");
    sequencer.remove_state();
    return 1;
  };
  if (update_refs_ > 0) {
    const std::string refs = add_update_ref_commands(repo_, list);
    if (!refs.empty()) write_file(state_path("update-refs"), refs);
  }
  if (autosquash_ > 0 && !rearrange_squash(repo_, list)) return 1;
  if (!exec_.empty()) add_exec_commands(list, exec_);
  if (list.count_commands() == 0) {
    error(_("nothing to do"));
    return give_up();
  }
  const std::string onto_short = unique_abbrev(repo_, onto_->oid), head_short = unique_abbrev(repo_, orig_head_->oid);
  const std::string range = root_ && !upstream_ ? head_short : unique_abbrev(repo_, script.base) + ".." + head_short;
  switch (edit_rebase_todo(repo_, comment, list, edited, range, onto_short, interactive_)) {
    case TodoEdit::done:
      break;
    case TodoEdit::failed:
      return 1;
    case TodoEdit::no_editor:
      return give_up();
    case TodoEdit::emptied:
      error(_("nothing to do"));
      return give_up();
    case TodoEdit::invalid:
      sequencer.checkout_onto(*onto_name_, onto_->oid, orig_head_->oid);
      return 1;
  }
  TodoList ready;
  (void)parse_todo_list(repo_, format_todo_list(repo_, edited, 0), comment, true, ready);
  sequencer.filter_update_refs(ready);
  ObjectId base = onto_->oid;
  if (sequencer.options.allow_ff) {
    auto skipped = sequencer.skip_unnecessary_picks(ready, base);
    if (!skipped) return error(_("could not skip unnecessary pick commands")) ? 1 : 0;
    base = *skipped;
  }
  if (sequencer.checkout_onto(*onto_name_, base, orig_head_->oid)) return 1;
  write_todo_file(state_path("git-rebase-todo"), ready.text_from(0));
  ready.total_count = ready.done_count + ready.count_commands();
  write_file(state_path("end"), std::to_string(ready.total_count) + "\n");
  return report(sequencer.run_todo(ready));
}

int Rebase::run_apply_backend() {
  if (!quiet_) out(_("First, rewinding head to replay your work on top of it...\n"));
  flush_out();
  ResetHead how;
  how.oid = onto_->oid;
  how.orig_head = orig_head_->oid;
  how.detach = how.run_hook = true;
  how.action = "checkout";
  how.head_message = reflog("start", "checkout " + *onto_name_);
  if (reset_head(repo_, how)) {
    abandon();
    die(_("Could not detach HEAD"));
  }
  // Where the new base has everything, being there is all.
  if (branch_base_ == orig_head_) {
    outf(_("Fast-forwarded %s to %s.\n"), branch_name_, *onto_name_);
    move_to_original_branch();
    return finish();
  }
  const std::string patches = repo_.git_path("rebased-patches");
  const std::string base = (restrict_ ? restrict_ : upstream_ ? upstream_ : onto_)->oid.hex();
  ChildProcess format;
  format.git_command = true;
  format.args = {"format-patch",
                 "-k",
                 "--stdout",
                 "--full-index",
                 "--cherry-pick",
                 "--right-only",
                 "--default-prefix",
                 "--no-renames",
                 "--no-cover-letter",
                 "--pretty=mboxrd",
                 "--topo-order",
                 "--no-base",
                 base + "..." + orig_head_->oid.hex()};
  if (root_) format.args.back() = onto_->oid.hex() + "..." + orig_head_->oid.hex();
  CommandOutput mails = pipe_command(format, "");
  if (mails.code || !write_file(patches, mails.out)) {
    ResetHead back;
    back.oid = orig_head_->oid;
    back.branch = head_name_;
    back.detach = head_name_.empty();
    reset_head(repo_, back);
    error(_("\ngit encountered an error while preparing the patches to replay\nthese revisions:\n\n    %s\n\nAs a result, git "
            "cannot rebase them."),
          base + "..." + orig_head_->oid.hex());
    return 1;
  }
  ChildProcess am;
  am.git_command = true;
  am.args = {"am"};
  am.args.insert(am.args.end(), am_options_.begin(), am_options_.end());
  am.args.insert(am.args.end(), {"--rebasing", std::string("--resolvemsg=") + kRebaseResolveMessage, "--patch-format=mboxrd"});
  am.env.push_back("GIT_REFLOG_ACTION=" + get_env_or("GIT_REFLOG_ACTION", "rebase") + " (pick)");
  am.in = open_fd(patches, O_RDONLY).release();
  const int code = am.run();
  remove_file(patches);
  if (code && is_directory(repo_.git_path("rebase-apply"))) {
    write_basic_state();
    if (quiet_) write_file(state_path("quiet"), "t\n");
  }
  return finish_am(code);
}

int Rebase::finish_am(int code) {
  if (!code) {
    move_to_original_branch();
    return finish();
  }
  return 1;
}

int Rebase::move_to_original_branch() {
  if (head_name_.empty()) return 0;
  auto now = repo_.refs().read_oid("HEAD");
  ResetHead how;
  how.oid = *now;
  how.branch = head_name_;
  how.refs_only = true;
  how.branch_message = reflog("finish", head_name_ + " onto " + onto_->oid.hex());
  how.head_message = reflog("finish", "returning to " + head_name_);
  return reset_head(repo_, how);
}

int Rebase::finish() {
  if (repo_.refs().read("REBASE_HEAD")) (void)repo_.refs().remove("REBASE_HEAD", std::nullopt, "", kRefNoDeref);
  flush_out();
  apply_autostash(repo_, state_dir() + "/autostash");
  if (backend_ == Backend::merge) {
    ReplayOptions replay;
    replay.action = ReplayAction::rebase;
    return Sequencer(repo_, replay).remove_state() ? 1 : 0;
  }
  return remove_dir_recursively(repo_.git_path(state_dir())) ? 0 : 1;
}

// Before anything was done: local changes come back, and no trace is left.
void Rebase::abandon() {
  flush_out();
  apply_autostash(repo_, state_dir() + "/autostash");
  remove_dir_recursively(repo_.git_path(state_dir()));
}

int Rebase::report(int code) { return code ? 1 : 0; }

int Rebase::run() {
  read_config();
  find_state();
  const Backend found = backend_;
  if (in_progress_) backend_ = Backend::unspecified;
  parse();
  if (in_progress_) backend_ = found;
  return action_ != kStart ? act() : start();
}

}  // namespace

int cmd_rebase(Invocation& inv) { return Rebase(inv).run(); }

}  // namespace git
