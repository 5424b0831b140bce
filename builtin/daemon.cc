// git daemon: serve repositories over git:// (git-daemon(1)).  One process accepts; each connection gets a child that
// checks the request and becomes the service.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <csignal>
#include <map>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "repository.h"
#include "setup.h"
#include "wire/pkt-line.h"

GIT_BUILTIN("daemon", cmd_daemon, kNoParseopt)

namespace git {

namespace {

struct Service {
  const char* name;
  const char* config_key;
  bool is_enabled;
  bool is_overridable;
};

struct DaemonOptions {
  std::vector<std::string> listen;
  std::string port = "9418", base_path, interpolated_path, pid_file, access_hook, log_destination = "stderr";
  std::optional<std::string> user_path;
  bool verbose = false, export_all = false, strict_paths = false, base_path_relaxed = false, reuseaddr = false;
  bool informative = false, inetd = false, detach = false;
  int timeout = 0, init_timeout = 0, max_connections = 32;
  std::vector<std::string> paths;
  Service services[3] = {{"upload-archive", "daemon.uploadarch", false, true},
                         {"upload-pack", "daemon.uploadpack", true, true},
                         {"receive-pack", "daemon.receivepack", false, true}};
};

class Daemon {
 public:
  explicit Daemon(DaemonOptions options) : o_(std::move(options)) {}
  int serve();
  int handle_connection(int in, int out);

 private:
  void log(const std::string& text) {
    if (!o_.verbose && !starts_with(text, "Ready")) return;
    if (o_.log_destination == "syslog")
      syslog(LOG_INFO, "%s", text.c_str());
    else if (o_.log_destination == "stderr")
      err(strf("[%d] %s\n", static_cast<int>(getpid()), text));
  }
  std::vector<UniqueFd> open_sockets();
  [[noreturn]] void refuse(int out, const std::string& dir, const std::string& why);
  std::string find_path(int out, const std::string& asked, const std::map<std::string, std::string>& attributes);
  bool is_path_allowed(const std::string& path) const;
  void run_hook(int out, const Service& service, const std::string& path, const std::map<std::string, std::string>& attributes);
  int run_service(int in, int out, const Service& service, const std::string& asked,
                  const std::map<std::string, std::string>& attributes, const std::string& protocol);
  DaemonOptions o_;
};

std::string peer_name(int fd) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  char host[256] = "", port[32] = "";
  if (getpeername(fd, reinterpret_cast<struct sockaddr*>(&address), &size) < 0) return {};
  if (getnameinfo(reinterpret_cast<struct sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV))
    return {};
  set_env("REMOTE_ADDR", address.ss_family == AF_INET6 ? "[" + std::string(host) + "]" : std::string(host));
  set_env("REMOTE_PORT", port);
  return std::string(host) + ":" + port;
}

std::vector<UniqueFd> Daemon::open_sockets() {
  std::vector<UniqueFd> sockets;
  std::vector<std::string> hosts = o_.listen;
  if (hosts.empty()) hosts.push_back("");
  for (const std::string& host : hosts) {
    struct addrinfo hints {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    struct addrinfo* found = nullptr;
    int code = getaddrinfo(host.empty() ? nullptr : host.c_str(), o_.port.c_str(), &hints, &found);
    if (code) die("getaddrinfo() failed: %s", gai_strerror(code));
    for (struct addrinfo* each = found; each; each = each->ai_next) {
      UniqueFd fd(socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol));
      if (!fd) continue;
      int yes = 1;
      if (each->ai_family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
      if (o_.reuseaddr) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
      if (bind(fd.get(), each->ai_addr, each->ai_addrlen) < 0 || listen(fd.get(), 5) < 0) continue;
      sockets.push_back(std::move(fd));
    }
    freeaddrinfo(found);
  }
  if (sockets.empty()) die("unable to allocate any listen sockets on port %s", o_.port);
  return sockets;
}

int Daemon::serve() {
  std::vector<UniqueFd> sockets = open_sockets();
  if (o_.detach && daemon(1, 0) < 0) die_errno("failed to daemonize");
  if (!o_.pid_file.empty() && !write_file(o_.pid_file, strf("%d\n", static_cast<int>(getpid()))))
    die_errno("could not write '%s'", o_.pid_file);
  log("Ready to rumble");
  int children = 0;
  while (true) {
    while (children > 0 && waitpid(-1, nullptr, WNOHANG) > 0) children--;
    std::vector<struct pollfd> fds;
    for (UniqueFd& fd : sockets) fds.push_back({fd.get(), POLLIN, 0});
    if (poll(fds.data(), fds.size(), children > 0 ? 500 : -1) <= 0) continue;
    for (struct pollfd& each : fds) {
      if (!each.revents) continue;
      int fd = accept4(each.fd, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      UniqueFd connection(fd);
      if (o_.max_connections > 0 && children >= o_.max_connections) {
        log("Too many children, dropping connection");
        continue;
      }
      pid_t pid = fork();
      if (pid < 0) continue;
      if (pid > 0) {
        children++;
        continue;
      }
      sockets.clear();
      log("Connection from " + peer_name(fd));
      int code = 1;
      try {
        code = handle_connection(fd, fd);
      } catch (const Fatal& fatal) {
        if (!fatal.message().empty()) report("fatal: ", fatal.message());
        code = fatal.exit_code();
      }
      log("Disconnected");
      _exit(code);
    }
  }
}

void Daemon::refuse(int out, const std::string& dir, const std::string& why) {
  std::string text = o_.informative ? why : std::string("access denied or repository not exported");
  std::string packet;
  append_packetf(packet, "ERR %s: %s", text, dir);
  write_in_full(out, packet);
  exit_with(1);
}

bool Daemon::is_path_allowed(const std::string& path) const {
  if (o_.paths.empty()) return !o_.strict_paths;
  for (const std::string& allowed : o_.paths)
    if (starts_with(path, allowed) && (path.size() == allowed.size() || ends_with(allowed, "/") || path[allowed.size()] == '/' ||
                                       (!o_.strict_paths && path.substr(allowed.size()) == ".git")))
      return true;
  return false;
}

// %H host, %CH canonical host, %IP address, %P port, %D path.
std::string interpolate(const std::string& pattern, const std::map<std::string, std::string>& values) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); i++) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    if (pattern.compare(i, 2, "%%") == 0) {
      out += '%';
      i++;
      continue;
    }
    for (const char* key : {"CH", "IP", "H", "P", "D"}) {
      if (pattern.compare(i + 1, std::strlen(key), key) != 0) continue;
      auto found = values.find(key);
      if (found != values.end()) out += found->second;
      i += std::strlen(key);
      break;
    }
  }
  return out;
}

