// Moving a repository's refs from one storage format to another, and looking whether they are sound.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace git {

class Repository;

struct MigrateRefs {
  std::string format;
  bool dry_run = false;
  bool skip_reflog = false;
};
// The new store is made beside the old one and takes its place when it is complete. With dry_run it stays where it is and
// `result` is its directory.
Result<std::string> migrate_refs(Repository& repo, const MigrateRefs& options);

// Verifies the stores of all worktrees with fsck.<msg-id> severities; "error: refs/heads/x: badRefContent: ..." on stderr. False
// where there was an error.
bool verify_refs(Repository& repo, bool strict, bool verbose);

}  // namespace git
