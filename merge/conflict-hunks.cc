// Both sides of a conflict in byte order: whichever branch was merged into the other, the same conflict gets one name.
#include "merge/conflict-hunks.h"

#include "base/strings.h"
#include "hash/hasher.h"

namespace git {
namespace {

constexpr int kMaxDepth = 100;  // conflicts within conflicts

bool is_marker(std::string_view line, char kind, int size) {
  const auto length = static_cast<std::size_t>(size);
  if (line.size() <= length || line.find_first_not_of(kind) < length) return false;
  // Ours and theirs always have a label; the others may.
  if ((kind == '<' || kind == '>') && line[length] != ' ') return false;
  return is_space(line[length]);
}

class Normalizer {
 public:
  Normalizer(std::string_view text, int size) : rest_(text), size_(size) {}
  std::optional<std::string_view> line() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t newline = rest_.find('\n');
    std::string_view one = rest_.substr(0, newline == std::string_view::npos ? rest_.size() : newline + 1);
    rest_.remove_prefix(one.size());
    return one;
  }
  // Behind the opening marker: to the closing one. False where that is missing or misplaced.
  bool conflict(std::string& out, Hasher* hasher, int depth);
  bool opens(std::string_view one) const { return is_marker(one, '<', size_); }

 private:
  void put_marker(std::string& out, char kind) const { out.append(static_cast<std::size_t>(size_), kind).append("\n"); }
  std::string_view rest_;
  int size_;
};

bool Normalizer::conflict(std::string& out, Hasher* hasher, int depth) {
  if (depth > kMaxDepth) return false;
  enum { kOne, kBase, kTwo } at = kOne;
  std::string one, two;
  while (auto text = line()) {
    if (opens(*text)) {
      std::string inner;
      if (!conflict(inner, nullptr, depth + 1)) return false;
      if (at == kOne) one += inner;
      if (at == kTwo) two += inner;
    } else if (is_marker(*text, '|', size_)) {
      if (at != kOne) return false;
      at = kBase;
    } else if (is_marker(*text, '=', size_)) {
      if (at == kTwo) return false;
      at = kTwo;
    } else if (is_marker(*text, '>', size_)) {
      if (at != kTwo) return false;
      if (compare_bytes(one, two) > 0) std::swap(one, two);
      put_marker(out, '<');
      out += one;
      put_marker(out, '=');
      out += two;
      put_marker(out, '>');
      if (hasher) {
        hasher->update(one.c_str(), one.size() + 1);
        hasher->update(two.c_str(), two.size() + 1);
      }
      return true;
    } else if (at == kOne) {
      one += *text;
    } else if (at == kTwo) {
      two += *text;
    }
  }
  return false;
}

}  // namespace

std::optional<NormalizedConflicts> normalize_conflicts(std::string_view text, int marker_size, HashAlgo algo) {
  NormalizedConflicts result;
  Hasher hasher(algo);
  Normalizer normalizer(text, marker_size);
  while (auto line = normalizer.line()) {
    if (!normalizer.opens(*line)) {
      result.text += *line;
      continue;
    }
    if (!normalizer.conflict(result.text, &hasher, 0)) return std::nullopt;
    result.count++;
  }
  result.id = hasher.finish();
  return result;
}

}  // namespace git
