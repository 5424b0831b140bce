// Merging two commits of a submodule: only a fast-forward, or a suggestion, can be had without its owner.
#pragma once

#include "merge/merge-ort-internal.h"

namespace git::merge {

struct SubmoduleMerge {
  ObjectId oid;
  bool is_clean = false;
};
SubmoduleMerge merge_submodule(Merge& m, const std::string& path, const ObjectId& base, const ObjectId& ours,
                               const ObjectId& theirs);

}  // namespace git::merge
