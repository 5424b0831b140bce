// Configuration files, and the typed values in them.
#include <cstdint>
#include <string>
#include <string_view>

#include "config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto entries = git::parse_config_text(text, "fuzz");
  if (!entries) return 0;
  for (const git::ConfigEntry& entry : *entries) {
    (void)git::parse_config_bool(entry.key, entry.value).ok();
    (void)git::canonical_config_key(entry.key).ok();
  }
  return 0;
}
