// Discovery begins here; what it finds is described in setup.h.
#include "setup.h"

#include "base/error.h"

namespace git {

SetupResult setup_git_directory(bool gently) {
  if (gently) return {};
  die("not a git repository (or any of the parent directories): %s", ".git");
}

void setup_work_tree(Repository& repo) {
  if (!repo.worktree()) die("this operation must be run in a work tree");
}

}  // namespace git
