// Offers commits ever further apart: after each one offered, half as many more again are passed over before the next
// on that path.  A few extra objects are paid for far fewer haves.
//
// The order is git's to the last have, which takes a heap that looks at dates when it compares: a commit is queued before
// it is read, without a date, and may be read (by someone else) while it waits.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "negotiator/have-queue.h"
#include "negotiator/negotiator.h"

namespace git {

namespace {

// A binary heap of commits, newest first, of one date in the order they were put in.
class LiveDateHeap {
 public:
  explicit LiveDateHeap(CommitSource& source) : source_(source) {}
  bool empty() const { return entries_.empty(); }

  void push(CommitNumber commit) {
    entries_.push_back({commit, counter_++});
    for (std::size_t at = entries_.size() - 1; at > 0;) {
      std::size_t above = (at - 1) / 2;
      if (!comes_before(entries_[at], entries_[above])) break;
      std::swap(entries_[at], entries_[above]);
      at = above;
    }
  }

  CommitNumber pop() {
    CommitNumber commit = entries_.front().commit;
    entries_.front() = entries_.back();
    entries_.pop_back();
    for (std::size_t at = 0;;) {
      std::size_t below = 2 * at + 1;
      if (below >= entries_.size()) break;
      if (below + 1 < entries_.size() && comes_before(entries_[below + 1], entries_[below])) below++;
      if (!comes_before(entries_[below], entries_[at])) break;
      std::swap(entries_[below], entries_[at]);
      at = below;
    }
    return commit;
  }

 private:
  struct Entry {
    CommitNumber commit;
    std::uint64_t order;
  };
  std::uint64_t date(CommitNumber commit) { return source_.is_parsed(commit) ? source_.date(commit) : 0; }
  bool comes_before(const Entry& a, const Entry& b) {
    std::uint64_t date_a = date(a.commit), date_b = date(b.commit);
    return date_a != date_b ? date_a > date_b : a.order < b.order;
  }

  CommitSource& source_;
  std::vector<Entry> entries_;
  std::uint64_t counter_ = 0;
};

class Skipping : public Negotiator {
 public:
  explicit Skipping(CommitSource& source) : source_(source), queue_(source) {}

  void known_common(CommitNumber commit) override {
    if (!(marks_[commit] & kSeen)) enqueue(commit, kAdvertised);
  }

  void add_tip(CommitNumber commit) override {
    if (!(marks_[commit] & kSeen)) enqueue(commit, 0);
  }

  std::optional<CommitNumber> next() override {
    while (undecided_ > 0 && !queue_.empty()) {
      CommitNumber commit = queue_.pop();
      Distance distance = distances_[commit];
      marks_[commit] |= kPopped;
      if (!(marks_[commit] & kCommon)) undecided_--;
      bool is_offered = !(marks_[commit] & kCommon) && distance.left == 0;
      bool has_parents = push_parents(commit, distance);
      // A root ends its path: it is offered whatever the distance says.
      if (!(marks_[commit] & kCommon) && !has_parents) is_offered = true;
      distances_.erase(commit);
      if (is_offered && !(marks_[commit] & kSent)) return commit;
    }
    return std::nullopt;
  }

  bool ack(CommitNumber commit) override {
    bool known = marks_[commit] & kCommon;
    if (!(marks_[commit] & (kSeen | kSent))) die(_("received ack for commit %s not sent as 'have'\n"), source_.name(commit));
    mark_common(commit);
    return known;
  }

  void sent_already(CommitNumber commit) override { marks_[commit] |= kSent; }

 private:
  enum Mark : std::uint8_t { kSeen = 1, kCommon = 2, kAdvertised = 4, kPopped = 8, kSent = 16 };
  struct Distance {
    std::uint32_t full = 0;  // how many are passed over on this stretch
    std::uint32_t left = 0;  // how many of them are still to come
  };

  void enqueue(CommitNumber commit, unsigned mark) {
    marks_[commit] = static_cast<std::uint8_t>(marks_[commit] | mark | kSeen);
    queue_.push(commit);
    distances_[commit] = {};
    if (!(marks_[commit] & kCommon)) undecided_++;
  }

  bool push_parents(CommitNumber commit, const Distance& distance) {
    if (!source_.parse(commit)) return false;
    std::vector<CommitNumber> parents;
    source_.parents(commit, parents);
    bool any = false;
    for (CommitNumber parent : parents) any |= push_parent(commit, distance, parent);
    return any;
  }

  // False where the parent was dealt with before its child (clock skew): it is as if it weren't there.
  bool push_parent(CommitNumber commit, const Distance& distance, CommitNumber parent) {
    if (marks_[parent] & kSeen) {
      if (marks_[parent] & kPopped) return false;
    } else {
      enqueue(parent, 0);
    }
    if (marks_[commit] & (kCommon | kAdvertised)) {
      mark_common(parent);
      return true;
    }
    Distance next = distance.left ? Distance{distance.full, distance.left - 1}
                                  : Distance{distance.full * 3 / 2 + 1, distance.full * 3 / 2 + 1};
    // Where paths meet, the longer stretch wins.
    if (Distance& known = distances_[parent]; known.full < next.full) known = next;
    return true;
  }

  void mark_common(CommitNumber top) {
    if (marks_[top] & kCommon) return;
    marks_[top] |= kCommon;
    std::vector<CommitNumber> stack{top};
    std::vector<CommitNumber> parents;
    if ((marks_[top] & kSeen) && !(marks_[top] & kPopped)) undecided_--;
    while (!stack.empty()) {
      CommitNumber commit = stack.back();
      stack.pop_back();
      if (!source_.is_parsed(commit)) continue;
      parents.clear();
      source_.parents(commit, parents);
      for (CommitNumber parent : parents) {
        if (!(marks_[parent] & kSeen) || (marks_[parent] & kCommon)) continue;
        marks_[parent] |= kCommon;
        if (!(marks_[parent] & kPopped)) undecided_--;
        stack.push_back(parent);
      }
    }
  }

  CommitSource& source_;
  LiveDateHeap queue_;
  ByCommit<std::uint8_t> marks_;
  std::unordered_map<CommitNumber, Distance> distances_;
  long undecided_ = 0;
};

}  // namespace

std::unique_ptr<Negotiator> make_skipping_negotiator(CommitSource& source) { return std::make_unique<Skipping>(source); }

}  // namespace git
