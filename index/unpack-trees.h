// Merging up to three trees (or more) into the index, and the index into the worktree: git read-tree, checkout, reset,
// merge.  Nothing in the index or the worktree changes unless every path can be done.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "index.h"
#include "index/convert.h"
#include "index/dir.h"

namespace git {

class SparsePatterns;  // index/sparse.h
class SubmoduleMover;  // index/submodule-move.h

enum class UnpackError : std::uint8_t {
  would_overwrite,
  not_uptodate_file,
  not_uptodate_dir,
  cwd_in_the_way,
  would_lose_untracked_overwritten,
  would_lose_untracked_removed,
  bind_overlap,
  would_lose_submodule,
  sparse_not_uptodate_file,
  sparse_unmerged_file,
  sparse_orphaned_not_overwritten,
  count,
};

enum class UnpackReset : std::uint8_t { none, protect_untracked, overwrite_untracked };

struct UnpackOptions {
  bool merge = false;
  bool update = false;  // the worktree too
  bool clone = false;
  bool index_only = false;
  bool trivial_merges_only = false;
  bool verbose_update = false;  // progress
  bool aggressive = false;
  bool skip_unmerged = false;
  bool initial_checkout = false;
  bool diff_index_cached = false;
  bool show_all_errors = false;
  bool dry_run = false;
  bool quiet = false;
  bool exiting_early = false;
  bool skip_sparse_checkout = false;
  bool preserve_ignored = true;
  bool skip_cache_tree_update = false;
  UnpackReset reset = UnpackReset::none;
  std::string prefix;                    // read-tree --prefix: "dir/"
  std::string super_prefix;              // "sub/" of the superprojects above, for messages
  SubmoduleMover* submodules = nullptr;  // takes submodules along; nullptr leaves them alone
  std::vector<std::string> per_directory_excludes;
  int head_idx = 1;
  // Messages of a porcelain command ("checkout", "merge"); "" keeps the plumbing texts.
  std::string porcelain_command;
  bool advise_commit_before_merge = true;  // advice.commitBeforeMerge
  CheckoutMetadata metadata;
  const SparsePatterns* sparse = nullptr;  // overrides what info/sparse-checkout says

  // Decides one path. `source[0]` is the index entry, source[1..n] the trees' (nullptr: absent; the D/F marker is
  // df_conflict_entry()). Returns negative on error, else the number of index entries dealt with.
  enum class Merge : std::uint8_t { none, oneway, twoway, threeway, bind } fn = Merge::none;

  // out
  int unpack_failed = 0;
};

// `index` is replaced by the result on success (not written). Messages go to stderr, as git prints them. 0, or -1 where a path
// could not be done, or 1.
int unpack_trees(Index& index, const std::vector<ObjectId>& trees, UnpackOptions& options);

// Recomputes skip-worktree of every entry from the sparse patterns and updates the worktree (git sparse-checkout).
enum class SparsityResult : std::uint8_t { success, warnings, errors };
SparsityResult update_sparsity(Index& index, UnpackOptions& options, const SparsePatterns* patterns);

}  // namespace git
