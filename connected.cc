// The walk stops at what our refs reach, so its cost follows what is new.  In a partial clone what a promisor pack names
// counts as present.
#include "connected.h"

#include <algorithm>

#include "base/error.h"
#include "base/run-command.h"
#include "net/channel.h"
#include "odb.h"
#include "odb/promisor.h"
#include "refs/hidden-refs.h"
#include "repository.h"
#include "walk/received.h"

namespace git {

namespace {

// With promisor remotes: what is in a promisor's pack was promised whole, and needs no walk.
bool have_all_from_promisors(Repository& repo, const std::vector<ObjectId>& tips) {
  if (!repo.odb().has_promisor()) return false;
  for (const ObjectId& oid : tips)
    if (!is_in_promisor_pack(repo.odb(), oid)) return false;
  return true;
}

// A few new commits are checked right here: walked until they meet what the refs reach, their trees compared with those of
// the commits they meet.  More are left to a child, and so is telling what is missing.
bool are_few_and_complete(Repository& repo, const std::vector<ObjectId>& tips, const ConnectedOptions& options) {
  constexpr std::size_t kFew = 200;
  if (options.is_deepening_fetch || !options.shallow_file.empty() || !options.env.empty()) return false;
  if (tips.size() > kFew || repo.is_shallow() || repo.odb().has_promisor()) return false;
  // Which refs count is then for the child to say.
  if (!options.exclude_hidden_refs.empty() && !HiddenRefs(repo.config(), options.exclude_hidden_refs, "").empty()) return false;
  CommitPool& pool = repo.commits();
  VisibleHistory visible(pool, visible_ref_sources(repo, nullptr));
  std::vector<Commit*> todo;
  for (const ObjectId& oid : tips) {
    if (repo.odb().type_of(oid, kLookupNoReplace) != ObjectType::commit) return false;
    todo.push_back(pool.get(oid));
  }
  CommitMarks<char> seen;
  std::size_t count = 0;
  while (!todo.empty()) {
    Commit* commit = todo.back();
    todo.pop_back();
    if (seen[commit]) continue;
    seen[commit] = 1;
    if (!pool.parse_quietly(commit)) return false;
    if (visible.reaches(commit)) continue;
    if (++count > kFew) return false;
    todo.insert(todo.end(), commit->parents.begin(), commit->parents.end());
  }
  ReceivedCheck check(repo, visible);
  return std::all_of(tips.begin(), tips.end(), [&](const ObjectId& oid) { return check.is_complete(oid); });
}

}  // namespace

bool check_connected(Repository& repo, const std::vector<ObjectId>& tips, const ConnectedOptions& options) {
  if (tips.empty()) {
    if (options.err_fd > 0) UniqueFd closed(options.err_fd);
    return true;
  }
  if (have_all_from_promisors(repo, tips) || are_few_and_complete(repo, tips, options)) {
    if (options.err_fd > 0) UniqueFd closed(options.err_fd);
    return true;
  }
  ChildProcess child;
  child.git_command = true;
  if (!options.shallow_file.empty()) child.args = {"--shallow-file", options.shallow_file};
  for (const char* arg : {"rev-list", "--objects", "--stdin"}) child.args.push_back(arg);
  if (repo.odb().has_promisor()) child.args.push_back("--exclude-promisor-objects");
  if (!options.is_deepening_fetch) {
    child.args.push_back("--not");
    if (!options.exclude_hidden_refs.empty()) child.args.push_back("--exclude-hidden=" + options.exclude_hidden_refs);
    child.args.push_back("--all");
  }
  child.args.push_back("--quiet");
  child.args.push_back("--alternate-refs");
  if (options.shows_progress) child.args.push_back(strf("--progress=%s", _("Checking connectivity")));
  child.env = options.env;
  child.in = ChildProcess::kPipe;
  child.out = ChildProcess::kNull;
  if (options.err_fd > 0)
    child.err = options.err_fd;
  else if (options.is_quiet)
    child.err = ChildProcess::kNull;
  if (!child.start()) return false;
  IgnoreSigpipe guard;
  std::string input;
  for (const ObjectId& oid : tips) input += oid.hex() + "\n";
  write_in_full(child.in_fd(), input);
  child.close_in();
  return child.finish() == 0;
}

}  // namespace git
