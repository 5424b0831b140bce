// $GIT_DIR/shallow: the commits whose parents are not here.  A fetch that changes the boundary writes the new list to
// the lock, shows that to its children (git --shallow-file), and publishes it when the objects have arrived.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/lockfile.h"
#include "hash/object-id.h"

namespace git {

class Repository;

class ShallowUpdate {
 public:
  explicit ShallowUpdate(Repository& repo);
  void add(const ObjectId& oid) { boundary_.insert(oid), is_changed_ = true; }
  void remove(const ObjectId& oid) { boundary_.erase(oid), is_changed_ = true; }
  bool contains(const ObjectId& oid) const { return boundary_.count(oid) > 0; }
  bool is_changed() const { return is_changed_; }
  const std::set<ObjectId>& boundary() const { return boundary_; }
  // Writes the lock file; its path, for children. "" where the list is empty.
  std::string write_lock();
  void commit();  // REQUIRES: write_lock()
  void rollback();

 private:
  Repository& repo_;
  LockFile lock_;
  std::set<ObjectId> boundary_;
  std::set<ObjectId> written_;  // what the lock file holds
  bool is_changed_ = false;
};

// Drops entries whose commit isn't here any more (or, with `unreachable`, isn't seen in it): git prune.
void prune_shallow(Repository& repo, bool dry_run);
// A path that says "no boundary at all" to --shallow-file.
inline constexpr int kInfiniteDepth = 0x7fffffff;

}  // namespace git
