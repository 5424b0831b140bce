// One frontier, ordered by generation and then by date.  A commit can only be reached from commits of a higher
// generation, so where both generations are known the walk stops early; without them it goes on until the frontier
// is empty, which happens at most once in the life of the object.
#include "walk/visible-history.h"

#include <algorithm>

namespace git {
namespace {

bool is_older(const Commit* a, const Commit* b) {
  if (a->generation != b->generation) return a->generation < b->generation;
  return a->date < b->date;
}

}  // namespace

void VisibleHistory::push(Commit* commit) {
  if (!commit || seen_[commit] || !pool_.parse_quietly(commit)) return;
  seen_[commit] = 1;
  heap_.push_back(commit);
  std::push_heap(heap_.begin(), heap_.end(), is_older);
}

void VisibleHistory::add_tip(const ObjectId& oid) { push(pool_.peel_to_commit(oid)); }

bool VisibleHistory::advance_to(Commit* commit) {
  bool has_generation = commit->generation != kGenerationInfinity;
  while (!heap_.empty() && !seen_.get(commit)) {
    Commit* top = heap_.front();
    if (has_generation && top->generation < commit->generation) return false;
    std::pop_heap(heap_.begin(), heap_.end(), is_older);
    heap_.pop_back();
    for (Commit* parent : top->parents) push(parent);
  }
  return seen_.get(commit);
}

bool VisibleHistory::reaches(Commit* commit) {
  if (!pool_.parse_quietly(commit)) return false;
  if (advance_to(commit)) return true;
  if (refs_added_) return false;
  refs_added_ = true;
  refs_([this](const ObjectId& oid) { add_tip(oid); });
  return advance_to(commit);
}

}  // namespace git
