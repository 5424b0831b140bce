// With refspecs on the command line, what the remote's own refspecs would store is updated on the way; without any, the
// current branch's merge configuration says which refs FETCH_HEAD marks for merging.
#include "fetch-refs.h"

#include <optional>
#include <unordered_map>

#include "base/error.h"
#include "base/strings.h"
#include "object/object.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {

namespace {

bool branch_merge_matches(const Branch& branch, std::size_t i, std::string_view name) {
  return i < branch.merge_names.size() && refname_matches(branch.merge_names[i], name);
}

void add_merge_config(RemoteRefs& map, const RemoteRefs& remote_refs, const Branch& branch, std::size_t before) {
  for (std::size_t i = 0; i < branch.merge_names.size(); i++) {
    bool found = false;
    for (std::size_t k = 0; k < before && !found; k++) {
      if (!branch_merge_matches(branch, i, map[k].name)) continue;
      map[k].fetch_head = FetchHeadStatus::merge;
      found = true;
    }
    if (found) continue;
    // Not among what is fetched anyway: fetched for merging only.
    RefspecItem item;
    item.src = branch.merge_names[i];
    std::size_t first = map.size();
    add_fetch_map(remote_refs, item, map, true);
    for (std::size_t k = first; k < map.size(); k++) map[k].fetch_head = FetchHeadStatus::merge;
  }
}

void add_command_line(RemoteRefs& map, const RemoteRefs& remote_refs, const RefMapRequest& request, const Refspec& own,
                      bool* follows_tags) {
  for (const RefspecItem& item : request.command_line.items()) {
    add_fetch_map(remote_refs, item, map, false);
    if (item.dst && !item.dst->empty()) *follows_tags = request.tags != TagFollowing::none;
  }
  for (RemoteRef& ref : map) ref.fetch_head = FetchHeadStatus::merge;
  RemoteRefs opportunistic;
  const Refspec& mapping = request.refmap ? *request.refmap : own;
  for (const RemoteRef& ref : map) {
    for (const RefspecItem& item : mapping.items()) {
      if (item.is_negative || !item.src || !item.dst || item.dst->empty()) continue;
      if (is_omitted_by_negative(mapping, ref.name)) continue;
      std::string dst = *item.dst;
      if (item.is_pattern ? !match_refspec_pattern(*item.src, ref.name, *item.dst, &dst) : *item.src != ref.name) continue;
      RemoteRef copy = ref;
      copy.peer = PeerRef{dst, {}, item.force};
      copy.force = item.force;
      copy.fetch_head = FetchHeadStatus::ignore;
      opportunistic.push_back(std::move(copy));
    }
  }
  for (RemoteRef& ref : opportunistic) map.push_back(std::move(ref));
}

void add_configured(RemoteRefs& map, const RemoteRefs& remote_refs, Remotes& remotes, Remote& remote, const Refspec& own,
                    bool* follows_tags) {
  Branch* branch = remotes.current_branch();
  bool has_merge = branch && !branch->merge_names.empty() && branch->remote_name == remote.name;
  if (own.empty() && !has_merge) {
    RefspecItem item;
    item.src = "HEAD";
    if (!find_remote_ref_abbreviated(remote_refs, "HEAD")) die("%s", _("couldn't find remote ref HEAD"));
    add_fetch_map(remote_refs, item, map, true);
    if (!map.empty()) map[0].fetch_head = FetchHeadStatus::merge;
    return;
  }
  bool is_first = true;
  for (const RefspecItem& item : own.items()) {
    std::size_t before = map.size();
    add_fetch_map(remote_refs, item, map, false);
    if (item.dst && !item.dst->empty()) *follows_tags = true;
    if (is_first && !has_merge && map.size() > before && !item.is_pattern && !item.is_negative)
      map[before].fetch_head = FetchHeadStatus::merge;
    is_first = false;
  }
  if (has_merge) add_merge_config(map, remote_refs, *branch, map.size());
}

// --prefetch: everything goes below refs/prefetch/, tags don't.
Refspec prefetch_refspec(const Refspec& refspec) {
  Refspec result(true);
  for (RefspecItem item : refspec.items()) {
    if (item.is_negative || (item.src && starts_with(*item.src, "refs/tags/"))) {
      if (item.is_negative) result.add(item);
      continue;
    }
    if (!item.dst || item.dst->empty()) continue;
    std::string_view dst = *item.dst;
    skip_prefix(dst, "refs/");
    item.dst = "refs/prefetch/" + std::string(dst);
    item.force = true;
    result.add(std::move(item));
  }
  return result;
}

// What the local refs are at. Asking for many one by one would look for a file for each.
void read_local_values(Repository& repo, RemoteRefs& refs) {
  constexpr std::size_t kMany = 256;
  const ObjectId null = ObjectId::null(repo.algo());
  std::unordered_map<std::string_view, ObjectId*> wanted;
  std::optional<std::string> prefix;
  for (RemoteRef& ref : refs) {
    if (!ref.peer) continue;
    const std::string& name = ref.peer->name;
    bool is_new = refs.size() >= kMany && starts_with(name, "refs/") && wanted.emplace(name, &ref.peer->oid).second;
    if (!is_new) {
      ref.peer->oid = repo.refs().read_oid(name).value_or(null);
      continue;
    }
    ref.peer->oid = null;
    if (!prefix) prefix = name;
    std::size_t same = 0;
    while (same < prefix->size() && same < name.size() && (*prefix)[same] == name[same]) same++;
    prefix->resize(same);
  }
  if (!prefix) return;
  repo.refs().for_each_raw(*prefix, [&](const Ref& ref) {
    auto found = wanted.find(ref.name);
    if (found != wanted.end() && !ref.is_broken) *found->second = ref.oid;
    return true;
  });
}

}  // namespace

