// What an Index keeps beside its entries: the extensions, and how far the worktree's stat data can be trusted.
//
// UNTR and FSMN are not kept: what they say is true only as long as everyone who changes the index keeps them up, and who
// does not know them is to drop them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"
#include "index.h"
#include "index/cache-tree.h"
#include "index/convert.h"
#include "index/worktree-settings.h"
#include "odb/bulk-checkin.h"

namespace git {

class SparsePatterns;  // index/sparse.h

// REUC: the stages an unmerged path had before it was resolved.
struct ResolveUndo {
  std::uint32_t mode[3] = {0, 0, 0};
  ObjectId oid[3];
};
using ResolveUndoMap = std::map<std::string, ResolveUndo>;
std::string format_resolve_undo(const ResolveUndoMap& map);
std::optional<ResolveUndoMap> parse_resolve_undo(std::string_view bytes, HashAlgo algo);

// link: entries come from a shared file, less those deleted and with some replaced.
struct SplitIndex {
  ObjectId base_oid;  // of sharedindex.<oid>; null: not written yet
  std::vector<std::unique_ptr<IndexEntry>> base;
};

struct IndexInternals {
  explicit IndexInternals(Repository& repo);
  ~IndexInternals();
  WorktreeSettings settings;
  std::unique_ptr<CacheTree> cache_tree;
  bool cache_tree_changed = false;
  std::unique_ptr<BulkCheckin> bulk;  // the pack that big files go to
  ResolveUndoMap resolve_undo;
  std::unique_ptr<SplitIndex> split;
  std::string file;  // where it was read from; "" the repository's
  bool existed = false;
  bool was_sparse = false;  // the file has sparse directories
  bool sparse_read = false;
  std::unique_ptr<SparsePatterns> sparse;  // of the repository, read once
  std::unique_ptr<Converter> converter;    // made when content must be compared
};

}  // namespace git
