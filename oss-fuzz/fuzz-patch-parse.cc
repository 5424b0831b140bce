// Any bytes as a patch: the reader must answer with patches or an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "diff/patch-parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  git::PatchParseOptions options;
  if (size && data[0] & 1) options.recount = true;
  if (size && data[0] & 2) options.p_value = 0;
  git::PatchParser parser(std::string_view(reinterpret_cast<const char*>(data), size), options);
  for (;;) {
    auto next = parser.next();
    if (!next || !*next) break;
  }
  return 0;
}
