// Which objects must be kept: what refs, HEADs, reflogs, indexes and half-done operations of every worktree reach, and
// what is too young to be dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_set>
#include <vector>

#include "object/object.h"

namespace git {

class Repository;

class ReachableSet {
 public:
  explicit ReachableSet(Repository& repo) : repo_(repo) {}
  bool exclude_promisor_objects = false;

  void add_default_roots(bool with_reflogs);
  void add_root(const ObjectId& oid);
  // Objects newer than `since`, with what they reach as far as it is there; gc.recentObjectsHook names more.
  void add_recent(std::int64_t since);
  // Dies where something that should be there isn't.
  void walk(const std::function<void(std::size_t)>& progress = {});
  bool contains(const ObjectId& oid) const { return seen_.count(oid) > 0; }

 private:
  void add_index_of(const std::string& path);
  void add_operation_files(const std::string& git_dir);
  void visit(const ObjectId& oid, ObjectType type);
  void push(const ObjectId& oid, ObjectType type) {
    if (!oid.is_null() && seen_.insert(oid).second) pending_.push_back({oid, type});
  }
  struct Pending {
    ObjectId oid;
    ObjectType type;
  };
  Repository& repo_;
  bool may_miss_ = false;
  std::unordered_set<ObjectId, ObjectIdHash> seen_;
  std::vector<Pending> pending_;
};

}  // namespace git
