// The CRC-32 of pack indexes.
#include "hash/hasher.h"

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#else
#include <zlib.h>
#endif

namespace git {

std::uint32_t crc32_of(std::uint32_t seed, std::string_view bytes) {
#ifdef HAVE_LIBDEFLATE
  return libdeflate_crc32(seed, bytes.data(), bytes.size());
#else
  uLong crc = seed;
  while (!bytes.empty()) {
    std::size_t n = std::min<std::size_t>(bytes.size(), 1u << 30);
    crc = ::crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(n));
    bytes.remove_prefix(n);
  }
  return static_cast<std::uint32_t>(crc);
#endif
}

}  // namespace git
