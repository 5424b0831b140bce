// git diff-index: a tree against the index, or against the worktree through it.
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "diff/combine.h"
#include "index.h"
#include "odb.h"
#include "setup.h"
#include "walk/commit-reach.h"
#include "walk/revisions.h"

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
  Index index = Index::read(repo);
  DiffOptions options = make_diff_options(&repo, repo.config(), &index, inv.prefix_or_empty(), DiffConfig::basic);
  options.abbrev = 0;
  DiffOptionParser parser(options);
  CombineSettings combine;
  DiffIndexSettings settings;
  bool merge_base = false;
  RevWalk walk(repo);
  RevWalk::Setup how;
  how.prefix = inv.prefix_or_empty();
  how.other_option = [&](const std::vector<std::string>& args, std::size_t at) {
    const std::string& arg = args[at];
    if (arg == "--cached" || arg == "--staged")
      settings.cached = true;
    else if (arg == "--merge-base")
      merge_base = true;
    else if (arg == "-m")
      settings.match_missing = true;
    else if (!parse_combine_option(combine, arg))
      return parser.parse(args, at);
    return 1;
  };
  walk.setup({inv.args.begin() + 1, inv.args.end()}, how);
  if (walk.pending.size() != 1 || walk.max_count != -1 || walk.min_age != -1 || walk.max_age != -1) usage("%s", kUsage);
  if (!options.output_format) options.output_format = kDiffRaw;
  options.recursive = true;
  options.pathspec = parse_pathspec(repo, walk.pathspec, inv.prefix_or_empty(), kPreferFull | kPathspecPrefixOrigin);
  diff_setup_done(options);
  if (!settings.cached) setup_work_tree(repo);
  if (combine.enabled) settings.combine = [&](const CombinePath& path) { show_combined_diff(options, path, combine); };
  ObjectId tree = walk.pending[0].oid;
  if (merge_base) tree = diff_merge_base(repo, tree);
  diff_index(options, index, peel_to_tree_or_die(repo, tree, walk.pending[0].name), settings);
  diffcore_std(options);
  diff_flush(options);
  return diff_result_code(options);
}

}  // namespace git
