// git credential-cache: a helper that keeps passwords in the memory of a daemon (git-credential-cache(1)); this is the
// side that talks to it, and starts it when there is something to remember.
#include <sys/socket.h>

#include <cerrno>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "credential-socket.h"
#include "net/channel.h"

GIT_BUILTIN("credential-cache", cmd_credential_cache, 0)

namespace git {
namespace {

constexpr int kDefaultTimeout = 900;

std::string default_socket() {
  if (auto old = expand_user_path("~/.git-credential-cache"); old && is_directory(*old)) return path_join(*old, "socket");
  std::string cache = get_env_or("XDG_CACHE_HOME", "");
  if (!cache.empty()) return path_join(cache, "git/credential/socket");
  auto home = expand_user_path("~/.cache/git/credential/socket");
  return home ? *home : "";
}

// False (with errno) where no daemon listens.
bool ask_daemon(const std::string& socket, const std::string& request) {
  UniqueFd fd = connect_unix_socket(socket);
  if (!fd) return false;
  IgnoreSigpipe guard;
  if (!write_in_full(fd.get(), request)) die_errno(_("unable to write to cache daemon"));
  ::shutdown(fd.get(), SHUT_WR);
  char buffer[1024];
  for (;;) {
    ssize_t n = xread(fd.get(), buffer, sizeof(buffer));
    if (n == 0 || (n < 0 && errno == ECONNRESET)) return true;
    if (n < 0) die_errno(_("read error from cache daemon"));
    out(std::string_view(buffer, static_cast<std::size_t>(n)));
  }
}

void start_daemon(const std::string& socket) {
  ChildProcess daemon;
  daemon.args = {"credential-cache--daemon", socket};
  daemon.git_command = true;
  daemon.in = ChildProcess::kNull;
  daemon.out = ChildProcess::kPipe;
  if (!daemon.start()) die_errno(_("unable to start cache daemon"));
  char buffer[3];
  ssize_t n = read_in_full(daemon.out_fd(), buffer, sizeof(buffer));
  if (n < 0) die_errno(_("unable to read result code from cache daemon"));
  if (std::string_view(buffer, static_cast<std::size_t>(n)) != "ok\n")
    die(_("cache daemon did not start: %s"), std::string(buffer, static_cast<std::size_t>(n)));
}

bool nobody_listens() { return errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR; }

}  // namespace

int cmd_credential_cache(Invocation& inv) {
  std::optional<std::string> socket;
  int timeout = kDefaultTimeout;
  Options options({"git credential-cache [<options>] <action>"});
  options.integer(0, "timeout", &timeout, "n", N_("number of seconds to cache credentials"));
  options.string(0, "socket", &socket, "path", N_("path of cache-daemon socket"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.empty()) options.usage_with_options();
  if (!socket) socket = default_socket();
  if (socket->empty()) die(_("unable to find a suitable socket path; use --socket"));

  const std::string& action = args[0];
  if (action == "capability") {
    out("version 0\ncapability authtype\n");
    return 0;
  }
  if (action != "exit" && action != "get" && action != "erase" && action != "store") return 0;
  std::string request = strf("action=%s\ntimeout=%d\n", action, timeout);
  if (action != "exit") request += read_fd(0).take_or_die();
  if (ask_daemon(*socket, request)) return 0;
  if (!nobody_listens()) die_errno(_("unable to connect to cache daemon"));
  if (action != "store") return 0;
  start_daemon(*socket);
  if (!ask_daemon(*socket, request)) die_errno(_("unable to connect to cache daemon"));
  return 0;
}

}  // namespace git
