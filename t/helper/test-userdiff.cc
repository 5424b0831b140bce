// test-tool userdiff: the names of diff drivers.
#include <algorithm>

#include "base/fd.h"
#include "config.h"
#include "diff/userdiff.h"
#include "repository.h"
#include "setup.h"
#include "test-tool.h"

TEST_TOOL("userdiff", test_userdiff)

namespace git {

int test_userdiff(std::vector<std::string> args) {
  if (args.size() != 2) return 1;
  std::vector<std::string> builtin = UserdiffTable::builtin_names(), custom;
  if (args[1] != "list-builtin-drivers") {
    SetupResult setup = setup_git_directory(true);
    if (setup.repo) custom = setup.repo->config().subsections("diff");
  }
  std::vector<std::string> names;
  if (args[1] != "list-custom-drivers") names = builtin;
  for (const std::string& name : custom)
    if (std::find(builtin.begin(), builtin.end(), name) == builtin.end()) names.push_back(name);
  for (const std::string& name : names) outf("%s\n", name);
  flush_out();
  return 0;
}

}  // namespace git
