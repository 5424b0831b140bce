// Abbreviated object names: the shortest that is unique, and the object that one means.
#pragma once

#include <string_view>
#include <vector>

#include "object-name.h"

namespace git {

inline constexpr int kMinimumAbbrev = 4;
inline constexpr int kDefaultAbbrevFloor = 7;

enum class ShortName : std::uint8_t { found, missing, ambiguous };
// `hex` is at least kMinimumAbbrev hex digits (any case), fewer than a whole name.
ShortName find_short_name(Repository& repo, std::string_view hex, NameHint hint, bool quiet, ObjectId& oid);
// Everything that starts with `hex`, sorted by name, each once.
std::vector<ObjectId> objects_with_prefix(Repository& repo, std::string_view hex);

}  // namespace git
