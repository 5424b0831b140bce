// The search for deltas.  Objects are sorted so that likely pairs are neighbours (type, name, size from large to
// small), and a window slides over them: each object is tried against those before it.  Threads take stretches of
// the list that end where a name ends.
#include <algorithm>
#include <atomic>
#include <deque>

#include "base/error.h"
#include "base/fd.h"
#include "base/progress.h"
#include "odb.h"
#include "pack-objects.h"
#include "pack/delta.h"
#include "pack/inflate.h"
#include "pack/pack.h"
#include "pack/threads.h"
#include "repository.h"

namespace git {
namespace {

constexpr std::uint64_t kSmallest = 50;  // smaller ones are not worth a delta

// An object in the window. The index of a base is made when it is first tried.
struct Candidate {
  std::uint32_t entry = 0;
  unsigned depth = 0;
  std::unique_ptr<std::string> data;
  std::unique_ptr<DeltaIndex> index;
  std::uint64_t memory() const { return (data ? data->size() : 0) + (index ? index->memory_used() : 0); }
};

}  // namespace

struct PackObjects::DeltaSearch {
  PackObjects& owner;
  std::vector<std::uint32_t> list;
  std::vector<std::size_t> starts;  // of stretches; the last one is the end
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> done{0}, cached{0};
  std::atomic<bool> failed{false};
  Progress* progress = nullptr;

  explicit DeltaSearch(PackObjects& o) : owner(o) {}

  void split(int threads) {
    std::size_t size = list.size();
    starts.assign(1, 0);
    if (threads > 1) {
      std::size_t stretch = std::max<std::size_t>(size / (static_cast<std::size_t>(threads) * 8),
                                                  static_cast<std::size_t>(owner.options_.window) * 4 + 1);
      for (std::size_t at = stretch; at < size; at += stretch) {
        while (at < size && same_group(list[at], list[at - 1])) at++;
        if (at < size) starts.push_back(at);
      }
    }
    starts.push_back(size);
  }
  bool same_group(std::uint32_t a, std::uint32_t b) const {
    const Entry &x = owner.entries_[a], &y = owner.entries_[b];
    return x.name_hash && x.name_hash == y.name_hash && x.type == y.type;
  }

  void work() {
    for (;;) {
      std::size_t i = next.fetch_add(1);
      if (i + 1 >= starts.size() || failed) return;
      search(starts[i], starts[i + 1]);
    }
  }

  void search(std::size_t from, std::size_t to) {
    std::deque<Candidate> window;  // the most recent in front
    std::uint64_t memory = 0;
    for (std::size_t at = from; at < to && !failed; at++) {
      Candidate target;
      target.entry = list[at];
      Entry& entry = owner.entries_[target.entry];
      int base_at = -1;
      if (!entry.is_base_only) {
        base_at = try_window(window, target, entry);
        if (progress) progress->update(++done);
      }
      if (base_at >= 0) {
        // A base that was good once is kept near.
        Candidate good = std::move(window[static_cast<std::size_t>(base_at)]);
        window.erase(window.begin() + base_at);
        window.push_front(std::move(good));
      }
      target.depth = entry.depth;
      if (static_cast<int>(target.depth) < owner.options_.depth) window.push_front(std::move(target));
      while (window.size() > static_cast<std::size_t>(std::max(owner.options_.window, 1))) window.pop_back();
      if (owner.options_.window_memory) {
        memory = 0;
        for (const Candidate& c : window) memory += c.memory();
        while (memory > owner.options_.window_memory && window.size() > 1) {
          memory -= window.back().memory();
          window.pop_back();
        }
      }
    }
  }

  const std::string& data_of(Candidate& c) {
    if (!c.data) c.data = std::make_unique<std::string>(owner.read_data(owner.entries_[c.entry]));
    return *c.data;
  }

