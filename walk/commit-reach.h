// Questions about reachability: merge bases, ancestry, counts ahead and behind.  Generation numbers cut every
// walk where a commit-graph has them.  Commits that can't be read die with git's message.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

class Repository;

using CommitList = std::vector<Commit*>;

// Best common ancestors of `one` and a hypothetical merge of `twos`, newest first.
CommitList merge_bases_many(CommitPool& pool, Commit* one, std::span<Commit* const> twos);
inline CommitList merge_bases(CommitPool& pool, Commit* one, Commit* two) { return merge_bases_many(pool, one, {&two, 1}); }
// Best common ancestors of all.
CommitList octopus_merge_bases(CommitPool& pool, std::span<Commit* const> commits);

// Is `commit` an ancestor of (or the same as) one of `references`?
bool in_merge_bases_many(CommitPool& pool, Commit* commit, std::span<Commit* const> references);
inline bool in_merge_bases(CommitPool& pool, Commit* commit, Commit* reference) {
  return in_merge_bases_many(pool, commit, {&reference, 1});
}
// Is `commit` a descendant of (or the same as) one of `ancestors`? True for an empty list.
bool is_descendant_of(CommitPool& pool, Commit* commit, std::span<Commit* const> ancestors);
// Without those reachable from another of the list; order kept, duplicates dropped.
CommitList reduce_heads(CommitPool& pool, std::span<Commit* const> heads);

struct AheadBehind {
  Commit* base = nullptr;
  Commit* tip = nullptr;
  std::uint64_t ahead = 0;   // reachable from tip only
  std::uint64_t behind = 0;  // reachable from base only
};
void ahead_behind(CommitPool& pool, std::span<AheadBehind> pairs);

// Which of `to` are reachable from any of `from`; order of `to`.
CommitList reachable_subset(CommitPool& pool, std::span<Commit* const> from, std::span<Commit* const> to);
// Does every one of `from` reach one of `to`, not looking below `min_date`?
bool can_all_from_reach(CommitPool& pool, std::span<Commit* const> from, std::span<Commit* const> to, bool cutoff_by_min_date);
// Does every one of `from` reach a commit for which `is_goal` holds, walking nothing older than min_date
// nor of a lower generation?
bool can_all_from_reach_goal(CommitPool& pool, std::span<Commit* const> from, const std::function<bool(const Commit*)>& is_goal,
                             std::uint64_t min_date, std::uint64_t min_generation);
// The tips whose history holds `commit`... one answer cache for many tips ("--contains").
class ContainsCache {
 public:
  ContainsCache(CommitPool& pool, CommitList wanted);
  bool contains(Commit* tip);

 private:
  enum class Answer : std::uint8_t { unknown, no, yes };
  CommitPool& pool_;
  CommitList wanted_;
  CommitMarks<Answer> marks_;
  std::uint64_t cutoff_ = ~0ull;
};
// For each base, is it reachable from one of the tips?  Indexes of tips that are reachable from a base are marked true.
std::vector<bool> tips_reachable_from_bases(CommitPool& pool, std::span<Commit* const> bases, std::span<Commit* const> tips);
// The base whose first-parent history `tip` most likely forked from; -1 where none fits.
int branch_base_for_tip(CommitPool& pool, Commit* tip, std::span<Commit* const> bases);
// "merge-base --fork-point": nullptr where the reflog does not tell.
Commit* fork_point(Repository& repo, std::string_view refname, Commit* commit);

}  // namespace git
