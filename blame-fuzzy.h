// git blame --ignore-rev: which line of the parent a changed line most likely comes from.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace git {

// How often each pair of neighbouring letters occurs in a line; case and kinds of white space don't matter.
class LineFingerprint {
 public:
  LineFingerprint() = default;
  explicit LineFingerprint(std::string_view line);
  // The pairs both have.
  int similarity(const LineFingerprint& other) const;
  void subtract(const LineFingerprint& other);

 private:
  std::unordered_map<std::uint16_t, int> pairs_;
};
std::vector<LineFingerprint> line_fingerprints(std::string_view text);

// For each of `count` changed lines from `first` of the target, the line of the parent (from 0), or -1. In the diff these lines
// stand for `parent_count` lines of the parent from `parent_first`. The parent's fingerprints lose what is matched.
std::vector<int> match_changed_lines(std::vector<LineFingerprint>& parent, const std::vector<LineFingerprint>& target, int first,
                                     int count, int parent_first, int parent_count);

}  // namespace git
