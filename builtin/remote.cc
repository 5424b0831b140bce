// git remote: the configuration of remotes, and what is known about them.
#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/regex.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "builtin.h"
#include "config.h"
#include "fetch-refs.h"
#include "object-name.h"
#include "odb.h"
#include "push-refs.h"
#include "refs.h"
#include "remote.h"
#include "repository.h"
#include "setup.h"
#include "transport.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("remote", cmd_remote, kSetupGently)

namespace git {

namespace {

using Args = std::vector<std::string>;

std::string config_file(Repository& repo) { return repo.git_path("config"); }

void set_config(Repository& repo, const std::string& key, const std::string& value) {
  if (config_set_in_file(config_file(repo), key, value) != 0) die(_("could not set '%s'"), key);
}

void add_config(Repository& repo, const std::string& key, const std::string& value) {
  ConfigValueMatch nothing;
  nothing.pattern = "^$x";
  if (config_set_in_file(config_file(repo), key, value, nothing) != 0) die(_("could not set '%s'"), key);
}

void unset_config(Repository& repo, const std::string& key) {
  config_set_in_file(config_file(repo), key, std::nullopt, {}, true);
}

Remote& configured_remote(Remotes& remotes, const std::string& name, const char* message = N_("No such remote '%s'")) {
  Remote* remote = remotes.get(name);
  if (!remote) remote = remotes.find_configured(name);
  if (!remote || !Remotes::is_configured(remote, true)) {
    error(_(message), name);
    exit_with(2);
  }
  return *remote;
}

// ---- add ----

std::string tracking_refspec(const std::string& name, const std::string& branch, bool is_mirror) {
  if (is_mirror) return strf("+refs/%s:refs/%s", branch, branch);
  return strf("+refs/heads/%s:refs/remotes/%s/%s", branch, name, branch);
}

int fetch_remote(const std::string& name) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"fetch", name};
  outf(_("Updating %s\n"), name);
  flush_out();
  if (child.run() != 0) return error(_("Could not fetch %s"), name);
  return 0;
}

// A bare mirror's HEAD is where the remote's is.
void follow_mirrored_head(Repository& repo, const std::string& name) {
  repo.config().reload();
  Remotes remotes(&repo, repo.config());
  Remote* remote = remotes.get(name);
  if (!remote || remote->urls.empty()) return;
  auto transport = Transport::open(&repo, repo.config(), remote, remote->urls[0]);
  RemoteRefs refs = transport->refs(false, {"HEAD"});
  transport->disconnect();
  const RemoteRef* head = find_remote_ref(refs, "HEAD");
  if (head && !head->symref.empty()) (void)repo.refs().create_symref("HEAD", head->symref, "remote add");
}

int add_remote(Invocation& inv, const Args& words, bool) {
  Repository& repo = inv.repo();
  bool fetch = false;
  int tags = 0;
  bool tags_given = false;
  std::vector<std::string> track;
  std::optional<std::string> master;
  enum { kNone = 0, kFetch = 1, kPush = 2, kBoth = 3 };
  int mirror = kNone;
  Options options({"git remote add [<options>] <name> <url>"});
  options.boolean('f', "fetch", &fetch, N_("fetch the remote branches"));
  options.callback(
      0, "tags", "", N_("import all tags and associated objects when fetching\nor do not fetch any tag at all (--no-tags)"),
      [&](const std::optional<std::string>&, bool unset) {
        tags_given = true;
        tags = unset ? 0 : 1;
        return true;
      },
      kOptNoArg);
  options.strings('t', "track", &track, "branch", N_("branch(es) to track"));
  options.string('m', "master", &master, "branch", N_("master branch"));
  options.callback(
      0, "mirror", "(push|fetch)", N_("set up remote as a mirror to push to or fetch from"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          mirror = kNone;
        } else if (!value) {
          warning("%s", _("--mirror is dangerous and deprecated; please\n\t use --mirror=fetch or --mirror=push instead"));
          mirror = kBoth;
        } else if (*value == "fetch") {
          mirror = kFetch;
        } else if (*value == "push") {
          mirror = kPush;
        } else {
          error(_("unknown --mirror argument: %s"), *value);
          return false;
        }
        return true;
      },
      kOptOptionalArg);
  Args args = options.parse(words, inv.prefix_or_empty());
  if (args.size() != 2) options.usage_with_options();
  if (mirror && master) die("%s", _("specifying a master branch makes no sense with --mirror"));
  if (mirror && !(mirror & kFetch) && !track.empty())
    die("%s", _("specifying branches to track makes sense only with fetch mirrors"));
  const std::string& name = args[0];
  Remotes remotes(&repo, repo.config());
  Remote* known = remotes.find_configured(name);
  if (known && Remotes::is_configured(known, true)) {
    error(_("remote %s already exists."), name);
    exit_with(3);
  }
  if (!is_valid_remote_name(name)) die(_("'%s' is not a valid remote name"), name);
  for (Remote* other : remotes.all()) {
    if (!other->is_configured_in_repo) continue;
    if (starts_with(other->name, name + "/")) die(_("remote name '%s' is a superset of existing remote '%s'"), name, other->name);
    if (starts_with(name, other->name + "/")) die(_("remote name '%s' is a subset of existing remote '%s'"), name, other->name);
  }
  set_config(repo, strf("remote.%s.url", name), args[1]);
  if (!mirror || (mirror & kFetch)) {
    if (track.empty()) track.push_back("*");
    for (const std::string& branch : track)
      add_config(repo, strf("remote.%s.fetch", name), tracking_refspec(name, branch, mirror != kNone));
  }
  if (mirror & kPush) set_config(repo, strf("remote.%s.mirror", name), "true");
  if (tags_given) set_config(repo, strf("remote.%s.tagOpt", name), tags ? "--tags" : "--no-tags");
  if (fetch && fetch_remote(name)) return 1;
  if (fetch && mirror && repo.is_bare()) follow_mirrored_head(repo, name);
  if (master) {
    auto done = repo.refs().create_symref("refs/remotes/" + name + "/HEAD", "refs/remotes/" + name + "/" + *master, "remote add");
    if (!done) return error(_("Could not setup master '%s'"), *master) ? 1 : 0;
  }
  return 0;
}

