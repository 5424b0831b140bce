// The index of a pack: a fan-out by first byte, then sorted names, so that a look-up is one small binary search.
#include <cstring>

#include "base/display-path.h"
#include "base/error.h"
#include "base/files.h"
#include "hash/hasher.h"
#include "pack/bytes.h"
#include "pack/pack.h"

namespace git {

Result<PackIndex> PackIndex::open(const std::string& path, HashAlgo algo) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return file.error();
  PackIndex index;
  index.path_ = path;
  index.file_ = std::move(*file);
  index.algo_ = algo;
  std::string_view bytes = index.file_.bytes();
  std::size_t hash_size = raw_size(algo);
  const auto* base = reinterpret_cast<const unsigned char*>(bytes.data());
  if (bytes.size() < 4 * 256 + 2 * hash_size)
    return make_error(ErrorKind::corrupt, "index file %s is too small", display_path(path));

  std::size_t at = 0;
  index.version_ = 1;
  if (get_be32(base) == kSignature) {
    std::uint32_t version = get_be32(base + 4);
    if (version != 2)
      return make_error(ErrorKind::corrupt,
                        "index file %s is version %u and is not supported by this binary (try upgrading GIT to a newer version)",
                        path, version);
    index.version_ = 2;
    at = 8;
    if (bytes.size() < 8 + 4 * 256 + 2 * hash_size)
      return make_error(ErrorKind::corrupt, "index file %s is too small", display_path(path));
  }
  index.fanout_ = base + at;
  std::uint32_t count = 0;
  for (unsigned i = 0; i < 256; i++) {
    std::uint32_t n = get_be32(index.fanout_ + 4 * i);
    if (n < count) return make_error(ErrorKind::corrupt, "non-monotonic index %s", display_path(path));
    count = n;
  }
  index.count_ = count;
  std::uint64_t n = count, rest = bytes.size() - at - 4 * 256;
  if (index.version_ == 1) {
    if (rest != n * (hash_size + 4) + 2 * hash_size)
      return make_error(ErrorKind::corrupt, "wrong index v1 file size in %s", display_path(path));
    index.stride_ = hash_size + 4;
    index.offsets_ = index.fanout_ + 4 * 256;
    index.names_ = index.offsets_ + 4;
    return index;
  }
  std::uint64_t least = n * (hash_size + 4 + 4) + 2 * hash_size;
  std::uint64_t most = least + (n ? (n - 1) * 8 : 0);
  if (rest < least || rest > most) return make_error(ErrorKind::corrupt, "wrong index v2 file size in %s", display_path(path));
  index.stride_ = hash_size;
  index.names_ = index.fanout_ + 4 * 256;
  index.crcs_ = index.names_ + n * hash_size;
  index.offsets_ = index.crcs_ + n * 4;
  index.offsets64_ = index.offsets_ + n * 4;
  index.count64_ = (rest - least) / 8;
  return index;
}

std::uint32_t PackIndex::fanout(unsigned byte) const { return get_be32(fanout_ + 4 * byte); }

std::uint32_t PackIndex::lower_bound(const ObjectId& oid) const {
  unsigned first = oid.data()[0];
  std::uint32_t low = first ? fanout(first - 1) : 0, high = fanout(first);
  std::size_t size = raw_size(algo_);
  // Eight bytes as a number nearly always tell.
  std::uint64_t wanted = get_be64(oid.data());
  while (low < high) {
    std::uint32_t middle = low + (high - low) / 2;
    std::uint64_t there = get_be64(raw_at(middle));
    if (there < wanted || (there == wanted && std::memcmp(raw_at(middle), oid.data(), size) < 0))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

std::optional<std::uint32_t> PackIndex::find(const ObjectId& oid) const {
  if (!count_) return std::nullopt;
  std::uint32_t position = lower_bound(oid);
  if (position < count_ && !std::memcmp(raw_at(position), oid.data(), raw_size(algo_))) return position;
  return std::nullopt;
}

std::uint64_t PackIndex::offset_at(std::uint32_t position) const {
  if (version_ == 1) return get_be32(offsets_ + std::size_t{position} * stride_);
  std::uint32_t offset = get_be32(offsets_ + std::size_t{position} * 4);
  if (!(offset & 0x80000000u)) return offset;
  offset &= 0x7fffffffu;
  if (offset >= count64_) die("offset beyond end of pack index for %s (truncated index?)", path_);
  return get_be64(offsets64_ + std::size_t{offset} * 8);
}

std::optional<std::uint32_t> PackIndex::crc_at(std::uint32_t position) const {
  if (!crcs_) return std::nullopt;
  return get_be32(crcs_ + std::size_t{position} * 4);
}

std::string_view PackIndex::pack_checksum() const {
  std::size_t size = raw_size(algo_);
  return bytes().substr(bytes().size() - 2 * size, size);
}

std::string_view PackIndex::index_checksum() const {
  std::size_t size = raw_size(algo_);
  return bytes().substr(bytes().size() - size);
}

bool PackIndex::checksum_matches() const {
  std::string_view all = bytes();
  return hash_bytes(algo_, all.substr(0, all.size() - raw_size(algo_)), true).raw() == index_checksum();
}

std::pair<std::uint32_t, std::uint32_t> prefix_range(const PackIndex& index, const ObjectId& prefix, std::size_t digits) {
  if (!index.count()) return {0, 0};
  std::string low(prefix.raw()), high(prefix.raw());
  for (std::size_t i = 0; i < low.size(); i++) {
    if (2 * i + 1 < digits) continue;
    bool half = 2 * i + 1 == digits;
    low[i] = half ? static_cast<char>(low[i] & 0xf0) : '\0';
    high[i] = half ? static_cast<char>(high[i] | 0x0f) : static_cast<char>(0xff);
  }
  std::uint32_t first = index.lower_bound(ObjectId::from_raw(low, index.algo()));
  std::uint32_t last = index.lower_bound(ObjectId::from_raw(high, index.algo()));
  if (last < index.count() && !std::memcmp(index.raw_at(last), high.data(), high.size())) last++;
  return {first, last};
}

}  // namespace git
