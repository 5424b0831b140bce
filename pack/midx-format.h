// One file of a multi-pack index (gitformat-pack(5), "multi-pack-index (MIDX) files").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped-file.h"
#include "base/result.h"
#include "pack/pack.h"

namespace git {

inline constexpr std::uint32_t kMidxSignature = 0x4d494458;  // "MIDX"
inline constexpr std::uint32_t kChunkPackNames = 0x504e414d;
inline constexpr std::uint32_t kChunkOidFanout = 0x4f494446;
inline constexpr std::uint32_t kChunkOidLookup = 0x4f49444c;
inline constexpr std::uint32_t kChunkObjectOffsets = 0x4f4f4646;
inline constexpr std::uint32_t kChunkLargeOffsets = 0x4c4f4646;
inline constexpr std::uint32_t kChunkReverseIndex = 0x52494458;
inline constexpr std::uint32_t kChunkBitmappedPacks = 0x42544d50;

struct MultiPackIndex::Layer {
  std::string path;
  MappedFile file;
  HashAlgo algo = HashAlgo::unknown;
  int version = 0;
  unsigned chunk_count = 0;
  unsigned base_files = 0;
  std::uint32_t count = 0;           // objects here
  std::uint32_t objects_before = 0;  // in older layers
  std::uint32_t packs_before = 0;
  std::vector<std::string> pack_names;
  const unsigned char* fanout = nullptr;
  const unsigned char* names = nullptr;
  const unsigned char* offsets = nullptr;
  std::string_view large_offsets;
  std::string_view reverse_index;    // empty where there is none
  std::string_view bitmapped_packs;  // empty where there is none
  std::vector<std::uint32_t> chunk_ids;

  static Result<std::unique_ptr<Layer>> open(const std::string& path, HashAlgo algo);
  std::string_view checksum() const { return file.bytes().substr(file.bytes().size() - raw_size(algo)); }
  std::optional<std::uint32_t> find(const ObjectId& oid) const;
  std::uint32_t lower_bound(const ObjectId& oid) const;
  const unsigned char* raw_at(std::uint32_t position) const { return names + std::size_t{position} * raw_size(algo); }
  std::uint32_t pack_at(std::uint32_t position) const;  // local number
  std::uint64_t offset_at(std::uint32_t position) const;
};

}  // namespace git
