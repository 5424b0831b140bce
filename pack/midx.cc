// The multi-pack index: one look-up for all packs it covers.  A chain of them is searched from the newest layer.
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "pack/bytes.h"
#include "pack/midx-format.h"
#include "pack/pack.h"

namespace git {
namespace {

constexpr std::size_t kMidxHeaderSize = 12;
constexpr std::size_t kChunkEntrySize = 12;

Result<void> split_pack_names(std::string_view chunk, std::uint32_t count, std::vector<std::string>& names) {
  for (std::uint32_t i = 0; i < count; i++) {
    std::size_t end = chunk.find('\0');
    if (end == std::string_view::npos) die("multi-pack-index pack-name chunk is too short");
    names.emplace_back(chunk.substr(0, end));
    chunk.remove_prefix(end + 1);
    if (i && compare_bytes(names[i], names[i - 1]) <= 0)
      return make_error(ErrorKind::corrupt, "multi-pack-index pack names out of order: '%s' before '%s'", names[i - 1], names[i]);
  }
  return {};
}

// The table of chunks: id, offset, and where the next one starts.
Result<std::vector<std::pair<std::uint32_t, std::string_view>>> read_chunks(std::string_view bytes, unsigned count,
                                                                            std::size_t hash_size) {
  std::vector<std::pair<std::uint32_t, std::string_view>> chunks;
  std::size_t table = (std::size_t{count} + 1) * kChunkEntrySize;
  if (bytes.size() < kMidxHeaderSize + table + hash_size)
    return make_error(ErrorKind::corrupt, "multi-pack-index chunk table is too short");
  for (unsigned i = 0; i < count; i++) {
    const char* entry = bytes.data() + kMidxHeaderSize + i * kChunkEntrySize;
    std::uint32_t id = get_be32(entry);
    std::uint64_t start = get_be64(entry + 4), end = get_be64(entry + kChunkEntrySize + 4);
    if (!id) {
      error("terminating chunk id appears earlier than expected");
      return make_error(ErrorKind::corrupt, "multi-pack-index chunk table is corrupt");
    }
    if (start % 4) {
      error("chunk id %x not 4-byte aligned", id);
      return make_error(ErrorKind::corrupt, "multi-pack-index chunk table is corrupt");
    }
    if (end < start || end > bytes.size() - hash_size) {
      error("improper chunk offset(s) %x and %x", start, end);
      return make_error(ErrorKind::corrupt, "multi-pack-index chunk table is corrupt");
    }
    for (const auto& chunk : chunks)
      if (chunk.first == id) {
        error("duplicate chunk ID %x found", id);
        return make_error(ErrorKind::corrupt, "multi-pack-index chunk table is corrupt");
      }
    chunks.emplace_back(id, bytes.substr(start, end - start));
  }
  std::uint32_t last = get_be32(bytes.data() + kMidxHeaderSize + count * kChunkEntrySize);
  if (last) {
    error("final chunk has non-zero id %x", last);
    return make_error(ErrorKind::corrupt, "multi-pack-index chunk table is corrupt");
  }
  return chunks;
}

const unsigned char* start_of(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

}  // namespace

Result<std::unique_ptr<MultiPackIndex::Layer>> MultiPackIndex::Layer::open(const std::string& path, HashAlgo algo) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return file.error();
  auto layer = std::make_unique<Layer>();
  layer->path = path;
  layer->file = std::move(*file);
  layer->algo = algo;
  std::string_view bytes = layer->file.bytes();
  std::size_t hash_size = raw_size(algo);
  // A file that opens but lacks what every one has can't be passed over: objects may be in no other index.
  auto corrupt = [](const char* text) -> Error { die("%s", text); };
  if (bytes.size() < kMidxHeaderSize + hash_size)
    return make_error(ErrorKind::corrupt, "multi-pack-index file %s is too small", path);
  const unsigned char* p = start_of(bytes);
  if (get_be32(p) != kMidxSignature)
    return make_error(ErrorKind::corrupt, "multi-pack-index signature 0x%08x does not match signature 0x%08x", get_be32(p),
                      kMidxSignature);
  layer->version = p[4];
  if (p[4] != 1 && p[4] != 2) return make_error(ErrorKind::corrupt, "multi-pack-index version %d not recognized", int{p[4]});
  unsigned hash_version = algo == HashAlgo::sha256 ? 2 : 1;
  if (p[5] != hash_version) {
    return make_error(ErrorKind::corrupt, "multi-pack-index hash version %u does not match version %u", unsigned{p[5]},
                      hash_version);
  }
  layer->chunk_count = p[6];
  layer->base_files = p[7];
  std::uint32_t pack_count = get_be32(p + 8);
  auto chunks = read_chunks(bytes, p[6], hash_size);
  if (!chunks) return chunks.error();
  auto find_chunk = [&](std::uint32_t id) -> std::optional<std::string_view> {
    for (const auto& chunk : *chunks)
      if (chunk.first == id) return chunk.second;
    return std::nullopt;
  };
  for (const auto& chunk : *chunks) layer->chunk_ids.push_back(chunk.first);

