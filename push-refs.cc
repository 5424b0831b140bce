// The source of "a:b" is a ref by the usual rules or any object; the destination is a ref of the remote by the same
// rules, or a new one, whose kind follows from the source's.
#include "push-refs.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "advice.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "object-name.h"
#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

namespace git {

namespace {

struct Source {
  std::string name;  // a full ref name, or "" for an object
  ObjectId oid;      // null: deletion
};

// "refs/remotes/x" matched by "x" counts only where nothing in heads or tags matches.
bool is_weak_match(std::string_view name, std::string_view pattern) {
  return name.size() != pattern.size() && pattern.size() + 5 != name.size() && !starts_with(name, "refs/heads/") &&
         !starts_with(name, "refs/tags/");
}

class Matcher {
 public:
  Matcher(Repository& repo, RemoteRefs& refs, const Refspec& refspec, unsigned flags)
      : repo_(repo), refs_(refs), refspec_(refspec), flags_(flags), advertised_(refs.size()) {
    auto by_name = [](const RemoteRef& a, const RemoteRef& b) { return a.name < b.name; };
    if (std::is_sorted(refs.begin(), refs.end(), by_name)) return;
    advertised_ = 0;
    for (std::size_t i = 0; i < refs.size(); i++) by_name_[refs[i].name] = i;
  }

  bool run() {
    bool good = true;
    for (const RefspecItem& item : refspec_.items())
      if (!item.is_pattern && !item.is_matching && !item.is_negative) good &= match_explicit(item);
    bool has_patterns = (flags_ & (kMatchAll | kMatchMirror)) != 0;
    for (const RefspecItem& item : refspec_.items()) has_patterns |= item.is_pattern || item.is_matching;
    if (has_patterns) match_patterns();
    if (flags_ & kMatchFollowTags) add_missing_tags();
    if (flags_ & kMatchPrune) mark_prune();
    return good;
  }

 private:
  std::size_t local_matches(const std::string& src, Source& found) {
    std::vector<std::string> strong, weak;
    for (const std::string& name : expand_ref_candidates(src)) {
      if (!starts_with(name, "refs/") && name != "HEAD") {
        continue;
      }
      if (!repo_.refs().exists(name)) continue;
      (is_weak_match(name, src) ? weak : strong).push_back(name);
    }
    if (src == "HEAD") strong.clear(), weak.clear();
    const std::vector<std::string>& list = strong.empty() ? weak : strong;
    if (list.size() == 1) found = {list[0], *repo_.refs().read_oid(list[0])};
    return list.size();
  }

  std::optional<Source> find_source(const RefspecItem& item) {
    if (!item.src) return Source{"", ObjectId::null(repo_.algo())};
    Source source;
    std::size_t count = item.src == "HEAD" ? 0 : local_matches(*item.src, source);
    if (count == 1) return source;
    if (count > 1) {
      error(_("src refspec %s matches more than one"), *item.src);
      return std::nullopt;
    }
    if (item.src == "HEAD") {
      auto head = repo_.refs().resolve("HEAD");
      if (head && !head->oid.is_null()) return Source{"HEAD", head->oid};
    }
    auto oid = get_oid(repo_, *item.src, NameHint::none, true);
    if (!oid) {
      error(_("src refspec %s does not match any"), *item.src);
      return std::nullopt;
    }
    return Source{"", *oid};
  }

  // Servers advertise in the order of names, where a search will do; what isn't in order, or was added, is in the map.
  RemoteRef* find_remote(std::string_view name) {
    auto end = refs_.begin() + static_cast<std::ptrdiff_t>(advertised_);
    auto at = std::lower_bound(refs_.begin(), end, name, [](const RemoteRef& ref, std::string_view n) { return ref.name < n; });
    if (at != end && at->name == name) return &*at;
    auto found = by_name_.find(std::string(name));
    return found == by_name_.end() ? nullptr : &refs_[found->second];
  }

  RemoteRef* add_remote(const std::string& name) {
    if (RemoteRef* known = find_remote(name)) return known;
    RemoteRef ref;
    ref.name = name;
    ref.old_oid = ObjectId::null(repo_.algo());
    by_name_[name] = refs_.size();
    refs_.push_back(std::move(ref));
    return &refs_.back();
  }

  std::size_t remote_matches(const std::string& dst, RemoteRef** found) {
    std::vector<RemoteRef*> strong, weak;
    for (const std::string& name : expand_ref_candidates(dst)) {
      RemoteRef* ref = find_remote(name);
      if (!ref || !starts_with(ref->name, "refs/")) continue;
      (is_weak_match(name, dst) ? weak : strong).push_back(ref);
    }
    const auto& list = strong.empty() ? weak : strong;
    if (list.size() == 1) *found = list[0];
    return list.size();
  }

