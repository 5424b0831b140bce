// Finding and reading objects.  The order is git's: what is pretended, packs, loose files, packs again (another
// process may have repacked), and last the promisor remote.  A broken copy is passed over while there is another.
#include "odb.h"

#include <sys/stat.h>

#include "base/display-path.h"
#include "base/error.h"
#include "base/files.h"
#include "hash/hasher.h"
#include "odb/odb-internal.h"

namespace git {

ObjectDatabase::ObjectDatabase(OdbOptions options) : state_(std::make_unique<OdbState>()) {
  state_->options = std::move(options);
}
ObjectDatabase::~ObjectDatabase() { drop_quarantine(); }

HashAlgo ObjectDatabase::algo() const { return state_->options.algo; }
const OdbOptions& ObjectDatabase::options() const { return state_->options; }
const std::string& ObjectDatabase::objects_dir() const { return state_->options.objects_dir; }
std::string ObjectDatabase::loose_path(const ObjectId& oid) const { return path_join(state_->write_dir(), odb::loose_name(oid)); }

const ObjectData* OdbState::find_pretended(const ObjectId& oid) {
  static const ObjectData kEmptyTree{ObjectType::tree, ""};
  if (oid == empty_tree_id(options.algo)) return &kEmptyTree;
  if (!has_pretended.load(std::memory_order_acquire)) return nullptr;
  std::lock_guard lock(mutex);
  auto found = pretended.find(oid);
  return found == pretended.end() ? nullptr : &found->second;
}

std::string OdbState::find_loose(const ObjectId& oid) {
  std::string name = odb::loose_name(oid);
  for (const auto& source : snapshot().sources) {
    std::string path = path_join(source.path, name);
    if (path_exists(path)) return path;
  }
  return {};
}

bool OdbState::has_loose_quickly(const ObjectId& oid) {
  const OdbSnapshot& snap = snapshot();
  std::lock_guard lock(mutex);
  auto& names = loose_names[oid.data()[0]];
  if (!names) {
    names = std::make_unique<std::unordered_set<ObjectId, ObjectIdHash>>();
    std::string hex = oid.hex(2);
    for (const auto& source : snap.sources)
      for (const std::string& name : list_dir(path_join(source.path, hex)))
        if (auto id = ObjectId::from_hex(hex + name, options.algo)) names->insert(*id);
  }
  return names->count(oid) > 0;
}

namespace {

// Where an object is, once all places were tried.
struct Place {
  enum class Kind : std::uint8_t { none, pretended, packed, loose } kind = Kind::none;
  const ObjectData* pretended = nullptr;
  PackedPlace packed;
  std::string path;
};

Place locate_once(OdbState& state, const ObjectId& oid) {
  if (const ObjectData* data = state.find_pretended(oid)) return {Place::Kind::pretended, data, {}, {}};
  if (auto packed = state.find_packed(oid)) return {Place::Kind::packed, nullptr, *packed, {}};
  std::string path = state.find_loose(oid);
  if (!path.empty()) return {Place::Kind::loose, nullptr, {}, std::move(path)};
  return {};
}

Place locate(OdbState& state, const ObjectId& oid, unsigned flags) {
  if (oid.is_null()) return {};
  Place place = locate_once(state, oid);
  if (place.kind != Place::Kind::none || (flags & kLookupQuick)) return place;
  if (auto packed = state.find_packed_in(state.refresh(), oid)) return {Place::Kind::packed, nullptr, *packed, {}};
  return place;
}

Error corrupt_packed(const ObjectId& oid, const Pack& pack) {
  return make_error(ErrorKind::corrupt, "packed object %s (stored in %s) is corrupt", oid, display_path(pack.path()));
}

}  // namespace

ObjectId ObjectDatabase::replaced(const ObjectId& oid) {
  if (!state_->replace_lookup) return oid;
  ObjectId current = oid;
  for (int depth = 0; depth <= 5; depth++) {
    ObjectId next = state_->replace_lookup(current);
    if (next == current) return current;
    current = next;
  }
  die("replace depth too high for object %s", oid);
}

void ObjectDatabase::set_replace_lookup(std::function<ObjectId(const ObjectId&)> fn) { state_->replace_lookup = std::move(fn); }

Result<ObjectData> ObjectDatabase::read(const ObjectId& oid, unsigned flags) {
  ObjectId wanted = flags & kLookupNoReplace ? oid : replaced(oid);
  std::optional<Error> failure;
  auto give_up = [&](Error e) -> Result<ObjectData> {
    if (flags & kLookupDieIfCorrupt) die("%s", e.message);
    return e;
  };
  for (int attempt = 0; attempt < 16; attempt++) {
    Place place = locate(*state_, wanted, flags);
    if (place.kind == Place::Kind::pretended) return *place.pretended;
    if (place.kind == Place::Kind::packed) {
      auto data = place.packed.pack->read(place.packed.offset);
      if (data) return data;
      // Pass over this copy and look for another.
      failure = corrupt_packed(wanted, *place.packed.pack);
      error("failed to read object %s at offset %u from %s", wanted, place.packed.offset,
            display_path(place.packed.pack->path()));
      place.packed.pack->mark_bad(wanted);
      continue;
    }
    if (place.kind == Place::Kind::loose) {
      auto data = odb::read_loose(place.path, wanted);
      if (data) return data;
      if (data.error().kind == ErrorKind::missing) continue;
      return give_up(data.error());
    }
    break;
  }
  if (failure) return give_up(*failure);
  if (!(flags & kLookupNoFetch) && has_promisor() && !wanted.is_null() && fetch_missing({&wanted, 1}))
    return read(wanted, flags | kLookupNoFetch | kLookupNoReplace);
  if (wanted != oid && (flags & kLookupDieIfCorrupt)) die("replacement %s not found for %s", wanted, oid);
  if (wanted != oid) return make_error(ErrorKind::missing, "replacement %s not found for %s", wanted, oid);
  return make_error(ErrorKind::missing, "unable to read %s", oid);
}

Result<ObjectData> ObjectDatabase::read_peeled(const ObjectId& oid, ObjectType wanted, ObjectId* actual) {
  ObjectId current = oid;
  for (;;) {
    auto data = read(current);
    if (!data) return data;
    if (data->type == wanted) {
      if (actual) *actual = current;
      return data;
    }
    if (data->type == ObjectType::tag) {
      auto tag = parse_tag(data->data, algo());
      if (!tag) return make_error(ErrorKind::corrupt, "%s %s", tag.error().message, current);
      current = tag->object;
    } else if (data->type == ObjectType::commit && wanted == ObjectType::tree) {
      auto commit = parse_commit(data->data, algo());
      if (!commit) return make_error(ErrorKind::corrupt, "%s %s", commit.error().message, current);
      current = commit->tree;
    } else {
      return make_error(ErrorKind::invalid, "object %s is a %s, not a %s", current, type_name(data->type), type_name(wanted));
    }
  }
}

std::optional<ObjectInfo> ObjectDatabase::info(const ObjectId& oid, unsigned flags) {
  ObjectId wanted = flags & kLookupNoReplace ? oid : replaced(oid);
  for (int attempt = 0; attempt < 16; attempt++) {
    Place place = locate(*state_, wanted, flags);
    if (place.kind == Place::Kind::none) break;
    ObjectInfo info;
    info.delta_base = ObjectId::null(algo());
    if (place.kind == Place::Kind::pretended) {
      info.type = place.pretended->type;
      info.size = place.pretended->data.size();
      info.where = ObjectInfo::Where::cached;
      return info;
    }
    if (place.kind == Place::Kind::loose) {
      auto loose = odb::loose_info(place.path, wanted);
      if (loose) return *loose;
      if (loose.error().kind == ErrorKind::missing) continue;
      if (flags & kLookupDieIfCorrupt) die("%s", loose.error().message);
      return std::nullopt;
    }
    auto packed = place.packed.pack->info(place.packed.offset, true, !(flags & kLookupBrief));
    if (!packed) {
      place.packed.pack->mark_bad(wanted);
      continue;
    }
    info.type = packed->type;
    info.size = packed->size;
    info.disk_size = packed->disk_size;
    if (!packed->delta_base.is_null()) info.delta_base = packed->delta_base;
    info.where = ObjectInfo::Where::packed;
    info.pack = place.packed.pack;
    info.offset = place.packed.offset;
    return info;
  }
  if (!(flags & kLookupNoFetch) && has_promisor() && !wanted.is_null() && fetch_missing({&wanted, 1}))
    return info(wanted, flags | kLookupNoFetch | kLookupNoReplace);
  return std::nullopt;
}

ObjectType ObjectDatabase::type_of(const ObjectId& oid, unsigned flags) {
  ObjectId wanted = flags & kLookupNoReplace ? oid : replaced(oid);
  if (!state_->find_pretended(wanted)) {
    if (auto place = state_->find_packed(wanted)) {
      ObjectType type = place->pack->type_at(place->offset);
      if (type != ObjectType::bad) return type;
    }
  }
  auto found = info(wanted, flags | kLookupNoReplace);
  return found ? found->type : ObjectType::bad;
}

bool ObjectDatabase::has(const ObjectId& oid, unsigned flags) {
  if (oid.is_null()) return false;
  if (state_->find_pretended(oid) || state_->find_packed(oid)) return true;
  if (flags & kLookupQuick) {
    if (state_->has_loose_quickly(oid)) return true;
  } else {
    if (!state_->find_loose(oid).empty()) return true;
    if (state_->find_packed_in(state_->refresh(), oid)) return true;
  }
  return !(flags & kLookupNoFetch) && has_promisor() && fetch_missing({&oid, 1}) && has(oid, flags | kLookupNoFetch);
}

namespace {

class MemoryStream : public ObjectStream {
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

class PackedStream : public ObjectStream {
 public:
  explicit PackedStream(std::unique_ptr<PackStream> inner) : inner_(std::move(inner)) {}
  ObjectType type() const override { return inner_->type(); }
  std::uint64_t size() const override { return inner_->size(); }
  ssize_t read(void* buffer, std::size_t size) override { return inner_->read(buffer, size); }

