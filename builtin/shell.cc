// git shell: the login shell of accounts that may only fetch and push (git-shell(1)).
#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include <array>

#include "base/command-line.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"

GIT_BUILTIN("shell", cmd_shell, kNoParseopt)

namespace git {
namespace {

constexpr const char* kCommandDir = "git-shell-commands";
constexpr const char* kHelp = "git-shell-commands/help";
constexpr const char* kNoInteractiveLogin = "git-shell-commands/no-interactive-login";
constexpr std::size_t kMaxCommand = std::size_t{4} << 20;

void go_home() {
  const char* home = std::getenv("HOME");
  if (!home) die("could not determine user's home directory; HOME is unset");
  if (::chdir(home) < 0) die("could not chdir to user's home directory");
}

// "git-upload-pack '<path>'", quoted as a client's ssh does it.
int run_service(std::string_view name, std::string_view argument) {
  std::optional<std::string> path = sq_dequote(argument);
  if (!path || starts_with(*path, "-")) die("bad argument");
  std::string_view command = name;
  if (!skip_prefix(command, "git-")) die("bad command");
  ChildProcess child;
  child.git_command = true;
  child.args = {std::string(command), *path};
  return child.run();
}

bool is_service(std::string_view name) {
  for (std::string_view known : {"git-receive-pack", "git-upload-pack", "git-upload-archive"})
    if (name == known) return true;
  return false;
}

bool is_valid_name(std::string_view name) { return name.find('/') == std::string_view::npos; }

int run_own_command(std::vector<std::string> words) {
  words[0] = path_join(kCommandDir, words[0]);
  ChildProcess child;
  child.args = std::move(words);
  child.silent_exec_failure = true;
  return child.run();
}

int run_interactive() {
  go_home();
  if (::access(kCommandDir, R_OK | X_OK) < 0)
    die("Interactive git shell is not enabled.\n"
        "hint: ~/git-shell-commands should exist "
        "and have read and execute access.");
  if (::access(kHelp, X_OK) == 0) {
    ChildProcess help;
    help.args = {kHelp};
    help.silent_exec_failure = true;
    help.run();
  }
  std::string line;
  for (;;) {
    err("git> ");
    line.clear();
    for (char c;;) {
      ssize_t n = xread(0, &c, 1);
      if (n <= 0) {
        if (!line.empty()) break;
        err("\n");
        return 0;
      }
      if (c == '\n') break;
      line += c;
      if (line.size() > kMaxCommand) die("command line is too long");
    }
    std::string_view text = trim(line);
    if (text.empty()) continue;
    Result<std::vector<std::string>> words = parse_command_line(text);
    if (!words || words->empty()) {
      errf("invalid command format '%s': %s\n", text, words ? std::string("empty") : words.error().message);
      continue;
    }
    std::string name = (*words)[0];
    if (name == "quit" || name == "logout" || name == "exit" || name == "bye") return 0;
    if (!is_valid_name(name)) {
      errf("invalid command format '%s'\n", name);
      continue;
    }
    if (run_own_command(*words) < 0) errf("unrecognized command '%s'\n", name);
  }
}

int run_command_text(std::string text) {
  // "git upload-pack x" is "git-upload-pack x".
  if (starts_with(text, "git") && text.size() > 3 && is_space(text[3])) text[3] = '-';
  std::size_t space = text.find(' ');
  if (std::string_view name = std::string_view(text).substr(0, space); is_service(name))
    return run_service(name, space == std::string::npos ? std::string_view() : std::string_view(text).substr(space + 1));
  go_home();
  Result<std::vector<std::string>> words = parse_command_line(text);
  if (!words) die("invalid command format '%s': %s", text, words.error().message);
  if (!words->empty() && is_valid_name((*words)[0])) {
    int code = run_own_command(*words);
    if (code >= 0 && code != 127) return code;
  }
  die("unrecognized command '%s'", text);
}

}  // namespace

int cmd_shell(Invocation& inv) {
  const std::vector<std::string>& args = inv.args;
  if (args.size() == 1) {
    // A host may want to say why nobody may log in.
    if (::access(kNoInteractiveLogin, F_OK) == 0) {
      ChildProcess teller;
      teller.args = {kNoInteractiveLogin};
      int code = teller.run();
      return code < 0 ? 127 : code;
    }
    return run_interactive();
  }
  if (args.size() != 3 || args[1] != "-c") die("Run with no arguments or with -c cmd");
  return run_command_text(args[2]);
}

}  // namespace git
