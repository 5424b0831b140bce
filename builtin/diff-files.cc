// git diff-files: the index against the worktree.
#include <algorithm>

#include "base/fd.h"
#include "builtin.h"
#include "diff-plumbing.h"

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
  PlumbingDiff diff(inv.repo(), inv.prefix_or_empty());
  DiffFilesSettings settings;
  auto own = [&](const std::string& arg) {
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
    else
      return false;
    return true;
  };
  // To the revision walk -1 would be a limit: these come first.
  std::vector<std::string> args(inv.args.begin() + 1, inv.args.end());
  auto options_end = std::find(args.begin(), args.end(), "--");
  args.erase(std::remove_if(args.begin(), options_end,
                            [&](const std::string& arg) {
                              return arg.size() == 2 && arg[0] == '-' && arg[1] >= '0' && arg[1] <= '3' && own(arg);
                            }),
             options_end);
  diff.parse(args, own, kUsage, 0);
  diff.set_up();
  diff_set_mnemonic_prefix(diff.options, "i/", "w/");
  if (diff.combine.enabled)
    settings.combine = [&](const CombinePath& path) { show_combined_diff(diff.options, path, diff.combine); };
  diff_files(diff.options, diff.index, settings);
  return diff.finish();
}

}  // namespace git
