// git fetch: bring objects, then move the refs that follow them, and write FETCH_HEAD.
#include <unistd.h>

#include <map>

#include "advice.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "bundle-uri.h"
#include "config.h"
#include "connected.h"
#include "fetch-negotiator.h"
#include "fetch-refs.h"
#include "fetch-report.h"
#include "maintenance.h"
#include "net/url.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "shallow.h"
#include "submodule-fetch.h"
#include "transport.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/object-filter.h"
#include "worktree.h"

GIT_BUILTIN("fetch", cmd_fetch, kSetup)

namespace git {

namespace {

struct FetchOptions {
  int verbosity = 0, progress = -1;
  bool all = false, all_config = false, multiple = false, append = false, atomic = false, force = false, dry_run = false;
  bool prefetch = false, keep = false, update_head_ok = false, unshallow = false, refetch = false, update_shallow = false;
  bool set_upstream = false, use_stdin = false, negotiate_only = false, porcelain = false;
  bool no_all = false;
  bool write_fetch_head = true, auto_maintenance = true, show_forced_updates = true;
  int prune = -1, prune_tags = -1, jobs = -1, max_children = -1;
  int deepen = 0;
  int write_commit_graph = -1;
  TagFollowing tags = TagFollowing::automatic;
  bool tags_given = false;
  int family = 0;
  std::optional<std::string> depth, since, upload_pack, filter, recurse, recurse_default, submodule_prefix;
  std::vector<std::string> exclude, refmap, server_options, restrict_names, require_names;
  bool refmap_given = false;
  bool restrict_given = false, require_given = false;
  bool no_filter = false;
};

void declare_options(Options& options, FetchOptions& o) {
  options.verbosity(&o.verbosity);
  options.callback(
      0, "all", "", N_("fetch from all remotes"),
      [&o](const std::optional<std::string>&, bool unset) {
        o.all = !unset;
        o.no_all = unset;
        return true;
      },
      kOptNoArg);
  options.boolean(0, "set-upstream", &o.set_upstream, N_("set upstream for git pull/fetch"));
  options.boolean('a', "append", &o.append, N_("append to .git/FETCH_HEAD instead of overwriting"));
  options.boolean(0, "atomic", &o.atomic, N_("use atomic transaction to update references"));
  options.string(0, "upload-pack", &o.upload_pack, "path", N_("path to upload pack on remote end"));
  options.boolean('f', "force", &o.force, N_("force overwrite of local reference"));
  options.boolean('m', "multiple", &o.multiple, N_("fetch from multiple remotes"));
  auto tags = [&o](TagFollowing yes, TagFollowing no) {
    return [&o, yes, no](const std::optional<std::string>&, bool unset) {
      o.tags = unset ? no : yes;
      o.tags_given = true;
      return true;
    };
  };
  options.callback('t', "tags", "", N_("fetch all tags and associated objects"), tags(TagFollowing::all, TagFollowing::none),
                   kOptNoArg);
  options.callback('n', "", "", N_("do not fetch all tags (--no-tags)"), tags(TagFollowing::none, TagFollowing::none), kOptNoArg);
  options.integer('j', "jobs", &o.jobs, "n", N_("number of submodules fetched in parallel"));
  options.boolean(0, "prefetch", &o.prefetch, N_("modify the refspec to place all refs within refs/prefetch/"));
  options.boolean('p', "prune", &o.prune, N_("prune remote-tracking branches no longer on remote"));
  options.boolean('P', "prune-tags", &o.prune_tags, N_("prune local tags no longer on remote and clobber changed tags"));
  options.callback(
      0, "recurse-submodules", "on-demand", N_("control recursive fetching of submodules"),
      [&o](const std::optional<std::string>& value, bool unset) {
        o.recurse = unset ? "no" : value.value_or("yes");
        return true;
      },
      kOptOptionalArg);
  options.boolean(0, "dry-run", &o.dry_run, N_("dry run"));
  options.boolean(0, "porcelain", &o.porcelain, N_("machine-readable output"), kOptNoNeg);
  options.boolean(0, "write-fetch-head", &o.write_fetch_head, N_("write fetched references to the FETCH_HEAD file"));
  options.boolean('k', "keep", &o.keep, N_("keep downloaded pack"));
  options.boolean('u', "update-head-ok", &o.update_head_ok, N_("allow updating of HEAD ref"));
  options.set_int(0, "progress", &o.progress, 1, N_("force progress reporting"));
  options.string(0, "depth", &o.depth, "depth", N_("deepen history of shallow clone"));
  options.string(0, "shallow-since", &o.since, "time", N_("deepen history of shallow repository based on time"));
  options.strings(0, "shallow-exclude", &o.exclude, "ref", N_("deepen history of shallow clone, excluding ref"));
  options.integer(0, "deepen", &o.deepen, "n", N_("deepen history of shallow clone"));
  options.boolean(0, "unshallow", &o.unshallow, N_("convert to a complete repository"), kOptNoNeg);
  options.boolean(0, "refetch", &o.refetch, N_("re-fetch without negotiating common commits"), kOptNoNeg);
  options.string(0, "submodule-prefix", &o.submodule_prefix, "dir", N_("prepend this to submodule path output"), kOptHidden);
  options.string(0, "recurse-submodules-default", &o.recurse_default, "mode",
                 N_("default for recursive fetching of submodules (lower priority than config files)"), kOptHidden);
  options.boolean(0, "update-shallow", &o.update_shallow, N_("accept refs that update .git/shallow"));
  options.callback(
      0, "refmap", "refmap", N_("specify fetch refmap"),
      [&o](const std::optional<std::string>& value, bool unset) {
        o.refmap_given = true;
        if (unset || !value || value->empty())
          o.refmap.clear();
        else
          o.refmap.push_back(*value);
        return true;
      },
      kOptNoNeg);
  options.strings('o', "server-option", &o.server_options, "server-specific", N_("option to transmit"));
  options.set_int('4', "ipv4", &o.family, 4, N_("use IPv4 addresses only"), kOptNoNeg);
  options.set_int('6', "ipv6", &o.family, 6, N_("use IPv6 addresses only"), kOptNoNeg);
  auto names = [](std::vector<std::string>& list, bool& given) {
    return [&list, &given](const std::optional<std::string>& value, bool unset) {
      given = true;
      if (unset)
        list.clear();
      else
        list.push_back(value.value_or(""));
      return true;
    };
  };
  options.callback(0, "negotiation-restrict", "revision", N_("report that we have only objects reachable from this object"),
                   names(o.restrict_names, o.restrict_given));
  options.callback(0, "negotiation-tip", "revision", N_("alias of --negotiation-restrict"),
                   names(o.restrict_names, o.restrict_given));
  options.callback(0, "negotiation-require", "revision", N_("always report this object as one that we have"),
                   names(o.require_names, o.require_given));
  options.callback(0, "negotiation-include", "revision", N_("alias of --negotiation-require"),
                   names(o.require_names, o.require_given));
  options.boolean(0, "negotiate-only", &o.negotiate_only,
                  N_("do not fetch a packfile; instead, print ancestors of negotiation tips"));
  options.callback(0, "filter", "args", N_("object filtering"), [&o](const std::optional<std::string>& value, bool unset) {
    if (unset) {
      o.filter.reset();
      o.no_filter = true;
      return true;
    }
    // What the server's promisors leave out is left out.
    if (value == "auto" || o.filter == "auto") {
      if (o.filter && o.filter != value) die(_("an 'auto' filter cannot be combined with any other filter"));
      o.filter = "auto";
      return true;
    }
    ObjectFilter filter;
    if (o.filter) filter = parse_object_filter(*o.filter).take_or_die();
    add_object_filter(filter, *value).or_die();
    o.filter = filter.spec;
    return true;
  });
  options.boolean(0, "auto-maintenance", &o.auto_maintenance, N_("run 'maintenance --auto' after fetching"));
  options.boolean(0, "auto-gc", &o.auto_maintenance, N_("run 'maintenance --auto' after fetching"));
  options.boolean(0, "show-forced-updates", &o.show_forced_updates, N_("check for forced-updates on all updated branches"));
  options.boolean(0, "write-commit-graph", &o.write_commit_graph, N_("write the commit-graph after fetching"));
  options.boolean(0, "stdin", &o.use_stdin, N_("accept refspecs from stdin"));
}

// One fetch from one remote.
class Fetch {
 public:
  Fetch(Repository& repo, Remotes& remotes, Remote& remote, FetchOptions& options, std::string reflog_action)
      : repo_(repo), remotes_(remotes), remote_(remote), o_(options), action_(std::move(reflog_action)) {}

