// Everything a walk reaches: its commits, and the trees, blobs and tags behind them that its uninteresting side does
// not have.  Used by rev-list --objects, pack-objects and connectivity checks.
//
//   RevWalk walk(repo); walk.tree_objects = walk.blob_objects = walk.tag_objects = true; ... walk.prepare();
//   mark_edges_uninteresting(walk, {});
//   traverse_commit_list(walk, {.commit = ..., .object = ...});
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "object/object.h"
#include "walk/object-filter.h"
#include "walk/revisions.h"

namespace git {

struct ObjectCallbacks {
  std::function<void(Commit*)> commit;
  // `path` is "" for a root tree or a tag without a name; a tag's is the name it was given by.
  std::function<void(const ObjectId&, ObjectType, std::string_view path, std::uint32_t mode)> object;
  // An object that could not be read and may be missing. Unset: die "missing %s object '%s'".
  std::function<void(const ObjectId&, ObjectType, std::string_view path)> missing;
};

// Calls back in git's order: a commit, then (with in_commit_order) its objects, else all objects after the commits.
void traverse_commit_list(RevWalk& walk, const ObjectCallbacks& callbacks, FilterRun* filter = nullptr);
// Marks the trees of boundary commits uninteresting; `show_edge` is told each edge commit (--objects-edge).
// `sparse`: only paths that changed are looked at (pack.useSparse).
void mark_edges_uninteresting(RevWalk& walk, const std::function<void(Commit*)>& show_edge, bool sparse = false);

}  // namespace git
