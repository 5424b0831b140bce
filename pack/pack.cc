// Reading packs.  An object that is a delta is read without recursion: its chain is followed to the first
// object that is whole (or is in the base cache) with only the entry headers kept, and the deltas are inflated and
// applied on the way back, so that memory holds two versions of the object and one delta, however long the chain.
#include "pack/pack.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <list>

#include "base/display-path.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "hash/hasher.h"
#include "pack/bytes.h"
#include "pack/delta.h"
#include "pack/inflate.h"

namespace git {
namespace {

constexpr std::uint32_t kPackSignature = 0x5041434b;    // "PACK"
constexpr std::uint32_t kRevSignature = 0x52494458;     // "RIDX"
constexpr std::uint32_t kMtimesSignature = 0x4d544d45;  // "MTME"
constexpr std::uint64_t kOwnCacheSize = 16ull << 20;
constexpr std::size_t kPackHeaderSize = 12;

}  // namespace

// ---- the cache of delta bases ----

struct DeltaBaseCache::State {
  struct Key {
    const void* pack;
    std::uint64_t offset;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const {
      return (reinterpret_cast<std::uintptr_t>(k.pack) >> 4) * 31 + static_cast<std::size_t>(k.offset) * 0x9e3779b97f4a7c15ull;
    }
  };
  struct Slot {
    Key key;
    Entry entry;
  };
  std::mutex mutex;
  std::uint64_t limit = 0, used = 0;
  std::list<Slot> order;  // the least recently used first
  std::unordered_map<Key, std::list<Slot>::iterator, KeyHash> slots;
};

DeltaBaseCache::DeltaBaseCache(std::uint64_t limit) : state_(std::make_unique<State>()) { state_->limit = limit; }
DeltaBaseCache::~DeltaBaseCache() = default;

std::optional<DeltaBaseCache::Entry> DeltaBaseCache::find(const void* pack, std::uint64_t offset) {
  std::lock_guard lock(state_->mutex);
  auto found = state_->slots.find({pack, offset});
  if (found == state_->slots.end()) return std::nullopt;
  state_->order.splice(state_->order.end(), state_->order, found->second);
  return found->second->entry;
}

void DeltaBaseCache::add(const void* pack, std::uint64_t offset, Entry entry) {
  std::uint64_t size = entry.data->size();
  std::lock_guard lock(state_->mutex);
  if (size > state_->limit / 2 || state_->slots.count({pack, offset})) return;
  while (state_->used + size > state_->limit && !state_->order.empty()) {
    state_->used -= state_->order.front().entry.data->size();
    state_->slots.erase(state_->order.front().key);
    state_->order.pop_front();
  }
  state_->order.push_back({{pack, offset}, std::move(entry)});
  state_->slots[{pack, offset}] = std::prev(state_->order.end());
  state_->used += size;
}

// ---- opening ----

Result<std::shared_ptr<Pack>> Pack::open(const std::string& idx_path, HashAlgo algo, PackOptions options) {
  std::string_view base = idx_path;
  if (!strip_suffix(base, ".idx")) return make_error(ErrorKind::invalid, "%s is not the name of a pack index", idx_path);
  std::shared_ptr<Pack> pack(new Pack);
  pack->pack_path_ = std::string(base) + ".pack";
  auto st = stat_path(pack->pack_path_);
  if (!st || !S_ISREG(st->st_mode))
    return make_error(ErrorKind::missing, "packfile %s cannot be accessed", display_path(pack->pack_path_));
  pack->algo_ = algo;
  pack->options_ = std::move(options);
  if (!pack->options_.cache) pack->options_.cache = std::make_shared<DeltaBaseCache>(kOwnCacheSize);
  pack->mtime_ = st->st_mtime;
  pack->file_size_ = static_cast<std::uint64_t>(st->st_size);
  pack->has_keep_ = path_exists(pack->path_with("keep"));
  pack->is_promisor_ = path_exists(pack->path_with("promisor"));
  pack->is_cruft_ = path_exists(pack->path_with("mtimes"));
  return pack;
}

Pack::~Pack() = default;

std::string Pack::path_with(std::string_view extension) const {
  return pack_path_.substr(0, pack_path_.size() - 4) + std::string(extension);
}

std::string_view Pack::name() const { return path_basename(pack_path_); }

void Pack::report_error(const std::string& message) const {
  if (!options_.is_quiet) error("%s", message);
}

bool Pack::open_index() const {
  int state = index_state_.load(std::memory_order_acquire);
  if (state) return state == 1;
  std::lock_guard lock(mutex_);
  if (!index_state_.load()) index_state_.store(load_index() ? 1 : 2, std::memory_order_release);
  return index_state_.load() == 1;
}

bool Pack::load_index() const {
  Result<PackIndex> index = PackIndex::open(path_with("idx"), algo_);
  if (!index) {
    if (index.error().kind == ErrorKind::corrupt) report_error(index.error().message);
    return false;
  }
  index_ = std::move(*index);
  return true;
}

const PackIndex& Pack::index() const {
  open_index();
  return index_;
}

std::uint32_t Pack::count() const { return open_index() ? index_.count() : 0; }

bool Pack::open_pack() const {
  int state = pack_state_.load(std::memory_order_acquire);
  if (state) return state == 1;
  if (!open_index()) {
    report_error(strf("packfile %s index unavailable", display_path(pack_path_)));
    return false;
  }
  std::lock_guard lock(mutex_);
  if (!pack_state_.load()) pack_state_.store(load_pack() ? 1 : 2, std::memory_order_release);
  return pack_state_.load() == 1;
}

bool Pack::load_pack() const {
  auto fail = [&](const std::string& message) {
    report_error(message);
    return false;
  };
  Result<MappedFile> file = MappedFile::open(pack_path_);
  if (!file) return fail(strf("packfile %s cannot be accessed", display_path(pack_path_)));
  std::string_view bytes = file->bytes();
  std::size_t hash_size = raw_size(algo_);
  if (bytes.size() < kPackHeaderSize) return fail(strf("file %s is far too short to be a packfile", display_path(pack_path_)));
  if (get_be32(bytes.data()) != kPackSignature) return fail(strf("file %s is not a GIT packfile", display_path(pack_path_)));
  std::uint32_t version = get_be32(bytes.data() + 4), count = get_be32(bytes.data() + 8);
  if (version != 2 && version != 3)
    return fail(strf("packfile %s is version %u and not supported (try upgrading GIT to a more recent version)",
                     display_path(pack_path_), version));
  if (count != index_.count())
    return fail(strf("packfile %s claims to have %u objects while index indicates %u objects", display_path(pack_path_), count,
                     index_.count()));
  if (bytes.size() < kPackHeaderSize + hash_size)
    return fail(strf("packfile %s signature is unavailable", display_path(pack_path_)));
  if (bytes.substr(bytes.size() - hash_size) != index_.pack_checksum())
    return fail(strf("packfile %s does not match index", display_path(pack_path_)));
  file_ = std::move(*file);
  return true;
}

std::string_view Pack::bytes() const { return file_.bytes(); }

std::optional<std::uint32_t> Pack::find(const ObjectId& oid) const {
  if (!open_index()) return std::nullopt;
  auto position = index_.find(oid);
  if (position && has_bad_objects() && is_bad(oid)) return std::nullopt;
  return position;
}

std::optional<std::uint64_t> Pack::find_offset(const ObjectId& oid) const {
  auto position = find(oid);
  if (!position) return std::nullopt;
  return offset_at(*position);
}

std::uint32_t Pack::mtime_at(std::uint32_t position) const {
  std::lock_guard lock(mutex_);
  if (!mtimes_state_) {
    mtimes_state_ = 2;
    std::string path = path_with("mtimes");
    Result<MappedFile> file = MappedFile::open(path);
    std::size_t hash_size = raw_size(algo_);
    if (!file) {
      report_error(file.error().message);
    } else if (file->bytes().size() < 12 + 2 * hash_size) {
      report_error(strf("mtimes file %s is too small", display_path(path)));
    } else if (get_be32(file->bytes().data()) != kMtimesSignature) {
      report_error(strf("mtimes file %s has unknown signature", path));
    } else if (get_be32(file->bytes().data() + 4) != 1) {
      report_error(strf("mtimes file %s has unsupported version %u", path, get_be32(file->bytes().data() + 4)));
    } else if (get_be32(file->bytes().data() + 8) != (algo_ == HashAlgo::sha256 ? 2u : 1u)) {
      report_error(strf("mtimes file %s has unsupported hash id %u", path, get_be32(file->bytes().data() + 8)));
    } else if (file->bytes().size() != 12 + 2 * hash_size + std::size_t{4} * index_.count()) {
      report_error(strf("mtimes file %s is corrupt", display_path(path)));
    } else {
      mtimes_file_ = std::move(*file);
      mtimes_state_ = 1;
    }
  }
  if (mtimes_state_ != 1) die("could not load pack .mtimes");
  return get_be32(mtimes_file_.bytes().data() + 12 + std::size_t{4} * position);
}

// ---- pack order ----

bool Pack::load_rev_file() const {
  std::string path = path_with("rev");
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return false;
  auto fail = [&](const std::string& message) {
    report_error(message);
    return false;
  };
  std::string_view bytes = file->bytes();
  std::size_t hash_size = raw_size(algo_);
  if (bytes.size() < 12 + 2 * hash_size) return fail(strf("reverse-index file %s is too small", display_path(path)));
  if (bytes.size() != 12 + 2 * hash_size + std::size_t{4} * index_.count())
    return fail(strf("reverse-index file %s is corrupt", display_path(path)));
  if (get_be32(bytes.data()) != kRevSignature) return fail(strf("reverse-index file %s has unknown signature", path));
  std::uint32_t version = get_be32(bytes.data() + 4), hash = get_be32(bytes.data() + 8);
  if (version != 1) return fail(strf("reverse-index file %s has unsupported version %u", path, version));
  if (hash != 1 && hash != 2) return fail(strf("reverse-index file %s has unsupported hash id %u", path, hash));
  rev_file_ = std::move(*file);
  rev_table_ = reinterpret_cast<const unsigned char*>(rev_file_.bytes().data()) + 12;
  return true;
}

void Pack::load_reverse() const {
  if (reverse_state_.load(std::memory_order_acquire)) return;
  if (!open_index()) return;
  std::lock_guard lock(mutex_);
  if (reverse_state_.load()) return;
  if (!load_rev_file()) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order(index_.count());
    for (std::uint32_t i = 0; i < order.size(); i++) order[i] = {index_.offset_at(i), i};
    std::sort(order.begin(), order.end());
    reverse_.reserve(order.size());
    for (const auto& [offset, position] : order) reverse_.push_back(position);
  }
  reverse_state_.store(1, std::memory_order_release);
}