std::string Daemon::find_path(int out, const std::string& asked, const std::map<std::string, std::string>& attributes) {
  std::string dir = asked;
  auto normal = normalize_path(dir);
  if (dir.empty() || !normal || *normal != (dir.size() > 1 && dir.back() == '/' ? dir.substr(0, dir.size() - 1) : dir) ||
      dir.find("/../") != std::string::npos) {
    if (dir.empty() || dir[0] != '~' || !o_.user_path) {
      log("'" + dir + "': aliased");
      if (!normal) refuse(out, asked, "no such repository");
    }
  }
  if (dir[0] == '~') {
    if (!o_.user_path) {
      log("'" + dir + "': User-path not allowed");
      refuse(out, asked, "no such repository");
    }
    if (!o_.user_path->empty()) {
      std::size_t slash = dir.find('/');
      dir = dir.substr(0, slash) + "/" + *o_.user_path + (slash == std::string::npos ? "" : dir.substr(slash));
    }
  } else if (!o_.interpolated_path.empty() && !attributes.empty()) {
    if (dir[0] != '/') refuse(out, asked, "no such repository");
    std::map<std::string, std::string> values = attributes;
    values["D"] = dir;
    dir = interpolate(o_.interpolated_path, values);
  } else if (!o_.base_path.empty()) {
    if (dir[0] != '/') {
      log("'" + dir + "': Non-absolute path denied (base-path active)");
      refuse(out, asked, "no such repository");
    }
    dir = o_.base_path + dir;
  }
  return dir;
}

void Daemon::run_hook(int out, const Service& service, const std::string& path,
                      const std::map<std::string, std::string>& attributes) {
  auto value = [&](const char* key) {
    auto found = attributes.find(key);
    return found == attributes.end() ? std::string() : found->second;
  };
  ChildProcess child;
  child.use_shell = true;
  child.args = {o_.access_hook, service.name, path, value("H"), value("CH"), value("IP"), value("P")};
  CommandOutput result = pipe_command(child, "");
  if (result.code == 0) return;
  std::string text(result.out.substr(0, result.out.find('\n')));
  std::string packet;
  append_packetf(packet, "ERR %s", text.empty() ? std::string("service rejected") : text);
  write_in_full(out, packet);
  exit_with(1);
}

