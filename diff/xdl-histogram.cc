// Histogram comparison: the common run of lines whose rarest line occurs least often in the first text
// splits both; a run may not be made of lines occurring more than 64 times, else Myers takes over.
#include <algorithm>
#include <unordered_map>

#include "diff/xdiff-internal.h"

namespace git::xdiff {
namespace {

constexpr long kMaxChain = 64;

struct Region {
  long begin1 = 0, end1 = -1, begin2 = 0, end2 = -1;  // ends are inclusive
  bool is_found = false;
};

struct Record {
  long first = 0;  // the first line of this class
  long count = 0;
};

class Histogram {
 public:
  explicit Histogram(Env& env) : env_(env) {}

  void compare(Box box) {
    for (;;) {
      if (box.count1 <= 0 && box.count2 <= 0) return;
      if (!box.count1 || !box.count2) {
        mark_all(env_, box);
        return;
      }
      Region region;
      if (!find_region(box, region)) {
        run_myers(env_, box);
        return;
      }
      if (!region.is_found) {
        mark_all(env_, box);
        return;
      }
      compare({box.start1, region.begin1 - box.start1, box.start2, region.begin2 - box.start2});
      box = {region.end1 + 1, box.end1() - region.end1 - 1, region.end2 + 1, box.end2() - region.end2 - 1};
    }
  }

 private:
  struct Index {
    std::unordered_map<LineClass, Record> records;
    std::vector<long> next;  // the next line of the same class, -1 at the last
    long lowest = kMaxChain + 1;
    bool has_common = false;
  };

  // False where the only common lines are too frequent.
  bool find_region(const Box& box, Region& region) {
    Index index;
    index.next.assign(static_cast<std::size_t>(box.count1), -1);
    index.records.reserve(static_cast<std::size_t>(box.count1));
    for (long i = box.end1() - 1; i >= box.start1; i--) {
      Record& record = index.records[env_.one.at(i)];
      if (record.count) index.next[static_cast<std::size_t>(i - box.start1)] = record.first;
      record.first = i;
      record.count++;
    }
    for (long i = box.start2; i < box.end2();) i = try_line(index, box, i, region);
    return !(index.has_common && index.lowest > kMaxChain);
  }

  // The line of the second text to go on with.
  long try_line(Index& index, const Box& box, long line2, Region& region) {
    long go_on = line2 + 1;
    auto it = index.records.find(env_.two.at(line2));
    if (it == index.records.end()) return go_on;
    const Record& record = it->second;
    index.has_common = true;
    if (record.count > index.lowest) return go_on;
    auto count_of = [&](long i) { return index.records.find(env_.one.at(i))->second.count; };
    for (long at = record.first;;) {
      long following = index.next[static_cast<std::size_t>(at - box.start1)];
      long begin1 = at, end1 = at, begin2 = line2, end2 = line2;
      long rarest = record.count;
      while (box.start1 < begin1 && box.start2 < begin2 && env_.one.at(begin1 - 1) == env_.two.at(begin2 - 1)) {
        begin1--, begin2--;
        if (rarest > 1) rarest = std::min(rarest, count_of(begin1));
      }
      while (end1 < box.end1() - 1 && end2 < box.end2() - 1 && env_.one.at(end1 + 1) == env_.two.at(end2 + 1)) {
        end1++, end2++;
        if (rarest > 1) rarest = std::min(rarest, count_of(end1));
      }
      go_on = std::max(go_on, end2 + 1);
      const long length = region.is_found ? region.end1 - region.begin1 : 0;
      if (length < end1 - begin1 || rarest < index.lowest) {
        region = {begin1, end1, begin2, end2, true};
        index.lowest = rarest;
      }
      while (following >= 0 && following <= end1) following = index.next[static_cast<std::size_t>(following - box.start1)];
      if (following < 0) return go_on;
      at = following;
    }
  }

  Env& env_;
};

}  // namespace

void run_histogram(Env& env, const Box& box) { Histogram(env).compare(box); }

}  // namespace git::xdiff
