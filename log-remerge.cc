// log --remerge-diff: what somebody did to a merge beyond what the machine does.
//
// The two parents are merged again, conflict markers and all, and the result is compared with the tree that was
// committed. What the trial merge writes goes to a quarantine that is dropped with the log, so that looking at
// history leaves nothing behind. Its complaints become header lines of the paths they are about.
#include "base/strings.h"
#include "log-tree.h"
#include "merge/merge-ort.h"
#include "odb.h"
#include "repository.h"
#include "show/pretty.h"
#include "walk/commit-reach.h"

namespace git {
namespace {

std::string one_line(std::string_view text) {
  std::string line(trim(text));
  for (char& c : line)
    if (c == '\n') c = ' ';
  return line;
}

}  // namespace

bool LogTree::show_remerge(Commit* commit, std::span<Commit* const> parents, const ObjectId& tree) {
  if (parents.size() > 2) {
    show_log(commit);
    write("diff: warning: Skipping remerge-diff for octopus merges.\n");
    return true;
  }
  if (!holds_quarantine_) {
    repo.odb().open_quarantine("remerge-diff");
    holds_quarantine_ = true;
  }
  MergeOptions options = MergeOptions::from_config(repo);
  options.show_rename_progress = false;
  options.branch1 = format_commit_simple(repo, parents[0], "%h (%s)");
  options.branch2 = format_commit_simple(repo, parents[1], "%h (%s)");
  auto result = merge_commits(repo, options, merge_bases(repo.commits(), parents[0], parents[1]), parents[0], parents[1]);
  if (!result) return false;
  for (const MergeMessage& message : result->messages) {
    if (!starts_with(message.type, "CONFLICT") || message.paths.empty()) continue;
    const std::string& path = message.paths[0];
    if (diff.pathspec.empty() || match_pathspec(*index, diff.pathspec, path))
      diff.extra_headers[path].push_back("remerge " + one_line(message.text));
  }
  diff_tree(diff, result->tree, tree);
  flush(commit, nullptr);
  diff.extra_headers.clear();
  return loginfo_shown_;
}

}  // namespace git
