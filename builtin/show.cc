// git show.
#include "builtin.h"
#include "log-tree.h"

GIT_BUILTIN("show", cmd_show, kSetup | kUsePager | kNoParseopt)

namespace git {

int cmd_show(Invocation& inv) { return run_log_command(inv, {inv.args.begin() + 1, inv.args.end()}, LogCommand::show); }

}  // namespace git