// ---- what a remote has, and what follows it here ----

struct BranchInfo {
  std::string remote_name;
  std::vector<std::string> merge;
  std::string rebase;  // "", "true", "interactive", "merges"
  std::string push_remote;
};

std::map<std::string, BranchInfo> read_branches(Config& config) {
  std::map<std::string, BranchInfo> branches;
  for (const ConfigEntry& entry : config.entries()) {
    std::string_view key = entry.key;
    if (!skip_prefix(key, "branch.")) continue;
    std::size_t dot = key.rfind('.');
    if (dot == std::string_view::npos) continue;
    BranchInfo& info = branches[std::string(key.substr(0, dot))];
    std::string_view variable = key.substr(dot + 1);
    std::string value = entry.value.value_or("true");
    if (variable == "remote") {
      if (!info.remote_name.empty()) warning(_("more than one %s"), entry.key);
      info.remote_name = value;
    } else if (variable == "merge") {
      std::string_view name = value;
      skip_prefix(name, "refs/heads/");
      info.merge.emplace_back(name);
    } else if (variable == "rebase") {
      auto yes = parse_maybe_bool(value);
      if (value == "merges" || value == "m")
        info.rebase = "merges";
      else if (value == "interactive" || value == "i")
        info.rebase = "interactive";
      else
        info.rebase = yes && *yes ? "true" : "";
    } else if (variable == "pushremote") {
      info.push_remote = value;
    }
  }
  return branches;
}

struct RemoteStates {
  std::vector<std::string> heads;  // where its HEAD may be
  std::vector<std::string> fresh, skipped, tracked;
  std::vector<StaleRef> stale;
  RemoteRefs refs;
  bool was_asked = false;
};

std::string abbrev_branch(std::string_view name) {
  skip_prefix(name, "refs/heads/");
  return std::string(name);
}

