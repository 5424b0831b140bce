// Combined diffs: a result next to two or more parents, only where it differs from all of them (-c), and with
// --cc only hunks that no parent has verbatim.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "diff/diff-lib.h"

namespace git {

struct DiffOptions;

struct CombineSettings {
  bool enabled = false;
  bool dense = false;      // --cc
  bool all_paths = false;  // --combined-all-paths
  bool always_show_header = true;
  std::string header;  // shown before the first output, for log-tree
  std::function<void()> show_log;
};

// "-c", "--cc", "--combined-all-paths", "--no-diff-merges"...; false where it is none of them.
bool parse_combine_option(CombineSettings& settings, const std::string& arg);
// One path of a merge (patch formats), at once.
void show_combined_diff(DiffOptions& options, const CombinePath& path, const CombineSettings& settings);
// A merge's tree against its parents' trees, in every format asked for.
void diff_tree_combined(DiffOptions& options, const ObjectId& tree, const std::vector<ObjectId>& parent_trees,
                        const CombineSettings& settings);

}  // namespace git
