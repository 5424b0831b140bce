// Bytes between two connections, both ways at once, until both directions have ended.
#pragma once

#include "base/fd.h"

namespace git {

// From `in` to `peer_in`, from `peer_out` to `out`. The peer's descriptors are closed as their direction ends.
void relay_both_ways(int in, int out, UniqueFd peer_out, UniqueFd peer_in);

}  // namespace git
