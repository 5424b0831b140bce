// Hosts and paths that look like options are refused before any program sees them.
#include "connect.h"

#include <sys/socket.h>
#include <sys/utsname.h>

#include "base/build-config.h"
#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/trace.h"
#include "base/trace2.h"
#include "config.h"
#include "net/ssh-command.h"
#include "net/tcp.h"
#include "pkt-line.h"
#include "protocol.h"
#include "wire/capabilities.h"

namespace git {

namespace {

bool looks_like_option(std::string_view text) { return !text.empty() && text[0] == '-'; }

std::string protocol_env(const ConnectOptions& options) {
  std::vector<std::string> keys;
  if (options.version > 0) keys.push_back(strf("version=%d", options.version));
  keys.insert(keys.end(), options.extra_keys.begin(), options.extra_keys.end());
  return join(keys, ":");
}

// ---- ssh ----

struct SshProgram {
  std::string command;
  bool is_shell_text = false;  // GIT_SSH_COMMAND, core.sshCommand
  SshVariant variant = SshVariant::automatic;
};

SshVariant variant_override(Config& config, bool* is_set) {
  *is_set = true;
  if (auto name = get_env("GIT_SSH_VARIANT")) return ssh_variant_by_name(*name);
  if (auto name = config.get_string("ssh.variant")) return ssh_variant_by_name(*name);
  *is_set = false;
  return SshVariant::automatic;
}

// The program's name in a shell text, quotes taken off.
std::string first_shell_word(std::string_view text) {
  std::string word;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (quote) {
      if (c == quote)
        quote = 0;
      else if (c == '\\' && quote == '"' && i + 1 < text.size())
        word += text[++i];
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (is_space(c)) {
      if (!word.empty()) break;
    } else if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
    } else {
      word += c;
    }
  }
  return word;
}

SshProgram ssh_program(Config& config) {
  SshProgram program;
  auto shell = get_env("GIT_SSH_COMMAND");
  if (!shell) shell = config.get_string("core.sshcommand");
  if (shell) {
    program.command = *shell;
    program.is_shell_text = true;
  } else {
    program.command = get_env_or("GIT_SSH", "ssh");
    if (program.command.empty()) program.command = "ssh";
  }
  bool is_set = false;
  program.variant = variant_override(config, &is_set);
  if (is_set && program.variant != SshVariant::automatic) return program;
  std::string name = program.command;
  if (program.is_shell_text) name = first_shell_word(name);
  program.variant = ssh_variant_of_program(name);
  return program;
}

// An unknown program that understands OpenSSH's -G is taken for OpenSSH.
SshVariant probe_variant(const SshProgram& program, const SshTarget& target) {
  ChildProcess child;
  child.use_shell = program.is_shell_text;
  child.args = {program.command, "-G"};
  auto rest = ssh_arguments(SshVariant::ssh, target);
  if (rest) child.args.insert(child.args.end(), rest->begin(), rest->end());
  child.in = child.out = child.err = ChildProcess::kNull;
  return child.run() == 0 ? SshVariant::ssh : SshVariant::simple;
}

void fill_ssh(Config& config, const ParsedUrl& url, const ConnectOptions& options, ChildProcess& child) {
  HostAndPort where = split_ssh_host(url.host);
  if (looks_like_option(where.host)) die(_("strange hostname '%s' blocked"), where.host);
  if (looks_like_option(url.path)) die(_("strange pathname '%s' blocked"), url.path);
  SshProgram program = ssh_program(config);
  SshTarget target{where.host, where.port, options.ipv4, options.ipv6, !protocol_env(options).empty()};
  if (program.variant == SshVariant::automatic) program.variant = probe_variant(program, target);
  child.use_shell = program.is_shell_text;
  child.args = {program.command};
  auto args = ssh_arguments(program.variant, target);
  if (!args) die("%s", args.error().message);
  child.args.insert(child.args.end(), args->begin(), args->end());
  if (program.variant == SshVariant::ssh && target.sends_protocol_env)
    child.env.push_back("GIT_PROTOCOL=" + protocol_env(options));
}

// ---- git:// ----

std::string proxy_command_for(Config& config, const std::string& host) {
  if (auto env = get_env("GIT_PROXY_COMMAND")) return *env;
  std::string chosen;
  bool found = false;
  for (const std::string& value : config.get_strings("core.gitproxy")) {
    std::size_t at = value.find(" for ");
    if (found) continue;
    if (at == std::string::npos) {
      chosen = value;
      found = true;
      continue;
    }
    std::string_view domain = std::string_view(value).substr(at + 5);
    if (host != domain && !ends_with(host, "." + std::string(domain))) continue;
    chosen = value.substr(0, at);
    found = true;
  }
  return chosen == "none" ? "" : chosen;
}

void connect_daemon(Config& config, const ParsedUrl& url, const ConnectOptions& options, Connection& connection) {
  HostAndPort where = split_git_host(url.host);
  std::string port = where.port.empty() ? "9418" : where.port;
  std::string target_host = url.host;
  if (auto forced = get_env("GIT_OVERRIDE_VIRTUAL_HOST")) target_host = *forced;
  if (url.path.find('\n') != std::string::npos || url.host.find('\n') != std::string::npos ||
      target_host.find('\n') != std::string::npos)
    die("%s", _("newline is forbidden in git:// hosts and repo paths"));
  std::string proxy = proxy_command_for(config, where.host);
  if (!proxy.empty()) {
    if (looks_like_option(where.host)) die(_("strange hostname '%s' blocked"), where.host);
    if (looks_like_option(port)) die(_("strange port '%s' blocked"), port);
    connection.child.args = {proxy, where.host, port};
    connection.child.in = connection.child.out = ChildProcess::kPipe;
    if (!connection.child.start()) die(_("cannot start proxy %s"), proxy);
    connection.has_child = true;
    connection.channel = Channel(connection.child.out_fd(), connection.child.in_fd());
  } else {
    connection.socket = tcp_connect(where.host, port, {options.ipv4, options.ipv6, options.is_verbose}).take_or_die();
    connection.channel = Channel(connection.socket.get(), connection.socket.get());
  }
  std::string request = options.service + " " + url.path + '\0' + "host=" + target_host + '\0';
  if (options.version > 0 || !options.extra_keys.empty()) {
    request += '\0';
    if (options.version > 0) request += strf("version=%d", options.version) + '\0';
    for (const std::string& key : options.extra_keys) request += key + '\0';
  }
  std::string packet;
  append_packet(packet, request);
  trace_packet(options.trace_identity, true, {PacketType::data, request});
  if (!write_in_full(connection.out(), packet)) die_errno("%s", _("unable to write request"));
}

void start_child(Config& config, const std::string& url, const ParsedUrl& parsed, const ConnectOptions& options,
                 Connection& connection) {
  ChildProcess& child = connection.child;
  std::string command = (options.program.empty() ? options.service : options.program) + " " + sq_quote(parsed.path);
  child.env = local_repo_env_vars();
  if (parsed.protocol == UrlProtocol::ssh) {
    check_transport_allowed(config, "ssh");
    fill_ssh(config, parsed, options, child);
    child.args.push_back(command);
  } else {
    check_transport_allowed(config, "file");
    if (looks_like_option(parsed.path)) die(_("strange pathname '%s' blocked"), parsed.path);
    child.use_shell = true;
    child.args = {command};
    std::string keys = protocol_env(options);
    child.env.push_back(keys.empty() ? "GIT_PROTOCOL" : "GIT_PROTOCOL=" + keys);
  }
  child.trace2_child_class = "transport/" + std::string(parsed.protocol == UrlProtocol::ssh ? "ssh" : "file");
  child.in = child.out = ChildProcess::kPipe;
  child.clean_on_exit = false;
  if (!child.start()) die("%s", _("unable to fork"));
  connection.has_child = true;
  connection.channel = Channel(child.out_fd(), child.in_fd());
  (void)url;
}

}  // namespace

