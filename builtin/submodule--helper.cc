// git submodule--helper: the same commands for superprojects that recurse into us, and a few that only git itself calls.
#include <array>

#include "base/parse-options.h"
#include "builtin.h"
#include "submodule.h"

GIT_BUILTIN("submodule--helper", cmd_submodule_helper, kSetup)

namespace git {
namespace {

struct Subcommand {
  const char* name;
  int (*run)(SubmoduleCommand&, const std::vector<std::string>&);
};
constexpr std::array kSubcommands = std::to_array<Subcommand>({
    {"clone", submodule_clone},
    {"add", submodule_add},
    {"update", submodule_update},
    {"foreach", submodule_foreach},
    {"init", submodule_init},
    {"status", submodule_status},
    {"sync", submodule_sync},
    {"deinit", submodule_deinit},
    {"summary", submodule_summary},
    {"create-branch", submodule_create_branch},
    {"push-check", submodule_push_check},
    {"absorbgitdirs", submodule_absorb_git_dirs},
    {"set-url", submodule_set_url},
    {"set-branch", submodule_set_branch},
    {"get-default-remote", submodule_get_default_remote},
    {"gitdir", submodule_git_dir},
    {"migrate-gitdir-configs", submodule_migrate_git_dir_configs},
});

}  // namespace

int cmd_submodule_helper(Invocation& inv) {
  int chosen = -1;
  Options options({"git submodule--helper <command>"});
  for (std::size_t i = 0; i < kSubcommands.size(); ++i) options.subcommand(kSubcommands[i].name, &chosen, static_cast<int>(i));
  auto rest = options.parse(inv.args, inv.prefix_or_empty());
  SubmoduleCommand command(inv.repo(), inv.prefix_or_empty());
  return kSubcommands[static_cast<std::size_t>(chosen)].run(command, rest);
}

}  // namespace git
