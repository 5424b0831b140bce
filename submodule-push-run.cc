// A recorded commit counts as pushed when some remote-tracking ref of the submodule reaches it.
#include "submodule-push.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "index/submodule-config.h"
#include "odb.h"
#include "refs.h"
#include "remote.h"
#include "repository.h"
#include "submodule-changes.h"
#include "submodule.h"
#include "transport.h"

namespace git {

SubmodulePush parse_submodule_push(const std::string& option, const std::string& value, SubmodulePush current) {
  if (value == "check") return SubmodulePush::check;
  if (value == "on-demand") return SubmodulePush::on_demand;
  if (value == "only") return SubmodulePush::only;
  if (value == "only-is-on-demand") {
    // With "only" nothing here would be pushed that the superproject's commit needs.
    if (current != SubmodulePush::only) return current;
    warning("%s", _("recursing into submodule with push.recurseSubmodules=only; using on-demand instead"));
    return SubmodulePush::on_demand;
  }
  auto yes = parse_maybe_bool(value);
  if (yes && !*yes) return SubmodulePush::off;
  die(_("bad %s argument: %s"), option, value);
}

namespace {

bool has_remote_refs(Repository& submodule) {
  bool found = false;
  submodule.refs().for_each("refs/remotes/", [&](const Ref&) {
    found = true;
    return false;
  });
  return found;
}

// Are these commits here, but on no remote?
bool needs_push(const std::string& path, Repository& submodule, const SubmoduleChange& change) {
  for (const ObjectId& oid : change.new_commits) {
    ObjectType type = submodule.odb().type_of(oid, kLookupNoFetch);
    if (type == ObjectType::bad) return false;
    if (type != ObjectType::commit) die(_("submodule entry '%s' (%s) is a %s, not a commit"), path, oid, type_name(type));
  }
  // What no ref reaches was never meant for anybody, and without a remote there is nowhere to push to.
  if (!submodule_has_commits(submodule, change.new_commits) || !has_remote_refs(submodule)) return false;
  ChildProcess child = submodule_child(path, {"rev-list"});
  for (const ObjectId& oid : change.new_commits) child.args.push_back(oid.hex());
  child.args.insert(child.args.end(), {"--not", "--remotes", "-n", "1"});
  CommandOutput output = pipe_command(child, "");
  if (output.code) die(_("Could not run 'git rev-list <commits> --not --remotes -n 1' command in submodule %s"), path);
  return !output.out.empty();
}

std::vector<std::string> find_unpushed(Repository& repo, const RemoteRefs& refs, const std::string& remote) {
  std::string revisions;
  for (const RemoteRef& ref : refs)
    if (!ref.new_oid.is_null()) revisions += ref.new_oid.hex() + "\n";
  std::vector<std::string> paths;
  if (revisions.empty()) return paths;
  revisions += "--not\n--remotes=" + remote + "\n";
  SubmoduleConfig config(repo);
  for (const auto& [name, change] : changed_submodules(repo, config, revisions)) {
    const Submodule* submodule = config.find_by_name(name);
    const std::string path = submodule && !submodule->path.empty() ? submodule->path : default_submodule_name(name);
    if (path.empty() || !is_submodule_populated(path)) continue;
    auto opened = open_submodule(repo, config, path);
    if (opened && needs_push(path, *opened, change)) paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// The remote and the refspecs hold for submodules only where the remote is one by name.
struct Forward {
  std::string remote;
  std::vector<std::string> refspecs;
};
std::optional<Forward> forward_of(const Transport& transport, const Refspec& refspec) {
  Remote* remote = transport.remote();
  if (!remote || !Remotes::is_configured(remote)) return std::nullopt;
  Forward forward{remote->name, {}};
  for (const RefspecItem& item : refspec.items()) forward.refspecs.push_back(item.raw);
  return forward;
}

void check_one(const std::string& path, const std::string& head, const Forward& forward) {
  ChildProcess child = submodule_child(path, {"submodule--helper", "push-check", head, forward.remote});
  child.args.insert(child.args.end(), forward.refspecs.begin(), forward.refspecs.end());
  child.in = child.out = ChildProcess::kNull;
  if (child.run()) die(_("process for submodule '%s' failed"), path);
}

bool push_one(const std::string& path, const Transport& transport, const std::optional<Forward>& forward, unsigned flags) {
  ChildProcess child = submodule_child(path, {"push", "--recurse-submodules=only-is-on-demand"});
  if (flags & kPushDryRun) child.args.push_back("--dry-run");
  for (const std::string& option : transport.options.push_options) child.args.push_back("--push-option=" + option);
  if (forward) {
    child.args.push_back(forward->remote);
    child.args.insert(child.args.end(), forward->refspecs.begin(), forward->refspecs.end());
  }
  child.in = ChildProcess::kNull;
  return child.run() == 0;
}

void push_unpushed(Repository& repo, Transport& transport, const std::vector<std::string>& paths, const Refspec& refspec,
                   unsigned flags) {
  auto forward = forward_of(transport, refspec);
  if (forward) {
    auto head = repo.refs().read("HEAD");
    if (!head) die("%s", _("Failed to resolve HEAD as a valid ref."));
    for (const std::string& path : paths) check_one(path, head->symref_target.empty() ? "HEAD" : head->symref_target, *forward);
  }
  bool all = true;
  for (const std::string& path : paths) {
    errf(_("Pushing submodule '%s'\n"), path);
    if (push_one(path, transport, forward, flags)) continue;
    errf(_("Unable to push submodule '%s'\n"), path);
    all = false;
  }
  if (!all) die("%s", _("failed to push all needed submodules"));
}

}  // namespace

bool push_submodules_first(Repository& repo, Transport& transport, const Refspec& refspec, const RemoteRefs& refs,
                           unsigned flags) {
  const SubmodulePush mode = transport.options.submodules;
  if (mode == SubmodulePush::off || repo.is_bare() || !repo.worktree()) return true;
  const std::string remote = transport.remote() ? transport.remote()->name : "";
  auto unpushed = find_unpushed(repo, refs, remote);
  if (mode != SubmodulePush::check && !unpushed.empty()) {
    push_unpushed(repo, transport, unpushed, refspec, flags);
    if (flags & kPushDryRun) return true;
    unpushed = find_unpushed(repo, refs, remote);
  }
  if (unpushed.empty()) return true;
  err(_("The following submodule paths contain changes that can\nnot be found on any remote:\n"));
  for (const std::string& path : unpushed) errf("  %s\n", path);
  err(
      _("\nPlease try\n\n\tgit push --recurse-submodules=on-demand\n\nor cd to the path and use\n\n\tgit push\n\nto push them "
        "to a remote.\n\n"));
  die("%s", _("Aborting."));
}

void check_submodule_push(Repository& repo, const std::string& super_head, const std::string& remote_name,
                          const std::vector<std::string>& refspecs) {
  auto head = repo.refs().read("HEAD");
  if (!head) die("%s", _("Failed to resolve HEAD as a valid ref."));
  // Not the same URL as that of the superproject.
  Remotes remotes(&repo, repo.config());
  Remote* remote = remotes.get_for_push(remote_name);
  if (!Remotes::is_configured(remote)) die(_("remote '%s' not configured"), remote_name);
  for (const std::string& text : refspecs) {
    auto item = parse_refspec(text, false);
    if (!item || item->is_pattern || item->is_matching || item->is_negative || !item->src) continue;
    int matches = 0;
    repo.refs().for_each("refs/", [&](const Ref& ref) {
      matches += refname_matches(*item->src, ref.name);
      return true;
    });
    if (matches == 1) continue;
    if (!matches && *item->src == "HEAD") {
      if (!head->symref_target.empty() && head->symref_target == super_head) continue;
      die("%s", _("HEAD does not match the named branch in the superproject"));
    }
    die(_("src refspec '%s' must name a ref"), *item->src);
  }
}

}  // namespace git
