// What every comparison produces and every output format consumes: a queue of pairs of files, and the
// transformations of that queue (renames, breaks, pickaxe, order).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"
#include "object/object.h"

namespace git {

struct DiffOptions;
struct UserdiffDriver;

enum DirtySubmodule : unsigned { kSubmoduleUntracked = 1u << 0, kSubmoduleModified = 1u << 1 };

// One side of a pair: a blob, a link, a submodule's commit, or a file of the worktree that has no name yet.
struct DiffFilespec {
  explicit DiffFilespec(std::string path_) : path(std::move(path_)) {}

  std::string path;
  std::uint32_t mode = 0;  // 0: there is no such file
  ObjectId oid;
  bool oid_valid = false;  // false: content comes from the worktree
  unsigned dirty_submodule = 0;
  bool is_stdin = false;

  // Filled when asked for.
  std::optional<std::string> data;
  std::optional<std::uint64_t> size;
  std::optional<bool> binary;
  const UserdiffDriver* driver = nullptr;
  std::shared_ptr<std::vector<std::pair<std::uint32_t, std::uint64_t>>> spans;  // of count_changes()
  int rename_used = 0;

  bool is_valid() const { return mode != 0; }
  void fill(const ObjectId& id, bool valid, std::uint32_t m) {
    mode = canon_mode(m);
    oid = id;
    oid_valid = valid;
  }
};
using FilespecPtr = std::shared_ptr<DiffFilespec>;

inline constexpr int kMaxScore = 60000;
inline constexpr int kDefaultRenameScore = 30000;
inline constexpr int kDefaultBreakScore = 30000;
inline constexpr int kDefaultMergeScore = 36000;
inline constexpr std::uint64_t kMinimumBreakSize = 400;

struct DiffPair {
  FilespecPtr one, two;
  int score = 0;
  char status = 0;  // A C D M R T U X, once resolved
  bool broken = false;
  bool renamed = false;
  bool is_unmerged = false;
  bool is_header_only = false;       // stands for DiffOptions::extra_headers of its path
  std::optional<bool> stat_unmatch;  // false: the content is the same after all

  bool is_both_valid() const { return one->is_valid() && two->is_valid(); }
  bool is_type_changed() const { return is_both_valid() && (one->mode & 0170000) != (two->mode & 0170000); }
  bool is_mode_changed() const { return one->mode != two->mode; }
};
using PairPtr = std::shared_ptr<DiffPair>;
using DiffQueue = std::vector<PairPtr>;

PairPtr queue_pair(DiffQueue& queue, FilespecPtr one, FilespecPtr two);
// Was something really changed? (A pair of equal names, modes and objects is there only for copy detection.)
bool is_pair_unmodified(const DiffPair& pair);
// A pair that differs by stat only has the same content after all.
bool is_really_changed(DiffOptions& options, DiffPair& pair);

// ---- contents ----
// Fills data and size; a file that is gone is empty. Dies where an object can't be read.
const std::string& load(DiffOptions& options, DiffFilespec& spec);
// The size alone, cheaper where the object is stored.
std::uint64_t load_size(DiffOptions& options, DiffFilespec& spec);
void unload(DiffFilespec& spec);
bool is_binary_spec(DiffOptions& options, DiffFilespec& spec);
bool looks_binary(std::string_view bytes);  // a NUL among the first 8000
// Gives a worktree file its object name.
void fill_oid(DiffOptions& options, DiffFilespec& spec);
const UserdiffDriver& driver_of(DiffOptions& options, DiffFilespec& spec);

// ---- transformations, each rewrites options.queue ----
void diffcore_skip_stat_unmatch(DiffOptions& options);
void diffcore_break(DiffOptions& options);
void diffcore_merge_broken(DiffOptions& options);
void diffcore_rename(DiffOptions& options);
void diffcore_pickaxe(DiffOptions& options);
void diffcore_order(DiffOptions& options);
void diffcore_rotate(DiffOptions& options);
void diffcore_apply_filter(DiffOptions& options);
void resolve_statuses(DiffOptions& options);

// How much of `source` was copied to `target`, and how much of `target` is new, in bytes.
struct ChangeCount {
  std::uint64_t copied = 0;
  std::uint64_t added = 0;
};
ChangeCount count_changes(DiffOptions& options, DiffFilespec& source, DiffFilespec& target);

}  // namespace git
