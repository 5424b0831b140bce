#include "pack-bitmap.h"

#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "odb.h"
#include "pack/bytes.h"
#include "pack/midx-format.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr std::uint16_t kFullDag = 1, kHashCache = 4, kLookupTable = 0x10, kPseudoMerges = 0x20;
constexpr std::uint32_t kNoRow = 0xffffffff;

}  // namespace

BitmapIndex::BitmapIndex(Repository& repo) : repo_(repo) {}
BitmapIndex::~BitmapIndex() = default;

std::unique_ptr<BitmapIndex> BitmapIndex::open(Repository& repo) {
  ObjectDatabase& odb = repo.odb();
  std::unique_ptr<BitmapIndex> index(new BitmapIndex(repo));
  trace2::Region region("pack-bitmap", "open");
  if (odb.options().use_multi_pack_index) {
    for (const auto& source : odb.sources()) {
      auto midx = MultiPackIndex::open(source.path, repo.algo(), source.is_local);
      if (!midx || (*midx)->layers().size() != 1) continue;
      const auto& layer = *(*midx)->layers()[0];
      std::string path = layer.path + "-" + to_hex(layer.checksum()) + ".bitmap";
      if (!path_exists(path) || layer.reverse_index.size() != std::size_t{4} * layer.count) continue;
      index->midx_ = std::move(*midx);
      bool complete = true;
      for (const std::string& name : index->midx_->pack_names()) {
        std::shared_ptr<Pack> found;
        std::string wanted = path_join(path_join(source.path, "pack"), name);
        for (const auto& pack : odb.packs())
          if (pack->path_with("idx") == wanted) found = pack;
        if (!found)
          if (auto opened = Pack::open(wanted, repo.algo())) found = *opened;
        if (!found || !found->open_index()) complete = false;
        index->midx_packs_.push_back(found);
      }
      if (!complete) {
        warning("ignoring multi-pack bitmap file %s: a pack is missing", path);
        index = std::unique_ptr<BitmapIndex>(new BitmapIndex(repo));
        continue;
      }
      index->midx_bits_.resize(layer.count);
      for (std::uint32_t bit = 0; bit < layer.count; bit++) {
        std::uint32_t position = get_be32(layer.reverse_index.data() + std::size_t{4} * bit);
        if (position < layer.count) index->midx_bits_[position] = bit;
      }
      if (index->load(path)) {
        trace2::data("load_midx_revindex", "source", "midx");
        trace2::data("bitmap", "opened bitmap file", path);
        return index;
      }
      index = std::unique_ptr<BitmapIndex>(new BitmapIndex(repo));
    }
  }
  bool seen = false;
  for (const auto& pack : odb.packs()) {
    std::string path = pack->path_with("bitmap");
    if (!path_exists(path) || !pack->open_index()) continue;
    if (seen) {
      trace2::data("bitmap", "ignoring extra bitmap file", path);
      continue;
    }
    index->pack_ = pack;
    if (index->load(path)) {
      trace2::data("bitmap", "opened bitmap file", path);
      seen = true;
    } else
      index->pack_.reset();
  }
  if (!seen) return nullptr;
  return index;
}

bool BitmapIndex::load(const std::string& path) {
  auto fail = [&](const std::string& text) {
    error("%s", text);
    return false;
  };
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return false;
  file_ = std::move(*file);
  std::string_view bytes = file_.bytes();
  std::size_t hash_size = raw_size(repo_.algo());
  if (bytes.size() < 12 + hash_size + hash_size) return fail("corrupted bitmap index (too small)");
  if (bytes.substr(0, 4) != "BITM") return fail("corrupted bitmap index file (wrong header)");
  if (get_be16(bytes.data() + 4) != 1)
    return fail(strf("unsupported version '%d' for bitmap index file", get_be16(bytes.data() + 4)));
  std::uint16_t flags = get_be16(bytes.data() + 6);
  if (!(flags & kFullDag)) return fail("unsupported options for bitmap index file (Git requires BITMAP_OPT_FULL_DAG)");
  std::uint32_t entries = get_be32(bytes.data() + 8);
  std::string_view checksum = bytes.substr(12, hash_size);
  std::string_view wanted = pack_ ? pack_->index().pack_checksum() : midx_->layers()[0]->checksum();
  if (checksum != wanted) return fail(pack_ ? "packfile doesn't match bitmap" : "checksum doesn't match in MIDX and bitmap");
  std::string_view rest = bytes.substr(12 + hash_size, bytes.size() - 12 - 2 * hash_size);
  if (flags & kHashCache) {
    std::size_t size = std::size_t{4} * count();
    if (rest.size() < size) return fail("corrupted bitmap index file (too short to fit hash cache)");
    name_hashes_ = rest.substr(rest.size() - size);
    rest.remove_suffix(size);
  }
  if (flags & kLookupTable) {
    std::size_t size = std::size_t{16} * entries;
    if (rest.size() < size) return fail("corrupted bitmap index file (too short to fit lookup table)");
    rest.remove_suffix(size);
  }
  if (flags & kPseudoMerges) {
    // The extension says how long it is in its last eight bytes.
    if (rest.size() < 24) return fail("corrupted bitmap index file (too short to fit pseudo-merge table header)");
    std::uint64_t size = get_be64(rest.data() + rest.size() - 8);
    if (rest.size() < size) return fail("corrupted bitmap index file, pseudo-merge table too short");
    rest.remove_suffix(size);
  }
  for (Bitmap& type : types_) {
    auto bits = ewah_decode(rest, std::size_t{count()} + 64);
    if (!bits) return fail("failed to load bitmap index (corrupted?)");
    type = std::move(*bits);
  }
  return load_entries(rest, entries);
}

