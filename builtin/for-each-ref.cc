// git for-each-ref (git-for-each-ref(1)).
#include "for-each-ref.h"

#include "builtin.h"

GIT_BUILTIN("for-each-ref", cmd_for_each_ref, kSetup)

namespace git {

int cmd_for_each_ref(Invocation& inv) {
  return for_each_ref_command(inv.repo(), inv.args, inv.prefix_or_empty(), "git for-each-ref");
}

}  // namespace git
