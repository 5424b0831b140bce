// A push as people ask for it: match refs, refuse what must not go, hook, negotiation, send, table, tracking refs.
#pragma once

#include <string>

#include "push-refs.h"
#include "transport.h"

namespace git {

enum PushRejection : unsigned {
  kRejectedHead = 1u << 0,   // the current branch is behind
  kRejectedOther = 1u << 1,  // another one is
  kRejectedExists = 1u << 2,
  kRejectedFetchFirst = 1u << 3,
  kRejectedNeedsForce = 1u << 4,
  kRejectedNeedsUpdate = 1u << 5,
};
// 0, or -1 where something was not pushed. `rejections` tells why, for advice.
int transport_push(Repository& repo, Transport& transport, const Refspec& refspec, const ForceWithLease& lease, unsigned flags,
                   unsigned* rejections);

// The table, to stderr, or to stdout with `porcelain`.
void print_push_status(Repository& repo, const std::string& url, const RemoteRefs& refs, bool is_verbose, bool porcelain,
                       unsigned* rejections);

}  // namespace git