  int run(const std::vector<std::string>& refspecs);
  int negotiate_only();
  void report_negotiation(const Transport& transport);
  bool has_new_objects() const { return has_new_objects_; }

 private:
  void read_refspecs(const std::vector<std::string>& words);
  std::unique_ptr<Transport> open_transport(bool deepen);
  void set_negotiation(Transport& transport);
  int do_fetch(Transport& transport);
  std::vector<std::string> ref_prefixes();
  void check_not_current(const RemoteRefs& map);
  bool is_everything_here(const RemoteRefs& map);
  int fetch_objects(Transport& transport, RemoteRefs& map);
  int store_refs(RemoteRefs& map, const Transport& transport, bool connectivity_checked);
  int update_ref(const RemoteRef& ref);
  int queue_update(const RemoteRef& ref, const std::string& action);
  int prune(const RemoteRefs& map, const std::string& url);
  int backfill_tags(Transport& transport, const RemoteRefs& remote_refs, const RemoteRefs& fetched);
  void set_upstream(const RemoteRefs& map);
  void follow_remote_head(const RemoteRefs& remote_refs);
  int commit_updates();
  void append_fetch_head(std::string_view text);
  void note_new_tip(const ObjectId& oid);

 public:
  // For the submodules: where refs were before the first change, and where they went. Filled where `watches_tips`.
  bool watches_tips = false;
  std::vector<ObjectId> tips_before, tips_after;

 private:
  Repository& repo_;
  Remotes& remotes_;
  Remote& remote_;
  FetchOptions& o_;
  std::string action_;
  Refspec refspec_{true};
  bool prune_ = false, prune_tags_ = false;
  TagFollowing tags_ = TagFollowing::automatic;
  std::unique_ptr<FetchReport> report_;
  std::unique_ptr<RefTransaction> transaction_;
  std::string fetch_head_;  // what goes into FETCH_HEAD
  std::unordered_set<std::string> queued_, destinations_;
  bool has_new_objects_ = false;
  bool had_conflict_ = false;
};

void Fetch::read_refspecs(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); i++) {
    if (words[i] == "tag") {
      if (++i >= words.size()) die("%s", _("you need to specify a tag name"));
      refspec_.append(strf("refs/tags/%s:refs/tags/%s", words[i], words[i]));
    } else {
      refspec_.append(words[i]);
    }
  }
  if (!o_.use_stdin) return;
  LineReader reader(0);
  std::string line;
  while (reader.next(line)) refspec_.append(line);
}

void Fetch::set_negotiation(Transport& transport) {
  if (negotiation_algorithm(repo_) == "gallop") transport.options.fetch.likely_tips = likely_on_server(repo_, remote_);
  const std::vector<std::string>& restrict_names = o_.restrict_given ? o_.restrict_names : remote_.negotiation_restrict;
  const std::vector<std::string>& require_names = o_.require_given ? o_.require_names : remote_.negotiation_require;
  if (restrict_names.empty() && require_names.empty()) return;
  if (!transport.can_negotiate()) {
    if (o_.restrict_given) warning(_("ignoring %s because the protocol does not support it"), "--negotiation-restrict");
    if (o_.require_given) warning(_("ignoring %s because the protocol does not support it"), "--negotiation-require");
    return;
  }
  FetchPackArgs& args = transport.options.fetch;
  if (!restrict_names.empty())
    args.restrict_tips = resolve_negotiation_tips(repo_, restrict_names, "--negotiation-restrict", false);
  args.required_tips = resolve_negotiation_tips(repo_, require_names, "--negotiation-require", true);
}

