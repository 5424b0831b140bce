// What a pusher may say before the server speaks (gitprotocol-pack(5), "Extra Parameters"): "base=<oid>", a commit that
// both sides are thought to have, and "ref=<name>", a ref that is going to be updated.  A server that knows the base
// advertises it, and the values of those refs, in place of everything it has.
//
//   version=1:base=8f1d…:base=c07a…:ref=refs/heads/topic
//
// Keys travel joined by ':' in GIT_PROTOCOL and the Git-Protocol header, by NUL on git://.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

// All keys together, as they are joined, stay below this.
inline constexpr std::size_t kPushBaseKeysLimit = 1000;

struct PushBaseKeys {
  std::vector<ObjectId> bases;  // newest first
  std::vector<std::string> refs;
  bool empty() const { return bases.empty(); }
};

// One key per base and ref; none where there is no base, or where they would not fit.
std::vector<std::string> format_push_base_keys(const PushBaseKeys& keys);
// From the whole of GIT_PROTOCOL.  What is unknown, malformed, of the other hash or a repetition is left out, and so is
// everything behind the first `kMaxPushBases` bases and `kMaxPushBaseRefs` names: somebody else wrote this.
inline constexpr std::size_t kMaxPushBases = 64, kMaxPushBaseRefs = 1000;
PushBaseKeys parse_push_base_keys(std::string_view protocol, HashAlgo algo);

}  // namespace git
