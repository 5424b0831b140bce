// git remote-ext: any command as a connection (git-remote-ext(1)): "ext::ssh host %S repo".
#include <poll.h>
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "net/relay.h"
#include "remote-connect.h"
#include "wire/pkt-line.h"

GIT_BUILTIN("remote-ext", cmd_remote_ext, kNoParseopt)

namespace git {

namespace {

struct ExtCommand {
  std::vector<std::string> args;
  std::string git_service, git_host;  // %G and %V: a git:// style request goes first
};

// One word with its %-escapes; nullopt where it was %G or %V, which say something and are no argument.
std::optional<std::string> expand_word(std::string_view word, const std::string& service, ExtCommand& command) {
  std::string out;
  std::string no_prefix = service;
  std::string_view plain = service;
  if (skip_prefix(plain, "git-")) no_prefix = plain;
  for (std::size_t i = 0; i < word.size(); i++) {
    if (word[i] != '%') {
      out += word[i];
      continue;
    }
    if (++i >= word.size()) die("%s", _("Bad remote-ext placeholder '%'"));
    switch (word[i]) {
      case '%':
      case ' ':
        out += word[i];
        break;
      case 's':
        out += no_prefix;
        break;
      case 'S':
        out += service;
        break;
      case 'G':
      case 'V':
        if (i != 1) die("%s", _("remote-ext: %G and %V must start an argument"));
        (word[i] == 'G' ? command.git_service : command.git_host) = word.substr(2);
        return std::nullopt;
      default:
        die(_("Bad remote-ext placeholder '%%%c'."), word[i]);
    }
  }
  return out;
}

// Words are apart by spaces; "% " is a space inside of one.
ExtCommand parse_command(std::string_view text, const std::string& service) {
  ExtCommand command;
  std::string word;
  auto flush = [&] {
    if (word.empty()) return;
    if (auto arg = expand_word(word, service, command)) command.args.push_back(*arg);
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); i++) {
    if (text[i] == ' ') {
      flush();
    } else {
      word += text[i];
      if (text[i] == '%' && i + 1 < text.size()) word += text[++i];
    }
  }
  flush();
  return command;
}

int run_service(const std::string& url, const std::string& service) {
  ExtCommand command = parse_command(url, service);
  ChildProcess child;
  std::string plain = service;
  std::string_view rest = service;
  if (skip_prefix(rest, "git-")) plain = rest;
  child.env = {"GIT_EXT_SERVICE=" + service, "GIT_EXT_SERVICE_NOPREFIX=" + plain};
  child.args = command.args;
  child.in = child.out = ChildProcess::kPipe;
  if (!child.start()) die("%s", _("Can't run specified command"));
  if (!command.git_service.empty()) {
    std::string request = service + " " + command.git_service + '\0';
    if (!command.git_host.empty()) request += "host=" + command.git_host + '\0';
    std::string packet;
    append_packet(packet, request);
    write_in_full(child.in_fd(), packet);
  }
  relay_both_ways(0, 1, child.take_out(), child.take_in());
  return child.finish();
}

}  // namespace

int cmd_remote_ext(Invocation& inv) {
  if (inv.args.size() != 3) usage("git remote-ext <remote> <url>");
  std::string unknown;
  auto code =
      serve_connect_commands([&](std::string_view service) { return run_service(inv.args[2], std::string(service)); }, &unknown);
  if (code) return *code;
  errf("Bad command");
  return 1;
}

}  // namespace git
