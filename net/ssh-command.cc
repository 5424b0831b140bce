// Only OpenSSH passes environment variables on; the others get version 0 of the protocol.
#include "net/ssh-command.h"

#include "base/files.h"
#include "base/strings.h"

namespace git {

SshVariant ssh_variant_by_name(std::string_view name) {
  if (name == "auto") return SshVariant::automatic;
  if (name == "plink") return SshVariant::plink;
  if (name == "putty") return SshVariant::putty;
  if (name == "tortoiseplink") return SshVariant::tortoiseplink;
  if (name == "simple") return SshVariant::simple;
  return SshVariant::ssh;
}

SshVariant ssh_variant_of_program(std::string_view program) {
  std::string name = lowercase(path_basename(program));
  std::string_view stem = name;
  strip_suffix(stem, ".exe");
  if (stem == "ssh") return SshVariant::ssh;
  if (stem == "plink") return SshVariant::plink;
  if (stem == "tortoiseplink") return SshVariant::tortoiseplink;
  return SshVariant::automatic;
}

Result<std::vector<std::string>> ssh_arguments(SshVariant variant, const SshTarget& target) {
  std::vector<std::string> args;
  bool is_simple = variant == SshVariant::simple;
  if (variant == SshVariant::ssh && target.sends_protocol_env) {
    args.push_back("-o");
    args.push_back("SendEnv=GIT_PROTOCOL");
  }
  if (target.ipv4 || target.ipv6) {
    const char* option = target.ipv4 ? "-4" : "-6";
    if (is_simple) return make_error(ErrorKind::invalid, _("ssh variant 'simple' does not support %s"), option);
    args.push_back(option);
  }
  if (variant == SshVariant::tortoiseplink) args.push_back("-batch");
  if (!target.port.empty()) {
    if (is_simple) return make_error(ErrorKind::invalid, "%s", _("ssh variant 'simple' does not support setting port"));
    args.push_back(variant == SshVariant::ssh || variant == SshVariant::automatic ? "-p" : "-P");
    args.push_back(target.port);
  }
  args.push_back(target.host);
  return args;
}

}  // namespace git
