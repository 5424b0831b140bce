// Which packs are there.  Looked at once, and again when an object is missing, for another process may have
// packed it meanwhile.
#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "odb/odb-internal.h"

namespace git {
namespace {

void load_midx(OdbState& state, const ObjectDatabase::Source& source, OdbSnapshot& snapshot) {
  auto midx = MultiPackIndex::open(source.path, state.options.algo, source.is_local);
  if (!midx) {
    if (midx.error().kind != ErrorKind::missing) error("%s", midx.error().message);
    return;
  }
  MidxSource loaded;
  loaded.midx = std::move(*midx);
  for (const std::string& name : loaded.midx->pack_names()) {
    auto pack = state.open_pack(path_join(source.path, "pack/" + name), source.is_local);
    if (pack) snapshot.packs.push_back(pack);
    loaded.packs.push_back(std::move(pack));
  }
  snapshot.midxs.push_back(std::move(loaded));
}

void load_packs(OdbState& state, const ObjectDatabase::Source& source, OdbSnapshot& snapshot) {
  const MultiPackIndex* midx = nullptr;
  if (state.options.use_multi_pack_index) {
    std::size_t before = snapshot.midxs.size();
    load_midx(state, source, snapshot);
    if (snapshot.midxs.size() > before) midx = snapshot.midxs.back().midx.get();
  }
  std::string dir = path_join(source.path, "pack");
  for (const std::string& name : list_dir(dir)) {
    if (!ends_with(name, ".idx") || (midx && midx->contains_pack(name))) continue;
    auto pack = state.open_pack(path_join(dir, name), source.is_local);
    if (!pack) continue;
    snapshot.loners.push_back(pack.get());
    snapshot.packs.push_back(std::move(pack));
  }
}

bool comes_before(const Pack* a, const Pack* b) {
  if (a->is_local() != b->is_local()) return a->is_local();
  if (a->mtime() != b->mtime()) return a->mtime() > b->mtime();
  return a->path() < b->path();
}

}  // namespace

std::shared_ptr<Pack> OdbState::open_pack(const std::string& idx_path, bool is_local) {
  auto found = opened.find(idx_path);
  if (found != opened.end() && path_exists(found->second->path())) return found->second;
  if (!delta_cache) delta_cache = std::make_shared<DeltaBaseCache>(options.delta_base_cache_limit);
  auto pack = Pack::open(idx_path, options.algo, PackOptions{is_local, delta_cache, false});
  if (!pack) return nullptr;
  opened[idx_path] = *pack;
  return *pack;
}

const OdbSnapshot& OdbState::refresh() {
  std::lock_guard lock(mutex);
  auto fresh = std::make_unique<OdbSnapshot>();
  if (!quarantine.empty()) fresh->sources.push_back({quarantine, true});
  fresh->sources.push_back({options.objects_dir, true});
  for (const std::string& path : options.alternates) odb::add_source(path, "", fresh->sources, 0);
  odb::collect_alternates(options.objects_dir, fresh->sources);
  for (const std::string& path : added_alternates) odb::add_source(path, "", fresh->sources, 0);
  for (const auto& source : fresh->sources) load_packs(*this, source, *fresh);
  std::sort(fresh->packs.begin(), fresh->packs.end(),
            [](const auto& a, const auto& b) { return comes_before(a.get(), b.get()); });
  std::sort(fresh->loners.begin(), fresh->loners.end(), comes_before);
  for (auto& names : loose_names) names.reset();
  snapshots.push_back(std::move(fresh));
  current.store(snapshots.back().get(), std::memory_order_release);
  return *snapshots.back();
}

const OdbSnapshot& OdbState::snapshot() {
  if (const OdbSnapshot* s = current.load(std::memory_order_acquire)) return *s;
  std::lock_guard lock(mutex);
  if (const OdbSnapshot* s = current.load(std::memory_order_acquire)) return *s;
  return refresh();
}

std::optional<PackedPlace> OdbState::find_packed_in(const OdbSnapshot& snap, const ObjectId& oid) {
  if (Pack* last = last_hit.load(std::memory_order_relaxed))
    if (auto offset = last->find_offset(oid)) return PackedPlace{last, *offset};
  for (const MidxSource& source : snap.midxs) {
    auto position = source.midx->find(oid);
    if (!position) continue;
    MultiPackIndex::Place place = source.midx->place_at(*position);
    Pack* pack = place.pack < source.packs.size() ? source.packs[place.pack].get() : nullptr;
    if (pack && !(pack->has_bad_objects() && pack->is_bad(oid))) return PackedPlace{pack, place.offset};
    // The chosen copy is gone or broken; another pack of the index may have one.
    for (const auto& other : source.packs)
      if (other && other.get() != pack)
        if (auto offset = other->find_offset(oid)) return PackedPlace{other.get(), *offset};
  }
  for (Pack* pack : snap.loners) {
    auto offset = pack->find_offset(oid);
    if (!offset) continue;
    last_hit.store(pack, std::memory_order_relaxed);
    return PackedPlace{pack, *offset};
  }
  return std::nullopt;
}

std::optional<PackedPlace> OdbState::find_packed(const ObjectId& oid) { return find_packed_in(snapshot(), oid); }

const std::vector<std::shared_ptr<Pack>>& ObjectDatabase::packs() { return state_->snapshot().packs; }

std::shared_ptr<Pack> ObjectDatabase::add_pack(const std::string& idx_path) {
  std::lock_guard lock(state_->mutex);
  state_->snapshot();
  std::string dir(path_dirname(idx_path));
  bool is_local = path_dirname(dir) == state_->options.objects_dir || path_dirname(dir) == state_->quarantine;
  auto pack = state_->open_pack(idx_path, is_local);
  if (pack) state_->refresh();
  return pack;
}

void ObjectDatabase::reprepare() {
  std::lock_guard lock(state_->mutex);
  state_->last_hit.store(nullptr);
  state_->refresh();
}

std::size_t ObjectDatabase::approximate_object_count() {
  const OdbSnapshot& snapshot = state_->snapshot();
  std::size_t count = 0;
  for (const MidxSource& source : snapshot.midxs) count += source.midx->count();
  for (const Pack* pack : snapshot.loners) count += pack->count();
  return count;
}

}  // namespace git
