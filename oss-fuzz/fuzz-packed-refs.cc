// packed-refs: lookups, seeks and a whole walk; a malformed file ends in Fatal, nothing else.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "refs/packed-refs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    git::PackedSnapshot snapshot(text, nullptr, "packed-refs", git::HashAlgo::sha1);
    snapshot.find("refs/heads/main");
    git::PackedEntry entry;
    auto cursor = snapshot.begin_at("refs/tags/");
    while (cursor.next(entry)) snapshot.find(entry.name);
    cursor.seek("");
    while (cursor.next(entry)) {
    }
  } catch (const git::Fatal&) {
  }
  return 0;
}
