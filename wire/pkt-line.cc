// Packets are cut out of one growing buffer; its front is dropped when it has become the larger part, so that
// feeding byte by byte stays linear.
#include "wire/pkt-line.h"

#include "base/error.h"
#include "base/strings.h"

namespace git {

namespace {

void append_length(std::string& out, std::size_t size) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(size >> shift) & 15];
}

}  // namespace

void append_packet(std::string& out, std::string_view payload) {
  if (payload.size() > kMaxPacketPayload) die("%s", _("protocol error: impossibly long line"));
  append_length(out, payload.size() + 4);
  out += payload;
}

void append_packets(std::string& out, std::string_view data, std::size_t max_payload) {
  while (!data.empty()) {
    append_packet(out, data.substr(0, max_payload));
    data.remove_prefix(std::min(max_payload, data.size()));
  }
}

int parse_packet_length(std::string_view four) {
  int length = 0;
  for (std::size_t i = 0; i < 4; i++) {
    int value = i < four.size() ? hex_value(four[i]) : -1;
    if (value < 0) return -1;
    length = length * 16 + value;
  }
  return length;
}

void PacketDecoder::feed(std::string_view bytes) {
  if (at_ > 4096 && at_ * 2 > buffer_.size()) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_ += bytes;
}

std::optional<Packet> PacketDecoder::next() {
  if (has_error() || buffered() < 4) return std::nullopt;
  std::string_view rest = std::string_view(buffer_).substr(at_);
  int length = parse_packet_length(rest);
  if (length < 0) {
    error_ = strf(_("protocol error: bad line length character: %s"), rest.substr(0, 4));
    return std::nullopt;
  }
  if (length < 3) {
    at_ += 4;
    return Packet{length == 0 ? PacketType::flush : length == 1 ? PacketType::delim : PacketType::response_end, {}};
  }
  if (length < 4 || static_cast<std::size_t>(length) > kMaxPacketSize) {
    error_ = strf(_("protocol error: bad line length %d"), length);
    return std::nullopt;
  }
  if (rest.size() < static_cast<std::size_t>(length)) return std::nullopt;
  Packet packet{PacketType::data, std::string(rest.substr(4, static_cast<std::size_t>(length) - 4))};
  at_ += static_cast<std::size_t>(length);
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = 0;
  }
  return packet;
}

std::string PacketDecoder::take_rest() {
  std::string rest = buffer_.substr(at_);
  buffer_.clear();
  at_ = 0;
  return rest;
}

}  // namespace git
