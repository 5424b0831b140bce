// Deltas: base and delta in one input, cut at the first byte.
#include <cstdint>
#include <string>
#include <string_view>

#include <algorithm>

#include "pack/delta.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t cut = size ? std::min<std::size_t>(data[0], size) : 0;
  std::string result;
  git::apply_delta(bytes.substr(0, cut), bytes.substr(cut), result);
  return 0;
}
