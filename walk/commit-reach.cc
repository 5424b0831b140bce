// All answers come from two moves: painting two colours down until they meet (merge bases), and depth-first
// descent that never goes below the lowest generation that still matters (reachability).
#include "walk/commit-reach.h"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-graph.h"
#include "walk/commit-queue.h"

namespace git {
namespace {

enum Paint : unsigned char { kOne = 1, kTwo = 2, kStale = 4, kResult = 8 };
using Marks = CommitMarks<unsigned char>;

void parse_for_reach(CommitPool& pool, Commit* c) {
  if (!c->is_parsed && !pool.parse_quietly(c)) {
    if (Result<void> again = pool.parse(c); !again) error("%s", again.error().message);
    die("could not parse commit %s", c->oid);
  }
}

struct ReachOrder {
  bool by_generation = true;
  bool operator()(const Commit* a, const Commit* b) const {
    return by_generation ? HighestGenerationFirst{}(a, b) : NewestFirst{}(a, b);
  }
};

// Paints until everything in the queue is common to both. Returns the first common commits in date order.
CommitList paint_down_to_common(CommitPool& pool, Commit* one, std::span<Commit* const> twos, std::uint64_t min_generation,
                                Marks& marks) {
  CommitGraph* graph = pool.graph();
  bool by_generation = min_generation != 0 || graph != nullptr;
  CommitQueue<ReachOrder> queue(ReachOrder{by_generation});
  CommitList results;
  parse_for_reach(pool, one);
  marks[one] = static_cast<unsigned char>(marks[one] | kOne);
  if (twos.empty()) return {one};
  queue.push(one);
  for (Commit* two : twos) {
    parse_for_reach(pool, two);
    marks[two] = static_cast<unsigned char>(marks[two] | kTwo);
    queue.push(two);
  }
  while (queue.any([&](Commit* c) { return !(marks.get(c) & kStale); })) {
    Commit* c = queue.pop();
    if (min_generation && c->generation < min_generation) break;
    unsigned char flags = marks[c] & (kOne | kTwo | kStale);
    if (flags == (kOne | kTwo)) {
      if (!(marks[c] & kResult)) {
        marks[c] = static_cast<unsigned char>(marks[c] | kResult);
        results.push_back(c);
      }
      flags |= kStale;
    }
    for (Commit* p : c->parents) {
      if ((marks[p] & flags) == flags) continue;
      parse_for_reach(pool, p);
      marks[p] = static_cast<unsigned char>(marks[p] | flags);
      queue.push(p);
    }
  }
  std::stable_sort(results.begin(), results.end(), NewestFirst{});
  return results;
}

// Marks those of `list` that another one reaches.
std::vector<bool> find_redundant(CommitPool& pool, std::span<Commit* const> list) {
  std::vector<bool> redundant(list.size());
  if (list.size() < 2) return redundant;
  std::unordered_map<const Commit*, std::size_t> where;
  std::uint64_t min_generation = kGenerationInfinity, min_date = ~0ull;
  for (std::size_t i = 0; i < list.size(); i++) {
    parse_for_reach(pool, list[i]);
    where[list[i]] = i;
    min_generation = std::min(min_generation, list[i]->generation);
    min_date = std::min(min_date, list[i]->date);
  }
  if (min_generation == kGenerationInfinity || pool.graph() == nullptr) {
    // No generation numbers below: paint pairwise, which dates keep short.
    for (std::size_t i = 0; i < list.size(); i++) {
      if (redundant[i]) continue;
      CommitList others;
      std::vector<std::size_t> index;
      for (std::size_t j = 0; j < list.size(); j++)
        if (j != i && !redundant[j] && list[j] != list[i]) {
          others.push_back(list[j]);
          index.push_back(j);
        }
      Marks marks;
      paint_down_to_common(pool, list[i], others, 0, marks);
      if (marks[list[i]] & kTwo) redundant[i] = true;
      for (std::size_t k = 0; k < others.size(); k++)
        if (marks[others[k]] & kOne) redundant[index[k]] = true;
    }
    return redundant;
  }
  // One descent from all parents, cut at the lowest generation of the list.
  Marks seen;
  GenerationQueue queue;
  for (Commit* c : list)
    for (Commit* p : c->parents)
      if (!seen[p]) {
        parse_for_reach(pool, p);
        seen[p] = 1;
        queue.push(p);
      }
  while (!queue.empty()) {
    Commit* c = queue.pop();
    if (c->generation < min_generation) break;
    if (auto found = where.find(c); found != where.end()) redundant[found->second] = true;
    for (Commit* p : c->parents)
      if (!seen[p]) {
        parse_for_reach(pool, p);
        seen[p] = 1;
        if (p->generation >= min_generation) queue.push(p);
      }
  }
  return redundant;
}

// Gives every commit reachable from `tips` a generation number, as a commit-graph would: walks that must see a commit
// after all of its descendants can't do with dates alone.
void ensure_generations(CommitPool& pool, std::span<Commit* const> tips) {
  CommitGraph* graph = pool.graph();
  const bool by_date = !graph || graph->has_corrected_dates();
  std::vector<Commit*> stack;
  for (Commit* tip : tips) {
    parse_for_reach(pool, tip);
    if (tip->generation != kGenerationInfinity) continue;
    stack.assign(1, tip);
    while (!stack.empty()) {
      Commit* c = stack.back();
      if (c->generation != kGenerationInfinity) {
        stack.pop_back();
        continue;
      }
      bool ready = true;
      std::uint64_t highest = 0;
      for (Commit* p : c->parents) {
        parse_for_reach(pool, p);
        if (p->generation == kGenerationInfinity) {
          stack.push_back(p);
          ready = false;
        } else {
          highest = std::max(highest, p->generation);
        }
      }
      if (!ready) continue;
      c->generation = by_date ? std::max(c->date, highest + 1) : highest + 1;
      stack.pop_back();
    }
  }
}

}  // namespace

CommitList merge_bases_many(CommitPool& pool, Commit* one, std::span<Commit* const> twos) {
  for (Commit* two : twos)
    if (two == one) return {one};
  Marks marks;
  CommitList found = paint_down_to_common(pool, one, twos, 0, marks), list;
  for (Commit* c : found)
    if (!(marks[c] & kStale)) list.push_back(c);
  if (list.size() < 2) return list;
  std::vector<bool> redundant = find_redundant(pool, list);
  CommitList best;
  for (std::size_t i = 0; i < list.size(); i++)
    if (!redundant[i]) best.push_back(list[i]);
  return best;
}

CommitList octopus_merge_bases(CommitPool& pool, std::span<Commit* const> commits) {
  if (commits.empty()) return {};
  CommitList bases{commits[0]};
  for (Commit* next : commits.subspan(1)) {
    CommitList merged;
    for (Commit* base : bases) {
      CommitList some = merge_bases(pool, next, base);
      merged.insert(merged.end(), some.begin(), some.end());
    }
    bases = std::move(merged);
  }
  return bases;
}

bool in_merge_bases_many(CommitPool& pool, Commit* commit, std::span<Commit* const> references) {
  parse_for_reach(pool, commit);
  std::uint64_t highest = 0;
  for (Commit* r : references) {
    parse_for_reach(pool, r);
    highest = std::max(highest, r->generation);
  }
  if (commit->generation != kGenerationInfinity && commit->generation > highest) return false;
  if (commit->generation != kGenerationInfinity || pool.graph()) {
    bool all = false;
    for (Commit* r : references) all = all || can_all_from_reach(pool, {&r, 1}, {&commit, 1}, false);
    return all;
  }
  Marks marks;
  paint_down_to_common(pool, commit, references, 0, marks);
  return marks[commit] & kTwo;
}

bool is_descendant_of(CommitPool& pool, Commit* commit, std::span<Commit* const> ancestors) {
  if (ancestors.empty()) return true;
  for (Commit* a : ancestors)
    if (in_merge_bases(pool, a, commit)) return true;
  return false;
}

CommitList reduce_heads(CommitPool& pool, std::span<Commit* const> heads) {
  CommitList unique;
  std::unordered_set<const Commit*> seen;
  for (Commit* c : heads)
    if (seen.insert(c).second) unique.push_back(c);
  std::vector<bool> redundant = find_redundant(pool, unique);
  CommitList kept;
  for (std::size_t i = 0; i < unique.size(); i++)
    if (!redundant[i]) kept.push_back(unique[i]);
  return kept;
}

// ---- ahead and behind ----
// Each commit carries one bit per tip that reaches it; walking by generation, a commit is complete when it
// leaves the queue. A commit that every tip reaches is stale, and the walk ends when all that wait are.
namespace {

// Numbers that rise from parents to children: the commit-graph's, and for commits that are not in it one more than
// the greatest of the parents'. Dates alone don't do: whole histories are made within a second.
class Levels {
 public:
  explicit Levels(CommitPool& pool) : pool_(pool) {}
  std::uint64_t of(Commit* commit) {
    std::vector<Commit*> stack{commit};
    while (!stack.empty()) {
      Commit* c = stack.back();
      if (known(c)) {
        stack.pop_back();
        continue;
      }
      std::uint64_t level = 0;
      bool ready = true;
      for (Commit* parent : c->parents) {
        if (std::optional<std::uint64_t> below = known(parent)) {
          level = std::max(level, *below);
        } else {
          stack.push_back(parent);
          ready = false;
        }
      }
      if (!ready) continue;
      levels_[c] = level + 1;
      stack.pop_back();
    }
    return *known(commit);
  }

