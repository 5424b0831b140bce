// Lists of refs can be long: lookups by name that happen per ref go through an index made once.
#include "remote-refs.h"

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/strings.h"
#include "refs.h"

namespace git {

RemoteRef* find_remote_ref(RemoteRefs& refs, std::string_view name) {
  for (RemoteRef& ref : refs)
    if (ref.name == name) return &ref;
  return nullptr;
}

const RemoteRef* find_remote_ref(const RemoteRefs& refs, std::string_view name) {
  return find_remote_ref(const_cast<RemoteRefs&>(refs), name);
}

const RemoteRef* find_remote_ref_abbreviated(const RemoteRefs& refs, std::string_view name) {
  std::vector<std::string> candidates = expand_ref_candidates(name);
  const RemoteRef* best = nullptr;
  std::size_t best_rule = candidates.size();
  for (const RemoteRef& ref : refs) {
    if (!ends_with(ref.name, name) && !ends_with(ref.name, "/HEAD")) continue;
    for (std::size_t i = 0; i < best_rule; i++) {
      if (ref.name != candidates[i]) continue;
      best = &ref;
      best_rule = i;
    }
  }
  return best;
}

namespace {

// "main" -> where a fetch puts it: names that don't start with refs/ are branches, tags or remotes.
PeerRef local_ref_of(std::string_view name) {
  PeerRef peer;
  if (starts_with(name, "refs/"))
    peer.name = name;
  else if (starts_with(name, "heads/") || starts_with(name, "tags/") || starts_with(name, "remotes/"))
    peer.name = "refs/" + std::string(name);
  else
    peer.name = "refs/heads/" + std::string(name);
  return peer;
}

void add_pattern_map(const RemoteRefs& remote_refs, const RefspecItem& item, RemoteRefs& out) {
  for (const RemoteRef& ref : remote_refs) {
    if (ref.name.find("^{}") != std::string::npos) continue;
    std::string dst;
    if (!match_refspec_pattern(*item.src, ref.name, item.dst ? *item.dst : *item.src, &dst)) continue;
    RemoteRef copy = ref;
    copy.force = item.force;
    if (item.dst) copy.peer = PeerRef{dst, {}, item.force};
    out.push_back(std::move(copy));
  }
}

}  // namespace

void add_fetch_map(const RemoteRefs& remote_refs, const RefspecItem& item, RemoteRefs& out, bool missing_ok) {
  if (item.is_negative) return;
  std::size_t first = out.size();
  if (item.is_pattern) {
    add_pattern_map(remote_refs, item, out);
  } else {
    std::string name = item.src && !item.src->empty() ? *item.src : "HEAD";
    RemoteRef ref;
    if (item.is_exact_oid) {
      auto oid = ObjectId::from_hex(name, name.size() == 64 ? HashAlgo::sha256 : HashAlgo::sha1);
      ref.name = name;
      ref.old_oid = *oid;
      ref.is_exact_oid = true;
    } else {
      const RemoteRef* found = find_remote_ref_abbreviated(remote_refs, name);
      if (!found) {
        if (!missing_ok) die(_("couldn't find remote ref %s"), name);
        return;
      }
      ref = *found;
    }
    ref.force = item.force;
    if (item.dst && !item.dst->empty()) {
      ref.peer = local_ref_of(*item.dst);
      ref.peer->force = item.force;
    }
    out.push_back(std::move(ref));
  }
  auto is_bad = [](const RemoteRef& ref) {
    if (!ref.peer) return false;
    if (starts_with(ref.peer->name, "refs/") && check_refname_format(ref.peer->name)) return false;
    error(_("* Ignoring funny ref '%s' locally"), ref.peer->name);
    return true;
  };
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), is_bad), out.end());
}

void remove_duplicates(RemoteRefs& refs) {
  struct Source {
    std::string name;
    FetchHeadStatus status;
  };
  std::unordered_map<std::string, Source> sources;
  RemoteRefs kept;
  for (RemoteRef& ref : refs) {
    if (ref.peer) {
      auto [found, is_new] = sources.emplace(ref.peer->name, Source{ref.name, ref.fetch_head});
      if (!is_new) {
        const Source& first = found->second;
        if (first.name == ref.name) continue;
        if (ref.fetch_head != FetchHeadStatus::ignore)
          die(_("Cannot fetch both %s and %s to %s"), first.name, ref.name, ref.peer->name);
        if (first.status == FetchHeadStatus::ignore) die(_("%s tracks both %s and %s"), ref.peer->name, first.name, ref.name);
        warning(_("%s usually tracks %s, not %s"), ref.peer->name, ref.name, first.name);
        continue;
      }
    }
    kept.push_back(std::move(ref));
  }
  refs = std::move(kept);
}

void apply_negative_refspecs(RemoteRefs& refs, const Refspec& refspec) {
  bool has_negative = false;
  for (const RefspecItem& item : refspec.items()) has_negative |= item.is_negative;
  if (!has_negative) return;
  std::erase_if(refs, [&](const RemoteRef& ref) { return is_omitted_by_negative(refspec, ref.name); });
}

std::vector<StaleRef> find_stale_refs(RefStore& store, const Refspec& refspec, const RemoteRefs& fetched) {
  std::unordered_set<std::string_view> names;
  for (const RemoteRef& ref : fetched) names.insert(ref.name);
  std::vector<StaleRef> stale;
  auto check = [&](const Ref& ref) {
    auto items = find_refspecs_by_destination(refspec, ref.name);
    if (items.empty()) return true;
    for (const RefspecItem& item : items)
      if (names.count(*item.src)) return true;
    if (!ref.symref_target.empty()) return true;
    stale.push_back({ref.name, ref.oid, ref.symref_target});
    return true;
  };
  store.for_each("refs/", check);
  return stale;
}

std::vector<const RemoteRef*> guess_remote_head(const RemoteRef* head, const RemoteRefs& refs, bool all,
                                                std::string_view default_branch) {
  std::vector<const RemoteRef*> found;
  if (!head) return found;
  if (!all && !head->symref.empty()) {
    if (const RemoteRef* target = find_remote_ref(refs, head->symref)) found.push_back(target);
    return found;
  }
  if (!all) {
    for (std::string name : {"refs/heads/" + std::string(default_branch), std::string("refs/heads/master")}) {
      const RemoteRef* ref = find_remote_ref(refs, name);
      if (ref && ref->old_oid == head->old_oid) return {ref};
    }
  }
  for (const RemoteRef& ref : refs) {
    if (&ref == head || !starts_with(ref.name, "refs/heads/") || ref.old_oid != head->old_oid) continue;
    found.push_back(&ref);
    if (!all) break;
  }
  return found;
}

const RemoteRef* guess_remote_head(const RemoteRef* head, const RemoteRefs& refs, std::string_view default_branch) {
  auto found = guess_remote_head(head, refs, false, default_branch);
  return found.empty() ? nullptr : found.front();
}

}  // namespace git