std::unique_ptr<Transport> Fetch::open_transport(bool deepen) {
  if (remote_.urls.empty()) die(_("no URL configured for remote '%s'"), remote_.name);
  auto transport = Transport::open(&repo_, repo_.config(), &remote_, remote_.urls[0]);
  TransportOptions& t = transport->options;
  t.verbosity = o_.verbosity;
  t.progress = o_.progress;
  t.trace_identity = "fetch";
  t.ipv4 = o_.family == 4;
  t.ipv6 = o_.family == 6;
  t.uploadpack = o_.upload_pack.value_or("");
  FetchPackArgs& args = t.fetch;
  args.set_server_options(o_.server_options, remote_.server_options);
  args.answers_promisors = true;
  args.keep_pack = o_.keep;
  args.lock_pack = true;
  args.update_shallow = o_.update_shallow;
  args.refetch = o_.refetch;
  if (o_.depth) args.depth = static_cast<int>(parse_uint(*o_.depth).value_or(0));
  if (deepen && o_.since) args.deepen_since = *o_.since;
  if (deepen) args.deepen_not = o_.exclude;
  args.deepen_relative = o_.deepen > 0;
  std::string filter = o_.filter.value_or("");
  bool is_promisor = remote_.is_promisor || repo_.layout().partial_clone == remote_.name;
  if (filter.empty() && !o_.no_filter && is_promisor) filter = remote_.partial_clone_filter;
  if (filter == "auto") {
    args.filter = filter;
  } else if (!filter.empty()) {
    auto parsed = parse_object_filter(filter);
    if (parsed) args.filter = expand_object_filter(*parsed);
  }
  args.from_promisor = !filter.empty();
  set_negotiation(*transport);
  return transport;
}

int Fetch::negotiate_only() {
  if (o_.use_stdin) {
    // Many tips don't fit on a command line.
    LineReader reader(0);
    std::string line;
    o_.restrict_given |= !o_.restrict_names.empty();
    std::vector<std::string> configured = o_.restrict_given ? o_.restrict_names : remote_.negotiation_restrict;
    o_.restrict_names = std::move(configured);
    bool adds = o_.restrict_names.empty();
    while (reader.next(line))
      if (adds) o_.restrict_names.push_back(line);
    o_.restrict_given = true;
  }
  auto transport = open_transport(true);
  FetchPackArgs& args = transport->options.fetch;
  if (!args.restrict_tips) die(_("%s needs one or more %s"), "--negotiate-only", "--negotiation-restrict=*");
  if (!transport->can_negotiate()) {
    warning("%s", _("protocol does not support --negotiate-only, exiting"));
    return 1;
  }
  args.negotiate_only = true;
  args.on_common = [](const ObjectId& oid) {
    outf("%s\n", oid);
    flush_out();
  };
  transport->options.verbosity = -1;
  RemoteRefs none;
  if (transport->fetch(none) != 0) return 1;
  if (transport->last_fetch.cannot_negotiate_only) return 255;
  report_negotiation(*transport);
  return 0;
}

// The last line of -v.
void Fetch::report_negotiation(const Transport& transport) {
  if (o_.verbosity <= 0) return;
  const NegotiationCounters& n = transport.last_fetch.negotiation;
  if (!has_new_objects_ && !o_.negotiate_only)
    errf(_("negotiation: %s\n"), _("none (nothing was missing)"));
  else if (n.rounds == 0)
    errf(_("negotiation: %s\n"), _("none (no have was sent)"));
  else
    errf(_("negotiation: %d rounds, %d haves, %d commits in common\n"), n.rounds, n.haves, n.common);
}

int Fetch::run(const std::vector<std::string>& words) {
  Config& config = repo_.config();
  prune_ = o_.prune >= 0 ? o_.prune > 0 : remote_.prune ? *remote_.prune : config.get_bool_or("fetch.prune", false);
  prune_tags_ = o_.prune_tags >= 0   ? o_.prune_tags > 0
                : remote_.prune_tags ? *remote_.prune_tags
                                     : config.get_bool_or("fetch.prunetags", false);
  bool is_url = !remotes_.find_configured(remote_.name);
  if (prune_ && prune_tags_ && words.empty() && !is_url) remote_.fetch.append("refs/tags/*:refs/tags/*");
  if (prune_ && prune_tags_ && words.empty() && is_url && o_.prune_tags > 0) refspec_.append("refs/tags/*:refs/tags/*");
  read_refspecs(words);
  if (refspec_.empty() && o_.refmap_given) die("%s", _("--refmap option is only meaningful with command-line refspec(s)"));
  auto transport = open_transport(true);
  int code = do_fetch(*transport);
  transport->disconnect();
  report_negotiation(*transport);
  return code;
}

std::vector<std::string> Fetch::ref_prefixes() {
  std::vector<std::string> prefixes;
  if (!refspec_.empty()) {
    refspec_.add_ref_prefixes(prefixes);
  } else {
    Branch* branch = remotes_.current_branch();
    if (!remote_.fetch.empty()) remote_.fetch.add_ref_prefixes(prefixes);
    bool has_merge = branch && !branch->merge_names.empty() && branch->remote_name == remote_.name;
    if (has_merge)
      for (const std::string& name : branch->merge_names) expand_ref_prefix(prefixes, name);
    if (remote_.fetch.empty() && !has_merge) prefixes.push_back("HEAD");
    std::string unused;
    if (!remote_.fetch.empty() && follow_remote_head_of(remote_, repo_.config(), &unused) != FollowRemoteHead::never)
      prefixes.push_back("HEAD");
  }
  if (tags_ != TagFollowing::none) {
    if (!prefixes.empty() || !refspec_.empty()) prefixes.push_back("refs/tags/");
  }
  return prefixes;
}

// The branches that HEAD of some worktree is on, with its path.
std::map<std::string, std::string> checked_out_branches(Repository& repo) {
  std::map<std::string, std::string> result;
  for (const Worktree& worktree : list_worktrees(repo))
    if (!worktree.is_bare && !worktree.head_ref.empty()) result.emplace(worktree.head_ref, worktree.path);
  return result;
}

