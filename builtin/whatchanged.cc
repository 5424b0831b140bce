// git whatchanged.
#include "builtin.h"
#include "log-tree.h"

GIT_BUILTIN("whatchanged", cmd_whatchanged, kSetup | kUsePager | kNoParseopt)

namespace git {

int cmd_whatchanged(Invocation& inv) {
  return run_log_command(inv, {inv.args.begin() + 1, inv.args.end()}, LogCommand::whatchanged);
}

}  // namespace git
