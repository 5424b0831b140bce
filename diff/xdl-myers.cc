// Myers' O(ND) comparison, run from both corners at once and cut in two where the paths meet. Three
// things keep it from being the textbook's, and all three shape the hunks that users see:
//   - lines that occur nowhere on the other side are changed for sure and taken out beforehand, together with
//     very frequent lines in their midst;
//   - a search that got expensive settles for a promising long snake;
//   - a search that got too expensive settles for the furthest point reached.
#include <algorithm>
#include <limits>

#include "diff/xdiff-internal.h"

namespace git::xdiff {
namespace {

constexpr long kLineMax = std::numeric_limits<long>::max();
constexpr long kSnakeCount = 20;  // a snake longer than this is promising
constexpr long kHeuristicMinCost = 256;
constexpr long kMaxCostMin = 256;
constexpr long kHeuristicFactor = 4;
constexpr long kMaxFrequentLimit = 1024;
constexpr long kFrequentWindow = 100;
constexpr long kFrequentRunFactor = 4;

// The lines of one side that take part.
struct Reduced {
  std::vector<LineClass> classes;
  std::vector<long> lines;  // their numbers in the whole text
  long size() const { return static_cast<long>(classes.size()); }
};

struct Split {
  long i1 = 0, i2 = 0;
  bool minimal_low = false, minimal_high = false;
};

class Search {
 public:
  Search(Env& env, const Reduced& one, const Reduced& two)
      : env_(env), one_(one), two_(two), a_(one.classes.data()), b_(two.classes.data()) {
    long diagonals = one.size() + two.size() + 3;
    vectors_.resize(static_cast<std::size_t>(2 * diagonals + 2));
    forward_ = vectors_.data() + two.size() + 1;
    backward_ = forward_ + diagonals;
    max_cost_ = std::max(bogo_sqrt(diagonals), kMaxCostMin);
  }

  void compare(long off1, long lim1, long off2, long lim2, bool need_minimal) {
    for (;;) {
      while (off1 < lim1 && off2 < lim2 && a_[off1] == b_[off2]) off1++, off2++;
      while (off1 < lim1 && off2 < lim2 && a_[lim1 - 1] == b_[lim2 - 1]) lim1--, lim2--;
      if (off1 == lim1) {
        for (; off2 < lim2; off2++) env_.two.set_changed(two_.lines[static_cast<std::size_t>(off2)], true);
        return;
      }
      if (off2 == lim2) {
        for (; off1 < lim1; off1++) env_.one.set_changed(one_.lines[static_cast<std::size_t>(off1)], true);
        return;
      }
      Split split = find_split(off1, lim1, off2, lim2, need_minimal);
      compare(off1, split.i1, off2, split.i2, split.minimal_low);
      off1 = split.i1;
      off2 = split.i2;
      need_minimal = split.minimal_high;
    }
  }

 private:
  struct Frontier {
    long min, max;
  };

  Split find_split(long off1, long lim1, long off2, long lim2, bool need_minimal) {
    const long lowest = off1 - lim2, highest = lim1 - off2;
    const long fmid = off1 - off2, bmid = lim1 - lim2;
    const bool odd = (fmid - bmid) & 1;
    Frontier f{fmid, fmid}, b{bmid, bmid};
    forward_[fmid] = off1;
    backward_[bmid] = lim1;
    for (long cost = 1;; cost++) {
      bool got_snake = false;
      grow(f, lowest, highest, forward_, -1);
      for (long d = f.max; d >= f.min; d -= 2) {
        long i1 = forward_[d - 1] >= forward_[d + 1] ? forward_[d - 1] + 1 : forward_[d + 1];
        const long from = i1;
        long i2 = i1 - d;
        while (i1 < lim1 && i2 < lim2 && a_[i1] == b_[i2]) i1++, i2++;
        if (i1 - from > kSnakeCount) got_snake = true;
        forward_[d] = i1;
        if (odd && b.min <= d && d <= b.max && backward_[d] <= i1) return {i1, i2, true, true};
      }
      grow(b, lowest, highest, backward_, kLineMax);
      for (long d = b.max; d >= b.min; d -= 2) {
        long i1 = backward_[d - 1] < backward_[d + 1] ? backward_[d - 1] : backward_[d + 1] - 1;
        const long from = i1;
        long i2 = i1 - d;
        while (i1 > off1 && i2 > off2 && a_[i1 - 1] == b_[i2 - 1]) i1--, i2--;
        if (from - i1 > kSnakeCount) got_snake = true;
        backward_[d] = i1;
        if (!odd && f.min <= d && d <= f.max && i1 <= forward_[d]) return {i1, i2, true, true};
      }
      if (need_minimal) continue;
      Split split;
      if (got_snake && cost > kHeuristicMinCost) {
        if (promising_forward(f, fmid, cost, off1, lim1, off2, lim2, split)) return split;
        if (promising_backward(b, bmid, cost, off1, lim1, off2, lim2, split)) return split;
      }
      if (cost >= max_cost_) return furthest(f, b, off1, lim1, off2, lim2);
    }
  }