  void say_unqualified(const std::string& dst, const Source& source, const std::string& src_name) {
    error(_("The destination you provided is not a full refname (i.e.,\n"
            "starting with \"refs/\"). We tried to guess what you meant by:\n\n"
            "- Looking for a ref that matches '%s' on the remote side.\n"
            "- Checking if the <src> being pushed ('%s')\n"
            "  is a ref in \"refs/{heads,tags}/\". If so we add a corresponding\n"
            "  refs/{heads,tags}/ prefix on the remote side.\n\n"
            "Neither worked, so we gave up. You must fully qualify the ref."),
          dst, src_name);
    if (!advice_enabled(repo_.config(), "pushUnqualifiedRefName")) return;
    ObjectType type = repo_.odb().type_of(source.oid);
    if (type == ObjectType::commit)
      advise(strf(_("The <src> part of the refspec is a commit object.\nDid you mean to create a new branch by pushing to\n"
                    "'%s:refs/heads/%s'?"),
                  src_name, dst));
    else if (type == ObjectType::tag)
      advise(strf(_("The <src> part of the refspec is a tag object.\nDid you mean to create a new tag by pushing to\n"
                    "'%s:refs/tags/%s'?"),
                  src_name, dst));
    else if (type == ObjectType::tree)
      advise(strf(_("The <src> part of the refspec is a tree object.\nDid you mean to tag a new tree by pushing to\n"
                    "'%s:refs/tags/%s'?"),
                  src_name, dst));
    else
      advise(strf(_("The <src> part of the refspec is a blob object.\nDid you mean to tag a new blob by pushing to\n"
                    "'%s:refs/tags/%s'?"),
                  src_name, dst));
  }

  RemoteRef* find_destination(const RefspecItem& item, const Source& source) {
    std::string dst;
    if (item.dst) {
      dst = *item.dst;
    } else {
      dst = source.name;
      if (source.name == "HEAD") {
        auto head = repo_.refs().resolve("HEAD");
        if (!head || !starts_with(head->name, "refs/heads/")) die(_("%s cannot be resolved to branch"), source.name);
        dst = head->name;
      } else if (dst.empty()) {
        die(_("%s cannot be resolved to branch"), *item.src);
      }
    }
    RemoteRef* found = nullptr;
    switch (remote_matches(dst, &found)) {
      case 1:
        return found;
      case 0:
        break;
      default:
        error(_("dst refspec %s matches more than one"), dst);
        return nullptr;
    }
    if (starts_with(dst, "refs/")) return add_remote(dst);
    if (source.oid.is_null()) {
      error(_("unable to delete '%s': remote ref does not exist"), dst);
      return nullptr;
    }
    std::string qualified = source.name;
    if (source.name == "HEAD") {
      auto head = repo_.refs().resolve("HEAD");
      qualified = head ? head->name : "";
    }
    if (starts_with(qualified, "refs/heads/")) return add_remote("refs/heads/" + dst);
    if (starts_with(qualified, "refs/tags/")) return add_remote("refs/tags/" + dst);
    say_unqualified(dst, source, item.src.value_or(""));
    return nullptr;
  }

  bool match_explicit(const RefspecItem& item) {
    auto source = find_source(item);
    if (!source) return false;
    RemoteRef* dst = find_destination(item, *source);
    if (!dst) return false;
    if (dst->peer) {
      error(_("multiple updates for ref '%s' not allowed"), dst->name);
      return false;
    }
    dst->peer = PeerRef{source->name.empty() ? item.src.value_or("") : source->name, source->oid, item.force};
    dst->force = item.force;
    return true;
  }

  // Where a local ref goes by the patterns; nullopt where it doesn't.
  std::optional<std::string> pattern_destination(std::string_view name, bool* force, bool* is_matching) {
    *force = *is_matching = false;
    if (is_omitted_by_negative(refspec_, name)) return std::nullopt;
    if (flags_ & kMatchMirror) return std::string(name);
    const RefspecItem* matching = nullptr;
    for (const RefspecItem& item : refspec_.items()) {
      if (item.is_negative) continue;
      if (item.is_matching) {
        if (!matching || item.force) matching = &item;
        continue;
      }
      if (!item.is_pattern) continue;
      std::string dst;
      if (!match_refspec_pattern(*item.src, name, item.dst ? *item.dst : *item.src, &dst)) continue;
      *force = item.force;
      return dst;
    }
    if (!matching && !(flags_ & kMatchAll)) return std::nullopt;
    // "matching" and --all are about branches.
    if (!starts_with(name, "refs/heads/")) return std::nullopt;
    *force = matching && matching->force;
    *is_matching = !(flags_ & kMatchAll);
    return std::string(name);
  }

