// The last stage of Gallop: what the first parents did not settle. All that is known by now is marked on the list of
// commits that are only ours (as far as we know); what remains hangs together in strands, and the bottom of each decides
// most. A server that has nothing of a merged branch, the usual case, settles it with one miss.
#include <algorithm>
#include <queue>
#include <unordered_map>

#include "negotiator/gallop.h"

namespace git {

// The commits that tips reach and nothing common does, children before their parents. Plans what is presumed to be
// there at their lower end and was not asked yet.
std::vector<CommitNumber> Gallop::list_unknown() {
  struct Entry {
    std::uint64_t generation, date;
    CommitNumber commit;
    bool operator<(const Entry& other) const {
      return generation != other.generation ? generation < other.generation : date < other.date;
    }
  };
  std::priority_queue<Entry> queue;
  std::vector<CommitNumber> list, parents, seen;
  auto push = [&](CommitNumber commit) {
    if (marks_[commit] & kListed || !source_.parse(commit)) return;
    marks_[commit] |= kListed;
    seen.push_back(commit);
    queue.push({source_.generation(commit), source_.date(commit), commit});
  };
  for (CommitNumber tip : tips_) push(tip);
  while (!queue.empty() && list.size() < kMaxSideWalk) {
    CommitNumber commit = queue.top().commit;
    queue.pop();
    if (is_there(commit)) continue;
    if (presumed_.contains(commit)) {
      plan(commit);
      continue;
    }
    list.push_back(commit);
    parents.clear();
    source_.parents(commit, parents);
    for (CommitNumber parent : parents) push(parent);
  }
  for (CommitNumber commit : seen) marks_[commit] = static_cast<std::uint8_t>(marks_[commit] & ~kListed);
  return list;
}

// Runs of first parents among what is unknown, those whose bottom has only common parents.
std::vector<Gallop::Strand> Gallop::find_strands(const std::vector<CommitNumber>& list) {
  std::vector<Strand> strands;
  std::unordered_map<CommitNumber, std::size_t> strand_of;  // of the commits on top of a strand
  std::unordered_map<CommitNumber, bool> is_missing;        // of the list
  std::vector<CommitNumber> parents;
  for (std::size_t i = list.size(); i-- > 0;) {
    CommitNumber commit = list[i];
    parents.clear();
    source_.parents(commit, parents);
    bool missing = marks_[commit] & kMissing, is_bottom = true;
    for (CommitNumber parent : parents) {
      auto found = is_missing.find(parent);
      if (found == is_missing.end()) continue;
      is_bottom = false;
      missing |= found->second;
    }
    is_missing[commit] = missing;
    if (missing) continue;
    auto below = parents.empty() ? strand_of.end() : strand_of.find(parents[0]);
    if (below != strand_of.end()) {
      Strand& strand = strands[below->second];
      strand.top = commit;
      strand.length++;
      strand_of[commit] = below->second;
      strand_of.erase(below);
    } else if (is_bottom) {
      strand_of[commit] = strands.size();
      strands.push_back({commit, commit, 1});
    }
  }
  return strands;
}

void Gallop::plan_sides() {
  if (side_in_vain_ >= kSideLimit) return;
  std::vector<CommitNumber> list = list_unknown();
  if (!plan_.empty()) return;
  strands_ = find_strands(list);
  auto longer = [](const Strand& a, const Strand& b) { return a.length > b.length; };
  std::stable_sort(strands_.begin(), strands_.end(), longer);
  auto room = static_cast<std::size_t>(kSideLimit - side_in_vain_);
  if (strands_.size() > room) strands_.resize(room);
  for (const Strand& strand : strands_) plan(strand.bottom);
  side_in_vain_ += static_cast<int>(strands_.size());
}

// Strands that the server turned out to have something of are settled as paths.
void Gallop::rise() {
  for (const Strand& strand : strands_) {
    if (strand.length < 2 || !is_there(strand.bottom)) continue;
    Path path;
    path.top = path.cursor = strand.top;
    meet(path, strand.length - 1, strand.bottom);
    paths_.push_back(std::move(path));
  }
  strands_.clear();
}

}  // namespace git
