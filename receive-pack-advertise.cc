// What a pusher is told first: every visible ref, or, where it named a base that we know, that base and the refs it is
// going to update (gitprotocol-pack(5), "Reference Discovery" and "Extra Parameters").
//
// A base is known where it is a commit that visible refs reach, the same promise as that of an ACK.  Whatever else the
// client sends is passed over, and the advertisement is then the usual one.
#include <algorithm>
#include <unordered_set>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
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

// The refs that an alternate's repository shows: those of core.alternateRefsCommand, or below core.alternateRefsPrefixes.
void for_each_alternate_tip(Repository& repo, std::string_view objects, const std::function<void(const ObjectId&)>& fn) {
  if (!strip_suffix(objects, "/objects")) return;
  Config& config = repo.config();
  std::string dir(objects);
  if (!path_exists(path_join(dir, "refs"))) return;
  ChildProcess lister;
  for (const std::string& name : local_repo_env_vars()) lister.env.push_back(name);
  if (auto command = config.get_string("core.alternaterefscommand")) {
    lister.use_shell = true;
    lister.args = {*command, dir};
  } else {
    lister.git_command = true;
    lister.args = {"--git-dir=" + dir, "for-each-ref", "--format=%(objectname)"};
    if (auto prefixes = config.get_string("core.alternaterefsprefixes")) {
      lister.args.emplace_back("--");
      for (std::string_view prefix : split(*prefixes, ' '))
        if (!prefix.empty()) lister.args.emplace_back(prefix);
    }
  }
  lister.in = ChildProcess::kNull;
  lister.out = ChildProcess::kPipe;
  if (!lister.start()) return;
  LineReader reader(lister.out_fd());
  for (std::string text; reader.next(text);) {
    auto oid = ObjectId::from_hex(text, repo.algo());
    if (!oid) {
      warning(_("invalid line while parsing alternate refs: %s"), text);
      break;
    }
    fn(*oid);
  }
  lister.close_out();
  lister.finish();
}

}  // namespace

// Nobody speaks before the advertisement ends, so it is written without listening.
void ReceivePack::write_advertised(std::size_t enough) {
  std::string_view bytes = machine_.pending_output();
  if (bytes.size() < enough) return;
  if (!write_in_full(1, bytes)) exit_with(128);  // the client went away
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
  std::vector<ObjectDatabase::Source> sources = repo_.odb().sources();
  bool has_alternates = std::any_of(sources.begin(), sources.end(), [](const auto& source) { return !source.is_local; });
  // Remembering what was said costs; most repositories have nothing to leave out.
  bool remembers = has_alternates || !space.empty();
  OidSet said;
  auto have = [&](const ObjectId& oid) {
    if (said.insert(oid).second) advertise_line(oid, ".have");
  };
  // A ref whose object is missing is shown as well, so that it can be deleted.
  repo_.refs().for_each_raw("refs/", [&](const Ref& ref) {
    if (ref.oid.is_null() || ref.is_broken || hidden_.is_hidden(ref.name)) return true;
    std::string_view name = ref.name;
    if (!skip_prefix(name, space)) {
      have(ref.oid);
      return true;
    }
    advertise_line(ref.oid, name);
    if (remembers) said.insert(ref.oid);
    return true;
  });
  for (const ObjectDatabase::Source& source : sources)
    if (!source.is_local) for_each_alternate_tip(repo_, source.path, have);
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
