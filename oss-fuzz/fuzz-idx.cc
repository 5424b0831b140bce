// A pack index: opened, searched and walked.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/tempfile.h"
#include "pack/pack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    auto file = git::Tempfile::in_tmpdir("fuzz-idx-XXXXXX");
    if (!file || !file->write({reinterpret_cast<const char*>(data), size})) return 0;
    auto index = git::PackIndex::open(file->path(), git::HashAlgo::sha1);
    if (!index) return 0;
    for (std::uint32_t i = 0; i < index->count(); i++) {
      index->find(index->oid_at(i));
      (void)index->offset_at(i);
    }
  } catch (const git::Fatal&) {
  }
  return 0;
}
