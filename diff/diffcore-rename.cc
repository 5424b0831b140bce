// Where did a new file come from? First sources of equal content, then, as long as nothing was broken and copies are not
// asked for, unique equal base names, then every source against every destination by the bytes they share.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <unordered_map>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "diff/options.h"
#include "repository.h"

namespace git {
namespace {

constexpr std::uint32_t kHashBase = 107927;
constexpr std::size_t kCandidates = 4;

// Chunks of the content (lines, cut at 64 bytes): hash and bytes in all chunks of that hash, sorted.
using Spans = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

std::shared_ptr<Spans> hash_chunks(DiffOptions& options, DiffFilespec& spec) {
  if (spec.spans) return spec.spans;
  const bool is_text = !is_binary_spec(options, spec);
  const std::string& bytes = load(options, spec);
  auto spans = std::make_shared<Spans>();
  std::unordered_map<std::uint32_t, std::uint64_t> counts;
  std::uint32_t a = 0, b = 0;
  unsigned n = 0;
  auto finish = [&]() {
    counts[(a + b * 0x61) % kHashBase] += n;
    n = 0;
    a = b = 0;
  };
  for (std::size_t i = 0; i < bytes.size(); i++) {
    const unsigned char c = static_cast<unsigned char>(bytes[i]);
    if (is_text && c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
    const std::uint32_t old = a;
    a = (a << 7) ^ (b >> 25);
    b = (b << 7) ^ (old >> 25);
    a += c;
    if (++n >= 64 || c == '\n') finish();
  }
  if (n) finish();
  spans->assign(counts.begin(), counts.end());
  std::sort(spans->begin(), spans->end());
  spec.spans = spans;
  return spans;
}

std::string_view basename_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}
int is_same_basename(const DiffFilespec& a, const DiffFilespec& b) { return basename_of(a.path) == basename_of(b.path); }

class RenameDetector {
 public:
  explicit RenameDetector(DiffOptions& options)
      : options_(options),
        wants_copies_(options.detect_rename == DetectRename::copy),
        minimum_(options.rename_score ? options.rename_score : kDefaultRenameScore) {}

  void run() {
    if (collect() && !destinations_.empty() && !sources_.empty()) detect();
    rebuild_queue();
  }

 private:
  struct Source {
    PairPtr pair;
    int score;
  };
  struct Destination {
    PairPtr pair;
    bool is_rename = false;
  };
  struct Score {
    long source = -1, destination = -1;
    int score = 0, name_score = 0;
    // Better ones first, unused last.
    static int compare(const Score& a, const Score& b) {
      if (a.destination < 0) return b.destination >= 0;
      if (b.destination < 0) return -1;
      if (a.score == b.score) return b.name_score - a.name_score;
      return b.score - a.score;
    }
  };

  bool is_empty_blob(const DiffFilespec& spec) const { return spec.oid_valid && spec.oid == empty_blob_id(options_.algo()); }

  bool collect() {
    for (const PairPtr& pair : options_.queue) {
      DiffFilespec &one = *pair->one, &two = *pair->two;
      if (!one.is_valid()) {
        if (!two.is_valid()) continue;
        if (options_.single_follow && options_.follow_path != two.path) continue;
        if (!options_.rename_empty && is_empty_blob(two)) continue;
        destinations_.push_back({pair});
        if (pair->broken) broken_[two.path] = destinations_.size() - 1;
      } else if (!options_.rename_empty && is_empty_blob(one)) {
        continue;
      } else if (!pair->is_unmerged && !two.is_valid()) {
        if (pair->broken) {
          has_broken_ = true;
          // Broken, but it would rather be whole: the source stays.
          if (!pair->score) one.rename_used++;
        }
        sources_.push_back({pair, pair->score});
      } else if (wants_copies_) {
        one.rename_used++;
        sources_.push_back({pair, pair->score});
      }
    }
    return true;
  }

  void detect() {
    std::size_t found = find_exact();
    if (minimum_ == kMaxScore) return;
    drop_used_sources();
    if (!wants_copies_ && !has_broken_) {
      found += find_by_basename();
      drop_used_sources();
    }
    const std::size_t left = destinations_.size() - found;
    if (!left || sources_.empty()) return;
    bool skip_unmodified = false;
    switch (is_too_much(left)) {
      case 1:
        return;
      case 2:
        options_.degraded_cc_to_c = true;
        skip_unmodified = true;
        break;
      default:
        break;
    }
    find_by_content(skip_unmodified);
  }

