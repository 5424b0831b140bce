// The server's reading of protocol v2 (gitprotocol-v2(5), "Command Request"): requests come as
//
//   command=<name> LF, capabilities, [delim, arguments,] flush
//
//   keys ──delim──▶ arguments ──flush──▶ keys          flush in keys without a command: idle (a keepalive)
//     └──────flush (request without arguments)──▶ keys  end between requests: done    any state ──▶ failed
//
// Arguments are handed out one by one, so that a request may be as long as it likes without being held in memory.
// Answers are written with respond(); the machine only frames what comes in.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/machine.h"

namespace git {

struct ServeEvent {
  enum class Kind : std::uint8_t {
    key,       // text: one line, as soon as it is here; "command=..." as well
    command,   // text: its name; keys: the capabilities sent with it
    argument,  // text: one line
    end,       // of the request
    error,     // the conversation is over; text says why
    done,      // the client left between requests
  };
  Kind kind;
  std::string text;
  std::vector<std::string> keys;
};

class ServeV2 : public Machine {
 public:
  enum class State : std::uint8_t { keys, arguments, done, failed };
  // The client is allowed to hang up between requests where `is_stateful`; a stateless one sends exactly one.
  explicit ServeV2(bool is_stateful) : is_stateful_(is_stateful) {}

  std::optional<ServeEvent> next_event();
  bool is_waiting() const override { return state_ == State::keys || state_ == State::arguments; }
  State state() const { return state_; }
  void advertise(const std::vector<std::string>& capabilities);  // "version 2" and so on
  // Packets of an answer, through the tap.
  void respond(std::string_view payload) { send(payload); }
  void respond_flush() { send_flush(); }
  void respond_delim() { send_delim(); }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override;
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void key_packet(const Packet& packet);
  void begin_command();
  void end_request();
  void fail(std::string message);

  static constexpr std::size_t kMaxKeys = 256;  // of one request, so that a peer can't fill our memory
  bool is_stateful_;
  State state_ = State::keys;
  std::string command_;
  std::string running_;  // the command whose arguments come in
  std::vector<std::string> keys_;
  std::deque<ServeEvent> events_;
};

}  // namespace git
