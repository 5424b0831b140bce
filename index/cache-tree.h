// The index's TREE extension: names of the tree objects that its directories would be, so that writing a tree
// costs what changed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

class Index;

class CacheTree {
 public:
  int entry_count = -1;  // of the index below here; negative: not valid
  ObjectId oid;
  // In cache-tree order: by length, then bytes.
  struct NameOrder {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
      if (a.size() != b.size()) return a.size() < b.size();
      return a < b;
    }
  };
  std::map<std::string, std::unique_ptr<CacheTree>, NameOrder> children;

  bool is_valid() const { return entry_count >= 0; }
  bool is_fully_valid() const;
  void invalidate(std::string_view path);  // every directory above `path`
  CacheTree* find(std::string_view path);  // "" is this; nullptr where unknown

  std::string format(HashAlgo algo) const;                                         // the extension's bytes
  static std::unique_ptr<CacheTree> parse(std::string_view bytes, HashAlgo algo);  // nullptr where they are bad
};

enum CacheTreeFlag : unsigned { kCacheTreeMissingOk = 1, kCacheTreeDryRun = 2, kCacheTreeSilent = 4, kCacheTreeRepair = 8 };
// Brings the index's cache tree up to date, writing tree objects. Errors: "%s: unmerged (%s)", "error building trees".
Result<ObjectId> update_cache_tree(Index& index, unsigned flags);
// Fills the cache tree of an index that is exactly `tree`.
void prime_cache_tree(Index& index, const ObjectId& tree);
// Does the cache tree at `path` name exactly this tree?
bool cache_tree_matches(Index& index, std::string_view path, const ObjectId& tree);

}  // namespace git
