// Index files of every version, with their extensions.
#include <cstdint>
#include <string>
#include <string_view>

#include "index/index-format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto parsed = git::parse_index(bytes, git::HashAlgo::sha1, false);
  if (!parsed) return 0;
  std::vector<git::FormatEntry> entries;
  for (const auto& entry : parsed->entries) entries.push_back({entry.get(), false});
  git::format_index_entries(parsed->version < 3 ? 3 : parsed->version, entries, git::HashAlgo::sha1);
  return 0;
}
