// Haves are acknowledged against what is visible; wants, boundary and common commits end up as the input of
// pack-objects.
#include "upload-pack-state.h"

#include <algorithm>

#include "base/env.h"
#include "base/json-writer.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "connect.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-reach.h"
#include "walk/depth-boundary.h"
#include "walk/object-filter.h"
#include "wire/capabilities.h"

namespace git {

UploadPackConfig::UploadPackConfig(Repository& repo) {
  Config& config = repo.config();
  allow_tip = config.get_bool_or("uploadpack.allowtipsha1inwant", false);
  allow_reachable = config.get_bool_or("uploadpack.allowreachablesha1inwant", false);
  allow_any = config.get_bool_or("uploadpack.allowanysha1inwant", false);
  if (allow_any) allow_tip = allow_reachable = true;
  allow_filter = config.get_bool_or("uploadpack.allowfilter", false);
  allow_sideband_all = config.get_bool_or("uploadpack.allowsidebandall", false);
  if (const ConfigEntry* entry = config.find("uploadpack.blobpackfileuri")) {
    if (!entry->value) die_missing_config_value(*entry);
    has_packfile_uris = true;
  }
  allow_ref_in_want = config.get_bool_or("uploadpack.allowrefinwant", false);
  filters_by_default = config.get_bool_or("uploadpackfilter.allow", true);
  if (const ConfigEntry* entry = config.find("uploadpackfilter.tree.maxdepth");
      entry && !(entry->value && parse_uint(*entry->value)))
    die(_("unable to parse '%s'"), entry->key);
  keepalive = config.get_int_or("uploadpack.keepalive", 5);
  if (keepalive == 0) keepalive = -1;
  // A repository must not be able to make its server run something.
  for (const ConfigEntry* entry : config.find_all("uploadpack.packobjectshook"))
    if (entry->value && entry->scope != ConfigScope::local && entry->scope != ConfigScope::worktree) hook = *entry->value;
}

std::string served_agent() { return user_agent(); }

void for_each_served_ref(Repository& repo, const HiddenRefs& hidden, bool peel, const std::function<void(const ServedRef&)>& fn) {
  const std::string& space = repo.ref_namespace();
  RefStore& refs = repo.refs();
  auto give = [&](const Ref& ref, std::string name) {
    if (ref.oid.is_null() || ref.is_broken) return;
    ServedRef served{std::move(name), ref.oid, std::nullopt, ref.symref_target};
    if (peel) {
      served.peeled = refs.peel(ref);
      if (served.peeled && *served.peeled == served.oid) served.peeled.reset();
    }
    if (!space.empty() && !served.symref_target.empty()) {
      std::string_view target = served.symref_target;
      if (skip_prefix(target, space)) served.symref_target = std::string(target);
    }
    fn(served);
  };
  if (!hidden.is_hidden(space + "HEAD")) {
    if (auto head = refs.read(space + "HEAD")) {
      if (auto resolved = refs.resolve(space + "HEAD"); resolved && !resolved->oid.is_null()) {
        head->oid = resolved->oid;
        head->peeled.reset();
        if (repo.odb().has(head->oid)) give(*head, "HEAD");
      }
    }
  }
  refs.for_each(space + "refs/", [&](const Ref& ref) {
    if (!hidden.is_hidden(ref.name)) give(ref, ref.name.substr(space.size()));
    return true;
  });
}

ServedFetch::ServedFetch(Repository& repo, const HiddenRefs& hidden)
    : repo_(repo), history_(repo.commits(), visible_ref_sources(repo, &hidden)) {}

void ServedFetch::forget_request() {
  wants_.clear();
  common_.clear();
  edges_.clear();
  client_shallow_.clear();
  they_have_.clear();
  oldest_have_ = 0;
  gave_up_ = moved_ = spoke_of_shallow_ = false;
}

void ServedFetch::add_want(const ObjectId& oid) {
  if (std::find(wants_.begin(), wants_.end(), oid) == wants_.end()) wants_.push_back(oid);
}

bool ServedFetch::acknowledge(const ObjectId& have) {
  if (!repo_.odb().has(have, kLookupNoFetch)) return false;
  // Trees and blobs stand for themselves.
  ObjectType type = repo_.odb().type_of(have, kLookupNoFetch);
  if (type == ObjectType::tree || type == ObjectType::blob) return true;
  Commit* commit = repo_.commits().peel_to_commit(have);
  if (!commit || !history_.reaches(commit)) return false;
  if (oldest_have_ == 0 || commit->date < oldest_have_) oldest_have_ = commit->date;
  for (Commit* parent : commit->parents) they_have_[parent] = 1;
  if (!they_have_.get(commit))
    common_.push_back(commit->oid);
  else if (common_.empty())
    common_.push_back(commit->oid);
  they_have_[commit] = 1;
  return true;
}

std::vector<Commit*> ServedFetch::wanted_commits() {
  std::vector<Commit*> commits;
  for (const ObjectId& oid : wants_)
    if (Commit* commit = repo_.commits().peel_to_commit(oid)) commits.push_back(commit);
  return commits;
}

bool ServedFetch::can_give_up() {
  if (common_.empty()) return false;
  if (gave_up_) return true;
  std::vector<Commit*> commits = wanted_commits();
  gave_up_ = can_all_from_reach_goal(
      repo_.commits(), commits, [this](const Commit* commit) { return they_have_.get(commit) != 0; }, oldest_have_, 0);
  return gave_up_;
}

std::vector<std::string> ServedFetch::describe_boundary(const FetchWants& request, const DepthBoundary& boundary) {
  std::vector<std::string> lines;
  std::set<ObjectId> old_shallow(request.shallow.begin(), request.shallow.end());
  for (Commit* commit : boundary.shallow) {
    client_shallow_.insert(commit->oid);
    if (old_shallow.count(commit->oid)) continue;
    lines.push_back(strf("shallow %s", commit->oid));
  }
  for (const ObjectId& oid : request.shallow) {
    Commit* commit = repo_.commits().peel_to_commit(oid);
    if (!commit || !boundary.is_inside.get(commit)) continue;
    lines.push_back(strf("unshallow %s", oid));
    // Its parents come now, on top of what the client has; it stays a boundary for the pack, as it is one there.
    edges_.push_back(oid);
    for (Commit* parent : commit->parents) add_want(parent->oid);
  }
  return lines;
}

std::vector<std::string> ServedFetch::deepen(const FetchWants& request) {
  CommitPool& pool = repo_.commits();
  spoke_of_shallow_ = !request.shallow.empty() || request.is_deepening() || repo_.is_shallow();
  client_shallow_.insert(request.shallow.begin(), request.shallow.end());
  if (!request.is_deepening()) return {};
  moved_ = true;
  if (!request.deepen_since.empty() || !request.deepen_not.empty()) {
    if (request.depth > 0) die("git upload-pack: deepen and deepen-since (or deepen-not) cannot be used together");
    std::vector<ObjectId> excluded;
    for (const std::string& name : request.deepen_not) {
      auto oid = repo_.refs().read_oid(repo_.ref_namespace() + name);
      for (const std::string& candidate : expand_ref_candidates(name))
        if (!oid) oid = repo_.refs().read_oid(repo_.ref_namespace() + candidate);
      if (!oid) die("git upload-pack: deepen-not is not a ref: %s", name);
      excluded.push_back(*oid);
    }
    return describe_boundary(request, boundary_by_walk(repo_, wants_, request.deepen_since, excluded));
  }
  if (request.depth == kDepthInfinite && !repo_.is_shallow()) {
    DepthBoundary everything;
    for (const ObjectId& oid : request.shallow)
      if (Commit* commit = pool.peel_to_commit(oid)) everything.is_inside[commit] = 1;
    return describe_boundary(request, everything);
  }
  if (request.deepen_relative) {
    VisibleHistory wanted(pool, [](const auto&) {});
    for (const ObjectId& oid : wants_) wanted.add_tip(oid);
    std::vector<Commit*> reachable;
    for (const ObjectId& oid : request.shallow)
      if (Commit* commit = pool.peel_to_commit(oid); commit && wanted.reaches(commit)) reachable.push_back(commit);
    return describe_boundary(request, boundary_by_depth(pool, reachable, request.depth + 1));
  }
  return describe_boundary(request, boundary_by_depth(pool, wanted_commits(), request.depth));
}

void ServedFetch::trace_request(const FetchWants& request, std::size_t haves, std::size_t want_refs) const {
  auto number = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  JsonWriter json;
  json.begin_object();
  json.field("haves", number(haves));
  json.field("wants", number(wants_.size()));
  json.field("want-refs", number(want_refs));
  json.field("depth", request.depth);
  json.field("shallows", number(request.shallow.size()));
  json.field_bool("deepen-since", !request.deepen_since.empty());
  json.field("deepen-not", number(request.deepen_not.size()));
  json.field_bool("deepen-relative", request.deepen_relative);
  // The kind alone: what it is limited to may be the client's secret.
  if (auto filter = parse_object_filter(request.filter); !request.filter.empty() && filter)
    json.field("filter", object_filter_config_name(filter->kind));
  json.end();
  trace2::data_json("upload-pack", "fetch-info", json.text());
}

void ServedFetch::send_pack(const FetchWants& request, const UploadPackConfig& config) {
  ServePackRequest pack;
  pack.wants = wants_;
  pack.common = common_;
  pack.edges = edges_;
  pack.is_shallow = spoke_of_shallow_;
  if (spoke_of_shallow_) {
    for (const ObjectId& oid : repo_.shallow_commits()) client_shallow_.insert(oid);
    pack.shallow.assign(client_shallow_.begin(), client_shallow_.end());
  }
  pack.filter = request.filter;
  pack.skips_promised = skips_promised_;
  pack.thin_pack = request.thin_pack;
  pack.ofs_delta = request.ofs_delta;
  pack.no_progress = request.no_progress;
  pack.include_tag = request.include_tag;
  pack.packet_size = static_cast<std::size_t>(request.sideband);
  pack.keepalive = config.keepalive;
  pack.hook = config.hook;
  pack.uri_protocols = request.uri_protocols;
  serve_pack(repo_, pack);
}

namespace {

// The first part of a filter that the configuration forbids.
const ObjectFilter* find_forbidden(Repository& repo, const UploadPackConfig& config, const ObjectFilter& filter,
                                   std::string& why) {
  std::string name = object_filter_config_name(filter.kind);
  bool allowed = repo.config().get_bool_or("uploadpackfilter." + name + ".allow", config.filters_by_default);
  if (!allowed) {
    why = strf(_("filter '%s' not supported"), name);
    return &filter;
  }
  if (filter.kind == ObjectFilter::Kind::tree_depth) {
    auto limit = repo.config().get_ulong("uploadpackfilter.tree.maxdepth");
    if (limit && filter.tree_depth > *limit) {
      why = strf(_("tree filter allows max depth %u, but got %u"), *limit, filter.tree_depth);
      return &filter;
    }
  }
  for (const ObjectFilter& part : filter.parts)
    if (const ObjectFilter* found = find_forbidden(repo, config, part, why)) return found;
  return nullptr;
}

}  // namespace

std::string check_filter(Repository& repo, const UploadPackConfig& config, const std::string& spec,
                         const std::function<void(const std::string&)>& refuse) {
  if (spec.empty()) return {};
  Result<ObjectFilter> filter = parse_object_filter(spec);
  if (!filter) {
    refuse(filter.error().message);
    die("%s", filter.error().message);
  }
  std::string why;
  if (find_forbidden(repo, config, *filter, why)) {
    refuse(why);
    die("git upload-pack: %s", why);
  }
  return expand_object_filter(*filter);
}

}  // namespace git
