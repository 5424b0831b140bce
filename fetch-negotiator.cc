// Commit numbers are the pool's own indexes, so no translation table is needed.
#include "fetch-negotiator.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "config.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "remote.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {

PoolCommitSource::PoolCommitSource(Repository& repo) : repo_(repo), pool_(repo.commits()) {}

bool PoolCommitSource::parse(CommitNumber commit) {
  Commit* c = pool_.at(commit);
  return c->is_parsed || pool_.parse_quietly(c);
}
bool PoolCommitSource::is_parsed(CommitNumber commit) { return pool_.at(commit)->is_parsed; }
std::uint64_t PoolCommitSource::date(CommitNumber commit) { return pool_.at(commit)->date; }
std::uint64_t PoolCommitSource::generation(CommitNumber commit) { return pool_.at(commit)->generation; }
void PoolCommitSource::parents(CommitNumber commit, std::vector<CommitNumber>& out) {
  for (const Commit* parent : pool_.at(commit)->parents) out.push_back(parent->index);
}
ObjectId PoolCommitSource::name(CommitNumber commit) { return pool_.at(commit)->oid; }

std::optional<CommitNumber> PoolCommitSource::find(const ObjectId& oid) {
  Commit* known = pool_.find(oid);
  if (!known || !known->is_parsed) {
    if (repo_.odb().type_of(oid, kLookupNoFetch) != ObjectType::commit) return std::nullopt;
    known = pool_.get(oid);
    if (!pool_.parse_quietly(known)) return std::nullopt;
  }
  return known->index;
}

std::string negotiation_algorithm(Repository& repo) {
  Config& config = repo.config();
  if (auto name = config.get_string("fetch.negotiationalgorithm")) {
    for (const char* known : {"consecutive", "default", "skipping", "gallop", "noop"})
      if (iequals(*name, known)) {
        if (*name == "default" && config.get_bool_or("feature.experimental", false)) return "gallop";
        return known;
      }
    die(_("unknown fetch negotiation algorithm '%s'"), *name);
  }
  return config.get_bool_or("feature.experimental", false) ? "gallop" : "consecutive";
}

namespace {

bool has_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

}  // namespace

std::vector<ObjectId> resolve_negotiation_tips(Repository& repo, const std::vector<std::string>& names, const std::string& option,
                                               bool missing_ok) {
  std::vector<ObjectId> tips;
  for (const std::string& name : names) {
    if (!has_glob(name)) {
      auto oid = get_oid(repo, name, NameHint::none, true);
      if (!oid) continue;
      if (!repo.odb().has(*oid, kLookupNoFetch)) {
        if (missing_ok) continue;
        die(_("the object %s does not exist"), name);
      }
      tips.push_back(*oid);
      continue;
    }
    std::size_t before = tips.size();
    std::string pattern = starts_with(name, "refs/") ? name : "refs/" + name;
    std::string prefix = pattern.substr(0, pattern.find_first_of("*?["));
    repo.refs().for_each(prefix, [&](const Ref& ref) {
      if (wildmatch(pattern, ref.name) && !ref.oid.is_null()) tips.push_back(ref.oid);
      return true;
    });
    if (tips.size() == before && !missing_ok) warning(_("ignoring %s=%s because it does not match any refs"), option, name);
  }
  return tips;
}

namespace {

constexpr std::size_t kMaxTrackingRefs = 4096;
constexpr std::size_t kMaxReflogs = 64;
constexpr int kMaxReflogEntries = 16;

struct TrackingRef {
  std::string name;
  ObjectId oid;
  std::uint64_t date;
};

std::vector<TrackingRef> tracking_refs(Repository& repo, const Remote& remote) {
  std::vector<TrackingRef> list;
  auto add = [&](const Ref& ref) {
    if (ref.oid.is_null() || ref.is_broken || !ref.symref_target.empty()) return true;
    Commit* commit = repo.commits().peel_to_commit(ref.oid);
    if (commit && repo.commits().parse_quietly(commit)) list.push_back({ref.name, commit->oid, commit->date});
    return list.size() < kMaxTrackingRefs;
  };
  for (const RefspecItem& item : remote.fetch.items()) {
    if (item.is_negative || !item.dst || item.dst->empty()) continue;
    repo.refs().for_each(item.dst->substr(0, item.dst->find('*')), add);
  }
  auto newer = [](const TrackingRef& a, const TrackingRef& b) { return a.date > b.date; };
  std::stable_sort(list.begin(), list.end(), newer);
  return list;
}

}  // namespace

std::vector<ObjectId> likely_on_server(Repository& repo, const Remote& remote) {
  std::vector<TrackingRef> refs = tracking_refs(repo, remote);
  std::vector<ObjectId> likely;
  for (const TrackingRef& ref : refs) likely.push_back(ref.oid);
  std::vector<std::pair<std::uint64_t, ObjectId>> before;  // by time
  for (std::size_t i = 0; i < refs.size() && i < kMaxReflogs; i++) {
    int count = 0;
    repo.refs().for_each_reflog_entry(refs[i].name, true, [&](const ReflogEntry& entry) {
      if (!entry.old_oid.is_null()) before.emplace_back(static_cast<std::uint64_t>(entry.time), entry.old_oid);
      return ++count < kMaxReflogEntries;
    });
  }
  std::stable_sort(before.begin(), before.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [time, oid] : before) likely.push_back(oid);
  return likely;
}

}  // namespace git
