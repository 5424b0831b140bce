// argv -> options of git itself -> builtin, alias or git-foo program.  The one place that catches: Fatal becomes
// "fatal: ..." and an exit code.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "alias.h"
#include "base/build-config.h"
#include "base/command-line.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace.h"
#include "base/trace2.h"
#include "builtin.h"
#include "config.h"
#include "help.h"
#include "hook.h"
#include "index/dir.h"
#include "pager.h"
#include "promisor-remote.h"
#include "trace2-setup.h"

#include "builtin-table.inc"

namespace git {
namespace {

struct Builtin {
  const char* name;
  BuiltinFunction function;
  unsigned flags;
};

#undef GIT_BUILTIN
#define GIT_BUILTIN(name, function, flags) {name, function, flags},
constexpr Builtin kBuiltins[] = {
#include "builtin-table.inc"
};

const Builtin* find_builtin(std::string_view name) {
  for (const Builtin& builtin : kBuiltins)
    if (name == builtin.name) return &builtin;
  return nullptr;
}

using Args = std::vector<std::string>;

class Git {
 public:
  int main(Args args);

 private:
  void take_options(Args& args, bool* env_changed = nullptr);
  [[noreturn]] void usage_error(const std::string& line) const;
  void list_commands_and_exit(std::string_view spec) const;
  bool run_builtin_named(Args& args);
  int run_builtin(const Builtin& builtin, Args args);
  bool expand_alias(Args& args);
  [[noreturn]] void run_shell_alias(const std::string& name, const std::string& text, Args args);
  void run_external(Args& args);
  void commit_pager_choice(Config* config);
  int run(Args args);
  void check_alias_loop(const std::string& name);

