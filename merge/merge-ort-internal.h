// What the passes of one ort merge share.  The passes, in order:
//
//   collect   every path at which the three trees are not all the same          (ort-collect.cc)
//   renames   pairs per side, directory renames, versions moved to new names    (ort-renames.cc, ort-directories.cc)
//   resolve   each path to one version, or to a conflict                        (ort-resolve.cc)
//   write     the result as trees                                               (ort-write.cc)
//
// INVARIANT: after collect, `paths` has every entry of each directory it looked into, so that the trees can be written
// from it alone.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "index/attr.h"
#include "merge/merge-ort.h"

namespace git::merge {

inline constexpr int kBase = 0, kSide1 = 1, kSide2 = 2;

struct PathInfo {
  std::array<MergeVersion, 3> stages;  // files (and whole unchanged trees) only
  std::array<std::string, 3> names;    // where each version was before renames
  unsigned dirmask = 0;                // sides that have a directory here
  bool is_resolved = false;            // trivially, by collect: `result` stands
  bool path_conflict = false;          // a conflict about the name itself
  bool df_conflict = false;            // a directory is in the way
  MergeVersion result;

  unsigned filemask() const {
    return (stages[0].is_present() ? 1u : 0u) | (stages[1].is_present() ? 2u : 0u) | (stages[2].is_present() ? 4u : 0u);
  }
};

struct RenamePair {
  std::string from, to;
  int score = 0;
  // By directory rename: where `to` was before, "" otherwise.
  std::string to_before;
};

struct Merge {
  Merge(Repository& r, const MergeOptions& o) : repo(r), options(o) {}

  Repository& repo;
  const MergeOptions& options;
  int depth = 0;  // of merge-base merging; > 0: conflicts are settled, not shown
  std::map<std::string, PathInfo> paths;
  std::array<std::vector<RenamePair>, 3> renames;  // [1], [2]
  std::map<std::string, std::array<MergeVersion, 3>> conflicted;
  std::map<std::string, MergeVersion> conflicted_results;
  std::map<std::string, std::vector<MergeMessage>> messages;
  std::map<std::string, MergeVersion> results;  // every path of the looked-into directories
  std::map<std::string, int> used_dirs;         // directories with results in them
  std::unique_ptr<AttributeReader> attrs;
  bool is_clean = true;
  std::string error;  // set where an object could not be read or written

  const std::string& branch(int side) const { return side == kSide1 ? options.branch1 : options.branch2; }
  void say(std::vector<std::string> about, std::string type, std::string text);
  bool read_blob(const ObjectId& oid, std::string& bytes);
};

bool collect(Merge& m, const ObjectId& base, const ObjectId& side1, const ObjectId& side2);
bool detect_and_process_renames(Merge& m);
void apply_directory_renames(Merge& m);
bool resolve_paths(Merge& m);
std::optional<ObjectId> write_result(Merge& m);
// One file's three versions into one; false where an object could not be read. `clean` tells of conflicts.
bool merge_contents(Merge& m, const std::string& path, const std::array<MergeVersion, 3>& versions,
                    const std::array<std::string, 3>& names, int extra_marker_size, MergeVersion& result, bool& clean);
std::string unique_path(const Merge& m, const std::string& path, const std::string& branch);
inline std::string parent_dir(const std::string& path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace git::merge
