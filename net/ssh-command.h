// How to call an ssh program (git-config(1), "core.sshCommand", "ssh.variant").  Pure but for asking OpenSSH's "-G".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

enum class SshVariant : std::uint8_t { automatic, simple, ssh, plink, putty, tortoiseplink };

// "auto", "plink", ...; unknown names are ssh.
SshVariant ssh_variant_by_name(std::string_view name);
// Guesses from the program's file name; automatic where that says nothing.
SshVariant ssh_variant_of_program(std::string_view program);

struct SshTarget {
  std::string host;
  std::string port;
  bool ipv4 = false, ipv6 = false;
  bool sends_protocol_env = false;  // ask for GIT_PROTOCOL to be passed on
};
// The options and the host. Errors: "ssh variant 'simple' does not support -4" and the like.
Result<std::vector<std::string>> ssh_arguments(SshVariant variant, const SshTarget& target);

}  // namespace git
