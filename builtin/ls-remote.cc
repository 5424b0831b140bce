// git ls-remote: what a remote has.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "config.h"
#include "refs.h"
#include "remote.h"
#include "repository.h"
#include "transport.h"

GIT_BUILTIN("ls-remote", cmd_ls_remote, kSetupGently)

namespace git {

namespace {

struct LsRemote {
  bool is_quiet = false, heads = false, tags = false, refs_only = false, get_url = false, exit_code = false, symref = false;
  std::string uploadpack;
  std::vector<std::string> server_options;
  std::optional<std::string> sort;
};

bool matches(const std::vector<std::string>& patterns, std::string_view name) {
  if (patterns.empty()) return true;
  std::string path = "/" + std::string(name);
  for (const std::string& pattern : patterns)
    if (wildmatch("*/" + pattern, path)) return true;
  return false;
}

// "v:refname", "-refname", "version:refname"; only names are known here.
void sort_refs(RemoteRefs& refs, std::string_view key) {
  bool descending = skip_prefix(key, "-");
  bool by_version = skip_prefix(key, "version:") || skip_prefix(key, "v:");
  if (key != "refname" && key != "objectname") {
    if (key == "" || key == "committerdate" || key == "authordate" || key == "creatordate")
      die("%s", _("missing object for sort key"));
    die(_("unknown field name: %s"), key);
  }
  auto version_less = [](const std::string& a, const std::string& b) { return strverscmp(a.c_str(), b.c_str()) < 0; };
  std::stable_sort(refs.begin(), refs.end(), [&](const RemoteRef& a, const RemoteRef& b) {
    const RemoteRef& x = descending ? b : a;
    const RemoteRef& y = descending ? a : b;
    if (key == "objectname") return x.old_oid < y.old_oid;
    return by_version ? version_less(x.name, y.name) : x.name < y.name;
  });
}

// v0 says "x^{}" in lines of their own; both forms are listed like that.
RemoteRefs with_peeled(const RemoteRefs& refs) {
  RemoteRefs list;
  for (const RemoteRef& ref : refs) {
    list.push_back(ref);
    if (!ref.peeled) continue;
    RemoteRef peeled;
    peeled.name = ref.name + "^{}";
    peeled.old_oid = *ref.peeled;
    list.push_back(std::move(peeled));
  }
  return list;
}

}  // namespace

int cmd_ls_remote(Invocation& inv) {
  LsRemote opt;
  Options options(
      {"git ls-remote [--branches] [--tags] [--refs] [--upload-pack=<exec>]\n"
       "              [-q | --quiet] [--exit-code] [--get-url] [--sort=<key>]\n"
       "              [--symref] [<repository> [<patterns>...]]"});
  options.boolean('q', "quiet", &opt.is_quiet, N_("do not print remote URL"));
  options.string(0, "upload-pack", &opt.uploadpack, "exec", N_("path of git-upload-pack on the remote host"));
  options.string(0, "exec", &opt.uploadpack, "exec", N_("path of git-upload-pack on the remote host"), kOptHidden);
  options.boolean('t', "tags", &opt.tags, N_("limit to tags"));
  options.boolean('b', "branches", &opt.heads, N_("limit to branches"));
  options.boolean('h', "heads", &opt.heads, N_("deprecated synonym for --branches"), kOptHidden);
  options.boolean(0, "refs", &opt.refs_only, N_("do not show peeled tags"));
  options.boolean(0, "get-url", &opt.get_url, N_("take url.<base>.insteadOf into account"));
  options.string(0, "sort", &opt.sort, "key", N_("field name to sort on"));
  options.boolean(0, "exit-code", &opt.exit_code, N_("exit with exit code 2 if no matching refs are found"), kOptNoNeg);
  options.boolean(0, "symref", &opt.symref, N_("show underlying ref in addition to the object pointed by it"));
  options.strings('o', "server-option", &opt.server_options, "server-specific", N_("option to transmit"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty(), kStopAtNonOption);

  std::string dest = args.empty() ? "" : args[0];
  std::vector<std::string> patterns(args.empty() ? args.begin() : args.begin() + 1, args.end());
  std::unique_ptr<Config> own;
  if (!inv.repository) own = std::make_unique<Config>(ConfigSources{});
  Config& config = inv.repository ? inv.repo().config() : *own;
  Remotes remotes(inv.repository.get(), config);
  Remote* remote = remotes.get(dest);
  if (!remote || remote->urls.empty()) {
    if (!dest.empty()) die(_("bad repository '%s'"), dest);
    die("%s", _("No remote configured to list refs from."));
  }
  if (opt.get_url) {
    outf("%s\n", remote->urls[0]);
    return 0;
  }
  auto transport = Transport::open(inv.repository.get(), config, remote, remote->urls[0]);
  transport->options.uploadpack = opt.uploadpack;
  transport->options.trace_identity = "ls-remote";
  transport->options.fetch.set_server_options(opt.server_options, remote->server_options);

  std::vector<std::string> prefixes;
  if (opt.heads) prefixes.push_back("refs/heads/");
  if (opt.tags) prefixes.push_back("refs/tags/");
  RemoteRefs refs = with_peeled(transport->refs(false, prefixes));
  if (transport->disconnect()) return 1;
  if (dest.empty() && !opt.is_quiet) errf("From %s\n", remote->urls[0]);
  if (opt.sort) {
    sort_refs(refs, *opt.sort);
  }
  int status = opt.exit_code ? 2 : 0;
  for (const RemoteRef& ref : refs) {
    bool is_head = starts_with(ref.name, "refs/heads/"), is_tag = starts_with(ref.name, "refs/tags/");
    if ((opt.heads || opt.tags) && !(opt.heads && is_head) && !(opt.tags && is_tag)) continue;
    if (opt.refs_only && (!starts_with(ref.name, "refs/") || ends_with(ref.name, "^{}"))) continue;
    if (!matches(patterns, ref.name)) continue;
    if (ref.old_oid.is_null()) continue;  // unborn
    status = 0;
    if (opt.symref && !ref.symref.empty()) outf("ref: %s\t%s\n", ref.symref, ref.name);
    outf("%s\t%s\n", ref.old_oid, ref.name);
  }
  return status;
}

}  // namespace git
