// git cherry-pick: Changes of commits that are elsewhere.
#include "builtin.h"
#include "sequencer.h"

GIT_BUILTIN("cherry-pick", cmd_cherry_pick, kSetup | kNeedWorkTree)

namespace git {

int cmd_cherry_pick(Invocation& inv) { return run_pick_command(inv, ReplayAction::pick); }

}  // namespace git
