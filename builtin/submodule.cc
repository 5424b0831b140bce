// git submodule: finds the subcommand behind the options that stand in front of it. The work is in submodule.h.
#include <array>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "submodule.h"

GIT_BUILTIN("submodule", cmd_submodule, kSetup | kNoParseopt)

namespace git {
namespace {

struct Subcommand {
  std::string_view name;
  int (*run)(SubmoduleCommand&, const std::vector<std::string>&);
};
constexpr std::array kSubcommands = std::to_array<Subcommand>({
    {"add", submodule_add},
    {"status", submodule_status},
    {"init", submodule_init},
    {"deinit", submodule_deinit},
    {"update", submodule_update},
    {"set-branch", submodule_set_branch},
    {"set-url", submodule_set_url},
    {"summary", submodule_summary},
    {"foreach", submodule_foreach},
    {"sync", submodule_sync},
    {"absorbgitdirs", submodule_absorb_git_dirs},
});

constexpr std::string_view kUsage =
    "git submodule [--quiet] [--cached]\n"
    "   or: git submodule [--quiet] add [-b <branch>] [-f|--force] [--name <name>] [--reference <repository>] [--] <repository> "
    "[<path>]\n"
    "   or: git submodule [--quiet] status [--cached] [--recursive] [--] [<path>...]\n"
    "   or: git submodule [--quiet] init [--] [<path>...]\n"
    "   or: git submodule [--quiet] deinit [-f|--force] (--all| [--] <path>...)\n"
    "   or: git submodule [--quiet] update [--init [--filter=<filter-spec>]] [--remote] [-N|--no-fetch] [-f|--force] "
    "[--checkout|--merge|--rebase] [--[no-]recommend-shallow] [--reference <repository>] [--recursive] "
    "[--[no-]single-branch] [--] [<path>...]\n"
    "   or: git submodule [--quiet] set-branch (--default|--branch <branch>) [--] <path>\n"
    "   or: git submodule [--quiet] set-url [--] <path> <newurl>\n"
    "   or: git submodule [--quiet] summary [--cached|--files] [--summary-limit <n>] [commit] [--] [<path>...]\n"
    "   or: git submodule [--quiet] foreach [--recursive] <command>\n"
    "   or: git submodule [--quiet] sync [--recursive] [--] [<path>...]\n"
    "   or: git submodule [--quiet] absorbgitdirs [--] [<path>...]\n";

[[noreturn]] void die_with_usage() {
  err("usage: " + std::string(kUsage));
  exit_with(1);
}

}  // namespace

int cmd_submodule(Invocation& inv) {
  bool quiet = false, cached = false;
  std::size_t at = 1;
  for (; at < inv.args.size(); ++at) {
    const std::string& word = inv.args[at];
    if (word == "-q" || word == "--quiet") {
      quiet = true;
    } else if (word == "--cached") {
      cached = true;
    } else if (word == "-h" || word == "--help") {
      out("usage: " + std::string(kUsage));
      return 0;
    } else if (word.starts_with("-")) {
      die_with_usage();
    } else {
      break;
    }
  }
  setup_work_tree(inv.repo());
  std::vector<std::string> args(inv.args.begin() + static_cast<std::ptrdiff_t>(at), inv.args.end());
  if (args.empty()) args = {"status"};
  // A command to be run can't look like an option.
  if (args[0] == "foreach")
    for (std::size_t i = 1; i < args.size() && args[i].starts_with("-"); ++i)
      if (args[i] != "-q" && args[i] != "--quiet" && args[i] != "--recursive") die_with_usage();
  for (const Subcommand& subcommand : kSubcommands) {
    if (subcommand.name != args[0]) continue;
    SubmoduleCommand command(inv.repo(), inv.prefix_or_empty());
    if (cached) {
      if (args[0] != "status") die_with_usage();
      args.insert(args.begin() + 1, "--cached");
    }
    if (quiet) args.insert(args.begin() + 1, "--quiet");
    return subcommand.run(command, args);
  }
  die_with_usage();
}

}  // namespace git
