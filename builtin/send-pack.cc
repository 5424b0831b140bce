// git send-pack: push over the pack protocol, the plumbing.
#include "send-pack.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "fetch-pack.h"
#include "pkt-line.h"
#include "push-refs.h"
#include "remote.h"
#include "repository.h"
#include "transport-push.h"

GIT_BUILTIN("send-pack", cmd_send_pack, kSetup)

namespace git {

namespace {

// What a remote helper tells its caller about each ref.
void print_helper_status(const RemoteRefs& refs) {
  for (const RemoteRef& ref : refs) {
    const char* message = nullptr;
    const char* result = "error";
    switch (ref.status) {
      case PushStatus::none:
        message = "no match";
        break;
      case PushStatus::ok:
        result = "ok";
        break;
      case PushStatus::uptodate:
        result = "ok";
        message = "up to date";
        break;
      case PushStatus::reject_nonfastforward:
        message = "non-fast forward";
        break;
      case PushStatus::reject_fetch_first:
        message = "fetch first";
        break;
      case PushStatus::reject_needs_force:
        message = "needs force";
        break;
      case PushStatus::reject_stale:
        message = "stale info";
        break;
      case PushStatus::reject_remote_updated:
        message = "remote ref updated since checkout";
        break;
      case PushStatus::reject_already_exists:
        message = "already exists";
        break;
      case PushStatus::reject_nodelete:
      case PushStatus::remote_reject:
        message = ref.remote_status.empty() ? "remote reject" : ref.remote_status.c_str();
        break;
      case PushStatus::expecting_report:
        message = "expecting report";
        break;
      default:
        continue;
    }
    std::string line = std::string(result) + " " + ref.name;
    if (message) line += std::string(" ") + message;
    out(line + "\n");
    if (ref.status != PushStatus::ok) continue;
    bool is_first = true;
    for (const ReportOptions& report : ref.reports) {
      if (!std::exchange(is_first, false)) outf("ok %s\n", ref.name);
      if (!report.ref_name.empty()) outf("option refname %s\n", report.ref_name);
      if (report.old_oid) outf("option old-oid %s\n", *report.old_oid);
      if (report.new_oid) outf("option new-oid %s\n", *report.new_oid);
      if (report.forced_update) out("option forced-update\n");
    }
  }
}

}  // namespace

int cmd_send_pack(Invocation& inv) {
  Repository& repo = inv.repo();
  Config& config = repo.config();
  SendPackArgs args;
  ForceWithLease lease;
  int verbosity = 0, thin = 1;
  bool all = false, mirror = false, force = false, dry_run = false, stateless = false, use_stdin = false, helper_status = false;
  bool progress = false, atomic = false, force_if_includes = false;
  std::string receive_pack = "git-receive-pack", remote_name;
  Options options(
      {"git send-pack [--mirror] [--dry-run] [--force]\n"
       "              [--receive-pack=<git-receive-pack>]\n"
       "              [--verbose] [--thin] [--atomic]\n"
       "              [--[no-]signed | --signed=(true|false|if-asked)]\n"
       "              [<host>:]<directory> (--all | <ref>...)"});
  options.verbosity(&verbosity);
  options.string(0, "receive-pack", &receive_pack, "receive-pack", N_("receive pack program"));
  options.string(0, "exec", &receive_pack, "receive-pack", N_("receive pack program"));
  options.string(0, "remote", &remote_name, "remote", N_("remote name"));
  options.boolean(0, "all", &all, N_("push all refs"));
  options.boolean('n', "dry-run", &dry_run, N_("dry run"));
  options.boolean(0, "mirror", &mirror, N_("mirror all refs"));
  options.boolean('f', "force", &force, N_("force updates"));
  options.callback(
      0, "signed", "(yes|no|if-asked)", N_("GPG sign the push"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset)
          args.signs = SendPackArgs::Sign::never;
        else if (value && iequals(*value, "if-asked"))
          args.signs = SendPackArgs::Sign::if_asked;
        else
          args.signs = !value || parse_maybe_bool(value).value_or(true) ? SendPackArgs::Sign::always : SendPackArgs::Sign::never;
        return true;
      },
      kOptOptionalArg);
  options.strings(0, "push-option", &args.push_options, "server-specific", N_("option to transmit"));
  options.boolean(0, "progress", &progress, N_("force progress reporting"));
  options.boolean(0, "thin", &thin, N_("use thin pack"));
  options.boolean(0, "atomic", &atomic, N_("request atomic transaction on remote side"));
  options.boolean(0, "stateless-rpc", &stateless, N_("use stateless RPC protocol"));
  options.boolean(0, "stdin", &use_stdin, N_("read refs from stdin"));
  options.boolean(0, "helper-status", &helper_status, N_("print status from remote helper"));
  options.callback(
      0, "force-with-lease", "<refname>:<expect>", N_("require old value of ref to be at this value"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          lease = {};
          return true;
        }
        return lease.parse(repo, value);
      },
      kOptOptionalArg | kOptLiteralArgHelp);
  options.boolean(0, "force-if-includes", &force_if_includes, N_("require remote updates to be integrated locally"));
  std::vector<std::string> words = options.parse(inv.args, inv.prefix_or_empty());
  if (words.empty()) options.usage_with_options();
  std::string dest = words[0];
  words.erase(words.begin());
  if (use_stdin) {
    if (stateless) {
      PacketReader reader(0, "send-pack");
      // A helper also tells what a negotiation found: "common <oid>".
      while (reader.read() == PacketReader::Status::data) {
        std::string_view line = reader.line();
        auto common = skip_prefix(line, "common ") ? ObjectId::from_hex(line, repo.algo()) : std::nullopt;
        if (common)
          args.common.push_back(*common);
        else
          words.emplace_back(reader.line());
      }
    } else {
      LineReader reader(0);
      std::string line;
      while (reader.next(line)) words.push_back(line);
    }
  }
  if ((!words.empty() && (all || mirror)) || (all && mirror)) options.usage_with_options();
  lease.uses_force_if_includes = force_if_includes;
  Remotes remotes(&repo, config);
  Remote* remote = nullptr;
  if (!remote_name.empty()) {
    remote = remotes.get(remote_name);
    if (!remote || !remote->has_url(dest)) die(_("Destination %s is not a uri for %s"), dest, remote_name);
  }
  args.url = dest;
  args.remote_name = remote_name;
  args.is_verbose = verbosity > 0;
  args.is_quiet = verbosity < 0;
  args.shows_progress = progress || (!stateless && verbosity >= 0 && isatty(2));
  args.use_thin_pack = thin;
  args.is_atomic = atomic;
  args.is_dry_run = dry_run;
  args.is_stateless = stateless;
  args.sends_mirror = mirror;
  args.force = force;
  args.trace_identity = "send-pack";
  std::unique_ptr<Connection> connection;
  if (stateless) {
    connection = connection_from_fds(0, 1);
    connection->is_stateless = true;
  } else {
    ConnectOptions how;
    how.service = "git-receive-pack";
    how.program = receive_pack;
    how.version = 0;
    how.is_verbose = verbosity > 0;
    connection = git_connect(config, dest, how);
  }
  Advertisement advertised = read_advertisement(connection->channel, "send-pack");
  RemoteRefs refs = remote_refs_of(advertised.refs);
  Refspec refspec(false);
  refspec.append(words);
  unsigned flags = all ? static_cast<unsigned>(kMatchAll) : 0u;
  if (mirror) flags |= kMatchMirror;
  if (!match_push_refs(repo, refs, refspec, flags)) return 1;
  if (lease.is_set() && remote) apply_force_with_lease(repo, *remote, refs, lease);
  set_push_statuses(repo, refs, mirror, force || mirror);
  int code = send_pack(repo, *connection, advertised, refs, args);
  // An empty request tells the helper that there are no more; what follows is for git.
  if (stateless) write_in_full(connection->out(), "0000");
  if (helper_status) print_helper_status(refs);
  code |= connection->finish();
  if (!helper_status) {
    unsigned why = 0;
    print_push_status(repo, dest, refs, args.is_verbose, false, &why);
  }
  for (const RemoteRef& ref : refs)
    if (ref.status != PushStatus::none && ref.status != PushStatus::ok && ref.status != PushStatus::uptodate) code = 1;
  bool pushed = false;
  for (const RemoteRef& ref : refs) pushed |= ref.status != PushStatus::none && ref.status != PushStatus::uptodate;
  if (!code && !pushed && !helper_status && !stateless) err("Everything up-to-date\n");
  return code ? 1 : 0;
}

}  // namespace git