std::uint32_t Pack::position_at_rank(std::uint32_t rank) const {
  load_reverse();
  if (!rev_table_) return reverse_[rank];
  std::uint32_t position = get_be32(rev_table_ + std::size_t{4} * rank);
  if (position >= index_.count()) die("invalid rev-index position in %s", path_with("rev"));
  return position;
}

bool Pack::check_reverse_index() const {
  if (!path_exists(path_with("rev"))) return true;
  if (!open_index()) return false;
  load_reverse();
  if (!rev_table_) return false;  // which load_rev_file() reported
  bool ok = true;
  std::string_view all = rev_file_.bytes();
  std::size_t hash_size = raw_size(algo_);
  if (hash_bytes(algo_, all.substr(0, all.size() - hash_size), true).raw() != all.substr(all.size() - hash_size)) {
    report_error("invalid checksum");
    ok = false;
  }
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(index_.count());
  for (std::uint32_t i = 0; i < order.size(); i++) order[i] = {index_.offset_at(i), i};
  std::sort(order.begin(), order.end());
  for (std::uint32_t rank = 0; rank < order.size(); rank++) {
    std::uint32_t there = get_be32(rev_table_ + std::size_t{4} * rank);
    if (there == order[rank].second) continue;
    report_error(strf("invalid rev-index position at %u: %u != %u", rank, there, order[rank].second));
    ok = false;
  }
  return ok;
}

