// Preimages are remembered when a conflict shows up, postimages when it is gone.
#include "rerere.h"

#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "config.h"
#include "repository.h"

namespace git {

int run_rerere(Repository& repo, int autoupdate) {
  if (!repo.config().get_bool_or("rerere.enabled", is_directory(repo.git_path("rr-cache")))) return 0;
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"rerere"};
  if (autoupdate >= 0) child.args.push_back(autoupdate ? "--rerere-autoupdate" : "--no-rerere-autoupdate");
  return child.run();
}

void rerere_clear(Repository& repo) { remove_file(repo.git_path("MERGE_RR")); }

}  // namespace git