  // The place in the window of the best base, -1 where none is any good; the entry becomes its delta.
  int try_window(std::deque<Candidate>& window, Candidate& target, Entry& entry) {
    std::string best;
    int best_at = -1;
    unsigned best_depth = 0;
    for (std::size_t i = 0; i < window.size(); i++) {
      Candidate& base = window[i];
      const Entry& base_entry = owner.entries_[base.entry];
      if (base_entry.type != entry.type) break;
      // Both whole in one pack: that pair was tried when it was made.
      if (owner.options_.reuse_delta && entry.pack != kNone && entry.pack == base_entry.pack && !base_entry.is_base_only &&
          !is_delta_type(entry.in_pack_type) && !is_delta_type(base_entry.in_pack_type))
        continue;
      unsigned limit = static_cast<unsigned>(owner.options_.depth);
      if (base.depth >= limit) continue;
      if (owner.islands_ && !owner.islands_->may_use_base(entry.oid, base_entry.oid)) continue;
      std::uint64_t most = best_at < 0 ? entry.size / 2 - raw_size(owner.algo_) : best.size();
      unsigned ref_depth = best_at < 0 ? 1 : best_depth;
      if (entry.size / 2 < raw_size(owner.algo_)) continue;
      most = most * (limit - base.depth) / (limit - ref_depth + 1);
      if (!most) continue;
      std::uint64_t grow = entry.size > base_entry.size ? entry.size - base_entry.size : 0;
      if (grow >= most || entry.size < base_entry.size / 32) continue;
      const std::string& text = data_of(target);
      const std::string& base_text = data_of(base);
      if (!base.index) base.index = std::make_unique<DeltaIndex>(base_text);
      auto delta = base.index->make_delta(text, most);
      if (!delta || delta->empty()) continue;
      if (best_at >= 0 && delta->size() == best.size() && base.depth + 1 >= best_depth) continue;
      best = std::move(*delta);
      best_at = static_cast<int>(i);
      best_depth = base.depth + 1;
    }
    if (best_at < 0) return -1;
    entry.base = window[static_cast<std::size_t>(best_at)].entry;
    entry.depth = static_cast<std::uint16_t>(best_depth);
    entry.delta_size = best.size();
    auto deflated = std::make_unique<std::string>(deflate_bytes(best, owner.options_.compression));
    if (cached.fetch_add(deflated->size()) < owner.options_.delta_cache_size || !owner.options_.delta_cache_size)
      owner.deltas_[target.entry] = std::move(deflated);
    return best_at;
  }
  static bool is_delta_type(ObjectType t) { return t == ObjectType::ofs_delta || t == ObjectType::ref_delta; }
};

bool PackObjects::may_delta(const Entry& entry) const {
  return !entry.is_reused_delta && !entry.is_from_pack && !entry.no_try_delta && entry.size >= kSmallest &&
         entry.type >= ObjectType::commit;
}

void PackObjects::search_deltas() {
  if (options_.window <= 0 || options_.depth <= 0) return;
  DeltaSearch search(*this);
  std::uint32_t wanted = 0;
  for (std::uint32_t i = 0; i < entries_.size(); i++) {
    if (!may_delta(entries_[i])) continue;
    if (!entries_[i].is_base_only) wanted++;
    search.list.push_back(i);
  }
  if (wanted < 1 || search.list.size() < 2) return;
  std::vector<int> layers;
  if (islands_) {
    layers.resize(entries_.size());
    for (std::uint32_t i : search.list) layers[i] = islands_->layer_of(entries_[i].oid);
  }
  std::sort(search.list.begin(), search.list.end(), [&](std::uint32_t a, std::uint32_t b) {
    const Entry &x = entries_[a], &y = entries_[b];
    if (x.type != y.type) return x.type > y.type;
    if (options_.path_walk && !path_ids_.empty() && a < path_ids_.size() && b < path_ids_.size() &&
        path_ids_[a] != path_ids_[b] && x.name_hash == y.name_hash)
      return path_ids_[a] > path_ids_[b];
    if (x.name_hash != y.name_hash) return x.name_hash > y.name_hash;
    if (x.is_base_only != y.is_base_only) return static_cast<bool>(x.is_base_only);
    if (!layers.empty() && layers[a] != layers[b]) return layers[a] < layers[b];
    if (x.size != y.size) return x.size > y.size;
    return a < b;
  });
  int threads = options_.threads > 0 ? options_.threads : online_cpus();
  if (search.list.size() < 256) threads = 1;
  if (options_.progress > 0 && threads > 1) errf("Delta compression using up to %d threads\n", threads);
  Progress progress(options_.path_walk ? "Compressing objects by path" : "Compressing objects", wanted, options_.progress > 0);
  search.progress = &progress;
  search.split(threads);
  run_threads(
      threads, [&](int) { search.work(); }, [&] { search.failed = true; });
}

}  // namespace git