bool BitmapIndex::load_entries(std::string_view rest, std::uint32_t entries) {
  auto fail = [](const char* text) {
    error("%s", text);
    return false;
  };
  for (std::uint32_t i = 0; i < entries; i++) {
    if (rest.size() < 6) return fail("corrupt ewah bitmap: truncated header for entry");
    Entry entry;
    entry.position = get_be32(rest.data());
    entry.xor_offset = static_cast<unsigned char>(rest[4]);
    entry.flags = static_cast<unsigned char>(rest[5]);
    if (entry.xor_offset > 160 || entry.xor_offset > i) return fail("corrupted bitmap pack index");
    if (entry.position >= count()) return fail("corrupt ewah bitmap: commit index out of range");
    if (entry.xor_offset) entry.xor_with = i - entry.xor_offset;
    rest.remove_prefix(6);
    entry.offset = static_cast<std::uint64_t>(rest.data() - file_.bytes().data());
    if (!ewah_skip(rest)) return fail("failed to load bitmap index (corrupted?)");
    by_commit_[oid_at_position(entry.position)] = i;
    entries_.push_back(entry);
  }
  return true;
}

// ---- bits ----

std::uint32_t BitmapIndex::count() const { return pack_ ? pack_->count() : midx_->count(); }

ObjectId BitmapIndex::oid_at_position(std::uint32_t position) const {
  return pack_ ? pack_->oid_at(position) : midx_->oid_at(position);
}

std::uint32_t BitmapIndex::position_to_bit(std::uint32_t position) const {
  return pack_ ? pack_->rank_of_offset(pack_->offset_at(position)).value_or(0) : midx_bits_[position];
}

std::optional<std::uint32_t> BitmapIndex::bit_of(const ObjectId& oid) const {
  auto position = pack_ ? pack_->find(oid) : midx_->find(oid);
  if (position) return position_to_bit(*position);
  auto extra = extra_bits_.find(oid);
  if (extra != extra_bits_.end()) return extra->second;
  return std::nullopt;
}

namespace {
std::uint32_t midx_position(const MultiPackIndex& midx, std::uint32_t bit) {
  return get_be32(midx.layers()[0]->reverse_index.data() + std::size_t{4} * bit);
}
}  // namespace

ObjectId BitmapIndex::oid_of(std::uint32_t bit) const {
  if (bit >= count()) return extra_[bit - count()].first;
  return oid_at_position(pack_ ? pack_->position_at_rank(bit) : midx_position(*midx_, bit));
}

ObjectType BitmapIndex::type_of(std::uint32_t bit) const {
  if (bit >= count()) return extra_[bit - count()].second;
  static constexpr ObjectType kOrder[] = {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag};
  for (std::size_t i = 0; i < 4; i++)
    if (types_[i].get(bit)) return kOrder[i];
  return ObjectType::bad;
}

std::uint32_t BitmapIndex::name_hash_of(std::uint32_t bit) const {
  if (bit >= count() || name_hashes_.empty()) return 0;
  std::uint32_t position = pack_ ? pack_->position_at_rank(bit) : midx_position(*midx_, bit);
  return get_be32(name_hashes_.data() + std::size_t{4} * position);
}

