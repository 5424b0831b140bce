// Is everything that a push brought complete?  Costs what was received, not what is there: new commits are walked until
// they meet what the visible refs reach, and their trees are compared with those of the commits they meet, so that only
// what differs is looked at.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "hash/object-id.h"
#include "walk/visible-history.h"

namespace git {

class Repository;

class ReceivedCheck {
 public:
  // `visible` must know nothing of what was received.
  ReceivedCheck(Repository& repo, VisibleHistory& visible) : repo_(repo), visible_(visible) {}
  // False where anything the tip reaches is missing; what() says which, in git's words.
  bool is_complete(const ObjectId& tip);
  const std::string& what() const { return what_; }
  // Commits whose parents need not be here (the pusher's boundary).
  void add_boundary(const ObjectId& oid) { boundary_.push_back(oid); }

 private:
  bool check_commit(Commit* commit, std::vector<Commit*>& todo, std::vector<ObjectId>& known_trees);
  bool check_tree(const ObjectId& tree, const std::vector<ObjectId>& known);
  bool missing(std::string what);

  Repository& repo_;
  VisibleHistory& visible_;
  std::vector<ObjectId> boundary_;
  std::unordered_set<ObjectId, ObjectIdHash> done_;  // trees, blobs, tags and commits found complete
  std::string what_;
};

}  // namespace git