RefMap make_ref_map(Repository& repo, Remotes& remotes, Remote& remote, const RemoteRefs& remote_refs,
                    const RefMapRequest& request) {
  RefMap map;
  map.follows_tags = false;
  Refspec own = remote.fetch;
  RefMapRequest asked = request;
  if (request.prefetch) {
    own = prefetch_refspec(own);
    asked.command_line = prefetch_refspec(request.command_line);
  }
  if (!request.command_line.empty())
    add_command_line(map.refs, remote_refs, asked, own, &map.follows_tags);
  else if (!(request.prefetch && own.empty()))
    add_configured(map.refs, remote_refs, remotes, remote, own, &map.follows_tags);
  if (request.tags == TagFollowing::all) {
    RefspecItem tags = *parse_refspec("refs/tags/*:refs/tags/*", true);
    add_fetch_map(remote_refs, tags, map.refs, false);
  } else if (request.tags == TagFollowing::automatic && map.follows_tags) {
    add_non_local_tags(repo, remote_refs, map.refs);
  }
  if (request.tags == TagFollowing::none) map.follows_tags = false;
  apply_negative_refspecs(map.refs, request.command_line.empty() ? own : asked.command_line);
  remove_duplicates(map.refs);
  read_local_values(repo, map.refs);
  return map;
}

void add_non_local_tags(Repository& repo, const RemoteRefs& remote_refs, RemoteRefs& out) {
  std::unordered_set<ObjectId, ObjectIdHash> fetching;
  std::unordered_set<std::string> known;
  for (const RemoteRef& ref : out) {
    fetching.insert(ref.old_oid);
    if (ref.peer) known.insert(ref.peer->name);
  }
  auto is_coming = [&](const ObjectId& oid) { return fetching.count(oid) || repo.odb().has(oid, kLookupQuick | kLookupNoFetch); };
  RemoteRefs found;
  for (const RemoteRef& ref : remote_refs) {
    if (!starts_with(ref.name, "refs/tags/") || known.count(ref.name)) continue;
    if (!is_coming(ref.old_oid) && !(ref.peeled && is_coming(*ref.peeled))) continue;
    if (repo.refs().exists(ref.name)) continue;
    RemoteRef copy = ref;
    copy.peer = PeerRef{ref.name, ObjectId::null(repo.algo()), false};
    copy.fetch_head = FetchHeadStatus::not_for_merge;
    found.push_back(std::move(copy));
  }
  for (RemoteRef& ref : found) out.push_back(std::move(ref));
}

std::string fetch_head_line(Repository& repo, const RemoteRef& ref, const std::string& url) {
  std::string_view name = ref.name;
  std::string_view kind;
  if (name == "HEAD") {
    name = "";
  } else if (skip_prefix(name, "refs/heads/")) {
    kind = "branch";
  } else if (skip_prefix(name, "refs/tags/")) {
    kind = "tag";
  } else if (skip_prefix(name, "refs/remotes/")) {
    kind = "remote-tracking branch";
  }
  bool merges = ref.fetch_head == FetchHeadStatus::merge && repo.commits().peel_to_commit(ref.old_oid);
  std::string note;
  if (!name.empty()) {
    if (!kind.empty()) note += std::string(kind) + " ";
    note += "'" + std::string(name) + "' of ";
  }
  std::string line = ref.old_oid.hex() + "\t" + (merges ? "" : "not-for-merge") + "\t" + note;
  for (char c : url) {
    if (c == '\n')
      line += "\\n";
    else
      line += c;
  }
  return line + "\n";
}

}  // namespace git