void Fetch::check_not_current(const RemoteRefs& map) {
  if (o_.update_head_ok) return;
  // Worktrees are read once, and only where a branch is among what is updated.
  std::optional<std::map<std::string, std::string>> in_use;
  for (const RemoteRef& ref : map) {
    if (!ref.peer || !starts_with(ref.peer->name, "refs/heads/")) continue;
    if (!in_use) in_use = checked_out_branches(repo_);
    if (auto found = in_use->find(ref.peer->name); found != in_use->end())
      die(_("refusing to fetch into branch '%s' checked out at '%s'"), found->first, found->second);
  }
}

bool is_unchanged(const RemoteRef& ref) { return ref.peer && !ref.old_oid.is_null() && ref.peer->oid == ref.old_oid; }

bool Fetch::is_everything_here(const RemoteRefs& map) {
  if (o_.refetch || map.empty()) return map.empty();
  // What our own refs are at is here with all it reaches.
  std::vector<ObjectId> tips;
  for (const RemoteRef& ref : map) {
    if (!repo_.odb().has(ref.old_oid, kLookupQuick | kLookupNoFetch)) return false;
    if (!is_unchanged(ref)) tips.push_back(ref.old_oid);
  }
  ConnectedOptions how;
  how.exclude_hidden_refs = "fetch";
  return check_connected(repo_, tips, how);
}

int Fetch::fetch_objects(Transport& transport, RemoteRefs& map) {
  const FetchPackArgs& args = transport.options.fetch;
  if (!args.is_deepening() && is_everything_here(map)) return -1;  // nothing to bring, checked
  has_new_objects_ = true;
  int code = transport.fetch(map);
  return code;
}

int Fetch::do_fetch(Transport& transport) {
  tags_ = o_.tags;
  if (!o_.tags_given && remote_.tags != TagFollowing::automatic) tags_ = remote_.tags;
  // Exact objects without tags need no list of what there is.
  bool needs_list = tags_ != TagFollowing::none || refspec_.empty();
  for (const RefspecItem& item : refspec_.items()) needs_list |= !item.is_exact_oid;
  RemoteRefs remote_refs;
  if (needs_list) remote_refs = transport.refs(false, ref_prefixes());
  RefMapRequest request;
  request.command_line = refspec_;
  if (o_.refmap_given) {
    request.refmap.emplace(true);
    request.refmap->append(o_.refmap);
  }
  request.tags = tags_;
  request.prefetch = o_.prefetch;
  RefMap made = make_ref_map(repo_, remotes_, remote_, remote_refs, request);
  RemoteRefs& map = made.refs;
  check_not_current(map);

  FetchFormat format = FetchFormat::full;
  std::string output = repo_.config().get_string_or("fetch.output", "full");
  if (o_.porcelain) {
    format = FetchFormat::porcelain;
  } else if (iequals(output, "compact")) {
    format = FetchFormat::compact;
  } else if (!iequals(output, "full")) {
    die(_("invalid value for '%s': '%s'"), "fetch.output", output);
  }
  report_ = std::make_unique<FetchReport>(repo_, remote_.urls[0], o_.verbosity, format);
  if (tags_ == TagFollowing::automatic && made.follows_tags) transport.options.follow_tags = true;

  int status = 0;
  if (!o_.dry_run) transaction_ = repo_.refs().begin(o_.atomic ? 0u : static_cast<unsigned>(RefStore::kAllowFailure));
  if (prune_) {
    // Only what was asked for on the command line is pruned by it.
    status |= prune(map, remote_.urls[0]);
  }
  report_->measure(map);
  int fetched = fetch_objects(transport, map);
  if (fetched > 0) return fetched;
  status |= store_refs(map, transport, fetched < 0);
  if (tags_ == TagFollowing::automatic && made.follows_tags && !status) status |= backfill_tags(transport, remote_refs, map);
  int committed = o_.atomic && status ? status : commit_updates();
  if (o_.atomic && status) transaction_.reset();
  status |= committed;
  if (!o_.dry_run && o_.write_fetch_head && !(o_.atomic && status)) append_fetch_head(fetch_head_);
  transport.unlock_packs();
  if (o_.set_upstream) set_upstream(map);
  if (!o_.dry_run && refspec_.empty() && !remote_.mirror) follow_remote_head(remote_refs);
  return status;
}

void Fetch::append_fetch_head(std::string_view text) {
  std::string path = repo_.git_path("FETCH_HEAD");
  UniqueFd fd = open_fd(path, O_WRONLY | O_CREAT | O_APPEND);
  if (!fd) {
    error_errno(_("cannot open '%s'"), path);
    exit_with(1);
  }
  write_in_full(fd.get(), text);
}

int Fetch::store_refs(RemoteRefs& map, const Transport& transport, bool connectivity_checked) {
  if (!connectivity_checked && !transport.last_fetch.is_self_contained) {
    std::vector<ObjectId> tips;
    for (const RemoteRef& ref : map)
      if (!ref.was_rejected_shallow && !ref.old_oid.is_null() && !(is_unchanged(ref) && !transport.options.fetch.is_deepening()))
        tips.push_back(ref.old_oid);
    ConnectedOptions how;
    how.is_deepening_fetch = transport.options.fetch.is_deepening();
    how.is_quiet = false;
    how.exclude_hidden_refs = "fetch";
    if (!check_connected(repo_, tips, how)) {
      return error(_("%s did not send all necessary objects"), display_url(remote_.urls[0]));
    }
  }
  int status = 0;
  std::string url = display_url(remote_.urls[0]);
  for (const RemoteRef& ref : map)
    if (ref.peer) destinations_.insert(ref.peer->name);
  for (FetchHeadStatus wanted : {FetchHeadStatus::merge, FetchHeadStatus::not_for_merge, FetchHeadStatus::ignore}) {
    for (RemoteRef& ref : map) {
      if (ref.was_rejected_shallow) {
        if (wanted == FetchHeadStatus::merge)
          warning(_("rejected %s because shallow roots are not allowed to be updated"), ref.peer ? ref.peer->name : ref.name);
        continue;
      }
      FetchHeadStatus own = ref.fetch_head;
      if (own == FetchHeadStatus::merge && !repo_.commits().peel_to_commit(ref.old_oid)) own = FetchHeadStatus::not_for_merge;
      if (own != wanted) continue;
      if (wanted != FetchHeadStatus::ignore && !starts_with(ref.name, "refs/prefetch/")) {
        RemoteRef shown = ref;
        shown.fetch_head = own;
        fetch_head_ += fetch_head_line(repo_, shown, url);
      }
      if (ref.peer) {
        status |= update_ref(ref);
        continue;
      }
      note_new_tip(ref.old_oid);
      if (o_.write_fetch_head || o_.dry_run) {
        std::string_view name = ref.name;
        std::string_view kind = skip_prefix(name, "refs/heads/")     ? "branch"
                                : skip_prefix(name, "refs/tags/")    ? "tag"
                                : skip_prefix(name, "refs/remotes/") ? "remote-tracking branch"
                                                                     : "branch";
        report_->line('*', kind, "", ref.name, "FETCH_HEAD", ObjectId::null(repo_.algo()), ref.old_oid);
      }
    }
  }
  return status;
}

