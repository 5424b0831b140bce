// Negotiation pays where the advertisement says too little: the server's branches have moved on since we last fetched, so
// none of what it names is here, or a new branch starts from something it does not name.  It pays nothing for a
// deletion, for what is up to date, for an empty server, or where the branch that is updated is itself the base.
#include "push-negotiation.h"

#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace.h"
#include "config.h"
#include "odb.h"
#include "protocol.h"
#include "remote.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

namespace git {

namespace {

bool will_be_sent(const RemoteRef& ref) {
  return ref.peer && !ref.is_deletion && !ref.new_oid.is_null() && ref.status == PushStatus::none;
}

// A fast-forward's base is what the ref is at.
bool is_base_advertised(Repository& repo, const RemoteRef& ref, Commit* tip) {
  if (ref.old_oid.is_null()) return false;
  if (!repo.odb().has(ref.old_oid, kLookupNoFetch)) return false;
  Commit* old_commit = repo.commits().peel_to_commit(ref.old_oid);
  return old_commit && in_merge_bases(repo.commits(), old_commit, tip);
}

std::vector<ObjectId> tips_worth_asking(Repository& repo, const RemoteRefs& refs) {
  std::vector<ObjectId> tips;
  bool server_has_refs = false;
  std::unordered_set<ObjectId, ObjectIdHash> there;
  for (const RemoteRef& ref : refs) {
    if (ref.old_oid.is_null()) continue;
    server_has_refs = true;
    there.insert(ref.old_oid);
  }
  if (!server_has_refs) return tips;
  for (const RemoteRef& ref : refs) {
    if (!will_be_sent(ref) || there.count(ref.new_oid)) continue;
    Commit* tip = repo.commits().peel_to_commit(ref.new_oid);
    if (!tip || is_base_advertised(repo, ref, tip)) continue;
    tips.push_back(ref.new_oid);
  }
  return tips;
}

}  // namespace

std::vector<ObjectId> negotiate_push(Repository& repo, const Remote& remote, const std::string& url, const RemoteRefs& refs,
                                     bool is_verbose) {
  std::vector<ObjectId> tips = tips_worth_asking(repo, refs);
  if (tips.empty()) return {};
  return negotiate_tips(repo, remote, url, tips, is_verbose);
}

std::vector<ObjectId> negotiate_tips(Repository& repo, const Remote& remote, const std::string& url,
                                     const std::vector<ObjectId>& tips, bool is_verbose) {
  std::vector<ObjectId> common;
  if (protocol_version_config(repo.config()) < 2) {
    warning(_("%s requires protocol v2"), "--negotiate-only");
    warning("%s", _("push negotiation failed; proceeding anyway with push"));
    return common;
  }
  ChildProcess child;
  child.git_command = true;
  bool is_named = remote.origin != Remote::Origin::none;
  if (is_named && (remote.urls.empty() || remote.urls[0] != url))
    child.args = {"-c", strf("remote.%s.url=", remote.name), "-c", strf("remote.%s.url=%s", remote.name, url)};
  for (const char* arg : {"fetch", "--negotiate-only", "--no-recurse-submodules", "--stdin"}) child.args.push_back(arg);
  // The remote, not its URL: upload-pack, server options and proxies belong to it.
  child.args.push_back(is_named ? remote.name : url);
  std::string input;
  for (const ObjectId& oid : tips) input += oid.hex() + "\n";
  CommandOutput result = pipe_command(child, input, true);
  for (std::string_view line : split_lines(result.out))
    if (auto oid = ObjectId::from_hex(line, repo.algo())) common.push_back(*oid);
  if (result.code != 0) trace_print("GIT_TRACE", strf("push: negotiation ended early (%d): %s", result.code, rtrim(result.err)));
  if (is_verbose) errf(_("negotiation: %d tips asked about, %d commits in common\n"), tips.size(), common.size());
  return common;
}

}  // namespace git
