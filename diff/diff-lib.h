// Comparisons with the index: against the worktree (diff-files), and of a tree against it or against the
// worktree through it (diff-index).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "index.h"

namespace git {

class Repository;
struct DiffOptions;

// An unmerged path, or one that differs between tree, index and worktree: for combined diffs.
struct CombinePath {
  struct Parent {
    char status = 'M';
    std::uint32_t mode = 0;
    ObjectId oid;
    std::string path;  // where it differs (--combined-all-paths)
  };
  std::string path;
  std::uint32_t mode = 0;
  ObjectId oid;  // null: in the worktree
  std::vector<Parent> parents;
};

struct DiffFilesSettings {
  int unmerged_stage = 2;  // what an unmerged path is compared with: 0 (nothing, only "U"), 1, 2, 3
  bool silent_on_removed = false;
  bool racy_is_dirty = false;
  // Set: an unmerged path goes here (--cc, -c).
  std::function<void(const CombinePath&)> combine;
};
void diff_files(DiffOptions& options, Index& index, const DiffFilesSettings& settings);

struct DiffIndexSettings {
  bool cached = false;
  bool match_missing = false;  // -m: files missing in the worktree count as unchanged
  std::function<void(const CombinePath&)> combine;
};
void diff_index(DiffOptions& options, Index& index, const ObjectId& tree, const DiffIndexSettings& settings);

// The mode an index entry would get for a file found with `mode`.
std::uint32_t mode_from_stat(const IndexEntry& entry, std::uint32_t mode, bool trust_executable_bit, bool has_symlinks);
// Is there no file for the entry any more? 0 there, 1 gone, -1 error with errno.
int check_removed(const IndexEntry& entry, struct stat& st);
// DirtySubmodule bits of the checked out submodule at `path`.
unsigned submodule_dirtiness(const std::string& path, bool ignore_untracked);
// ignore-submodules words: "all", "dirty", "untracked", "none"; dies "bad --ignore-submodules argument: %s".
void set_ignore_submodules(DiffOptions& options, const std::string& word);

// The one merge base of HEAD (or `b`) and `a`; dies "no merge base found" or "multiple merge bases found".
ObjectId diff_merge_base(Repository& repo, const ObjectId& a, std::optional<ObjectId> b = std::nullopt);
// The tree an object stands for; dies "bad object %s"-like where it is none.
ObjectId peel_to_tree_or_die(Repository& repo, const ObjectId& oid, const std::string& name);

}  // namespace git
