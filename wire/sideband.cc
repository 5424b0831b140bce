// A band packet is a pkt-line whose payload starts with the band's number.
#include "wire/sideband.h"

#include <algorithm>

namespace git {

void append_sideband(std::string& out, char band, std::string_view data, std::size_t max_packet) {
  std::size_t room = max_packet - 5;
  while (!data.empty()) {
    std::string_view piece = data.substr(0, std::min(room, data.size()));
    std::string payload(1, band);
    payload += piece;
    append_packet(out, payload);
    data.remove_prefix(piece.size());
  }
}

std::optional<SidebandPiece> parse_sideband(std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  char band = payload[0];
  if (band != kBandData && band != kBandProgress && band != kBandError) return std::nullopt;
  return SidebandPiece{band, payload.substr(1)};
}

}  // namespace git
