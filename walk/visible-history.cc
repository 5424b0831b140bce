// One frontier, ordered by generation and then by date.  A commit can only be reached from commits of a higher
// generation, so where generations are known the walk stops early; and since a commit-graph holds the parents of all it
// holds, what isn't in it can't be reached from what is.  Without a graph dates must do: they may be wrong, so the walk
// goes on for a while behind the commit's own date.  A wrong "no" costs a few bytes more on the wire, never more.
#include "walk/visible-history.h"

#include <algorithm>

#include "base/strings.h"
#include "refs.h"
#include "refs/hidden-refs.h"
#include "repository.h"
#include "walk/commit-graph.h"

namespace git {
namespace {

constexpr int kPatienceBehindDate = 4096;  // commits

bool is_older(const Commit* a, const Commit* b) {
  if (a->generation != b->generation) return a->generation < b->generation;
  return a->date < b->date;
}

bool generations_rule_out(const Commit* from, const Commit* to) {
  if (to->generation == kGenerationInfinity) return from->generation != kGenerationInfinity;
  return to->generation != kGenerationZero && from->generation <= to->generation;
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
  int patience = kPatienceBehindDate;
  while (!heap_.empty() && !seen_.get(commit)) {
    Commit* top = heap_.front();
    if (generations_rule_out(top, commit)) return false;
    if (sources_.may_miss && top->date < commit->date && --patience < 0) return false;
    std::pop_heap(heap_.begin(), heap_.end(), is_older);
    heap_.pop_back();
    for (Commit* parent : top->parents) push(parent);
  }
  return seen_.get(commit);
}

void VisibleHistory::add_all(TipSource& source) {
  TipSource once = std::move(source);
  source = nullptr;
  once([this](const ObjectId& oid) { add_tip(oid); });
}

bool VisibleHistory::reaches(Commit* commit) {
  if (!pool_.parse_quietly(commit)) return false;
  if (advance_to(commit)) return true;
  if (sources_.likely) {
    add_all(sources_.likely);
    if (advance_to(commit)) return true;
  }
  if (!sources_.all) return false;
  // What is outside of the commit-graph is only reached from what is outside of it, too.
  bool is_outside = commit->generation == kGenerationInfinity && pool_.graph();
  if (is_outside && has_outside_tips_) return false;
  if (sources_.is_tip && sources_.is_tip(commit->oid)) {
    push(commit);
    return true;
  }
  if (!is_outside) {
    add_all(sources_.all);
    return advance_to(commit);
  }
  has_outside_tips_ = true;
  sources_.all([this](const ObjectId& oid) {
    if (!pool_.graph()->find(oid)) add_tip(oid);
  });
  return advance_to(commit);
}

VisibleHistory::Sources visible_ref_sources(Repository& repo, const HiddenRefs* hidden) {
  VisibleHistory::Sources sources;
  sources.may_miss = true;
  auto is_visible = [hidden](std::string_view name) { return !hidden || !hidden->is_hidden(name); };
  sources.likely = [&repo, is_visible](const auto& add) {
    auto head = repo.refs().resolve(repo.ref_namespace() + "HEAD");
    if (head && head->exists && is_visible(head->name)) add(head->oid);
  };
  sources.is_tip = [&repo, is_visible](const ObjectId& oid) {
    bool found = false;
    repo.refs().for_each_pointing_at(repo.ref_namespace() + "refs/", {&oid, 1}, [&](const Ref& ref) {
      found = is_visible(ref.name);
      return !found;
    });
    return found;
  };
  sources.all = [&repo, is_visible](const auto& add) {
    repo.refs().for_each_raw(repo.ref_namespace() + "refs/", [&](const Ref& ref) {
      if (!ref.is_broken && !ref.oid.is_null() && is_visible(ref.name)) add(ref.peeled.value_or(ref.oid));
      return true;
    });
  };
  return sources;
}

}  // namespace git
