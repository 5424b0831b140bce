// The client's side of a fetch in v0 and v1 (gitprotocol-pack(5), "Packfile Negotiation"), over a connection that
// stays (stateful) or one that forgets (stateless: each round repeats the wants and the common haves).
//
//   start ─▶ shallow_info ─▶ acks ⇄ (next round) ─▶ final_acks ─▶ pack ─▶ done
//             (deepening)    (16 haves sent; stateful: one round ahead)
//   any state ──▶ failed
//
// With multi_ack a round is answered by ACK lines and a NAK; without, by the first ACK or a NAK. A stateless round after
// the first starts with the server's shallow lines again, where we deepen.
#pragma once

#include "protocol/fetch-client.h"
#include "wire/sideband.h"

namespace git {

class FetchV0Client : public FetchClient {
 public:
  enum class State : std::uint8_t { idle, shallow_info, round_shallow, acks, final_shallow, final_acks, pack, done, failed };
  using FetchClient::FetchClient;
  void start() override;
  bool is_waiting() const override { return state_ != State::idle && state_ != State::done && state_ != State::failed; }
  State state() const { return state_; }

 protected:
  void on_packet(Packet packet) override;
  void on_raw(std::string_view bytes) override;
  void on_end() override;
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void fail(std::string message);
  std::string want_capabilities();
  std::string make_request();
  // A stateless request travels in packets of an envelope that ends with a flush: so the helper knows what to POST.
  void send_request(std::string_view bytes);
  void negotiate();  // haves until a round is full, or the end
  bool is_searching() const;
  void offer(CommitNumber have);
  void await_acks();
  void flush_round();
  void round_done();
  void send_done();
  void finish_if_answered();
  void enter_pack();
  void shallow_packet(const Packet& packet, State after);
  void ack_packet(const Packet& packet);
  void final_ack_packet(const Packet& packet);
  void pack_packet(const Packet& packet);

  State state_ = State::idle;
  int multi_ack_ = 0;  // 2: detailed
  bool uses_sideband_ = false;
  bool no_done_ = false;
  std::string base_state_;  // stateless: request with wants, repeated each round
  std::string round_;       // haves of the round being made
  int count_ = 0;
  int flush_at_ = kInitialFlush;
  int flushes_ = 0;  // rounds sent and not answered
  int in_vain_ = 0;
  bool got_continue_ = false, got_ready_ = false;
  bool had_ack_ = false;
};

}  // namespace git
