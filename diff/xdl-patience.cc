// Patience comparison: lines that are unique on both sides are matched first, by their longest increasing
// sequence; what lies between is compared the same way again. Where no line is unique Myers takes over.
#include <unordered_map>

#include "base/strings.h"
#include "diff/xdiff-internal.h"

namespace git::xdiff {
namespace {

constexpr long kNone = -1;
constexpr long kNotUnique = -2;

struct Candidate {
  long line1 = kNone, line2 = kNone;
  bool is_anchor = false;
  Candidate* previous = nullptr;
  Candidate* next = nullptr;
};

bool starts_with_anchor(std::string_view line, const std::vector<std::string>& anchors) {
  for (const std::string& anchor : anchors)
    if (starts_with(line, anchor)) return true;
  return false;
}

class Patience {
 public:
  explicit Patience(Env& env) : env_(env) {}

  void compare(const Box& box) {
    if (!box.count1 || !box.count2) {
      mark_all(env_, box);
      return;
    }
    std::vector<Candidate> candidates;
    if (!collect(box, candidates)) {
      mark_all(env_, box);
      return;
    }
    if (Candidate* first = longest_sequence(candidates))
      walk(first, box);
    else
      run_myers(env_, box);
  }

 private:
  // In the order of the first text. False where no line of it is in the second.
  bool collect(const Box& box, std::vector<Candidate>& candidates) {
    std::unordered_map<LineClass, std::size_t> by_class;
    for (long i = box.start1; i < box.end1(); i++) {
      auto [it, is_new] = by_class.try_emplace(env_.one.at(i), candidates.size());
      if (!is_new) {
        candidates[it->second].line2 = kNotUnique;
        continue;
      }
      Candidate candidate;
      candidate.line1 = i;
      candidate.is_anchor = starts_with_anchor(env_.one.lines[static_cast<std::size_t>(i)], env_.params->anchors);
      candidates.push_back(candidate);
    }
    bool has_matches = false;
    for (long i = box.start2; i < box.end2(); i++) {
      auto it = by_class.find(env_.two.at(i));
      if (it == by_class.end()) continue;
      has_matches = true;
      long& line2 = candidates[it->second].line2;
      line2 = line2 == kNone ? i : kNotUnique;
    }
    return has_matches;
  }

  static Candidate* longest_sequence(std::vector<Candidate>& candidates) {
    std::vector<Candidate*> piles(candidates.size());
    long longest = 0, last_anchor = -1;
    for (Candidate& candidate : candidates) {
      if (candidate.line2 < 0) continue;
      long low = -1, high = longest;
      while (low + 1 < high) {
        long middle = low + (high - low) / 2;
        (piles[static_cast<std::size_t>(middle)]->line2 > candidate.line2 ? high : low) = middle;
      }
      candidate.previous = low < 0 ? nullptr : piles[static_cast<std::size_t>(low)];
      const long pile = low + 1;
      if (pile <= last_anchor) continue;
      piles[static_cast<std::size_t>(pile)] = &candidate;
      if (candidate.is_anchor) {
        last_anchor = pile;
        longest = pile + 1;
      } else if (pile == longest) {
        longest++;
      }
    }
    if (!longest) return nullptr;
    Candidate* entry = piles[static_cast<std::size_t>(longest - 1)];
    entry->next = nullptr;
    for (; entry->previous; entry = entry->previous) entry->previous->next = entry;
    return entry;
  }

  void walk(const Candidate* first, const Box& box) {
    long line1 = box.start1, line2 = box.start2;
    for (;;) {
      long next1 = first ? first->line1 : box.end1(), next2 = first ? first->line2 : box.end2();
      if (first)
        while (next1 > line1 && next2 > line2 && env_.one.at(next1 - 1) == env_.two.at(next2 - 1)) next1--, next2--;
      while (line1 < next1 && line2 < next2 && env_.one.at(line1) == env_.two.at(line2)) line1++, line2++;
      if (next1 > line1 || next2 > line2) compare({line1, next1 - line1, line2, next2 - line2});
      if (!first) return;
      while (first->next && first->next->line1 == first->line1 + 1 && first->next->line2 == first->line2 + 1) first = first->next;
      line1 = first->line1 + 1;
      line2 = first->line2 + 1;
      first = first->next;
    }
  }

  Env& env_;
};

}  // namespace

void run_patience(Env& env, const Box& box) { Patience(env).compare(box); }

}  // namespace git::xdiff
