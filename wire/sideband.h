// Side-band multiplexing (gitprotocol-pack(5), "Packfile Data"): the first byte of a packet says what the rest is.
// Pure: append_sideband() makes packets, parse_sideband() reads one payload, SidebandText turns the pieces of band 2
// into whole lines for a person.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/pkt-line.h"

namespace git {

inline constexpr char kBandData = 1;
inline constexpr char kBandProgress = 2;
inline constexpr char kBandError = 3;

// Cuts `data` into packets of `band`; `max_packet` is kMaxPacketSize with side-band-64k, kSmallPacketSize with side-band.
void append_sideband(std::string& out, char band, std::string_view data, std::size_t max_packet = kMaxPacketSize);

struct SidebandPiece {
  char band = 0;          // kBandData, kBandProgress or kBandError
  std::string_view data;  // borrows from the payload
};
// nullopt where there is no band byte, or one that means nothing ("protocol error: bad band #%d", "no band designator").
std::optional<SidebandPiece> parse_sideband(std::string_view payload);

// Progress arrives in pieces that end anywhere, with '\r' or '\n' between lines. feed() gives back the text to be
// written to stderr now: whole lines with "remote: " in front; an unfinished line is kept until its end arrives.
class SidebandText {
 public:
  // What closes a line on a terminal: "\033[K" on a smart one, "        " on a dumb one.
  explicit SidebandText(std::string_view line_clear = "        ") : clear_(line_clear) {}
  // `paint` colours one line, and masks control characters (sideband.h); absent leaves it as it is.
  template <class Paint>
  std::string feed(std::string_view piece, Paint&& paint) {
    std::string shown;
    for (char c : piece) {
      if (c != '\n' && c != '\r') {
        line_ += c;
        has_line_ = true;
        continue;
      }
      shown += "remote: ";
      if (!line_.empty()) shown += std::string(paint(line_)) + clear_;
      shown += c;
      line_.clear();
      has_line_ = false;
    }
    return shown;
  }
  // What is left at the end of the stream, with its newline; "" where nothing is.
  template <class Paint>
  std::string finish(Paint&& paint) {
    if (!has_line_) return {};
    std::string shown = "remote: " + std::string(paint(line_)) + clear_ + "\n";
    line_.clear();
    has_line_ = false;
    return shown;
  }
  bool has_pending() const { return has_line_; }

 private:
  std::string clear_;
  std::string line_;
  bool has_line_ = false;
};

}  // namespace git