void Fetch::note_new_tip(const ObjectId& oid) {
  if (!watches_tips) return;
  if (tips_after.empty())
    repo_.refs().for_each("", [this](const Ref& each) {
      tips_before.push_back(each.oid);
      return true;
    });
  tips_after.push_back(oid);
}

int Fetch::queue_update(const RemoteRef& ref, const std::string& action) {
  if (o_.dry_run) return 0;
  RefUpdate update;
  update.name = ref.peer->name;
  update.new_oid = ref.old_oid;
  update.old_oid = ref.peer->oid;
  update.message = (get_env("GIT_REFLOG_ACTION").value_or(action_)) + ": " + action;
  if (!queued_.insert(update.name).second) return 0;
  // A symbolic ref follows what it points at, where that is updated too.
  auto here = repo_.refs().read(update.name);
  if (here && !here->symref_target.empty() && destinations_.count(here->symref_target)) return 0;
  auto added = transaction_->add(std::move(update));
  if (added) return 0;
  return error("%s", added.error().message);
}

int Fetch::update_ref(const RemoteRef& ref) {
  const PeerRef& peer = *ref.peer;
  auto show = [&](char code, std::string_view summary, std::string_view note) {
    report_->line(code, summary, note, ref.name, peer.name, peer.oid.is_null() ? ObjectId::null(repo_.algo()) : peer.oid,
                  ref.old_oid);
  };
  if (peer.oid == ref.old_oid && !peer.oid.is_null()) {
    if (o_.verbosity > 0) show('=', _("[up to date]"), "");
    return 0;
  }
  if (!o_.update_head_ok && !peer.oid.is_null() && !repo_.is_bare()) {
    auto head = repo_.refs().read("HEAD");
    if (head && head->symref_target == peer.name) {
      show('!', _("[rejected]"), _("can't fetch into checked-out branch"));
      return 1;
    }
  }
  bool forces = o_.force || ref.force;
  if (!peer.oid.is_null() && starts_with(peer.name, "refs/tags/")) {
    if (!forces) {
      show('!', _("[rejected]"), _("would clobber existing tag"));
      return 1;
    }
    int status = queue_update(ref, "updating tag");
    show(status ? '!' : 't', _("[tag update]"), status ? _("unable to update local ref") : "");
    return status;
  }
  Commit* current = peer.oid.is_null() ? nullptr : repo_.commits().peel_to_commit(peer.oid);
  Commit* updated = repo_.commits().peel_to_commit(ref.old_oid);
  if (!current || !updated) {
    const char* action = "storing ref";
    const char* what = _("[new ref]");
    if (starts_with(ref.name, "refs/tags/")) {
      action = "storing tag";
      what = _("[new tag]");
    } else if (starts_with(ref.name, "refs/heads/")) {
      action = "storing head";
      what = _("[new branch]");
    }
    note_new_tip(ref.old_oid);
    int status = queue_update(ref, action);
    show(status ? '!' : '*', what, status ? _("unable to update local ref") : "");
    return status;
  }
  bool is_fast_forward = true;
  bool checks = o_.show_forced_updates && repo_.config().get_bool_or("fetch.showforcedupdates", true);
  if (checks || !forces) is_fast_forward = in_merge_bases(repo_.commits(), current, updated);
  std::string from = unique_abbrev(repo_, current->oid), to = unique_abbrev(repo_, ref.old_oid);
  if (is_fast_forward) {
    note_new_tip(ref.old_oid);
    int status = queue_update(ref, "fast-forward");
    show(status ? '!' : ' ', from + ".." + to, status ? _("unable to update local ref") : "");
    return status;
  }
  if (forces) {
    note_new_tip(ref.old_oid);
    int status = queue_update(ref, "forced-update");
    show(status ? '!' : '+', from + "..." + to, status ? _("unable to update local ref") : _("forced update"));
    return status;
  }
  show('!', _("[rejected]"), _("non-fast-forward"));
  return 1;
}

int Fetch::commit_updates() {
  if (!transaction_) return 0;
  auto done = transaction_->commit();
  int status = 0;
  if (!done) status = error("%s", done.error().message) ? 1 : 0;
  for (const auto& [name, message] : transaction_->rejected()) {
    status = 1;
    if (message == "refname conflict" || message.find("exists; cannot create") != std::string::npos)
      had_conflict_ = true;
    else
      error("%s", message);
  }
  transaction_.reset();
  if (std::exchange(had_conflict_, false))
    error(_("some local refs could not be updated; try running\n 'git remote prune %s' to remove any old, conflicting "
            "branches"),
          remote_.name);
  return status;
}

