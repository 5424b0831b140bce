// What a pusher is told first: every visible ref, or, where it named a base that we know, that base and the refs it is
// going to update (gitprotocol-pack(5), "Reference Discovery" and "Extra Parameters").
//
// A base is known where it is a commit that visible refs reach, the same promise as that of an ACK.  Whatever else the
// client sends is passed over, and the advertisement is then the usual one.
#include <unordered_set>

#include "base/env.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "odb.h"
#include "receive-pack-internal.h"
#include "refs.h"
#include "repository.h"
#include "walk/visible-history.h"
#include "wire/push-base-keys.h"

namespace git {
namespace {

constexpr std::size_t kEnoughToWrite = 65536;

using OidSet = std::unordered_set<ObjectId, ObjectIdHash>;

// The tips of the repositories we borrow objects from.
std::vector<ObjectId> alternate_tips(Repository& repo) {
  std::vector<ObjectId> tips;
  for (const ObjectDatabase::Source& source : repo.odb().sources()) {
    if (source.is_local) continue;
    std::string_view path = source.path;
    if (!strip_suffix(path, "/objects")) continue;
    Result<std::unique_ptr<Repository>> other = Repository::open(std::string(path));
    if (!other || (*other)->algo() != repo.algo()) continue;
    (*other)->refs().for_each("refs/", [&](const Ref& ref) {
      if (!ref.oid.is_null()) tips.push_back(ref.oid);
      return true;
    });
  }
  return tips;
}

}  // namespace

// Nobody speaks before the advertisement ends, so it is written without listening.
void ReceivePack::write_advertised(std::size_t enough) {
  std::string_view bytes = machine_.pending_output();
  if (bytes.size() < enough) return;
  write_in_full(1, bytes);
  machine_.consume_output(bytes.size());
}

void ReceivePack::advertise_line(const ObjectId& oid, std::string_view name) {
  machine_.send_line(has_advertised_ ? strf("%s %s\n", oid, name) : strf("%s %s", oid, name) + '\0' + capabilities() + "\n");
  has_advertised_ = true;
  write_advertised(kEnoughToWrite);
}

void ReceivePack::advertise() {
  if (options_.version == 1) machine_.send_line("version 1\n");
  if (!advertise_from_base()) advertise_all();
  for (const ObjectId& oid : repo_.shallow_commits()) machine_.send_line(strf("shallow %s", oid));
  machine_.send_end();
  write_advertised(0);
}

// What lies outside of the client's namespace, and what alternates have, need not be sent either: ".have".
void ReceivePack::advertise_all() {
  const std::string& space = repo_.ref_namespace();
  RefStore& refs = repo_.refs();
  std::vector<ObjectId> elsewhere = alternate_tips(repo_);
  auto for_each_visible = [&](const std::function<void(const Ref&)>& fn) {
    refs.for_each("refs/", [&](const Ref& ref) {
      if (!hidden_.is_hidden(ref.name)) fn(ref);
      return true;
    });
  };
  if (!space.empty() || !elsewhere.empty()) {
    OidSet said;
    for_each_visible([&](const Ref& ref) {
      if (starts_with(ref.name, space))
        said.insert(ref.oid);
      else
        elsewhere.push_back(ref.oid);
    });
    for (const ObjectId& oid : elsewhere)
      if (said.insert(oid).second) advertise_line(oid, ".have");
  }
  for_each_visible([&](const Ref& ref) {
    std::string_view name = ref.name;
    if (skip_prefix(name, space)) advertise_line(ref.oid, name);
  });
  if (!has_advertised_) advertise_line(ObjectId::null(repo_.algo()), "capabilities^{}");
}

bool ReceivePack::advertise_from_base() {
  if (!config_.accept_base) return false;
  PushBaseKeys keys = parse_push_base_keys(get_env_or("GIT_PROTOCOL", ""), repo_.algo());
  if (keys.empty()) return false;
  VisibleHistory history(repo_.commits(), visible_ref_sources(repo_, &hidden_));
  std::vector<ObjectId> known;
  for (const ObjectId& oid : keys.bases) {
    if (repo_.odb().type_of(oid, kLookupNoFetch | kLookupNoReplace) != ObjectType::commit) continue;
    if (history.reaches(repo_.commits().get(oid))) known.push_back(oid);
  }
  trace2::data("receive-pack", "bases_offered", static_cast<std::int64_t>(keys.bases.size()));
  trace2::data("receive-pack", "bases_known", static_cast<std::int64_t>(known.size()));
  if (known.empty()) return false;
  for (const ObjectId& oid : known) advertise_line(oid, ".have");
  for (const std::string& name : keys.refs) {
    std::string full = repo_.ref_namespace() + name;
    if (!starts_with(name, "refs/") || !check_refname_format(name) || hidden_.is_hidden(full)) continue;
    std::optional<ObjectId> oid = repo_.refs().read_oid(full);
    if (oid && repo_.odb().has(*oid, kLookupNoFetch)) advertise_line(*oid, name);
  }
  return true;
}

}  // namespace git