int Daemon::run_service(int in, int out, const Service& service, const std::string& asked,
                        const std::map<std::string, std::string>& attributes, const std::string& protocol) {
  log(strf("Request %s for '%s'", service.name, asked));
  if (!service.is_enabled && !service.is_overridable) refuse(out, asked, "service not enabled");
  std::string path = find_path(out, asked, attributes);
  std::unique_ptr<Repository> repo;
  try {
    repo = enter_repo(path, o_.strict_paths);
    if (!repo && o_.base_path_relaxed && !o_.base_path.empty()) repo = enter_repo(asked, o_.strict_paths);
  } catch (const Fatal& fatal) {
    log(fatal.message());
  }
  if (!repo) {
    log("'" + path + "' does not appear to be a git repository");
    refuse(out, asked, "no such repository");
  }
  std::string git_dir = repo->git_dir_abs();
  if (!is_path_allowed(o_.strict_paths ? path : git_dir) && !is_path_allowed(path)) {
    log("'" + path + "': not in directory list");
    refuse(out, asked, "no such repository");
  }
  if (!o_.export_all && !path_exists(git_dir + "/git-daemon-export-ok")) {
    log("'" + path + "': repository not exported.");
    refuse(out, asked, "repository not exported");
  }
  bool enabled = service.is_enabled;
  if (service.is_overridable) enabled = repo->config().get_bool_or(service.config_key, enabled);
  if (!enabled) {
    log(strf("'%s': service not enabled for '%s'", service.name, path));
    refuse(out, asked, "service not enabled");
  }
  if (!o_.access_hook.empty()) run_hook(out, service, path, attributes);
  ChildProcess child;
  child.git_command = true;
  child.dir = git_dir;
  child.args = {service.name};
  if (std::string_view(service.name) == "upload-pack") {
    child.args.push_back("--strict");
    child.args.push_back(strf("--timeout=%d", o_.timeout));
  }
  child.args.push_back(".");
  child.env = local_repo_env_vars();
  child.env.push_back(protocol.empty() ? "GIT_PROTOCOL" : "GIT_PROTOCOL=" + protocol);
  child.in = in == 0 ? ChildProcess::kInherit : dup(in);
  child.out = out == 1 ? ChildProcess::kInherit : dup(out);
  int code = child.run();
  if (in != 0) shutdown(in, SHUT_RDWR);
  return code;
}

// The request: "git-<service> <path>\0host=<host>[:<port>]\0\0<extra parameter>\0...".
int Daemon::handle_connection(int in, int out) {
  alarm(static_cast<unsigned>(o_.init_timeout ? o_.init_timeout : o_.timeout));
  char head[4];
  if (read_in_full(in, head, 4) != 4) return 1;
  int length = parse_packet_length({head, 4});
  if (length < 4 || length > static_cast<int>(kMaxPacketSize)) return 1;
  std::string request(static_cast<std::size_t>(length - 4), '\0');
  if (read_in_full(in, request.data(), request.size()) != static_cast<ssize_t>(request.size())) return 1;
  alarm(0);
  std::string_view line = std::string_view(request).substr(0, request.find('\0'));
  std::string_view rest = std::string_view(request).substr(std::min(line.size() + 1, request.size()));
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  std::map<std::string, std::string> attributes;
  std::string protocol;
  std::string_view host_part = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(std::min(host_part.size() + 1, rest.size()));
  if (skip_prefix(host_part, "host=")) {
    std::string host(host_part);
    std::size_t bracket = host.find(']');
    std::size_t colon = host.find(':', !host.empty() && host[0] == '[' && bracket != std::string::npos ? bracket : 0);
    std::string name = lowercase(host.substr(0, colon));
    std::string port = colon == std::string::npos ? "" : host.substr(colon + 1);
    auto clean = [](std::string text) {
      std::string kept;
      for (char c : text)
        if (c != '/' && !(c == '.' && kept.empty())) kept += c;
      return kept;
    };
    attributes = {{"H", clean(name)}, {"CH", clean(name)}, {"P", clean(port)}, {"IP", get_env_or("REMOTE_ADDR", "")}};
  }
  if (!rest.empty() && rest[0] == '\0') {
    rest.remove_prefix(1);
    for (std::string_view key : split(rest, '\0')) {
      if (key.empty()) continue;
      if (!protocol.empty()) protocol += ':';
      protocol += key;
      log("Extended attribute \"protocol\": " + std::string(key));
    }
  }
  for (const Service& service : o_.services) {
    std::string_view path = line;
    if (skip_prefix(path, "git-" + std::string(service.name) + " "))
      return run_service(in, out, service, std::string(path), attributes, protocol);
  }
  log("Protocol error: '" + std::string(line) + "'");
  return 1;
}

