// git merge-ours: the strategy that keeps our tree, whatever the others have.
#include "base/fd.h"
#include "base/run-command.h"
#include "builtin.h"

GIT_BUILTIN("merge-ours", cmd_merge_ours, kSetup | kNoParseopt)

namespace git {

int cmd_merge_ours(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    out("usage: git merge-ours <base>... -- HEAD <remote>...\n");
    return 129;
  }
  // What is in the index becomes the result, so it must be what HEAD has.
  ChildProcess child;
  child.git_command = true;
  child.args = {"diff-index", "--quiet", "--cached", "HEAD", "--"};
  return child.run() == 0 ? 0 : 2;
}

}  // namespace git
