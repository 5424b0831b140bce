// The automatic base is the newest commit of what is pushed that a remote-tracking ref of the remote reaches.  Asking
// all of them would cost what the push is meant to save (100,000 of them: a tenth of a second and more), so the question
// is put in the order in which answers are likely:
//
//   1. the tracking refs of the refs that are pushed to, the upstream of what is pushed, the remote's HEAD;
//   2. tracking refs that point right at one of the commits which those do not reach: a search through the text of
//      packed-refs for a handful of names, no ref is parsed for it;
//   3. every tracking ref, where there are few, or where so many commits are left that knowing better pays.
//
// What can be missed is a tracking ref that is ahead of one of a few commits; they are then sent once more.
#include "push-base.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "refspec.h"
#include "remote.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/visible-history.h"

namespace git {

namespace {

// Every ref may be asked where there are no more than these, and so many more for each commit that is left.
constexpr std::size_t kCheapRefs = 1000, kRefsPerCommit = 100;

// Fewer commits than these are sent faster than asked about.
constexpr std::size_t kCommitsWorthAsking = 64;

std::optional<ObjectId> commit_named(Repository& repo, const std::string& name) {
  auto oid = get_oid(repo, name, NameHint::none, true);
  if (!oid) return std::nullopt;
  Commit* commit = repo.commits().peel_to_commit(*oid);
  if (!commit) return std::nullopt;
  return commit->oid;
}

class BasePlanner {
 public:
  BasePlanner(Repository& repo, const Remote* remote) : repo_(repo), remote_(remote) {}

  // False where the refs can't be listed before the server speaks.
  bool read_refspecs(const Refspec& refspec) {
    for (const RefspecItem& item : refspec.items()) {
      if (item.is_pattern || item.is_matching || item.is_negative) return false;
      std::string source = add_source(item);
      std::string name = item.dst && !item.dst->empty() ? *item.dst : source;
      if (name.empty()) return false;
      add_names(name, source);
    }
    return !names_.empty();
  }

  const std::vector<std::string>& names() const { return names_; }
  const CommitList& tips() const { return tips_; }

  CommitList automatic_bases() {
    if (!remote_) return {};
    find_prefixes();
    if (prefixes_.empty()) return {};
    // A deletion needs no common commit but for the server to keep quiet: what was there will do.
    if (tips_.empty()) return reduce_heads(repo_.commits(), known_);
    add_likely();
    CommitList left = unreached(kPushBaseCountLimit);
    if (!left.empty() && add_pointing_at(left) <= kCheapRefs + kRefsPerCommit * left.size()) add_every_tracking_ref();
    return merge_bases_with_known();
  }

  // What the tips reach and `known_` does not, up to `limit` commits.
  CommitList unreached(std::size_t limit) {
    CommitPool& pool = repo_.commits();
    VisibleHistory::Sources none;
    none.may_miss = true;
    VisibleHistory history(pool, std::move(none));
    for (Commit* commit : known_) history.add_tip(commit->oid);
    CommitMarks<char> seen;
    CommitList todo = tips_, left;
    for (std::size_t i = 0; i < todo.size() && left.size() < limit; i++) {
      Commit* commit = todo[i];
      if (seen[commit] || !pool.parse_quietly(commit)) continue;
      seen[commit] = 1;
      if (history.reaches(commit)) continue;
      left.push_back(commit);
      for (Commit* parent : commit->parents) todo.push_back(parent);
    }
    return left;
  }

  void know(Commit* commit) { known_.push_back(commit); }

 private:
  void add_unique(const std::string& name) {
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
  }

