// Walking over the names that are there.
#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "odb/odb-internal.h"

namespace git {
namespace {

// Loose objects below `dir`/`hex` (two digits). False where `fn` stopped.
bool each_loose_in(const std::string& dir, const std::string& hex, HashAlgo algo,
                   const std::function<bool(const ObjectId&, const std::string&)>& fn) {
  std::string sub = path_join(dir, hex);
  std::vector<std::string> names = list_dir(sub);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    auto oid = ObjectId::from_hex(hex + name, algo);
    if (oid && !fn(*oid, path_join(sub, name))) return false;
  }
  return true;
}

bool matches(const ObjectId& oid, const std::string& hex, std::size_t digits) {
  return std::string_view(oid.hex()).substr(0, digits) == std::string_view(hex).substr(0, digits);
}

}  // namespace

void ObjectDatabase::for_each_prefixed(const ObjectId& prefix, std::size_t digits,
                                       const std::function<bool(const ObjectId&)>& fn) {
  const OdbSnapshot& snapshot = state_->snapshot();
  std::set<ObjectId> seen;
  bool go_on = true;
  auto give = [&](const ObjectId& oid) {
    if (go_on && seen.insert(oid).second) go_on = fn(oid);
    return go_on;
  };
  std::string hex = prefix.hex();
  if (digits >= 2) {
    // One directory, listed once for the life of the process: abbreviating many names must not list it every time.
    std::vector<ObjectId> found;
    {
      std::lock_guard lock(state_->mutex);
      state_->has_loose_quickly(prefix);
      for (const ObjectId& oid : *state_->loose_names[prefix.data()[0]])
        if (matches(oid, hex, digits)) found.push_back(oid);
    }
    std::sort(found.begin(), found.end());
    for (const ObjectId& oid : found) give(oid);
  }
  for (const auto& source : snapshot.sources) {
    if (digits >= 2) break;
    auto in_directory = [&](const std::string& two) {
      each_loose_in(source.path, two, algo(),
                    [&](const ObjectId& oid, const std::string&) { return !matches(oid, hex, digits) || give(oid); });
    };
    for (unsigned byte = 0; byte < 256 && go_on; byte++) {
      std::string two = strf("%02x", byte);
      if (two.compare(0, digits, hex, 0, digits) == 0) in_directory(two);
    }
  }
  for (const MidxSource& source : snapshot.midxs) {
    if (!go_on) return;
    source.midx->for_each_prefixed(prefix, digits, [&](std::uint32_t at) { return give(source.midx->oid_at(at)); });
  }
  for (const Pack* pack : snapshot.loners) {
    if (!go_on) return;
    if (!pack->open_index()) continue;
    auto [first, last] = prefix_range(pack->index(), prefix, digits);
    for (std::uint32_t at = first; at < last && go_on; at++) give(pack->oid_at(at));
  }
}

void ObjectDatabase::for_each_loose(const std::function<bool(const ObjectId&, const std::string& path)>& fn, bool local_only) {
  for (const Source& source : state_->snapshot().sources) {
    if (local_only && !source.is_local) continue;
    for (unsigned byte = 0; byte < 256; byte++)
      if (!each_loose_in(source.path, strf("%02x", byte), algo(), fn)) return;
  }
}

void ObjectDatabase::for_each_packed(const std::function<bool(const ObjectId&, const Pack&, std::uint32_t position)>& fn,
                                     bool local_only, bool pack_order) {
  for (const auto& pack : state_->snapshot().packs) {
    if ((local_only && !pack->is_local()) || !pack->open_index()) continue;
    for (std::uint32_t i = 0; i < pack->count(); i++) {
      std::uint32_t position = pack_order ? pack->position_at_rank(i) : i;
      if (!fn(pack->oid_at(position), *pack, position)) return;
    }
  }
}

}  // namespace git