RemoteStates query_remote(Repository& repo, Remote& remote) {
  RemoteStates states;
  if (remote.urls.empty()) die(_("no URL configured for remote '%s'"), remote.name);
  auto transport = Transport::open(&repo, repo.config(), &remote, remote.urls[0]);
  transport->options.trace_identity = "remote";
  states.refs = transport->refs(false, {});
  transport->disconnect();
  states.was_asked = true;
  RemoteRefs fetch_map;
  for (const RefspecItem& item : remote.fetch.items()) {
    add_fetch_map(states.refs, item, fetch_map, true);
  }
  RemoteRefs kept;
  for (RemoteRef& ref : fetch_map) {
    if (is_omitted_by_negative(remote.fetch, ref.name)) {
      states.skipped.push_back(abbrev_branch(ref.name));
      continue;
    }
    kept.push_back(std::move(ref));
  }
  for (const RemoteRef& ref : kept) {
    bool is_here = ref.peer && repo.refs().exists(ref.peer->name);
    (is_here ? states.tracked : states.fresh).push_back(abbrev_branch(ref.name));
  }
  states.stale = find_stale_refs(repo.refs(), remote.fetch, kept);
  for (auto* list : {&states.fresh, &states.skipped, &states.tracked}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  const RemoteRef* head = find_remote_ref(states.refs, "HEAD");
  if (head && !head->old_oid.is_null())
    for (const RemoteRef* branch : guess_remote_head(head, states.refs, head->symref.empty(), "master"))
      states.heads.push_back(abbrev_branch(branch->name));
  return states;
}

// What is known without asking: the tracking refs that are here.
std::vector<std::string> tracked_here(Repository& repo, const Remote& remote) {
  std::vector<std::string> names;
  repo.refs().for_each("refs/", [&](const Ref& ref) {
    if (!ref.symref_target.empty()) return true;
    for (const RefspecItem& item : find_refspecs_by_destination(remote.fetch, ref.name)) {
      names.push_back(abbrev_branch(*item.src));
      break;
    }
    return true;
  });
  std::sort(names.begin(), names.end());
  return names;
}

// ---- show ----

void show_push_status(Repository& repo, Remote& remote, const RemoteRefs& remote_refs);
void show_push_from_config(const Remote& remote);

void show_local_branches(const Remote& remote, const std::map<std::string, BranchInfo>& branches) {
  std::vector<std::pair<std::string, const BranchInfo*>> list;
  std::size_t width = 0;
  bool any_rebase = false;
  for (const auto& [name, info] : branches) {
    if (info.remote_name != remote.name || info.merge.empty()) continue;
    list.emplace_back(name, &info);
    width = std::max(width, name.size());
    any_rebase |= !info.rebase.empty();
  }
  if (list.empty()) return;
  out(Q_("  Local branch configured for 'git pull':\n", "  Local branches configured for 'git pull':\n", list.size()));
  for (const auto& [name, info] : list) {
    if (!info->rebase.empty() && info->merge.size() > 1) {
      error(_("invalid branch.%s.merge; cannot rebase onto > 1 branch"), name);
      continue;
    }
    outf("    %-*s ", static_cast<int>(width), name);
    if (!info->rebase.empty()) {
      outf(info->rebase == "interactive" ? _("rebases interactively onto remote %s\n")
           : info->rebase == "merges"    ? _("rebases interactively (with merges) onto remote %s\n")
                                         : _("rebases onto remote %s\n"),
           info->merge[0]);
      continue;
    }
    outf(any_rebase ? _(" merges with remote %s\n") : _("merges with remote %s\n"), info->merge[0]);
    for (std::size_t i = 1; i < info->merge.size(); i++)
      outf("    %-*s %s %s\n", static_cast<int>(width), "", any_rebase ? _("    and with remote") : _("   and with remote"),
           info->merge[i]);
  }
}

int show(Invocation& inv, const Args& words, bool) {
  Repository& repo = inv.repo();
  bool no_query = false;
  Options options({"git remote show [<options>] <name>"});
  options.boolean('n', "no-query", &no_query, N_("do not query remotes"));
  Args names = options.parse(words, inv.prefix_or_empty());
  Remotes remotes(&repo, repo.config());
  auto branches = read_branches(repo.config());
  for (const std::string& name : names) {
    Remote* found = remotes.get(name);
    if (!found) die(_("No such remote '%s'"), name);
    Remote& remote = *found;
    outf(_("* remote %s\n"), name);
    outf(_("  Fetch URL: %s\n"), remote.urls.empty() ? name : remote.urls[0]);
    for (const std::string& url : remote.urls_for_push()) outf(_("  Push  URL: %s\n"), url);
    if (remote.urls_for_push().empty()) outf(_("  Push  URL: %s\n"), _("(no URL)"));
    RemoteStates states;
    if (!no_query) {
      states = query_remote(repo, remote);
      if (states.heads.empty())
        outf(_("  HEAD branch: %s\n"), _("(unknown)"));
      else if (states.heads.size() == 1)
        outf(_("  HEAD branch: %s\n"), states.heads[0]);
      else {
        out(_("  HEAD branch (remote HEAD is ambiguous, may be one of the following):\n"));
        for (const std::string& head : states.heads) outf("    %s\n", head);
      }
    } else {
      outf(_("  HEAD branch: %s\n"), _("(not queried)"));
      states.tracked = tracked_here(repo, remote);
    }
    struct Line {
      std::string name, status;
    };
    std::vector<Line> lines;
    for (const std::string& each : states.fresh)
      lines.push_back({each, strf(_(" new (next fetch will store in remotes/%s)"), name)});
    for (const std::string& each : states.skipped) lines.push_back({each, _(" skipped")});
    for (const std::string& each : states.tracked) lines.push_back({each, no_query ? "" : _(" tracked")});
    for (const StaleRef& each : states.stale) {
      // Named as the tracking ref says.
      std::string_view shown = each.name;
      skip_prefix(shown, "refs/remotes/");
      lines.push_back({"refs/remotes/" + std::string(shown), strf(_(" stale (use 'git remote prune' to remove)"))});
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.name < b.name; });
    if (!lines.empty()) {
      std::size_t width = 0;
      for (const Line& line : lines) width = std::max(width, line.name.size());
      outf(Q_("  Remote branch:%s\n", "  Remote branches:%s\n", lines.size()), no_query ? _(" (status not queried)") : "");
      for (const Line& line : lines) {
        if (no_query)
          outf("    %s\n", line.name);
        else
          outf("    %-*s%s\n", static_cast<int>(width), line.name, line.status);
      }
    }
    show_local_branches(remote, branches);
    if (no_query)
      show_push_from_config(remote);
    else
      show_push_status(repo, remote, states.refs);
  }
  return 0;
}

struct PushLine {
  std::string name, dest, status;
  bool forced = false;
};

