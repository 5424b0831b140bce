// A commit's weight is how many of the range it reaches. On a line of history it is its parent's plus one; only merges
// need a walk of their own. The search ends early at a commit that is near enough to the middle.
#include "walk/bisect.h"

#include <algorithm>
#include <cstdlib>

namespace git {
namespace {

class Weighing {
 public:
  Weighing(RevWalk& walk, std::vector<Commit*> list, bool first_parent)
      : walk_(walk), list_(std::move(list)), first_parent_(first_parent) {
    for (Commit* c : list_) {
      in_list_[c] = 1;
      if (!is_same(c)) count_++;
    }
  }
  int count() const { return count_; }
  int weight(const Commit* c) const { return weights_.get(c); }

  // The commit half way, or nullptr where all weights had to be found.
  Commit* run(bool find_all) {
    int known = 0;
    for (Commit* c : list_) {
      switch (interesting_parents(c)) {
        case 0:
          weights_[c] = is_same(c) ? 0 : 1;
          known++;
          break;
        case 1:
          weights_[c] = -1;
          break;
        default:
          weights_[c] = -2;
          break;
      }
    }
    const int total = static_cast<int>(list_.size());
    for (Commit* c : list_) {
      if (weights_[c] != -2) continue;
      weights_[c] = reachable_count(c);
      known++;
      if (!find_all && is_half_way(c)) return c;
    }
    while (known < total) {
      for (Commit* c : list_) {
        if (weights_[c] >= 0) continue;
        Commit* from = nullptr;
        for (Commit* p : walk_.parents(c)) {
          if (is_counted(p) && weights_[p] >= 0) {
            from = p;
            break;
          }
          if (first_parent_) break;
        }
        if (!from) continue;
        weights_[c] = weights_[from] + (is_same(c) ? 0 : 1);
        known++;
        if (!find_all && is_half_way(c)) return c;
      }
    }
    return nullptr;
  }
  int distance(const Commit* c) const { return std::min(weights_.get(c), count_ - weights_.get(c)); }
  bool is_same(const Commit* c) const { return walk_.flags(c) & kRevTreesame; }
  const std::vector<Commit*>& list() const { return list_; }

 private:
  bool is_counted(const Commit* c) { return !walk_.is_uninteresting(c) && in_list_.get(c); }
  int interesting_parents(Commit* c) {
    int n = 0;
    for (Commit* p : walk_.parents(c)) {
      if (is_counted(p)) n++;
      if (first_parent_) break;
    }
    return n;
  }
  int reachable_count(Commit* start) {
    CommitMarks<unsigned char> seen;
    std::vector<Commit*> stack{start};
    seen[start] = 1;
    int n = 0;
    while (!stack.empty()) {
      Commit* c = stack.back();
      stack.pop_back();
      if (!is_same(c)) n++;
      for (Commit* p : walk_.parents(c)) {
        if (!seen[p] && is_counted(p)) {
          seen[p] = 1;
          stack.push_back(p);
        }
        if (first_parent_) break;
      }
    }
    return n;
  }
  bool is_half_way(const Commit* c) const {
    if (is_same(c)) return false;
    int off = std::abs(2 * weights_.get(c) - count_);
    return off <= 1 || off < count_ / 1024;
  }

  RevWalk& walk_;
  std::vector<Commit*> list_;
  bool first_parent_;
  int count_ = 0;
  CommitMarks<unsigned char> in_list_;
  CommitMarks<int> weights_;
};

}  // namespace

Bisection find_bisection(RevWalk& walk, const std::vector<Commit*>& commits, bool find_all, bool first_parent_only) {
  std::vector<Commit*> oldest_first;
  for (Commit* c : commits)
    if (!walk.is_uninteresting(c)) oldest_first.push_back(c);
  std::reverse(oldest_first.begin(), oldest_first.end());
  Weighing weighing(walk, std::move(oldest_first), first_parent_only);
  Bisection result;
  result.all = weighing.count();
  if (weighing.list().empty()) return result;
  Commit* found = weighing.run(find_all);
  if (find_all) {
    for (Commit* c : weighing.list())
      if (!weighing.is_same(c)) result.candidates.push_back({c, weighing.distance(c)});
    std::stable_sort(result.candidates.begin(), result.candidates.end(), [](const auto& a, const auto& b) {
      return a.distance != b.distance ? a.distance > b.distance : a.commit->oid < b.commit->oid;
    });
  } else {
    if (!found) {
      int best = -1;
      for (Commit* c : weighing.list()) {
        if (weighing.is_same(c)) continue;
        if (weighing.distance(c) > best) {
          best = weighing.distance(c);
          found = c;
        }
      }
    }
    if (found) result.candidates.push_back({found, weighing.distance(found)});
  }
  if (!result.candidates.empty()) result.reaches = weighing.weight(result.candidates[0].commit);
  return result;
}

int estimate_bisect_steps(int all) {
  if (all < 3) return 0;
  int n = 0;
  while (all >> (n + 1)) n++;
  int power = 1 << n;
  return power < 3 * (all - power) ? n : n - 1;
}

}  // namespace git
