// What a client may know of: the commits that visible refs reach.  An ACK is a promise that a commit and everything
// behind it is here; a commit that merely exists (a stray object, one that only hidden refs reach) is none.
//
// Sources are walked lazily, newest first, and only as far as a question needs: what was wanted first, the refs only
// when that does not answer.  A commit that isn't reachable costs one walk of everything, once.
#pragma once

#include <functional>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

class VisibleHistory {
 public:
  using TipSource = std::function<void(const std::function<void(const ObjectId&)>& add)>;
  // `refs` is asked for its tips at most once.
  VisibleHistory(CommitPool& pool, TipSource refs) : pool_(pool), refs_(std::move(refs)) {}

  void add_tip(const ObjectId& oid);  // a want
  bool reaches(Commit* commit);

 private:
  bool advance_to(Commit* commit);
  void push(Commit* commit);

  CommitPool& pool_;
  TipSource refs_;
  bool refs_added_ = false;
  CommitMarks<char> seen_;
  std::vector<Commit*> heap_;  // newest on top
};

}  // namespace git