void print_push_lines(std::vector<PushLine> lines, bool with_status) {
  if (lines.empty()) return;
  std::sort(lines.begin(), lines.end(),
            [](const PushLine& a, const PushLine& b) { return a.name != b.name ? a.name < b.name : a.dest < b.dest; });
  std::size_t name_width = 0, dest_width = 0;
  for (const PushLine& line : lines) {
    name_width = std::max(name_width, line.name.size());
    dest_width = std::max(dest_width, line.dest.size());
  }
  outf(Q_("  Local ref configured for 'git push'%s:\n", "  Local refs configured for 'git push'%s:\n", lines.size()),
       with_status ? "" : _(" (status not queried)"));
  for (const PushLine& line : lines) {
    if (line.status.empty())
      outf(line.forced ? _("    %-*s forces to %s\n") : _("    %-*s pushes to %s\n"), static_cast<int>(name_width), line.name,
           line.dest);
    else
      outf(line.forced ? _("    %-*s forces to %-*s (%s)\n") : _("    %-*s pushes to %-*s (%s)\n"), static_cast<int>(name_width),
           line.name, static_cast<int>(dest_width), line.dest, line.status);
  }
}

void show_push_status(Repository& repo, Remote& remote, const RemoteRefs& remote_refs) {
  if (remote.mirror) {
    out(_("  Local refs will be mirrored by 'git push'\n"));
    return;
  }
  RemoteRefs refs = remote_refs;
  match_push_refs(repo, refs, remote.push, 0);
  std::vector<PushLine> lines;
  for (const RemoteRef& ref : refs) {
    if (!ref.peer) continue;
    PushLine line;
    line.forced = ref.force;
    line.dest = abbrev_branch(ref.name);
    const ObjectId& fresh = ref.peer->oid;
    if (fresh.is_null()) {
      line.name = _("(delete)");
      line.status = _("delete");
    } else {
      line.name = abbrev_branch(ref.peer->name);
      if (fresh == ref.old_oid) {
        line.status = _("up to date");
      } else if (ref.old_oid.is_null()) {
        line.status = _("create");
      } else {
        Commit* had = repo.odb().has(ref.old_oid, kLookupNoFetch) ? repo.commits().peel_to_commit(ref.old_oid) : nullptr;
        Commit* has = repo.commits().peel_to_commit(fresh);
        bool is_ff = had && has && in_merge_bases(repo.commits(), had, has);
        line.status = is_ff ? _("fast-forwardable") : _("local out of date");
      }
    }
    lines.push_back(std::move(line));
  }
  print_push_lines(std::move(lines), true);
}

void show_push_from_config(const Remote& remote) {
  if (remote.mirror) {
    out(_("  Local refs will be mirrored by 'git push'\n"));
    return;
  }
  std::vector<PushLine> lines;
  if (remote.push.empty()) lines.push_back({_("(matching)"), _("(matching)"), "", false});
  for (const RefspecItem& item : remote.push.items()) {
    PushLine line;
    line.forced = item.force;
    if (item.is_matching) {
      line.name = line.dest = _("(matching)");
    } else if (!item.src || item.src->empty()) {
      line.name = _("(delete)");
      line.dest = item.dst.value_or("");
    } else {
      line.name = *item.src;
      line.dest = item.dst ? *item.dst : *item.src;
    }
    lines.push_back(std::move(line));
  }
  print_push_lines(std::move(lines), false);
}

int list_remotes(Invocation& inv, bool verbose) {
  Repository& repo = inv.repo();
  Remotes remotes(&repo, repo.config());
  for (Remote* remote : remotes.all()) {
    if (!verbose) {
      outf("%s\n", remote->name);
      continue;
    }
    remotes.get(remote->name);
    std::string filter = remote->partial_clone_filter.empty() ? "" : " [" + remote->partial_clone_filter + "]";
    outf("%s\t%s (fetch)%s\n", remote->name, remote->urls.empty() ? std::string() : remote->urls[0], filter);
    for (const std::string& url : remote->urls_for_push()) outf("%s\t%s (push)\n", remote->name, url);
    if (remote->urls_for_push().empty()) outf("%s\t (push)\n", remote->name);
  }
  return 0;
}

// ---- rename, remove ----

// Everything in the configuration that names the remote gets the new name, or goes.
void update_branch_config(Repository& repo, const std::string& old_name, const std::string* new_name) {
  for (const auto& [branch, info] : read_branches(repo.config())) {
    if (info.remote_name == old_name) {
      if (new_name) {
        set_config(repo, strf("branch.%s.remote", branch), *new_name);
      } else {
        unset_config(repo, strf("branch.%s.remote", branch));
        unset_config(repo, strf("branch.%s.merge", branch));
      }
    }
    if (info.push_remote == old_name) {
      if (new_name)
        set_config(repo, strf("branch.%s.pushRemote", branch), *new_name);
      else
        unset_config(repo, strf("branch.%s.pushRemote", branch));
    }
  }
  auto push_default = repo.config().find("remote.pushdefault");
  if (push_default && push_default->value && *push_default->value == old_name) {
    if (push_default->scope == ConfigScope::local || push_default->scope == ConfigScope::worktree) {
      if (new_name)
        set_config(repo, "remote.pushDefault", *new_name);
      else
        unset_config(repo, "remote.pushDefault");
    } else {
      warning(_("The %s configuration remote.pushDefault in:\n\t%s:%d\nnow names the non-existent remote '%s'"),
              scope_name(push_default->scope), push_default->file, push_default->line, old_name);
    }
  }
}

