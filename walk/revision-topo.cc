// Topological order.  With a commit-graph nothing need be walked to the end first: one front explores by generation,
// a second counts how many children each commit has that are still to come, a third gives out commits for
// which that count is done.  Without generation numbers the whole list is sorted.
#include <algorithm>

#include "base/error.h"
#include "config.h"
#include "repository.h"
#include "walk/bloom.h"
#include "walk/revisions-internal.h"

namespace git {
namespace {

enum TopoFlag : unsigned char { kExplored = 1, kCounted = 2 };

}  // namespace

void RevWalk::sort_topologically(std::vector<Commit*>& list) {
  CommitMarks<std::uint32_t> indegree;
  RevFront front(RevOrder{this, sort_order});
  for (Commit* c : list) indegree[c] = 1;
  for (Commit* c : list)
    for (Commit* p : parents(c))
      if (indegree[p]) indegree[p]++;
  for (Commit* c : list)
    if (indegree[c] == 1) front.push(c);
  front.reverse();
  std::vector<Commit*> sorted;
  sorted.reserve(list.size());
  while (!front.empty()) {
    Commit* c = front.pop();
    for (Commit* p : parents(c)) {
      if (!indegree[p]) continue;
      if (--indegree[p] == 1) front.push(p);
    }
    indegree[c] = 0;
    sorted.push_back(c);
  }
  list = std::move(sorted);
}

void RevWalk::explore_to_depth(std::uint64_t generation) {
  Topo& t = *topo_;
  while (!t.explore.empty() && t.explore.top()->generation >= generation) {
    Commit* c = t.explore.pop();
    if (!parse(c)) continue;
    if (max_age != -1 && c->date < static_cast<std::uint64_t>(max_age)) flags_[c] |= kRevUninteresting;
    if (!process_parents(c, {})) continue;
    if (flags_[c] & kRevUninteresting) mark_parents_uninteresting(c);
    for (Commit* p : parents(c)) {
      if (t.marks[p] & kExplored) continue;
      t.marks[p] |= kExplored;
      if (parse(p)) t.explore.push(p);
    }
  }
}

void RevWalk::indegrees_to_depth(std::uint64_t generation) {
  Topo& t = *topo_;
  while (!t.indegree.empty() && t.indegree.top()->generation >= generation) {
    Commit* c = t.indegree.pop();
    if (!parse(c)) continue;
    explore_to_depth(c->generation);
    for (Commit* p : parents(c)) {
      std::uint32_t& n = t.indegrees[p];
      n = n ? n + 1 : 2;
      if (!(t.marks[p] & kCounted)) {
        t.marks[p] |= kCounted;
        if (parse(p)) t.indegree.push(p);
      }
      if (first_parent_only) break;
    }
  }
}

void RevWalk::prepare_topo() {
  topo_ = std::make_unique<Topo>(RevOrder{this, sort_order});
  Topo& t = *topo_;
  for (Commit* c : list_) {
    if (!(t.marks[c] & kExplored)) t.explore.push(c);
    if (!(t.marks[c] & kCounted)) t.indegree.push(c);
    t.marks[c] |= kExplored | kCounted;
    t.min_generation = std::min(t.min_generation, c->generation);
    t.indegrees[c] = 1;
  }
  indegrees_to_depth(t.min_generation);
  for (Commit* c : list_)
    if (t.indegrees[c] == 1) t.front.push(c);
  t.front.reverse();
  list_.clear();
}

Commit* RevWalk::next_topo() {
  Topo& t = *topo_;
  if (t.front.empty()) return nullptr;
  Commit* c = t.front.pop();
  t.indegrees[c] = 0;
  return c;
}

void RevWalk::expand_topo(Commit* c) {
  Topo& t = *topo_;
  if (!process_parents(c, {}) && !ignore_missing_links) die("Failed to traverse parents of commit %s", c->oid);
  for (Commit* p : parents(c)) {
    if (flags_[p] & kRevUninteresting) continue;
    if (!parse(p)) continue;
    if (p->generation < t.min_generation) {
      t.min_generation = p->generation;
      indegrees_to_depth(t.min_generation);
    }
    if (--t.indegrees[p] == 1) t.front.push(p);
    if (first_parent_only) return;
  }
}

// ---- Bloom filters of changed paths ----
void RevWalk::prepare_bloom() {
  if (!prune || !limiter) return;
  CommitGraph* graph = pool_.graph();
  if (!graph || !repo_.config().get_bool("commitgraph.readchangedpaths").value_or(true)) return;
  std::optional<BloomSettings> settings;
  for (std::size_t i = graph->layers().size(); i-- > 0 && !settings;)
    if (graph->layers()[i]->has_bloom()) settings = graph->layers()[i]->bloom_settings();
  if (!settings) return;
  std::int64_t wanted = repo_.config().get_int64("commitgraph.changedpathsversion").value_or(-1);
  if (wanted == 0 || (wanted > 0 && static_cast<std::uint32_t>(wanted) != settings->hash_version)) return;
  std::vector<std::string> paths = limiter->literal_paths();
  if (paths.empty()) return;
  bloom_ = std::make_unique<Bloom>();
  bloom_->hash_version = settings->hash_version;
  for (const std::string& path : paths) bloom_->paths.push_back(bloom_keys_of_path(path, *settings));
}

bool RevWalk::bloom_says_unchanged(Commit* c) {
  if (!bloom_) return false;
  CommitGraph* graph = pool_.graph();
  if (!graph || !pool_.is_in_graph(c)) return false;
  const GraphLayer& layer = graph->layer_of(c->graph_position);
  std::optional<BloomSettings> settings = layer.bloom_settings();
  std::optional<std::string_view> bits;
  if (settings && settings->hash_version == bloom_->hash_version) bits = layer.bloom_filter(c->graph_position - layer.base);
  if (!bits || bits->empty()) {
    bloom_->not_present++;
    return false;
  }
  for (const std::vector<BloomKey>& keys : bloom_->paths) {
    bool all = true;
    for (const BloomKey& key : keys) all = all && bloom_may_contain(*bits, key);
    if (all) {
      bloom_->maybe++;
      return false;
    }
  }
  bloom_->definitely_not++;
  return true;
}

}  // namespace git
