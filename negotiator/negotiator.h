// Which commits a client offers as "have", and in which order (git-config(1), "fetch.negotiationAlgorithm").
// Pure: history is seen through CommitSource, which the commit pool and the unit tests implement.
//
//   auto negotiator = make_negotiator("skipping", source);
//   negotiator->known_common(advertised);     // all of these first
//   negotiator->add_tip(ours);                // then these
//   while (auto have = negotiator->next()) send(*have);
//   negotiator->end_round();                  // what was given goes out
//   negotiator->ack(acked);                   // each that the server has
//   negotiator->round_answered();             // and no more of that round
//
// INVARIANT: no recursion; memory is bounded by the commits looked at (a few bytes each) and the frontier.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

// A commit, numbered densely by its source.
using CommitNumber = std::uint32_t;

class CommitSource {
 public:
  virtual ~CommitSource() = default;
  // Makes date and parents available; false where the commit can't be read.
  virtual bool parse(CommitNumber commit) = 0;
  virtual bool is_parsed(CommitNumber commit) = 0;
  // REQUIRES: parsed
  virtual std::uint64_t date(CommitNumber commit) = 0;
  virtual std::uint64_t generation(CommitNumber commit) = 0;  // ~0 where unknown
  virtual void parents(CommitNumber commit, std::vector<CommitNumber>& out) = 0;
  virtual ObjectId name(CommitNumber commit) = 0;
  // The number of a commit that is here; nullopt where `oid` is missing or no commit.
  virtual std::optional<CommitNumber> find(const ObjectId& oid) = 0;
};

class Negotiator {
 public:
  virtual ~Negotiator() = default;
  // The server has it, and we do: nothing below needs to be offered. Before any add_tip().
  virtual void known_common(CommitNumber commit) = 0;
  virtual void add_tip(CommitNumber commit) = 0;
  virtual std::optional<CommitNumber> next() = 0;
  // The server acknowledged it. True where that was known already.
  virtual bool ack(CommitNumber commit) = 0;
  // It is sent as a have whatever next() would pick: next() leaves it out.
  virtual void sent_already(CommitNumber commit) = 0;

  // The rest matters to negotiators that learn from what was *not* acknowledged as well.

  // The server most likely has it (a remote-tracking ref, say). Best first, before any add_tip(); never offered itself
  // unless a tip reaches it.
  virtual void add_hint(CommitNumber) {}
  virtual void end_round() {}
  // The oldest round without an answer has one now: what it offered and was not acknowledged is not there.
  virtual void round_answered() {}
  // next() gave nothing, but may do so once an answer is in.
  virtual bool is_waiting() const { return false; }
  // Does it search, so that a server must not end the negotiation at the first thing in common?
  virtual bool is_searching() const { return false; }
  // Is the round being made one of a search that goes on?
  virtual bool wants_every_answer() const { return false; }
};

// "consecutive" (also "default", ""), "skipping", "gallop", "noop"; nullptr for a name that is none.
std::unique_ptr<Negotiator> make_negotiator(std::string_view algorithm, CommitSource& source);
std::unique_ptr<Negotiator> make_consecutive_negotiator(CommitSource& source);
std::unique_ptr<Negotiator> make_skipping_negotiator(CommitSource& source);
std::unique_ptr<Negotiator> make_gallop_negotiator(CommitSource& source);
std::unique_ptr<Negotiator> make_noop_negotiator();

}  // namespace git
