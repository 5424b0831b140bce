// What a client may know of: the commits that visible refs reach.  An ACK is a promise that a commit and everything
// behind it is here; a commit that merely exists (a stray object, one that only hidden refs reach) is none.
//
// Sources are walked lazily, newest first, and only as far as a question needs: what was wanted first, then a few refs
// that most likely lead there, then a ref that points right at the commit, and all refs only when nothing of that
// answers.  A commit that isn't reachable costs one walk of everything, once.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

class HiddenRefs;
class Repository;

class VisibleHistory {
 public:
  using TipSource = std::function<void(const std::function<void(const ObjectId&)>& add)>;
  struct Sources {
    TipSource likely;                             // a handful; may be absent
    std::function<bool(const ObjectId&)> is_tip;  // does a ref point right here? may be absent
    TipSource all;                                // asked for its tips at most once
    // Without generation numbers: give up some way behind the commit's date instead of walking everything.
    bool may_miss = false;
  };
  VisibleHistory(CommitPool& pool, TipSource refs) : VisibleHistory(pool, Sources{{}, {}, std::move(refs), false}) {}
  VisibleHistory(CommitPool& pool, Sources sources) : pool_(pool), sources_(std::move(sources)) {}

  void add_tip(const ObjectId& oid);  // a want
  bool reaches(Commit* commit);

 private:
  bool advance_to(Commit* commit);
  void push(Commit* commit);
  void add_all(TipSource& source);

  CommitPool& pool_;
  Sources sources_;                // those that were asked are empty
  bool has_outside_tips_ = false;  // those of `all` that the commit-graph does not have were added
  CommitMarks<char> seen_;
  std::vector<Commit*> heap_;  // newest on top
};

// The refs of `repo` (of its namespace) that `hidden` leaves visible; all of them without. `hidden` is borrowed.
VisibleHistory::Sources visible_ref_sources(Repository& repo, const HiddenRefs* hidden);

}  // namespace git
