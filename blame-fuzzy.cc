// The pair of lines that match with the greatest certainty is taken first; what they share is taken out of the parent's line,
// and everything before and after them is matched in the same way, so that the order of lines is kept.  A line is compared only
// with those near to where it would be if lines were spread evenly.  What finds nothing in the changed stretch may still have
// come from elsewhere in the file.
#include "blame-fuzzy.h"

#include <algorithm>
#include <cstdlib>

#include "base/strings.h"
#include "diff/xdiff.h"

namespace git {

LineFingerprint::LineFingerprint(std::string_view line) {
  unsigned before = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    // There is white space at both ends.
    const unsigned now = i == line.size() || is_space(line[i]) ? 0 : static_cast<unsigned char>(to_lower(line[i]));
    const unsigned pair = before | now << 8;
    if (pair) ++pairs_[static_cast<std::uint16_t>(pair)];
    before = now;
  }
}

int LineFingerprint::similarity(const LineFingerprint& other) const {
  int shared = 0;
  for (const auto& [pair, count] : other.pairs_)
    if (auto it = pairs_.find(pair); it != pairs_.end()) shared += std::min(count, it->second);
  return shared;
}

void LineFingerprint::subtract(const LineFingerprint& other) {
  for (const auto& [pair, count] : other.pairs_) {
    auto it = pairs_.find(pair);
    if (it == pairs_.end()) continue;
    if (it->second <= count)
      pairs_.erase(it);
    else
      it->second -= count;
  }
}

std::vector<LineFingerprint> line_fingerprints(std::string_view text) {
  std::vector<LineFingerprint> prints;
  for (std::string_view line : text_lines(text)) prints.emplace_back(line);
  return prints;
}

namespace {

constexpr int kNothingMatches = -1, kNotCalculated = -2;
constexpr int kMaxSearchDistance = 10;
constexpr int kWholeFileThreshold = 10;  // of similarity, for lines from elsewhere

class Matcher {
 public:
  Matcher(std::vector<LineFingerprint>& parent, const std::vector<LineFingerprint>& target, int first, int count,
          int parent_first, int parent_count)
      : parent_(parent),
        target_(target),
        first_(first),
        count_(count),
        parent_first_(parent_first),
        parent_count_(parent_count),
        reach_(std::min(kMaxSearchDistance, parent_count - 1)),
        reach_back_(((2 * reach_ + 1) * count - 1) / parent_count),
        best_(static_cast<std::size_t>(count), -1),
        second_best_(static_cast<std::size_t>(count), -1),
        certainty_(static_cast<std::size_t>(count), kNotCalculated),
        similarity_(static_cast<std::size_t>(count * (2 * reach_ + 1)), -1) {}

  std::vector<int> run() {
    match(parent_first_, parent_count_, 0, count_);
    return std::move(best_);
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  // Where line `i` (of the changed ones) would be in the parent.
  int closest(int i) const { return (i * 2 + 1) * parent_count_ / (count_ * 2) + parent_first_; }
  int& similarity(int parent_line, int i) { return similarity_[at(parent_line - closest(i) + reach_ + i * (2 * reach_ + 1))]; }

  void find_best(int start, int length, int i) {
    if (certainty_[at(i)] != kNotCalculated) return;
    const int middle = closest(i);
    const int from = std::max(middle - reach_, start), end = std::min(middle + reach_ + 1, start + length);
    int best = 0, second = 0, best_line = start, second_line = start;
    for (int line = from; line < end; ++line) {
      int& value = similarity(line, i);
      // Distance decides between lines that are equally similar.
      if (value == -1) value = target_[at(first_ + i)].similarity(parent_[at(line)]) * (1000 - std::abs(line - middle));
      if (value > best) {
        second = best, second_line = best_line;
        best = value, best_line = line;
      } else if (value > second) {
        second = value, second_line = line;
      }
    }
    if (!best) {
      certainty_[at(i)] = kNothingMatches;
      best_[at(i)] = -1;
      return;
    }
    // Two good matches make each less certain, but not less than one bad match is.
    certainty_[at(i)] = best * 2 - second;
    best_[at(i)] = best_line;
    second_best_[at(i)] = second_line;
  }

  // Matches lines [begin, begin + count) with `length` lines of the parent from `start`.
  void match(int start, int length, int begin, int count) {
    int chosen = -1, certainty = -1;
    for (int i = begin; i < begin + count; ++i) {
      find_best(start, length, i);
      if (certainty_[at(i)] > certainty) certainty = certainty_[at(i)], chosen = i;
    }
    if (chosen == -1) return;
    const int line = best_[at(chosen)];
    parent_[at(line)].subtract(target_[at(first_ + chosen)]);
    // What was found out about this line of the parent, or goes against the order of lines now, no longer holds.
    const int from = std::max(chosen - reach_back_, begin), end = std::min(chosen + reach_back_ + 1, begin + count);
    for (int i = from; i < end; ++i)
      if (std::abs(line - closest(i)) <= reach_) similarity(line, i) = -1;
    for (int i = from; i < chosen; ++i)
      if (certainty_[at(i)] >= 0 && (best_[at(i)] >= line || second_best_[at(i)] >= line)) certainty_[at(i)] = kNotCalculated;
    for (int i = chosen + 1; i < end; ++i)
      if (certainty_[at(i)] >= 0 && (best_[at(i)] <= line || second_best_[at(i)] <= line)) certainty_[at(i)] = kNotCalculated;
    if (chosen > begin) match(start, line + 1 - start, begin, chosen - begin);
    if (chosen + 1 < begin + count) match(line, start + length - line, chosen + 1, begin + count - chosen - 1);
  }

  std::vector<LineFingerprint>& parent_;
  const std::vector<LineFingerprint>& target_;
  int first_, count_, parent_first_, parent_count_, reach_, reach_back_;
  std::vector<int> best_, second_best_, certainty_, similarity_;
};

int find_anywhere(const std::vector<LineFingerprint>& parent, const LineFingerprint& wanted, int line) {
  int best = kWholeFileThreshold, found = -1;
  for (int i = 0; i < static_cast<int>(parent.size()); ++i) {
    const int value = wanted.similarity(parent[static_cast<std::size_t>(i)]);
    if (value < best) continue;
    if (value == best && found != -1 && std::abs(found - line) < std::abs(i - line)) continue;
    best = value;
    found = i;
  }
  return found;
}

}  // namespace

std::vector<int> match_changed_lines(std::vector<LineFingerprint>& parent, const std::vector<LineFingerprint>& target, int first,
                                     int count, int parent_first, int parent_count) {
  std::vector<int> lines(static_cast<std::size_t>(count), -1);
  if (parent_count > 0) lines = Matcher(parent, target, first, count, parent_first, parent_count).run();
  for (int i = 0; i < count; ++i)
    if (int& line = lines[static_cast<std::size_t>(i)]; line < 0)
      line = find_anywhere(parent, target[static_cast<std::size_t>(first + i)], first + i);
  return lines;
}

}  // namespace git