 private:
  std::optional<std::uint64_t> known(Commit* commit) {
    parse_for_reach(pool_, commit);
    if (commit->generation != kGenerationInfinity) return commit->generation;
    auto found = levels_.find(commit);
    if (found == levels_.end()) return std::nullopt;
    return found->second;
  }
  CommitPool& pool_;
  std::unordered_map<const Commit*, std::uint64_t> levels_;
};

}  // namespace

void ahead_behind(CommitPool& pool, std::span<AheadBehind> pairs) {
  if (pairs.empty()) return;
  std::vector<Commit*> tips;
  std::unordered_map<const Commit*, std::size_t> number;
  auto number_of = [&](Commit* c) {
    auto [at, is_new] = number.try_emplace(c, tips.size());
    if (is_new) tips.push_back(c);
    return at->second;
  };
  for (AheadBehind& p : pairs) {
    p.ahead = p.behind = 0;
    number_of(p.base);
    number_of(p.tip);
  }
  ensure_generations(pool, tips);
  std::size_t words = (tips.size() + 63) / 64;
  using Bits = std::vector<std::uint64_t>;
  std::unordered_map<const Commit*, Bits> bits;
  Marks marks;  // 1 queued, kStale
  Levels levels(pool);
  std::priority_queue<std::pair<std::uint64_t, Commit*>> queue;
  for (std::size_t i = 0; i < tips.size(); i++) {
    parse_for_reach(pool, tips[i]);
    Bits& b = bits[tips[i]];
    b.resize(words);
    b[i / 64] |= 1ull << (i % 64);
    if (!marks[tips[i]]) {
      marks[tips[i]] = 1;
      queue.emplace(levels.of(tips[i]), tips[i]);
    }
  }
  auto is_full = [&](const Bits& b) {
    for (std::size_t i = 0; i < tips.size(); i++)
      if (!(b[i / 64] >> (i % 64) & 1)) return false;
    return true;
  };
  std::size_t fresh = queue.size();
  for (Commit* t : tips)
    if (is_full(bits[t])) {
      marks[t] = static_cast<unsigned char>(marks[t] | kStale);
      fresh--;
    }
  while (!queue.empty() && fresh) {
    Commit* c = queue.top().second;
    queue.pop();
    Bits own = std::move(bits[c]);
    bits.erase(c);
    if (!(marks[c] & kStale)) fresh--;
    for (AheadBehind& p : pairs) {
      std::size_t base = number[p.base], tip = number[p.tip];
      bool in_base = own[base / 64] >> (base % 64) & 1, in_tip = own[tip / 64] >> (tip % 64) & 1;
      if (in_tip && !in_base) p.ahead++;
      if (in_base && !in_tip) p.behind++;
    }
    for (Commit* parent : c->parents) {
      parse_for_reach(pool, parent);
      Bits& b = bits[parent];
      b.resize(words);
      for (std::size_t w = 0; w < words; w++) b[w] |= own[w];
      bool was_queued = marks[parent] & 1, was_stale = marks[parent] & kStale;
      if (!was_queued) {
        marks[parent] = 1;
        queue.emplace(levels.of(parent), parent);
        fresh++;
      }
      if (!was_stale && is_full(b)) {
        marks[parent] = static_cast<unsigned char>(marks[parent] | kStale);
        fresh--;
      }
    }
    marks[c] = static_cast<unsigned char>(marks[c] | 1);
  }
}

// ---- descent ----
bool can_all_from_reach_goal(CommitPool& pool, std::span<Commit* const> from, const std::function<bool(const Commit*)>& is_goal,
                             std::uint64_t min_date, std::uint64_t min_generation) {
  CommitMarks<unsigned char> state;  // 1 seen, 2 reaches
  struct Frame {
    Commit* commit;
    std::size_t next;
  };
  CommitList order(from.begin(), from.end());
  for (Commit* c : order)
    if (!pool.parse_quietly(c) || c->generation < min_generation) return false;
  std::stable_sort(order.begin(), order.end(), [](Commit* a, Commit* b) { return a->generation < b->generation; });
  std::vector<Frame> stack;
  for (Commit* start : order) {
    if (state[start] & 2) continue;
    state[start] |= 1;
    stack.assign(1, {start, 0});
    if (is_goal(start)) state[start] |= 2;
    while (!stack.empty()) {
      Frame& top = stack.back();
      Commit* c = top.commit;
      if (state[c] & 2) {
        stack.pop_back();
        if (!stack.empty()) state[stack.back().commit] |= 2;
        continue;
      }
      if (top.next >= c->parents.size()) {
        stack.pop_back();
        continue;
      }
      Commit* p = c->parents[top.next++];
      if (state[p] & 2) {
        state[c] |= 2;
        continue;
      }
      if (state[p] & 1) continue;
      state[p] |= 1;
      if (!pool.parse_quietly(p) || p->date < min_date || p->generation < min_generation) continue;
      if (is_goal(p)) state[p] |= 2;
      stack.push_back({p, 0});
    }
    if (!(state[start] & 2)) return false;
  }
  return true;
}

bool can_all_from_reach(CommitPool& pool, std::span<Commit* const> from, std::span<Commit* const> to, bool cutoff_by_min_date) {
  std::uint64_t min_date = cutoff_by_min_date ? ~0ull : 0, min_generation = kGenerationInfinity;
  for (Commit* c : from) {
    if (!pool.parse_quietly(c)) return false;
    if (cutoff_by_min_date) min_date = std::min(min_date, c->date);
    min_generation = std::min(min_generation, c->generation);
  }
  Marks goal;
  std::uint64_t lowest = kGenerationInfinity;
  for (Commit* c : to) {
    if (!pool.parse_quietly(c)) return false;
    if (cutoff_by_min_date) min_date = std::min(min_date, c->date);
    lowest = std::min(lowest, c->generation);
    goal[c] = 1;
  }
  if (lowest == kGenerationInfinity) lowest = 0;
  if (!pool.graph()) lowest = 0;
  return can_all_from_reach_goal(
      pool, from, [&](const Commit* c) { return goal.get(c) != 0; }, min_date, lowest);
}

CommitList reachable_subset(CommitPool& pool, std::span<Commit* const> from, std::span<Commit* const> to) {
  Marks wanted, seen;
  std::uint64_t min_generation = kGenerationInfinity;
  std::size_t left = 0;
  for (Commit* c : to) {
    parse_for_reach(pool, c);
    min_generation = std::min(min_generation, c->generation);
    if (!wanted[c]) left++;
    wanted[c] = 1;
  }
  GenerationQueue queue;
  for (Commit* c : from)
    if (!seen[c]) {
      parse_for_reach(pool, c);
      seen[c] = 1;
      queue.push(c);
    }
  while (left && !queue.empty()) {
    Commit* c = queue.pop();
    if (wanted[c] == 1) {
      wanted[c] = 2;
      left--;
    }
    for (Commit* p : c->parents) {
      if (seen[p]) continue;
      parse_for_reach(pool, p);
      seen[p] = 1;
      if (pool.graph() == nullptr || p->generation >= min_generation) queue.push(p);
    }
  }
  CommitList found;
  for (Commit* c : to)
    if (wanted[c] == 2) {
      found.push_back(c);
      wanted[c] = 3;
    }
  return found;
}

ContainsCache::ContainsCache(CommitPool& pool, CommitList wanted) : pool_(pool), wanted_(std::move(wanted)) {
  for (Commit* c : wanted_) {
    parse_for_reach(pool_, c);
    marks_[c] = Answer::yes;
    cutoff_ = std::min(cutoff_, c->generation);
  }
}

bool ContainsCache::contains(Commit* tip) {
  struct Frame {
    Commit* commit;
    std::size_t next;
  };
  // What is not here (or below every wanted commit) does not contain any of them.
  auto quick = [&](Commit* c) {
    if (marks_[c] != Answer::unknown) return marks_[c];
    parse_for_reach(pool_, c);
    if (c->generation < cutoff_ && cutoff_ != kGenerationInfinity) marks_[c] = Answer::no;
    return marks_[c];
  };
  Answer answer = quick(tip);
  if (answer != Answer::unknown) return answer == Answer::yes;
  std::vector<Frame> stack{{tip, 0}};
  while (!stack.empty()) {
    Frame& top = stack.back();
    if (top.next >= top.commit->parents.size()) {
      marks_[top.commit] = Answer::no;
      stack.pop_back();
      continue;
    }
    Commit* p = top.commit->parents[top.next];
    switch (quick(p)) {
      case Answer::yes:
        marks_[top.commit] = Answer::yes;
        stack.pop_back();
        break;
      case Answer::no:
        top.next++;
        break;
      case Answer::unknown:
        stack.push_back({p, 0});
        // Replacements can make a commit its own ancestor.
        if (stack.size() > pool_.count()) die("commit ancestry contains a cycle");
        break;
    }
  }
  return marks_[tip] == Answer::yes;
}

std::vector<bool> tips_reachable_from_bases(CommitPool& pool, std::span<Commit* const> bases, std::span<Commit* const> tips) {
  CommitList found = reachable_subset(pool, bases, tips);
  std::unordered_set<const Commit*> set(found.begin(), found.end());
  std::vector<bool> result;
  for (Commit* t : tips) result.push_back(set.count(t) != 0);
  return result;
}

// First-parent histories are walked together, newest generation first. The first commit that both the tip's
// and a base's chain hold decides; of several bases the first given wins.
int branch_base_for_tip(CommitPool& pool, Commit* tip, std::span<Commit* const> bases) {
  if (bases.empty()) return -1;
  ensure_generations(pool, {&tip, 1});
  ensure_generations(pool, bases);
  CommitMarks<std::uint32_t> best;  // 1 + index of the base; 0 none
  Marks from_tip, queued;
  CommitQueue<ReachOrder> queue(ReachOrder{true});
  parse_for_reach(pool, tip);
  from_tip[tip] = 1;
  queued[tip] = 1;
  queue.push(tip);
  for (std::size_t i = 0; i < bases.size(); i++) {
    Commit* b = bases[i];
    parse_for_reach(pool, b);
    if (best[b]) continue;
    best[b] = static_cast<std::uint32_t>(i + 1);
    if (b == tip) return static_cast<int>(i);
    if (!queued[b]) queue.push(b);
    queued[b] = 1;
  }
  while (!queue.empty()) {
    Commit* c = queue.pop();
    if (from_tip[c] && best[c]) return static_cast<int>(best[c]) - 1;
    if (c->parents.empty()) continue;
    Commit* p = c->parents[0];
    parse_for_reach(pool, p);
    if (from_tip[c]) from_tip[p] = 1;
    if (best[c] && (!best[p] || best[c] < best[p])) best[p] = best[c];
    if (!queued[p]) {
      queued[p] = 1;
      queue.push(p);
    }
  }
  return -1;
}

Commit* fork_point(Repository& repo, std::string_view refname, Commit* commit) {
  CommitPool& pool = repo.commits();
  CommitList tips;
  std::unordered_set<const Commit*> seen;
  auto add = [&](const ObjectId& oid) {
    if (oid.is_null()) return;
    Commit* c = pool.get(oid);
    if (!pool.parse_quietly(c)) return;
    if (seen.insert(c).second) tips.push_back(c);
  };
  bool first = true;
  repo.refs().for_each_reflog_entry(refname, false, [&](const ReflogEntry& entry) {
    if (first && !entry.old_oid.is_null()) add(entry.old_oid);
    first = false;
    add(entry.new_oid);
    return true;
  });
  if (tips.empty())
    if (auto oid = repo.refs().read_oid(refname)) add(*oid);
  CommitList bases = merge_bases_many(pool, commit, tips);
  if (bases.size() != 1) return nullptr;
  for (Commit* t : tips)
    if (t == bases[0]) return bases[0];
  return nullptr;
}

}  // namespace git
