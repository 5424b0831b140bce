// Walking history by path instead of by commit: all versions of one file, then all of the next. What wants to see like
// beside like (deltas, batches of downloads) walks this way.
//
//   PathWalk walk(revs);                       // a RevWalk that is set up, not prepared
//   walk.report = [](std::string_view path, std::span<const PathObject> objects, ObjectType type) { return true; };
//   walk.run();
//
// A directory's path ends in '/', the root's is ""; commits have the path "", annotated tags "/tags", trees and blobs that
// only tags name "/tagged-trees" and "/tagged-blobs". Commits come first, then tags, then blobs before trees, each by name.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "walk/revisions.h"

namespace git {

struct PathObject {
  ObjectId oid;
  bool is_uninteresting = false;
};

class PathWalk {
 public:
  explicit PathWalk(RevWalk& revs) : revs_(revs) {}

  // What is reported.
  bool commits = true, trees = true, blobs = true, tags = true;
  // The same for what is found in trees; what a tip names itself is not meant.
  bool tree_contents = true, blobs_in_trees = true;
  std::uint64_t blob_limit = UINT64_MAX;  // blobs in trees from this size on are left out
  bool prune_uninteresting = false;       // leave out paths at which nothing is interesting
  bool includes_edges = false;            // the trees of boundary commits belong to it
  // Limits what is looked at. A directory that is not wanted is not entered.
  std::function<bool(std::string_view path, bool is_tree)> wants;
  // The same tree may hold wanted blobs at one path and not at another: it is entered at each.
  bool wants_depends_on_path = false;
  // False stops the walk.
  std::function<bool(std::string_view path, std::span<const PathObject> objects, ObjectType type)> report;

  // Narrows what is walked. An error names the kind of filter that a walk by path can't follow. `sparse` gives the
  // limits of sparse:oid.
  using SparseFactory = std::function<std::function<bool(std::string_view, bool)>(std::string_view patterns)>;
  Result<void> apply_filter(const ObjectFilter& filter, const SparseFactory& sparse);
  // False where report() stopped it.
  bool run();

 private:
  using Batch = std::vector<PathObject>;
  // Tags, then blobs, then trees; each by path.
  struct Key {
    int rank;
    std::string path;
    auto operator<=>(const Key&) const = default;
  };
  static int rank_of(ObjectType type);
  void add(ObjectType type, std::string path, const ObjectId& oid, bool is_uninteresting);
  void hold(ObjectType type, std::string path, const ObjectId& oid, bool is_uninteresting);
  void add_tip(const PendingObject& tip);
  void add_edge(Commit* commit);
  bool walk_commits();
  bool process(const Key& key, Batch batch);
  void enter(const std::string& path, const PathObject& tree);
  bool is_uninteresting(const ObjectId& oid) const { return revs_.uninteresting_objects().contains(oid); }

  RevWalk& revs_;
  std::map<Key, Batch> queue_;
  std::map<Key, Batch> held_;  // the index's: they join the queue when a tree has their path too, or at the end
  std::unordered_set<ObjectId, ObjectIdHash> seen_;
  std::unordered_set<std::string> seen_at_;  // path and id, where that matters
  std::int64_t path_count_ = 0;
};

}  // namespace git
