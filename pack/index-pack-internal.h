// Shared by the passes of index-pack and by unpack-objects.
#pragma once

#include <cstdint>
#include <string>

namespace git {

// "1.23 KiB" as git writes sizes.
std::string humanise_bytes(std::uint64_t bytes);

}  // namespace git
