// The table first shows what is up to date (if asked), then what was done, then what was not.
#include "transport-push.h"

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/trace.h"
#include "branch.h"
#include "config.h"
#include "config/color.h"
#include "hook.h"
#include "net/url.h"
#include "object-name.h"
#include "odb.h"
#include "push-negotiation.h"
#include "refs.h"
#include "repository.h"
#include "send-pack.h"
#include "sideband.h"
#include "submodule-push.h"

namespace git {

namespace {

class StatusTable {
 public:
  StatusTable(Repository& repo, const std::string& url, const RemoteRefs& refs, bool porcelain)
      : repo_(repo), url_(anonymize_url(url)), porcelain_(porcelain) {
    std::size_t abbrev = 7;
    // Only what can be shown: other refs of the server may be many.
    for (const RemoteRef& ref : refs)
      for (const ObjectId* oid : {&ref.old_oid, &ref.new_oid})
        if (ref.peer && !oid->is_null()) abbrev = std::max(abbrev, unique_abbrev(repo, *oid).size());
    width_ = 2 * abbrev + 3;
    bool was_refused = false;
    for (const RemoteRef& ref : refs)
      was_refused |= ref.status != PushStatus::none && ref.status != PushStatus::uptodate && ref.status != PushStatus::ok;
    if (was_refused && !porcelain && want_color(config_color_when(repo.config(), "transport"), 2)) {
      color_ = config_color(repo.config(), "color.transport.rejected", *parse_color("red"));
      reset_ = kColorReset;
    }
  }

  void show(const RemoteRef& ref) {
    if (!has_header_) say(strf("To %s\n", url_));
    has_header_ = true;
    if (ref.status == PushStatus::ok && !ref.reports.empty()) {
      for (const ReportOptions& report : ref.reports) show_ok(ref, &report);
      return;
    }
    show_one(ref);
  }

 private:
  void say(const std::string& text) {
    if (porcelain_)
      out(text);
    else
      err(text);
  }

  void line(char code, std::string_view summary, std::string_view to, std::optional<std::string_view> from,
            std::string_view note) {
    std::string text;
    if (porcelain_) {
      text = from ? strf("%c\t%s:%s\t", code, *from, to) : strf("%c\t:%s\t", code, to);
      text += note.empty() ? std::string(summary) : strf("%s (%s)", summary, note);
    } else {
      text = strf(" %s%c %-*s%s ", color_, code, static_cast<int>(width_), summary, reset_);
      text += from ? strf("%s -> %s", prettify_refname(*from), prettify_refname(to)) : std::string(prettify_refname(to));
      if (!note.empty()) text += strf(" (%s)", note);
    }
    say(text + "\n");
  }

  void show_ok(const RemoteRef& ref, const ReportOptions* report) {
    std::string name = report && !report->ref_name.empty() ? report->ref_name : ref.name;
    ObjectId old_oid = report && report->old_oid ? *report->old_oid : ref.old_oid;
    ObjectId new_oid = report && report->new_oid ? *report->new_oid : ref.new_oid;
    bool forced = report ? report->forced_update || ref.forced_update : ref.forced_update;
    if (report && report->old_oid) forced = report->forced_update;
    if (new_oid.is_null() || ref.is_deletion) return line('-', "[deleted]", name, std::nullopt, "");
    if (old_oid.is_null()) {
      const char* what = starts_with(name, "refs/tags/")    ? "[new tag]"
                         : starts_with(name, "refs/heads/") ? "[new branch]"
                                                            : "[new reference]";
      return line('*', what, name, ref.peer->name, "");
    }
    std::string range = unique_abbrev(repo_, old_oid) + (forced ? "..." : "..") + unique_abbrev(repo_, new_oid);
    line(forced ? '+' : ' ', range, name, ref.peer->name, forced ? "forced update" : "");
  }

