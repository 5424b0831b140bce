// git remote-fd: descriptors that are open already as a connection (git-remote-fd(1)): "fd::7,8/name".
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "net/relay.h"
#include "remote-connect.h"

GIT_BUILTIN("remote-fd", cmd_remote_fd, kNoParseopt)

namespace git {

int cmd_remote_fd(Invocation& inv) {
  if (inv.args.size() != 3) usage("git remote-fd <remote> <url>");
  std::string_view url = inv.args[2];
  auto numbers = split(url.substr(0, url.find('/')), ',');
  auto in = parse_uint(numbers[0]);
  auto out_number = numbers.size() > 1 ? parse_uint(numbers[1]) : in;
  if (!in || !out_number || *in > 1 << 20 || *out_number > 1 << 20) die("%s", _("Bad URL syntax"));
  std::string unknown;
  auto code = serve_connect_commands(
      [&](std::string_view) {
        int write_end = *in == *out_number ? dup(static_cast<int>(*out_number)) : static_cast<int>(*out_number);
        relay_both_ways(0, 1, UniqueFd(static_cast<int>(*in)), UniqueFd(write_end));
        return 0;
      },
      &unknown);
  if (!code) die(_("Bad command: %s"), unknown);
  return *code;
}

}  // namespace git
