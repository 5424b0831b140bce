// git fetch-pack: fetch over the pack protocol, the plumbing.
#include "fetch-pack.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "fetch-negotiator.h"
#include "pkt-line.h"
#include "protocol.h"
#include "protocol/ls-refs-client.h"
#include "refs.h"
#include "repository.h"
#include "walk/object-filter.h"

GIT_BUILTIN("fetch-pack", cmd_fetch_pack, kSetup | kNoParseopt)

namespace git {

namespace {

constexpr const char* kUsage =
    "git fetch-pack [--all] [--quiet | -q] [--keep | -k] [--thin] [--include-tag] [--upload-pack=<git-upload-pack>] "
    "[--depth=<n>] "
    "[--no-progress] [--diag-url] [-v] [--negotiation-tip=<rev>] [--negotiate-only] [<host>:]<directory> [<refs>...]";

struct FetchPackCommand {
  FetchPackArgs args;
  bool use_stdin = false, diag_url = false, fetch_all = false, stateless = false;
  std::string uploadpack = "git-upload-pack", dest;
  std::vector<std::string> words, restrict_names, require_names;
};

bool parse_option(FetchPackCommand& c, std::string_view arg) {
  std::string_view value = arg;
  FetchPackArgs& a = c.args;
  if (skip_prefix(value, "--upload-pack=") || skip_prefix(value, "--exec=")) {
    c.uploadpack = value;
  } else if (arg == "--quiet" || arg == "-q") {
    a.is_quiet = true;
  } else if (arg == "--keep" || arg == "-k") {
    a.lock_pack = a.keep_pack;
    a.keep_pack = true;
  } else if (arg == "--thin") {
    a.use_thin_pack = true;
  } else if (arg == "--include-tag") {
    a.include_tag = true;
  } else if (arg == "--all") {
    c.fetch_all = a.fetch_all = true;
  } else if (arg == "--stdin") {
    c.use_stdin = true;
  } else if (arg == "--diag-url") {
    c.diag_url = true;
  } else if (arg == "-v") {
    a.is_verbose = true;
  } else if (skip_prefix(value, "--depth=")) {
    a.depth = static_cast<int>(parse_int(value).value_or(0));
  } else if (skip_prefix(value, "--shallow-since=")) {
    a.deepen_since = value;
  } else if (skip_prefix(value, "--shallow-exclude=")) {
    a.deepen_not.emplace_back(value);
  } else if (arg == "--deepen-relative") {
    a.deepen_relative = true;
  } else if (arg == "--no-progress") {
    a.no_progress = true;
  } else if (arg == "--stateless-rpc") {
    c.stateless = a.is_stateless = true;
  } else if (arg == "--lock-pack") {
    a.lock_pack = true;
  } else if (arg == "--check-self-contained-and-connected") {
    a.check_self_contained = true;
  } else if (arg == "--refetch") {
    a.refetch = true;
  } else if (arg == "--cloning") {
    a.is_cloning = true;
  } else if (arg == "--update-shallow") {
    a.update_shallow = true;
  } else if (arg == "--from-promisor") {
    a.from_promisor = true;
  } else if (skip_prefix(value, "--filter=")) {
    a.filter = expand_object_filter(parse_object_filter(value).take_or_die());
  } else if (arg == "--no-filter") {
    a.filter.clear();
  } else if (skip_prefix(value, "--negotiation-tip=") || skip_prefix(value, "--negotiation-restrict=")) {
    c.restrict_names.emplace_back(value);
  } else if (skip_prefix(value, "--negotiation-require=") || skip_prefix(value, "--negotiation-include=")) {
    c.require_names.emplace_back(value);
  } else if (arg == "--negotiate-only") {
    a.negotiate_only = true;
  } else {
    return false;
  }
  return true;
}

// "<oid> <name>", "<oid>" or "<name>".
RemoteRef sought_ref(Repository& repo, std::string_view word) {
  RemoteRef ref;
  std::string_view rest = word;
  if (auto oid = ObjectId::parse_prefix(rest, repo.algo())) {
    if (rest.empty()) {
      ref.name = word;
      ref.old_oid = *oid;
      ref.is_exact_oid = true;
      return ref;
    }
    if (rest[0] == ' ') {
      ref.name = rest.substr(1);
      ref.old_oid = *oid;
      ref.is_exact_oid = ref.name == oid->hex();
      return ref;
    }
  }
  ref.name = word;
  ref.old_oid = ObjectId::null(repo.algo());
  return ref;
}

}  // namespace

int cmd_fetch_pack(Invocation& inv) {
  Repository& repo = inv.repo();
  FetchPackCommand c;
  c.args.use_thin_pack = false;
  c.args.trace_identity = "fetch-pack";
  std::size_t at = 1;
  for (; at < inv.args.size() && starts_with(inv.args[at], "-"); at++)
    if (!parse_option(c, inv.args[at])) usage("%s", kUsage);
  if (at >= inv.args.size()) usage("%s", kUsage);
  c.dest = inv.args[at++];
  c.words.assign(inv.args.begin() + static_cast<std::ptrdiff_t>(at), inv.args.end());
  if (c.use_stdin) {
    if (c.stateless) {
      PacketReader reader(0, "fetch-pack");
      while (reader.read() == PacketReader::Status::data) c.words.emplace_back(reader.line());
    } else {
      LineReader reader(0);
      std::string line;
      while (reader.next(line)) c.words.push_back(line);
    }
  }
  if (c.diag_url) {
    out(diagnose_url(c.dest));
    return 0;
  }
  if (!c.restrict_names.empty())
    c.args.restrict_tips = resolve_negotiation_tips(repo, c.restrict_names, "--negotiation-restrict", false);
  c.args.required_tips = resolve_negotiation_tips(repo, c.require_names, "--negotiation-require", true);
  if (c.args.negotiate_only && !c.args.restrict_tips)
    die(_("%s needs one or more %s"), "--negotiate-only", "--negotiation-restrict=*");

  std::unique_ptr<Connection> connection;
  if (c.stateless) {
    connection = connection_from_fds(0, 1);
    connection->is_stateless = true;
  } else {
    ConnectOptions how;
    how.service = "git-upload-pack";
    how.program = c.uploadpack;
    how.version = protocol_version_config(repo.config());
    how.is_verbose = c.args.is_verbose;
    connection = git_connect(repo.config(), c.dest, how);
  }
  Advertisement advertised = read_advertisement(connection->channel, "fetch-pack");
  if (advertised.version == 2 && !c.args.negotiate_only) {
    LsRefsRequest request;
    request.algo = advertised.algo;
    if (advertised.capabilities.has("agent")) request.capabilities.push_back("agent=" + user_agent());
    if (advertised.capabilities.has("object-format"))
      request.capabilities.push_back(strf("object-format=%s", hash_name(advertised.algo)));
    request.is_stateless = c.stateless;
    LsRefsClient client(request);
    client.set_tap(packet_tap("fetch-pack"));
    client.start();
    connection->channel.run(client);
    if (client.state() != LsRefsClient::State::done) die("%s", client.error());
    advertised.refs = client.take();
  }
  if (c.args.negotiate_only) {
    c.args.on_common = [](const ObjectId& oid) {
      outf("%s\n", oid);
      flush_out();
    };
    RemoteRefs none;
    FetchPackResult result = fetch_pack(repo, connection->channel, advertised, none, c.args);
    connection->finish();
    return result.cannot_negotiate_only ? 255 : 0;
  }
  RemoteRefs remote_refs = remote_refs_of(advertised.refs);
  RemoteRefs sought;
  int status = 0;
  if (c.fetch_all) {
    for (const RemoteRef& ref : remote_refs)
      if (starts_with(ref.name, "refs/")) sought.push_back(ref);
  }
  std::unordered_set<std::string> seen;
  for (const std::string& word : c.words) {
    if (!seen.insert(word).second) continue;
    RemoteRef ref = sought_ref(repo, word);
    if (!ref.is_exact_oid) {
      const RemoteRef* found = find_remote_ref(remote_refs, ref.name);
      if (!found) {
        error(_("no such remote ref %s"), ref.name);
        status = 1;
        continue;
      }
      ref.old_oid = found->old_oid;
    } else if (advertised.version < 2) {
      bool is_known = false;
      for (const RemoteRef& each : remote_refs) is_known |= each.old_oid == ref.old_oid;
      bool allows =
          advertised.capabilities.has("allow-tip-sha1-in-want") || advertised.capabilities.has("allow-reachable-sha1-in-want");
      if (!is_known && !allows) {
        error(_("Server does not allow request for unadvertised object %s"), ref.name);
        status = 1;
        continue;
      }
    }
    sought.push_back(std::move(ref));
  }
  FetchPackResult result;
  if (!sought.empty()) {
    result = fetch_pack(repo, connection->channel, advertised, sought, c.args);
  }
  // No more requests; what follows on a helper's standard output is for git.
  if (!result.got_pack || c.stateless) {
    IgnoreSigpipe guard;
    write_in_full(connection->out(), "0000");
  }
  for (const std::string& lock : result.lock_files) outf("lock %s\n", lock);
  if (c.args.check_self_contained && result.is_self_contained) out("connectivity-ok\n");
  flush_out();
  if (connection->finish() != 0) return 1;
  if (!c.stateless)
    for (const RemoteRef& ref : sought) outf("%s %s\n", ref.old_oid, ref.name);
  if (sought.empty() && c.words.empty() && !c.fetch_all) status = 1;
  return status;
}

}  // namespace git
