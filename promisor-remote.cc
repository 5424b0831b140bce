// A child does the fetching, so that a command that reads one missing blob needs no transport of its own.  The child
// must not ask again for what it fetches: that is what GIT_NO_LAZY_FETCH in its environment is for.
#include "promisor-remote.h"

#include <algorithm>
#include <vector>

#include "base/env.h"
#include "base/error.h"
#include "base/run-command.h"
#include "base/trace2.h"
#include "config.h"
#include "net/channel.h"
#include "odb.h"
#include "remote.h"
#include "repository.h"

namespace git {

namespace {

// extensions.partialClone's remote is asked last.
std::vector<std::string> promisor_remotes(Repository& repo) {
  std::vector<std::string> names;
  const std::string& last = repo.layout().partial_clone;
  for (const std::string& name : repo.config().subsections("remote")) {
    bool is_promisor = repo.config().get_bool_or("remote." + name + ".promisor", false) ||
                       repo.config().get_string("remote." + name + ".partialclonefilter");
    if (is_promisor && name != last) names.push_back(name);
  }
  if (!last.empty()) names.push_back(last);
  return names;
}

bool fetch_from(Repository& repo, const std::string& remote, std::span<const ObjectId> oids) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"-c",
                "fetch.negotiationAlgorithm=noop",
                "fetch",
                remote,
                "--no-tags",
                "--no-write-fetch-head",
                "--recurse-submodules=no",
                "--filter=blob:none",
                "--stdin"};
  if (repo.config().get_bool_or("promisor.quiet", false)) child.args.push_back("--quiet");
  child.env = {"GIT_DIR=" + repo.git_dir_abs()};
  child.in = ChildProcess::kPipe;
  child.trace2_child_class = "fetch-missing";
  if (!child.start()) die("%s", _("promisor-remote: unable to fork off fetch subprocess"));
  std::string input;
  for (const ObjectId& oid : oids) input += oid.hex() + "\n";
  trace2::data("promisor", "fetch_count", static_cast<std::int64_t>(oids.size()));
  IgnoreSigpipe guard;
  write_in_full(child.in_fd(), input);
  child.close_in();
  return child.finish() == 0;
}

}  // namespace

void install_promisor_fetch(Repository& repo, const std::vector<std::string>& preferred) {
  std::vector<std::string> remotes = promisor_remotes(repo);
  std::stable_partition(remotes.begin(), remotes.end(), [&](const std::string& name) {
    return std::find(preferred.begin(), preferred.end(), name) != preferred.end();
  });
  if (remotes.empty()) return;
  repo.odb().set_promisor_fetch([&repo, remotes](std::span<const ObjectId> oids) {
    if (env_bool("GIT_NO_LAZY_FETCH", false)) {
      warning(_("lazy fetching disabled; some objects may not be available"));
      return false;
    }
    std::vector<ObjectId> missing(oids.begin(), oids.end());
    for (const std::string& remote : remotes) {
      if (fetch_from(repo, remote, missing)) {
        repo.odb().reprepare();
        return true;
      }
      repo.odb().reprepare();
      std::erase_if(missing, [&](const ObjectId& oid) { return repo.odb().has(oid, kLookupNoFetch); });
      if (missing.empty()) return true;
    }
    for (const ObjectId& oid : missing)
      if (repo.odb().is_promisor_object(oid)) die(_("could not fetch %s from promisor remote"), oid);
    return false;
  });
}

}  // namespace git