// Remotes of old times become configuration.
void migrate_file(Repository& repo, const Remote& remote, const std::string& new_name) {
  for (const std::string& url : remote.raw_urls) add_config(repo, strf("remote.%s.url", new_name), url);
  for (const RefspecItem& item : remote.push.items()) add_config(repo, strf("remote.%s.push", new_name), item.raw);
  for (const RefspecItem& item : remote.fetch.items()) add_config(repo, strf("remote.%s.fetch", new_name), item.raw);
  const char* dir = remote.origin == Remote::Origin::remotes_file ? "remotes/" : "branches/";
  remove_file(repo.git_path(dir + remote.name));
}

int rename_remote(Invocation& inv, const Args& words, bool) {
  Repository& repo = inv.repo();
  int progress = -1;
  Options options({"git remote rename [--[no-]progress] <old> <new>"});
  options.boolean(0, "progress", &progress, N_("force progress reporting"));
  Args args = options.parse(words, inv.prefix_or_empty());
  if (args.size() != 2) options.usage_with_options();
  const std::string &from = args[0], &to = args[1];
  Remotes remotes(&repo, repo.config());
  Remote& remote = configured_remote(remotes, from, N_("No such remote: '%s'"));
  if (from == to && remote.origin != Remote::Origin::config) {
    migrate_file(repo, remote, to);
    return 0;
  }
  Remote* other = remotes.find_configured(to);
  if (other && Remotes::is_configured(other, true)) {
    error(_("remote %s already exists."), to);
    exit_with(3);
  }
  if (!is_valid_remote_name(to)) die(_("'%s' is not a valid remote name"), to);
  for (Remote* each : remotes.all()) {
    if (!each->is_configured_in_repo || each == &remote) continue;
    if (starts_with(each->name, to + "/")) die(_("remote name '%s' is a superset of existing remote '%s'"), to, each->name);
    if (starts_with(to, each->name + "/")) die(_("remote name '%s' is a subset of existing remote '%s'"), to, each->name);
  }
  if (remote.origin != Remote::Origin::config) {
    migrate_file(repo, remote, from);
    repo.config().reload();
  }
  if (config_rename_section_in_file(config_file(repo), "remote." + from, "remote." + to) < 1)
    return error(_("Could not rename config section '%s' to '%s'"), "remote." + from, "remote." + to) ? 1 : 0;
  // Refspecs that store below refs/remotes/<old>/ follow.
  bool moves_refs = false;
  if (!remote.fetch.empty()) {
    unset_config(repo, strf("remote.%s.fetch", to));
    std::string old_context = ":refs/remotes/" + from + "/";
    for (const RefspecItem& item : remote.fetch.items()) {
      std::string text = item.raw;
      if (std::size_t at = text.find(old_context); at != std::string::npos) {
        text.replace(at, old_context.size(), ":refs/remotes/" + to + "/");
        moves_refs = true;
      } else {
        warning(_("Not updating non-default fetch refspec\n\t%s\n\tPlease update the configuration manually if necessary."),
                text);
      }
      add_config(repo, strf("remote.%s.fetch", to), text);
    }
  }
  update_branch_config(repo, from, &to);
  repo.config().reload();
  if (!moves_refs) return 0;
  std::string old_prefix = "refs/remotes/" + from + "/", new_prefix = "refs/remotes/" + to + "/";
  std::vector<Ref> refs;
  repo.refs().for_each(old_prefix, [&](const Ref& ref) {
    refs.push_back(ref);
    return true;
  });
  std::vector<Ref> symrefs;
  for (const Ref& ref : refs)
    if (!ref.symref_target.empty()) symrefs.push_back(ref);
  // A HEAD of a branch that isn't there yet is not listed, and moves all the same.
  auto head = repo.refs().read(old_prefix + "HEAD");
  bool is_listed = std::any_of(symrefs.begin(), symrefs.end(), [&](const Ref& ref) { return ref.name == old_prefix + "HEAD"; });
  if (head && !head->symref_target.empty() && !is_listed) symrefs.push_back(*head);
  trace2::Region region("progress", "Renaming remote references");
  for (const Ref& ref : symrefs) (void)repo.refs().remove(ref.name, std::nullopt, "", kRefNoDeref);
  for (const Ref& ref : refs) {
    if (!ref.symref_target.empty()) continue;
    std::string target = new_prefix + ref.name.substr(old_prefix.size());
    auto done = repo.refs().rename(ref.name, target, strf("remote: renamed %s to %s", ref.name, target), false);
    if (!done) die(_("renaming '%s' failed"), ref.name);
  }
  for (const Ref& ref : symrefs) {
    std::string target = ref.symref_target;
    if (starts_with(target, old_prefix)) target = new_prefix + target.substr(old_prefix.size());
    std::string name = new_prefix + ref.name.substr(old_prefix.size());
    auto done = repo.refs().create_symref(name, target, strf("remote: renamed %s to %s", ref.name, name));
    if (!done) die(_("creating '%s' failed"), name);
  }
  return 0;
}

