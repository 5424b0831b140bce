// One commit-graph file.
#include <cstdint>
#include <string>
#include <string_view>

#include "walk/commit-graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)git::GraphLayer::parse(bytes, git::HashAlgo::sha1).ok();
  return 0;
}
