// test-tool partial-clone: objects of a partial clone that the process was not started in.
#include "base/error.h"
#include "base/fd.h"
#include "odb.h"
#include "promisor-remote.h"
#include "repository.h"
#include "t/helper/test-tool.h"

TEST_TOOL("partial-clone", test_partial_clone)

namespace git {

int test_partial_clone(std::vector<std::string> args) {
  if (args.size() != 4 || args[1] != "object-info") die("usage: test-tool partial-clone object-info <gitdir> <oid>");
  auto repo = Repository::open(args[2]).take_or_die();
  install_promisor_fetch(*repo);
  auto oid = ObjectId::from_hex(args[3], repo->algo());
  if (!oid) die("could not parse oid");
  auto info = repo->odb().info(*oid);
  if (!info) die("could not obtain object info");
  outf("%d\n", info->size);
  return 0;
}

}  // namespace git
