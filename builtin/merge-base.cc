// git merge-base: the best common ancestors, and questions about ancestry.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "object-name.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("merge-base", cmd_merge_base, kSetup)

namespace git {
namespace {

Commit* commit_or_die(Repository& repo, const std::string& name) {
  std::optional<ObjectId> oid = get_oid(repo, name);
  if (!oid) die("Not a valid object name %s", name);
  Commit* c = repo.commits().peel_to_commit(*oid);
  if (!c) {
    ObjectType type = repo.odb().type_of(*oid);
    if (type != ObjectType::bad) error("object %s is a %s, not a commit", *oid, type_name(type));
    die("Not a valid commit name %s", name);
  }
  return c;
}

int show(const CommitList& list, bool all) {
  if (list.empty()) return 1;
  for (Commit* c : list) {
    outf("%s\n", c->oid);
    if (!all) break;
  }
  return 0;
}

}  // namespace

int cmd_merge_base(Invocation& inv) {
  bool all = false;
  int mode = 0;
  Options options({"git merge-base [-a | --all] <commit> <commit>...", "git merge-base [-a | --all] --octopus <commit>...",
                   "git merge-base --is-ancestor <commit> <commit>", "git merge-base --independent <commit>...",
                   "git merge-base --fork-point <ref> [<commit>]"});
  options.boolean('a', "all", &all, "output all common ancestors");
  options.cmd_mode(0, "octopus", &mode, 'o', "find ancestors for a single n-way merge");
  options.cmd_mode(0, "independent", &mode, 'r', "list revs not reachable from others");
  options.cmd_mode(0, "is-ancestor", &mode, 'a', "is the first one ancestor of the other?");
  options.cmd_mode(0, "fork-point", &mode, 'f', "find where <commit> forked from reflog of <ref>");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  Repository& repo = inv.repo();
  CommitPool& pool = repo.commits();
  if (mode == 'a') {
    if (args.size() < 2) options.usage_with_options();
    if (all) die("options '%s' and '%s' cannot be used together", "--is-ancestor", "--all");
    if (args.size() != 2) die("--is-ancestor takes exactly two commits");
    Commit *one = commit_or_die(repo, args[0]), *two = commit_or_die(repo, args[1]);
    return in_merge_bases(pool, one, two) ? 0 : 1;
  }
  if (mode == 'r' && all) die("options '%s' and '%s' cannot be used together", "--independent", "--all");
  if (mode == 'f') {
    if (args.empty() || args.size() > 2) options.usage_with_options();
    ObjectId oid;
    std::string ref;
    switch (dwim_ref(repo, args[0], &oid, &ref)) {
      case 0:
        die("No such ref: '%s'", args[0]);
      case 1:
        break;
      default:
        die("Ambiguous refname: '%s'", args[0]);
    }
    Commit* base = fork_point(repo, ref, commit_or_die(repo, args.size() == 2 ? args[1] : "HEAD"));
    if (!base) return 1;
    outf("%s\n", base->oid);
    return 0;
  }
  if (args.size() < (mode ? 1u : 2u)) options.usage_with_options();
  CommitList commits;
  for (const std::string& name : args) commits.push_back(commit_or_die(repo, name));
  if (mode == 'r') return show(reduce_heads(pool, commits), true);
  if (mode == 'o') return show(reduce_heads(pool, octopus_merge_bases(pool, commits)), all);
  return show(merge_bases_many(pool, commits[0], std::span(commits).subspan(1)), all);
}

}  // namespace git