constexpr const char* kUsage =
    "git daemon [--verbose] [--syslog] [--export-all]\n"
    "           [--timeout=<n>] [--init-timeout=<n>] [--max-connections=<n>]\n"
    "           [--strict-paths] [--base-path=<path>] [--base-path-relaxed]\n"
    "           [--user-path | --user-path=<path>]\n"
    "           [--interpolated-path=<path>]\n"
    "           [--reuseaddr] [--pid-file=<file>]\n"
    "           [--(enable|disable|allow-override|forbid-override)=<service>]\n"
    "           [--access-hook=<path>]\n"
    "           [--inetd | [--listen=<host_or_ipaddr>] [--port=<n>]\n"
    "                      [--detach]\n"
    "           [--log-destination=(stderr|syslog|none)]\n"
    "           [<directory>...]";

Service& find_service(DaemonOptions& o, std::string_view name) {
  for (Service& service : o.services)
    if (name == service.name) return service;
  die("No such service %s", name);
}

int number_of(std::string_view name, std::string_view value) {
  auto number = parse_uint(value);
  if (!number || *number > 1u << 30) die("invalid %s '%s', expecting a non-negative integer", name, value);
  return static_cast<int>(*number);
}

int connections_of(std::string_view value) {
  auto number = parse_int(value);
  if (!number || *number > 1 << 30 || *number < -(1 << 30)) die("invalid max-connections '%s', expecting an integer", value);
  return static_cast<int>(std::max<std::int64_t>(*number, 0));
}

bool parse_daemon_option(DaemonOptions& o, std::string_view arg) {
  std::string_view v = arg;
  if (skip_prefix(v, "--listen="))
    o.listen.push_back(lowercase(v));
  else if (skip_prefix(v, "--port="))
    o.port = v;
  else if (arg == "--inetd")
    o.inetd = true;
  else if (arg == "--verbose")
    o.verbose = true;
  else if (arg == "--syslog")
    o.log_destination = "syslog";
  else if (skip_prefix(v, "--log-destination=")) {
    if (v != "syslog" && v != "stderr" && v != "none") die("unknown log destination '%s'", v);
    o.log_destination = v;
  } else if (arg == "--export-all")
    o.export_all = true;
  else if (skip_prefix(v, "--access-hook="))
    o.access_hook = v;
  else if (skip_prefix(v, "--timeout="))
    o.timeout = number_of("timeout", v);
  else if (skip_prefix(v, "--init-timeout="))
    o.init_timeout = number_of("init-timeout", v);
  else if (skip_prefix(v, "--max-connections="))
    o.max_connections = connections_of(v);
  else if (arg == "--strict-paths")
    o.strict_paths = true;
  else if (skip_prefix(v, "--base-path="))
    o.base_path = v;
  else if (arg == "--base-path-relaxed")
    o.base_path_relaxed = true;
  else if (skip_prefix(v, "--interpolated-path="))
    o.interpolated_path = v;
  else if (arg == "--reuseaddr")
    o.reuseaddr = true;
  else if (arg == "--user-path")
    o.user_path = "";
  else if (skip_prefix(v, "--user-path="))
    o.user_path = std::string(v);
  else if (skip_prefix(v, "--pid-file="))
    o.pid_file = v;
  else if (arg == "--detach")
    o.detach = true;
  else if (skip_prefix(v, "--enable="))
    find_service(o, v).is_enabled = true;
  else if (skip_prefix(v, "--disable="))
    find_service(o, v).is_enabled = false;
  else if (skip_prefix(v, "--allow-override="))
    find_service(o, v).is_overridable = true;
  else if (skip_prefix(v, "--forbid-override="))
    find_service(o, v).is_overridable = false;
  else if (arg == "--informative-errors")
    o.informative = true;
  else if (arg == "--no-informative-errors")
    o.informative = false;
  else
    return false;
  return true;
}

}  // namespace

int cmd_daemon(Invocation& inv) {
  DaemonOptions o;
  std::size_t at = 1;
  for (; at < inv.args.size() && starts_with(inv.args[at], "--"); at++) {
    if (inv.args[at] == "--") {
      at++;
      break;
    }
    if (!parse_daemon_option(o, inv.args[at])) usage("%s", kUsage);
  }
  o.paths.assign(inv.args.begin() + static_cast<std::ptrdiff_t>(at), inv.args.end());
  if (o.inetd && (!o.listen.empty() || o.port != "9418")) die("--listen= and --port= are incompatible with --inetd");
  if (o.strict_paths && o.paths.empty()) die("option --strict-paths requires '<directory>' arguments");
  if (!o.base_path.empty() && !is_directory(o.base_path)) die("base-path '%s' does not exist or is not a directory", o.base_path);
  if (o.detach && o.log_destination == "stderr") o.log_destination = "syslog";
  std::signal(SIGPIPE, SIG_IGN);
  Daemon daemon(std::move(o));
  if (inv.args.size() > 1 && std::find(inv.args.begin(), inv.args.end(), "--inetd") != inv.args.end())
    return daemon.handle_connection(0, 1);
  return daemon.serve();
}

}  // namespace git
