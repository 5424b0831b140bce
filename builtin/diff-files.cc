// git diff-files: the index against the worktree.
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "diff/combine.h"
#include "index.h"
#include "walk/revisions.h"

GIT_BUILTIN("diff-files", cmd_diff_files, kSetup | kNeedWorkTree | kNoParseopt)

namespace git {
namespace {
constexpr const char* kUsage = "git diff-files [-q] [-0 | -1 | -2 | -3 | -c | --cc] [<common-diff-options>] [<path>...]";
}  // namespace

int cmd_diff_files(Invocation& inv) {
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
  DiffFilesSettings settings;
  RevWalk walk(repo);
  RevWalk::Setup how;
  how.prefix = inv.prefix_or_empty();
  how.other_option = [&](const std::vector<std::string>& args, std::size_t at) {
    const std::string& arg = args[at];
    if (arg == "--base" || arg == "-1")
      settings.unmerged_stage = 1;
    else if (arg == "--ours" || arg == "-2")
      settings.unmerged_stage = 2;
    else if (arg == "--theirs" || arg == "-3")
      settings.unmerged_stage = 3;
    else if (arg == "-0")
      settings.unmerged_stage = 0;
    else if (arg == "-q")
      settings.silent_on_removed = true;
    else if (!parse_combine_option(combine, arg))
      return parser.parse(args, at);
    return 1;
  };
  walk.setup({inv.args.begin() + 1, inv.args.end()}, how);
  if (!walk.pending.empty() || walk.min_age != -1 || walk.max_age != -1 || walk.max_count != -1) usage("%s", kUsage);
  if (!options.output_format) options.output_format = kDiffRaw;
  options.pathspec = parse_pathspec(repo, walk.pathspec, inv.prefix_or_empty(), kPreferFull | kPathspecPrefixOrigin);
  diff_setup_done(options);
  diff_set_mnemonic_prefix(options, "i/", "w/");
  if (combine.enabled) settings.combine = [&](const CombinePath& path) { show_combined_diff(options, path, combine); };
  diff_files(options, index, settings);
  diffcore_std(options);
  diff_flush(options);
  return diff_result_code(options);
}

}  // namespace git
