// The client's side of v2 "fetch" (gitprotocol-v2(5)): requests of wants and haves, answered by sections.
//
//   start ─▶ section ──acknowledgments──▶ acks ──flush──▶ (next request) ─▶ section
//              │                            └─delim (ready)─▶ section
//              ├─shallow-info──▶ shallow_info ─delim─▶ section
//              ├─wanted-refs───▶ wanted_refs  ─delim─▶ section
//              ├─packfile-uris─▶ packfile_uris ─delim─▶ section
//              └─packfile──────▶ pack ──flush──▶ done
//   stateless: every flush is followed by response-end (closing).   any state ──▶ failed
//
// With wait_for_done no wants are sent and no pack comes: after the last round, done. A round without haves is never
// sent then: servers that answer it with a pack would end the conversation in an error.
#pragma once

#include "protocol/fetch-client.h"
#include "wire/sideband.h"

namespace git {

class FetchV2Client : public FetchClient {
 public:
  enum class State : std::uint8_t { idle, section, acks, shallow_info, wanted_refs, packfile_uris, pack, closing, done, failed };
  using FetchClient::FetchClient;
  void start() override;
  bool is_waiting() const override { return state_ != State::idle && state_ != State::done && state_ != State::failed; }
  State state() const { return state_; }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override;
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  enum class AfterClosing : std::uint8_t { next_request, finish };
  void fail(std::string message);
  void send_request();
  void send_arguments();
  bool waits_for_answers() const;
  // The haves of this round; decides whether it is the last.
  std::vector<CommitNumber> collect_haves();
  void section_header(std::string_view name);
  void ack_packet(const Packet& packet);
  void acks_done(bool has_more);
  void list_packet(const Packet& packet);
  void pack_packet(const Packet& packet);
  void flushed(AfterClosing after);
  void after_response(AfterClosing after);

  State state_ = State::idle;
  AfterClosing after_closing_ = AfterClosing::finish;
  int haves_to_send_ = kInitialFlush;
  int in_vain_ = 0;
  bool seen_ack_ = false;
  bool got_ready_ = false;
  bool has_sent_done_ = false;
  bool is_exhausted_ = false;
  bool got_ack_this_round_ = false;
};

}  // namespace git
