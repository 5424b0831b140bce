// A file with conflict markers, made comparable: the sides of each conflict in a fixed order, without labels and without the
// common ancestor.  Two conflicts that look the same then are the same for rerere.  Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"

namespace git {

struct NormalizedConflicts {
  std::string text;  // of the whole file
  int count = 0;
  ObjectId id;  // of all conflicts together
};
// nullopt where the markers don't fit together.
std::optional<NormalizedConflicts> normalize_conflicts(std::string_view text, int marker_size, HashAlgo algo);

}  // namespace git
