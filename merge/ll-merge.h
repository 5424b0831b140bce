// Three-way merge of one file's contents, by the driver its attributes name (gitattributes(5), "Performing a
// three-way merge"): text, binary, union, or a command of merge.<name>.driver.
#pragma once

#include <string>
#include <string_view>

#include "merge/merge-ort.h"

namespace git {

class AttributeReader;
class Index;
class Repository;

struct LlMergeOptions {
  bool virtual_ancestor = false;  // merging merge bases: the recursive driver, deeper markers
  MergeVariant variant = MergeVariant::none;
  bool union_variant = false;
  bool renormalize = false;
  int extra_marker_size = 0;
  unsigned xdiff_flags = 0;
  int conflict_style = -1;
};

enum class LlMergeStatus { error, clean, conflict, binary_conflict };

struct LlMergeSide {
  std::string_view bytes;
  std::string label;
};

LlMergeStatus ll_merge(Repository& repo, AttributeReader& attrs, std::string& result, const std::string& path,
                       const LlMergeSide& base, const LlMergeSide& ours, const LlMergeSide& theirs,
                       const LlMergeOptions& options);
// The marker length of a path: attribute conflict-marker-size, 7 otherwise.
int conflict_marker_size(AttributeReader& attrs, const std::string& path);

}  // namespace git
