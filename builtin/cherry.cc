// git cherry: commits not yet applied upstream, by patch identity.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "log-patch-id.h"
#include "object-name.h"
#include "show/pretty.h"
#include "walk/commit-reach.h"
#include "walk/revisions.h"
#include "walk/tracking.h"

GIT_BUILTIN("cherry", cmd_cherry, kSetup)

namespace git {

int cmd_cherry(Invocation& inv) {
  int abbrev = 0;
  int verbose = 0;
  Options options({"git cherry [-v] [<upstream> [<head> [<limit>]]]"});
  options.abbrev(&abbrev);
  options.count_up('v', "verbose", &verbose, "be verbose");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() > 3) options.usage_with_options();
  Repository& repo = inv.repo();
  std::string upstream, head = "HEAD";
  if (!args.empty()) {
    upstream = args[0];
  } else {
    Result<std::string> tracked = branch_upstream(repo, std::nullopt);
    if (!tracked) {
      err("Could not find a tracked remote branch, please specify <upstream> manually.\n");
      options.usage_with_options();
    }
    upstream = *tracked;
  }
  if (args.size() > 1) head = args[1];
  RevWalk walk(repo);
  walk.max_parents = 1;
  walk.cherry_pick = false;
  auto add = [&](const std::string& name, std::uint32_t flags) {
    std::optional<ObjectId> oid = get_oid(repo, name, NameHint::committish);
    Commit* c = oid ? repo.commits().peel_to_commit(*oid) : nullptr;
    if (!c) die("unknown commit %s", name);
    walk.add_pending(c->oid, name, flags);
    return c;
  };
  Commit* tip = add(head, 0);
  Commit* up = add(upstream, kRevSymmetricLeft);
  for (Commit* base : merge_bases(repo.commits(), up, tip)) walk.add_pending(base->oid, "", kRevUninteresting | kRevBottom);
  if (args.size() > 2) add(args[2], kRevUninteresting);
  if (up == tip) return 0;
  walk.limited = true;
  walk.max_parents = 1;
  walk.topo_order = true;
  walk.reverse = true;
  walk.cherry_mark = true;
  walk.patch_id = [&repo](Commit* c) { return commit_patch_id(repo, c); };
  walk.prepare();
  while (Commit* c = walk.next()) {
    if (walk.flags(c) & kRevSymmetricLeft) continue;
    char sign = walk.flags(c) & kRevPatchsame ? '-' : '+';
    std::string name = abbrev ? unique_abbrev(repo, c->oid, abbrev) : c->oid.hex();
    if (verbose)
      outf("%c %s %s\n", sign, name, format_commit_simple(repo, c, "%s"));
    else
      outf("%c %s\n", sign, name);
  }
  return 0;
}

}  // namespace git
