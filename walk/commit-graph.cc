// Everything is looked up in place: fanout, then a binary search of the names, then fixed-size records.
// A layer that does not fit its own table of chunks is refused as a whole, so that the readers below may
// trust sizes; positions that come out of the data are still checked, because they point into other layers.
#include "walk/commit-graph.h"

#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace git {
namespace {

std::uint32_t be32(const char* p) {
  auto u = reinterpret_cast<const unsigned char*>(p);
  return static_cast<std::uint32_t>(u[0]) << 24 | static_cast<std::uint32_t>(u[1]) << 16 | static_cast<std::uint32_t>(u[2]) << 8 |
         u[3];
}
std::uint64_t be64(const char* p) { return static_cast<std::uint64_t>(be32(p)) << 32 | be32(p + 4); }
const char* chars(const unsigned char* p) { return reinterpret_cast<const char*>(p); }

}  // namespace

std::string commit_graph_path(const std::string& objects_dir) { return objects_dir + "/info/commit-graph"; }
std::string commit_graph_chain_path(const std::string& objects_dir) {
  return objects_dir + "/info/commit-graphs/commit-graph-chain";
}
std::string commit_graph_layer_path(const std::string& objects_dir, std::string_view hash) {
  return strf("%s/info/commit-graphs/graph-%s.graph", objects_dir, hash);
}

Result<std::unique_ptr<GraphLayer>> GraphLayer::parse(std::string_view bytes, HashAlgo algo) {
  auto bad = [](std::string message) { return Error{ErrorKind::corrupt, std::move(message)}; };
  const std::size_t hash_size = raw_size(algo);
  if (bytes.size() < 8 + 4 * 12 + 256 * 4 + hash_size) return bad("commit-graph file is too small");
  if (bytes.substr(0, 4) != "CGPH")
    return bad(strf("commit-graph signature %X does not match signature %X", be32(bytes.data()), 0x43475048));
  if (bytes[4] != 1)
    return bad(strf("commit-graph version %X does not match version %X", static_cast<unsigned char>(bytes[4]), 1));
  int want_hash = algo == HashAlgo::sha256 ? 2 : 1;
  if (bytes[5] != want_hash)
    return bad(strf("commit-graph hash version %X does not match version %X", static_cast<unsigned char>(bytes[5]), want_hash));
  auto layer = std::make_unique<GraphLayer>();
  layer->bytes_ = bytes;
  layer->algo_ = algo;
  std::size_t chunks = static_cast<unsigned char>(bytes[6]);
  layer->base_count_ = static_cast<std::uint8_t>(bytes[7]);
  if (bytes.size() < 8 + (chunks + 1) * 12 + 256 * 4 + hash_size)
    return bad(strf("commit-graph file is too small to hold %u chunks", chunks));
  std::size_t end = bytes.size() - hash_size;
  for (std::size_t i = 0; i < chunks; i++) {
    const char* row = bytes.data() + 8 + i * 12;
    std::uint32_t id = be32(row);
    std::uint64_t from = be64(row + 4), to = be64(row + 16);
    if (!id) return bad("terminating chunk id appears earlier than expected");
    if (from % 4) return bad(strf("chunk id %x not %u-byte aligned", id, 4));
    if (to < from || to > end) return bad(strf("improper chunk offset(s) %x and %x", from, to));
    for (const Chunk& c : layer->chunks_)
      if (be32(c.id.data()) == id) return bad(strf("duplicate chunk ID %x found", id));
    layer->chunks_.push_back({std::string(row, 4), bytes.substr(from, to - from)});
  }
  if (be32(bytes.data() + 8 + chunks * 12))
    return bad(strf("final chunk has non-zero id %x", be32(bytes.data() + 8 + chunks * 12)));
  layer->oidf_ = layer->chunk("OIDF");
  layer->oidl_ = layer->chunk("OIDL");
  layer->cdat_ = layer->chunk("CDAT");
  layer->gda2_ = layer->chunk("GDA2");
  layer->gdo2_ = layer->chunk("GDO2");
  layer->edge_ = layer->chunk("EDGE");
  layer->bidx_ = layer->chunk("BIDX");
  layer->bdat_ = layer->chunk("BDAT");
  layer->base_chunk_ = layer->chunk("BASE");
  if (layer->oidf_.size() != 1024) {
    error("commit-graph oid fanout chunk is wrong size");
    return bad("commit-graph required OID fanout chunk missing or corrupted");
  }
  for (int i = 0; i < 255; i++)
    if (be32(layer->oidf_.data() + 4 * i) > be32(layer->oidf_.data() + 4 * i + 4)) {
      error("commit-graph fanout values out of order");
      return bad("commit-graph required OID fanout chunk missing or corrupted");
    }
  layer->count_ = be32(layer->oidf_.data() + 1020);
  if (layer->oidl_.size() / hash_size != layer->count_ || layer->oidl_.size() % hash_size) {
    error("commit-graph OID lookup chunk is the wrong size");
    return bad("commit-graph required OID lookup chunk missing or corrupted");
  }
  if (layer->cdat_.size() / (hash_size + 16) != layer->count_ || layer->cdat_.size() % (hash_size + 16)) {
    error("commit-graph commit data chunk is wrong size");
    return bad("commit-graph required commit data chunk missing or corrupted");
  }
  if (!layer->gda2_.empty() && layer->gda2_.size() / 4 != layer->count_) {
    error("commit-graph generations chunk is wrong size");
    layer->gda2_ = {};
  }
  if (!layer->bidx_.empty() && layer->bidx_.size() / 4 != layer->count_) {
    warning("commit-graph changed-path index chunk is too small");
    layer->bidx_ = {};
  }
  if (!layer->bdat_.empty() && layer->bdat_.size() < 12) {
    warning("ignoring too-small changed-path chunk (%u < %u) in commit-graph file", layer->bdat_.size(), 12);
    layer->bdat_ = {};
  }
  if (layer->base_chunk_.size() / hash_size < layer->base_count_ && layer->base_count_) layer->base_chunk_ = {};
  return layer;
}

