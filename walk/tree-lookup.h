// "rev:path": one entry of a tree, found by descending component by component.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "odb.h"

namespace git {

struct TreeLookup {
  ObjectId oid;
  std::uint32_t mode = 0;
};
// `tree` may be anything that peels to a tree. An empty path is the tree itself. nullopt where there is no such entry.
std::optional<TreeLookup> find_tree_entry(ObjectDatabase& odb, const ObjectId& tree, std::string_view path);

// As above, but symbolic links on the way are followed (cat-file --follow-symlinks).
struct SymlinkLookup {
  enum class Kind : std::uint8_t { found, missing, dangling, loop, not_dir, outside } kind = Kind::missing;
  ObjectId oid;
  std::uint32_t mode = 0;
  std::string result_path;  // outside: where the link left the tree
};
SymlinkLookup find_tree_entry_following_symlinks(ObjectDatabase& odb, const ObjectId& tree, std::string_view path);

}  // namespace git
