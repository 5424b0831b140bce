// Private to the walk/revision-*.cc files.
#pragma once

#include <algorithm>

#include "walk/bloom.h"
#include "walk/commit-queue.h"
#include "walk/reflog-walk.h"
#include "walk/revisions.h"

namespace git {

// Orders the front of topological sorts.
struct RevOrder {
  RevWalk* walk = nullptr;
  RevWalk::Order order = RevWalk::Order::by_date;
  bool operator()(const Commit* a, const Commit* b) const {
    if (order == RevWalk::Order::by_author_date) {
      std::uint64_t x = walk->author_date(a), y = walk->author_date(b);
      return x > y;
    }
    return a->date > b->date;
  }
};

// A queue in date order, or a stack (graph order: a line of history is followed as long as it goes).
class RevFront {
 public:
  explicit RevFront(RevOrder order) : order_(order), queue_(order) {}
  bool is_stack() const { return order_.order == RevWalk::Order::graph; }
  bool empty() const { return is_stack() ? stack_.empty() : queue_.empty(); }
  void push(Commit* c) {
    if (is_stack())
      stack_.push_back(c);
    else
      queue_.push(c);
  }
  Commit* pop() {
    if (!is_stack()) return queue_.pop();
    Commit* c = stack_.back();
    stack_.pop_back();
    return c;
  }
  void reverse() { std::reverse(stack_.begin(), stack_.end()); }

 private:
  RevOrder order_;
  std::vector<Commit*> stack_;
  CommitQueue<RevOrder> queue_;
};

struct RevWalk::Topo {
  explicit Topo(RevOrder order) : front(order) {}
  GenerationQueue explore, indegree;
  RevFront front;
  CommitMarks<unsigned char> marks;
  CommitMarks<std::uint32_t> indegrees;
  std::uint64_t min_generation = kGenerationInfinity;
};

struct RevWalk::Bloom {
  std::vector<std::vector<BloomKey>> paths;
  std::uint32_t hash_version = 0;
  std::uint64_t not_present = 0, maybe = 0, definitely_not = 0, false_positive = 0;
};

}  // namespace git
