// Offers every commit from the tips down, newest first, until what is left in the queue is known to be common.
// A commit the server is known to have only because it advertised it is still offered once: the ACK for it is
// what makes the server leave out what lies below.
#include "negotiator/have-queue.h"
#include "negotiator/negotiator.h"

namespace git {

namespace {

class Consecutive : public Negotiator {
 public:
  explicit Consecutive(CommitSource& source) : source_(source) {}

  void known_common(CommitNumber commit) override {
    if (marks_[commit] & kSeen) return;
    enqueue(commit, kAdvertised | kSeen);
    mark_common(commit, true, true);
  }

  void add_tip(CommitNumber commit) override { enqueue(commit, kSeen); }

  std::optional<CommitNumber> next() override {
    while (undecided_ > 0 && !queue_.empty()) {
      if (auto have = step(queue_.pop())) return have;
    }
    return std::nullopt;
  }

  bool ack(CommitNumber commit) override {
    bool known = marks_[commit] & kCommon;
    mark_common(commit, false, true);
    return known;
  }

  void sent_already(CommitNumber commit) override { marks_[commit] |= kSent; }

 private:
  enum Mark : std::uint8_t { kSeen = 1, kCommon = 2, kAdvertised = 4, kPopped = 8, kSent = 16 };

  void enqueue(CommitNumber commit, unsigned mark) {
    std::uint8_t& marks = marks_[commit];
    if ((marks & mark) == mark) return;
    marks = static_cast<std::uint8_t>(marks | mark);
    if (!source_.parse(commit)) return;
    queue_.push(commit, source_.date(commit));
    if (!(marks & kCommon)) undecided_++;
  }

  // One commit off the queue: its parents go in, and it is the answer unless the server is known to have it.
  std::optional<CommitNumber> step(CommitNumber commit) {
    bool readable = source_.parse(commit);
    std::uint8_t& marks = marks_[commit];
    marks |= kPopped;
    if (!(marks & kCommon)) undecided_--;
    bool is_common = marks & kCommon;
    bool passes_common = is_common || (marks & kAdvertised);
    bool is_offered = !is_common && !(marks & kSent);
    std::vector<CommitNumber> parents;
    if (readable) source_.parents(commit, parents);
    for (CommitNumber parent : parents) {
      if (!(marks_[parent] & kSeen)) enqueue(parent, passes_common ? kCommon | kSeen : kSeen);
      if (passes_common) mark_common(parent, true, false);
    }
    if (!is_offered) return std::nullopt;
    return commit;
  }

  // Marks `top` (unless only what lies below is meant) and its ancestors, as far as they have been met.
  void mark_common(CommitNumber top, bool ancestors_only, bool parsed_only) {
    std::vector<CommitNumber> stack;
    if (!visit(top, ancestors_only, parsed_only, stack)) return;
    while (!stack.empty()) {
      CommitNumber commit = stack.back();
      stack.pop_back();
      visit(commit, false, parsed_only, stack);
    }
  }

  bool visit(CommitNumber commit, bool ancestors_only, bool parsed_only, std::vector<CommitNumber>& stack) {
    if (marks_[commit] & kCommon) return false;
    if (!ancestors_only) marks_[commit] |= kCommon;
    if (!(marks_[commit] & kSeen)) {
      enqueue(commit, kSeen);
      return false;
    }
    if (!ancestors_only && !(marks_[commit] & kPopped)) undecided_--;
    if (!source_.is_parsed(commit) && (parsed_only || !source_.parse(commit))) return false;
    std::vector<CommitNumber> parents;
    source_.parents(commit, parents);
    stack.insert(stack.end(), parents.rbegin(), parents.rend());
    return true;
  }

  CommitSource& source_;
  HaveQueue queue_;
  ByCommit<std::uint8_t> marks_;
  long undecided_ = 0;  // queued commits not known to be common
};

}  // namespace

std::unique_ptr<Negotiator> make_consecutive_negotiator(CommitSource& source) { return std::make_unique<Consecutive>(source); }

}  // namespace git
