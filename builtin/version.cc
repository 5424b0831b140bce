// git version: the line tools parse, and what the build was made of.
#include <sys/utsname.h>
#include <zlib.h>

#include "base/build-config.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"

GIT_BUILTIN("version", cmd_version, 0)

namespace git {

int cmd_version(Invocation& inv) {
  bool build_options = false;
  Options options({"git version [--build-options]"});
  options.boolean(0, "build-options", &build_options, "also print build options");
  options.parse(inv.args);
  outf("git version %s\n", kVersion);
  if (!build_options) return 0;
  utsname system{};
  ::uname(&system);
  outf("cpu: %s\n", system.machine);
  out("no commit associated with this build\n");
  outf("sizeof-long: %d\nsizeof-size_t: %d\n", sizeof(long), sizeof(std::size_t));
  outf("shell-path: %s\n", kShellPath);
  out("rust: disabled\ngettext: disabled\n");
  outf("zlib: %s\n", zlibVersion());
  out("SHA-1: SHA1_DC\nSHA-256: SHA256_BLK\n");
  out("default-ref-format: files\ndefault-hash: sha1\n");
  return 0;
}

}  // namespace git