  void record(std::size_t destination, std::size_t source, int score) {
    DiffPair& dst = *destinations_[destination].pair;
    const Source& src = sources_[source];
    src.pair->one->rename_used++;
    destinations_[destination].is_rename = true;
    dst.one = src.pair->one;
    dst.renamed = true;
    dst.score = dst.one->path == dst.two->path ? src.score : score;
  }

  std::size_t find_exact() {
    std::unordered_map<ObjectId, std::vector<std::size_t>, ObjectIdHash> by_oid;
    for (std::size_t i = 0; i < sources_.size(); i++) {
      fill_oid(options_, *sources_[i].pair->one);
      by_oid[sources_[i].pair->one->oid].push_back(i);
    }
    std::size_t found = 0;
    for (std::size_t i = 0; i < destinations_.size(); i++) {
      DiffFilespec& target = *destinations_[i].pair->two;
      fill_oid(options_, target);
      auto it = by_oid.find(target.oid);
      if (it == by_oid.end()) continue;
      long best = -1;
      int best_score = -1, tries = 100;
      for (std::size_t s : it->second) {
        const DiffFilespec& source = *sources_[s].pair->one;
        if ((!is_regular_mode(source.mode) || !is_regular_mode(target.mode)) && source.mode != target.mode) continue;
        if (source.rename_used && !wants_copies_) continue;
        const int score = !source.rename_used + is_same_basename(source, target);
        if (score > best_score) {
          best = static_cast<long>(s);
          best_score = score;
          if (score == 2) break;
        }
        if (!--tries) break;
      }
      if (best < 0) continue;
      record(i, static_cast<std::size_t>(best), kMaxScore);
      found++;
    }
    return found;
  }

  void drop_used_sources() {
    if (wants_copies_) return;
    std::erase_if(sources_, [](const Source& source) { return source.pair->one->rename_used > 0; });
  }

  int similarity(DiffFilespec& source, DiffFilespec& target, int minimum) {
    if (!is_regular_mode(source.mode) || !is_regular_mode(target.mode)) return 0;
    const std::uint64_t a = load_size(options_, source), b = load_size(options_, target);
    const std::uint64_t larger = std::max(a, b), difference = larger - std::min(a, b);
    if (larger * static_cast<std::uint64_t>(kMaxScore - minimum) < difference * kMaxScore) return 0;
    if (!b) return 0;
    const ChangeCount count = count_changes(options_, source, target);
    return static_cast<int>(count.copied * kMaxScore / larger);
  }

  std::size_t find_by_basename() {
    double factor = 0.5;
    if (auto text = get_env("GIT_BASENAME_FACTOR")) factor = static_cast<double>(std::strtol(text->c_str(), nullptr, 10)) / 100.0;
    const int minimum = minimum_ + static_cast<int>(factor * (kMaxScore - minimum_));
    std::map<std::string_view, long> sources, targets;
    auto note = [](std::map<std::string_view, long>& names, std::string_view path, std::size_t i) {
      auto [it, is_new] = names.try_emplace(basename_of(path), static_cast<long>(i));
      if (!is_new) it->second = -1;
    };
    for (std::size_t i = 0; i < sources_.size(); i++) note(sources, sources_[i].pair->one->path, i);
    for (std::size_t i = 0; i < destinations_.size(); i++)
      if (!destinations_[i].is_rename) note(targets, destinations_[i].pair->two->path, i);
    std::size_t found = 0;
    for (std::size_t i = 0; i < sources_.size(); i++) {
      const std::string_view base = basename_of(sources_[i].pair->one->path);
      auto target = targets.find(base);
      if (target == targets.end() || target->second < 0 || sources[base] < 0) continue;
      const auto d = static_cast<std::size_t>(target->second);
      if (destinations_[d].is_rename) continue;
      DiffFilespec &one = *sources_[i].pair->one, &two = *destinations_[d].pair->two;
      const int score = similarity(one, two, minimum_);
      unload(one);
      unload(two);
      if (score < minimum) continue;
      record(d, i, score);
      found++;
    }
    return found;
  }