  // The full name of the ref that is pushed, "" where it is none.
  std::string add_source(const RefspecItem& item) {
    if (!item.src || item.src->empty()) return {};
    std::string full;
    auto head = *item.src == "HEAD" ? repo_.refs().resolve("HEAD") : std::nullopt;
    if (head) full = head->name;
    if (full.empty()) {
      for (const std::string& candidate : expand_ref_candidates(*item.src)) {
        if (!starts_with(candidate, "refs/") || !repo_.refs().exists(candidate)) continue;
        full = candidate;
        break;
      }
    }
    auto oid = full.empty() ? get_oid(repo_, *item.src, NameHint::none, true) : repo_.refs().read_oid(full);
    Commit* commit = oid ? repo_.commits().peel_to_commit(*oid) : nullptr;
    if (commit && std::find(tips_.begin(), tips_.end(), commit) == tips_.end()) tips_.push_back(commit);
    return full;
  }

  // A short name may turn out to be any of several refs of the server.
  void add_names(const std::string& name, const std::string& source) {
    std::vector<std::string> full;
    for (const std::string& candidate : expand_ref_candidates(name))
      if (starts_with(candidate, "refs/")) full.push_back(candidate);
    if (starts_with(name, "refs/")) full = {name};
    for (const std::string& candidate : full) {
      add_unique(candidate);
      add_tracking_of(candidate);
    }
    std::string_view branch = source;
    if (!remote_ || !skip_prefix(branch, "refs/heads/")) return;
    if (repo_.config().get_string_or(strf("branch.%s.remote", branch), "") != remote_->name) return;
    auto upstream = repo_.config().get_string(strf("branch.%s.merge", branch));
    if (!upstream) return;
    add_tracking_of(*upstream);
  }

  // A mirror keeps the remote's refs under their own names; those may be ours and say nothing of the remote.
  void add_tracking_of(const std::string& name) {
    auto tracking = remote_ ? refspec_destination(remote_->fetch, name) : std::nullopt;
    if (tracking && *tracking != name) add_tracking(*tracking);
  }

  void add_tracking(const std::string& name) {
    auto oid = repo_.refs().read_oid(name);
    if (!oid) return;
    if (Commit* commit = repo_.commits().peel_to_commit(*oid)) know(commit);
  }

  // Where the remote's refs are kept here.
  void find_prefixes() {
    for (const RefspecItem& item : remote_->fetch.items()) {
      if (item.is_negative || !item.dst || item.dst->empty() || item.dst == item.src) continue;
      std::string_view place = *item.dst;
      std::string prefix(place.substr(0, item.is_pattern ? place.find('*') : place.size()));
      if (starts_with(prefix, "refs/")) prefixes_.push_back(std::move(prefix));
    }
    std::sort(prefixes_.begin(), prefixes_.end());
    auto is_below_the_last = [](const std::string& a, const std::string& b) { return starts_with(b, a); };
    prefixes_.erase(std::unique(prefixes_.begin(), prefixes_.end(), is_below_the_last), prefixes_.end());
  }

  void add_likely() {
    add_tracking("refs/remotes/" + remote_->name + "/HEAD");
    for (const char* name : {"refs/heads/main", "refs/heads/master"}) add_tracking_of(name);
  }

  // Returns how many tracking refs there are.
  std::size_t add_pointing_at(const CommitList& commits) {
    std::vector<ObjectId> oids;
    for (Commit* commit : commits) oids.push_back(commit->oid);
    std::size_t count = 0;
    for (const std::string& prefix : prefixes_)
      count += repo_.refs().for_each_pointing_at(prefix, oids, [&](const Ref& ref) {
        if (Commit* commit = repo_.commits().peel_to_commit(ref.oid)) know(commit);
        return true;
      });
    return count;
  }

  void add_every_tracking_ref() {
    CommitMarks<char> seen;
    for (const std::string& prefix : prefixes_)
      repo_.refs().for_each_raw(prefix, [&](const Ref& ref) {
        if (ref.is_broken || ref.oid.is_null()) return true;
        Commit* commit = repo_.commits().peel_to_commit(ref.oid);
        if (!commit || seen[commit]) return true;
        seen[commit] = 1;
        know(commit);
        return true;
      });
  }

