// git version: the line tools parse, and what the build was made of.
#include "base/build-config.h"
#include "base/fd.h"
#include "builtin.h"

GIT_BUILTIN("version", cmd_version, 0)

namespace git {

int cmd_version(Invocation&) {
  outf("git version %s\n", kVersion);
  return 0;
}

}  // namespace git
