// git update-server-info: info/refs and objects/info/packs for fetching over dumb transports.
#include "base/error.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "server-info.h"

GIT_BUILTIN("update-server-info", cmd_update_server_info, kSetup)

namespace git {

int cmd_update_server_info(Invocation& inv) {
  bool force = false;
  Options options({"git update-server-info [-f | --force]"});
  options.boolean('f', "force", &force, N_("update the info files from scratch"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (!args.empty()) options.usage_with_options();
  return update_server_info(inv.repo(), force) ? 0 : 1;
}

}  // namespace git
