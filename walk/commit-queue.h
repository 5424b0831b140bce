// Priority queues of commits.  Equal commits leave in the order they came, so that output is stable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

// Before(a, b): a leaves first.
template <class Before>
class CommitQueue {
 public:
  explicit CommitQueue(Before before = {}) : before_(std::move(before)) {}
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  void push(Commit* c) {
    heap_.push_back({c, count_++});
    std::push_heap(heap_.begin(), heap_.end(), order());
  }
  Commit* top() const { return heap_.front().commit; }
  Commit* pop() {
    std::pop_heap(heap_.begin(), heap_.end(), order());
    Commit* c = heap_.back().commit;
    heap_.pop_back();
    return c;
  }
  void clear() { heap_.clear(); }
  template <class F>
  bool any(F f) const {
    for (const Entry& e : heap_)
      if (f(e.commit)) return true;
    return false;
  }
  const Before& before() const { return before_; }

 private:
  struct Entry {
    Commit* commit;
    std::uint64_t count;
  };
  auto order() const {
    return [this](const Entry& a, const Entry& b) {
      if (before_(b.commit, a.commit)) return true;
      if (before_(a.commit, b.commit)) return false;
      return b.count < a.count;
    };
  }
  Before before_;
  std::vector<Entry> heap_;
  std::uint64_t count_ = 0;
};

struct NewestFirst {
  bool operator()(const Commit* a, const Commit* b) const { return a->date > b->date; }
};
// By generation, then date: no commit leaves before its descendants that are in the queue.
struct HighestGenerationFirst {
  bool operator()(const Commit* a, const Commit* b) const {
    if (a->generation != b->generation) return a->generation > b->generation;
    return a->date > b->date;
  }
};
using DateQueue = CommitQueue<NewestFirst>;
using GenerationQueue = CommitQueue<HighestGenerationFirst>;

}  // namespace git
