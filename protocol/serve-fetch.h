// The server's side of fetch in v0 and v1 (gitprotocol-pack(5), "Packfile Negotiation").
//
//   wants ──flush, no wants──▶ done
//     └──flush──▶ checking (the host looks at the wants, answers a deepening) ──proceed()──▶ haves
//   haves ──done, or (no-done) ready──▶ pack     haves ──flush, stateless──▶ done      any state ──▶ failed
//
// What the repository has is asked of a FetchHost; acknowledged haves are remembered there.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "protocol/machine.h"

namespace git {

class FetchHost {
 public:
  virtual ~FetchHost() = default;
  // Is the commit here, complete, and visible to this client? Remembered as common where it is.
  virtual bool acknowledge(const ObjectId& have) = 0;
  virtual bool can_give_up() = 0;  // every want reaches something common
  virtual bool has_common() const = 0;
};

struct FetchWants {
  std::vector<ObjectId> wants;
  std::vector<ObjectId> shallow;  // the client's boundary
  int depth = 0;
  bool deepen_relative = false;
  std::string deepen_since;  // as sent
  std::vector<std::string> deepen_not;
  std::string filter;
  bool sideband_all = false;
  std::vector<std::string> uri_protocols;  // packfile-uris
  // from the capabilities
  int multi_ack = 0;  // 1 multi_ack, 2 multi_ack_detailed
  int sideband = 0;   // 0, 1000 or 65520: the packet size
  std::string session_id;
  bool no_done = false, thin_pack = false, ofs_delta = false, no_progress = false, include_tag = false;
  bool is_deepening() const { return depth > 0 || !deepen_since.empty() || !deepen_not.empty(); }
};

struct ServeFetchEvent {
  enum class Kind : std::uint8_t { wants, pack, done, error } kind;
  std::string text;
};

class ServeFetch : public Machine {
 public:
  enum class State : std::uint8_t { wants, checking, haves, pack, done, failed };
  struct Limits {
    bool is_stateless = false;
    bool allow_filter = false;
    std::size_t max_wants = 1u << 22;
  };
  ServeFetch(HashAlgo algo, FetchHost& host, Limits limits) : algo_(algo), host_(host), limits_(limits) {}

  std::optional<ServeFetchEvent> next_event();
  bool is_waiting() const override { return state_ == State::wants || state_ == State::haves; }
  State state() const { return state_; }
  FetchWants& request() { return request_; }
  // Packets in front of the haves: "shallow ..." lines and their flush. REQUIRES: checking
  void send_line(std::string_view payload) { send(payload); }
  void send_end() { send_flush(); }
  void proceed();
  // Tells the client and ends. The text goes out as an ERR packet.
  void refuse(std::string_view message);

 protected:
  void on_packet(Packet packet) override;
  void on_end() override;
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void want_packet(const Packet& packet);
  bool want_line(std::string_view line);
  bool features(std::string_view text);
  void have_packet(const Packet& packet);
  void end_of_round();
  void done_line();
  void fail(std::string message);

  HashAlgo algo_;
  FetchHost& host_;
  Limits limits_;
  State state_ = State::wants;
  FetchWants request_;
  ObjectId last_common_;
  bool got_common_ = false, got_other_ = false, sent_ready_ = false;
  std::optional<ObjectId> first_common_;
  std::deque<ServeFetchEvent> events_;
};

}  // namespace git
