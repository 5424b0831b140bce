// A request is complete at its flush; a flush with nothing in front of it is a client keeping the connection open.
#include "protocol/serve-v2.h"

#include <utility>

#include "base/strings.h"

namespace git {

void ServeV2::advertise(const std::vector<std::string>& capabilities) {
  send("version 2\n");
  for (const std::string& capability : capabilities) send(capability + "\n");
  send_flush();
}

std::optional<ServeEvent> ServeV2::next_event() {
  if (events_.empty()) return std::nullopt;
  ServeEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void ServeV2::fail(std::string message) {
  state_ = State::failed;
  events_.push_back({ServeEvent::Kind::error, std::move(message), {}});
}

void ServeV2::begin_command() {
  if (command_.empty()) return fail("no command requested");
  running_ = command_;
  events_.push_back({ServeEvent::Kind::command, std::exchange(command_, {}), std::exchange(keys_, {})});
}

void ServeV2::end_request() {
  state_ = is_stateful_ ? State::keys : State::done;
  events_.push_back({ServeEvent::Kind::end, {}, {}});
  if (state_ == State::done) events_.push_back({ServeEvent::Kind::done, {}, {}});
}

void ServeV2::key_packet(const Packet& packet) {
  std::string_view line = packet.line(), name;
  events_.push_back({ServeEvent::Kind::key, std::string(line), {}});
  if (skip_prefix(line, "command=", &name)) {
    if (!command_.empty()) return fail(strf("command '%s' requested after already requesting command '%s'", name, command_));
    command_ = name;
    return;
  }
  if (keys_.size() >= kMaxKeys) return fail("too many capabilities in a request");
  keys_.emplace_back(line);
}

void ServeV2::on_packet(Packet packet) {
  if (packet.type == PacketType::response_end) return fail("unexpected response end packet");
  if (state_ == State::keys) {
    if (packet.is_data()) return key_packet(packet);
    if (packet.is_flush() && command_.empty() && keys_.empty()) {
      if (is_stateful_) return;
      state_ = State::done;
      events_.push_back({ServeEvent::Kind::done, {}, {}});
      return;
    }
    begin_command();
    if (state_ == State::failed) return;
    if (packet.type == PacketType::delim)
      state_ = State::arguments;
    else
      end_request();
    return;
  }
  if (packet.is_data())
    events_.push_back({ServeEvent::Kind::argument, std::string(packet.line()), {}});
  else if (packet.is_flush())
    end_request();
  else
    fail(strf("expected flush after %s arguments", running_));
}

void ServeV2::on_end() {
  if (state_ == State::keys && command_.empty() && keys_.empty()) {
    state_ = State::done;
    events_.push_back({ServeEvent::Kind::done, {}, {}});
    return;
  }
  fail("the remote end hung up unexpectedly");
}

}  // namespace git
