// Our negotiator: it gallops down each path until the server has something, then cuts the stretch between the last miss
// and the first hit into ever smaller pieces. What the server has is closed under ancestry, so one hit settles all that
// lies below it and one miss all that lies above it: a path of n commits costs about log n haves, where offering them
// one by one costs n, and nothing is sent twice as skipping does.
//
// One path, top to the left; o is asked, M missing, H there:
//
//   round 1   o o-o---o-------o---------------o      positions 0 1 3 7 15 31 ... (gallop)
//             M M M   M       H               H
//   round 2           M--o--o-H                      the stretch in question, cut evenly
//   round 3           M--Mo H                        until nothing is left in it
//
// In which order:
//   1. commits that the server advertised and we have;
//   2. where a tip meets what the server most likely has (the hints: remote-tracking refs and their reflogs): that
//      commit, the one above it, and the tip. Mostly that is all;
//   3. the gallop along the first parents of the tips that meet nothing;
//   4. when all of these are settled: what remains of the history above, from below, the longest strand first, until
//      kSideLimit haves in a row were in vain.
//
// A commit whose status follows from another's is never offered. Cost: a walk over what is only ours.
#pragma once

#include <deque>
#include <vector>

#include "negotiator/have-queue.h"
#include "negotiator/negotiator.h"
#include "negotiator/reach-walk.h"

namespace git {

class Gallop : public Negotiator {
 public:
  explicit Gallop(CommitSource& source) : source_(source), common_(source), presumed_(source), offered_(source) {}

  void known_common(CommitNumber commit) override;
  void add_hint(CommitNumber commit) override;
  void add_tip(CommitNumber commit) override;
  std::optional<CommitNumber> next() override;
  bool ack(CommitNumber commit) override;
  void sent_already(CommitNumber commit) override;
  void end_round() override;
  void round_answered() override;
  bool is_waiting() const override { return !in_flight_.empty() && stage_ != Stage::finished; }
  bool is_searching() const override { return true; }
  bool wants_every_answer() const override { return wants_every_answer_; }

 private:
  enum Mark : std::uint8_t { kAsked = 1, kAcked = 2, kMissing = 4, kTip = 8, kListed = 16, kAdvertised = 32, kHint = 64 };
  // In this order within one plan; a plan ends when its answers are in.
  enum class Stage : std::uint8_t { start, open_paths, advertised, new_tips, gallop, sides, answers, finished };

  // Positions count commits along first parents, the tip being 0.
  struct Path {
    CommitNumber top;
    CommitNumber miss = 0, hit = 0;    // the lowest known to be missing, the highest known (or presumed) to be there
    long miss_at = -1, hit_at = -1;    // -1: none known
    bool is_fresh = false;             // the hit came by reachability: nothing was asked in between yet
    int rounds_left = kRoundsPerPath;  // in which the stretch in between is to be settled
    CommitNumber cursor;               // the gallop is here
    long cursor_at = 0, next_at = 0, step = 1;
    bool at_root = false, is_settled = false;
    struct Probe {
      long at;
      CommitNumber commit;
    };
    std::vector<Probe> probes;  // what was asked and not looked at since
  };
  // A run of first parents whose status nothing tells, above something that is there.
  struct Strand {
    CommitNumber top, bottom;
    long length;
  };

  static constexpr int kRoundsPerPath = 3;
  static constexpr long kMaxCuts = 64;     // of one stretch in one round
  static constexpr long kLookDown = 4096;  // how far a tip is followed to meet something that is there
  static constexpr int kSideLimit = 64;    // haves in vain among the sides
  static constexpr std::size_t kMaxSideWalk = 1u << 20;
  static constexpr std::size_t kMaxHintChecks = 64;

  void plan_more();
  void plan(CommitNumber commit) { plan_.push_back(commit); }
  bool is_there(CommitNumber commit) { return common_.contains(commit); }
  bool is_likely_there(CommitNumber commit) { return common_.contains(commit) || presumed_.contains(commit); }
  std::optional<CommitNumber> first_parent(CommitNumber commit);
  std::optional<CommitNumber> descend(CommitNumber from, long steps);

  void start();
  void plan_advertised(CommitNumber commit);
  void open_tip(CommitNumber tip);
  void continue_path(Path& path);
  void learn(Path& path);
  void cut(Path& path);
  void probe(Path& path, long at, CommitNumber commit);
  bool gallop_on(Path& path);
  void meet(Path& path, long at, CommitNumber commit);
  void plan_sides();
  std::vector<CommitNumber> list_unknown();
  std::vector<Strand> find_strands(const std::vector<CommitNumber>& list);
  void rise();
  void drop_hints(CommitNumber failed);

  CommitSource& source_;
  ReachWalk common_;    // below what was acknowledged or advertised
  ReachWalk presumed_;  // below the hints
  ReachWalk offered_;   // below those advertised that were offered
  ByCommit<std::uint8_t> marks_;
  std::vector<CommitNumber> hints_, tips_, advertised_;
  std::vector<Path> paths_;
  std::vector<Strand> strands_;  // those whose bottom was asked
  std::deque<CommitNumber> plan_;
  std::vector<CommitNumber> current_;                // the round being made
  std::deque<std::vector<CommitNumber>> in_flight_;  // rounds without an answer
  Stage stage_ = Stage::start;
  std::size_t next_tip_ = 0, next_advertised_ = 0;
  bool wants_every_answer_ = false;
  bool asked_in_plan_ = false;
  int side_in_vain_ = 0;
};

}  // namespace git