std::uint64_t Pack::offset_at_rank(std::uint32_t rank) const {
  if (rank >= count()) return file_size_ - raw_size(algo_);
  return index_.offset_at(position_at_rank(rank));
}

std::optional<std::uint32_t> Pack::rank_of_offset(std::uint64_t offset) const {
  std::uint32_t low = 0, high = count();
  while (low < high) {
    std::uint32_t middle = low + (high - low) / 2;
    std::uint64_t there = offset_at_rank(middle);
    if (there == offset) return middle;
    if (there < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Pack::position_of_offset(std::uint64_t offset) const {
  auto rank = rank_of_offset(offset);
  if (!rank) return std::nullopt;
  return position_at_rank(*rank);
}

std::optional<ObjectId> Pack::oid_of_offset(std::uint64_t offset) const {
  auto position = position_of_offset(offset);
  if (!position) return std::nullopt;
  return oid_at(*position);
}

// ---- objects ----

Result<PackEntryHeader> Pack::entry_header(std::uint64_t offset) const {
  if (!open_pack()) return make_error(ErrorKind::corrupt, "packfile %s cannot be accessed", display_path(pack_path_));
  std::string_view all = file_.bytes();
  std::size_t hash_size = raw_size(algo_), end = all.size() - hash_size;
  auto bad = [&](const char* format) { return make_error(ErrorKind::corrupt, format, display_path(pack_path_), offset); };
  if (offset < kPackHeaderSize) return make_error(ErrorKind::corrupt, "offset before end of packfile (broken .idx?)");
  if (offset >= end) return make_error(ErrorKind::corrupt, "offset beyond end of packfile (truncated pack?)");
  const auto* p = reinterpret_cast<const unsigned char*>(all.data());
  std::size_t at = offset;
  PackEntryHeader header;
  unsigned char c = p[at++];
  header.type = static_cast<ObjectType>((c >> 4) & 7);
  header.size = c & 15;
  for (unsigned shift = 4; c & 0x80; shift += 7) {
    if (at >= end || shift > 57) return bad("bad object header in %s at offset %u");
    c = p[at++];
    header.size += std::uint64_t{c & 0x7fu} << shift;
  }
  if (header.type == ObjectType::ofs_delta) {
    std::uint64_t back = 0;
    for (bool first = true;; first = false) {
      if (at >= end || back >> 56) return bad("bad offset for delta base in %s at offset %u");
      c = p[at++];
      back = first ? c & 0x7fu : ((back + 1) << 7) + (c & 0x7fu);
      if (!(c & 0x80)) break;
    }
    if (!back || back >= offset) return bad("delta base offset out of bound in %s at offset %u");
    header.base_offset = offset - back;
  } else if (header.type == ObjectType::ref_delta) {
    if (end - at < hash_size) return bad("truncated delta base name in %s at offset %u");
    header.base_oid = ObjectId::from_raw(all.substr(at), algo_);
    at += hash_size;
  } else if (header.type < ObjectType::commit || header.type > ObjectType::tag) {
    return make_error(ErrorKind::corrupt, "unknown object type %i at offset %u in %s", static_cast<int>(header.type), offset,
                      display_path(pack_path_));
  }
  header.data_offset = at;
  return header;
}

Result<std::string> Pack::inflate_entry(const PackEntryHeader& header) const {
  std::string result;
  std::string_view all = file_.bytes();
  if (header.data_offset > all.size() || !inflate_whole(all.substr(header.data_offset), header.size, result))
    return make_error(ErrorKind::corrupt, "failed to unpack compressed object at offset %u from %s", header.data_offset,
                      pack_path_);
  return result;
}

struct Pack::ChainLink {
  std::uint64_t offset = 0;
  PackEntryHeader header;
};

// The base of `delta` can't be had from here: its name leads to another copy, and this one is not asked again.
Result<DeltaBaseCache::Entry> Pack::read_base_elsewhere(const ChainLink& delta, std::uint64_t base_offset) const {
  ObjectId oid = delta.header.base_oid;
  if (delta.header.type == ObjectType::ofs_delta) {
    auto name = oid_of_offset(base_offset);
    if (!name)
      return make_error(ErrorKind::corrupt, "bad offset for delta base in %s at offset %u", display_path(pack_path_),
                        delta.offset);
    oid = *name;
  }
  report_error(strf("failed to read delta base object %s at offset %u from %s", oid, base_offset, display_path(pack_path_)));
  mark_bad(oid);
  Error missing = make_error(ErrorKind::corrupt, "failed to read delta base object %s", oid);
  if (!fallback_) return missing;
  Result<ObjectData> other = fallback_(oid);
  if (!other) return missing;
  return DeltaBaseCache::Entry{other->type, std::make_shared<const std::string>(std::move(other->data))};
}

Result<ObjectData> Pack::read(std::uint64_t offset) const {
  std::vector<ChainLink> chain;
  std::optional<DeltaBaseCache::Entry> base;
  std::uint64_t at = offset;
  std::size_t longest = count();
  // Down to something whole.
  while (!base) {
    base = options_.cache->find(this, at);
    if (base) break;
    Result<PackEntryHeader> header = entry_header(at);
    if (header && header->type != ObjectType::ofs_delta && header->type != ObjectType::ref_delta) {
      Result<std::string> data = inflate_entry(*header);
      if (data) {
        if (chain.empty()) return ObjectData{header->type, std::move(*data)};
        base = DeltaBaseCache::Entry{header->type, std::make_shared<const std::string>(std::move(*data))};
        break;
      }
      report_error(data.error().message);
      header = data.error();
    } else if (!header) {
      report_error(header.error().message);
    }
    if (!header) {
      if (chain.empty()) return header.error();
      Result<DeltaBaseCache::Entry> other = read_base_elsewhere(chain.back(), at);
      if (!other) return other.error();
      base = std::move(*other);
      break;
    }
    if (chain.size() > longest) return make_error(ErrorKind::corrupt, "delta chain is a loop in %s", display_path(pack_path_));
    chain.push_back({at, *header});
    if (header->type == ObjectType::ofs_delta) {
      at = header->base_offset;
    } else if (auto found = find_offset(header->base_oid)) {
      at = *found;
    } else {
      Result<DeltaBaseCache::Entry> other = read_base_elsewhere(chain.back(), 0);
      if (!other) return other.error();
      base = std::move(*other);
    }
  }
  if (chain.empty()) return ObjectData{base->type, *base->data};
  // And back up.
  for (;;) {
    ChainLink link = std::move(chain.back());
    chain.pop_back();
    options_.cache->add(this, at, *base);
    Result<std::string> delta = inflate_entry(link.header);
    std::string result;
    if (!delta || !apply_delta(*base->data, *delta, result)) {
      Error broken = delta ? make_error(ErrorKind::corrupt, "failed to apply delta at offset %u from %s", link.offset,
                                        display_path(pack_path_))
                           : delta.error();
      report_error(broken.message);
      if (chain.empty()) return broken;
      Result<DeltaBaseCache::Entry> other = read_base_elsewhere(chain.back(), link.offset);
      if (!other) return other.error();
      base = std::move(*other);
      at = link.offset;
      continue;
    }
    if (chain.empty()) return ObjectData{base->type, std::move(result)};
    base = DeltaBaseCache::Entry{base->type, std::make_shared<const std::string>(std::move(result))};
    at = link.offset;
  }
}

Result<PackObjectInfo> Pack::info(std::uint64_t offset, bool want_type_and_size, bool want_place) const {
  Result<PackEntryHeader> header = entry_header(offset);
  if (!header) return header.error();
  PackObjectInfo info;
  bool is_delta = header->type == ObjectType::ofs_delta || header->type == ObjectType::ref_delta;
  if (auto rank = want_place ? rank_of_offset(offset) : std::nullopt) info.disk_size = offset_at_rank(*rank + 1) - offset;
  if (is_delta && want_place) {
    info.delta_base = header->base_oid;
    if (header->type == ObjectType::ofs_delta) {
      auto name = oid_of_offset(header->base_offset);
      if (!name)
        return make_error(ErrorKind::corrupt, "bad offset for delta base in %s at offset %u", display_path(pack_path_), offset);
      info.delta_base = *name;
    }
  }
  if (!want_type_and_size) return info;
  info.size = header->size;
  if (is_delta) {
    char start[20];
    ssize_t n = inflate_start(file_.bytes().substr(header->data_offset), start, sizeof start);
    std::string_view delta(start, n < 0 ? 0 : static_cast<std::size_t>(n));
    auto sizes = parse_delta_sizes(delta);
    if (!sizes)
      return make_error(ErrorKind::corrupt, "failed to unpack compressed delta at offset %u from %s", offset,
                        display_path(pack_path_));
    info.size = sizes->result;
  }
  info.type = type_at(offset);
  if (info.type == ObjectType::bad)
    return make_error(ErrorKind::corrupt, "delta chain of object at offset %u is broken in %s", offset, display_path(pack_path_));
  return info;
}

ObjectType Pack::type_at(std::uint64_t offset) const {
  for (std::uint32_t steps = 0; steps <= count(); steps++) {
    Result<PackEntryHeader> header = entry_header(offset);
    if (!header) return ObjectType::bad;
    if (header->type == ObjectType::ofs_delta) {
      offset = header->base_offset;
    } else if (header->type == ObjectType::ref_delta) {
      auto base = find_offset(header->base_oid);
      if (!base) return ObjectType::bad;
      offset = *base;
    } else {
      return header->type;
    }
  }
  return ObjectType::bad;
}

// ---- streams ----

namespace {

class WholeStream : public PackStream {
 public:
  WholeStream(std::string_view bytes, const PackEntryHeader& header)
      : input_(bytes.substr(header.data_offset)), type_(header.type), size_(header.size) {}
  ObjectType type() const override { return type_; }
  std::uint64_t size() const override { return size_; }
  ssize_t read(void* buffer, std::size_t size) override {
    ssize_t n = inflater_.inflate(input_, static_cast<char*>(buffer), size);
    if (n < 0) return n;
    made_ += static_cast<std::uint64_t>(n);
    if (made_ > size_ || (n == 0 && made_ != size_)) return -1;
    return n;
  }

 private:
  Inflater inflater_;
  std::string_view input_;
  ObjectType type_;
  std::uint64_t size_, made_ = 0;
};

class MemoryStream : public PackStream {
 public:
  explicit MemoryStream(ObjectData object) : object_(std::move(object)) {}
  ObjectType type() const override { return object_.type; }
  std::uint64_t size() const override { return object_.data.size(); }
  ssize_t read(void* buffer, std::size_t size) override {
    std::size_t n = std::min(size, object_.data.size() - at_);
    std::memcpy(buffer, object_.data.data() + at_, n);
    at_ += n;
    return static_cast<ssize_t>(n);
  }

 private:
  ObjectData object_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<PackStream>> Pack::open_stream(std::uint64_t offset) const {
  Result<PackEntryHeader> header = entry_header(offset);
  if (!header) return header.error();
  if (header->type != ObjectType::ofs_delta && header->type != ObjectType::ref_delta)
    return std::unique_ptr<PackStream>(std::make_unique<WholeStream>(file_.bytes(), *header));
  Result<ObjectData> object = read(offset);
  if (!object) return object.error();
  return std::unique_ptr<PackStream>(std::make_unique<MemoryStream>(std::move(*object)));
}

void Pack::mark_bad(const ObjectId& oid) const {
  std::lock_guard lock(mutex_);
  bad_.insert(oid);
  has_bad_ = true;
}

bool Pack::is_bad(const ObjectId& oid) const {
  std::lock_guard lock(mutex_);
  return bad_.count(oid) != 0;
}

}  // namespace git