int Fetch::prune(const RemoteRefs& map, const std::string&) {
  const Refspec& refspec = refspec_.empty() ? remote_.fetch : refspec_;
  std::vector<StaleRef> stale = find_stale_refs(repo_.refs(), refspec, map);
  if (stale.empty()) return 0;
  std::unordered_set<std::string> gone;
  int status = 0;
  for (const StaleRef& ref : stale) gone.insert(ref.name);
  if (!o_.dry_run) {
    auto removal = repo_.refs().begin();
    for (const StaleRef& ref : stale) {
      if (o_.atomic) {
        RefUpdate update;
        update.name = ref.name;
        update.new_oid = ObjectId::null(repo_.algo());
        update.message = "fetch: prune";
        transaction_->add(std::move(update)).or_die();
        continue;
      }
      RefUpdate update;
      update.name = ref.name;
      update.new_oid = ObjectId::null(repo_.algo());
      update.message = "fetch: prune";
      removal->add(std::move(update)).or_die();
    }
    if (!o_.atomic) {
      auto done = removal->commit();
      if (!done) status = error("%s", done.error().message) ? 1 : 0;
    }
  }
  report_->measure(map);
  for (const StaleRef& ref : stale)
    report_->line('-', _("[deleted]"), "", _("(none)"), ref.name, ref.oid, ObjectId::null(repo_.algo()));
  if (o_.verbosity < 0) return status;
  repo_.refs().for_each("refs/", [&](const Ref& ref) {
    if (ref.symref_target.empty() || !gone.count(ref.symref_target)) return true;
    errf(o_.dry_run ? _("   (%s will become dangling)\n") : _("   (%s has become dangling)\n"), ref.name);
    return true;
  });
  return status;
}

int Fetch::backfill_tags(Transport& transport, const RemoteRefs& remote_refs, const RemoteRefs& fetched) {
  RemoteRefs tags;
  // What came with the first fetch may have brought the objects of more tags.
  add_non_local_tags(repo_, remote_refs, tags);
  std::erase_if(tags, [&](const RemoteRef& ref) {
    for (const RemoteRef& known : fetched)
      if (known.peer && known.peer->name == ref.peer->name) return true;
    return false;
  });
  if (tags.empty()) return 0;
  FetchPackArgs& args = transport.options.fetch;
  args.depth = 0;
  args.deepen_since.clear();
  args.deepen_not.clear();
  args.deepen_relative = false;
  transport.options.follow_tags = false;
  int code = fetch_objects(transport, tags);
  if (code > 0) return code;
  return store_refs(tags, transport, code < 0);
}

void Fetch::set_upstream(const RemoteRefs& map) {
  Branch* branch = remotes_.current_branch();
  if (!branch) {
    warning(_("could not set upstream of HEAD to '%s' from '%s' when it does not point to any branch."),
            map.empty() ? "" : map[0].name, remote_.name);
    return;
  }
  const RemoteRef* source = nullptr;
  for (const RemoteRef& ref : map) {
    if (ref.fetch_head != FetchHeadStatus::merge) continue;
    if (source) {
      warning("%s", _("multiple branches detected, incompatible with --set-upstream"));
      return;
    }
    source = &ref;
  }
  if (!source) {
    warning("%s", _("no source branch found;\nyou need to specify exactly one branch with the --set-upstream option"));
    return;
  }
  if (starts_with(source->name, "refs/heads/") || source->name == "HEAD") {
    if (source->name == "HEAD") {
      warning("%s", _("could not set upstream of HEAD to itself"));
      return;
    }
    std::string file = repo_.git_path("config");
    config_set_in_file(file, strf("branch.%s.remote", branch->name), remote_.name);
    config_set_in_file(file, strf("branch.%s.merge", branch->name), source->name);
    if (o_.verbosity >= 0)
      outf(_("branch '%s' set up to track '%s'.\n"), branch->name,
           remote_.name + "/" + std::string(std::string_view(source->name).substr(11)));
  } else if (starts_with(source->name, "refs/remotes/")) {
    warning("%s", _("not setting upstream for a remote remote-tracking branch"));
  } else if (starts_with(source->name, "refs/tags/")) {
    warning("%s", _("not setting upstream for a remote tag"));
  } else {
    warning("%s", _("unknown branch type"));
  }
}

void Fetch::follow_remote_head(const RemoteRefs& remote_refs) {
  std::string no_warn_branch;
  FollowRemoteHead how = follow_remote_head_of(remote_, repo_.config(), &no_warn_branch);
  if (how == FollowRemoteHead::never || remotes_.find_configured(remote_.name) == nullptr || remote_.fetch.empty()) return;
  const RemoteRef* head = find_remote_ref(remote_refs, "HEAD");
  if (!head || head->symref.empty()) return;
  auto tracking = refspec_destination(remote_.fetch, head->symref);
  std::string name = "refs/remotes/" + remote_.name + "/HEAD";
  if (!tracking || !starts_with(*tracking, "refs/remotes/" + remote_.name + "/")) return;
  std::string_view branch = head->symref;
  skip_prefix(branch, "refs/heads/");
  auto current = repo_.refs().read(name);
  if (current && current->symref_target == *tracking) return;
  if (!current) {
    if (repo_.refs().exists(*tracking)) (void)repo_.refs().create_symref(name, *tracking, "fetch");
    return;
  }
  if (how == FollowRemoteHead::always) {
    (void)repo_.refs().create_symref(name, *tracking, "fetch");
  } else if (how == FollowRemoteHead::warn && no_warn_branch != branch && o_.verbosity >= 0) {
    std::string_view had = current->symref_target;
    bool is_tracking = skip_prefix(had, "refs/remotes/" + remote_.name + "/");
    if (current->symref_target.empty())
      outf(_("'HEAD' at '%s' is '%s', but we have a detached HEAD pointing to '%s' locally.\n"), remote_.name, branch,
           current->oid);
    else
      outf(_("'HEAD' at '%s' is '%s', but we have '%s' locally.\n"), remote_.name, branch,
           is_tracking ? had : std::string_view(current->symref_target));
    advise_if_enabled(repo_.config(), "fetchRemoteHEADWarn",
                      strf(_("Run 'git remote set-head %s %s' to follow the change, or set\n"
                             "'remote.%s.followRemoteHEAD' configuration option to a different value\n"
                             "if you do not want to see this message. Specifically running\n"
                             "'git config set remote.%s.followRemoteHEAD warn-if-not-%s'\n"
                             "will disable the warning until the remote changes HEAD to something else."),
                           remote_.name, branch, remote_.name, remote_.name, branch));
  }
}

// ---- several remotes ----

