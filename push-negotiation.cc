// Negotiation pays where the advertisement says too little: the server's branches have moved on since we last fetched, so
// what it names is not here, and what it no longer names is. It pays nothing for a deletion, for what is up to date, for
// an empty server, where every ref of the server is here (then we know all it has), and where what is new stands
// directly on something it names.
//
// A server that can't do it ("wait-for-done" is what it takes) is remembered in remote.<name>.noNegotiationUntil, a time
// in seconds, so that only one push in kServerMemory pays for asking.
#include "push-negotiation.h"

#include <queue>

#include "base/date.h"
#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace.h"
#include "config.h"
#include "fetch-negotiator.h"
#include "fetch-pack.h"
#include "negotiator/reach-walk.h"
#include "odb.h"
#include "protocol.h"
#include "remote.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {

namespace {

constexpr std::int64_t kServerMemory = 14 * 24 * 60 * 60;

bool will_be_sent(const RemoteRef& ref) {
  return ref.peer && !ref.is_deletion && !ref.new_oid.is_null() && ref.status == PushStatus::none;
}

// Decides what is worth asking about.
class Gain {
 public:
  Gain(Repository& repo, const Remote& remote, const RemoteRefs& refs)
      : repo_(repo), refs_(refs), source_(repo), known_(source_), tracked_(source_) {
    for (const RemoteRef& ref : refs) {
      if (ref.old_oid.is_null()) continue;
      is_server_empty_ = false;
      Commit* commit = local_commit(ref.old_oid);
      if (commit)
        known_.add(commit->index);
      else if (!repo.odb().has(ref.old_oid, kLookupNoFetch | kLookupQuick))
        lacks_some_ = true;
    }
    if (is_server_empty_ || !lacks_some_) return;
    for (const ObjectId& oid : likely_on_server(repo, remote))
      if (Commit* commit = local_commit(oid)) tracked_.add(commit->index);
  }

  // The commits to ask about; where there are none, `why` says so.
  std::vector<ObjectId> tips(std::string& why) {
    std::vector<ObjectId> tips;
    bool sends_any = false;
    for (const RemoteRef& ref : refs_) {
      if (!will_be_sent(ref)) continue;
      sends_any = true;
      Commit* tip = is_server_empty_ || !lacks_some_ ? nullptr : local_commit(ref.new_oid);
      if (tip && !known_.contains(tip->index)) candidates_.push_back(tip->index);
    }
    if (!sends_any)
      why = _("nothing to send");
    else if (is_server_empty_)
      why = _("the server is empty");
    else if (!lacks_some_)
      why = _("everything that the server has is here");
    else if (candidates_.empty())
      why = _("the server has what is pushed, or it is no commit");
    else if (!stands_on_unknown())
      why = _("what is new stands on what the server has");
    else
      for (CommitNumber tip : candidates_) tips.push_back(source_.name(tip));
    return tips;
  }

 private:
  Commit* local_commit(const ObjectId& oid) {
    if (!repo_.odb().has(oid, kLookupNoFetch | kLookupQuick)) return nullptr;
    Commit* commit = repo_.commits().peel_to_commit(oid);
    return commit && repo_.commits().parse_quietly(commit) ? commit : nullptr;
  }

  // Is there, among what the advertisement doesn't cover, something that the server had when we last looked? Where we
  // never looked, more than one commit is enough to ask.
  bool stands_on_unknown() {
    using Entry = std::pair<std::uint64_t, CommitNumber>;
    std::priority_queue<Entry> queue;
    ByCommit<char> seen;
    auto push = [&](CommitNumber commit) {
      if (seen[commit] || !source_.parse(commit)) return;
      seen[commit] = 1;
      queue.emplace(source_.date(commit), commit);
    };
    for (CommitNumber tip : candidates_) push(tip);
    std::vector<CommitNumber> parents;
    for (int count = 0; !queue.empty();) {
      CommitNumber commit = queue.top().second;
      queue.pop();
      if (known_.contains(commit)) continue;
      if (tracked_.is_empty() ? ++count > 1 : tracked_.contains(commit)) return true;
      parents.clear();
      source_.parents(commit, parents);
      // Where a shallow history ends, the rest is there.
      if (parents.empty() && repo_.commits().is_shallow(source_.name(commit))) return true;
      for (CommitNumber parent : parents) push(parent);
    }
    return false;
  }

