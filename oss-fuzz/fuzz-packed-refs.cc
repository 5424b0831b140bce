// Any bytes as a packed-refs file: searching and walking them may die, never crash.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "refs/packed-refs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = std::make_shared<std::string>(reinterpret_cast<const char*>(data), size);
  try {
    git::PackedSnapshot snapshot(*text, text, "packed-refs", git::HashAlgo::sha1);
    static_cast<void>(snapshot.find("refs/heads/main"));
    auto cursor = snapshot.begin_at("refs/");
    for (git::PackedEntry entry; cursor.next(entry);) {
    }
  } catch (const git::Fatal&) {
  }
  return 0;
}
