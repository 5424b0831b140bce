// From every tip names spread to ancestors; a name gives way to a better one: from a tag, then nearer, then older.
// Stepping to another than the first parent counts as very far.
#include "walk/name-rev.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace git {
namespace {

constexpr int kMergeWeight = 65535;

int effective(int distance, int generation) { return distance + (generation > 0 ? kMergeWeight : 0); }

std::string without_caret_zero(const std::string& name) { return ends_with(name, "^0") ? name.substr(0, name.size() - 2) : name; }

}  // namespace

bool RevNames::improve(Commit* c, std::uint64_t tagger_date, int generation, int distance, bool from_tag) {
  auto [at, is_new] = names_.try_emplace(c);
  Name& name = at->second;
  if (!is_new) {
    int old_distance = effective(name.distance, name.generation), new_distance = effective(distance, generation);
    bool better;
    if (from_tag && name.from_tag)
      better = old_distance > new_distance;
    else if (name.from_tag != from_tag)
      better = from_tag;
    else if (old_distance != new_distance)
      better = old_distance > new_distance;
    else
      better = name.tagger_date > tagger_date;
    if (!better) return false;
  }
  name.tagger_date = tagger_date;
  name.generation = generation;
  name.distance = distance;
  name.from_tag = from_tag;
  return true;
}

void RevNames::spread_from(const Tip& tip, std::uint64_t cutoff) {
  if (!pool_.parse_quietly(tip.commit) || tip.commit->date < cutoff) return;
  if (!improve(tip.commit, tip.tagger_date, 0, 0, tip.from_tag)) return;
  names_[tip.commit].tip = tip.was_peeled ? tip.name + "^0" : tip.name;
  std::vector<Commit*> stack{tip.commit}, next;
  while (!stack.empty()) {
    Commit* c = stack.back();
    stack.pop_back();
    const Name name = names_[c];
    next.clear();
    int number = 0;
    for (Commit* p : c->parents) {
      number++;
      if (!pool_.parse_quietly(p) || p->date < cutoff) continue;
      int generation = number > 1 ? 0 : name.generation + 1;
      int distance = number > 1 ? name.distance + kMergeWeight : name.distance + 1;
      if (!improve(p, tip.tagger_date, generation, distance, tip.from_tag)) continue;
      if (number > 1)
        names_[p].tip = name.generation > 0 ? strf("%s~%d^%d", without_caret_zero(name.tip), name.generation, number)
                                            : strf("%s^%d", without_caret_zero(name.tip), number);
      else
        names_[p].tip = name.tip;
      next.push_back(p);
    }
    stack.insert(stack.end(), next.rbegin(), next.rend());
  }
}

void RevNames::spread(std::uint64_t cutoff) {
  std::stable_sort(tips_.begin(), tips_.end(), [](const Tip& a, const Tip& b) {
    if (a.from_tag != b.from_tag) return a.from_tag;
    return a.tagger_date < b.tagger_date;
  });
  for (const Tip& tip : tips_)
    if (tip.commit) spread_from(tip, cutoff);
}

std::string RevNames::name_of(const Commit* c) const {
  auto found = names_.find(c);
  if (found == names_.end()) return {};
  const Name& name = found->second;
  if (!name.generation) return name.tip;
  return strf("%s~%d", without_caret_zero(name.tip), name.generation);
}
std::string RevNames::exact_name(const ObjectId& oid) const {
  for (const Tip& tip : tips_)
    if (tip.oid == oid) return tip.name;
  return {};
}
std::vector<const Commit*> RevNames::named() const {
  std::vector<const Commit*> list;
  for (const auto& [c, name] : names_) list.push_back(c);
  std::sort(list.begin(), list.end(), [](const Commit* a, const Commit* b) { return a->index < b->index; });
  return list;
}

}  // namespace git
