// run() takes packets only while the machine waits for them, so that one connection can be handed from machine to
// machine with take_rest() in between.
#include "protocol/machine.h"

namespace git {

void Machine::feed(std::string_view bytes) {
  decoder_.feed(bytes);
  run();
}

void Machine::feed_end() {
  has_ended_ = true;
  run();
}

void Machine::run() {
  while (is_waiting()) {
    if (is_raw_) {
      std::string rest = decoder_.take_rest();
      if (rest.empty()) break;
      on_raw(rest);
      continue;
    }
    auto packet = decoder_.next();
    if (!packet) break;
    if (tap_) tap_(false, *packet);
    on_packet(std::move(*packet));
  }
  if (!is_waiting()) return;
  if (decoder_.has_error()) {
    on_framing_error(decoder_.error());
  } else if (has_ended_ && !said_end_) {
    said_end_ = true;
    on_end();
  }
}

void Machine::consume_output(std::size_t size) {
  output_at_ += size;
  if (output_at_ < output_.size()) return;
  output_.clear();
  output_at_ = 0;
}

void Machine::send(std::string_view payload) { compose(output_, payload); }

void Machine::compose(std::string& buffer, std::string_view payload) {
  append_packet(buffer, payload);
  if (tap_) tap_(true, Packet{PacketType::data, std::string(payload)});
}

void Machine::tap_special(bool is_sent, PacketType type) {
  if (tap_) tap_(is_sent, Packet{type, {}});
}

void Machine::send_flush() { compose_flush(output_); }

void Machine::compose_flush(std::string& buffer) {
  append_flush(buffer);
  tap_special(true, PacketType::flush);
}

void Machine::send_delim() {
  append_delim(output_);
  tap_special(true, PacketType::delim);
}

}  // namespace git
