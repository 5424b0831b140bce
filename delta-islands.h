// Delta islands (git-pack-objects(1), "DELTA ISLANDS"): refs are grouped by pack.island, and an object is made a delta
// only of one that everybody has who has the object.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hash/object-id.h"
#include "pack-objects.h"

namespace git {

class Repository;

// Which islands each packed object belongs to, from the refs that reach it. REQUIRES: all objects are added.
std::unique_ptr<DeltaIslands> load_delta_islands(Repository& repo, const PackObjects& packer);

}  // namespace git
