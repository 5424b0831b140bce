// Tree comparison for history walks limited by path (walk/revisions.h, TreeLimiter): does anything under the pathspec
// differ between two trees?
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "index/pathspec.h"
#include "walk/revisions.h"

namespace git {

class PathspecLimiter : public TreeLimiter {
 public:
  // `any_change_will_do`: stop at the first difference, whatever its kind.
  PathspecLimiter(Repository& repo, Pathspec spec, bool any_change_will_do);
  TreeChange compare(const ObjectId& old_tree, const ObjectId& new_tree) override;
  std::vector<std::string> literal_paths() const override;
  const Pathspec& spec() const { return spec_; }
  void set_spec(Pathspec spec);

 private:
  struct Side;
  void compare_trees(const ObjectId& old_tree, const ObjectId& new_tree, std::string& base);
  void compare_path(const ObjectId& old_tree, const ObjectId& new_tree, std::string_view path);
  void note(unsigned bits);
  bool is_decided() const { return found_ == 3 || (found_ && any_); }
  std::string read_tree(const ObjectId& oid);
  Repository& repo_;
  Pathspec spec_;
  bool any_;
  bool literal_ = false;
  unsigned found_ = 0;  // 1 added, 2 removed
};

// For --filter=sparse:oid.
SparseMatcher sparse_pattern_matcher(std::string_view patterns);

// Makes walk.limiter and path_wanted of walk.pathspec, where paths were given.
void limit_walk_by_paths(RevWalk& walk, std::string_view prefix);

}  // namespace git
