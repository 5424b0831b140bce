#include "delta-islands.h"

#include <regex.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

using Marks = std::vector<std::uint64_t>;  // one bit per island

bool add_marks(Marks& to, const Marks& from) {
  bool changed = false;
  if (to.size() < from.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); i++) {
    changed = changed || (from[i] & ~to[i]);
    to[i] |= from[i];
  }
  return changed;
}

// A pattern of pack.island, anchored at the start of the name.
class IslandPattern {
 public:
  explicit IslandPattern(const std::string& text) {
    std::string anchored = starts_with(text, "^") ? text : "^" + text;
    if (regcomp(&regex_, anchored.c_str(), REG_EXTENDED))
      die("failed to load island regex for '%s': %s", "pack.island", anchored);
  }
  ~IslandPattern() { regfree(&regex_); }
  IslandPattern(const IslandPattern&) = delete;
  IslandPattern& operator=(const IslandPattern&) = delete;
  // The island a ref belongs to: what the groups caught, joined by '-'.
  std::optional<std::string> match(const std::string& name) const {
    regmatch_t groups[16];
    if (regexec(&regex_, name.c_str(), std::size(groups), groups, 0)) return std::nullopt;
    if (groups[15].rm_so != -1) warning("island regex from config has too many capture groups (max=%d)", 14);
    std::string island;
    for (std::size_t i = 1; i < std::size(groups); i++) {
      if (groups[i].rm_so < 0) continue;
      if (!island.empty()) island.push_back('-');
      island +=
          name.substr(static_cast<std::size_t>(groups[i].rm_so), static_cast<std::size_t>(groups[i].rm_eo - groups[i].rm_so));
    }
    return island;
  }

 private:
  regex_t regex_{};
};

class Islands : public DeltaIslands {
 public:
  Islands(Repository& repo, const PackObjects& packer) : repo_(repo), packer_(packer) {
    load();
    spread();
  }

  bool may_use_base(const ObjectId& object, const ObjectId& base) override {
    auto mine = marks_.find(object);
    if (mine == marks_.end()) return true;  // on no island
    auto theirs = marks_.find(base);
    if (theirs == marks_.end()) return false;
    for (std::size_t i = 0; i < mine->second.size(); i++)
      if (mine->second[i] & ~(i < theirs->second.size() ? theirs->second[i] : 0)) return false;
    return true;
  }

  int layer_of(const ObjectId& object) override {
    if (core_ == kNoCore) return 0;
    auto marks = marks_.find(object);
    return marks != marks_.end() && core_ / 64 < marks->second.size() && marks->second[core_ / 64] >> (core_ % 64) & 1 ? 0 : 1;
  }

 private:
  static constexpr std::size_t kNoCore = ~std::size_t{0};

  void load() {
    std::vector<std::unique_ptr<IslandPattern>> patterns;
    for (const std::string& text : repo_.config().get_strings("pack.island"))
      patterns.push_back(std::make_unique<IslandPattern>(text));
    std::map<std::string, std::vector<ObjectId>> islands;
    repo_.refs().for_each("refs/", [&](const Ref& ref) {
      // The last pattern that matches has it.
      for (auto pattern = patterns.rbegin(); pattern != patterns.rend(); ++pattern)
        if (auto island = (*pattern)->match(ref.name)) {
          islands[*island].push_back(ref.oid);
          break;
        }
      return true;
    });
    // Islands of the same refs are one.
    std::map<std::vector<ObjectId>, std::size_t> known;
    std::string core = repo_.config().get_string_or("pack.islandcore", "");
    std::size_t count = 0;
    for (auto& [name, tips] : islands) {
      std::sort(tips.begin(), tips.end());
      auto [place, is_new] = known.emplace(tips, count);
      if (is_new) count++;
      if (!core.empty() && name == core) core_ = place->second;
      if (!is_new) continue;
      Marks bit(place->second / 64 + 1);
      bit[place->second / 64] |= std::uint64_t{1} << (place->second % 64);
      for (const ObjectId& tip : tips) mark_tip(tip, bit);
    }
    if (packer_.options().progress > 0) errf("Marked %d islands, done.\n", static_cast<int>(count));
  }

  void mark_tip(ObjectId oid, const Marks& bit) {
    for (;;) {
      add_marks(marks_[oid], bit);
      ObjectType type = repo_.odb().type_of(oid);
      if (type == ObjectType::commit) tips_.push_back(oid);
      if (type == ObjectType::tree) trees_.push_back(oid);
      if (type != ObjectType::tag) return;
      Result<ObjectData> data = repo_.odb().read(oid);
      if (!data) return;
      auto tag = parse_tag(data->data, repo_.algo());
      if (!tag) return;
      oid = tag->object;
    }
  }

  // From tips to everything below, until nothing changes.
  void spread() {
    CommitPool& pool = repo_.commits();
    auto by_date = [](Commit* a, Commit* b) { return a->date < b->date; };
    std::vector<Commit*> heap;
    auto push = [&](const ObjectId& oid) {
      Commit* c = pool.get(oid);
      if (!pool.parse_quietly(c)) return;
      heap.push_back(c);
      std::push_heap(heap.begin(), heap.end(), by_date);
    };
    for (const ObjectId& tip : tips_) push(tip);
    while (!heap.empty()) {
      std::pop_heap(heap.begin(), heap.end(), by_date);
      Commit* c = heap.back();
      heap.pop_back();
      Marks marks = marks_[c->oid];
      const ObjectId& tree = pool.tree(c);
      if (add_marks(marks_[tree], marks)) trees_.push_back(tree);
      for (Commit* parent : c->parents)
        if (add_marks(marks_[parent->oid], marks)) push(parent->oid);
    }
    while (!trees_.empty()) {
      ObjectId oid = trees_.back();
      trees_.pop_back();
      if (!packer_.contains(oid)) continue;
      Result<ObjectData> data = repo_.odb().read(oid);
      if (!data) continue;
      Marks marks = marks_[oid];
      TreeReader reader(data->data, repo_.algo());
      TreeEntry entry;
      while (reader.next(entry)) {
        if (is_gitlink_mode(entry.mode)) continue;
        if (add_marks(marks_[entry.oid], marks) && is_tree_mode(entry.mode)) trees_.push_back(entry.oid);
      }
    }
  }

  Repository& repo_;
  const PackObjects& packer_;
  std::unordered_map<ObjectId, Marks, ObjectIdHash> marks_;
  std::vector<ObjectId> tips_, trees_;
  std::size_t core_ = kNoCore;
};

}  // namespace

std::unique_ptr<DeltaIslands> load_delta_islands(Repository& repo, const PackObjects& packer) {
  return std::make_unique<Islands>(repo, packer);
}

}  // namespace git
