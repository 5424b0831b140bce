#include "pack/midx-write.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/strings.h"
#include "pack/bytes.h"
#include "pack/midx-format.h"
#include "pack/pack-write.h"

namespace git {

std::vector<std::uint32_t> MidxPlan::pseudo_pack_order() const {
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  auto rank = [this](std::uint32_t pack) { return preferred && pack == *preferred ? 0u : pack + 1; };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    std::uint32_t x = rank(entries[a].pack), y = rank(entries[b].pack);
    return x != y ? x < y : entries[a].offset < entries[b].offset;
  });
  return order;
}

MidxPlan plan_midx(std::vector<std::shared_ptr<Pack>> packs, const Pack* preferred, const MultiPackIndex* base,
                   const MultiPackIndex* old) {
  MidxPlan plan;
  plan.packs = std::move(packs);
  std::sort(plan.packs.begin(), plan.packs.end(), [](const auto& a, const auto& b) {
    return compare_bytes(path_basename(a->path_with("idx")), path_basename(b->path_with("idx"))) < 0;
  });
  std::size_t total = 0;
  for (std::uint32_t i = 0; i < plan.packs.size(); i++) {
    if (plan.packs[i].get() == preferred) plan.preferred = i;
    if (!plan.packs[i]->open_index()) die("failed to open pack-index '%s'", plan.packs[i]->path_with("idx"));
    total += plan.packs[i]->count();
  }
  struct Candidate {
    const unsigned char* raw;
    std::uint32_t pack, position;
  };
  std::vector<Candidate> candidates;
  std::vector<bool> is_old(plan.packs.size());
  candidates.reserve(total);
  HashAlgo algo = HashAlgo::sha1;
  for (std::uint32_t i = 0; i < plan.packs.size(); i++) {
    algo = plan.packs[i]->algo();
    const PackIndex& index = plan.packs[i]->index();
    is_old[i] = old && old->contains_pack(plan.packs[i]->name());
    if (is_old[i] && !(plan.preferred && *plan.preferred == i)) continue;
    for (std::uint32_t p = 0; p < index.count(); p++) candidates.push_back({index.raw_at(p), i, p});
  }
  if (old) {
    std::vector<std::optional<std::uint32_t>> number(old->pack_names().size());
    for (std::uint32_t n = 0; n < number.size(); n++)
      for (std::uint32_t i = 0; i < plan.packs.size(); i++)
        if (path_basename(plan.packs[i]->path_with("idx")) == old->pack_names()[n]) number[n] = i;
    for (std::uint32_t n = 0; n < old->count(); n++) {
      auto pack = number[old->place_at(n).pack];
      if (!pack || (plan.preferred && *plan.preferred == *pack)) continue;
      if (auto position = plan.packs[*pack]->index().find(old->oid_at(n)))
        candidates.push_back({plan.packs[*pack]->index().raw_at(*position), *pack, *position});
    }
  }
  std::size_t size = raw_size(algo);
  std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    if (int c = std::memcmp(a.raw, b.raw, size)) return c < 0;
    if (a.pack == b.pack) return a.position < b.position;
    if (plan.preferred && (a.pack == *plan.preferred || b.pack == *plan.preferred)) return a.pack == *plan.preferred;
    std::int64_t x = is_old[a.pack] ? 0 : plan.packs[a.pack]->mtime(), y = is_old[b.pack] ? 0 : plan.packs[b.pack]->mtime();
    return x != y ? x > y : a.pack < b.pack;
  });
  for (std::size_t i = 0; i < candidates.size(); i++) {
    const Candidate& c = candidates[i];
    if (i && !std::memcmp(c.raw, candidates[i - 1].raw, size)) continue;
    ObjectId oid = ObjectId::from_raw(c.raw, algo);
    if (base && base->find(oid)) continue;
    plan.entries.push_back({oid, c.pack, plan.packs[c.pack]->offset_at(c.position)});
  }
  return plan;
}

