// The shape of the line is parsed by people's scripts: branch, "(root-commit)", abbreviated name, subject.
#include "show/commit-summary.h"

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "config/ident.h"
#include "diff.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "show/pretty.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr const char* kImplicitIdentAdvice =
    "Your name and email address were configured automatically based\n"
    "on your username and hostname. Please check that they are accurate.\n"
    "You can suppress this message by setting them explicitly. Run the\n"
    "following command and follow the instructions in your editor to edit\n"
    "your configuration file:\n\n    git config --global --edit\n\n"
    "After doing this, you may fix the identity used for this commit with:\n\n    git commit --amend --reset-author\n";

}  // namespace

std::string format_commit_summary(Repository& repo, const ObjectId& oid, unsigned flags) {
  CommitPool& pool = repo.commits();
  Commit* commit = pool.get(oid);
  if (!pool.parse(commit)) die("could not parse newly created commit");
  std::string text = "[";
  auto head = repo.refs().resolve("HEAD");
  if (head && head->is_symref) {
    std::string_view name = head->name;
    skip_prefix(name, "refs/heads/");
    text += name;
  } else {
    text += "detached HEAD";
  }
  if (flags & kSummaryInitialCommit) text += " (root-commit)";
  text += " " + unique_abbrev(repo, oid, -1) + "] " + format_commit_simple(repo, commit, "%s") + "\n";
  const std::string author = format_commit_simple(repo, commit, "%an <%ae>");
  const std::string committer = format_commit_simple(repo, commit, "%cn <%ce>");
  if (author != committer) text += " Author: " + author + "\n";
  if (flags & kSummaryShowAuthorDate) text += " Date: " + format_commit_simple(repo, commit, "%ad") + "\n";
  if (!is_ident_given(repo.config(), IdentRole::committer)) {
    text += " Committer: " + committer + "\n";
    if (repo.config().get_bool_or("advice.implicitidentity", true) && env_bool("GIT_ADVICE", true))
      text += std::string(kImplicitIdentAdvice) + "\n";
  }
  if (commit->parents.size() > 1) return text;
  DiffOptions options = make_diff_options(&repo, repo.config(), nullptr, "", DiffConfig::ui);
  options.output_format = kDiffShortstat | kDiffSummary;
  options.detect_rename = DetectRename::rename;
  options.break_opt = 0;
  options.orderfile.clear();
  options.use_color = 0;
  options.write = [&](std::string_view bytes) { text += bytes; };
  diff_setup_done(options);
  const ObjectId before = commit->parents.empty() ? ObjectId::null(repo.algo()) : [&]() {
    pool.parse(commit->parents[0]).or_die();
    return pool.tree(commit->parents[0]);
  }();
  diff_tree(options, before, pool.tree(commit));
  diffcore_std(options);
  diff_flush(options);
  return text;
}

}  // namespace git
