// The server's reading of a push (gitprotocol-pack(5), "Reference Update Request and Packfile Transfer"): shallow lines,
// commands or a certificate, push options; the pack behind them is not for this machine.
//
//   commands ──flush, none──▶ done
//     └─flush, push-options──▶ options ──flush──▶ ready          └─flush──▶ ready         any state ──▶ failed
//   certificate: between "push-cert" and "push-cert-end", inside of commands
//
// Feed it whole packets only (PacketReader): what follows the last flush belongs to the unpacker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/machine.h"
#include "wire/push-command.h"

namespace git {

struct ReceivedPush {
  std::vector<PushCommand> commands;
  std::vector<ObjectId> shallow;
  std::vector<std::string> options;
  std::string certificate;  // the text, signature and all
  int report_status = 0;    // 0, 1, 2
  bool side_band_64k = false, quiet = false, atomic = false, has_options = false;
  std::string agent, session_id;
};

class ServePush : public Machine {
 public:
  enum class State : std::uint8_t { commands, certificate, options, ready, done, failed };
  ServePush(HashAlgo algo, bool accepts_options) : algo_(algo), accepts_options_(accepts_options) {}
  bool is_waiting() const override {
    return state_ == State::commands || state_ == State::certificate || state_ == State::options;
  }
  State state() const { return state_; }
  const std::string& error() const { return error_; }
  const ReceivedPush& request() const { return request_; }
  void send_line(std::string_view payload) { send(payload); }
  void send_end() { send_flush(); }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override;
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void fail(std::string message);
  void command_packet(const Packet& packet);
  void features(std::string_view text);
  void after_commands();
  bool add_command(std::string_view line);
  bool commands_of_certificate();

  HashAlgo algo_;
  bool accepts_options_;
  State state_ = State::commands;
  ReceivedPush request_;
  std::string error_;
};

}  // namespace git