  // One diagonal more on each side, or one less where the box ends; the cell beyond gets a loser.
  static void grow(Frontier& x, long lowest, long highest, long* vector, long loser) {
    if (x.min > lowest)
      vector[--x.min - 1] = loser;
    else
      ++x.min;
    if (x.max < highest)
      vector[++x.max + 1] = loser;
    else
      --x.max;
  }

  bool promising_forward(const Frontier& f, long mid, long cost, long off1, long lim1, long off2, long lim2, Split& split) {
    long best = 0;
    for (long d = f.max; d >= f.min; d -= 2) {
      const long i1 = forward_[d], i2 = i1 - d;
      const long gain = (i1 - off1) + (i2 - off2) - (d > mid ? d - mid : mid - d);
      if (gain <= kHeuristicFactor * cost || gain <= best) continue;
      if (off1 + kSnakeCount > i1 || i1 >= lim1 || off2 + kSnakeCount > i2 || i2 >= lim2) continue;
      long k = 1;
      while (k <= kSnakeCount && a_[i1 - k] == b_[i2 - k]) k++;
      if (k <= kSnakeCount) continue;
      best = gain;
      split = {i1, i2, true, false};
    }
    return best > 0;
  }

  bool promising_backward(const Frontier& b, long mid, long cost, long off1, long lim1, long off2, long lim2, Split& split) {
    long best = 0;
    for (long d = b.max; d >= b.min; d -= 2) {
      const long i1 = backward_[d], i2 = i1 - d;
      const long gain = (lim1 - i1) + (lim2 - i2) - (d > mid ? d - mid : mid - d);
      if (gain <= kHeuristicFactor * cost || gain <= best) continue;
      if (off1 >= i1 || i1 > lim1 - kSnakeCount || off2 >= i2 || i2 > lim2 - kSnakeCount) continue;
      long k = 0;
      while (k < kSnakeCount && a_[i1 + k] == b_[i2 + k]) k++;
      if (k < kSnakeCount) continue;
      best = gain;
      split = {i1, i2, false, true};
    }
    return best > 0;
  }

  Split furthest(const Frontier& f, const Frontier& b, long off1, long lim1, long off2, long lim2) {
    long forward_sum = -1, forward_i1 = -1;
    for (long d = f.max; d >= f.min; d -= 2) {
      long i1 = std::min(forward_[d], lim1), i2 = i1 - d;
      if (lim2 < i2) i1 = lim2 + d, i2 = lim2;
      if (forward_sum < i1 + i2) forward_sum = i1 + i2, forward_i1 = i1;
    }
    long backward_sum = kLineMax, backward_i1 = kLineMax;
    for (long d = b.max; d >= b.min; d -= 2) {
      long i1 = std::max(off1, backward_[d]), i2 = i1 - d;
      if (i2 < off2) i1 = off2 + d, i2 = off2;
      if (i1 + i2 < backward_sum) backward_sum = i1 + i2, backward_i1 = i1;
    }
    if (lim1 + lim2 - backward_sum < forward_sum - (off1 + off2)) return {forward_i1, forward_sum - forward_i1, true, false};
    return {backward_i1, backward_sum - backward_i1, false, true};
  }

