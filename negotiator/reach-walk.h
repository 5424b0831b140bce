// Everything reachable from a growing set of commits, walked lazily: newest first, and only as far down as a question
// needs. Ordered by generation where the source knows it (then the answers are exact) and by date; where clocks were
// skewed, a commit may be called unreachable that isn't, which costs a negotiation a have and nothing else.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "negotiator/have-queue.h"
#include "negotiator/negotiator.h"

namespace git {

class ReachWalk {
 public:
  explicit ReachWalk(CommitSource& source) : source_(&source) {}
  void add(CommitNumber commit);
  bool contains(CommitNumber commit);
  bool is_empty() const { return is_empty_; }

 private:
  struct Entry {
    std::uint64_t generation, date;
    CommitNumber commit;
    bool operator<(const Entry& other) const {
      return generation != other.generation ? generation < other.generation : date < other.date;
    }
  };

  CommitSource* source_;
  std::priority_queue<Entry> frontier_;
  ByCommit<std::uint8_t> is_inside_;
  std::vector<CommitNumber> parents_;
  bool is_empty_ = true;
};

}  // namespace git
