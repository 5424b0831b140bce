// Commits by date, newest first; those of one date in the order they were put in, as git's queues break ties.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "negotiator/negotiator.h"

namespace git {

class HaveQueue {
 public:
  void push(CommitNumber commit, std::uint64_t date) { queue_.push({date, counter_++, commit}); }
  bool empty() const { return queue_.empty(); }
  CommitNumber pop() {
    CommitNumber commit = queue_.top().commit;
    queue_.pop();
    return commit;
  }

 private:
  struct Entry {
    std::uint64_t date;
    std::uint64_t order;
    CommitNumber commit;
    bool operator<(const Entry& other) const { return date != other.date ? date < other.date : order > other.order; }
  };
  std::priority_queue<Entry> queue_;
  std::uint64_t counter_ = 0;
};

// One value per commit number, default where never set.
template <class T>
class ByCommit {
 public:
  T& operator[](CommitNumber commit) {
    if (commit >= values_.size()) values_.resize(commit + commit / 2 + 64);
    return values_[commit];
  }

 private:
  std::vector<T> values_;
};

}  // namespace git
