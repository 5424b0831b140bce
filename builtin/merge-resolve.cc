// git merge-resolve: two heads, one merge base (or several), merged by three-way read-tree and then file by file.
#include "base/fd.h"
#include "builtin.h"
#include "merge-strategy.h"

GIT_BUILTIN("merge-resolve", cmd_merge_resolve, kSetup | kNeedWorkTree | kNoParseopt)

namespace git {

int cmd_merge_resolve(Invocation& inv) {
  const StrategyArguments merge = parse_strategy_arguments(inv.args);
  if (merge.remotes.size() != 1 || merge.bases.empty()) return 2;
  if (!check_index_matches_head(inv.repo())) return 2;
  run_strategy_step({"update-index", "-q", "--refresh"});
  std::vector<std::string> read = {"read-tree", "-u", "-m", "--aggressive"};
  read.insert(read.end(), merge.bases.begin(), merge.bases.end());
  read.insert(read.end(), {merge.head, merge.remotes[0]});
  if (run_strategy_step(read)) return 2;
  out(_("Trying simple merge.\n"));
  if (try_write_tree()) return 0;
  out(_("Simple merge failed, trying Automatic merge.\n"));
  return run_strategy_step({"merge-index", "-o", "git-merge-one-file", "-a"}) ? 1 : 0;
}

}  // namespace git
