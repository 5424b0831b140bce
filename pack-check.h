// Is a pack what its index says?  Checksums of both files, the CRC of every entry, and the name of every object.
#pragma once

#include <cstdint>
#include <functional>

#include "object/object.h"

namespace git {

class Pack;

// Reports with error() in git's words and goes on; false where something was wrong. `object` gets every object that could be
// read, in pack order, and says whether it is good.
bool verify_pack(const Pack& pack, const std::function<bool(const ObjectId&, const ObjectData&)>& object);

}  // namespace git