  CommitList merge_bases_with_known() {
    if (known_.empty()) return {};
    CommitPool& pool = repo_.commits();
    CommitList found;
    for (Commit* tip : tips_)
      for (Commit* base : merge_bases_many(pool, tip, known_)) found.push_back(base);
    return reduce_heads(pool, found);
  }

  Repository& repo_;
  const Remote* remote_;
  std::vector<std::string> names_, prefixes_;
  CommitList tips_, known_;
};

void set_bases(PushBasePlan& plan, CommitList bases) {
  std::stable_sort(bases.begin(), bases.end(), [](const Commit* a, const Commit* b) { return a->date > b->date; });
  if (bases.size() > kMaxAutomaticBases) bases.resize(kMaxAutomaticBases);
  plan.keys.bases.clear();
  for (const Commit* base : bases) plan.keys.bases.push_back(base->oid);
}

}  // namespace

PushBaseChoice push_base_config(Repository& repo) {
  PushBaseChoice choice;
  auto value = repo.config().get_string("push.base");
  if (!value) return choice;
  auto yes = iequals(*value, "auto") ? std::optional<bool>(true) : parse_maybe_bool(value);
  if (yes) {
    if (*yes) choice.mode = PushBaseChoice::Mode::automatic;
    return choice;
  }
  if (auto oid = commit_named(repo, *value)) {
    choice.mode = PushBaseChoice::Mode::commits;
    choice.commits = {*oid};
  } else {
    warning(_("ignoring '%s': '%s' is not a commit here"), "push.base", *value);
  }
  return choice;
}

void add_push_base(Repository& repo, PushBaseChoice& choice, const std::string& value) {
  if (value == "auto") {
    choice.mode = PushBaseChoice::Mode::automatic;
    choice.commits.clear();
    return;
  }
  auto oid = commit_named(repo, value);
  if (!oid) die(_("%s: '%s' is not a commit"), "--base", value);
  choice.mode = PushBaseChoice::Mode::commits;
  if (std::find(choice.commits.begin(), choice.commits.end(), *oid) == choice.commits.end()) choice.commits.push_back(*oid);
}

PushBasePlan plan_push_base(Repository& repo, const Remote* remote, const Refspec& refspec, bool lists_refs,
                            const PushBaseChoice& choice) {
  PushBasePlan plan;
  if (choice.mode == PushBaseChoice::Mode::off || !lists_refs) return plan;
  trace2::Region region("push", "base");
  BasePlanner planner(repo, remote);
  if (!planner.read_refspecs(refspec)) return plan;
  for (Commit* tip : planner.tips()) plan.tips.push_back(tip->oid);
  plan.keys.refs = planner.names();
  if (choice.mode == PushBaseChoice::Mode::commits)
    plan.keys.bases = choice.commits;
  else
    set_bases(plan, planner.automatic_bases());
  plan.wants_negotiation = plan.keys.empty() && !plan.tips.empty();
  if (format_push_base_keys(plan.keys).empty()) plan.keys.bases.clear();
  if (plan.keys.empty()) return plan;
  for (const ObjectId& oid : plan.keys.bases)
    if (Commit* commit = repo.commits().peel_to_commit(oid)) planner.know(commit);
  plan.new_commits = planner.unreached(kPushBaseCountLimit).size();
  return plan;
}

void use_negotiated_bases(Repository& repo, PushBasePlan& plan, const std::vector<ObjectId>& common) {
  CommitList commits;
  for (const ObjectId& oid : common)
    if (Commit* commit = repo.commits().peel_to_commit(oid)) commits.push_back(commit);
  if (commits.empty()) return;
  set_bases(plan, reduce_heads(repo.commits(), commits));
  if (format_push_base_keys(plan.keys).empty()) plan.keys.bases.clear();
}

bool is_worth_negotiating(const PushBasePlan& plan) { return plan.keys.empty() || plan.new_commits >= kCommitsWorthAsking; }

}  // namespace git