  Repository& repo_;
  const RemoteRefs& refs_;
  PoolCommitSource source_;
  ReachWalk known_, tracked_;  // below what the server names, below our remote-tracking refs
  std::vector<CommitNumber> candidates_;
  bool is_server_empty_ = true, lacks_some_ = false;
};

std::string memory_key(const Remote& remote) { return strf("remote.%s.nonegotiationuntil", remote.name); }

bool is_remembered(Repository& repo, const Remote& remote) {
  if (remote.origin == Remote::Origin::none) return false;
  auto until = repo.config().get_int64(memory_key(remote));
  return until && *until > static_cast<std::int64_t>(current_time());
}

void remember(Repository& repo, const Remote& remote) {
  // Of a remote that has no place in this repository's configuration nothing is written there.
  if (!remote.is_configured_in_repo) return;
  config_set_in_file(repo.git_path("config"), strf("remote.%s.noNegotiationUntil", remote.name),
                     strf("%d", static_cast<std::int64_t>(current_time()) + kServerMemory));
}

// "negotiation: 3 rounds, 112 haves, ..." of the child, without the first word.
std::string summary_of(std::string_view text) {
  for (std::string_view line : split_lines(text))
    if (skip_prefix(line, "negotiation: ")) return std::string(line);
  return {};
}

ChildProcess negotiator_child(const Remote& remote, const std::string& url, bool is_verbose) {
  ChildProcess child;
  child.git_command = true;
  bool is_named = remote.origin != Remote::Origin::none;
  if (is_named && (remote.urls.empty() || remote.urls[0] != url))
    child.args = {"-c", strf("remote.%s.url=", remote.name), "-c", strf("remote.%s.url=%s", remote.name, url)};
  for (const char* arg : {"fetch", "--negotiate-only", "--no-recurse-submodules", "--stdin"}) child.args.push_back(arg);
  if (is_verbose) child.args.push_back("-v");
  // The remote, not its URL: upload-pack, server options and proxies belong to it.
  child.args.push_back(is_named ? remote.name : url);
  return child;
}

}  // namespace

PushNegotiation negotiate_push(Repository& repo, const Remote& remote, const std::string& url, const RemoteRefs& refs,
                               bool is_verbose) {
  PushNegotiation none;
  std::vector<ObjectId> tips = Gain(repo, remote, refs).tips(none.summary);
  return tips.empty() ? none : negotiate_tips(repo, remote, url, tips, is_verbose);
}

PushNegotiation negotiate_tips(Repository& repo, const Remote& remote, const std::string& url, const std::vector<ObjectId>& tips,
                               bool is_verbose) {
  PushNegotiation result;
  if (is_remembered(repo, remote)) {
    result.summary = strf(_("the server can't (%s)"), memory_key(remote));
    return result;
  }
  if (protocol_version_config(repo.config()) < 2) {
    // This is ours to mend, so it is said; what a server can't is only traced.
    warning(_("%s requires protocol v2"), "--negotiate-only");
    warning("%s", _("push negotiation failed; proceeding anyway with push"));
    result.summary = _("it requires protocol v2");
    return result;
  }
  ChildProcess child = negotiator_child(remote, url, is_verbose);
  // On standard input: no command line holds the tips of 30,000 refs.
  std::string input;
  for (const ObjectId& oid : tips) input += oid.hex() + "\n";
  CommandOutput answer = pipe_command(child, input, true);
  result.was_held = true;
  result.summary = summary_of(answer.err);
  // What was acknowledged before a failure holds, unless it was the server's word that failed.
  if (answer.code != kExitProtocolViolation)
    for (std::string_view line : split_lines(answer.out))
      if (auto oid = ObjectId::from_hex(line, repo.algo())) result.common.push_back(*oid);
  if (answer.code == 0) return result;
  std::string why(rtrim(answer.err));
  trace_print("GIT_TRACE", strf("push: negotiation ended early (%d): %s", answer.code, why));
  if (why.find("wait-for-done") != std::string::npos || why.find("requires protocol v2") != std::string::npos)
    remember(repo, remote);
  result.summary = strf(_("ended early: %s"), why.substr(0, why.find('\n')));
  return result;
}

namespace {

std::optional<std::size_t> count_objects(const std::string& revisions) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"rev-list", "--objects", "--count", "--missing=allow-any", "--ignore-missing", "--stdin"};
  child.env.push_back("GIT_NO_LAZY_FETCH=1");
  CommandOutput answer = pipe_command(child, revisions, true);
  auto count = parse_uint(rtrim(answer.out));
  if (answer.code != 0 || !count) return std::nullopt;
  return static_cast<std::size_t>(*count);
}

}  // namespace

std::size_t count_objects_saved(Repository& repo, const RemoteRefs& refs, const std::vector<ObjectId>& common) {
  std::string plain, less;
  for (const RemoteRef& ref : refs) {
    if (!ref.old_oid.is_null() && repo.odb().has(ref.old_oid, kLookupNoFetch | kLookupQuick))
      plain += "^" + ref.old_oid.hex() + "\n";
    if (will_be_sent(ref)) plain += ref.new_oid.hex() + "\n";
  }
  less = plain;
  for (const ObjectId& oid : common) less += "^" + oid.hex() + "\n";
  auto all = count_objects(plain), sent = count_objects(less);
  return all && sent && *all > *sent ? *all - *sent : 0;
}

}  // namespace git
