// git hook: run or list the hooks of an event.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "config.h"
#include "hook.h"

GIT_BUILTIN("hook", cmd_hook, kSetupGently)

namespace git {
namespace {

constexpr const char* kRunUsage =
    "git hook run [--allow-unknown-hook-name] [--ignore-missing] [--to-stdin=<path>] [(-j|--jobs) <n>]\n"
    "             <hook-name> [-- <hook-args>]";
constexpr const char* kListUsage = "git hook list [--allow-unknown-hook-name] [-z] [--show-scope] <hook-name>";

constexpr std::string_view kEvents[] = {
    "applypatch-msg",     "pre-applypatch",     "post-applypatch",       "pre-commit",       "pre-merge-commit",
    "prepare-commit-msg", "commit-msg",         "post-commit",           "pre-rebase",       "post-checkout",
    "post-merge",         "pre-push",           "pre-receive",           "update",           "proc-receive",
    "post-receive",       "post-update",        "reference-transaction", "push-to-checkout", "pre-auto-gc",
    "post-rewrite",       "sendemail-validate", "fsmonitor-watchman",    "p4-changelist",    "p4-prepare-changelist",
    "p4-post-changelist", "p4-pre-submit",      "post-index-change"};

void check_event(const std::string& name, bool allow_unknown) {
  if (allow_unknown || std::find(std::begin(kEvents), std::end(kEvents), name) != std::end(kEvents)) return;
  die("unknown hook event '%s';\nuse --allow-unknown-hook-name to allow non-native hook names", name);
}

// Outside of a repository only what the user and the system configure can run.
Repository& repo_or_none(Invocation& inv) {
  if (!inv.repository) inv.repository = std::make_unique<Repository>(RepositoryLayout{});
  return *inv.repository;
}

// hook.<event>.* speaks of an event: a hook of the same name could not be told from it.
void check_friendly_names(Repository& repo) {
  for (const std::string& name : repo.config().subsections("hook")) {
    std::vector<std::string> events = repo.config().get_strings("hook." + name + ".event");
    if (events.empty()) continue;
    if (std::find(std::begin(kEvents), std::end(kEvents), name) != std::end(kEvents))
      die(_("hook friendly-name '%s' collides with a known event name; please choose a different friendly-name"), name);
    if (std::find(events.begin(), events.end(), name) != events.end())
      warning(_("hook friendly-name '%s' is the same as its event; this may cause ambiguity with hook.%s.enabled"), name, name);
  }
}

int list(Invocation& inv, const std::vector<std::string>& args) {
  bool allow_unknown = false, null = false, show_scope = false;
  Options options({kListUsage});
  options.boolean('z', "", &null, "use NUL as line terminator");
  options.boolean(0, "allow-unknown-hook-name", &allow_unknown, "allow running a hook with a non-native hook name");
  options.boolean(0, "show-scope", &show_scope, "show the config scope that defined each hook");
  auto rest = options.parse(args, inv.prefix_or_empty());
  if (rest.size() != 1) options.usage_msg("you must specify a hook event name to list");
  check_event(rest[0], allow_unknown);
  auto hooks = list_hooks(repo_or_none(inv), rest[0]);
  if (hooks.empty()) {
    warning("no hooks found for event '%s'", rest[0]);
    return 1;
  }
  const char end = null ? '\0' : '\n';
  for (const ConfiguredHook& hook : hooks) {
    std::string line;
    if (show_scope && !hook.name.empty()) line += hook.scope + "\t";
    if (hook.is_event_disabled)
      line += "event-disabled\t";
    else if (!hook.is_enabled)
      line += "disabled\t";
    line += hook.name.empty() ? "hook from hookdir" : hook.name;
    outf("%s%c", line, end);
  }
  return 0;
}

int run(Invocation& inv, const std::vector<std::string>& args) {
  bool allow_unknown = false, ignore_missing = false;
  std::optional<std::string> to_stdin;
  int jobs = 0;
  Options options({kRunUsage});
  options.boolean(0, "allow-unknown-hook-name", &allow_unknown, "allow running a hook with a non-native hook name");
  options.boolean(0, "ignore-missing", &ignore_missing, "silently ignore missing requested <hook-name>");
  options.string(0, "to-stdin", &to_stdin, "path", "file to read into hooks' stdin");
  options.integer('j', "jobs", &jobs, "n", "run up to <n> hooks simultaneously");
  auto rest = options.parse(args, inv.prefix_or_empty(), kKeepDashDash);
  if (rest.empty()) options.usage_with_options();
  HookOptions hook;
  if (rest.size() > 1) {
    if (rest[1] != "--" && rest[1] != "--end-of-options") options.usage_with_options();
    hook.args.assign(rest.begin() + 2, rest.end());
  }
  check_event(rest[0], allow_unknown);
  check_friendly_names(repo_or_none(inv));
  hook.error_if_missing = !ignore_missing;
  hook.path_to_stdin = to_stdin;
  hook.jobs = jobs;
  int code = run_hooks(repo_or_none(inv), rest[0], std::move(hook));
  return code < 0 ? 1 : code;
}

}  // namespace

int cmd_hook(Invocation& inv) {
  enum { kNone, kRun, kList };
  int command = kNone;
  Options options({kRunUsage, kListUsage});
  options.subcommand("run", &command, kRun);
  options.subcommand("list", &command, kList);
  auto args = options.parse(inv.args, inv.prefix_or_empty());
  return command == kRun ? run(inv, args) : list(inv, args);
}

}  // namespace git
