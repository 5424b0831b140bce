// Where the objects of a new pack come from: names, revisions, packs, or everything that is left over.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "hash/object-id.h"
#include "object/object.h"
#include "walk/object-filter.h"
#include "walk/revisions.h"

namespace git {

class Repository;
class PackObjects;
class Pack;

// "<oid> <path>" lines; "-<oid> <path>" names an object that the receiver has.
void add_named_objects(Repository& repo, PackObjects& packer, int fd);

struct PackRevisions {
  std::vector<std::string> arguments;  // --objects, --all ...
  bool read_stdin = true;              // revisions, --not, --shallow <oid>, one on a line, until an empty one
  bool sparse = true, delta_edges = false;
  MissingAction missing = MissingAction::error;
  bool exclude_promisor = false;
  bool keep_true_parents = false;  // parents that info/grafts hides are packed all the same
  ObjectFilter filter;
  SparseMatcherFactory sparse_matcher;
  // Called for every object, also those that are not packed.
  std::function<void(const ObjectId&, ObjectType)> on_object;
  // Asked when the tips are known: true where it has added everything itself.
  std::function<bool(const PackRevisions&)> shortcut;
  std::vector<PendingObject> tips;  // set for `shortcut`
};
void add_revisions(Repository& repo, PackObjects& packer, const PackRevisions& how);
// Annotated tags whose object is packed.
void add_tags_of_packed(Repository& repo, PackObjects& packer);

// What unreachable objects become. `expiration`: those last touched before are let go.
void add_unreachable_packed(Repository& repo, PackObjects& packer);
void add_unreachable_loose(Repository& repo, PackObjects& packer);
void loosen_unreachable(Repository& repo, PackObjects& packer, std::int64_t expiration);

// The packs named on stdin; "^name" leaves out what that pack has.
struct PackedSelection {
  bool add_loose = false;  // --unpacked
  bool follow = false;     // and what the packs' commits reach
  bool exclude_promisor = false;
};
void add_stdin_packs(Repository& repo, PackObjects& packer, int fd, const PackedSelection& how);
// Everything in no pack that is kept: "name" on stdin is kept, "-name" goes away.
void add_cruft(Repository& repo, PackObjects& packer, int fd, std::int64_t expiration);
// Gives objects that came without a path the hash of one, from the trees that are packed.
void name_packed_objects(Repository& repo, PackObjects& packer);

// The local pack whose name ends so; nullptr where there is none.
Pack* find_pack_by_name(Repository& repo, std::string_view name);

}  // namespace git
