// The line comparison engine: which lines of two texts differ, chosen exactly as git chooses, so that patches
// (and patch ids, blames and merges built on them) come out the same byte for byte.
//
//   LineDiff d = compare_lines(before, after, {kIndentHeuristic});
//   for (const Change& c : d.changes) ...
//
// Lines are views into the given texts and keep their '\n'; the texts must outlive the result.
// Line numbers count from 0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace git {

enum XdiffFlag : unsigned {
  kXdfNeedMinimal = 1u << 0,
  kXdfIgnoreWhitespace = 1u << 1,
  kXdfIgnoreWhitespaceChange = 1u << 2,
  kXdfIgnoreWhitespaceAtEol = 1u << 3,
  kXdfIgnoreCrAtEol = 1u << 4,
  kXdfIgnoreBlankLines = 1u << 7,
  kXdfPatience = 1u << 14,
  kXdfHistogram = 1u << 15,
  kXdfIndentHeuristic = 1u << 23,
};
inline constexpr unsigned kXdfWhitespaceFlags =
    kXdfIgnoreWhitespace | kXdfIgnoreWhitespaceChange | kXdfIgnoreWhitespaceAtEol | kXdfIgnoreCrAtEol;
inline constexpr unsigned kXdfAlgorithmMask = kXdfPatience | kXdfHistogram;

struct XdiffParams {
  unsigned flags = 0;
  std::vector<std::string> anchors;  // prefixes of lines that must stay common (patience only)
};

// `removed` lines at `old_start` of the one became `added` lines at `new_start` of the other.
struct Change {
  long old_start = 0, new_start = 0;
  long removed = 0, added = 0;
  bool ignore = false;  // not worth a hunk of its own

  long old_end() const { return old_start + removed; }
  long new_end() const { return new_start + added; }
};

struct LineDiff {
  std::vector<std::string_view> old_lines, new_lines;
  std::vector<Change> changes;  // in order
};

LineDiff compare_lines(std::string_view before, std::string_view after, const XdiffParams& params);

// The lines of a text, each with its '\n' where it has one.
std::vector<std::string_view> text_lines(std::string_view text);
// git's idea of a space inside a line: " \t\n\r".
constexpr bool is_line_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// Two lines that compare equal under the whitespace flags have the same key.
std::string line_key(std::string_view line, unsigned flags);
bool lines_match(std::string_view a, std::string_view b, unsigned flags);
bool is_blank_line(std::string_view line, unsigned flags);
// Cuts what both texts end in, in blocks, so that a diff without context need not look at it.
void trim_common_tail(std::string_view& a, std::string_view& b);

}  // namespace git