std::pair<const Pack*, std::uint64_t> BitmapIndex::place_of(std::uint32_t bit) const {
  if (pack_) return {pack_.get(), pack_->offset_at_rank(bit)};
  auto place = midx_->place_at(midx_position(*midx_, bit));
  return {midx_packs_[place.pack].get(), place.offset};
}

std::uint32_t BitmapIndex::bit_or_new(const ObjectId& oid, ObjectType type) {
  if (auto bit = bit_of(oid)) return *bit;
  std::uint32_t bit = count() + static_cast<std::uint32_t>(extra_.size());
  extra_.emplace_back(oid, type);
  extra_bits_[oid] = bit;
  return bit;
}

// ---- bitmaps of commits ----

std::vector<ObjectId> BitmapIndex::commits() const {
  std::vector<ObjectId> list;
  for (const Entry& entry : entries_) list.push_back(oid_at_position(entry.position));
  return list;
}

std::vector<BitmapIndex::EntryPlace> BitmapIndex::entry_places() const {
  std::vector<EntryPlace> list;
  for (const Entry& entry : entries_)
    list.push_back({oid_at_position(entry.position), entry.offset - 6, entry.flags, entry.xor_offset});
  return list;
}

const Bitmap* BitmapIndex::bitmap_of(const ObjectId& commit) {
  auto found = by_commit_.find(commit);
  if (found == by_commit_.end()) return nullptr;
  // Entries are stored as differences to earlier ones: down to the first that is known, then up again.
  std::vector<std::uint32_t> chain;
  std::uint32_t at = found->second;
  while (at != kNoRow && !decoded_.count(at)) {
    chain.push_back(at);
    at = entries_[at].xor_with;
  }
  const Bitmap* base = at == kNoRow ? nullptr : decoded_[at].get();
  while (!chain.empty()) {
    const Entry& entry = entries_[chain.back()];
    std::string_view bytes = file_.bytes().substr(entry.offset);
    auto bits = ewah_decode(bytes, std::size_t{count()} + 64);
    if (!bits) {
      error("could not parse bitmap of commit %s", oid_at_position(entry.position));
      return nullptr;
    }
    if (base) bits->xor_with(*base);
    auto& slot = decoded_[chain.back()];
    slot = std::make_unique<Bitmap>(std::move(*bits));
    base = slot.get();
    chain.pop_back();
  }
  return decoded_[found->second].get();
}

// ---- asking ----

bool BitmapIndex::fill_tree(const ObjectId& root, Bitmap& seen, const Bitmap* stop, bool ignore_missing) {
  std::vector<ObjectId> stack{root};
  while (!stack.empty()) {
    ObjectId oid = stack.back();
    stack.pop_back();
    std::uint32_t bit = bit_or_new(oid, ObjectType::tree);
    if (seen.get(bit) || (stop && stop->get(bit))) continue;
    Result<ObjectData> tree = repo_.odb().read(oid, ignore_missing ? kLookupNoFetch : 0u);
    if (!tree) {
      if (ignore_missing) continue;
      return false;
    }
    seen.set(bit);
    TreeReader reader(tree->data, repo_.algo());
    TreeEntry entry;
    while (reader.next(entry)) {
      if (is_gitlink_mode(entry.mode)) continue;
      if (is_tree_mode(entry.mode)) {
        stack.push_back(entry.oid);
        continue;
      }
      std::uint32_t blob = bit_or_new(entry.oid, ObjectType::blob);
      if (!stop || !stop->get(blob)) seen.set(blob);
    }
  }
  return true;
}

