// git rerere.
#include "rerere.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "repository.h"

GIT_BUILTIN("rerere", cmd_rerere, kSetup)

namespace git {

int cmd_rerere(Invocation& inv) {
  int autoupdate = -1;
  Options options({"git rerere [clear | forget <pathspec>... | diff | status | remaining | gc]"});
  options.boolean(0, "rerere-autoupdate", &autoupdate, N_("register clean resolutions in index"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  Repository& repo = inv.repo();
  if (args.empty()) {
    run_rerere(repo, autoupdate);
    return 0;
  }
  const std::string command = args[0];
  args.erase(args.begin());
  Rerere rerere(repo);
  if (command == "forget") {
    if (args.empty()) warning(_("'git rerere forget' without paths is deprecated"));
    const Pathspec pathspec = parse_pathspec(repo, args, inv.prefix_or_empty(), kPreferCwd);
    return rerere.setup(0) ? rerere.forget(pathspec) : 0;
  }
  const bool writes = command == "clear" || command == "gc";
  if (!writes && command != "diff" && command != "status" && command != "remaining") options.usage_with_options();
  if (!rerere.setup(0, !writes)) return 0;
  if (command == "clear") {
    rerere.clear();
  } else if (command == "gc") {
    rerere.gc();
  } else if (command == "diff") {
    out(rerere.diff());
  } else {
    for (const std::string& path : command == "status" ? rerere.status() : rerere.remaining()) outf("%s\n", path);
  }
  return 0;
}

}  // namespace git
