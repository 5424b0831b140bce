// The hook's standard output goes to our standard error, because a caller may be reading ours.
#include "hook.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <thread>

#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "config.h"
#include "pack/threads.h"
#include "repository.h"

namespace git {
namespace {

bool advice_enabled(Repository& repo, const char* key) { return repo.config().get_bool_or(std::string("advice.") + key, true); }

struct Configured {
  std::string name, command, scope;
  std::vector<std::string> events;
  bool is_enabled = true, is_parallel = false;
};

// hook.<name>.* in order of appearance; a name whose event is said again moves to the end.
std::vector<Configured> read_configured(Repository& repo) {
  std::vector<Configured> hooks;
  for (const std::string& name : repo.config().subsections("hook")) {
    Configured hook;
    hook.name = name;
    std::string base = "hook." + name + ".";
    for (const ConfigEntry* entry : repo.config().find_all(base + "event")) {
      if (!entry->value || entry->value->empty())
        hook.events.clear();
      else
        hook.events.push_back(*entry->value);
      hook.scope = scope_name(entry->scope);
    }
    hook.command = repo.config().get_string_or(base + "command", "");
    hook.is_enabled = repo.config().get_bool_or(base + "enabled", true);
    hook.is_parallel = repo.config().get_bool_or(base + "parallel", false);
    hooks.push_back(std::move(hook));
  }
  // By the place where a hook's event was said last.
  std::map<std::string, std::size_t> last_said;
  std::size_t place = 0;
  for (const ConfigEntry& entry : repo.config().entries()) {
    std::string_view key = entry.key;
    place++;
    if (skip_prefix(key, "hook.") && strip_suffix(key, ".event")) last_said[std::string(key)] = place;
  }
  std::stable_sort(hooks.begin(), hooks.end(),
                   [&](const Configured& a, const Configured& b) { return last_said[a.name] < last_said[b.name]; });
  return hooks;
}

void fill_child(ChildProcess& child, const ConfiguredHook& hook, std::string_view event, const HookOptions& options) {
  child.args.push_back(hook.command);
  child.args.insert(child.args.end(), options.args.begin(), options.args.end());
  child.use_shell = !hook.name.empty();
  child.env = options.env;
  child.dir = options.dir;
  child.trace2_hook_name = std::string(event);
  child.stdout_to_stderr = options.stdout_to_stderr && !options.sink;
}

int run_one(Repository& repo, const ConfiguredHook& hook, std::string_view event, const HookOptions& options) {
  ChildProcess child;
  fill_child(child, hook, event, options);
  child.in = ChildProcess::kNull;
  UniqueFd stdin_file;
  if (options.path_to_stdin)
    child.in = xopen(*options.path_to_stdin, O_RDONLY).release();
  else if (options.input)
    child.in = ChildProcess::kPipe;
  Pipe both;
  if (options.sink) {
    both = make_pipe();
    child.out = ::dup(both.write_end.get());
    child.err = both.write_end.release();
  }
  if (!child.start()) return -1;
  std::thread feeder;
  if (options.input && !options.path_to_stdin) {
    feeder = std::thread([&child, &options] {
      sigset_t pipe_only;
      sigemptyset(&pipe_only);
      sigaddset(&pipe_only, SIGPIPE);
      ::pthread_sigmask(SIG_BLOCK, &pipe_only, nullptr);
      write_in_full(child.in_fd(), *options.input);  // a hook need not read all of it
      child.close_in();
    });
  }
  if (options.sink) {
    char buffer[8192];
    for (ssize_t n; (n = xread(both.read_end.get(), buffer, sizeof buffer)) > 0;)
      options.sink({buffer, static_cast<std::size_t>(n)});
  }
  if (feeder.joinable()) feeder.join();
  (void)repo;
  return child.finish();
}

// hook.jobs or hook.<event>.jobs.
int configured_jobs(Repository& repo, std::string_view event) {
  int jobs = 1;
  for (const std::string& key : {std::string("hook.jobs"), "hook." + std::string(event) + ".jobs"}) {
    auto value = repo.config().get_int(key);
    if (!value) continue;
    if (*value > 0)
      jobs = *value;
    else if (*value == -1)
      jobs = online_cpus();
    else
      warning(_("%s must be a positive integer or -1, ignoring: %d"), key, *value);
  }
  // A number of jobs belongs to an event; one that is said of a hook has no effect.
  for (const std::string& name : repo.config().subsections("hook")) {
    std::string base = "hook." + name + ".";
    if (name == event || !repo.config().get_int(base + "jobs")) continue;
    for (const char* own : {"command", "event", "parallel"}) {
      if (repo.config().find_all(base + own).empty()) continue;
      warning(_("%sjobs is set, but '%s' looks like the friendly-name of a hook, not like an event"), base, name);
      break;
    }
  }
  return jobs;
}

int job_count(Repository& repo, std::string_view event, const std::vector<ConfiguredHook>& hooks, int asked) {
  int configured = asked == 1 ? 1 : configured_jobs(repo, event);
  int jobs = asked == 0 ? configured : asked < 0 ? online_cpus() : asked;
  for (const ConfiguredHook& hook : hooks) {
    if (jobs == 1 || hook.is_parallel) continue;
    if (asked == 0) return 1;
    warning(_("hook '%s' is not marked as parallel=true, running in parallel anyway due to -j%d"), hook.name, asked);
  }
  return jobs;
}

// Several at once: each hook's output is shown in one piece, and all run to their end. The first code that is not 0.
int run_side_by_side(const std::vector<ConfiguredHook>& hooks, std::string_view event, const HookOptions& options, int jobs) {
  // What they are fed is a file: each reads it at its own pace, or not at all.
  std::optional<Tempfile> input;
  std::optional<std::string> path = options.path_to_stdin;
  if (options.input && !path) {
    input = Tempfile::in_tmpdir("hook-input-XXXXXX").take_or_die();
    if (!input->write(*options.input) || !input->close()) die_errno(_("unable to write %s"), input->path());
    path = input->path();
  }
  std::size_t at = 0;
  int failure = 0;
  ParallelTask task;
  task.jobs = jobs;
  task.trace2_category = "hook";
  task.trace2_label = std::string(event);
  task.next = [&](ChildProcess& child, std::string&, std::size_t& id) {
    if (at == hooks.size()) return false;
    id = at;
    fill_child(child, hooks[at++], event, options);
    child.in = path ? xopen(*path, O_RDONLY).release() : ChildProcess::kNull;
    return true;
  };
  task.start_failure = [&](std::string&, std::size_t) {
    if (!failure) failure = -1;
    return true;
  };
  task.finished = [&](int code, std::string&, std::size_t) {
    if (!failure) failure = code;
    return true;
  };
  run_processes_parallel(task);
  return failure;
}

}  // namespace

std::optional<std::string> find_hook(Repository& repo, std::string_view name) {
  std::string path;
  if (auto dir = repo.config().get_path("core.hookspath"))
    path = path_join(*dir, name);
  else
    path = repo.git_path(path_join("hooks", name));
  if (::access(path.c_str(), X_OK) == 0) return path;
  if (path_exists(path) && advice_enabled(repo, "ignoredhook")) {
    report("hint: ", strf(_("The '%s' hook was ignored because it's not set as executable."), path));
    report("hint: ", _("You can disable this warning with `git config set advice.ignoredHook false`."));
  }
  return std::nullopt;
}

std::vector<ConfiguredHook> list_hooks(Repository& repo, std::string_view event) {
  std::vector<ConfiguredHook> hooks;
  // hook.<event>.enabled turns the configured hooks of an event off, all at once.
  bool event_off = !repo.config().get_bool_or("hook." + std::string(event) + ".enabled", true);
  for (Configured& hook : read_configured(repo)) {
    if (std::find(hook.events.begin(), hook.events.end(), event) == hook.events.end()) continue;
    if (hook.is_enabled && hook.command.empty())
      die(_("'hook.%s.command' must be configured or 'hook.%s.event' must be removed; aborting."), hook.name, hook.name);
    if (hook.command.empty()) warning(_("disabled hook '%s' has no command configured"), hook.name);
    hooks.push_back({hook.name, hook.command, hook.is_enabled && !event_off, hook.scope, event_off, hook.is_parallel});
  }
  if (auto path = find_hook(repo, event)) hooks.push_back({"", *path, true, "", false});
  return hooks;
}

bool has_hooks(Repository& repo, std::string_view name) {
  for (const ConfiguredHook& hook : list_hooks(repo, name))
    if (hook.is_enabled) return true;
  return false;
}

int run_hooks(Repository& repo, std::string_view name, HookOptions options) {
  std::vector<ConfiguredHook> hooks = list_hooks(repo, name);
  const bool has_any = !hooks.empty();
  std::erase_if(hooks, [](const ConfiguredHook& hook) { return !hook.is_enabled; });
  // A relative hook path means relative to here, not to where the hook will run.
  for (ConfiguredHook& hook : hooks)
    if (hook.name.empty() && !options.dir.empty()) hook.command = absolute_path(hook.command);
  if (options.invoked && !hooks.empty()) *options.invoked = true;
  if (options.jobs != 1 && !options.sink)
    if (int jobs = job_count(repo, name, hooks, options.jobs); jobs > 1 && !hooks.empty())
      return run_side_by_side(hooks, name, options, jobs);
  for (const ConfiguredHook& hook : hooks)
    if (int code = run_one(repo, hook, name, options)) return code;
  if (!has_any && options.error_if_missing) return error("cannot find a hook named %s", name);
  return 0;
}

int run_commit_hook(Repository& repo, bool editor_is_used, const std::string& index_file, std::string_view name,
                    std::vector<std::string> args, bool* invoked) {
  HookOptions options;
  options.args = std::move(args);
  options.invoked = invoked;
  options.env.push_back("GIT_INDEX_FILE=" + index_file);
  if (!editor_is_used) options.env.emplace_back("GIT_EDITOR=:");
  return run_hooks(repo, name, std::move(options));
}

void install_ref_transaction_hook(Repository& repo) {
  repo.ref_transaction_hook = [&repo](const std::string& state, const std::string& input) {
    if (!has_hooks(repo, "reference-transaction")) return true;
    HookOptions options;
    options.args = {state};
    options.input = input;
    return run_hooks(repo, "reference-transaction", std::move(options)) == 0;
  };
}

}  // namespace git
