// Walks that must be finished before the first commit can be shown: a commit may turn out to be reachable from the
// uninteresting side only later, because dates lie. After the last interesting commit a few more are looked at.
#include <algorithm>

#include "base/error.h"
#include "walk/revisions-internal.h"

namespace git {
namespace {

constexpr int kSlop = 5;

}  // namespace

void RevWalk::limit_list() {
  DateQueue queue;
  std::vector<Commit*> bottoms;
  if (ancestry_path) {
    if (ancestry_path_implicit_bottoms) {
      for (Commit* c : list_)
        if ((flags_[c] & (kRevUninteresting | kRevBottom)) == (kRevUninteresting | kRevBottom)) bottoms.push_back(c);
      if (bottoms.empty()) die("--ancestry-path given but there are no bottom commits");
    } else {
      for (const ObjectId& oid : ancestry_path_bottoms) {
        Commit* c = pool_.get(oid);
        flags_[c] |= kRevAncestryPath;
        bottoms.push_back(c);
      }
    }
  }
  for (Commit* c : list_) queue.push(c);
  list_.clear();
  Commit* interesting = nullptr;
  std::uint64_t date = ~0ull;
  int slop = kSlop;
  auto push = [&queue](Commit* p) { queue.push(p); };
  while (!queue.empty()) {
    Commit* c = queue.pop();
    if (c == interesting) interesting = nullptr;
    if (max_age != -1 && c->date < static_cast<std::uint64_t>(max_age)) flags_[c] |= kRevUninteresting;
    if (!process_parents(c, push)) die("revision walk setup failed");
    if (flags_[c] & kRevUninteresting) {
      mark_parents_uninteresting(c);
      // Is there anything left that could still be shown?
      if (queue.empty()) {
        slop = 0;
      } else if (date <= queue.top()->date) {
        slop = kSlop;
      } else {
        if (interesting && flags_[interesting] & kRevUninteresting) interesting = nullptr;
        if (!interesting)
          queue.any([&](Commit* other) {
            if (flags_[other] & kRevUninteresting) return false;
            interesting = other;
            return true;
          });
        slop = interesting ? kSlop : slop - 1;
      }
      if (slop > 0) continue;
      break;
    }
    if (min_age != -1 && c->date > static_cast<std::uint64_t>(min_age) && !line_level_traverse) continue;
    if (max_age_as_filter != -1 && c->date < static_cast<std::uint64_t>(max_age_as_filter) && !line_level_traverse) continue;
    date = c->date;
    list_.push_back(c);
  }
  if (cherry_pick || cherry_mark) cherry_pick_list();
  if (left_only || right_only) limit_left_right();
  if (ancestry_path) limit_to_ancestry(bottoms);
  if (limiting_can_increase_treesame())
    for (Commit* c : list_)
      if (!(flags_[c] & (kRevUninteresting | kRevTreesame))) update_treesame(c);
}

bool RevWalk::limiting_can_increase_treesame() const { return prune && dense && !simplify_history && !first_parent_only; }

void RevWalk::limit_left_right() {
  std::erase_if(list_, [&](Commit* c) { return left_only != ((flags_[c] & kRevSymmetricLeft) != 0); });
}

// Keeps what descends from the bottoms (or is their ancestor): marks climb from parents to children.
void RevWalk::limit_to_ancestry(const std::vector<Commit*>& bottoms) {
  CommitMarks<unsigned char> keep;
  for (Commit* c : bottoms) keep[c] = 1;
  bool progress = true;
  while (progress) {
    progress = false;
    for (std::size_t i = list_.size(); i-- > 0;) {
      Commit* c = list_[i];
      if (keep[c] || flags_[c] & kRevUninteresting) continue;
      for (Commit* p : parents(c)) {
        if (keep[p]) {
          keep[c] = 1;
          progress = true;
          break;
        }
        if (first_parent_only) break;
      }
    }
  }
  for (Commit* c : list_)
    if (!keep[c] && !(flags_[c] & kRevAncestryPath)) flags_[c] |= kRevUninteresting;
}

void RevWalk::cherry_pick_list() {
  if (!patch_id) return;
  std::size_t left = 0, right = 0;
  for (Commit* c : list_) {
    if (flags_[c] & kRevBoundary) continue;
    (flags_[c] & kRevSymmetricLeft ? left : right)++;
  }
  if (!left || !right) return;
  const bool left_first = left < right;
  std::unordered_map<ObjectId, std::vector<Commit*>, ObjectIdHash> ids;
  auto is_first = [&](Commit* c) { return ((flags_[c] & kRevSymmetricLeft) != 0) == left_first; };
  for (Commit* c : list_)
    if (!(flags_[c] & kRevBoundary) && is_first(c))
      if (std::optional<ObjectId> id = patch_id(c)) ids[*id].push_back(c);
  const std::uint32_t flag = cherry_mark ? kRevPatchsame : kRevShown;
  for (Commit* c : list_) {
    if (flags_[c] & kRevBoundary || is_first(c)) continue;
    std::optional<ObjectId> id = patch_id(c);
    if (!id) continue;
    auto same = ids.find(*id);
    if (same == ids.end()) continue;
    flags_[c] |= flag;
    for (Commit* other : same->second) flags_[other] |= flag;
  }
}

std::vector<Commit*> RevWalk::uninteresting_tips() const {
  std::vector<Commit*> tips;
  for (Commit* c : tips_)
    if (flags_.get(c) & kRevUninteresting) tips.push_back(c);
  return tips;
}

}  // namespace git
