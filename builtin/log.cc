// git log.
#include "builtin.h"
#include "log-tree.h"

GIT_BUILTIN("log", cmd_log, kSetup | kUsePager | kNoParseopt)

namespace git {

int cmd_log(Invocation& inv) { return run_log_command(inv, {inv.args.begin() + 1, inv.args.end()}, LogCommand::log); }

}  // namespace git
