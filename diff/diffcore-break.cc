// A file that changed beyond recognition is broken into a deletion and a creation, so that rename detection can use both;
// what found no better partner is put together again.
#include <algorithm>

#include "diff/options.h"

namespace git {
namespace {

// Should the pair be broken? `merge_score` tells how much of the source went away.
bool should_break(DiffOptions& options, DiffFilespec& one, DiffFilespec& two, int break_score, int& merge_score) {
  merge_score = 0;
  if (is_regular_mode(one.mode) != is_regular_mode(two.mode)) {
    merge_score = kMaxScore;
    return true;
  }
  if (one.oid_valid && two.oid_valid && one.oid == two.oid) return false;
  const std::uint64_t old_size = load(options, one).size(), new_size = load(options, two).size();
  const std::uint64_t larger = std::max(old_size, new_size);
  if (larger < kMinimumBreakSize || !old_size) return false;
  ChangeCount count = count_changes(options, one, two);
  count.copied = std::min(count.copied, old_size);
  if (new_size < count.added + count.copied) count.added = count.copied < new_size ? new_size - count.copied : 0;
  const std::uint64_t removed = old_size - count.copied;
  merge_score = static_cast<int>(removed * kMaxScore / old_size);
  if (merge_score > break_score) return true;
  if ((removed + count.added) * kMaxScore / larger < static_cast<std::uint64_t>(break_score)) return false;
  // Much removed and next to nothing added is no rewrite.
  return !(old_size * static_cast<std::uint64_t>(break_score) < removed * kMaxScore && count.added * 20 < removed &&
           count.added * 20 < count.copied);
}

bool is_whole_broken(const DiffPair& pair) { return pair.broken && pair.one->path == pair.two->path; }

}  // namespace

void diffcore_break(DiffOptions& options) {
  int merge_limit = (options.break_opt >> 16) & 0xffff, break_score = options.break_opt & 0xffff;
  if (!break_score) break_score = kDefaultBreakScore;
  if (!merge_limit) merge_limit = kDefaultMergeScore;
  DiffQueue queue;
  for (PairPtr& pair : options.queue) {
    int score = 0;
    const bool in_place = pair->is_both_valid() && type_of_mode(pair->one->mode) == ObjectType::blob &&
                          type_of_mode(pair->two->mode) == ObjectType::blob && pair->one->path == pair->two->path;
    if (!in_place || !should_break(options, *pair->one, *pair->two, break_score, score)) {
      queue.push_back(std::move(pair));
      continue;
    }
    if (score < merge_limit) score = 0;
    auto gone = queue_pair(queue, pair->one, std::make_shared<DiffFilespec>(pair->two->path));
    auto created = queue_pair(queue, std::make_shared<DiffFilespec>(pair->one->path), pair->two);
    gone->score = created->score = score;
    gone->broken = created->broken = true;
    unload(*pair->one);
    unload(*pair->two);
  }
  options.queue = std::move(queue);
}

void diffcore_merge_broken(DiffOptions& options) {
  DiffQueue queue;
  for (std::size_t i = 0; i < options.queue.size(); i++) {
    PairPtr pair = std::move(options.queue[i]);
    if (!pair) continue;
    if (!is_whole_broken(*pair)) {
      queue.push_back(std::move(pair));
      continue;
    }
    auto peer = std::find_if(
        options.queue.begin() + static_cast<std::ptrdiff_t>(i) + 1, options.queue.end(),
        [&](const PairPtr& other) { return other && is_whole_broken(*other) && pair->one->path == other->two->path; });
    if (peer == options.queue.end()) {
      queue.push_back(std::move(pair));
      continue;
    }
    const PairPtr& gone = pair->one->is_valid() ? pair : *peer;
    const PairPtr& created = pair->one->is_valid() ? *peer : pair;
    auto whole = queue_pair(queue, gone->one, created->two);
    whole->score = pair->score;
    gone->one->rename_used++;
    peer->reset();
  }
  options.queue = std::move(queue);
}

}  // namespace git
