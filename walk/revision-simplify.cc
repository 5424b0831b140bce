// History simplification (git-log(1), "History Simplification"): which commits are the same tree for the paths asked
// for, which parents that leaves, and what a merge becomes when its branches do not matter.
//
// Relevant are parents that are interesting or named as a bottom of the range; irrelevant ones must not make a merge
// look like a change, unless there are no others.
#include <algorithm>

#include "base/error.h"
#include "walk/commit-reach.h"
#include "walk/revisions-internal.h"

namespace git {

bool RevWalk::is_relevant(const Commit* c) const {
  return (flags_.get(c) & (kRevUninteresting | kRevBottom)) != kRevUninteresting;
}

TreeChange RevWalk::compare_trees(Commit* parent, Commit* c, std::size_t nth) {
  const ObjectId& before = pool_.tree(parent);
  const ObjectId& after = pool_.tree(c);
  if (simplify_by_decoration) {
    if (is_decorated && is_decorated(c)) return TreeChange::different;
    if (!limiter) return TreeChange::same;
  }
  if (!limiter) return before == after ? TreeChange::same : TreeChange::different;
  if (before == after) return TreeChange::same;
  std::uint64_t maybe = bloom_ ? bloom_->maybe : 0;
  if (nth == 0 && bloom_says_unchanged(c)) return TreeChange::same;
  TreeChange change = limiter->compare(before, after);
  if (bloom_ && bloom_->maybe != maybe && change == TreeChange::same) bloom_->false_positive++;
  return change;
}
bool RevWalk::same_as_empty(Commit* c) {
  const ObjectId& tree = pool_.tree(c);
  if (!limiter) return tree == empty_tree_id(pool_.algo());
  if (bloom_says_unchanged(c)) return true;
  return limiter->compare(ObjectId::null(pool_.algo()), tree) == TreeChange::same;
}

void RevWalk::try_to_simplify(Commit* c) {
  if (!prune) return;
  std::span<Commit* const> list = parents(c);
  if (list.empty()) {
    if (same_as_empty(c)) flags_[c] |= kRevTreesame;
    return;
  }
  if (!dense && list.size() == 1) return;
  const bool per_parent = simplify_merges || (limited && limiting_can_increase_treesame());
  std::vector<unsigned char>* remembered = nullptr;
  int relevant = 0;
  bool relevant_change = false, irrelevant_change = false;
  for (std::size_t nth = 0; nth < list.size(); nth++) {
    Commit* p = list[nth];
    if (nth == 1) {
      if (first_parent_only) break;
      if (per_parent && !simplify_history && !(flags_[c] & kRevUninteresting)) {
        remembered = &treesame_[c];
        remembered->assign(list.size(), 0);
        if (!relevant_change && !irrelevant_change) (*remembered)[0] = 1;
      }
    }
    bool is_rel = is_relevant(p);
    if (is_rel) relevant++;
    if (!parse(p)) {
      if (ignore_missing_links || do_not_die_on_missing_objects ||
          (exclude_promisor_objects && pool_.odb().is_promisor_object(p->oid)))
        continue;
      die("cannot simplify commit %s (because of %s)", c->oid, p->oid);
    }
    switch (compare_trees(p, c, nth)) {
      case TreeChange::same:
        if (!simplify_history || !is_rel) {
          if (remembered) (*remembered)[nth] = 1;
          continue;
        }
        if (list.size() > 1) set_parents(c, {p});
        if (!show_pulls || nth == 0) flags_[c] |= kRevTreesame;
        return;
      case TreeChange::only_added:
        if (remove_empty_trees && same_as_empty(p)) {
          parse(p);
          set_parents(p, {});
        }
        [[fallthrough]];
      case TreeChange::only_removed:
      case TreeChange::different:
        (is_rel ? relevant_change : irrelevant_change) = true;
        if (nth == 0) flags_[c] |= kRevPullMerge;
        continue;
    }
  }
  if (relevant ? !relevant_change : !irrelevant_change) flags_[c] |= kRevTreesame;
}

void RevWalk::update_treesame(Commit* c) {
  std::span<Commit* const> list = parents(c);
  if (list.size() < 2) return;
  auto found = treesame_.find(c);
  if (found == treesame_.end()) return;
  int relevant = 0;
  bool relevant_change = false, irrelevant_change = false;
  for (std::size_t n = 0; n < list.size() && n < found->second.size(); n++) {
    if (is_relevant(list[n])) {
      relevant_change |= !found->second[n];
      relevant++;
    } else {
      irrelevant_change |= !found->second[n];
    }
  }
  if (relevant ? relevant_change : irrelevant_change)
    flags_[c] &= ~kRevTreesame;
  else
    flags_[c] |= kRevTreesame;
}

// The only parent that matters; nullptr where several do, or none.
Commit* RevWalk::one_relevant_parent(std::span<Commit* const> list) const {
  if (list.empty()) return nullptr;
  if (first_parent_only || list.size() == 1) return list[0];
  Commit* found = nullptr;
  for (Commit* p : list)
    if (is_relevant(p)) {
      if (found) return nullptr;
      found = p;
    }
  return found;
}

// Follows commits that changed nothing to the first that did.
RevWalk::Rewrite RevWalk::rewrite_one(Commit** at) {
  for (;;) {
    Commit* p = *at;
    if (!limited && !process_parents(p, topo_ ? Push() : Push([this](Commit* q) { queue_.push(q); }))) return Rewrite::error;
    if (flags_[p] & kRevUninteresting) return Rewrite::ok;
    if (!(flags_[p] & kRevTreesame)) return Rewrite::ok;
    std::span<Commit* const> list = parents(p);
    if (list.empty()) return Rewrite::no_parents;
    Commit* only = one_relevant_parent(list);
    if (!only) return Rewrite::ok;
    *at = only;
  }
}

bool RevWalk::rewrite_commit_parents(Commit* c) {
  std::span<Commit* const> before = parents(c);
  std::vector<Commit*> after;
  bool changed = false;
  for (Commit* p : before) {
    Commit* q = p;
    Rewrite r = rewrite_one(&q);
    if (r == Rewrite::error) return false;
    if (r == Rewrite::no_parents) {
      changed = true;
      continue;
    }
    if (q != p) changed = true;
    if (std::find(after.begin(), after.end(), q) != after.end())
      changed = true;
    else
      after.push_back(q);
  }
  if (changed) set_parents(c, std::move(after));
  return true;
}

// ---- --simplify-merges ----
// Works from the oldest commit up: each commit is replaced by what it simplifies to, after its parents were.
void RevWalk::simplify_all_merges() {
  if (!prune) return;
  std::vector<Commit*> stack;
  for (std::size_t i = list_.size(); i-- > 0;) {
    stack.assign(1, list_[i]);
    while (!stack.empty()) {
      Commit* c = stack.back();
      if (simplified_.count(c)) {
        stack.pop_back();
        continue;
      }
      if (flags_[c] & kRevUninteresting || parents(c).empty()) {
        simplified_[c] = c;
        stack.pop_back();
        continue;
      }
      std::size_t waiting = 0;
      for (Commit* p : parents(c)) {
        if (!simplified_.count(p)) {
          stack.push_back(p);
          waiting++;
        }
        if (first_parent_only) break;
      }
      if (waiting) continue;
      stack.pop_back();
      simplify_one(c);
    }
  }
  std::erase_if(list_, [&](Commit* c) { return simplified_[c] != c; });
}

void RevWalk::keep_parents(Commit* c, const std::vector<bool>& keep) {
  std::span<Commit* const> list = parents(c);
  std::vector<Commit*> left;
  auto found = treesame_.find(c);
  std::vector<unsigned char> same;
  for (std::size_t n = 0; n < list.size(); n++) {
    if (!keep[n]) continue;
    left.push_back(list[n]);
    if (found != treesame_.end() && n < found->second.size()) same.push_back(found->second[n]);
  }
  std::size_t count = left.size();
  bool changed = count != list.size();
  set_parents(c, std::move(left));
  if (!changed) return;
  if (found != treesame_.end()) {
    found->second = same;
    if (count == 1) {
      if (!same.empty() && same[0])
        flags_[c] |= kRevTreesame;
      else
        flags_[c] &= ~kRevTreesame;
      treesame_.erase(c);
    } else {
      update_treesame(c);
    }
  }
}

void RevWalk::simplify_one(Commit* c) {
  std::vector<Commit*> list(parents(c).begin(), parents(c).end());
  for (Commit*& p : list) {
    p = simplified_[p];
    if (first_parent_only) break;
  }
  set_parents(c, list);
  std::size_t count = 1;
  if (!first_parent_only) {
    std::vector<bool> keep(list.size(), true);
    for (std::size_t n = 1; n < list.size(); n++)
      if (std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(n), list[n]) !=
          list.begin() + static_cast<std::ptrdiff_t>(n))
        keep[n] = false;
    keep_parents(c, keep);
    count = parents(c).size();
  }
  if (count > 1) count = drop_redundant_parents(c);
  Commit* only = nullptr;
  if (!count || flags_[c] & kRevUninteresting || !(flags_[c] & kRevTreesame) || !(only = one_relevant_parent(parents(c))) ||
      (show_pulls && flags_[c] & kRevPullMerge))
    simplified_[c] = c;
  else
    simplified_[c] = simplified_[only];
}

