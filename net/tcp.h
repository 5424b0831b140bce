// A TCP connection to a name and port, for git://.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace git {

struct TcpOptions {
  bool ipv4 = false, ipv6 = false;
  bool is_verbose = false;  // "Looking up ... done." on stderr
};
// Errors in git's words: "unable to look up %s (port %s) (%s)", "unable to connect to %s:\n...".
Result<UniqueFd> tcp_connect(const std::string& host, const std::string& port, const TcpOptions& options);

}  // namespace git
