// Objects are read in pack order, so that the bases of deltas are still in the cache when they are wanted.
#include "pack-check.h"

#include "base/display-path.h"
#include "base/error.h"
#include "base/files.h"
#include "hash/hasher.h"
#include "pack/pack.h"

namespace git {
namespace {

bool check_trailers(const Pack& pack) {
  bool good = true;
  std::string_view bytes = pack.bytes();
  const std::size_t hash_size = raw_size(pack.algo());
  if (bytes.size() < hash_size + 12) {
    error("%s is too small to be a packfile", display_path(pack.path()));
    return false;
  }
  ObjectId computed = hash_bytes(pack.algo(), bytes.substr(0, bytes.size() - hash_size));
  std::string_view trailer = bytes.substr(bytes.size() - hash_size);
  if (computed.raw() != trailer) {
    error("%s pack checksum mismatch", display_path(pack.path()));
    good = false;
  }
  if (pack.checksum() != trailer) {
    error("%s pack checksum does not match its index", display_path(pack.path()));
    good = false;
  }
  return good;
}

bool check_entry(const Pack& pack, std::uint32_t rank, const std::function<bool(const ObjectId&, const ObjectData&)>& object) {
  std::uint32_t position = pack.position_at_rank(rank);
  std::uint64_t offset = pack.offset_at_rank(rank), end = pack.offset_at_rank(rank + 1);
  ObjectId oid = pack.oid_at(position);
  std::string path = display_path(pack.path());
  bool good = true;
  if (auto crc = pack.index().crc_at(position)) {
    std::string_view bytes = pack.bytes();
    bool fits = offset < end && end <= bytes.size();
    if (!fits || crc32_of(0, bytes.substr(offset, end - offset)) != *crc) {
      error("index CRC mismatch for object %s from %s at offset %u", oid, path, offset);
      good = false;
    }
  }
  auto data = pack.read(offset);
  if (!data) {
    error("%s", data.error().message);
    error("cannot unpack %s from %s at offset %u", oid, path, offset);
    return false;
  }
  if (hash_object(pack.algo(), type_name(data->type), data->data) != oid) {
    error("packed %s from %s is corrupt", oid, path);
    return false;
  }
  return object(oid, *data) && good;
}

}  // namespace

bool verify_pack(const Pack& pack, const std::function<bool(const ObjectId&, const ObjectData&)>& object) {
  if (!pack.open_index()) {
    error("packfile %s index not opened", display_path(pack.path()));
    return false;
  }
  bool good = true;
  if (!pack.index().checksum_matches()) {
    error("Packfile index for %s hash mismatch", display_path(pack.path()));
    good = false;
  }
  if (!pack.open_pack()) {
    error("packfile %s cannot be accessed", display_path(pack.path()));
    return false;
  }
  good &= check_trailers(pack);
  for (std::uint32_t rank = 0; rank < pack.count(); rank++) good &= check_entry(pack, rank, object);
  return good;
}

}  // namespace git
