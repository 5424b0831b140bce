// The newest "checkout: moving from A to B" in HEAD's log says what was asked for when HEAD was detached.
#include "show/head-description.h"

#include "base/files.h"
#include "base/strings.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {

DetachedFrom find_detached_from(Repository& repo) {
  DetachedFrom result;
  std::string target;
  ObjectId then;
  repo.refs().for_each_reflog_entry("HEAD", true, [&](const ReflogEntry& entry) {
    std::string_view text = entry.message;
    if (!skip_prefix(text, "checkout: moving from ")) return true;
    std::size_t to = text.find(" to ");
    if (to == std::string_view::npos) return true;
    target = text.substr(to + 4);
    then = entry.new_oid;
    return false;
  });
  if (target.empty()) return result;
  std::string full;
  ObjectId oid;
  bool is_ref = dwim_ref(repo, target, &oid, &full) == 1;
  if (is_ref && oid != then) {
    Commit* commit = repo.commits().peel_to_commit(oid);
    is_ref = commit && commit->oid == then;
  }
  if (is_ref) {
    std::string_view shorter = full;
    if (!skip_prefix(shorter, "refs/tags/")) skip_prefix(shorter, "refs/remotes/");
    result.name = shorter;
    result.oid = then;
  } else {
    result.name = unique_abbrev(repo, then);
    result.oid = then;
  }
  std::optional<ObjectId> head = repo.refs().read_oid("HEAD");
  result.is_at = head && *head == result.oid;
  return result;
}

namespace {

std::string read_state_file(Repository& repo, const std::string& name) {
  Result<std::string> text = read_file(repo.git_path(name));
  return text ? std::string(rtrim(*text)) : "";
}

// A branch's short name, or an abbreviated object name.
std::string shown_branch(Repository& repo, const std::string& text) {
  if (std::string_view rest = text; skip_prefix(rest, "refs/heads/")) return std::string(rest);
  if (starts_with(text, "refs/")) return text;
  if (std::optional<ObjectId> oid = ObjectId::from_hex(text, repo.algo())) return unique_abbrev(repo, *oid);
  return text == "detached HEAD" ? "" : text;
}

}  // namespace

std::string describe_detached_head(Repository& repo) {
  bool rebases = is_directory(repo.git_path("rebase-merge")) || path_exists(repo.git_path("rebase-apply/rebasing"));
  if (rebases) {
    std::string name = read_state_file(repo, "rebase-merge/head-name");
    if (name.empty()) name = read_state_file(repo, "rebase-apply/head-name");
    name = shown_branch(repo, name);
    if (!name.empty()) return strf("(no branch, rebasing %s)", name);
    return strf("(no branch, rebasing detached HEAD %s)", find_detached_from(repo).name);
  }
  if (path_exists(repo.git_path("BISECT_LOG"))) {
    std::string start = read_state_file(repo, "BISECT_START");
    return strf("(no branch, bisect started on %s)", shown_branch(repo, start));
  }
  DetachedFrom from = find_detached_from(repo);
  if (from.name.empty()) return "(no branch)";
  return strf(from.is_at ? "(HEAD detached at %s)" : "(HEAD detached from %s)", from.name);
}

}  // namespace git
