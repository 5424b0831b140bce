// The terminal is opened by its name: standard input and output usually belong to somebody else (a remote helper, a
// pipe).  Echo is switched off for secrets and comes back on every way out, a signal included.
#include "prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/sigchain.h"
#include "config.h"

namespace git {
namespace {

// What the signal handler needs to give the terminal back as it was.
struct SavedTerminal {
  volatile sig_atomic_t fd = -1;
  termios state{};
};
SavedTerminal saved_terminal;

void restore_terminal() {
  if (saved_terminal.fd < 0) return;
  ::tcsetattr(saved_terminal.fd, TCSAFLUSH, &saved_terminal.state);
  saved_terminal.fd = -1;
}

void restore_on_signal(int signal) {
  restore_terminal();
  sigchain_pop(signal);
  ::raise(signal);
}

class HiddenTyping {
 public:
  explicit HiddenTyping(int fd) {
    if (::tcgetattr(fd, &saved_terminal.state) < 0) return;
    saved_terminal.fd = fd;
    sigchain_push_common(restore_on_signal);
    termios quiet = saved_terminal.state;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd, TCSAFLUSH, &quiet);
    is_active_ = true;
  }
  ~HiddenTyping() {
    if (!is_active_) return;
    restore_terminal();
    for (int signal : {SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE}) sigchain_pop(signal);
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

 private:
  bool is_active_ = false;
};

std::optional<std::string> ask_program(const std::string& program, const std::string& prompt) {
  ChildProcess child;
  child.args = {program, prompt};
  child.out = ChildProcess::kPipe;
  if (!child.start()) return std::nullopt;
  Result<std::string> answer = read_fd(child.out_fd());
  child.close_out();
  if (child.finish() != 0 || !answer) {
    error(_("unable to read askpass response from '%s'"), program);
    return std::nullopt;
  }
  answer->resize(std::min(answer->find_first_of("\r\n"), answer->size()));
  return *answer;
}

std::optional<std::string> ask_terminal(const std::string& prompt, bool echo) {
  UniqueFd tty = open_fd("/dev/tty", O_RDWR);
  if (!tty) return std::nullopt;
  std::string answer;
  bool ok = false;
  {
    std::optional<HiddenTyping> hidden;
    if (!echo) hidden.emplace(tty.get());
    write_in_full(tty.get(), prompt);
    LineReader reader(tty.get());
    ok = reader.next(answer);
    if (!echo) write_in_full(tty.get(), "\n");
  }
  if (!ok) return std::nullopt;
  return answer;
}

}  // namespace

std::string git_prompt(const Config& config, const std::string& prompt, unsigned flags) {
  if (flags & kPromptAskpass) {
    std::string program = get_env_or("GIT_ASKPASS", "");
    if (program.empty()) program = config.get_path("core.askpass").value_or("");
    if (program.empty()) program = get_env_or("SSH_ASKPASS", "");
    if (!program.empty())
      if (auto answer = ask_program(program, prompt)) return *answer;
  }
  if (!env_bool("GIT_TERMINAL_PROMPT", true)) die(_("could not read %s%s"), prompt, _("terminal prompts disabled"));
  errno = 0;
  auto answer = ask_terminal(prompt, flags & kPromptEcho);
  if (!answer) die(_("could not read %s%s"), prompt, std::string(errno ? strerror(errno) : _("end of file")));
  return *answer;
}

}  // namespace git
