// git prune-packed: loose objects that are in packs as well.
#include <unistd.h>

#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "odb.h"
#include "odb/pack-garbage.h"

GIT_BUILTIN("prune-packed", cmd_prune_packed, kSetup)

namespace git {

int cmd_prune_packed(Invocation& inv) {
  bool dry_run = false, quiet = ::isatty(2) == 0;
  Options options({"git prune-packed [-n | --dry-run] [-q | --quiet]"});
  options.boolean('n', "dry-run", &dry_run, "dry run");
  options.boolean('q', "quiet", &quiet, "be quiet");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (!args.empty()) options.usage_msg("too many arguments");
  unsigned flags = (dry_run ? kPrunePackedDryRun : 0u) | (quiet ? 0u : kPrunePackedVerbose);
  prune_packed_objects(inv.repo().odb(), flags, [](const std::string& line) { out(line); });
  return 0;
}

}  // namespace git