int remove_remote(Invocation& inv, const Args& words, bool) {
  Repository& repo = inv.repo();
  Options options({"git remote remove <name>"});
  Args args = options.parse(words, inv.prefix_or_empty());
  if (args.size() != 1) options.usage_with_options();
  const std::string& name = args[0];
  Remotes remotes(&repo, repo.config());
  Remote& remote = configured_remote(remotes, name, N_("No such remote: '%s'"));
  // Branches here that a mirror wrote are not deleted; tracking refs that another remote shares stay too.
  std::vector<std::string> removed, skipped;
  repo.refs().for_each("refs/", [&](const Ref& ref) {
    if (find_refspecs_by_destination(remote.fetch, ref.name).empty()) {
      if (starts_with(ref.name, "refs/remotes/" + name + "/") && !ref.symref_target.empty()) removed.push_back(ref.name);
      return true;
    }
    for (Remote* other : remotes.all())
      if (other != &remote && !find_refspecs_by_destination(other->fetch, ref.name).empty()) return true;
    if (!starts_with(ref.name, "refs/remotes/")) {
      if (starts_with(ref.name, "refs/heads/")) skipped.push_back(abbrev_branch(ref.name));
      return true;
    }
    removed.push_back(ref.name);
    return true;
  });
  if (remote.origin == Remote::Origin::config) {
    update_branch_config(repo, name, nullptr);
    if (config_rename_section_in_file(config_file(repo), "remote." + name, std::nullopt) < 1)
      return error(_("Could not remove config section '%s'"), "remote." + name) ? 1 : 0;
  } else {
    update_branch_config(repo, name, nullptr);
    remove_file(repo.git_path((remote.origin == Remote::Origin::remotes_file ? "remotes/" : "branches/") + name));
  }
  auto transaction = repo.refs().begin();
  for (const std::string& ref : removed) {
    RefUpdate update;
    update.name = ref;
    update.new_oid = ObjectId::null(repo.algo());
    update.flags = kRefNoDeref;
    update.message = "remote: remove";
    transaction->add(std::move(update)).or_die();
  }
  int code = 0;
  if (auto done = transaction->commit(); !done) code = error("%s", done.error().message) ? 1 : 0;
  if (!skipped.empty()) {
    err(Q_("Note: A branch outside the refs/remotes/ hierarchy was not removed;\nto delete it, use:\n",
           "Note: Some branches outside the refs/remotes/ hierarchy were not removed;\nto delete them, use:\n", skipped.size()));
    for (const std::string& branch : skipped) errf("  git branch -d %s\n", branch);
  }
  return code;
}

// ---- HEAD ----

int set_head(Invocation& inv, const Args& words, bool) {
  Repository& repo = inv.repo();
  bool automatic = false, deletes = false;
  Options options({"git remote set-head <name> (-a | --auto | -d | --delete | <branch>)"});
  options.boolean('a', "auto", &automatic, N_("set refs/remotes/<name>/HEAD according to remote"));
  options.boolean('d', "delete", &deletes, N_("delete refs/remotes/<name>/HEAD"));
  Args args = options.parse(words, inv.prefix_or_empty());
  if (args.empty()) options.usage_with_options();
  const std::string& name = args[0];
  Remotes remotes(&repo, repo.config());
  Remote* found = remotes.get(name);
  std::string head_ref = "refs/remotes/" + name + "/HEAD";
  std::string target;
  if (!automatic && !deletes && args.size() == 2) {
    target = args[1];
  } else if (automatic && !deletes && args.size() == 1) {
    if (!found) die(_("No such remote '%s'"), name);
    RemoteStates states = query_remote(repo, *found);
    if (states.heads.empty()) return error("%s", _("Cannot determine remote HEAD")) ? 1 : 0;
    if (states.heads.size() > 1) {
      error("%s", _("Multiple remote HEAD branches. Please choose one explicitly with:"));
      for (const std::string& head : states.heads) errf("  git remote set-head %s %s\n", name, head);
      return 1;
    }
    target = states.heads[0];
  } else if (deletes && !automatic && args.size() == 1) {
    auto done = repo.refs().remove(head_ref, std::nullopt, "", kRefNoDeref);
    if (!done) return error(_("Could not delete %s"), head_ref) ? 1 : 0;
    return 0;
  } else {
    options.usage_with_options();
  }
  std::string full = "refs/remotes/" + name + "/" + target;
  if (!repo.refs().exists(full)) return error(_("Not a valid ref: %s"), full) ? 1 : 0;
  auto before = repo.refs().read(head_ref);
  auto done = repo.refs().create_symref(head_ref, full, "remote set-head");
  if (!done) return error(_("Could not set up %s"), head_ref) ? 1 : 0;
  if (!automatic) return 0;
  // "always" was for following the remote by itself; a person who asks now wants to be told from here on.
  if (found && found->follow_head == FollowRemoteHead::always) set_config(repo, strf("remote.%s.followRemoteHEAD", name), "warn");
  std::string_view old_target = before ? std::string_view(before->symref_target) : std::string_view();
  if (!before) {
    outf(_("'%s/HEAD' is now created and points to '%s'\n"), name, target);
  } else if (old_target == full) {
    outf(_("'%s/HEAD' is unchanged and points to '%s'\n"), name, target);
  } else if (skip_prefix(old_target, "refs/remotes/" + name + "/")) {
    outf(_("'%s/HEAD' has changed from '%s' and now points to '%s'\n"), name, old_target, target);
  } else if (old_target.empty()) {
    outf(_("'%s/HEAD' was detached at '%s' and now points to '%s'\n"), name, before->oid, target);
  } else {
    outf(_("'%s/HEAD' used to point to '%s' (which is not a remote branch), but now points to '%s'\n"), name, old_target, target);
  }
  return 0;
}

