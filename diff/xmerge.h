// Three-way merge of texts, line by line, with git's choices about what conflicts and how much of it is shown
// (git-merge-file(1); git-merge(1), "HOW CONFLICTS ARE PRESENTED").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "diff/xdiff.h"

namespace git {

// How hard it is tried to make conflicts small.
enum class MergeLevel : std::uint8_t { minimal, eager, zealous, zealous_alnum };
enum class MergeFavor : std::uint8_t { none = 0, ours = 1, theirs = 2, both = 3 };
enum class ConflictStyle : std::uint8_t { merge, diff3, zdiff3 };

struct XmergeParams {
  XdiffParams diff;
  MergeLevel level = MergeLevel::zealous;
  MergeFavor favor = MergeFavor::none;
  ConflictStyle style = ConflictStyle::merge;
  int marker_size = 7;
  std::string base_label, ours_label, theirs_label;  // "" leaves the marker bare
};

struct XmergeResult {
  std::string bytes;
  int conflicts = 0;
};

XmergeResult merge_texts(std::string_view base, std::string_view ours, std::string_view theirs, const XmergeParams& params);
// Does it look like text? A NUL within the first 8000 bytes says no.
bool is_binary_text(std::string_view bytes);

}  // namespace git
