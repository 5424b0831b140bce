// git unpack-file: a blob in a temporary file, whose name is printed.
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "builtin.h"
#include "object-name.h"
#include "odb.h"

GIT_BUILTIN("unpack-file", cmd_unpack_file, kSetup | kNoParseopt)

namespace git {

int cmd_unpack_file(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    out("usage: git unpack-file <blob>\n");
    return 0;
  }
  if (inv.args.size() != 2) usage("git unpack-file <blob>");
  auto oid = get_oid(inv.repo(), inv.args[1]);
  if (!oid) die("Not a valid object name %s", inv.args[1]);
  auto blob = inv.repo().odb().read(*oid);
  if (!blob || blob->type != ObjectType::blob) die("unable to read blob object %s", *oid);
  std::string path = ".merge_file_XXXXXX";
  UniqueFd fd(::mkstemp(path.data()));
  if (!fd || !write_in_full(fd.get(), blob->data)) die_errno("unable to write temp-file");
  outf("%s\n", path);
  return 0;
}

}  // namespace git