// ---- prune, update ----

// Symbolic refs below refs/, dangling ones too.
void for_each_symref(Repository& repo, const std::function<void(const Ref&)>& fn) {
  repo.refs().for_each("refs/", [&](const Ref& ref) {
    if (!ref.symref_target.empty()) fn(ref);
    return true;
  });
  for (const std::string& remote : list_dir(repo.common_path("refs/remotes"))) {
    auto head = repo.refs().read("refs/remotes/" + remote + "/HEAD");
    if (head && !head->symref_target.empty() && !repo.refs().exists(head->symref_target)) fn(*head);
  }
}

int prune_one(Repository& repo, Remotes& remotes, const std::string& name, bool dry_run) {
  Remote* remote = remotes.get(name);
  if (!remote) die(_("No such remote '%s'"), name);
  RemoteStates states = query_remote(repo, *remote);
  if (states.stale.empty()) return 0;
  outf(_("Pruning %s\n"), name);
  outf(_("URL: %s\n"), remote->urls.empty() ? std::string(_("(no URL)")) : remote->urls[0]);
  int code = 0;
  std::set<std::string> gone;
  for (const StaleRef& ref : states.stale) gone.insert(ref.name);
  if (!dry_run) {
    auto transaction = repo.refs().begin();
    for (const StaleRef& ref : states.stale) {
      RefUpdate update;
      update.name = ref.name;
      update.new_oid = ObjectId::null(repo.algo());
      update.message = "remote: prune";
      transaction->add(std::move(update)).or_die();
    }
    if (auto done = transaction->commit(); !done) code = error("%s", done.error().message) ? 1 : 0;
  }
  for (const std::string& ref : gone) {
    std::string_view shown = ref;
    skip_prefix(shown, "refs/remotes/");
    outf(dry_run ? _(" * [would prune] %s\n") : _(" * [pruned] %s\n"), shown);
  }
  for_each_symref(repo, [&](const Ref& ref) {
    if (gone.count(ref.symref_target))
      outf(dry_run ? _(" %s will become dangling!\n") : _(" %s has become dangling!\n"), ref.name);
  });
  return code;
}

int prune(Invocation& inv, const Args& words, bool) {
  bool dry_run = false;
  Options options({"git remote prune [<options>] <name>"});
  options.boolean('n', "dry-run", &dry_run, N_("dry run"));
  Args names = options.parse(words, inv.prefix_or_empty());
  if (names.empty()) options.usage_with_options();
  Remotes remotes(&inv.repo(), inv.repo().config());
  int code = 0;
  for (const std::string& name : names) code |= prune_one(inv.repo(), remotes, name, dry_run);
  return code;
}

int update(Invocation& inv, const Args& words, bool verbose) {
  int prunes = -1;
  Options options({"git remote update [<options>] [<group> | <remote>]..."});
  options.boolean('p', "prune", &prunes, N_("prune remotes after fetching"));
  Args names = options.parse(words, inv.prefix_or_empty());
  ChildProcess child;
  child.git_command = true;
  child.args = {"fetch"};
  if (prunes >= 0) child.args.push_back(prunes ? "--prune" : "--no-prune");
  if (verbose) child.args.push_back("-v");
  child.args.push_back("--multiple");
  if (names.empty()) names.push_back("default");
  Config& config = inv.repo().config();
  if (names.size() == 1 && names[0] == "default" && config.get_strings("remotes.default").empty()) {
    // No such group: every remote that doesn't ask to be left out.
    Remotes remotes(&inv.repo(), config);
    names.clear();
    for (Remote* remote : remotes.all())
      if (!remote->skip_default_update) names.push_back(remote->name);
  }
  child.args.insert(child.args.end(), names.begin(), names.end());
  return child.run();
}

// ---- branches and URLs ----

int set_branches(Invocation& inv, const Args& words, bool) {
  Repository& repo = inv.repo();
  bool add = false;
  Options options({"git remote set-branches <name> <branch>...", "git remote set-branches --add <name> <branch>..."});
  options.boolean(0, "add", &add, N_("add branch"));
  Args args = options.parse(words, inv.prefix_or_empty());
  if (args.empty()) {
    error("%s", _("no remote specified"));
    options.usage_with_options();
  }
  Remotes remotes(&repo, repo.config());
  Remote& remote = configured_remote(remotes, args[0]);
  if (!add) unset_config(repo, strf("remote.%s.fetch", args[0]));
  for (std::size_t i = 1; i < args.size(); i++)
    add_config(repo, strf("remote.%s.fetch", args[0]), tracking_refspec(args[0], args[i], remote.mirror));
  return 0;
}