  void show_one(const RemoteRef& ref) {
    std::optional<std::string_view> from;
    if (ref.peer) from = ref.is_deletion ? std::string_view("(delete)") : std::string_view(ref.peer->name);
    auto rejected = [&](std::string_view why) { line('!', "[rejected]", ref.name, from, why); };
    switch (ref.status) {
      case PushStatus::none:
        return line('X', "[no match]", ref.name, std::nullopt, "");
      case PushStatus::uptodate:
        return line('=', "[up to date]", ref.name, from, "");
      case PushStatus::ok:
        return show_ok(ref, nullptr);
      case PushStatus::reject_nodelete:
        return line('!', "[rejected]", ref.name, std::nullopt, "remote does not support deleting refs");
      case PushStatus::reject_nonfastforward:
        return rejected("non-fast-forward");
      case PushStatus::reject_already_exists:
        return rejected("already exists");
      case PushStatus::reject_fetch_first:
        return rejected("fetch first");
      case PushStatus::reject_needs_force:
        return rejected("needs force");
      case PushStatus::reject_stale:
        return rejected("stale info");
      case PushStatus::reject_remote_updated:
        return rejected("remote ref updated since checkout");
      case PushStatus::reject_shallow:
        return rejected("new shallow roots not allowed");
      case PushStatus::remote_reject:
        return line('!', "[remote rejected]", ref.name, ref.is_deletion ? std::nullopt : from, ref.remote_status);
      case PushStatus::expecting_report:
        return line('!', "[remote failure]", ref.name, ref.is_deletion ? std::nullopt : from, "remote failed to report status");
      case PushStatus::atomic_push_failed:
        return rejected("atomic push failed");
    }
  }

