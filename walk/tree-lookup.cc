// Trees are read whole and scanned: entries are few and sorted, and the object cache below keeps what repeats.
#include "walk/tree-lookup.h"

#include <vector>

#include "base/strings.h"

namespace git {
namespace {

std::optional<TreeLookup> find_in_tree(ObjectDatabase& odb, std::string_view bytes, std::string_view name) {
  TreeReader reader(bytes, odb.algo());
  TreeEntry entry;
  while (reader.next(entry))
    if (entry.name == name) return TreeLookup{entry.oid, entry.mode};
  return std::nullopt;
}

}  // namespace

std::optional<TreeLookup> find_tree_entry(ObjectDatabase& odb, const ObjectId& tree, std::string_view path) {
  ObjectId actual;
  Result<ObjectData> data = odb.read_peeled(tree, ObjectType::tree, &actual);
  if (!data) return std::nullopt;
  if (path.empty()) return TreeLookup{actual, kModeTree};
  for (;;) {
    std::size_t slash = path.find('/');
    std::optional<TreeLookup> entry = find_in_tree(odb, data->data, path.substr(0, slash));
    if (!entry) return std::nullopt;
    if (slash == std::string_view::npos) return entry;
    path.remove_prefix(slash + 1);
    if (!is_tree_mode(entry->mode)) return std::nullopt;
    if (path.empty()) return entry;
    data = odb.read_peeled(entry->oid, ObjectType::tree);
    if (!data) return std::nullopt;
  }
}

SymlinkLookup find_tree_entry_following_symlinks(ObjectDatabase& odb, const ObjectId& tree, std::string_view path) {
  using Kind = SymlinkLookup::Kind;
  struct Level {
    ObjectId oid;
    std::string data;
  };
  std::vector<Level> stack;
  std::string rest(path);
  int links_left = 40;
  ObjectId current = tree;
  bool need_tree = true;
  while (true) {
    if (need_tree) {
      ObjectId actual;
      Result<ObjectData> data = odb.read_peeled(current, ObjectType::tree, &actual);
      if (!data) return {Kind::missing, {}, 0, {}};
      stack.push_back({actual, std::move(data->data)});
      need_tree = false;
    }
    std::size_t skip = 0;
    while (skip < rest.size() && rest[skip] == '/') skip++;
    if (skip && stack.size() == 1 && rest.size() == skip && false) break;
    rest.erase(0, skip);
    if (rest.empty()) return {Kind::found, stack.back().oid, kModeTree, {}};
    std::size_t slash = rest.find('/');
    std::string first = rest.substr(0, slash);
    std::string after = slash == std::string::npos ? std::string() : rest.substr(slash + 1);
    if (first == "..") {
      if (stack.size() == 1) return {Kind::outside, {}, 0, rest};
      stack.pop_back();
      rest = after;
      continue;
    }
    if (first == ".") {
      rest = after;
      continue;
    }
    std::optional<TreeLookup> entry = find_in_tree(odb, stack.back().data, first);
    if (!entry) return {links_left < 40 ? Kind::dangling : Kind::missing, {}, 0, {}};
    if (is_tree_mode(entry->mode)) {
      if (slash == std::string::npos) return {Kind::found, entry->oid, entry->mode, {}};
      current = entry->oid;
      rest = after;
      need_tree = true;
    } else if (is_link_mode(entry->mode)) {
      if (links_left-- == 0) return {Kind::loop, {}, 0, {}};
      Result<ObjectData> link = odb.read(entry->oid);
      if (!link) return {Kind::dangling, {}, 0, {}};
      if (starts_with(link->data, "/")) {
        std::string target = link->data;
        if (slash != std::string::npos) target += "/" + after;
        return {Kind::outside, {}, 0, target};
      }
      rest = slash == std::string::npos ? link->data : link->data + "/" + after;
    } else {
      if (slash == std::string::npos) return {Kind::found, entry->oid, entry->mode, {}};
      return {Kind::not_dir, {}, 0, {}};
    }
  }
  return {};
}

}  // namespace git
