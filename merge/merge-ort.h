// Merging two trees against their common ancestor ("ort"): git-merge(1), "MERGE STRATEGIES", and
// Documentation/technical/directory-rename-detection.  All in memory: the result is a tree (with conflict markers
// in its blobs), the higher stages, and the messages; nothing in the index or the worktree is touched until
// switch_to_result().
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

class Repository;
struct Commit;

enum class MergeVariant : std::uint8_t { none, ours, theirs };
enum class DirectoryRenames : std::uint8_t { none, conflict, apply };

struct MergeOptions {
  std::string branch1, branch2;  // labels of the two sides
  std::string ancestor;          // label of the base; "" derives it (merge_recursive)
  MergeVariant variant = MergeVariant::none;
  bool detect_renames = true;
  DirectoryRenames directory_renames = DirectoryRenames::conflict;
  int rename_limit = -1;  // -1: the default of 7000
  int rename_score = 0;   // 0: half
  bool renormalize = false;
  unsigned xdiff_flags = 0;  // XdiffFlag: whitespace and algorithm
  int conflict_style = -1;   // -1: merge.conflictStyle
  bool show_rename_progress = false;
  int verbosity = 2;
  bool record_conflict_messages_only = false;
  std::string subtree_shift;  // "" off; "\0"-less path, or "=" for automatic
  bool subtree_shift_auto = false;
  // Reads merge.* and diff.* defaults (renames, renameLimit, directoryRenames, renormalize, conflictStyle, verbosity).
  static MergeOptions from_config(Repository& repo);
  // A -X option ("ours", "theirs", "patience", "diff-algorithm=x", "ignore-space-change", "renormalize", "find-renames=50%" ...).
  bool parse_strategy_option(std::string_view option);
};

struct MergeVersion {
  std::uint32_t mode = 0;  // 0: not there
  ObjectId oid;
  bool is_present() const { return mode != 0; }
  friend bool operator==(const MergeVersion& a, const MergeVersion& b) { return a.mode == b.mode && a.oid == b.oid; }
};

struct MergeMessage {
  std::vector<std::string> paths;  // the first is the one it belongs to
  std::string type;                // short, stable: "CONFLICT (contents)", "Auto-merging"
  std::string text;                // one line (or more), with its newline
  bool is_hint = false;
};

struct MergeResult {
  bool is_clean = true;
  ObjectId tree;
  std::map<std::string, std::array<MergeVersion, 3>> conflicted;  // base, ours, theirs by path
  std::map<std::string, MergeVersion> conflicted_results;         // what the tree has at those paths (mode 0: nothing)
  std::vector<MergeMessage> messages;                             // by path
};

// Merges two trees with one base (the empty tree where there is none).
Result<MergeResult> merge_trees(Repository& repo, const MergeOptions& options, const ObjectId& base, const ObjectId& side1,
                                const ObjectId& side2);
// Merges two commits; several merge bases are merged into a virtual one first. `bases` in the order of merge_bases(),
// empty for unrelated histories.
Result<MergeResult> merge_commits(Repository& repo, MergeOptions options, std::vector<Commit*> bases, Commit* side1,
                                  Commit* side2);
// The messages as they are shown, in order of path.
std::string format_merge_messages(const MergeResult& result);

}  // namespace git