  Repository& repo_;
  std::string url_;
  bool porcelain_;
  bool has_header_ = false;
  std::size_t width_ = 17;
  std::string color_, reset_;
};

}  // namespace

void print_push_status(Repository& repo, const std::string& url, const RemoteRefs& refs, bool is_verbose, bool porcelain,
                       unsigned* rejections) {
  StatusTable table(repo, url, refs, porcelain);
  if (is_verbose)
    for (const RemoteRef& ref : refs)
      if (ref.status == PushStatus::uptodate) table.show(ref);
  for (const RemoteRef& ref : refs)
    if (ref.status == PushStatus::ok) table.show(ref);
  auto head = repo.refs().resolve("HEAD");
  unsigned why = 0;
  for (const RemoteRef& ref : refs) {
    if (ref.status == PushStatus::none || ref.status == PushStatus::uptodate || ref.status == PushStatus::ok) continue;
    table.show(ref);
    if (ref.status == PushStatus::reject_nonfastforward)
      why |= head && ref.peer && head->name == ref.peer->name ? kRejectedHead : kRejectedOther;
    if (ref.status == PushStatus::reject_already_exists) why |= kRejectedExists;
    if (ref.status == PushStatus::reject_fetch_first) why |= kRejectedFetchFirst;
    if (ref.status == PushStatus::reject_needs_force) why |= kRejectedNeedsForce;
    if (ref.status == PushStatus::reject_remote_updated) why |= kRejectedNeedsUpdate;
  }
  if (rejections) *rejections = why;
}

namespace {

int run_pre_push(Repository& repo, const Transport& transport, const RemoteRefs& refs) {
  if (!has_hooks(repo, "pre-push")) return 0;
  std::string input;
  for (const RemoteRef& ref : refs) {
    if (!ref.peer) continue;
    switch (ref.status) {
      case PushStatus::reject_nonfastforward:
      case PushStatus::reject_remote_updated:
      case PushStatus::reject_stale:
      case PushStatus::uptodate:
        continue;
      default:
        break;
    }
    std::string local = ref.is_deletion ? "(delete)" : ref.peer->name;
    input += strf("%s %s %s %s\n", local, ref.new_oid, ref.name, ref.old_oid);
  }
  HookOptions options;
  options.args = {transport.remote() ? transport.remote()->name : transport.url(), transport.url()};
  options.input = input;
  options.stdout_to_stderr = false;  // nobody parses what push prints around it: the two streams stay apart
  options.jobs = 0;
  return run_hooks(repo, "pre-push", std::move(options));
}

void update_tracking_ref(Repository& repo, const Remote& remote, std::string_view name, const ObjectId& new_oid, bool is_deletion,
                         bool is_verbose) {
  auto tracking = refspec_destination(remote.fetch, name);
  if (!tracking) return;
  if (is_verbose) errf(_("updating local tracking ref '%s'\n"), *tracking);
  if (is_deletion) {
    if (repo.refs().exists(*tracking)) (void)repo.refs().remove(*tracking, std::nullopt, "update by push");
    return;
  }
  RefUpdate update;
  update.name = *tracking;
  update.new_oid = new_oid;
  update.message = "update by push";
  auto done = repo.refs().update(std::move(update));
  if (!done) error("%s", done.error().message);
}

void update_tracking_refs(Repository& repo, const Remote& remote, const RemoteRefs& refs, bool is_verbose) {
  for (const RemoteRef& ref : refs) {
    if (ref.status != PushStatus::ok && ref.status != PushStatus::uptodate) continue;
    if (ref.reports.empty()) {
      update_tracking_ref(repo, remote, ref.name, ref.new_oid, ref.is_deletion, is_verbose);
      continue;
    }
    for (const ReportOptions& report : ref.reports)
      update_tracking_ref(repo, remote, report.ref_name.empty() ? ref.name : report.ref_name,
                          report.new_oid ? *report.new_oid : ref.new_oid,
                          report.new_oid ? report.new_oid->is_null() : ref.is_deletion, is_verbose);
  }
}

void set_upstreams(Repository& repo, const Remote& remote, const RemoteRefs& refs, bool dry_run, bool quiet) {
  for (const RemoteRef& ref : refs) {
    if (ref.status != PushStatus::ok && ref.status != PushStatus::uptodate) continue;
    if (!ref.peer || ref.peer->name.empty() || ref.is_deletion) continue;
    std::string local = ref.peer->name;
    auto resolved = repo.refs().resolve(local);
    if (resolved && starts_with(resolved->name, "refs/heads/")) local = resolved->name;
    if (!starts_with(local, "refs/heads/") || !starts_with(ref.name, "refs/heads/")) continue;
    std::string branch = local.substr(11);
    if (!dry_run) {
      install_branch_config(repo, branch, remote.name, {ref.name}, !quiet);
    } else if (!quiet) {
      outf(_("Would set upstream of '%s' to '%s' of '%s'\n"), branch, ref.name.substr(11), remote.name);
    }
  }
}

bool has_pushed(const RemoteRefs& refs) {
  for (const RemoteRef& ref : refs)
    if (ref.status != PushStatus::none && ref.status != PushStatus::uptodate) return true;
  return false;
}

bool lacked_objects(const RemoteRefs& refs) {
  for (const RemoteRef& ref : refs) {
    if (ref.status != PushStatus::remote_reject) continue;
    if (ref.remote_status.find("missing necessary objects") != std::string::npos ||
        ref.remote_status.find("unpacker error") != std::string::npos)
      return true;
  }
  return false;
}

bool can_negotiate(Repository& repo, const Transport& transport, unsigned flags) {
  return repo.config().get_bool_or("push.negotiate", false) && !(flags & kPushDryRun) && transport.is_smart() &&
         transport.remote();
}

// Which commits to name to the server. What a negotiation finds for want of better serves the pack, too.
PushBasePlan plan_base(Repository& repo, Transport& transport, const Refspec& refspec, unsigned flags, std::string& summary) {
  TransportOptions& options = transport.options;
  bool lists_refs = !(flags & (kPushAll | kPushMirror | kPushPrune | kPushFollowTags));
  PushBasePlan plan = plan_push_base(repo, transport.remote(), refspec, lists_refs, options.push_base);
  options.push_common.clear();
  if (plan.wants_negotiation && can_negotiate(repo, transport, flags)) {
    PushNegotiation found = negotiate_tips(repo, *transport.remote(), transport.url(), plan.tips, options.verbosity > 0);
    summary = found.summary;
    options.push_common = std::move(found.common);
    use_negotiated_bases(repo, plan, options.push_common);
  }
  options.push_keys = plan.keys;
  return plan;
}

// Asks where a push has something to gain. `summary` says what came of it, or why there was none.
void negotiate(Repository& repo, Transport& transport, const RemoteRefs& refs, unsigned flags, std::string& summary) {
  if (!can_negotiate(repo, transport, flags)) {
    summary = flags & kPushDryRun                                   ? _("none (it is a dry run)")
              : !repo.config().get_bool_or("push.negotiate", false) ? _("none (push.negotiate is off)")
                                                                    : _("none (the transport can't)");
    return;
  }
  bool is_verbose = transport.options.verbosity > 0;
  PushNegotiation found = negotiate_push(repo, *transport.remote(), transport.url(), refs, is_verbose);
  summary = found.was_held ? found.summary : strf(_("none (%s)"), found.summary);
  // A partial clone can't count what it doesn't have.
  if (is_verbose && found.was_held && !repo.odb().has_promisor())
    summary += strf(_(", %d objects not sent"), count_objects_saved(repo, refs, found.common));
  transport.options.push_common = std::move(found.common);
}

// A server that knows a base tells of the refs that were named to it, and of no other.
bool may_have_taken_base(const PushBasePlan& plan, const RemoteRefs& refs) {
  return std::all_of(refs.begin(), refs.end(), [&](const RemoteRef& ref) {
    return std::find(plan.keys.refs.begin(), plan.keys.refs.end(), ref.name) != plan.keys.refs.end();
  });
}

int send(Repository& repo, Transport& transport, RemoteRefs& refs, unsigned flags, const PushBasePlan& plan,
         const std::function<void(RemoteRefs&)>& prepare, std::string& summary) {
  if (transport.options.push_common.empty() && !plan.wants_negotiation) {
    if (is_worth_negotiating(plan) || !may_have_taken_base(plan, refs))
      negotiate(repo, transport, refs, flags, summary);
    else
      summary = _("none (the base says enough)");
  }
  if (transport.options.push_common.empty()) return transport.push(refs, flags);
  HeldBack held;
  transport.options.push_held_back = &held;
  int code = transport.push(refs, flags);
  transport.options.push_held_back = nullptr;
  if (!lacked_objects(refs)) {
    RemoteText words(&repo.config());
    words.show(held.remote);
    words.finish();
    err(held.local);
    return code;
  }
  // The server acknowledged what it has only in part: once more, as if we had not asked.
  trace_print("GIT_TRACE", "push: the server lacks what it acknowledged; once more without negotiation");
  summary = _("none (the server lacks what it acknowledged)");
  transport.options.push_common.clear();
  transport.options.push_keys = {};
  RemoteRefs again = transport.refs(true, {});
  prepare(again);
  code = transport.push(again, flags);
  refs = std::move(again);
  return code;
}

}  // namespace

int transport_push(Repository& repo, Transport& transport, const Refspec& refspec, const ForceWithLease& lease, unsigned flags,
                   unsigned* rejections) {
  *rejections = 0;
  if (!check_push_refs(repo, refspec)) return -1;
  std::vector<std::string> prefixes;
  refspec.add_ref_prefixes(prefixes);
  std::string negotiation;  // what came of it, for -v
  PushBasePlan plan = plan_base(repo, transport, refspec, flags, negotiation);
  RemoteRefs refs = transport.refs(true, prefixes);
  unsigned match_flags = 0;
  if (flags & kPushAll) match_flags |= kMatchAll;
  if (flags & kPushMirror) match_flags |= kMatchMirror;
  if (flags & kPushPrune) match_flags |= kMatchPrune;
  if (flags & kPushFollowTags) match_flags |= kMatchFollowTags;
  bool matched = true;
  auto prepare = [&](RemoteRefs& list) {
    matched = match_push_refs(repo, list, refspec, match_flags);
    if (!matched) return;
    if (lease.is_set() && transport.remote()) apply_force_with_lease(repo, *transport.remote(), list, lease);
    set_push_statuses(repo, list, flags & kPushMirror, flags & kPushForce);
  };
  prepare(refs);
  if (!matched) return -1;

  bool quiet = transport.options.verbosity < 0;
  bool porcelain = flags & kPushPorcelain;
  bool dry_run = flags & kPushDryRun;
  if (!(flags & kPushNoHook) && run_pre_push(repo, transport, refs) != 0) return -1;
  if (!push_submodules_first(repo, transport, refspec, refs, flags)) return -1;
  int code = 0;
  if (transport.options.submodules != SubmodulePush::only) code = send(repo, transport, refs, flags, plan, prepare, negotiation);
  int result = code != 0 ? -1 : 0;
  for (const RemoteRef& ref : refs) {
    switch (ref.status) {
      case PushStatus::none:
      case PushStatus::uptodate:
      case PushStatus::ok:
        break;
      default:
        result = -1;
    }
  }
  if (!quiet || result)
    print_push_status(repo, transport.url(), refs, transport.options.verbosity > 0 || porcelain, porcelain, rejections);
  if (flags & kPushSetUpstream && transport.remote()) set_upstreams(repo, *transport.remote(), refs, dry_run, porcelain || quiet);
  if (!dry_run && transport.remote() && transport.options.submodules != SubmodulePush::only)
    update_tracking_refs(repo, *transport.remote(), refs, transport.options.verbosity > 0);
  if (transport.options.verbosity > 0 && !negotiation.empty()) errf(_("negotiation: %s\n"), negotiation);
  if (porcelain && code == 0)
    out("Done\n");
  else if (!porcelain && !quiet && result == 0 && !has_pushed(refs))
    err("Everything up-to-date\n");
  return result;
}

}  // namespace git