  void match_patterns() {
    repo_.refs().for_each("refs/", [&](const Ref& ref) {
      if (ref.oid.is_null() || ref.is_broken) return true;
      bool force = false, is_matching = false;
      auto dst = pattern_destination(ref.name, &force, &is_matching);
      if (!dst) return true;
      RemoteRef* remote = find_remote(*dst);
      if (remote) {
        if (remote->peer) return true;  // an explicit refspec came first
      } else {
        if (is_matching) return true;  // matching never creates
        remote = add_remote(*dst);
      }
      remote->peer = PeerRef{ref.name, ref.oid, force};
      remote->force = force;
      return true;
    });
  }

  // Annotated tags that the remote lacks and that point at what is pushed.
  void add_missing_tags() {
    CommitPool& pool = repo_.commits();
    std::vector<Commit*> tips;
    std::unordered_set<std::string> there;
    for (const RemoteRef& ref : refs_) {
      if (starts_with(ref.name, "refs/tags/")) there.insert(ref.name);
      if (ref.peer && !ref.peer->oid.is_null()) {
        if (Commit* commit = pool.peel_to_commit(ref.peer->oid)) tips.push_back(commit);
      } else if (!ref.old_oid.is_null() && repo_.odb().has(ref.old_oid, kLookupNoFetch)) {
        if (Commit* commit = pool.peel_to_commit(ref.old_oid)) tips.push_back(commit);
      }
    }
    std::vector<std::pair<std::string, ObjectId>> wanted;
    repo_.refs().for_each("refs/tags/", [&](const Ref& ref) {
      if (there.count(ref.name) || repo_.odb().type_of(ref.oid) != ObjectType::tag) return true;
      Commit* commit = pool.peel_to_commit(ref.oid);
      if (!commit) return true;
      if (tips.empty() || !in_merge_bases_many(pool, commit, tips)) return true;
      wanted.emplace_back(ref.name, ref.oid);
      return true;
    });
    for (auto& [name, oid] : wanted) {
      RemoteRef* ref = add_remote(name);
      if (ref->peer) continue;
      ref->peer = PeerRef{name, oid, false};
    }
  }

  // What the remote has and the refspecs would bring from here, but is not here any more.
  void mark_prune() {
    for (RemoteRef& ref : refs_) {
      if (ref.peer) continue;
      std::optional<std::string> src;
      if (flags_ & kMatchMirror) {
        src = ref.name;
      } else {
        for (const RefspecItem& item : refspec_.items()) {
          if (item.is_negative) continue;
          if (item.is_matching) {
            if (starts_with(ref.name, "refs/heads/")) src = ref.name;
            continue;
          }
          if (!item.is_pattern) continue;
          std::string name;
          if (match_refspec_pattern(item.dst ? *item.dst : *item.src, ref.name, *item.src, &name)) src = name;
        }
        if (!src && (flags_ & kMatchAll) && starts_with(ref.name, "refs/heads/")) src = ref.name;
      }
      if (!src || repo_.refs().exists(*src)) continue;
      ref.peer = PeerRef{"", ObjectId::null(repo_.algo()), false};
    }
  }

  Repository& repo_;
  RemoteRefs& refs_;
  const Refspec& refspec_;
  unsigned flags_;
  std::size_t advertised_;  // that many are in order
  std::unordered_map<std::string, std::size_t> by_name_;