int Connection::finish() {
  socket.reset();
  in_fd.reset();
  out_fd.reset();
  if (!has_child) return 0;
  child.close_in();
  child.close_out();
  has_child = false;
  return child.finish();
}

void Connection::close_out() {
  if (has_child) child.close_in();
  out_fd.reset();
  if (socket) shutdown(socket.get(), SHUT_WR);
}

std::unique_ptr<Connection> connection_from_fds(int in, int out) {
  auto connection = std::make_unique<Connection>();
  connection->channel = Channel(in, out);
  return connection;
}

std::unique_ptr<Connection> git_connect(Config& config, const std::string& url, const ConnectOptions& options) {
  ParsedUrl parsed = parse_connect_url(url).take_or_die();
  auto connection = std::make_unique<Connection>();
  if (parsed.protocol == UrlProtocol::git) {
    check_transport_allowed(config, "git");
    connect_daemon(config, parsed, options, *connection);
  } else {
    start_child(config, url, parsed, options, *connection);
  }
  return connection;
}

std::string diagnose_url(const std::string& url) {
  ParsedUrl parsed = parse_connect_url(url).take_or_die();
  std::string text = "Diag: url=" + url + "\n";
  switch (parsed.protocol) {
    case UrlProtocol::ssh: {
      HostAndPort where = split_ssh_host(parsed.host);
      text += "Diag: protocol=ssh\nDiag: userandhost=" + where.host + "\n";
      text += "Diag: port=" + (where.port.empty() ? std::string("NONE") : where.port) + "\n";
      break;
    }
    case UrlProtocol::git:
      text += "Diag: protocol=git\nDiag: hostandport=" + parsed.host + "\n";
      break;
    case UrlProtocol::local:
    case UrlProtocol::file:
      text += "Diag: protocol=file\n";
      break;
  }
  return text + "Diag: path=" + parsed.path + "\n";
}

Advertisement read_advertisement(Channel& channel, const std::string& trace_identity) {
  AdvertisementClient client;
  client.set_tap(packet_tap(trace_identity));
  channel.run(client);
  if (client.state() == AdvertisementClient::State::done) {
    channel.hand_over(client);
    Advertisement heard = client.take();
    trace2::data("transfer", "negotiated-version", std::to_string(heard.version));
    if (auto sid = heard.capabilities.value("session-id")) trace2::data("transfer", "server-sid", *sid);
    if (heard.algo == HashAlgo::unknown)
      die(_("unknown object format '%s' specified by server"), heard.capabilities.value("object-format").value_or(""));
    return heard;
  }
  if (client.failure() == AdvertisementClient::Failure::hung_up && !client.saw_any())
    die("%s", _("Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the "
                "repository exists."));
  die("%s", client.error());
}

std::string user_agent() {
  if (auto forced = get_env("GIT_USER_AGENT")) return sanitize_agent(*forced);
  std::string agent = "git/" + std::string(kVersion);
  struct utsname names;
  if (uname(&names) == 0) agent += "-" + std::string(names.sysname);
  return sanitize_agent(agent);
}

std::string advertised_session_id(Config& config) {
  if (!config.get_bool_or("transfer.advertisesid", false)) return {};
  return get_env_or("GIT_TRACE2_PARENT_SID", "");
}

}  // namespace git
