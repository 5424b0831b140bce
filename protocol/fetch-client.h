// What the two fetch machines (v0/v1 and v2) have in common: the request, the events, and the rounds of haves.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "negotiator/negotiator.h"
#include "protocol/machine.h"
#include "wire/acks.h"
#include "wire/capabilities.h"

namespace git {

struct FetchRequest {
  HashAlgo algo = HashAlgo::sha1;
  Capabilities server;
  std::string agent;       // "git/2.55..."
  std::string session_id;  // "" where it isn't to be sent
  std::vector<std::string> server_options;
  std::string promisor_remotes;  // those we accept, "" for none
  bool is_stateless = false;

  std::vector<ObjectId> wants;
  std::vector<std::string> want_refs;  // v2 ref-in-want
  std::vector<ObjectId> shallow;       // our boundary
  int depth = 0;
  bool deepen_relative = false;
  std::string deepen_since;             // seconds, as text
  std::vector<std::string> deepen_not;  // ref names
  std::string filter;                   // as the server takes it
  bool thin_pack = true, no_progress = false, include_tag = false, ofs_delta = true;
  bool sideband_all = false;
  bool wait_for_done = false;  // --negotiate-only: acks only, never a pack
  bool no_haves = false;       // clone: nothing to offer
  bool in_vain_limit = true;   // v0: give up after many haves in vain
  std::vector<std::string> packfile_uri_protocols;
  std::vector<CommitNumber> required;  // sent as haves first, whatever the negotiator says
  // wait_for_done: asked after each round; true where what is common suffices.
  std::function<bool(const std::vector<ObjectId>& common)> is_enough;

  bool is_deepening() const { return depth > 0 || !deepen_since.empty() || !deepen_not.empty(); }
};

struct FetchEvent {
  enum class Kind : std::uint8_t {
    shallow,       // oid became a boundary
    unshallow,     // oid is none any more
    shallow_done,  // all of them came; a pack follows
    wanted_ref,    // oid and text: what a want-ref resolved to
    packfile_uri,  // text: "<hash> <uri>"
    common,        // oid is here and there (--negotiate-only prints it)
    round,         // a round of haves went out
    pack,          // bytes of the pack
    progress,      // bytes for a person (band 2)
    remote_error,  // text from band 3
    violation,     // the conversation is over: the server said what it must not say; text says what
    error,         // the conversation is over; text says why
    done,
  };
  Kind kind;
  std::string text;
  ObjectId oid;
};

// What section 8 of the design shows to a person and to trace2.
struct NegotiationCounters {
  int rounds = 0;
  int haves = 0;        // all
  int round_haves = 0;  // in the last round
  int in_vain = 0;
  int common = 0;
};

class FetchClient : public Machine {
 public:
  FetchClient(FetchRequest request, Negotiator* negotiator, CommitSource* source)
      : request_(std::move(request)), negotiator_(negotiator), source_(source) {}
  virtual void start() = 0;
  std::optional<FetchEvent> next_event();
  const NegotiationCounters& counters() const { return counters_; }

 protected:
  using Kind = FetchEvent::Kind;
  void emit(Kind kind, std::string text = {}, ObjectId oid = {}) { events_.push_back({kind, std::move(text), oid}); }
  // The next commit to offer, as the negotiator says.
  std::optional<CommitNumber> next_have();
  // What is offered whatever the negotiator says; only the first call gives anything.
  std::vector<CommitNumber> take_required();
  // Was `oid` known to be common before? Also tells the negotiator.
  bool take_ack(const ObjectId& oid, bool* is_ours);
  bool was_offered(CommitNumber have) const { return have < is_offered_.size() && is_offered_[have]; }
  // The haves given so far go out.
  void end_round(int in_vain);

  FetchRequest request_;
  Negotiator* negotiator_;
  CommitSource* source_;
  NegotiationCounters counters_;
  std::vector<ObjectId> common_;  // in the order of their ACKs

 private:
  void note_offered(CommitNumber have);

  std::deque<FetchEvent> events_;
  std::vector<bool> is_offered_, is_acked_;  // by commit
};

inline constexpr int kInitialFlush = 16;
inline constexpr int kMaxInVain = 256;

// After how many haves the next round ends.
int next_flush(bool is_stateless, int count);

}  // namespace git
