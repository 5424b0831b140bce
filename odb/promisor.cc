// Objects that are missing on purpose: a promisor remote has them (gitpartial-clone).  Promised is what is in a pack
// marked .promisor, and everything the objects there name.
#include "odb/promisor.h"
#include "base/error.h"
#include "odb/odb-internal.h"

namespace git {
namespace {

using OidSet = std::unordered_set<ObjectId, ObjectIdHash>;

void add_named_by(const ObjectData& object, HashAlgo algo, OidSet& promised) {
  switch (object.type) {
    case ObjectType::commit:
      if (auto commit = parse_commit(object.data, algo)) {
        promised.insert(commit->tree);
        promised.insert(commit->parents.begin(), commit->parents.end());
      }
      break;
    case ObjectType::tree: {
      TreeReader reader(object.data, algo);
      TreeEntry entry;
      while (reader.next(entry))
        if (!is_gitlink_mode(entry.mode)) promised.insert(entry.oid);
      break;
    }
    case ObjectType::tag:
      if (auto tag = parse_tag(object.data, algo)) promised.insert(tag->object);
      break;
    default:
      break;
  }
}

}  // namespace

void ObjectDatabase::set_promisor_fetch(std::function<bool(std::span<const ObjectId>)> fn) {
  state_->has_promisor_remote |= static_cast<bool>(fn);
  state_->promisor_fetch = std::move(fn);
}
bool ObjectDatabase::has_promisor() const { return static_cast<bool>(state_->promisor_fetch); }

bool ObjectDatabase::fetch_missing(std::span<const ObjectId> oids) {
  if (!state_->promisor_fetch || oids.empty()) return oids.empty();
  bool all_came = state_->promisor_fetch(oids);
  reprepare();
  return all_came;
}

bool is_in_promisor_pack(ObjectDatabase& odb, const ObjectId& oid) {
  for (const auto& pack : odb.packs())
    if (pack->is_promisor() && pack->open_index() && pack->find(oid)) return true;
  return false;
}

bool ObjectDatabase::is_promisor_object(const ObjectId& oid) {
  // Without a remote that promised them, objects are just missing.
  if (!state_->has_promisor_remote) return false;
  std::lock_guard lock(state_->mutex);
  if (!state_->promisor_objects) {
    state_->promisor_objects.emplace();
    for (const auto& pack : packs()) {
      if (!pack->is_promisor() || !pack->open_index()) continue;
      for (std::uint32_t position = 0; position < pack->count(); position++) {
        state_->promisor_objects->insert(pack->oid_at(position));
        if (pack->type_at(pack->offset_at(position)) == ObjectType::blob) continue;
        if (auto object = pack->read(pack->offset_at(position))) add_named_by(*object, algo(), *state_->promisor_objects);
      }
    }
  }
  return state_->promisor_objects->count(oid) > 0;
}

}  // namespace git
