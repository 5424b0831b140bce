// Differences between two trees, walked side by side; equal subtrees are never opened.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"
#include "object/object.h"

namespace git {

class Repository;
struct DiffOptions;
struct Pathspec;

struct TreeDiffSettings {
  const Pathspec* pathspec = nullptr;  // nullptr: everything
  bool recursive = true;
  bool tree_in_recursive = false;   // trees are reported as well as entered
  bool find_copies_harder = false;  // unchanged entries are reported too
  std::optional<int> max_depth;
};
// `old_entry` or `new_entry` is nullptr where the path is only on the other side. False stops.
using TreeDiffFunction = std::function<bool(const std::string& path, const TreeEntry* old_entry, const TreeEntry* new_entry)>;

// A null id is the empty tree. Dies where a tree can't be read. False where `fn` stopped the walk.
bool walk_tree_diff(Repository& repo, const TreeDiffSettings& settings, const ObjectId& old_tree, const ObjectId& new_tree,
                    const std::string& base, const TreeDiffFunction& fn);

// Queues the differences in `options`. With --follow, looks for where the one path came from.
void diff_tree(DiffOptions& options, const ObjectId& old_tree, const ObjectId& new_tree, const std::string& base = {});

}  // namespace git