void add_child_options(ChildProcess& child, const FetchOptions& o) {
  auto add = [&child](std::string arg) { child.args.push_back(std::move(arg)); };
  if (o.dry_run) add("--dry-run");
  if (o.prune >= 0) add(o.prune ? "--prune" : "--no-prune");
  if (o.prune_tags >= 0) add(o.prune_tags ? "--prune-tags" : "--no-prune-tags");
  if (o.update_head_ok) add("--update-head-ok");
  if (o.force) add("--force");
  if (o.keep) add("--keep");
  if (o.recurse) add("--recurse-submodules=" + *o.recurse);
  if (o.tags_given && o.tags == TagFollowing::all) add("--tags");
  if (o.tags_given && o.tags == TagFollowing::none) add("--no-tags");
  for (int i = 0; i < o.verbosity; i++) add("-v");
  for (int i = 0; i > o.verbosity; i--) add("-q");
  if (o.family == 4) add("--ipv4");
  if (o.family == 6) add("--ipv6");
  if (!o.write_fetch_head) add("--no-write-fetch-head");
  if (o.prefetch) add("--prefetch");
  if (o.porcelain) add("--porcelain");
  if (o.atomic) add("--atomic");
  for (const std::string& option : o.server_options) add("--server-option=" + option);
  for (const std::string& name : o.restrict_names) add("--negotiation-restrict=" + name);
  for (const std::string& name : o.require_names) add("--negotiation-require=" + name);
}

int fetch_in_submodules(Repository& repo, const FetchOptions& o, SubmoduleRecurse recurse, Fetch& fetch) {
  SubmoduleFetch how;
  ChildProcess options;
  FetchOptions inherited = o;
  inherited.recurse.reset();
  if (recurse == SubmoduleRecurse::on) inherited.recurse = "yes";
  if (recurse == SubmoduleRecurse::on_demand) inherited.recurse = "on-demand";
  add_child_options(options, inherited);
  how.options = std::move(options.args);
  how.prefix = o.submodule_prefix.value_or("");
  how.asked = recurse;
  if (o.recurse_default) how.fallback = parse_fetch_recurse_argument("--recurse-submodules-default", *o.recurse_default);
  how.quiet = o.verbosity < 0;
  how.jobs = o.jobs >= 0 ? o.jobs : submodule_fetch_jobs(repo);
  if (how.jobs <= 0) how.jobs = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  how.tips_before = std::move(fetch.tips_before);
  how.tips_after = std::move(fetch.tips_after);
  return fetch_submodules(repo, how);
}

int fetch_multiple(const std::vector<std::string>& names, const FetchOptions& o, int jobs) {
  auto prepare = [&](ChildProcess& child, const std::string& name) {
    child.git_command = true;
    child.args = {"-c", "fetch.bundleURI=", "fetch", "--append", "--no-auto-gc", "--no-write-commit-graph"};
    add_child_options(child, o);
    child.args.push_back(name);
  };
  int result = 0;
  if (jobs != 1 && names.size() > 1) {
    std::size_t at = 0;
    ParallelTask task;
    task.jobs = jobs > 0 ? jobs : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    task.next = [&](ChildProcess& child, std::string& out_text, std::size_t& id) {
      if (at >= names.size()) return false;
      id = at;
      prepare(child, names[at]);
      if (o.verbosity >= 0 && !o.porcelain) out_text += strf(_("Fetching %s\n"), names[at]);
      at++;
      return true;
    };
    task.start_failure = [&](std::string&, std::size_t id) {
      error(_("could not fetch %s"), names[id]);
      result = 1;
      return true;
    };
    task.finished = [&](int code, std::string& out_text, std::size_t id) {
      if (code) {
        out_text += strf(_("could not fetch '%s' (exit code: %d)\n"), names[id], code);
        result = std::max(result, code);
      }
      return true;
    };
    task.trace2_category = "fetch";
    task.trace2_label = "parallel/fetch";
    run_processes_parallel(task);
    return result;
  }
  for (const std::string& name : names) {
    ChildProcess child;
    prepare(child, name);
    if (o.verbosity >= 0 && !o.porcelain) outf(_("Fetching %s\n"), name);
    flush_out();
    if (child.run() != 0) {
      error(_("could not fetch %s"), name);
      result = 1;
    }
  }
  return result;
}

// A name that is a group (remotes.<name>), or one remote.
bool add_remote_or_group(Config& config, Remotes& remotes, const std::string& name, std::vector<std::string>& list) {
  std::size_t before = list.size();
  for (const std::string& value : config.get_strings("remotes." + name)) {
    for (std::string_view word : split(value, ' '))
      if (!trim(word).empty()) list.emplace_back(trim(word));
  }
  if (list.size() > before) return true;
  Remote* remote = remotes.get(name);
  if (!remote || !Remotes::is_configured(remote)) return false;
  list.push_back(remote->name);
  return true;
}

void check_depth(Repository& repo, FetchOptions& o) {
  if (o.deepen) {
    if (o.deepen < 0) die("%s", _("negative depth in --deepen is not supported"));
    if (o.depth) die(_("options '%s' and '%s' cannot be used together"), "--deepen", "--depth");
    o.depth = strf("%d", o.deepen);
  }
  if (o.unshallow) {
    if (o.depth) die(_("options '%s' and '%s' cannot be used together"), "--depth", "--unshallow");
    if (!repo.is_shallow()) die("%s", _("--unshallow on a complete repository does not make sense"));
    o.depth = strf("%d", kInfiniteDepth);
  }
  if (o.depth && !parse_uint(*o.depth).value_or(0)) die(_("depth %s is not a positive number"), *o.depth);
}

// A remote that left objects out has promised them; its filter is the default of later fetches.
void register_promisor(Repository& repo, const Remote& remote, const std::string& filter) {
  std::string file = repo.common_dir() + "/config";
  if (!remote.is_promisor && repo.layout().partial_clone != remote.name) {
    config_set_in_file(file, "core.repositoryformatversion", "1");
    config_set_in_file(file, strf("remote.%s.promisor", remote.name), "true");
  }
  if (remote.partial_clone_filter.empty()) config_set_in_file(file, strf("remote.%s.partialclonefilter", remote.name), filter);
}

std::string default_reflog_action(const std::vector<std::string>& args) {
  std::string action = "fetch";
  for (std::size_t i = 1; i < args.size(); i++) {
    // A URL may hold a password.
    action += " " + anonymize_url(args[i]);
  }
  return action;
}

