// From a URL to a running peer: local path and file:// (a child), ssh (a child that logs in), git:// (a socket).
// What the peer then says first is read with read_advertisement().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/run-command.h"
#include "net/channel.h"
#include "net/url.h"
#include "protocol/advertisement-client.h"

namespace git {

class Config;

struct ConnectOptions {
  std::string service;  // "git-upload-pack": what a daemon is asked for
  std::string program;  // what a shell runs there; "" the service
  int version = 2;
  bool is_verbose = false;
  bool ipv4 = false, ipv6 = false;
  std::string trace_identity = "git";
  std::vector<std::string> extra_keys;  // beside version=N in GIT_PROTOCOL ("base=...")
};

struct Connection {
  ChildProcess child;
  UniqueFd socket;
  UniqueFd in_fd, out_fd;  // for pipes that came from elsewhere
  Channel channel;
  bool has_child = false;
  bool is_stateless = false;
  // Closes our ends and waits for the child: its exit code, 0 without one.
  int finish();
  // No more will be written.
  void close_out();
  int out() const { return channel.out(); }
  int in() const { return channel.in(); }
};

// What a scheme or scp-like address says, as `git fetch-pack --diag-url` prints it.
std::string diagnose_url(const std::string& url);
// Dies with git's messages.
std::unique_ptr<Connection> git_connect(Config& config, const std::string& url, const ConnectOptions& options);
// A connection over two descriptors that somebody else opened.
std::unique_ptr<Connection> connection_from_fds(int in, int out);

// Reads what the server says first; dies with git's words where it says nothing good.
Advertisement read_advertisement(Channel& channel, const std::string& trace_identity);

// "git/2.55.0.parley.1" as peers are told.
std::string user_agent();
// transfer.advertiseSID: our session's name, "" where it isn't told.
std::string advertised_session_id(Config& config);

}  // namespace git
