// --porcelain beats configuration: scripts get what they always got.
#include "show/status-options.h"

#include "base/error.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "config.h"
#include "refs.h"
#include "repository.h"

namespace git {

void StatusArguments::add_format_options(Options& options) {
  auto set = [this](StatusFormat wanted) {
    return [this, wanted](const std::optional<std::string>&, bool unset) {
      format = unset ? StatusFormat::none : wanted;
      return true;
    };
  };
  auto flag = [](std::optional<bool>& target) {
    return [&target](const std::optional<std::string>&, bool unset) {
      target = !unset;
      return true;
    };
  };
  options.callback('s', "short", "", N_("show status concisely"), set(StatusFormat::short_), kOptNoArg);
  options.callback('b', "branch", "", N_("show branch information"), flag(show_branch), kOptNoArg);
  options.callback(0, "ahead-behind", "", N_("compute full ahead/behind values"), flag(ahead_behind), kOptNoArg);
  options.callback(
      0, "porcelain", "version", N_("machine-readable output"),
      [this](const std::optional<std::string>& value, bool unset) {
        if (unset)
          format = StatusFormat::none;
        else if (!value || *value == "v1" || *value == "1")
          format = StatusFormat::porcelain;
        else if (*value == "v2" || *value == "2")
          format = StatusFormat::porcelain_v2;
        else
          die("unsupported porcelain version '%s'", *value);
        return true;
      },
      kOptOptionalArg);
  options.callback(0, "long", "", N_("show status in long format (default)"), set(StatusFormat::long_), kOptNoArg);
}

void StatusArguments::add_untracked_option(Options& options) {
  options.callback(
      'u', "untracked-files", "mode", N_("show untracked files, optional modes: all, normal, no. (Default: all)"),
      [this](const std::optional<std::string>& value, bool unset) {
        const std::string word = value.value_or("all");
        auto maybe = parse_maybe_bool(word);
        if (unset || word == "no" || (maybe && !*maybe))
          untracked = UntrackedMode::no;
        else if (word == "normal" || (maybe && *maybe))
          untracked = UntrackedMode::normal;
        else if (word == "all")
          untracked = UntrackedMode::all;
        else
          die("Invalid untracked files mode '%s'", word);
        return true;
      },
      kOptOptionalArg);
}

void StatusArguments::finish(WtStatus& status, const Config& config, bool use_config) {
  if (untracked) status.show_untracked = *untracked;
  bool is_porcelain = format == StatusFormat::porcelain || format == StatusFormat::porcelain_v2;
  StatusFormat chosen = format;
  if (null_termination) {
    if (chosen == StatusFormat::none || chosen == StatusFormat::unspecified)
      chosen = StatusFormat::porcelain;
    else if (chosen == StatusFormat::long_)
      die("options '%s' and '%s' cannot be used together", "--long", "-z");
    is_porcelain = chosen == StatusFormat::porcelain || chosen == StatusFormat::porcelain_v2;
  }
  if (use_config && !is_porcelain && chosen == StatusFormat::unspecified && config.get_bool_or("status.short", false))
    chosen = StatusFormat::short_;
  if (chosen == StatusFormat::unspecified) chosen = use_config ? StatusFormat::long_ : StatusFormat::none;
  if (chosen == StatusFormat::none && use_config) chosen = StatusFormat::long_;
  status.format = chosen;
  status.null_termination = null_termination;
  if (show_branch)
    status.show_branch = *show_branch;
  else if (use_config && !is_porcelain)
    status.show_branch = config.get_bool_or("status.branch", false);
  // Scripts get full counts unless they say otherwise; people may have configured less.
  if (ahead_behind)
    status.ahead_behind = ahead_behind;
  else if (is_porcelain)
    status.ahead_behind = true;
}

CommitWhence find_commit_whence(Repository& repo) {
  if (path_exists(repo.git_path("MERGE_HEAD"))) return CommitWhence::merge;
  if (!repo.refs().read_oid("CHERRY_PICK_HEAD")) return CommitWhence::commit;
  if (path_exists(repo.git_path("rebase-merge"))) return CommitWhence::rebase_pick;
  return path_exists(repo.git_path("sequencer")) ? CommitWhence::cherry_pick_multi : CommitWhence::cherry_pick_single;
}

}  // namespace git
