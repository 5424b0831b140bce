// Two names are equal up to some byte.  If a run of digits crosses it, the runs are compared: those that begin with '0' as
// fractions (digit by digit, a longer run of zeros first), the others as whole numbers (the longer run is greater).
#include "base/versioncmp.h"

#include <algorithm>

#include "base/strings.h"

namespace git {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

// The suffix that covers position `at`: the one that starts first, the longer of two.
struct SuffixMatch {
  int index = -1;
  std::size_t start = 0, length = 0;
};

SuffixMatch find_suffix(std::string_view name, std::size_t at, const std::vector<std::string>& suffixes) {
  SuffixMatch best;
  for (std::size_t i = 0; i < suffixes.size(); ++i) {
    const std::string& suffix = suffixes[i];
    std::size_t first = at > suffix.size() ? at - suffix.size() : 0;
    for (std::size_t start = first; start <= at && start <= name.size(); ++start) {
      if (!starts_with(name.substr(start), suffix)) continue;
      bool better = best.index < 0 || start < best.start || (start == best.start && suffix.size() > best.length);
      if (better) best = {static_cast<int>(i), start, suffix.size()};
      break;
    }
  }
  return best;
}

std::size_t digits_from(std::string_view text, std::size_t at) {
  std::size_t n = 0;
  while (at + n < text.size() && is_digit(text[at + n])) ++n;
  return n;
}

int compare_byte(std::string_view a, std::string_view b, std::size_t at) {
  int left = at < a.size() ? static_cast<unsigned char>(a[at]) : 0, right = at < b.size() ? static_cast<unsigned char>(b[at]) : 0;
  return left - right;
}

}  // namespace

int versioncmp(std::string_view a, std::string_view b, const std::vector<std::string>& suffixes) {
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  if (at == a.size() && at == b.size()) return 0;
  if (!suffixes.empty()) {
    SuffixMatch left = find_suffix(a, at, suffixes), right = find_suffix(b, at, suffixes);
    if (left.index >= 0 && right.index >= 0 && left.index != right.index) return left.index - right.index;
    if (left.index >= 0 && right.index < 0) return -1;
    if (right.index >= 0 && left.index < 0) return 1;
  }
  std::size_t start = at;
  while (start > 0 && is_digit(a[start - 1])) --start;
  std::size_t left = digits_from(a, start), right = digits_from(b, start);
  bool left_here = at < a.size() && is_digit(a[at]), right_here = at < b.size() && is_digit(b[at]);
  if (!left || !right || (!left_here && !right_here)) return compare_byte(a, b, at);
  bool fraction = (start < at ? a[start] == '0' : a[start] == '0' || b[start] == '0');
  if (!fraction) {
    if (left != right) return left < right ? -1 : 1;
    return compare_byte(a, b, at);
  }
  // Still within leading zeros of one: more zeros come first.
  std::size_t zeros = start;
  while (zeros < at && a[zeros] == '0') ++zeros;
  if (zeros == at) {
    if (!left_here) return 1;
    if (!right_here) return -1;
  }
  return compare_byte(a, b, at);
}

}  // namespace git
