// How big a repository is: its refs, what they reach, and the largest object of each kind (git repo structure).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

struct LargestObject {
  ObjectId oid;  // null where there is none
  std::uint64_t value = 0;
};

// Of one kind of objects.
struct ObjectTotals {
  std::uint64_t count = 0, inflated = 0, on_disk = 0;
  LargestObject by_size;
};

struct RepoStructure {
  std::uint64_t branches = 0, tag_refs = 0, remotes = 0, other_refs = 0;
  ObjectTotals commits, trees, blobs, tags;
  LargestObject most_parents, most_entries;
};

RepoStructure measure_repository(Repository& repo, bool shows_progress);
std::string format_structure_table(const RepoStructure& structure);
// For programs: "references.branches.count" and so on.
std::vector<std::pair<std::string, std::string>> structure_values(const RepoStructure& structure);

}  // namespace git
