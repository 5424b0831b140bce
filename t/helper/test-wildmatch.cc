// test-tool wildmatch: one pattern against one text, in each of the ways the program matches.
#include "base/error.h"
#include "base/wildmatch.h"
#include "t/helper/test-tool.h"

TEST_TOOL("wildmatch", test_wildmatch)

namespace git {

int test_wildmatch(std::vector<std::string> args) {
  if (args.size() < 4) die_usage("usage: test-tool wildmatch (wildmatch|iwildmatch|pathmatch|ipathmatch) <text> <pattern>");
  unsigned flags = 0;
  if (args[1] == "wildmatch")
    flags = kWildPathname;
  else if (args[1] == "iwildmatch")
    flags = kWildPathname | kWildCaseFold;
  else if (args[1] == "ipathmatch")
    flags = kWildCaseFold;
  else if (args[1] != "pathmatch")
    return 1;
  // A text that starts with "XXX/" stands for one with a slash that shells would change.
  for (std::string& arg : args)
    if (arg.rfind("XXX/", 0) == 0) arg.erase(0, 3);
  return !wildmatch(args[3], args[2], flags);
}

}  // namespace git
