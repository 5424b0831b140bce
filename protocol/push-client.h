// The client's side of a push (gitprotocol-pack(5), "Pushing Data To a Server"): commands (or a certificate), push
// options, then the pack, which the caller writes itself behind them; then the report.
//
//   start ─▶ commands_sent ──pack_sent()──▶ report ──flush──▶ done
//                  (side-band: the report's packets arrive inside of band 1, and the band's flush ends it)
//   any state ──▶ failed
//
// In side-band mode progress may come at any time, also while the pack is being written: feed() works in
// commands_sent too.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "protocol/machine.h"
#include "wire/capabilities.h"
#include "wire/push-command.h"
#include "wire/report-status.h"
#include "wire/sideband.h"

namespace git {

struct PushRequest {
  HashAlgo algo = HashAlgo::sha1;
  Capabilities server;
  std::string agent;
  std::string session_id;
  std::vector<PushCommand> commands;
  std::vector<ObjectId> shallow;  // our boundary, sent where we are shallow
  std::vector<std::string> push_options;
  std::string signed_cert;  // "" where the push isn't signed
  bool is_atomic = false;
  bool is_quiet = false;
  bool wants_report = true;
};

struct PushEvent {
  enum class Kind : std::uint8_t { progress, remote_error, error, done };
  Kind kind;
  std::string text;
};

class PushClient : public Machine {
 public:
  enum class State : std::uint8_t { idle, waiting, done, failed };
  explicit PushClient(PushRequest request) : request_(std::move(request)) {}
  void start();
  std::optional<PushEvent> next_event();
  bool is_waiting() const override { return state_ == State::waiting; }
  State state() const { return state_; }
  bool expects_report() const { return uses_report_ || uses_sideband_; }
  // REQUIRES: state() == done, or failed after some of the report came
  const std::optional<StatusReport>& report() const { return report_; }
  bool uses_sideband() const { return uses_sideband_; }
  bool uses_report() const { return uses_report_; }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override;
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void emit(PushEvent::Kind kind, std::string text = {}) { events_.push_back({kind, std::move(text)}); }
  void fail(std::string message);
  std::string capability_words();
  void report_bytes(std::string_view bytes);
  void report_packet(const Packet& packet);

  PushRequest request_;
  State state_ = State::idle;
  bool uses_sideband_ = false;
  bool uses_report_ = false;
  bool has_report_ended_ = false;
  PacketDecoder inner_;
  std::optional<StatusReportParser> parser_;
  std::optional<StatusReport> report_;
  std::deque<PushEvent> events_;
};

}  // namespace git
