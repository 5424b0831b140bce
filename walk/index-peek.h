// A look into the index file from below the index room, for ":path" and --indexed-objects: entries in order, nothing
// checked against the worktree.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hash/object-id.h"

namespace git {

class Repository;

struct PeekedEntry {
  std::string path;
  ObjectId oid;
  std::uint32_t mode = 0;
  int stage = 0;
  bool skip_worktree = false;
};
// False where there is no (readable) index. `fn` returns false to stop.
bool peek_index(Repository& repo, const std::function<bool(const PeekedEntry&)>& fn);
bool peek_index_file(const std::string& path, HashAlgo algo, const std::function<bool(const PeekedEntry&)>& fn);
// The trees the index's cache-tree extension knows: path ("" for the top, "dir/"), name.
void peek_cache_tree(Repository& repo, const std::function<void(const std::string& path, const ObjectId&)>& fn);

}  // namespace git
