// The framing of git's protocols (gitprotocol-common(5), "pkt-line Format"): four hex digits of length that count
// themselves, then the payload.  Lengths 0, 1 and 2 are the special packets flush, delim and response-end.
//
// Pure: PacketDecoder takes bytes in any fragmentation and gives packets; append_*() make bytes.
//
//   PacketDecoder decoder;
//   decoder.feed(bytes);
//   while (auto packet = decoder.next()) use(*packet);
//   if (decoder.has_error()) die("%s", decoder.error());
//
// INVARIANT: what is buffered is at most one packet more than what was fed and not yet taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fmt.h"

namespace git {

inline constexpr std::size_t kMaxPacketSize = 65520;     // with the length
inline constexpr std::size_t kMaxPacketPayload = 65516;  // without
inline constexpr std::size_t kSmallPacketSize = 1000;    // what peers without side-band-64k take

enum class PacketType : std::uint8_t { data, flush, delim, response_end };

struct Packet {
  PacketType type = PacketType::flush;
  std::string payload;  // raw, with its newline if there was one

  bool is_data() const { return type == PacketType::data; }
  bool is_flush() const { return type == PacketType::flush; }
  // The payload without one newline at its end.
  std::string_view line() const {
    std::string_view text = payload;
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    return text;
  }
  // The message of an "ERR <text>" packet.
  std::optional<std::string_view> err() const {
    std::string_view text = line();
    if (!is_data() || text.substr(0, 4) != "ERR ") return std::nullopt;
    return text.substr(4);
  }
};

// REQUIRES: payload.size() <= kMaxPacketPayload
void append_packet(std::string& out, std::string_view payload);
inline void append_flush(std::string& out) { out += "0000"; }
inline void append_delim(std::string& out) { out += "0001"; }
inline void append_response_end(std::string& out) { out += "0002"; }
template <class... Args>
void append_packetf(std::string& out, std::string_view format, const Args&... args) {
  append_packet(out, strf(format, args...));
}
// Cuts `data` into as many packets as needed.
void append_packets(std::string& out, std::string_view data, std::size_t max_payload = kMaxPacketPayload);

// The length in a packet's first four bytes; -1 where they are no hex digits.
int parse_packet_length(std::string_view four);

class PacketDecoder {
 public:
  void feed(std::string_view bytes);
  // The next whole packet; nullopt where more bytes are needed or the stream is broken.
  std::optional<Packet> next();
  bool has_error() const { return !error_.empty(); }
  // "protocol error: bad line length character: zzzz", "protocol error: bad line length 3".
  const std::string& error() const { return error_; }
  // Bytes that were fed and not taken yet.
  std::size_t buffered() const { return buffer_.size() - at_; }
  // Everything not taken yet, for protocols that leave the framing (a raw pack after the ACKs).
  std::string take_rest();

 private:
  std::string buffer_;
  std::size_t at_ = 0;
  std::string error_;
};

}  // namespace git