namespace {

struct Chunk {
  std::uint32_t id;
  std::string bytes;
};

std::string bitmapped_packs_chunk(const MidxPlan& plan, const std::vector<std::uint32_t>& order) {
  std::vector<std::uint32_t> first(plan.packs.size(), 0), count(plan.packs.size(), 0);
  for (std::uint32_t rank = 0; rank < order.size(); rank++) {
    std::uint32_t pack = plan.entries[order[rank]].pack;
    if (!count[pack]++) first[pack] = rank;
  }
  std::string bytes;
  for (std::size_t i = 0; i < plan.packs.size(); i++) {
    append_be32(bytes, first[i]);
    append_be32(bytes, count[i]);
  }
  return bytes;
}

std::vector<Chunk> make_chunks(const MidxPlan& plan, const MidxWriteOptions& options) {
  std::vector<Chunk> chunks;
  std::string names;
  for (const auto& pack : plan.packs) {
    names += path_basename(pack->path_with("idx"));
    names.push_back('\0');
  }
  while (names.size() % 4) names.push_back('\0');
  chunks.push_back({kChunkPackNames, std::move(names)});
  std::string fanout, oids, offsets, large;
  std::uint32_t n = 0;
  for (unsigned b = 0; b < 256; b++) {
    while (n < plan.entries.size() && plan.entries[n].oid.data()[0] <= b) n++;
    append_be32(fanout, n);
  }
  bool needs_large = std::any_of(plan.entries.begin(), plan.entries.end(), [](const MidxEntry& e) { return e.offset >> 32; });
  for (const MidxEntry& e : plan.entries) {
    oids += e.oid.raw();
    append_be32(offsets, e.pack);
    if (needs_large && e.offset >> 31) {
      append_be32(offsets, 0x80000000u | static_cast<std::uint32_t>(large.size() / 8));
      append_be64(large, e.offset);
    } else {
      append_be32(offsets, static_cast<std::uint32_t>(e.offset));
    }
  }
  chunks.push_back({kChunkOidFanout, std::move(fanout)});
  chunks.push_back({kChunkOidLookup, std::move(oids)});
  chunks.push_back({kChunkObjectOffsets, std::move(offsets)});
  if (needs_large) chunks.push_back({kChunkLargeOffsets, std::move(large)});
  if (options.reverse_index) {
    std::vector<std::uint32_t> order = plan.pseudo_pack_order();
    std::string reverse;
    for (std::uint32_t position : order) append_be32(reverse, position);
    chunks.push_back({kChunkReverseIndex, std::move(reverse)});
    chunks.push_back({kChunkBitmappedPacks, bitmapped_packs_chunk(plan, order)});
  }
  return chunks;
}

void write_chunks(HashFile& out, const MidxPlan& plan, const MidxWriteOptions& options) {
  std::vector<Chunk> chunks = make_chunks(plan, options);
  std::string header("MIDX\1", 5);
  header.push_back(options.algo == HashAlgo::sha256 ? 2 : 1);
  header.push_back(static_cast<char>(chunks.size()));
  header.push_back(static_cast<char>(options.base_layers.size()));
  append_be32(header, static_cast<std::uint32_t>(plan.packs.size()));
  std::uint64_t at = header.size() + (chunks.size() + 1) * 12;
  for (const Chunk& chunk : chunks) {
    append_be32(header, chunk.id);
    append_be64(header, at);
    at += chunk.bytes.size();
  }
  append_be32(header, 0);
  append_be64(header, at);
  out.write(header);
  for (const Chunk& chunk : chunks) out.write(chunk.bytes);
}

}  // namespace

ObjectId write_midx(const std::string& objects_dir, const MidxPlan& plan, const MidxWriteOptions& options) {
  std::string pack_dir = path_join(objects_dir, "pack");
  std::string chain_dir = path_join(pack_dir, "multi-pack-index.d");
  if (options.incremental) {
    std::string chain = path_join(chain_dir, "multi-pack-index-chain");
    make_leading_dirs(chain);
    LockFile lock = LockFile::hold_or_die(chain);
    Tempfile layer = Tempfile::from_pattern(path_join(chain_dir, "tmp_midx_XXXXXX")).take_or_die();
    HashFile out(layer.fd(), options.algo, layer.path());
    write_chunks(out, plan, options);
    ObjectId checksum = out.finish();
    std::string stem = path_join(chain_dir, "multi-pack-index-" + checksum.hex());
    if (options.before_publish) options.before_publish(checksum, stem);
    publish_pack_file(layer, stem + ".midx", false, options.shared_repository);
    std::string text;
    for (const ObjectId& base : options.base_layers) text += base.hex() + "\n";
    lock.write(text + checksum.hex() + "\n");
    lock.commit_or_die();
    remove_file(path_join(pack_dir, "multi-pack-index"));
    return checksum;
  }
  std::string path = path_join(pack_dir, "multi-pack-index");
  make_leading_dirs(path);
  LockFile lock = LockFile::hold_or_die(path);
  HashFile out(lock.fd(), options.algo, lock.lock_path());
  write_chunks(out, plan, options);
  ObjectId checksum = out.finish();
  if (options.before_publish) options.before_publish(checksum, path + "-" + checksum.hex());
  chmod(lock.lock_path().c_str(), 0444);
  if (options.shared_repository) adjust_shared_perm(lock.lock_path(), options.shared_repository);
  lock.commit_or_die();
  clear_stale_midx_files(objects_dir, checksum.hex());
  if (is_directory(chain_dir)) remove_dir_recursively(chain_dir);
  return checksum;
}

void clear_stale_midx_files(const std::string& objects_dir, const std::string& keep_hex) {
  std::string pack_dir = path_join(objects_dir, "pack");
  for (const std::string& name : list_dir(pack_dir)) {
    std::string_view stem = name;
    if (!skip_prefix(stem, "multi-pack-index-")) continue;
    if (!strip_suffix(stem, ".bitmap") && !strip_suffix(stem, ".rev")) continue;
    if (stem != keep_hex) remove_file(path_join(pack_dir, name));
  }
}

void clear_midx(const std::string& objects_dir) {
  std::string path = path_join(objects_dir, "pack/multi-pack-index");
  if (path_exists(path) && !remove_file(path)) die("failed to clear multi-pack-index at %s", path);
  clear_stale_midx_files(objects_dir, "");
  std::string chain_dir = path + ".d";
  if (is_directory(chain_dir)) remove_dir_recursively(chain_dir);
}

}  // namespace git
