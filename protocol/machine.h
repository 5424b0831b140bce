// What all machines share: bytes in (in any fragmentation), bytes out, and a tap that sees each packet
// (GIT_TRACE_PACKET, tests).  A machine does no I/O: net/pump.h reads and writes for it.
//
//   machine.feed(bytes);             // or feed_end(): the peer closed the connection
//   write(machine.pending_output()); machine.consume_output(n);
//   while (auto event = machine.next_event()) ...      (each machine has its own events)
//
// A machine that is_waiting() wants bytes; one that isn't, and has no event and no output, is finished.
// The words it says about a broken peer are git's; error events end the conversation.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "wire/pkt-line.h"

namespace git {

class Machine {
 public:
  using Tap = std::function<void(bool is_sent, const Packet& packet)>;

  virtual ~Machine() = default;
  void set_tap(Tap tap) { tap_ = std::move(tap); }
  void feed(std::string_view bytes);
  void feed_end();  // no more bytes will come
  // Bytes that were fed and belong to whoever speaks next. REQUIRES: !is_waiting()
  std::string take_rest() { return decoder_.take_rest(); }

  std::string_view pending_output() const { return std::string_view(output_).substr(output_at_); }
  void consume_output(std::size_t size);
  virtual bool is_waiting() const = 0;

 protected:
  virtual void on_packet(Packet packet) = 0;
  // Bytes outside of packets, once enter_raw() was called.
  virtual void on_raw(std::string_view) {}
  virtual void on_end() = 0;
  virtual void on_framing_error(const std::string& message) = 0;

  void enter_raw() { is_raw_ = true; }
  // Goes through what was fed already; to be called when is_waiting() becomes true again.
  void run();
  void send(std::string_view payload);
  template <class... Args>
  void sendf(std::string_view format, const Args&... args) {
    send(strf(format, args...));
  }
  void send_flush();
  void send_delim();
  // As send(), but into a buffer that goes out later with send_raw().
  void compose(std::string& buffer, std::string_view payload);
  void compose_flush(std::string& buffer);
  // Raw bytes: packets made elsewhere, for instance a request that is repeated.
  void send_raw(std::string_view bytes) { output_ += bytes; }

 private:
  void tap_special(bool is_sent, PacketType type);

  Tap tap_;
  PacketDecoder decoder_;
  std::string output_;
  std::size_t output_at_ = 0;
  bool is_raw_ = false;
  bool has_ended_ = false;
  bool said_end_ = false;
};

}  // namespace git