  // 0: no; 1: yes; 2: not if unmodified sources are left out.
  int is_too_much(std::size_t destinations) {
    options_.needed_rename_limit = 0;
    if (options_.rename_limit <= 0) return 0;
    const std::size_t limit = static_cast<std::size_t>(options_.rename_limit) * static_cast<std::size_t>(options_.rename_limit);
    if (destinations * sources_.size() <= limit) return 0;
    options_.needed_rename_limit = static_cast<int>(std::max(destinations, sources_.size()));
    if (!options_.find_copies_harder) return 1;
    std::size_t modified = 0;
    for (const Source& source : sources_) modified += !is_pair_unmodified(*source.pair);
    return destinations * modified <= limit ? 2 : 1;
  }

  void find_by_content(bool skip_unmodified) {
    std::vector<Score> matrix;
    for (std::size_t d = 0; d < destinations_.size(); d++) {
      if (destinations_[d].is_rename) continue;
      DiffFilespec& two = *destinations_[d].pair->two;
      std::array<Score, kCandidates> best;
      for (std::size_t s = 0; s < sources_.size(); s++) {
        if (skip_unmodified && is_pair_unmodified(*sources_[s].pair)) continue;
        DiffFilespec& one = *sources_[s].pair->one;
        Score score{static_cast<long>(s), static_cast<long>(d), similarity(one, two, minimum_), is_same_basename(one, two)};
        std::size_t worst = 0;
        for (std::size_t k = 1; k < kCandidates; k++)
          if (Score::compare(best[k], best[worst]) > 0) worst = k;
        if (Score::compare(best[worst], score) > 0) best[worst] = score;
        unload(one);
      }
      unload(two);
      matrix.insert(matrix.end(), best.begin(), best.end());
    }
    std::stable_sort(matrix.begin(), matrix.end(), [](const Score& a, const Score& b) { return Score::compare(a, b) < 0; });
    take_best(matrix, false);
    if (wants_copies_) take_best(matrix, true);
  }

  void take_best(const std::vector<Score>& matrix, bool copies) {
    for (const Score& score : matrix) {
      if (score.destination < 0 || score.score < minimum_) break;
      const auto d = static_cast<std::size_t>(score.destination), s = static_cast<std::size_t>(score.source);
      if (destinations_[d].is_rename) continue;
      if (!copies && sources_[s].pair->one->rename_used) continue;
      record(d, s, score.score);
    }
  }

  void rebuild_queue() {
    DiffQueue queue;
    for (PairPtr& pair : options_.queue) {
      const DiffFilespec &one = *pair->one, &two = *pair->two;
      bool keep = true;
      if (pair->is_unmerged || (!one.is_valid() && two.is_valid()) || pair->renamed) {
        keep = true;
      } else if (one.is_valid() && !two.is_valid()) {
        if (pair->broken) {
          auto it = broken_.find(one.path);
          keep = it == broken_.end() || !destinations_[it->second].is_rename;
        } else {
          keep = !one.rename_used;
        }
      } else {
        keep = !is_pair_unmodified(*pair);
      }
      if (keep) queue.push_back(std::move(pair));
    }
    options_.queue = std::move(queue);
  }

  DiffOptions& options_;
  const bool wants_copies_;
  const int minimum_;
  bool has_broken_ = false;
  std::vector<Source> sources_;
  std::vector<Destination> destinations_;
  std::unordered_map<std::string, std::size_t> broken_;
};

}  // namespace

ChangeCount count_changes(DiffOptions& options, DiffFilespec& source, DiffFilespec& target) {
  const auto src = hash_chunks(options, source), dst = hash_chunks(options, target);
  ChangeCount count;
  auto d = dst->begin();
  for (const auto& [hash, size] : *src) {
    for (; d != dst->end() && d->first < hash; ++d) count.added += d->second;
    std::uint64_t there = 0;
    if (d != dst->end() && d->first == hash) there = (d++)->second;
    count.copied += std::min(size, there);
    if (size < there) count.added += there - size;
  }
  for (; d != dst->end(); ++d) count.added += d->second;
  return count;
}

void diffcore_rename(DiffOptions& options) { RenameDetector(options).run(); }

}  // namespace git