// Everything came a second time: what is here twice is to be packed now. Zero still means never.
void pack_what_came_twice(Config& config) {
  if (config.get_int_or("gc.autopacklimit", 50)) push_config_pair("gc.autoPackLimit", "1");
  if (config.get_int_or("maintenance.incremental-repack.auto", 10)) push_config_pair("maintenance.incremental-repack.auto", "-1");
}

}  // namespace

int cmd_fetch(Invocation& inv) {
  Repository& repo = inv.repo();
  Config& config = repo.config();
  // A fetch looks at what is here; it never asks a promisor for what it is about to bring.
  auto bring_nothing = [](std::span<const ObjectId>) { return false; };
  if (repo.odb().has_promisor()) repo.odb().set_promisor_fetch(bring_nothing);
  FetchOptions o;
  Options options({"git fetch [<options>] [<repository> [<refspec>...]]", "git fetch [<options>] <group>",
                   "git fetch --multiple [<options>] [(<repository> | <group>)...]", "git fetch --all [<options>]"});
  declare_options(options, o);
  std::string action = default_reflog_action(inv.args);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());

  negotiation_algorithm(repo);  // a bad one is fatal before anything is done
  if (o.dry_run) o.write_fetch_head = false;
  SubmoduleRecurse recurse = SubmoduleRecurse::unset;
  if (o.recurse) recurse = parse_fetch_recurse_argument("--recurse-submodules", *o.recurse);
  if (o.negotiate_only && recurse != SubmoduleRecurse::unset && recurse != SubmoduleRecurse::off)
    die(_("options '%s' and '%s' cannot be used together"), "--negotiate-only", "--recurse-submodules");
  if (o.porcelain && recurse != SubmoduleRecurse::unset && recurse != SubmoduleRecurse::off)
    die(_("options '%s' and '%s' cannot be used together"), "--porcelain", "--recurse-submodules");
  if (o.porcelain) o.recurse = "no", recurse = SubmoduleRecurse::off;
  if (recurse == SubmoduleRecurse::unset) recurse = configured_fetch_recurse(repo);
  check_depth(repo, o);
  Remotes remotes(&repo, config);
  bool fetch_all = o.all;
  if (!o.all && !o.no_all && !o.multiple && args.empty()) fetch_all = config.get_bool_or("fetch.all", false);

  if (o.write_fetch_head && !o.append && !o.dry_run && !o.negotiate_only) {
    std::string path = repo.git_path("FETCH_HEAD");
    UniqueFd fd = open_fd(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd) die_errno(_("cannot open '%s'"), path);
  }

  std::vector<std::string> names;
  Remote* remote = nullptr;
  std::vector<std::string> refspecs;
  if (fetch_all) {
    if (args.size() == 1) die("%s", _("fetch --all does not take a repository argument"));
    if (args.size() > 1) die("%s", _("fetch --all does not make sense with refspecs"));
    for (Remote* each : remotes.all())
      if (!each->skip_fetch_all) names.push_back(each->name);
    if (names.size() == 1) remote = remotes.get(names[0]);
  } else if (args.empty()) {
    remote = remotes.get("");
    if (!remote)
      die("%s", _("no remote repository specified; please specify either a URL or a\nremote name from which new revisions "
                  "should be fetched"));
  } else if (o.multiple) {
    for (const std::string& name : args)
      if (!add_remote_or_group(config, remotes, name, names)) die(_("no such remote or remote group: %s"), name);
  } else {
    if (args.size() == 1) add_remote_or_group(config, remotes, args[0], names);
    if (names.size() > 1) {
      remote = nullptr;
    } else {
      remote = remotes.get(names.size() == 1 ? names[0] : args[0]);
      refspecs.assign(args.begin() + 1, args.end());
    }
  }
  if (o.negotiate_only) {
    if (!remote) die("%s", _("must supply remote when using --negotiate-only"));
    return Fetch(repo, remotes, *remote, o, action).negotiate_only();
  }
  if (!o.dry_run)
    if (auto uri = config.get_string("fetch.bundleuri"); uri && !uri->empty() && !fetch_bundle_uri(repo, *uri))
      warning(_("failed to fetch bundles from '%s'"), *uri);
  int result = 0;
  if (remote && !(fetch_all && names.size() > 1) && !o.multiple) {
    if (o.filter) {
      register_promisor(repo, *remote, *o.filter);
      config.reload();
      repo.odb().set_promisor_fetch(bring_nothing);
    }
    if (remote->urls.empty()) die(_("bad repository '%s'"), remote->name);
    Fetch fetch(repo, remotes, *remote, o, action);
    fetch.watches_tips = recurse != SubmoduleRecurse::off && repo.worktree() && has_submodules(repo);
    result = fetch.run(refspecs) ? 1 : 0;
    if (!result && recurse != SubmoduleRecurse::off) result = fetch_in_submodules(repo, o, recurse, fetch);
  } else {
    if (o.filter) die("%s", _("--filter can only be used with the remote configured in extensions.partialclone"));
    if (o.atomic) die("%s", _("--atomic can only be used when fetching from one remote"));
    if (o.use_stdin) die("%s", _("--stdin can only be used when fetching from one remote"));
    std::unordered_set<std::string> seen;
    std::erase_if(names, [&](const std::string& name) { return !seen.insert(name).second; });
    int jobs = o.jobs >= 0 ? o.jobs : config.get_int_or("fetch.parallel", 1);
    result = fetch_multiple(names, o, jobs);
  }
  if (result == 0 && !o.dry_run) {
    bool writes_graph =
        o.write_commit_graph >= 0 ? o.write_commit_graph > 0 : config.get_bool_or("fetch.writecommitgraph", false);
    if (writes_graph) {
      ChildProcess child;
      child.git_command = true;
      child.args = {"commit-graph", "write", "--split", "--reachable"};
      child.args.push_back(o.progress > 0 ? "--progress" : "--no-progress");
      child.run();
    }
  }
  if (o.refetch) pack_what_came_twice(config);
  if (o.auto_maintenance && !o.dry_run) run_auto_maintenance(config, o.verbosity < 0);
  return result;
}

}  // namespace git
