// git pack-refs: loose refs into packed-refs, or whatever compacts the store at hand (git-pack-refs(1)).
#include "builtin.h"
#include "for-each-ref.h"

GIT_BUILTIN("pack-refs", cmd_pack_refs, kSetup)

namespace git {

int cmd_pack_refs(Invocation& inv) { return pack_refs_command(inv.repo(), inv.args, inv.prefix_or_empty(), "git pack-refs"); }

}  // namespace git
