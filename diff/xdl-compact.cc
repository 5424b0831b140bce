// A group of added or removed lines can often slide up and down without changing what the diff says: "}\n\nfoo" added
// behind "}" or before it. The group goes where it lines up with a change of the other side; else, with the
// indent heuristic, where its edges cut the text at the most natural place; else as far down as it can.
#include <algorithm>

#include "base/error.h"
#include "diff/xdiff-internal.h"

namespace git::xdiff {
namespace {

constexpr int kMaxIndent = 200;
constexpr int kMaxBlanks = 20;
constexpr long kMaxSliding = 100;

constexpr int kStartOfFilePenalty = 1;
constexpr int kEndOfFilePenalty = 21;
constexpr int kTotalBlankWeight = -30;
constexpr int kPostBlankWeight = 6;
constexpr int kRelativeIndentPenalty = -4;
constexpr int kRelativeIndentWithBlankPenalty = 10;
constexpr int kRelativeOutdentPenalty = 24;
constexpr int kRelativeOutdentWithBlankPenalty = 17;
constexpr int kRelativeDedentPenalty = 23;
constexpr int kRelativeDedentWithBlankPenalty = 17;
constexpr int kIndentWeight = 60;

// Columns of white space in front; -1 for a line of nothing else.
int indent_of(std::string_view line) {
  int columns = 0;
  for (char c : line) {
    if (!is_line_space(c)) return columns;
    if (c == ' ')
      columns++;
    else if (c == '\t')
      columns += 8 - columns % 8;
    if (columns >= kMaxIndent) return kMaxIndent;
  }
  return -1;
}

// The surroundings of a cut before line `split`.
struct Surroundings {
  bool at_end = false;
  int indent = -1;                            // of the line behind the cut
  int blanks_before = 0, indent_before = -1;  // of the last non-blank line before
  int blanks_behind = 0, indent_behind = -1;  // of the first non-blank line behind the one at the cut
};

Surroundings measure(const Side& side, long split) {
  auto indent_at = [&](long i) { return indent_of(side.lines[static_cast<std::size_t>(i)]); };
  Surroundings m;
  if (split >= side.size())
    m.at_end = true;
  else
    m.indent = indent_at(split);
  for (long i = split - 1; i >= 0; i--) {
    m.indent_before = indent_at(i);
    if (m.indent_before != -1) break;
    if (++m.blanks_before == kMaxBlanks) {
      m.indent_before = 0;
      break;
    }
  }
  for (long i = split + 1; i < side.size(); i++) {
    m.indent_behind = indent_at(i);
    if (m.indent_behind != -1) break;
    if (++m.blanks_behind == kMaxBlanks) {
      m.indent_behind = 0;
      break;
    }
  }
  return m;
}

// Lower is better.
struct Score {
  int indent = 0;
  int penalty = 0;

  void add(const Surroundings& m) {
    if (m.indent_before == -1 && m.blanks_before == 0) penalty += kStartOfFilePenalty;
    if (m.at_end) penalty += kEndOfFilePenalty;
    const int blanks_behind = m.indent == -1 ? 1 + m.blanks_behind : 0;
    const int blanks = m.blanks_before + blanks_behind;
    penalty += kTotalBlankWeight * blanks + kPostBlankWeight * blanks_behind;
    const int here = m.indent != -1 ? m.indent : m.indent_behind;
    indent += here;
    if (here == -1 || m.indent_before == -1 || here == m.indent_before) return;
    if (here > m.indent_before)
      penalty += blanks ? kRelativeIndentWithBlankPenalty : kRelativeIndentPenalty;
    else if (m.indent_behind != -1 && m.indent_behind > here)
      penalty += blanks ? kRelativeOutdentWithBlankPenalty : kRelativeOutdentPenalty;
    else
      penalty += blanks ? kRelativeDedentWithBlankPenalty : kRelativeDedentPenalty;
  }
  bool is_at_most(const Score& other) const {
    const int by_indent = (indent > other.indent) - (indent < other.indent);
    return kIndentWeight * by_indent + (penalty - other.penalty) <= 0;
  }
};

// A maximal run [start, end) of changed lines, possibly empty, between two unchanged ones.
class Group {
 public:
  explicit Group(Side& side) : side_(side) {
    while (side_.is_changed(end)) end++;
  }
  bool is_empty() const { return start == end; }
  long size() const { return end - start; }
  bool to_next() {
    if (end == side_.size()) return false;
    start = end = end + 1;
    while (side_.is_changed(end)) end++;
    return true;
  }
  bool to_previous() {
    if (start == 0) return false;
    start = end = start - 1;
    while (side_.is_changed(start - 1)) start--;
    return true;
  }
  // One line further, taking in a group that it then touches.
  bool slide_down() {
    if (end >= side_.size() || side_.at(start) != side_.at(end)) return false;
    side_.set_changed(start++, false);
    side_.set_changed(end++, true);
    while (side_.is_changed(end)) end++;
    return true;
  }
  bool slide_up() {
    if (start <= 0 || side_.at(start - 1) != side_.at(end - 1)) return false;
    side_.set_changed(--start, true);
    side_.set_changed(--end, false);
    while (side_.is_changed(start - 1)) start--;
    return true;
  }

  long start = 0, end = 0;

 private:
  Side& side_;
};

void follow(bool moved) {
  if (!moved) BUG("group sync broken while sliding");
}

long best_end(const Side& side, long earliest, long latest, long size) {
  long from = std::max({earliest, latest - size - 1, latest - kMaxSliding});
  long best = -1;
  Score best_score;
  for (long end = from; end <= latest; end++) {
    Score score;
    score.add(measure(side, end));
    score.add(measure(side, end - size));
    if (best == -1 || score.is_at_most(best_score)) {
      best_score = score;
      best = end;
    }
  }
  return best;
}

void place(Side& side, Group& group, Group& other, unsigned flags) {
  long size, earliest, aligned;
  do {
    size = group.size();
    aligned = -1;
    while (group.slide_up()) follow(other.to_previous());
    earliest = group.end;
    if (!other.is_empty()) aligned = group.end;
    while (group.slide_down()) {
      follow(other.to_next());
      if (!other.is_empty()) aligned = group.end;
    }
  } while (size != group.size());

  if (group.end == earliest) return;
  if (aligned != -1) {
    while (other.is_empty()) {
      if (!group.slide_up()) BUG("match disappeared");
      follow(other.to_previous());
    }
  } else if (flags & kXdfIndentHeuristic) {
    const long best = best_end(side, earliest, group.end, size);
    while (group.end > best) {
      if (!group.slide_up()) BUG("best shift unreached");
      follow(other.to_previous());
    }
  }
}

}  // namespace

void compact_changes(Side& side, Side& other_side, unsigned flags) {
  Group group(side), other(other_side);
  for (;;) {
    if (!group.is_empty()) place(side, group, other, flags);
    if (!group.to_next()) break;
    follow(other.to_next());
  }
}

}  // namespace git::xdiff
