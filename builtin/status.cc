// git status.
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "index.h"
#include "show/commit-message.h"
#include "show/status-options.h"
#include "show/wt-status.h"

GIT_BUILTIN("status", cmd_status, kSetup | kNeedWorkTree)

namespace git {

int cmd_status(Invocation& inv) {
  Repository& repo = inv.repo();
  Index index = Index::read(repo);
  WtStatus status(repo, index);
  status.read_config();
  StatusArguments arguments;
  status.columns.add_config(repo.config(), "status");
  int verbose = 0;
  std::optional<std::string> ignored, ignore_submodules, column;
  bool show_stash = status.show_stash, null_termination = false;
  Options options({"git status [<options>] [--] [<pathspec>...]"});
  options.count_up('v', "verbose", &verbose, N_("be verbose"));
  arguments.add_format_options(options);
  options.boolean(0, "show-stash", &show_stash, N_("show stash information"));
  options.boolean('z', "null", &null_termination, N_("terminate entries with NUL"));
  arguments.add_untracked_option(options);
  options.callback(
      0, "ignored", "mode", N_("show ignored files, optional modes: traditional, matching, no. (Default: traditional)"),
      [&](const std::optional<std::string>& value, bool unset) {
        ignored = unset ? "no" : value.value_or("traditional");
        return true;
      },
      kOptOptionalArg);
  options.callback(
      0, "ignore-submodules", "when", N_("ignore changes to submodules, optional when: all, dirty, untracked. (Default: all)"),
      [&](const std::optional<std::string>& value, bool unset) {
        ignore_submodules = unset ? "" : value.value_or("all");
        return true;
      },
      kOptOptionalArg);
  options.callback(
      0, "column", "style", N_("list untracked files in columns"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          status.columns.when = ColumnStyle::When::never;
          return true;
        }
        status.columns.when = ColumnStyle::When::always;
        return !value || status.columns.add(*value);
      },
      kOptOptionalArg);
  int no_renames = -1;
  options.set_int(0, "no-renames", &no_renames, 1, N_("do not detect renames"));
  options.callback(
      'M', "find-renames", "n", N_("detect renames, optionally set similarity index"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          no_renames = 1;
          return true;
        }
        no_renames = 0;
        if (!value) return true;
        std::string_view text = *value;
        status.rename_score = parse_rename_score(text);
        return true;
      },
      kOptOptionalArg);
  std::vector<std::string> paths = options.parse(inv.args, inv.prefix_or_empty());

  arguments.null_termination = null_termination;
  arguments.finish(status, repo.config(), true);
  if (no_renames == 1) status.detect_rename = DetectRename::none;
  if (no_renames == 0 && status.detect_rename == DetectRename::none) status.detect_rename = DetectRename::rename;
  if (ignored) {
    if (*ignored == "traditional")
      status.show_ignored = IgnoredMode::traditional;
    else if (*ignored == "no")
      status.show_ignored = IgnoredMode::no;
    else if (*ignored == "matching")
      status.show_ignored = IgnoredMode::matching;
    else
      die("Invalid ignored mode '%s'", *ignored);
  }
  if (status.show_ignored == IgnoredMode::matching && status.show_untracked == UntrackedMode::no)
    die("Unsupported combination of ignored and untracked-files arguments");
  status.verbose = verbose;
  status.show_stash = show_stash;
  if (ignore_submodules) status.ignore_submodule_arg = *ignore_submodules;
  status.pathspec = parse_pathspec(repo, paths, inv.prefix_or_empty(), kPreferFull);
  if (status.relative_paths) status.prefix = inv.prefix_or_empty();
  status.comment_prefix = comment_prefix_of(repo.config());
  if (status.format != StatusFormat::porcelain && status.format != StatusFormat::porcelain_v2)
    index.refresh(Index::kRefreshQuiet | Index::kRefreshUnmerged | Index::kRefreshProgress);
  else
    index.refresh(Index::kRefreshQuiet | Index::kRefreshUnmerged);
  status.whence = find_commit_whence(repo);
  status.collect();
  if (env_bool("GIT_OPTIONAL_LOCKS", true)) index.refresh_and_write_quietly();
  status.print();
  return 0;
}

}  // namespace git
