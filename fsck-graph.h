// The objects that fsck knows and the links between them: which are here, which are named by another, which can be
// reached, and by what name people could find them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "object/object.h"

namespace git {

class ObjectDatabase;

class FsckGraph {
 public:
  enum Flag : std::uint8_t { kReachable = 1, kSeen = 2, kHas = 4, kUsed = 8 };
  struct Node {
    ObjectType type = ObjectType::none;  // none: not known yet
    std::uint8_t flags = 0;
  };

  FsckGraph(ObjectDatabase& odb, bool names_objects) : odb_(odb), names_objects_(names_objects) {}

  // The node of that name and type. nullptr (reported) where it is known to be of another type.
  Node* add(const ObjectId& oid, ObjectType type);
  Node* find(const ObjectId& oid);
  std::size_t size() const { return nodes_.size(); }

  // ---- names, with --name-objects ----
  void name(const ObjectId& oid, std::string text);  // unless it has one
  std::string describe(const ObjectId& oid) const;   // "<hex>" or "<hex> (<name>)"

  // Everything that an object's bytes name. False where a link can't be (a tree entry of bad mode, a clash of types).
  bool mark_used(const ObjectId& oid, ObjectType type, std::string_view bytes);
  // A place to start from.
  void mark_reachable(const ObjectId& oid);
  // Walks from all places; broken links are printed as git does.
  void traverse();
  // Marks as used what the objects that nobody reaches name, without checking them (--connectivity-only).
  void mark_used_by_unreachable();
  void for_each(const std::function<void(const ObjectId&, Node&)>& fn);

  // Commits whose parents don't count ($GIT_DIR/shallow).
  std::unordered_set<ObjectId, ObjectIdHash> boundary;
  bool found_broken_link = false;
  bool found_bad_object = false;

 private:
  struct Link {
    ObjectId oid;
    ObjectType type;
  };
  // Links of an object, naming their targets on the way; false where some could not be read.
  bool links_of(const ObjectId& oid, ObjectType type, std::string_view bytes, std::vector<Link>& links);
  void name_parents(const std::string& own_name, const std::vector<ObjectId>& parents);
  bool visit(const ObjectId* parent, ObjectType parent_type, const ObjectId& oid, ObjectType type);

  ObjectDatabase& odb_;
  bool names_objects_;
  std::unordered_map<ObjectId, Node, ObjectIdHash> nodes_;
  std::unordered_map<ObjectId, std::string, ObjectIdHash> names_;
  std::vector<ObjectId> pending_;
};

}  // namespace git
