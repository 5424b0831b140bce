// A walk over everything: types and marks in one table, objects read again when the walk comes to them.
#include "fsck-graph.h"

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "odb.h"

namespace git {

FsckGraph::Node* FsckGraph::add(const ObjectId& oid, ObjectType type) {
  Node& node = nodes_[oid];
  if (node.type == ObjectType::none) node.type = type;
  if (type != ObjectType::none && node.type != type) {
    error("object %s is a %s, not a %s", oid, type_name(node.type), type_name(type));
    return nullptr;
  }
  return &node;
}

FsckGraph::Node* FsckGraph::find(const ObjectId& oid) {
  auto found = nodes_.find(oid);
  return found == nodes_.end() ? nullptr : &found->second;
}

void FsckGraph::name(const ObjectId& oid, std::string text) {
  if (names_objects_) names_.emplace(oid, std::move(text));
}

std::string FsckGraph::describe(const ObjectId& oid) const {
  auto found = names_.find(oid);
  return found == names_.end() ? oid.hex() : strf("%s (%s)", oid, found->second);
}

// "main" has parents "main^" and "main^2"; "main^" has "main~2", and so on.
void FsckGraph::name_parents(const std::string& own_name, const std::vector<ObjectId>& parents) {
  std::size_t stem = own_name.size();
  std::uint64_t generation = 0;
  if (ends_with(own_name, "^")) {
    generation = 1;
    stem--;
  } else {
    std::size_t digits = own_name.size();
    while (digits && is_digit(own_name[digits - 1])) digits--;
    if (digits && digits < own_name.size() && own_name[digits - 1] == '~') {
      generation = parse_uint(std::string_view(own_name).substr(digits)).value_or(0);
      stem = digits - 1;
    }
  }
  for (std::size_t i = 0; i < parents.size(); i++) {
    if (i > 0)
      name(parents[i], strf("%s^%u", own_name, i + 1));
    else if (generation > 0)
      name(parents[i], strf("%s~%u", own_name.substr(0, stem), generation + 1));
    else
      name(parents[i], own_name + "^");
  }
}

bool FsckGraph::links_of(const ObjectId& oid, ObjectType type, std::string_view bytes, std::vector<Link>& links) {
  const HashAlgo algo = odb_.algo();
  auto named = names_.find(oid);
  const std::string own_name = named == names_.end() ? std::string() : named->second;
  switch (type) {
    case ObjectType::commit: {
      auto commit = parse_commit(bytes, algo);
      if (!commit) return false;
      links.push_back({commit->tree, ObjectType::tree});
      if (!own_name.empty()) name(commit->tree, own_name + ":");
      if (boundary.count(oid)) return true;
      for (const ObjectId& parent : commit->parents) links.push_back({parent, ObjectType::commit});
      if (!own_name.empty()) name_parents(own_name, commit->parents);
      return true;
    }
    case ObjectType::tree: {
      TreeReader reader(bytes, algo);
      TreeEntry entry;
      bool good = true;
      while (reader.next(entry)) {
        if (is_gitlink_mode(entry.mode)) continue;
        if (!is_tree_mode(entry.mode) && !is_regular_mode(entry.mode) && !is_link_mode(entry.mode)) {
          error("in tree %s: entry %s has bad mode %.6o", describe(oid), entry.name, entry.mode);
          good = false;
          continue;
        }
        bool is_tree = is_tree_mode(entry.mode);
        links.push_back({entry.oid, is_tree ? ObjectType::tree : ObjectType::blob});
        if (!own_name.empty()) name(entry.oid, own_name + std::string(entry.name) + (is_tree ? "/" : ""));
      }
      return good && !reader.has_error();
    }
    case ObjectType::tag: {
      auto tag = parse_tag(bytes, algo);
      if (!tag) return false;
      links.push_back({tag->object, tag->type});
      if (!own_name.empty()) name(tag->object, own_name);
      return true;
    }
    default:
      return true;
  }
}

bool FsckGraph::mark_used(const ObjectId& oid, ObjectType type, std::string_view bytes) {
  std::vector<Link> links;
  bool good = links_of(oid, type, bytes, links);
  for (const Link& link : links) {
    Node* node = add(link.oid, link.type);
    if (node)
      node->flags |= kUsed;
    else
      good = false;
  }
  return good;
}

bool FsckGraph::visit(const ObjectId* parent, ObjectType parent_type, const ObjectId& oid, ObjectType type) {
  Node* node = add(oid, type);
  if (!node) {
    outf("broken link from %7s %s\n", type_name(parent_type), describe(*parent));
    outf("broken link from %7s %s\n", type_name(type), describe(oid));
    found_broken_link = true;
    return false;
  }
  if (node->flags & kReachable) return true;
  node->flags |= kReachable;
  if (odb_.is_promisor_object(oid)) return true;
  if (!(node->flags & kHas)) {
    if (parent && !odb_.has(oid, kLookupNoFetch)) {
      outf("broken link from %7s %s\n              to %7s %s\n", type_name(parent_type), describe(*parent), type_name(node->type),
           describe(oid));
      found_broken_link = true;
    }
    return false;
  }
  pending_.push_back(oid);
  return true;
}

void FsckGraph::mark_reachable(const ObjectId& start) { visit(nullptr, ObjectType::none, start, ObjectType::none); }

void FsckGraph::traverse() {
  while (!pending_.empty()) {
    ObjectId oid = pending_.back();
    pending_.pop_back();
    Node* node = find(oid);
    if (node->type == ObjectType::blob) continue;
    auto object = odb_.read(oid, kLookupNoReplace | kLookupNoFetch);
    if (!object) {
      found_broken_link = true;
      continue;
    }
    node->type = object->type;
    std::vector<Link> links;
    links_of(oid, object->type, object->data, links);
    for (const Link& link : links) visit(&oid, object->type, link.oid, link.type);
  }
}

void FsckGraph::mark_used_by_unreachable() {
  std::vector<ObjectId> sources;
  for (auto& [oid, node] : nodes_)
    if (!(node.flags & kReachable) && (node.flags & kHas)) sources.push_back(oid);
  for (const ObjectId& oid : sources) {
    Node* node = find(oid);
    if (node->type == ObjectType::none) node->type = odb_.type_of(oid, kLookupNoReplace | kLookupNoFetch);
    if (node->type == ObjectType::blob || node->type == ObjectType::bad) continue;
    if (auto object = odb_.read(oid, kLookupNoReplace | kLookupNoFetch)) mark_used(oid, object->type, object->data);
  }
}

void FsckGraph::for_each(const std::function<void(const ObjectId&, Node&)>& fn) {
  std::vector<ObjectId> oids;
  oids.reserve(nodes_.size());
  for (const auto& [oid, node] : nodes_) oids.push_back(oid);
  std::sort(oids.begin(), oids.end());
  for (const ObjectId& oid : oids) fn(oid, nodes_[oid]);
}

}  // namespace git
