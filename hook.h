// Hooks (githooks(5)): programs under $GIT_DIR/hooks or core.hooksPath, and those that the configuration names
// (hook.<name>.command, .event, .enabled).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

class Repository;

struct HookOptions {
  std::vector<std::string> args;
  std::vector<std::string> env;              // as ChildProcess::env
  std::string dir;                           // where it runs; "" the top of the worktree (or git directory)
  std::optional<std::string> input;          // fed on stdin; absent: no stdin
  std::optional<std::string> path_to_stdin;  // a file to be its stdin
  bool stdout_to_stderr = true;
  bool error_if_missing = false;
  // How many at once: 1 for hooks that must not overlap; 0 as hook.jobs, hook.<event>.jobs and hook.<name>.parallel say;
  // -1 as many as there are processors.
  int jobs = 1;
  // Takes what the hook prints, both streams together, instead of passing it on (receive-pack's sideband).
  std::function<void(std::string_view)> sink;
  bool* invoked = nullptr;  // set where at least one hook ran
};

// The hook file, nullopt where there is none; one that isn't executable is ignored with advice.
std::optional<std::string> find_hook(Repository& repo, std::string_view name);
bool has_hooks(Repository& repo, std::string_view name);
// Runs every hook of that name, in order, until one fails. Its exit code; 0 where there is none.
int run_hooks(Repository& repo, std::string_view name, HookOptions options = {});
// With GIT_INDEX_FILE and, unless an editor will run, GIT_EDITOR=: in the environment.
int run_commit_hook(Repository& repo, bool editor_is_used, const std::string& index_file, std::string_view name,
                    std::vector<std::string> args, bool* invoked = nullptr);

// Lets the repository's ref transactions tell the reference-transaction hook.
void install_ref_transaction_hook(Repository& repo);

struct ConfiguredHook {
  std::string name;  // hook.<name>; "" for the file
  std::string command;
  bool is_enabled = true;
  std::string scope;
  bool is_event_disabled = false;  // hook.<event>.enabled is false
  bool is_parallel = true;         // hook.<name>.parallel; the file always may
};
// In the order they run: the configured ones, then the file.
std::vector<ConfiguredHook> list_hooks(Repository& repo, std::string_view event);

}  // namespace git