 private:
  std::unique_ptr<PackStream> inner_;
};

}  // namespace

Result<std::unique_ptr<ObjectStream>> ObjectDatabase::open_stream(const ObjectId& oid, unsigned flags) {
  ObjectId wanted = flags & kLookupNoReplace ? oid : replaced(oid);
  Place place = locate(*state_, wanted, flags);
  if (place.kind == Place::Kind::loose) {
    auto stream = odb::open_loose_stream(place.path, wanted);
    if (stream || stream.error().kind != ErrorKind::missing) return stream;
  }
  if (place.kind == Place::Kind::packed) {
    auto stream = place.packed.pack->open_stream(place.packed.offset);
    if (stream) return std::unique_ptr<ObjectStream>(std::make_unique<PackedStream>(std::move(*stream)));
  }
  auto whole = read(wanted, flags | kLookupNoReplace);
  if (!whole) return whole.error();
  return std::unique_ptr<ObjectStream>(std::make_unique<MemoryStream>(std::move(*whole)));
}

std::optional<std::int64_t> ObjectDatabase::mtime(const ObjectId& oid) {
  std::optional<std::int64_t> newest;
  auto take = [&](std::int64_t time) {
    if (!newest || time > *newest) newest = time;
  };
  const OdbSnapshot& snapshot = state_->snapshot();
  for (const auto& source : snapshot.sources)
    if (auto st = stat_path(path_join(source.path, odb::loose_name(oid)))) take(st->st_mtime);
  for (const auto& pack : snapshot.packs) {
    auto position = pack->find(oid);
    if (position) take(pack->is_cruft() ? pack->mtime_at(*position) : pack->mtime());
  }
  return newest;
}

}  // namespace git
