// Rename detection over plain lists, for merges: which of the files that went became which of those that came.
// The same choices as in a diff with -M: exact first, then by unique base name, then the most similar.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

struct RenameCandidate {
  std::string path;
  std::uint32_t mode = 0;
  ObjectId oid;
};
struct RenameDetection {
  std::vector<RenameCandidate> sources, targets;  // in order of path
  int limit = 7000;                               // of sources x targets, as its square root; 0: none
  int min_score = 0;                              // 0: half of kMaxScore (60000)
};
struct DetectedRename {
  std::string from, to;
  int score = 0;
};
std::vector<DetectedRename> detect_renames(Repository& repo, const RenameDetection& detection);

}  // namespace git