bool BitmapIndex::fill(const std::vector<ObjectId>& tips, Bitmap& seen, const Bitmap* stop, bool ignore_missing) {
  CommitPool& pool = repo_.commits();
  std::vector<ObjectId> commits, walked;
  for (ObjectId oid : tips) {
    for (;;) {
      ObjectType type = repo_.odb().type_of(oid, kLookupNoReplace);
      if (type < ObjectType::commit) {
        if (ignore_missing) break;
        return false;
      }
      if (type == ObjectType::commit) {
        commits.push_back(oid);
      } else if (type == ObjectType::tree) {
        if (!fill_tree(oid, seen, stop, ignore_missing)) return false;
      } else {
        seen.set(bit_or_new(oid, type));
        if (type == ObjectType::tag) {
          Result<ObjectData> data = repo_.odb().read(oid);
          auto tag = data ? parse_tag(data->data, repo_.algo()) : Result<TagHeader>(data.error());
          if (!tag) return ignore_missing;
          oid = tag->object;
          continue;
        }
      }
      break;
    }
  }
  // First all that bitmaps know, then the rest one by one.
  std::vector<ObjectId> stack;
  for (const ObjectId& oid : commits) {
    if (const Bitmap* known = bitmap_of(oid))
      seen.or_with(*known);
    else
      stack.push_back(oid);
  }
  while (!stack.empty()) {
    ObjectId oid = stack.back();
    stack.pop_back();
    std::uint32_t bit = bit_or_new(oid, ObjectType::commit);
    if (seen.get(bit) || (stop && stop->get(bit))) continue;
    if (const Bitmap* known = bitmap_of(oid)) {
      seen.or_with(*known);
      continue;
    }
    Commit* commit = pool.get(oid);
    if (!pool.parse_quietly(commit)) {
      if (ignore_missing) continue;
      return false;
    }
    seen.set(bit);
    walked.push_back(oid);
    for (Commit* parent : commit->parents) stack.push_back(parent->oid);
  }
  for (auto oid = walked.rbegin(); oid != walked.rend(); ++oid)
    if (!fill_tree(pool.tree(pool.get(*oid)), seen, stop, ignore_missing)) return false;
  return true;
}

bool BitmapIndex::can_filter(const ObjectFilter& filter) {
  switch (filter.kind) {
    case ObjectFilter::Kind::none:
    case ObjectFilter::Kind::blob_none:
    case ObjectFilter::Kind::blob_limit:
    case ObjectFilter::Kind::object_type:
      return true;
    case ObjectFilter::Kind::tree_depth:
      return filter.tree_depth == 0;
    case ObjectFilter::Kind::combine:
      return std::all_of(filter.parts.begin(), filter.parts.end(), can_filter);
    default:
      return false;
  }
}

void BitmapIndex::drop_type(Bitmap& bits, const Bitmap& tips, ObjectType type) {
  static constexpr ObjectType kOrder[] = {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag};
  for (std::size_t i = 0; i < 4; i++) {
    if (kOrder[i] != type) continue;
    Bitmap mask = types_[i];
    mask.and_not(tips);
    bits.and_not(mask);
  }
  for (std::uint32_t i = 0; i < extra_.size(); i++)
    if (extra_[i].second == type && !tips.get(count() + i)) bits.clear(count() + i);
}

void BitmapIndex::apply_filter(Bitmap& bits, const std::vector<ObjectId>& tips, const ObjectFilter& filter) {
  Bitmap named;  // what was asked for by name is never left out
  for (const ObjectId& oid : tips)
    if (auto bit = bit_of(oid)) named.set(*bit);
  switch (filter.kind) {
    case ObjectFilter::Kind::blob_none:
      drop_type(bits, named, ObjectType::blob);
      break;
    case ObjectFilter::Kind::tree_depth:
      drop_type(bits, named, ObjectType::tree);
      drop_type(bits, named, ObjectType::blob);
      break;
    case ObjectFilter::Kind::object_type:
      for (ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag})
        if (type != filter.type) drop_type(bits, named, type);
      break;
    case ObjectFilter::Kind::blob_limit: {
      std::vector<std::size_t> large;
      bits.for_each([&](std::size_t bit) {
        auto b = static_cast<std::uint32_t>(bit);
        if (type_of(b) != ObjectType::blob || named.get(bit)) return;
        auto info = repo_.odb().info(oid_of(b));
        if (info && info->size >= filter.blob_limit) large.push_back(bit);
      });
      for (std::size_t bit : large) bits.clear(bit);
      break;
    }
    case ObjectFilter::Kind::combine:
      for (const ObjectFilter& part : filter.parts) apply_filter(bits, tips, part);
      break;
    default:
      break;
  }
}

std::optional<BitmapIndex::Answer> BitmapIndex::ask(const std::vector<ObjectId>& wants, const std::vector<ObjectId>& haves,
                                                    const ObjectFilter& filter) {
  Bitmap have_bits, want_bits;
  if (!haves.empty() && !fill(haves, have_bits, nullptr, true)) return std::nullopt;
  if (!fill(wants, want_bits, haves.empty() ? nullptr : &have_bits, false)) return std::nullopt;
  want_bits.and_not(have_bits);
  apply_filter(want_bits, wants, filter);
  Answer answer;
  for (std::uint32_t i = 0; i < extra_.size(); i++)
    if (want_bits.get(count() + i)) {
      answer.extra.push_back(extra_[i]);
      want_bits.clear(count() + i);
    }
  answer.bits = std::move(want_bits);
  return answer;
}

}  // namespace git
