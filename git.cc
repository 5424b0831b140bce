// argv -> builtin.  The one place that catches: Fatal becomes "fatal: ..." and an exit code.
#include <csignal>

#include "base/error.h"
#include "base/fd.h"
#include "builtin.h"
#include "index/dir.h"

#include "builtin-table.inc"

namespace git {
namespace {

struct Builtin {
  const char* name;
  BuiltinFunction function;
  unsigned flags;
};

#undef GIT_BUILTIN
#define GIT_BUILTIN(name, function, flags) {name, function, flags},
constexpr Builtin kBuiltins[] = {
#include "builtin-table.inc"
};

const Builtin* find_builtin(std::string_view name) {
  for (const Builtin& builtin : kBuiltins)
    if (name == builtin.name) return &builtin;
  return nullptr;
}

int run_builtin(const Builtin& builtin, std::vector<std::string> args) {
  Invocation inv;
  inv.args = std::move(args);
  bool only_help = inv.args.size() == 2 && inv.args[1] == "-h";
  if (builtin.flags & (kSetup | kSetupGently)) {
    SetupResult setup = setup_git_directory(only_help || (builtin.flags & kSetupGently));
    inv.repository = std::move(setup.repo);
    inv.prefix = std::move(setup.prefix);
    if (inv.prefix) protect_original_cwd(*inv.prefix);
    if (inv.repository && inv.prefix) inv.repository->startup_prefix = *inv.prefix;
    inv.original_cwd = std::move(setup.original_cwd);
    if (inv.repository && (builtin.flags & kNeedWorkTree) && !only_help) setup_work_tree(*inv.repository);
  }
  int code = builtin.function(inv);
  flush_out();
  return code;
}

int git_main(std::vector<std::string> args) {
  args.erase(args.begin());
  if (args.empty()) return 1;
  const Builtin* builtin = find_builtin(args[0]);
  if (!builtin) die("'%s' is not a git command. See 'git --help'.", args[0]);
  return run_builtin(*builtin, std::move(args));
}

}  // namespace
}  // namespace git

int main(int argc, char** argv) {
  try {
    return git::git_main(std::vector<std::string>(argv, argv + argc)) & 0xff;
  } catch (const git::Fatal& fatal) {
    std::fflush(stdout);
    if (!fatal.message().empty()) git::report("fatal: ", fatal.message());
    return fatal.exit_code();
  }
}