  int pager_ = -1;
  std::string pager_program_;
  std::vector<std::string> expanded_;
  int exit_code_ = 0;
};

void Git::usage_error(const std::string& line) const {
  errf("%susage: %s\n", line, git_usage());
  exit_with(129);
}

void print_line_and_exit(std::string_view text) {
  trace2::command_name("_query_");
  out(text);
  out("\n");
  flush_out();
  exit_with(0);
}

void Git::list_commands_and_exit(std::string_view spec) const {
  auto config = read_early_config();
  for (const std::string& name : list_commands(spec, *config)) outf("%s\n", name);
  flush_out();
  exit_with(0);
}

// A mistake in `git -c` is told whatever the command looks at.
void check_command_config() {
  ConfigSources sources;
  sources.ignore_system = sources.ignore_global = true;
  sources.respect_includes = false;
  Config(sources).get_bool("core.bare");
}

// The options before the command. `env_changed` tells that one of them would outlive an alias.
void Git::take_options(Args& args, bool* env_changed) {
  auto changed = [&] {
    if (env_changed) *env_changed = true;
  };
  std::size_t at = 0;
  auto set = [&](const char* name, const std::string& value) {
    set_env(name, value);
    changed();
  };
  while (at < args.size() && !args[at].empty() && args[at][0] == '-') {
    const std::string& arg = args[at];
    std::string_view rest = arg;
    // "--x=value" or "--x value"
    auto valued = [&](std::string_view option, const char* missing) -> std::optional<std::string> {
      if (arg == option) {
        if (at + 1 >= args.size()) usage_error(replace_all(missing, "%s", option) + "\n");
        return args[++at];
      }
      std::string_view r = arg;
      if (skip_prefix(r, option) && skip_prefix(r, "=")) return std::string(r);
      return std::nullopt;
    };
    if (arg == "--help" || arg == "-h" || arg == "--version" || arg == "-v") break;
    if (skip_prefix(rest, "--exec-path")) {
      if (skip_prefix(rest, "=")) {
        set_exec_path(std::string(rest));
      } else if (rest.empty()) {
        print_line_and_exit(git_exec_path());
      } else {
        usage_error("unknown option: " + arg + "\n");
      }
    } else if (arg == "--html-path") {
      print_line_and_exit(kHtmlPath);
    } else if (arg == "--man-path") {
      print_line_and_exit(kManPath);
    } else if (arg == "--info-path") {
      print_line_and_exit(std::string(kPrefix) + "/share/info");
    } else if (arg == "-p" || arg == "--paginate") {
      pager_ = 1;
    } else if (arg == "-P" || arg == "--no-pager") {
      pager_ = 0;
      changed();
    } else if (arg == "--no-lazy-fetch") {
      set("GIT_NO_LAZY_FETCH", "1");
    } else if (arg == "--no-replace-objects") {
      set("GIT_NO_REPLACE_OBJECTS", "1");
    } else if (auto dir = valued("--git-dir", "no directory given for '%s' option")) {
      set("GIT_DIR", *dir);
    } else if (auto name = valued("--namespace", "no namespace given for --namespace")) {
      set("GIT_NAMESPACE", *name);
    } else if (auto tree = valued("--work-tree", "no directory given for '%s' option")) {
      set("GIT_WORK_TREE", *tree);
    } else if (arg == "--bare") {
      set("GIT_IMPLICIT_WORK_TREE", "0");
      if (!get_env("GIT_DIR")) set("GIT_DIR", current_dir());
    } else if (arg == "-c") {
      if (at + 1 >= args.size()) usage_error("-c expects a configuration string\n");
      push_config_parameter(args[++at]);
    } else if (starts_with(arg, "--config-env")) {
      auto text = valued("--config-env", "no config key given for --config-env");
      if (!text) usage_error("unknown option: " + arg + "\n");
      std::size_t equals = text->rfind('=');
      if (equals == std::string::npos) die("invalid config format: %s", *text);
      std::string variable = text->substr(equals + 1);
      if (variable.empty()) die("missing environment variable name for configuration '%s'", text->substr(0, equals));
      auto value = get_env(variable.c_str());
      if (!value) die("missing environment variable '%s' for configuration '%s'", variable, text->substr(0, equals));
      push_config_pair(text->substr(0, equals), *value);
    } else if (arg == "--literal-pathspecs") {
      set("GIT_LITERAL_PATHSPECS", "1");
    } else if (arg == "--no-literal-pathspecs") {
      set("GIT_LITERAL_PATHSPECS", "0");
    } else if (arg == "--glob-pathspecs") {
      set("GIT_GLOB_PATHSPECS", "1");
    } else if (arg == "--noglob-pathspecs") {
      set("GIT_NOGLOB_PATHSPECS", "1");
    } else if (arg == "--icase-pathspecs") {
      set("GIT_ICASE_PATHSPECS", "1");
    } else if (arg == "--no-optional-locks") {
      set("GIT_OPTIONAL_LOCKS", "0");
    } else if (auto file = valued("--shallow-file", "no directory given for '%s' option")) {
      set("GIT_SHALLOW_FILE", *file);
    } else if (arg == "-C") {
      if (at + 1 >= args.size()) usage_error("no directory given for '-C' option\n");
      const std::string& to = args[++at];
      if (!to.empty()) {
        if (::chdir(to.c_str()) < 0) die_errno("cannot change to '%s'", to);
        changed();
      }
    } else if (skip_prefix(rest, "--list-cmds=")) {
      list_commands_and_exit(rest);
    } else if (auto source = valued("--attr-source", "no attribute source given for --attr-source")) {
      set("GIT_ATTR_SOURCE", *source);
    } else if (arg == "--no-advice") {
      set("GIT_ADVICE", "0");
    } else {
      usage_error("unknown option: " + arg + "\n");
    }
    at++;
  }
  args.erase(args.begin(), args.begin() + static_cast<long>(at));
  if (get_env("GIT_CONFIG_PARAMETERS")) check_command_config();
}

void Git::commit_pager_choice(Config* config) {
  if (pager_ == 0) set_env("GIT_PAGER", "cat");
  if (pager_ == 1) {
    if (config)
      setup_pager(*config, pager_program_);
    else
      setup_pager(*read_early_config(), pager_program_);
  }
}

// "git foo -h" asks for the usage text: it is the output then, and no failure, however the command comes to show it.
int answer_help(const Builtin& builtin, Invocation& inv) {
  // Outside of any repository too; the command needs something to hold on to until it sees the option.
  if (!inv.repository && (builtin.flags & kSetup)) inv.repository = std::make_unique<Repository>(RepositoryLayout{});
  ::dup2(1, 2);
  try {
    int code = builtin.function(inv);
    return code == 129 ? 0 : code;
  } catch (const Fatal& fatal) {
    if (fatal.exit_code() != 129) throw;
    if (!fatal.message().empty()) report("", fatal.message());
    return 0;
  }
}

int Git::run_builtin(const Builtin& builtin, Args args) {
  trace_argv("GIT_TRACE", "trace: built-in: git", args);
  trace2::command_name(builtin.name);
  Invocation inv;
  inv.args = std::move(args);
  bool only_help = inv.args.size() == 2 && inv.args[1] == "-h";
  bool wants_repo = builtin.flags & (kSetup | kSetupGently);
  if (wants_repo) {
    SetupResult setup = setup_git_directory(only_help || (builtin.flags & kSetupGently));
    inv.repository = std::move(setup.repo);
    inv.prefix = std::move(setup.prefix);
    if (inv.prefix) protect_original_cwd(*inv.prefix);
    if (inv.repository && inv.prefix) inv.repository->startup_prefix = *inv.prefix;
    if (inv.repository && !only_help) {
      install_promisor_fetch(*inv.repository);
      install_ref_transaction_hook(*inv.repository);
    }
    inv.original_cwd = std::move(setup.original_cwd);
    if (pager_ == -1 && !(builtin.flags & kDelayPagerConfig)) {
      if (inv.repository)
        pager_ = configured_pager(inv.repository->config(), builtin.name, &pager_program_);
      else
        pager_ = configured_pager(*read_early_config(), builtin.name, &pager_program_);
    }
  }
  if (pager_ == -1 && (builtin.flags & kUsePager)) pager_ = 1;
  commit_pager_choice(inv.repository ? &inv.repository->config() : nullptr);
  inv.pager_choice = pager_;
  if (inv.repository && (builtin.flags & kNeedWorkTree) && !only_help) setup_work_tree(*inv.repository);
  trace2::repository(inv.repository && inv.repository->worktree() ? *inv.repository->worktree() : std::string());
  int code = only_help ? answer_help(builtin, inv) : builtin.function(inv);
  flush_out();
  return code;
}

// "git foo --help" is "git help foo".
bool Git::run_builtin_named(Args& args) {
  if (args.size() > 1 && args[1] == "--help") {
    Args helped = {"help", "--exclude-guides", args[0]};
    helped.insert(helped.end(), args.begin() + 2, args.end());
    args = std::move(helped);
  }
  const Builtin* builtin = find_builtin(args[0]);
  if (!builtin) return false;
  exit_code_ = run_builtin(*builtin, args);
  return true;
}

void Git::run_shell_alias(const std::string& name, const std::string& text, Args args) {
  trace2::command_alias(name, {text});
  trace2::command_name("_run_shell_alias_");
  SetupResult setup = setup_git_directory(true);
  commit_pager_choice(setup.repo ? &setup.repo->config() : nullptr);
  ChildProcess child;
  child.use_shell = true;
  child.clean_on_exit = true;
  child.wait_after_clean = true;
  child.trace2_child_class = "shell_alias";
  child.args.push_back(text.substr(1));
  child.args.insert(child.args.end(), args.begin() + 1, args.end());
  int code = child.run();
  if (code >= 0) exit_with(code);
  die_errno("while expanding alias '%s': '%s'", name, text.substr(1));
}

bool Git::expand_alias(Args& args) {
  auto config = read_early_config();
  const std::string name = args[0];
  auto text = find_alias(*config, name);
  if (!text) return false;
  bool asks_help = args.size() == 2 && args[1] == "-h";
  if (asks_help) errf("'%s' is aliased to '%s'\n", name, *text);
  if (!text->empty() && (*text)[0] == '!') run_shell_alias(name, *text, args);
  auto words = parse_command_line(*text);
  if (!words) die("bad alias.%s string: %s", name, words.error().message);
  bool env_changed = false;
  take_options(*words, &env_changed);
  if (env_changed) die("alias '%s' changes environment variables.\nYou can use '!git' in the alias to do this", name);
  if (words->empty()) die("empty alias for %s", name);
  if ((*words)[0] == name) die("recursive alias: %s", name);
  trace_argv("GIT_TRACE", strf("trace: alias expansion: %s =>", name), *words);
  Args expanded = *words;
  trace2::command_alias(name, expanded);
  expanded.insert(expanded.end(), args.begin() + 1, args.end());
  args = std::move(expanded);
  return true;
}

// git-foo, in the exec path or on PATH.
void Git::run_external(Args& args) {
  if (is_builtin_name(args[0])) die("cannot handle %s as a builtin", args[0]);
  commit_pager_choice(nullptr);
  ChildProcess child;
  child.args = args;
  child.args[0] = "git-" + args[0];
  child.clean_on_exit = true;
  child.wait_after_clean = true;
  child.silent_exec_failure = true;
  child.trace2_child_class = "dashed";
  trace2::command_name("_run_dashed_");
  trace_argv("GIT_TRACE", "trace: exec:", child.args);
  int code = child.run();
  if (code >= 0) exit_with(code);
  if (errno != ENOENT) exit_with(128);
}

void Git::check_alias_loop(const std::string& name) {
  auto seen = std::find(expanded_.begin(), expanded_.end(), name);
  if (seen == expanded_.end()) {
    expanded_.push_back(name);
    return;
  }
  std::string list;
  for (auto at = expanded_.begin(); at != expanded_.end(); ++at)
    list += "\n  " + *at + (at == seen ? " <==" : at + 1 == expanded_.end() ? " ==>" : "");
  die("alias loop detected: expansion of '%s' does not terminate:%s", expanded_[0], list);
}

int Git::run(Args args) {
  const std::string asked = args[0];
  bool was_alias = false, corrected = false;
  for (;;) {
    const Builtin* builtin = find_builtin(args[0]);
    if (builtin && (builtin->flags & kDeprecated)) {
      auto config = read_early_config();
      if (find_alias(*config, args[0])) {
        check_alias_loop(args[0]);
        expand_alias(args);
        was_alias = true;
        continue;
      }
    }
    if (!was_alias) {
      // The common way out returns: to throw would bring in the unwinder and its tables for nothing.
      if (run_builtin_named(args)) return exit_code_;
    } else if (builtin) {
      // A new process, because the options of an alias may have changed what was looked up so far.
      commit_pager_choice(nullptr);
      trace_argv("GIT_TRACE", "trace: exec: git", args);
      ChildProcess child;
      child.args = args;
      child.git_command = true;
      child.clean_on_exit = true;
      child.wait_after_clean = true;
      child.silent_exec_failure = true;
      child.trace2_child_class = "git_alias";
      trace2::command_name("_run_git_alias_");
      int code = child.run();
      if (code >= 0) exit_with(code);
      die("could not execute builtin %s", args[0]);
    }
    run_external(args);
    check_alias_loop(args[0]);
    if (expand_alias(args)) {
      was_alias = true;
      continue;
    }
    if (was_alias) {
      errf("expansion of alias '%s' failed; '%s' is not a git command\n", asked, args[0]);
      exit_with(1);
    }
    if (corrected) break;
    args[0] = help_unknown_command(*read_early_config(), args[0]);
    expanded_.clear();
    corrected = true;
  }
  errf("failed to run command '%s': %s\n", args[0], std::strerror(errno));
  return 1;
}

// 0, 1 and 2 must be open, or files we open would take their places.
void sanitize_stdfds() {
  int fd = ::open("/dev/null", O_RDWR);
  while (fd != -1 && fd < 2) fd = ::dup(fd);
  if (fd > 2) ::close(fd);
}

int Git::main(Args args) {
  std::string called = args.empty() ? "git" : std::string(path_basename(args[0]));
  if (args.empty()) args.push_back(called);
  std::string_view name = called;
  setup_path();
  if (skip_prefix(name, "git-")) {
    args[0] = std::string(name);
    if (run_builtin_named(args)) return exit_code_;
    die("cannot handle %s as a builtin", args[0]);
  }
  args.erase(args.begin());
  take_options(args);
  if (args.empty()) {
    commit_pager_choice(nullptr);
    out(common_help());
    flush_out();
    return 1;
  }
  if (args[0] == "--version" || args[0] == "-v") args[0] = "version";
  if (args[0] == "--help" || args[0] == "-h") args[0] = "help";
  return run(std::move(args));
}

}  // namespace
}  // namespace git

int main(int argc, char** argv) {
  std::vector<std::string> args(argv, argv + argc);
  git::sanitize_stdfds();
  // A parent may have left SIGPIPE ignored; we mean to die of it.
  std::signal(SIGPIPE, SIG_DFL);
  git::start_tracing(args);
  int code = 0;
  try {
    code = git::Git().main(std::move(args));
  } catch (const git::Fatal& fatal) {
    std::fflush(stdout);
    if (!fatal.message().empty()) git::report("fatal: ", fatal.message());
    code = fatal.exit_code();
  }
  git::trace2::finish(code & 0xff);
  return code & 0xff;
}
