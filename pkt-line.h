// Packets on descriptors, and how they show in GIT_TRACE_PACKET.  The framing itself is wire/pkt-line.h; long
// conversations are machines run by net/channel.h, this is for short ones and for tracing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/machine.h"
#include "wire/pkt-line.h"

namespace git {

// A tap for a machine that writes "packet: <identity>< text" lines where GIT_TRACE_PACKET asks for them; empty where it
// doesn't. The pack itself shows as "PACK ..." once. `sideband`: identity of what comes inside of bands.
Machine::Tap packet_tap(const std::string& identity, bool has_sideband_pack = false);
// One line of the same kind, for packets that no machine sees.
void trace_packet(const std::string& identity, bool is_sent, const Packet& packet);

// Reads packets from a descriptor, blocking, never more than it must.
class PacketReader {
 public:
  enum class Status : unsigned char { data, flush, delim, response_end, eof };
  PacketReader(int fd, std::string identity) : fd_(fd), identity_(std::move(identity)) {}
  // Dies with git's words on a broken stream; where `dies_on_err`, also on an ERR packet. eof only between packets
  // and only where `gently`; otherwise "the remote end hung up unexpectedly".
  Status read();
  std::string_view line() const { return packet_.line(); }
  const Packet& packet() const { return packet_; }
  bool gently = false;
  bool dies_on_err = true;

 private:
  int fd_;
  std::string identity_;
  Packet packet_;
};

// Write, or die "packet write failed".
void write_packet(int fd, std::string_view payload, const std::string& identity);
void write_flush_packet(int fd, const std::string& identity);

}  // namespace git
