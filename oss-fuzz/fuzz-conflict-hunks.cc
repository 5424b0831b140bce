// Any text as a file in conflict; what was normalized once stays as it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "merge/conflict-hunks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto once = git::normalize_conflicts(text, 7, git::HashAlgo::sha1);
  if (once && once->count == 0 && once->text != text) std::abort();
  return 0;
}
