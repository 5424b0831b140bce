// Packets in any fragmentation: the first byte of the input says how large the pieces are.
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/pkt-line.h"
#include "wire/sideband.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t piece = size ? data[0] % 17 + 1u : 1;
  git::PacketDecoder decoder;
  git::SidebandText text;
  std::string shown;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoder.feed(bytes.substr(at, piece));
    while (auto packet = decoder.next())
      if (auto part = git::parse_sideband(packet->payload))
        shown += text.feed(part->data, [](std::string_view line) { return std::string(line); });
  }
  if (decoder.buffered() > bytes.size()) __builtin_trap();
  return 0;
}
