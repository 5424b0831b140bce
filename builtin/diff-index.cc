// git diff-index: a tree against the index, or against the worktree through it.
#include "base/fd.h"
#include "builtin.h"
#include "diff-plumbing.h"
#include "odb.h"
#include "setup.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("diff-index", cmd_diff_index, kSetup | kNoParseopt)

namespace git {
namespace {
constexpr const char* kUsage = "git diff-index [-m] [--cached] [--merge-base] [<common-diff-options>] <tree-ish> [<path>...]";
}  // namespace

int cmd_diff_index(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    outf("usage: %s\n", kUsage);
    return 129;
  }
  Repository& repo = inv.repo();
  PlumbingDiff diff(repo, inv.prefix_or_empty());
  DiffIndexSettings settings;
  bool merge_base = false;
  auto own = [&](const std::string& arg) {
    if (arg == "--cached" || arg == "--staged")
      settings.cached = true;
    else if (arg == "--merge-base")
      merge_base = true;
    else if (arg == "-m")
      settings.match_missing = true;
    else
      return false;
    return true;
  };
  diff.parse({inv.args.begin() + 1, inv.args.end()}, own, kUsage, 1);
  diff.options.recursive = true;
  diff.set_up();
  if (!settings.cached) setup_work_tree(repo);
  if (diff.combine.enabled)
    settings.combine = [&](const CombinePath& path) { show_combined_diff(diff.options, path, diff.combine); };
  const PendingObject& tip = diff.walk.pending[0];
  ObjectId tree = merge_base ? diff_merge_base(repo, tip.oid) : tip.oid;
  diff_index(diff.options, diff.index, peel_to_tree_or_die(repo, tree, tip.name), settings);
  return diff.finish();
}

}  // namespace git