std::size_t RevWalk::drop_redundant_parents(Commit* c) {
  std::span<Commit* const> list = parents(c);
  std::vector<bool> keep(list.size(), true);
  CommitList heads = reduce_heads(pool_, list);
  std::size_t marked = 0;
  for (std::size_t n = 0; n < list.size(); n++) {
    bool redundant = std::find(heads.begin(), heads.end(), list[n]) == heads.end();
    bool same_root = parents(list[n]).empty() && flags_[list[n]] & kRevTreesame;
    if (redundant || same_root) {
      keep[n] = false;
      marked++;
    }
  }
  if (!marked) return list.size();
  // A merge that is the same as a parent about to go, and as none that stays, keeps the first such parent.
  if (auto found = treesame_.find(c); found != treesame_.end()) {
    std::ptrdiff_t first = -1;
    bool kept = false;
    for (std::size_t n = 0; n < list.size() && n < found->second.size(); n++) {
      if (!found->second[n]) continue;
      if (keep[n]) {
        kept = true;
        break;
      }
      if (first < 0) first = static_cast<std::ptrdiff_t>(n);
    }
    if (first >= 0 && !kept) {
      keep[static_cast<std::size_t>(first)] = true;
      marked--;
    }
  }
  if (marked) keep_parents(c, keep);
  return parents(c).size();
}

}  // namespace git
