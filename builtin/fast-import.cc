// git fast-import (git-fast-import(1)).
#include "fast-import.h"

#include "base/fd.h"
#include "builtin.h"

GIT_BUILTIN("fast-import", cmd_fast_import, kSetup)

namespace git {

int cmd_fast_import(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    out("usage: git fast-import [--date-format=<f>] [--max-pack-size=<n>] [--big-file-threshold=<n>] [--depth=<n>] "
        "[--active-branches=<n>] [--export-marks=<marks.file>]\n");
    return 129;
  }
  return FastImport(inv.repo(), {}, {inv.args.begin() + 1, inv.args.end()}).run();
}

}  // namespace git
