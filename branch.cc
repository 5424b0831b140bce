// A branch made from a remote-tracking branch follows that: the fetch refspecs are read backwards, from the tracking ref
// to the remote and its branch.
#include "branch.h"

#include <unistd.h>

#include "advice.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-reach.h"
#include "worktree.h"

namespace git {
namespace {

constexpr const char* kUpstreamAdvice =
    "\n"
    "If you are planning on basing your work on an upstream\n"
    "branch that already exists at the remote, you may need to\n"
    "run \"git fetch\" to retrieve it.\n"
    "\n"
    "If you are planning to push out a new local branch that\n"
    "will track its remote counterpart, you may want to use\n"
    "\"git push -u\" to set the upstream config as you push.\n";

[[noreturn]] void die_with_advice(Repository& repo, const std::string& message, std::string_view key, std::string_view text) {
  report("fatal: ", message);
  advise_if_enabled(repo.config(), key, text);
  exit_with(128);
}

// `dst` read backwards through "src:dst"; nullopt where the refspec does not make it.
std::optional<std::string> refspec_source(std::string_view spec, std::string_view dst) {
  if (starts_with(spec, "^")) return std::nullopt;
  skip_prefix(spec, "+");
  std::size_t colon = spec.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view from = spec.substr(0, colon), to = spec.substr(colon + 1);
  std::size_t star = to.find('*'), from_star = from.find('*');
  if (star == std::string_view::npos) return to == dst ? std::optional<std::string>(from) : std::nullopt;
  std::string_view before = to.substr(0, star), after = to.substr(star + 1);
  if (from_star == std::string_view::npos || dst.size() < before.size() + after.size() || !starts_with(dst, before) ||
      !ends_with(dst, after))
    return std::nullopt;
  std::string result(from.substr(0, from_star));
  result += dst.substr(before.size(), dst.size() - before.size() - after.size());
  return result.append(from.substr(from_star + 1));
}

struct Tracking {
  std::string remote;  // "" is this repository
  std::vector<std::string> sources;
  std::vector<std::string> ambiguous;
  int matches = 0;
};

Tracking find_tracked(Config& config, const std::string& tracking_ref) {
  Tracking result;
  for (const std::string& remote : config.subsections("remote"))
    for (const std::string& spec : config.get_strings("remote." + remote + ".fetch")) {
      std::optional<std::string> source = refspec_source(spec, tracking_ref);
      if (!source) continue;
      ++result.matches;
      if (result.matches == 1) {
        result.remote = remote;
        result.sources = {*source};
      } else {
        result.sources.clear();
        result.remote.clear();
      }
      result.ambiguous.push_back(remote);
      break;
    }
  return result;
}

bool inherit_tracking(Config& config, const std::string& from, Tracking& tracking) {
  std::string_view short_name = from;
  skip_prefix(short_name, "refs/heads/");
  std::string key = "branch." + std::string(short_name);
  std::optional<std::string> remote = config.get_string(key + ".remote");
  if (!remote) {
    warning("asked to inherit tracking from '%s', but no remote is set", short_name);
    return false;
  }
  std::vector<std::string> merges = config.get_strings(key + ".merge");
  if (merges.empty()) {
    warning("asked to inherit tracking from '%s', but no merge configuration is set", short_name);
    return false;
  }
  tracking.remote = *remote;
  tracking.sources = std::move(merges);
  return true;
}

}  // namespace

void setup_tracking(Repository& repo, const std::string& local, const std::string& from, BranchTrack track, bool quiet) {
  Config& config = repo.config();
  Tracking tracking;
  if (track == BranchTrack::inherit) {
    if (!inherit_tracking(config, from, tracking)) return;
  } else {
    tracking = find_tracked(config, from);
    bool even_if_local = track == BranchTrack::always || track == BranchTrack::explicitly || track == BranchTrack::override_;
    if (!tracking.matches && !even_if_local) return;
  }
  if (tracking.matches > 1) {
    std::string names;
    for (const std::string& remote : tracking.ambiguous) names += "  " + remote + "\n";
    report("fatal: ", strf("not tracking: ambiguous information for ref '%s'", from));
    if (advice_enabled(config, "ambiguousFetchRefspec"))
      advise(
          strf("There are multiple remotes whose fetch refspecs map to the remote\n"
               "tracking ref '%s':\n%s\n"
               "This is typically a configuration error.\n"
               "\n"
               "To support setting up tracking branches, ensure that\n"
               "different remotes' fetch refspecs map into different\n"
               "tracking namespaces.\n",
               from, names));
    exit_with(128);
  }
  if (track == BranchTrack::simple && (tracking.sources.empty() || tracking.sources[0] != "refs/heads/" + local)) return;
  if (tracking.sources.empty()) tracking.sources.push_back(from);
  if (!install_branch_config(repo, local, tracking.remote, tracking.sources, !quiet)) exit_with(1);
}

BranchStart find_branch_start(Repository& repo, const std::string& start, BranchTrack track) {
  bool is_explicit = track == BranchTrack::explicitly || track == BranchTrack::override_;
  BranchStart result;
  std::optional<ObjectId> oid = get_oid_mb(repo, start);
  if (!oid) {
    if (is_explicit)
      die_with_advice(repo, strf("the requested upstream branch '%s' does not exist", start), "setUpstreamFailure",
                      kUpstreamAdvice);
    die("not a valid object name: '%s'", start);
  }
  ObjectId ref_oid;
  std::string full;
  constexpr const char* kNotABranch = "cannot set up tracking information; starting point '%s' is not a branch";
  switch (dwim_ref(repo, start, &ref_oid, &full)) {
    case 0:
      if (is_explicit) die(kNotABranch, start);
      break;
    case 1:
      if (!starts_with(full, "refs/heads/") && !find_tracked(repo.config(), full).matches) {
        if (is_explicit) die(kNotABranch, start);
        full.clear();
      }
      break;
    default:
      die("ambiguous object name: '%s'", start);
  }
  Commit* commit = repo.commits().peel_to_commit(*oid);
  if (!commit) die("not a valid branch point: '%s'", start);
  result.oid = commit->oid;
  result.ref = full;
  return result;
}

namespace {

bool wants_rebase(Config& config, const std::string& remote) {
  std::string how = config.get_string_or("branch.autosetuprebase", "never");
  if (how == "local") return remote.empty();
  if (how == "remote") return !remote.empty();
  if (how == "always") return true;
  if (how != "never") die("malformed value for %s", "branch.autosetuprebase");
  return false;
}

}  // namespace

BranchTrack configured_branch_track(Config& config) {
  static_cast<void>(wants_rebase(config, ""));  // a bad value ends every command that makes branches
  std::optional<std::string> value = config.get_string("branch.autosetupmerge");
  if (value && iequals(*value, "always")) return BranchTrack::always;
  if (value && *value == "inherit") return BranchTrack::inherit;
  if (value && *value == "simple") return BranchTrack::simple;
  return config.get_bool_or("branch.autosetupmerge", true) ? BranchTrack::remote : BranchTrack::never;
}

bool validate_branchname(Repository& repo, const std::string& name, std::string& full) {
  if (!check_branch_ref(repo, full, name))
    die_with_advice(repo, strf("'%s' is not a valid branch name", name), "refSyntax", "See 'git help check-ref-format'");
  return repo.refs().exists(full);
}

bool validate_new_branchname(Repository& repo, const std::string& name, std::string& full, bool force) {
  if (!validate_branchname(repo, name, full)) return false;
  if (!force) die("a branch named '%s' already exists", std::string_view(full).substr(11));
  if (std::optional<std::string> path = branch_checked_out(repo, full))
    die("cannot force update the branch '%s' used by worktree at '%s'", std::string_view(full).substr(11), *path);
  return true;
}

std::optional<ObjectId> get_oid_mb(Repository& repo, std::string_view name) {
  std::size_t dots = name.find("...");
  if (dots == std::string_view::npos) return get_oid(repo, name);
  std::string_view left = name.substr(0, dots), right = name.substr(dots + 3);
  Commit* one = lookup_commit_by_name(repo, left.empty() ? "HEAD" : left);
  Commit* two = lookup_commit_by_name(repo, right.empty() ? "HEAD" : right);
  if (!one || !two) return std::nullopt;
  CommitList bases = merge_bases(repo.commits(), one, two);
  if (bases.size() != 1) return std::nullopt;
  return bases[0]->oid;
}

void create_branch(Repository& repo, const std::string& name, const std::string& start, const CreateBranch& options) {
  std::string full;
  bool exists =
      options.clobber_head_ok ? validate_branchname(repo, name, full) : validate_new_branchname(repo, name, full, options.force);
  BranchStart from = find_branch_start(repo, start, options.track);
  if (options.dry_run) return;
  RefUpdate update;
  update.name = full;
  update.new_oid = from.oid;
  if (!exists) update.old_oid = ObjectId::null(repo.algo());
  update.flags = options.create_reflog ? unsigned{kRefForceCreateReflog} : 0;
  update.message = strf(exists ? "branch: Reset to %s" : "branch: Created from %s", start);
  Result<void> done = repo.refs().update(std::move(update));
  if (!done) die("%s", done.error().message);
  if (!from.ref.empty() && options.track != BranchTrack::never)
    setup_tracking(repo, full.substr(11), from.ref, options.track, options.quiet);
}

void dwim_and_setup_tracking(Repository& repo, const std::string& name, const std::string& upstream, BranchTrack track,
                             bool quiet) {
  BranchStart from = find_branch_start(repo, upstream, track);
  setup_tracking(repo, name, from.ref, track, quiet);
}

bool install_branch_config(Repository& repo, const std::string& local, const std::string& remote,
                           const std::vector<std::string>& merge_refs, bool verbose) {
  bool is_here = remote.empty() || remote == ".";
  if (remote.empty())
    for (const std::string& ref : merge_refs)
      if (ref == "refs/heads/" + local) {
        warning("not setting branch '%s' as its own upstream", local);
        return true;
      }
  std::string file = repo.common_path("config"), key = "branch." + local;
  bool rebases = wants_rebase(repo.config(), remote);
  bool ok = config_set_in_file(file, key + ".remote", is_here ? "." : remote) == 0;
  int cleared = ok ? config_set_in_file(file, key + ".merge", std::nullopt, {}, true) : 1;
  ok = ok && (cleared == 0 || cleared == 5);
  ConfigValueMatch none;
  none.pattern = "a^";  // adds, replaces nothing
  for (std::size_t i = 0; ok && i < merge_refs.size(); ++i)
    ok = config_set_in_file(file, key + ".merge", merge_refs[i], i ? none : ConfigValueMatch{}) == 0;
  if (ok && rebases) ok = config_set_in_file(file, key + ".rebase", "true") == 0;
  repo.config().reload();
  if (!ok) {
    error("unable to write upstream branch configuration");
    advise(
        strf("\nAfter fixing the error cause you may try to fix up\nthe remote tracking information by invoking\n"
             "\"git branch --set-upstream-to=%s%s%s\".",
             remote, remote.empty() ? "" : "/", merge_refs.empty() ? "" : prettify_refname(merge_refs[0])));
    return false;
  }
  if (!verbose) return true;
  std::vector<std::string> names;
  for (const std::string& ref : merge_refs) {
    std::string_view short_name = ref;
    bool is_branch = skip_prefix(short_name, "refs/heads/");
    names.push_back(is_branch && !is_here ? remote + "/" + std::string(short_name) : std::string(short_name));
  }
  if (names.size() == 1) {
    outf(rebases ? "branch '%s' set up to track '%s' by rebasing.\n" : "branch '%s' set up to track '%s'.\n", local, names[0]);
  } else {
    outf(rebases ? "branch '%s' set up to track by rebasing:\n" : "branch '%s' set up to track:\n", local);
    for (const std::string& name : names) outf("  %s\n", name);
  }
  return true;
}

void remove_merge_branch_state(Repository& repo) {
  for (const char* name : {"MERGE_HEAD", "MERGE_RR", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE"})
    unlink(repo.git_path(name).c_str());
  save_autostash(repo, "MERGE_AUTOSTASH");
}

void finish_pick_state(Repository& repo, bool verbose) {
  bool was_picking = false;
  for (const char* name : {"CHERRY_PICK_HEAD", "REVERT_HEAD"}) {
    if (!repo.refs().read(name)) continue;
    (void)repo.refs().remove(name, std::nullopt, "", kRefNoDeref);
    if (verbose) warning("cancelling a %s in progress", std::string_view(name) == "REVERT_HEAD" ? "revert" : "cherry picking");
    was_picking = true;
  }
  if (!was_picking) return;
  // The last line of the list was the one just done.
  auto todo = read_file_if_exists(repo.git_path("sequencer/todo"));
  if (todo && split_lines(*todo).size() <= 1) remove_dir_recursively(repo.git_path("sequencer"));
}

void remove_branch_state(Repository& repo, bool verbose) {
  finish_pick_state(repo, verbose);
  remove_merge_branch_state(repo);
  unlink(repo.git_path("SQUASH_MSG").c_str());
}

}  // namespace git
