// The pager is our child and reads what we print; we must close our end and wait for it before we leave, or the shell's
// prompt would run into it.
#include "pager.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/build-config.h"
#include "base/env.h"
#include "base/run-command.h"
#include "base/sigchain.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

// The program's one pager; atexit() and signal handlers take no argument.
std::unique_ptr<ChildProcess>& running_pager() {
  static std::unique_ptr<ChildProcess> pager;
  return pager;
}
bool stderr_is_piped = false;

void close_streams() {
  std::fflush(stdout);
  std::fflush(stderr);
  ::close(1);
  if (stderr_is_piped) ::close(2);
}
void wait_at_exit() {
  if (!running_pager()) return;
  close_streams();
  running_pager()->finish();
  running_pager().reset();
}
void wait_at_signal(int signal) {
  ::close(1);
  if (stderr_is_piped) ::close(2);
  if (running_pager()) running_pager()->finish();
  sigchain_pop(signal);
  ::raise(signal);
}

// Default settings of well-known pagers, unless the user has their own.
void add_pager_env(std::vector<std::string>& env) {
  if (!get_env("LESS")) env.push_back("LESS=FRX");
  if (!get_env("LV")) env.push_back("LV=-c");
}

}  // namespace

std::optional<std::string> pager_program(const Config& config, bool stdout_is_tty) {
  if (!stdout_is_tty) return std::nullopt;
  auto program = get_env("GIT_PAGER");
  if (!program) program = config.get_string("core.pager");
  if (!program) program = get_env("PAGER");
  if (!program) program = "less";
  if (program->empty() || *program == "cat") return std::nullopt;
  return program;
}

bool is_pager_in_use() { return env_bool("GIT_PAGER_IN_USE", false); }

void setup_pager(const Config& config, const std::string& named) {
  bool is_tty = ::isatty(1);
  auto program = pager_program(config, is_tty);
  if (!named.empty() && is_tty && !get_env("GIT_PAGER")) {
    program = named;
    if (*program == "cat") program.reset();
  }
  if (!program) return;
  if (int columns = term_columns(); columns > 0) set_env("COLUMNS", std::to_string(columns));
  set_env("GIT_PAGER_IN_USE", "true");
  auto pager = std::make_unique<ChildProcess>();
  pager->args = {*program};
  pager->use_shell = true;
  pager->in = ChildProcess::kPipe;
  pager->trace2_child_class = "pager";
  pager->env = {"GIT_PAGER_IN_USE"};
  add_pager_env(pager->env);
  if (!pager->start()) return;
  ::dup2(pager->in_fd(), 1);
  if (::isatty(2)) {
    ::dup2(pager->in_fd(), 2);
    stderr_is_piped = true;
  }
  pager->close_in();
  running_pager() = std::move(pager);
  std::atexit(wait_at_exit);
  sigchain_push_common(wait_at_signal);
}

int configured_pager(const Config& config, std::string_view command, std::string* program) {
  const ConfigEntry* entry = config.find("pager." + lowercase(command));
  if (!entry) return -1;
  if (auto truth = parse_maybe_bool(entry->value)) return *truth;
  *program = *entry->value;
  return 1;
}

void setup_auto_pager(int& choice, const Config& config, std::string_view command, bool fallback) {
  std::string program;
  if (choice != -1 || is_pager_in_use()) return;
  choice = configured_pager(config, command, &program);
  if (choice == -1) choice = fallback;
  if (choice == 0) set_env("GIT_PAGER", "cat");
  if (choice == 1) setup_pager(config, program);
}

int term_columns() {
  if (auto text = get_env("COLUMNS"))
    if (int n = std::atoi(text->c_str()); n > 0) return n;
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col) return size.ws_col;
  return 80;
}

}  // namespace git