 public:
  bool check_sources() {
    bool good = true;
    for (const RefspecItem& item : refspec_.items()) {
      if (item.is_pattern || item.is_matching || item.is_negative) continue;
      good &= find_source(item).has_value();
    }
    return good;
  }
};

}  // namespace

bool match_push_refs(Repository& repo, RemoteRefs& refs, const Refspec& refspec, unsigned flags) {
  Refspec used = refspec;
  if (used.empty() && !(flags & (kMatchAll | kMatchMirror))) used.append(":");
  return Matcher(repo, refs, used, flags).run();
}

bool check_push_refs(Repository& repo, const Refspec& refspec) {
  RemoteRefs none;
  return Matcher(repo, none, refspec, 0).check_sources();
}

namespace {

PushStatus refusal(Repository& repo, const RemoteRef& ref) {
  if (starts_with(ref.name, "refs/tags/")) return PushStatus::reject_already_exists;
  if (!repo.odb().has(ref.old_oid, kLookupNoFetch)) return PushStatus::reject_fetch_first;
  Commit* old_commit = repo.commits().peel_to_commit(ref.old_oid);
  Commit* new_commit = repo.commits().peel_to_commit(ref.new_oid);
  if (!old_commit || !new_commit) return PushStatus::reject_needs_force;
  if (!in_merge_bases(repo.commits(), old_commit, new_commit)) return PushStatus::reject_nonfastforward;
  return PushStatus::none;
}

}  // namespace

void set_push_statuses(Repository& repo, RemoteRefs& refs, bool is_mirror, bool force) {
  for (RemoteRef& ref : refs) {
    if (ref.peer)
      ref.new_oid = ref.peer->oid;
    else if (!is_mirror)
      continue;
    else
      ref.new_oid = ObjectId::null(repo.algo());
    ref.is_deletion = ref.new_oid.is_null();
    if (!ref.is_deletion && ref.old_oid == ref.new_oid) {
      ref.status = PushStatus::uptodate;
      continue;
    }
    bool forces = ref.force || force;
    PushStatus reason = PushStatus::none;
    if (ref.expects_old) {
      if (!(ref.old_oid == ref.expected_old))
        reason = PushStatus::reject_stale;
      else if (ref.checks_reachable && ref.is_unreachable)
        reason = PushStatus::reject_remote_updated;
      else
        forces = true;
    }
    if (reason == PushStatus::none && !ref.is_deletion && !ref.old_oid.is_null()) reason = refusal(repo, ref);
    if (!forces)
      ref.status = reason;
    else if (reason != PushStatus::none)
      ref.forced_update = true;
  }
}

bool ForceWithLease::parse(Repository& repo, const std::optional<std::string>& value) {
  if (!value) {
    uses_tracking_for_rest = true;
    return true;
  }
  Entry entry;
  std::size_t colon = value->find(':');
  entry.ref = value->substr(0, colon);
  if (colon == std::string::npos) {
    entry.uses_tracking = true;
  } else if (colon + 1 == value->size()) {
    entry.expect = ObjectId::null(repo.algo());
  } else {
    auto oid = get_oid(repo, value->substr(colon + 1), NameHint::none, true);
    if (!oid) {
      error(_("cannot parse expected object name '%s'"), value->substr(colon + 1));
      return false;
    }
    entry.expect = *oid;
  }
  entries.push_back(std::move(entry));
  return true;
}

namespace {

std::optional<std::string> tracking_of(const Remote& remote, std::string_view name) {
  return refspec_destination(remote.fetch, name);
}

// --force-if-includes: has what the remote has ever been in the reflog of the branch that is pushed?
bool was_integrated(Repository& repo, const RemoteRef& ref) {
  std::string local = ref.peer ? ref.peer->name : "";
  if (local == "HEAD") {
    auto head = repo.refs().resolve("HEAD");
    if (head) local = head->name;
  }
  if (local.empty() || !starts_with(local, "refs/heads/")) return true;
  Commit* remote_commit = repo.commits().peel_to_commit(ref.old_oid);
  if (!remote_commit) return false;
  std::vector<Commit*> seen;
  bool found = false;
  repo.refs().for_each_reflog_entry(local, true, [&](const ReflogEntry& entry) {
    if (entry.new_oid == ref.old_oid) {
      found = true;
      return false;
    }
    if (!entry.new_oid.is_null())
      if (Commit* commit = repo.commits().peel_to_commit(entry.new_oid)) seen.push_back(commit);
    return true;
  });
  if (found) return true;
  return !seen.empty() && in_merge_bases_many(repo.commits(), remote_commit, seen);
}

void apply_one(Repository& repo, const Remote& remote, RemoteRef& ref, const ForceWithLease& lease) {
  auto use_tracking = [&] {
    ref.expects_old = true;
    ref.expected_old = ObjectId::null(repo.algo());
    auto tracking = tracking_of(remote, ref.name);
    auto oid = tracking ? repo.refs().read_oid(*tracking) : std::nullopt;
    if (oid)
      ref.expected_old = *oid;
    else
      ref.expects_no_trackback = true;
    if (lease.uses_force_if_includes) ref.checks_reachable = true;
  };
  for (const ForceWithLease::Entry& entry : lease.entries) {
    if (!refname_matches(entry.ref, ref.name)) continue;
    if (entry.uses_tracking) return use_tracking();
    ref.expects_old = true;
    ref.expected_old = *entry.expect;
    return;
  }
  if (lease.uses_tracking_for_rest) use_tracking();
}

}  // namespace

void apply_force_with_lease(Repository& repo, const Remote& remote, RemoteRefs& refs, const ForceWithLease& lease) {
  for (RemoteRef& ref : refs) {
    apply_one(repo, remote, ref, lease);
    if (ref.checks_reachable && !ref.old_oid.is_null()) ref.is_unreachable = !was_integrated(repo, ref);
  }
}

}  // namespace git
