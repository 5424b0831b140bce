// git merge-octopus: any number of heads, one after the other into the result so far.  Only the last one may leave
// conflicts: with more than that, merging all at once is not what the user wants.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "merge-strategy.h"
#include "object-name.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("merge-octopus", cmd_merge_octopus, kSetup | kNeedWorkTree | kNoParseopt)

namespace git {

int cmd_merge_octopus(Invocation& inv) {
  Repository& repo = inv.repo();
  const StrategyArguments merge = parse_strategy_arguments(inv.args);
  if (merge.remotes.size() < 2) return 2;
  if (!check_index_matches_head(repo)) return 2;
  CommitPool& pool = repo.commits();
  auto commit_of = [&](const std::string& name) {
    Commit* commit = lookup_commit_by_name(repo, name);
    if (!commit) die(_("could not resolve '%s'"), name);
    return commit;
  };
  CommitList merged{commit_of(merge.head)};
  std::string tree = try_write_tree().value_or("");
  bool was_fast_forward = true, failed = false;
  for (const std::string& remote : merge.remotes) {
    if (failed) {
      out(_("Automated merge did not work.\nShould not be doing an octopus.\n"));
      return 2;
    }
    const std::string name = pretty_head_name(remote);
    Commit* other = commit_of(remote);
    const CommitList common = merge_bases_many(pool, other, merged);
    if (common.empty()) die(_("Unable to find common commit with %s"), name);
    if (std::find(common.begin(), common.end(), other) != common.end()) {
      outf(_("Already up to date with %s\n"), name);
      continue;
    }
    if (was_fast_forward && common.size() == 1 && merged.size() == 1 && common[0] == merged[0]) {
      outf(_("Fast-forwarding to: %s\n"), name);
      if (int code = run_strategy_step({"read-tree", "-u", "-m", merge.head, remote})) return code;
      merged = {other};
      tree = try_write_tree().value_or("");
      continue;
    }
    was_fast_forward = false;
    outf(_("Trying simple merge with %s\n"), name);
    std::vector<std::string> read = {"read-tree", "-u", "-m", "--aggressive"};
    for (const Commit* base : common) read.push_back(base->oid.hex());
    read.insert(read.end(), {tree, remote});
    if (run_strategy_step(read)) return 2;
    auto next = try_write_tree();
    if (!next) {
      out(_("Simple merge did not work, trying automatic merge.\n"));
      failed = run_strategy_step({"merge-index", "-o", "git-merge-one-file", "-a"}) != 0;
      next = try_write_tree();
    }
    merged.push_back(other);
    tree = next.value_or("");
  }
  return failed ? 1 : 0;
}

}  // namespace git
