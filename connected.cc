// The walk stops at what our refs reach, so its cost follows what is new.  In a partial clone what a promisor pack names
// counts as present.
#include "connected.h"

#include "base/error.h"
#include "base/run-command.h"
#include "net/channel.h"
#include "odb.h"
#include "repository.h"

namespace git {

namespace {

// With promisor remotes: everything that is in a promisor pack is fine without a walk.
bool are_all_promised(Repository& repo, const std::vector<ObjectId>& tips) {
  if (!repo.odb().has_promisor()) return false;
  for (const ObjectId& oid : tips)
    if (!repo.odb().is_promisor_object(oid) || !repo.odb().has(oid, kLookupNoFetch)) return false;
  return true;
}

}  // namespace

bool check_connected(Repository& repo, const std::vector<ObjectId>& tips, const ConnectedOptions& options) {
  if (tips.empty()) {
    if (options.err_fd > 0) UniqueFd closed(options.err_fd);
    return true;
  }
  if (are_all_promised(repo, tips)) {
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