Result<std::unique_ptr<GraphLayer>> GraphLayer::open(const std::string& path, HashAlgo algo) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return file.error();
  Result<std::unique_ptr<GraphLayer>> layer = parse(file->bytes(), algo);
  if (!layer) return layer;
  (*layer)->file_ = std::move(*file);
  (*layer)->bytes_ = (*layer)->file_.bytes();
  (*layer)->path = path;
  return layer;
}

std::string_view GraphLayer::chunk(const char* id) const {
  for (const Chunk& c : chunks_)
    if (c.id == id) return c.data;
  return {};
}
std::vector<std::string> GraphLayer::chunk_names() const {
  std::vector<std::string> names;
  for (const Chunk& c : chunks_) names.push_back(c.id);
  return names;
}
ObjectId GraphLayer::oid_at(std::uint32_t local) const {
  return ObjectId::from_raw(oidl_.substr(local * raw_size(algo_), raw_size(algo_)), algo_);
}
ObjectId GraphLayer::trailer() const { return ObjectId::from_raw(bytes_.substr(bytes_.size() - raw_size(algo_)), algo_); }
ObjectId GraphLayer::base_hash(std::uint32_t i) const {
  std::size_t size = raw_size(algo_);
  if ((i + 1) * size > base_chunk_.size()) return ObjectId::null(algo_);
  return ObjectId::from_raw(base_chunk_.substr(i * size, size), algo_);
}
const unsigned char* GraphLayer::commit_data(std::uint32_t local) const {
  return reinterpret_cast<const unsigned char*>(cdat_.data()) + local * (raw_size(algo_) + 16);
}
std::optional<std::uint32_t> GraphLayer::find(const ObjectId& oid) const {
  const std::size_t size = raw_size(algo_);
  unsigned first = oid.data()[0];
  std::uint32_t low = first ? be32(oidf_.data() + 4 * (first - 1)) : 0, high = be32(oidf_.data() + 4 * first);
  while (low < high) {
    std::uint32_t middle = low + (high - low) / 2;
    int c = std::memcmp(oidl_.data() + middle * size, oid.data(), size);
    if (!c) return middle;
    if (c < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return std::nullopt;
}
std::optional<BloomSettings> GraphLayer::bloom_settings() const {
  if (bdat_.size() < 12) return std::nullopt;
  BloomSettings s;
  s.hash_version = be32(bdat_.data());
  s.hashes = be32(bdat_.data() + 4);
  s.bits_per_entry = be32(bdat_.data() + 8);
  return s;
}
std::optional<std::string_view> GraphLayer::bloom_filter(std::uint32_t local) const {
  if (!has_bloom() || local >= count_) return std::nullopt;
  std::uint64_t from = local ? be32(bidx_.data() + 4 * (local - 1)) : 0, to = be32(bidx_.data() + 4 * local);
  std::uint64_t size = bdat_.size() - 12;
  for (std::uint64_t offset : {to, from})
    if (offset > size) {
      warning("ignoring out-of-range offset (%u) for changed-path filter at pos %u of %s (chunk size: %u)", offset,
              offset == to ? local : local - 1, path, bdat_.size());
      return std::nullopt;
    }
  if (from > to) {
    warning("ignoring decreasing changed-path index offsets (%u > %u) for positions %u and %u of %s", from, to, local - 1, local,
            path);
    return std::nullopt;
  }
  return bdat_.substr(12 + from, to - from);
}

// ---- the chain ----
std::unique_ptr<CommitGraph> CommitGraph::from_layers(std::vector<std::unique_ptr<GraphLayer>> layers, HashAlgo algo,
                                                      const Options& options) {
  if (layers.empty()) return nullptr;
  auto graph = std::make_unique<CommitGraph>();
  graph->algo_ = algo;
  graph->corrected_dates_ = options.use_generation_data;
  for (auto& layer : layers) {
    layer->base = graph->count_;
    graph->count_ += layer->count();
    if (!layer->has_generation_data() && layer->count()) graph->corrected_dates_ = false;
  }
  graph->layers_ = std::move(layers);
  return graph;
}

namespace {

// The layers a chain file names, as far as they are there and fit together.
std::vector<std::unique_ptr<GraphLayer>> open_chain(const std::string& chain, const std::vector<std::string>& objects_dirs,
                                                    HashAlgo algo) {
  std::vector<std::unique_ptr<GraphLayer>> layers;
  if (chain.size() < hex_size(algo)) {
    warning("commit-graph chain file too small");
    return layers;
  }
  std::vector<ObjectId> seen;
  std::size_t total = 0;
  for (std::string_view line : split_lines(chain)) {
    std::optional<ObjectId> hash = ObjectId::from_hex(line, algo);
    if (!hash) {
      warning("invalid commit-graph chain: line '%s' not a hash", line);
      break;
    }
    std::unique_ptr<GraphLayer> layer;
    for (const std::string& dir : objects_dirs) {
      std::string path = commit_graph_layer_path(dir, line);
      if (!path_exists(path)) continue;
      Result<std::unique_ptr<GraphLayer>> opened = GraphLayer::open(path, algo);
      if (!opened) {
        error("%s", opened.error().message);
        continue;
      }
      layer = std::move(*opened);
      break;
    }
    if (!layer) {
      warning("unable to find all commit-graph files");
      break;
    }
    bool fits = true;
    if (layer->base_count() != seen.size() && !seen.empty()) fits = false;
    if (!seen.empty() && layer->chunk("BASE").empty()) {
      warning("commit-graph has no base graphs chunk");
      break;
    }
    if (!seen.empty() && layer->chunk("BASE").size() / raw_size(algo) < seen.size()) {
      warning("commit-graph base graphs chunk is too small");
      break;
    }
    for (std::size_t i = 0; fits && i < seen.size(); i++)
      if (layer->base_hash(static_cast<std::uint32_t>(i)) != seen[i]) fits = false;
    if (!fits) {
      warning("commit-graph chain does not match");
      break;
    }
    total += layer->count();
    if (total > 0xFFFFFFFFull) {
      warning("commit count in base graph too high: %u", total);
      break;
    }
    seen.push_back(*hash);
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

std::unique_ptr<CommitGraph> CommitGraph::open(const std::vector<std::string>& objects_dirs, HashAlgo algo,
                                               const Options& options) {
  for (const std::string& dir : objects_dirs) {
    std::string single = commit_graph_path(dir);
    if (path_exists(single)) {
      Result<std::unique_ptr<GraphLayer>> layer = GraphLayer::open(single, algo);
      if (layer) {
        std::vector<std::unique_ptr<GraphLayer>> layers;
        layers.push_back(std::move(*layer));
        return from_layers(std::move(layers), algo, options);
      }
      if (layer.error().kind != ErrorKind::missing) error("%s", layer.error().message);
    }
    std::optional<std::string> chain = read_file_if_exists(commit_graph_chain_path(dir));
    if (!chain) continue;
    if (auto graph = from_layers(open_chain(*chain, objects_dirs, algo), algo, options)) return graph;
  }
  return nullptr;
}

const GraphLayer& CommitGraph::layer_of(std::uint32_t position) const {
  std::size_t i = layers_.size() - 1;
  while (i && layers_[i]->base > position) i--;
  return *layers_[i];
}
std::optional<std::uint32_t> CommitGraph::find(const ObjectId& oid) const {
  for (std::size_t i = layers_.size(); i-- > 0;)
    if (auto local = layers_[i]->find(oid)) return layers_[i]->base + *local;
  return std::nullopt;
}
ObjectId CommitGraph::oid_at(std::uint32_t position) const {
  const GraphLayer& layer = layer_of(position);
  return layer.oid_at(position - layer.base);
}
ObjectId CommitGraph::tree_at(std::uint32_t position) const {
  const GraphLayer& layer = layer_of(position);
  return ObjectId::from_raw(layer.commit_data(position - layer.base), algo_);
}
std::uint64_t CommitGraph::topological_level(std::uint32_t position) const {
  const GraphLayer& layer = layer_of(position);
  return be32(chars(layer.commit_data(position - layer.base)) + raw_size(algo_) + 8) >> 2;
}

bool CommitGraph::read(std::uint32_t position, GraphCommit& out) const {
  const GraphLayer& layer = layer_of(position);
  std::uint32_t local = position - layer.base;
  const char* row = chars(layer.commit_data(local));
  std::size_t size = raw_size(algo_);
  out.tree = ObjectId::from_raw(std::string_view(row, size), algo_);
  row += size;
  out.date = static_cast<std::uint64_t>(be32(row + 8) & 3) << 32 | be32(row + 12);
  out.generation = be32(row + 8) >> 2;
  if (corrected_dates_) {
    std::uint32_t offset = be32(layer.gda2_.data() + 4 * local);
    if (offset & 0x80000000u) {
      std::size_t at = (offset & 0x7fffffffu);
      if (layer.gdo2_.size() / 8 <= at) die("commit-graph overflow generation data is too small");
      out.generation = out.date + be64(layer.gdo2_.data() + 8 * at);
    } else {
      out.generation = out.date + offset;
    }
  }
  out.parents.clear();
  auto add = [&](std::uint32_t parent) {
    if (parent >= count_) die("invalid commit position. commit-graph is likely corrupt");
    out.parents.push_back(parent);
  };
  std::uint32_t first = be32(row), second = be32(row + 4);
  if (first == kGraphNoParent) return true;
  add(first);
  if (second == kGraphNoParent) return true;
  if (!(second & kGraphExtraEdges)) {
    add(second);
    return true;
  }
  std::size_t at = second & 0x7fffffffu;
  for (;; at++) {
    if (layer.edge_.size() / 4 <= at) {
      error("commit-graph extra-edges pointer out of bounds");
      return false;
    }
    std::uint32_t edge = be32(layer.edge_.data() + 4 * at);
    add(edge & 0x7fffffffu);
    if (edge & 0x80000000u) return true;
  }
}

}  // namespace git