  auto pack_names = find_chunk(kChunkPackNames);
  if (!pack_names) return corrupt("multi-pack-index required pack-name chunk missing or corrupted");
  auto fanout = find_chunk(kChunkOidFanout);
  if (fanout && fanout->size() != 4 * 256) {
    error("multi-pack-index OID fanout is of the wrong size");
    fanout.reset();
  }
  if (fanout)
    for (unsigned i = 0; i < 255; i++) {
      std::uint32_t a = get_be32(fanout->data() + 4 * i), b = get_be32(fanout->data() + 4 * (i + 1));
      if (a <= b) continue;
      error("oid fanout out of order: fanout[%d] = %x > %x = fanout[%d]", i, a, b, i + 1);
      fanout.reset();
      break;
    }
  if (!fanout) return corrupt("multi-pack-index required OID fanout chunk missing or corrupted");
  layer->fanout = start_of(*fanout);
  layer->count = get_be32(layer->fanout + 4 * 255);
  auto names = find_chunk(kChunkOidLookup);
  if (names && names->size() != std::size_t{layer->count} * hash_size) {
    error("multi-pack-index OID lookup chunk is the wrong size");
    names.reset();
  }
  if (!names) return corrupt("multi-pack-index required OID lookup chunk missing or corrupted");
  layer->names = start_of(*names);
  auto offsets = find_chunk(kChunkObjectOffsets);
  if (offsets && offsets->size() != std::size_t{layer->count} * 8) {
    error("multi-pack-index object offset chunk is the wrong size");
    offsets.reset();
  }
  if (!offsets) return corrupt("multi-pack-index required object offsets chunk missing or corrupted");
  layer->offsets = start_of(*offsets);
  layer->large_offsets = find_chunk(kChunkLargeOffsets).value_or(std::string_view());
  layer->reverse_index = find_chunk(kChunkReverseIndex).value_or(std::string_view());
  layer->bitmapped_packs = find_chunk(kChunkBitmappedPacks).value_or(std::string_view());
  if (auto split = split_pack_names(*pack_names, pack_count, layer->pack_names); !split) return split.error();
  return layer;
}

std::uint32_t MultiPackIndex::Layer::lower_bound(const ObjectId& oid) const {
  unsigned first = oid.data()[0];
  std::uint32_t low = first ? get_be32(fanout + 4 * (first - 1)) : 0, high = get_be32(fanout + 4 * first);
  while (low < high) {
    std::uint32_t middle = low + (high - low) / 2;
    if (std::memcmp(raw_at(middle), oid.data(), raw_size(algo)) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

std::optional<std::uint32_t> MultiPackIndex::Layer::find(const ObjectId& oid) const {
  std::uint32_t position = lower_bound(oid);
  if (position < count && !std::memcmp(raw_at(position), oid.data(), raw_size(algo))) return position;
  return std::nullopt;
}

std::uint32_t MultiPackIndex::Layer::pack_at(std::uint32_t position) const {
  std::uint32_t pack = get_be32(offsets + std::size_t{position} * 8);
  if (pack >= pack_names.size()) die("bad pack-int-id: %u (%u total packs)", pack, pack_names.size());
  return pack;
}

std::uint64_t MultiPackIndex::Layer::offset_at(std::uint32_t position) const {
  std::uint32_t offset = get_be32(offsets + std::size_t{position} * 8 + 4);
  if (large_offsets.empty() || !(offset & 0x80000000u)) return offset;
  offset &= 0x7fffffffu;
  if (offset >= large_offsets.size() / 8) die("multi-pack-index large offset out of bounds");
  return get_be64(large_offsets.data() + std::size_t{offset} * 8);
}

MultiPackIndex::MultiPackIndex() = default;
MultiPackIndex::~MultiPackIndex() = default;

Result<std::unique_ptr<MultiPackIndex>> MultiPackIndex::open(const std::string& objects_dir, HashAlgo algo, bool is_local) {
  std::unique_ptr<MultiPackIndex> midx(new MultiPackIndex);
  midx->objects_dir_ = objects_dir;
  midx->is_local_ = is_local;
  std::vector<std::string> files;
  std::string chain_dir = path_join(objects_dir, "pack/multi-pack-index.d");
  std::string single = path_join(objects_dir, "pack/multi-pack-index");
  if (path_exists(single)) {
    files.push_back(single);
  } else if (auto chain = read_file_if_exists(path_join(chain_dir, "multi-pack-index-chain"))) {
    for (std::string_view line : split_lines(*chain)) {
      if (!ObjectId::from_hex(line, algo))
        return make_error(ErrorKind::corrupt, "invalid multi-pack-index chain: line '%s' not a hash", line);
      files.push_back(path_join(chain_dir, "multi-pack-index-" + std::string(line) + ".midx"));
    }
  }
  if (files.empty()) return make_error(ErrorKind::missing, "no multi-pack-index in %s", objects_dir);
  std::uint32_t objects = 0;
  for (const std::string& file : files) {
    auto layer = Layer::open(file, algo);
    if (!layer) return layer.error();
    (*layer)->objects_before = objects;
    (*layer)->packs_before = static_cast<std::uint32_t>(midx->names_.size());
    objects += (*layer)->count;
    midx->names_.insert(midx->names_.end(), (*layer)->pack_names.begin(), (*layer)->pack_names.end());
    midx->layers_.push_back(std::move(*layer));
  }
  return midx;
}

std::uint32_t MultiPackIndex::count() const { return layers_.back()->objects_before + layers_.back()->count; }

const std::vector<std::string>& MultiPackIndex::pack_names() const { return names_; }

std::optional<std::uint32_t> MultiPackIndex::find(const ObjectId& oid) const {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer)
    if (auto position = (*layer)->find(oid)) return (*layer)->objects_before + *position;
  return std::nullopt;
}

namespace {

const MultiPackIndex::Layer& layer_of(const std::vector<std::unique_ptr<MultiPackIndex::Layer>>& layers, std::uint32_t position) {
  std::size_t i = layers.size() - 1;
  while (i && position < layers[i]->objects_before) i--;
  return *layers[i];
}

}  // namespace

ObjectId MultiPackIndex::oid_at(std::uint32_t position) const {
  const Layer& layer = layer_of(layers_, position);
  return ObjectId::from_raw(layer.raw_at(position - layer.objects_before), layer.algo);
}

MultiPackIndex::Place MultiPackIndex::place_at(std::uint32_t position) const {
  const Layer& layer = layer_of(layers_, position);
  std::uint32_t local = position - layer.objects_before;
  return {layer.packs_before + layer.pack_at(local), layer.offset_at(local)};
}

void MultiPackIndex::for_each_prefixed(const ObjectId& prefix, std::size_t digits,
                                       const std::function<bool(std::uint32_t)>& fn) const {
  for (const auto& layer : layers_) {
    std::string low(prefix.raw());
    for (std::size_t i = 0; i < low.size(); i++)
      if (2 * i + 1 >= digits) low[i] = 2 * i + 1 == digits ? static_cast<char>(low[i] & 0xf0) : '\0';
    for (std::uint32_t i = layer->lower_bound(ObjectId::from_raw(low, layer->algo)); i < layer->count; i++) {
      const unsigned char* raw = layer->raw_at(i);
      if (std::memcmp(raw, low.data(), digits / 2)) break;
      if (digits % 2 && (raw[digits / 2] ^ static_cast<unsigned char>(low[digits / 2])) & 0xf0) break;
      if (!fn(layer->objects_before + i)) return;
    }
  }
}

bool MultiPackIndex::contains_pack(std::string_view name) const {
  if (!strip_suffix(name, ".pack")) strip_suffix(name, ".idx");
  for (const std::string& known : names_) {
    std::string_view base = known;
    strip_suffix(base, ".idx");
    if (base == name) return true;
  }
  return false;
}

}  // namespace git
