// git revert: Changes of commits undone.
#include "builtin.h"
#include "sequencer.h"

GIT_BUILTIN("revert", cmd_revert, kSetup | kNeedWorkTree)

namespace git {

int cmd_revert(Invocation& inv) { return run_pick_command(inv, ReplayAction::revert); }

}  // namespace git
