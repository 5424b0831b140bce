// test-tool serve-v2: the server of protocol v2 on standard input and output, in the repository of the current directory.
#include "base/parse-options.h"
#include "repository.h"
#include "serve.h"
#include "setup.h"
#include "t/helper/test-tool.h"

TEST_TOOL("serve-v2", test_serve_v2)

namespace git {

int test_serve_v2(std::vector<std::string> args) {
  ServeOptions serving;
  Options options({"test-tool serve-v2 [<options>]"});
  options.boolean(0, "stateless-rpc", &serving.is_stateless, "quit after a single request/response exchange");
  options.boolean(0, "advertise-capabilities", &serving.advertise_only, "exit immediately after advertising capabilities");
  if (!options.parse(args).empty()) options.usage_with_options();
  SetupResult setup = setup_git_directory(false);
  serve_v2(*setup.repo, serving);
  return 0;
}

}  // namespace git