int get_url(Invocation& inv, const Args& words, bool) {
  bool push = false, all = false;
  Options options({"git remote get-url [--push] [--all] <name>"});
  options.boolean(0, "push", &push, N_("query push URLs rather than fetch URLs"));
  options.boolean(0, "all", &all, N_("return all URLs"));
  Args args = options.parse(words, inv.prefix_or_empty());
  if (args.size() != 1) options.usage_with_options();
  Remotes remotes(&inv.repo(), inv.repo().config());
  Remote& remote = configured_remote(remotes, args[0]);
  const std::vector<std::string>& urls = push ? remote.urls_for_push() : remote.urls;
  if (urls.empty()) die(_("no URLs configured for remote '%s'"), args[0]);
  for (const std::string& url : urls) {
    outf("%s\n", url);
    if (!all) break;
  }
  return 0;
}

int set_url(Invocation& inv, const Args& words, bool) {
  Repository& repo = inv.repo();
  bool push = false, add = false, deletes = false;
  Options options({"git remote set-url [--push] <name> <newurl> [<oldurl>]", "git remote set-url --add <name> <newurl>",
                   "git remote set-url --delete <name> <url>"});
  options.boolean(0, "push", &push, N_("manipulate push URLs"));
  options.boolean(0, "add", &add, N_("add URL"));
  options.boolean(0, "delete", &deletes, N_("delete URLs"));
  Args args = options.parse(words, inv.prefix_or_empty());
  if (add && deletes) die("%s", _("--add --delete doesn't make sense"));
  if (args.size() < 2 || args.size() > 3 || ((add || deletes) && args.size() != 2)) options.usage_with_options();
  Remotes remotes(&repo, repo.config());
  Remote& remote = configured_remote(remotes, args[0]);
  std::string key = strf(push ? "remote.%s.pushurl" : "remote.%s.url", args[0]);
  const std::vector<std::string>& urls = push ? remote.raw_push_urls : remote.raw_urls;
  if ((args.size() == 2 && !deletes) || add) {
    if (add)
      add_config(repo, key, args[1]);
    else
      set_config(repo, key, args[1]);
    return 0;
  }
  const std::string& pattern = deletes ? args[1] : args[2];
  ConfigValueMatch match;
  match.pattern = pattern;
  auto regex = Regex::compile(pattern);
  if (!regex) die(_("Invalid old URL pattern: %s"), pattern);
  std::size_t kept = 0, matched = 0;
  for (const std::string& url : urls) {
    if (regex->matches(url))
      matched++;
    else
      kept++;
  }
  if (!deletes && matched == 0) die(_("No such URL found: %s"), pattern);
  if (deletes && kept == 0 && !push) die("%s", _("Will not delete all non-push URLs"));
  if (deletes)
    config_set_in_file(config_file(repo), key, std::nullopt, match, true);
  else
    config_set_in_file(config_file(repo), key, args[1], match, false);
  return 0;
}

}  // namespace

int cmd_remote(Invocation& inv) {
  bool verbose = false;
  int which = -1;
  using Function = int (*)(Invocation&, const Args&, bool);
  constexpr std::pair<const char*, Function> kCommands[] = {
      {"add", add_remote},       {"rename", rename_remote}, {"rm", remove_remote},
      {"remove", remove_remote}, {"set-head", set_head},    {"set-branches", set_branches},
      {"get-url", get_url},      {"set-url", set_url},      {"show", show},
      {"prune", prune},          {"update", update},
  };
  Options options({"git remote [-v | --verbose]",
                   "git remote add [-t <branch>] [-m <master>] [-f] [--tags | --no-tags] [--mirror=<fetch|push>] <name> <url>",
                   "git remote rename [--[no-]progress] <old> <new>", "git remote remove <name>",
                   "git remote set-head <name> (-a | --auto | -d | --delete | <branch>)",
                   "git remote [-v | --verbose] show [-n] <name>", "git remote prune [-n | --dry-run] <name>",
                   "git remote [-v | --verbose] update [-p | --prune] [(<group> | <remote>)...]",
                   "git remote set-branches [--add] <name> <branch>...", "git remote get-url [--push] [--all] <name>",
                   "git remote set-url [--push] <name> <newurl> [<oldurl>]", "git remote set-url --add <name> <newurl>",
                   "git remote set-url --delete <name> <url>"});
  options.boolean('v', "verbose", &verbose, N_("be verbose; must be placed before a subcommand"));
  for (int i = 0; i < static_cast<int>(std::size(kCommands)); i++)
    options.subcommand(kCommands[i].first, &which, i, std::string_view(kCommands[i].first) == "rm" ? kOptNoComplete : 0u);
  Args args = options.parse(inv.args, inv.prefix_or_empty(), kSubcommandOptional);
  if (!inv.repository) die("%s", _("not a git repository (or any of the parent directories): .git"));
  if (which < 0) {
    if (!args.empty()) {
      error(_("unknown subcommand: `%s'"), args[0]);
      options.usage_with_options();
    }
    return list_remotes(inv, verbose);
  }
  if (which == 8 && args.size() == 1) return list_remotes(inv, verbose);
  int code = kCommands[which].second(inv, args, verbose);
  return code < 0 ? 1 : code;
}

}  // namespace git
