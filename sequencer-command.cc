// The command lines of git cherry-pick and git revert.
#include "base/error.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "branch.h"
#include "builtin.h"
#include "config.h"
#include "diff/rev-limiter.h"
#include "log-patch-id.h"
#include "repository.h"
#include "sequencer.h"
#include "show/message-filter.h"
#include "walk/revisions.h"

namespace git {
namespace {

enum Mode : int { kRun = 0, kQuit, kContinue, kAbort, kSkip };
constexpr const char* kModeNames[] = {"", "--quit", "--continue", "--abort", "--skip"};

struct PickCommand {
  ReplayOptions replay;
  int mode = kRun;
  std::optional<std::string> cleanup, empty, strategy;
  Options options;

  explicit PickCommand(ReplayAction action, Repository& repo);
  void declare();
  void check();
  void apply_empty();
};

PickCommand::PickCommand(ReplayAction action, Repository& repo)
    : options(action == ReplayAction::pick
                  ? std::vector<std::string>{"git cherry-pick [--edit] [-n] [-m <parent-number>] [-s] [-x] [--ff]\n"
                                             "                       [-S[<keyid>]] <commit>...",
                                             "git cherry-pick (--continue | --skip | --abort | --quit)"}
                  : std::vector<std::string>{"git revert [--[no-]edit] [-n] [-m <parent-number>] [-s] [-S[<keyid>]] <commit>...",
                                             "git revert (--continue | --skip | --abort | --quit)"}) {
  replay.action = action;
  replay.read_config(repo);
}

void PickCommand::declare() {
  ReplayOptions& r = replay;
  const bool picks = r.action == ReplayAction::pick;
  options.cmd_mode(0, "quit", &mode, kQuit, N_("end revert or cherry-pick sequence"));
  options.cmd_mode(0, "continue", &mode, kContinue, N_("resume revert or cherry-pick sequence"));
  options.cmd_mode(0, "abort", &mode, kAbort, N_("cancel revert or cherry-pick sequence"));
  options.cmd_mode(0, "skip", &mode, kSkip, N_("skip current commit and continue"));
  options.string(0, "cleanup", &cleanup, "mode", N_("how to strip spaces and #comments from message"));
  options.boolean('n', "no-commit", &r.no_commit, N_("don't automatically commit"));
  options.boolean(0, "commit", &r.no_commit, N_("opposite of --no-commit"), kOptHidden | kOptNoNeg);
  options.boolean('e', "edit", &r.edit, N_("edit the commit message"));
  options.boolean('s', "signoff", &r.signoff, N_("add a Signed-off-by trailer"));
  options.callback('m', "mainline", "parent-number", N_("select mainline parent"),
                   [&r](const std::optional<std::string>& value, bool unset) {
                     if (unset) return r.mainline = 0, true;
                     auto number = parse_int(*value);
                     if (!number || *number <= 0)
                       return error(_("option `%s' expects a number greater than zero"), "mainline") == 0;
                     r.mainline = static_cast<int>(*number);
                     return true;
                   });
  options.boolean(0, "rerere-autoupdate", &r.rerere_autoupdate,
                  N_("update the index with reused conflict resolution if possible"));
  options.string(0, "strategy", &strategy, "strategy", N_("merge strategy"));
  options.strings('X', "strategy-option", &r.strategy_options, "option", N_("option for merge strategy"));
  options.callback(
      'S', "gpg-sign", "key-id", N_("GPG sign commit"),
      [&r](const std::optional<std::string>& value, bool unset) {
        if (unset)
          r.gpg_sign.reset();
        else
          r.gpg_sign = value.value_or("");
        return true;
      },
      kOptOptionalArg);
  if (!picks) {
    options.boolean(0, "reference", &r.use_reference, N_("use the 'reference' format to refer to commits"));
    return;
  }
  options.boolean('x', "", &r.record_origin, N_("append commit name"));
  options.boolean(0, "ff", &r.allow_ff, N_("allow fast-forward"));
  options.boolean(0, "allow-empty", &r.allow_empty, N_("preserve initially empty commits"));
  options.boolean(0, "allow-empty-message", &r.allow_empty_message, N_("allow commits with empty messages"));
  options.boolean(0, "keep-redundant-commits", &r.keep_redundant, N_("deprecated: use --empty=keep instead"));
  options.string(0, "empty", &empty, "(stop|drop|keep)", N_("how to handle commits that become empty"));
}

void PickCommand::apply_empty() {
  if (!empty) return;
  if (*empty == "drop")
    replay.drop_redundant = true;
  else if (*empty == "keep")
    replay.keep_redundant = true;
  else if (*empty != "stop")
    exit_with((error(_("invalid value for '%s': '%s'"), "--empty", *empty), 129));
}

void PickCommand::check() {
  const ReplayOptions& r = replay;
  const std::string me = r.name();
  auto forbid = [&me](const char* base, std::initializer_list<std::pair<bool, const char*>> list) {
    for (const auto& [is_set, name] : list)
      if (is_set) die(_("%s: %s cannot be used with %s"), me, name, base);
  };
  if (r.keep_redundant && empty) die(_("options '%s' and '%s' cannot be used together"), "--keep-redundant-commits", "--empty");
  if (mode != kRun)
    forbid(kModeNames[mode], {{r.no_commit, "--no-commit"},
                              {r.signoff, "--signoff"},
                              {r.mainline != 0, "--mainline"},
                              {strategy.has_value(), "--strategy"},
                              {!r.strategy_options.empty(), "--strategy-option"},
                              {r.record_origin, "-x"},
                              {r.allow_ff, "--ff"},
                              {r.rerere_autoupdate == 1, "--rerere-autoupdate"},
                              {r.rerere_autoupdate == 0, "--no-rerere-autoupdate"},
                              {r.keep_redundant, "--keep-redundant-commits"},
                              {empty.has_value(), "--empty"}});
  if (r.allow_ff)
    forbid("--ff", {{r.signoff, "--signoff"}, {r.no_commit, "--no-commit"}, {r.record_origin, "-x"}, {r.edit > 0, "--edit"}});
}

}  // namespace

int run_pick_command(Invocation& inv, ReplayAction action) {
  Repository& repo = inv.repo();
  PickCommand command(action, repo);
  command.declare();
  std::vector<std::string> args = command.options.parse(inv.args, inv.prefix_or_empty(), kKeepUnknown | kKeepDashDash);
  ReplayOptions& replay = command.replay;
  command.check();
  command.apply_empty();
  if (command.cleanup) {
    replay.cleanup = parse_cleanup_mode(*command.cleanup, true);
    replay.is_cleanup_explicit = true;
  }
  if (command.strategy) {
    replay.strategy = *command.strategy;
  } else if (auto name = repo.config().get_string("pull.twohead")) {
    replay.strategy = *name;
  }
  RevWalk walk(repo);
  if (command.mode == kRun) {
    if (args.empty()) command.options.usage_with_options();
    if (args[0] == "-") args[0] = "@{-1}";
    walk.no_walk = true;
    walk.unsorted_input = true;
    RevWalk::Setup how;
    how.prefix = inv.prefix_or_empty();
    how.assume_dashdash = true;
    MessageFilter filter;
    how.other_option = [&filter](const std::vector<std::string>& words, std::size_t at) {
      std::string_view value;
      if (skip_prefix(std::string_view(words[at]), "--author=", &value))
        filter.add_author(std::string(value));
      else if (skip_prefix(std::string_view(words[at]), "--committer=", &value))
        filter.add_committer(std::string(value));
      else if (skip_prefix(std::string_view(words[at]), "--grep=", &value))
        filter.add_body(std::string(value));
      else
        return 0;
      return 1;
    };
    how.on_unknown = [&command](const std::string&) { command.options.usage_with_options(); };
    walk.setup(args, how);
    if (!filter.empty()) {
      filter.read_config(repo.config());
      filter.compile();
      walk.commit_filter = [&repo, filter](Commit* commit) { return filter.matches(repo, commit); };
    }
    // What is excluded makes a range of it.
    for (const PendingObject& one : walk.pending)
      if (one.flags & kRevUninteresting) walk.no_walk = false;
    limit_walk_by_paths(walk, inv.prefix_or_empty());
    give_patch_ids(walk, inv.prefix_or_empty());
  } else if (!args.empty()) {
    command.options.usage_with_options();
  }
  Sequencer sequencer(repo, replay);
  int code = 0;
  switch (command.mode) {
    case kQuit:
      code = sequencer.quit();
      if (!code) remove_branch_state(repo, false);
      break;
    case kContinue:
      code = sequencer.resume();
      break;
    case kAbort:
      code = sequencer.rollback();
      break;
    case kSkip:
      code = sequencer.skip();
      break;
    default:
      code = sequencer.pick_revisions(walk);
  }
  if (code < 0) die("%s", action == ReplayAction::pick ? _("cherry-pick failed") : _("revert failed"));
  return code;
}

}  // namespace git