  Env& env_;
  const Reduced& one_;
  const Reduced& two_;
  const LineClass* a_;
  const LineClass* b_;
  std::vector<long> vectors_;
  long* forward_;
  long* backward_;
  long max_cost_;
};

enum Matches : char { kNoMatch = 0, kFewMatches = 1, kManyMatches = 2 };

std::vector<char> rate_lines(const Side& side, long from, long count, long first, long last, const std::vector<long>& elsewhere,
                             bool need_minimal) {
  std::vector<char> rates(static_cast<std::size_t>(count), kFewMatches);
  const long many = std::min(bogo_sqrt(count), kMaxFrequentLimit);
  for (long i = first; i <= last; i++) {
    const long matches = elsewhere[side.at(from + i)];
    if (matches == 0)
      rates[static_cast<std::size_t>(i)] = kNoMatch;
    else if (matches >= many && !need_minimal)
      rates[static_cast<std::size_t>(i)] = kManyMatches;
  }
  return rates;
}

// Is the frequent line `i` in the middle of lines without a match, with few other frequent ones?
bool is_drowned(const std::vector<char>& rates, long i, long first, long last) {
  first = std::max(first, i - kFrequentWindow);
  last = std::min(last, i + kFrequentWindow);
  long unmatched_before = 0, frequent = 1;
  for (long j = i - 1; j >= first; j--) {
    const char rate = rates[static_cast<std::size_t>(j)];
    if (rate == kNoMatch)
      unmatched_before++;
    else if (rate == kManyMatches)
      frequent++;
    else
      break;
  }
  if (!unmatched_before) return false;
  long unmatched_behind = 0;
  frequent++;
  for (long j = i + 1; j <= last; j++) {
    const char rate = rates[static_cast<std::size_t>(j)];
    if (rate == kNoMatch)
      unmatched_behind++;
    else if (rate == kManyMatches)
      frequent++;
    else
      break;
  }
  if (!unmatched_behind) return false;
  const long unmatched = unmatched_before + unmatched_behind;
  return frequent * kFrequentRunFactor < frequent + unmatched;
}

Reduced reduce(Side& side, long from, const std::vector<char>& rates, long first, long last) {
  Reduced reduced;
  for (long i = first; i <= last; i++) {
    const char rate = rates[static_cast<std::size_t>(i)];
    if (rate == kFewMatches || (rate == kManyMatches && !is_drowned(rates, i, first, last))) {
      reduced.classes.push_back(side.at(from + i));
      reduced.lines.push_back(from + i);
    } else {
      side.set_changed(from + i, true);
    }
  }
  return reduced;
}

}  // namespace

long bogo_sqrt(long n) {
  long i = 1;
  for (; n > 0; n >>= 2) i <<= 1;
  return i;
}

void mark_all(Env& env, const Box& box) {
  for (long i = box.start1; i < box.end1(); i++) env.one.set_changed(i, true);
  for (long i = box.start2; i < box.end2(); i++) env.two.set_changed(i, true);
}

void run_myers(Env& env, const Box& box) {
  const bool need_minimal = env.params->flags & kXdfNeedMinimal;
  long shorter = std::min(box.count1, box.count2);
  long head = 0, tail = 0;
  while (head < shorter && env.one.at(box.start1 + head) == env.two.at(box.start2 + head)) head++;
  shorter -= head;
  while (tail < shorter && env.one.at(box.end1() - 1 - tail) == env.two.at(box.end2() - 1 - tail)) tail++;

  std::vector<long> in_one(env.class_count), in_two(env.class_count);
  for (long i = box.start1; i < box.end1(); i++) in_one[env.one.at(i)]++;
  for (long i = box.start2; i < box.end2(); i++) in_two[env.two.at(i)]++;
  const long last1 = box.count1 - tail - 1, last2 = box.count2 - tail - 1;
  const auto rates1 = rate_lines(env.one, box.start1, box.count1, head, last1, in_two, need_minimal);
  const auto rates2 = rate_lines(env.two, box.start2, box.count2, head, last2, in_one, need_minimal);
  const Reduced one = reduce(env.one, box.start1, rates1, head, last1);
  const Reduced two = reduce(env.two, box.start2, rates2, head, last2);
  Search(env, one, two).compare(0, one.size(), 0, two.size(), need_minimal);
}

}  // namespace git::xdiff
