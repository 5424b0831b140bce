// Bundle lists as lines from a server: what is understood can be written and is understood again.
#include <cstdint>
#include <string_view>

#include "base/strings.h"
#include "wire/bundle-list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  git::BundleList list, again;
  for (std::string_view line : git::split_lines(text))
    if (list.parse_line(line).ok() && !again.parse_line(line).ok()) __builtin_trap();
  if (list.bundles().size() != again.bundles().size() || list.format() != again.format()) {
    // Lines that were refused may still have named a bundle; nothing else may differ.
    if (list.bundles().size() < again.bundles().size()) __builtin_trap();
  }
  (void)list.check();
  return 0;
}
