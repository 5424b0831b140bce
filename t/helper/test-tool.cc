// Dispatches to the subcommands that the shell tests call to look inside the library.
#include "t/helper/test-tool.h"

#include <cstdlib>

#include "base/error.h"
#include "base/fd.h"
#include "base/trace2.h"
#include "trace2-setup.h"

#include "test-tool-table.inc"

namespace git {
namespace {

struct Tool {
  const char* name;
  int (*function)(std::vector<std::string>);
};

#undef TEST_TOOL
#define TEST_TOOL(name, function) {name, function},
constexpr Tool kTools[] = {
#include "test-tool-table.inc"
    {nullptr, nullptr},
};

int tool_main(std::vector<std::string> args) {
  args.erase(args.begin());
  while (args.size() >= 2 && args[0] == "-C") {
    if (chdir(args[1].c_str()) < 0) die("Could not change to '%s'", args[1]);
    args.erase(args.begin(), args.begin() + 2);
  }
  if (args.empty()) die_usage("usage: test-tool <toolname> [<args>]");
  for (const Tool& tool : kTools) {
    if (!tool.name || args[0] != tool.name) continue;
    trace2::command_name(args[0]);
    int code = tool.function(std::move(args));
    flush_out();
    return code;
  }
  errf("error: there is no tool named '%s'\n", args[0]);
  return 129;
}

}  // namespace
}  // namespace git

int main(int argc, char** argv) {
  std::vector<std::string> args(argv, argv + argc);
  ::setenv("GIT_TEST_BUG_EXIT_CODE", "99", 0);  // a bug found by a test must not dump core
  git::start_tracing(args);
  int code = 0;
  try {
    code = git::tool_main(std::move(args));
  } catch (const git::Fatal& fatal) {
    std::fflush(stdout);
    if (!fatal.message().empty()) git::report("fatal: ", fatal.message());
    code = fatal.exit_code();
  }
  git::trace2::finish(code & 0xff);
  return code & 0xff;
}
