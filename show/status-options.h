// The options that status and commit share: which format, and which untracked files.
#pragma once

#include <optional>
#include <string>

#include "show/wt-status.h"

namespace git {

class Config;
class Options;
class Repository;

struct StatusArguments {
  StatusFormat format = StatusFormat::unspecified;
  std::optional<bool> show_branch, ahead_behind;
  std::optional<UntrackedMode> untracked;
  bool null_termination = false;

  void add_format_options(Options& options);
  void add_untracked_option(Options& options);
  // Settles the format with configuration (status.short, status.branch where `use_config`).
  void finish(WtStatus& status, const Config& config, bool use_config);
};
// Is a merge or cherry-pick about to be concluded?
CommitWhence find_commit_whence(Repository& repo);

}  // namespace git
