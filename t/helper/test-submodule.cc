// test-tool submodule, submodule-config: what .gitmodules says, and the checks on its values.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "config.h"
#include "index/submodule-config.h"
#include "object-name.h"
#include "object/fsck.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"
#include "t/helper/test-tool.h"

TEST_TOOL("submodule", test_submodule)
TEST_TOOL("submodule-config", test_submodule_config)
TEST_TOOL("submodule-nested-repo-config", test_submodule_nested_repo_config)

namespace git {
namespace {

// Prints the lines of standard input that pass.
int filter_lines(bool (*accepts)(std::string_view)) {
  LineReader reader(0);
  std::string line;
  while (reader.next(line))
    if (accepts(line)) outf("%s\n", line);
  return 0;
}

int config_subcommand(const std::vector<std::string>& args) {
  SetupResult setup = setup_git_directory(false);
  const std::string& name = args[1];
  if (name == "config-list" && args.size() == 3) {
    for (const GitmodulesValue& entry : read_gitmodules_values(*setup.repo))
      if (entry.key == args[2]) outf("%s\n", entry.value);
    return 0;
  }
  if (name != "config-list" && name != "config-writeable" && !is_writing_gitmodules_ok(*setup.repo))
    die("please make sure that the .gitmodules file is in the working tree");
  if (name == "config-set" && args.size() == 4) return set_in_gitmodules(args[2], args[3]);
  if (name == "config-unset" && args.size() == 3) return set_in_gitmodules(args[2], std::nullopt);
  if (name == "config-writeable" && args.size() == 2) return is_writing_gitmodules_ok(*setup.repo) ? 0 : -1;
  usage("test-tool submodule %s", name);
}

}  // namespace

int test_submodule(std::vector<std::string> args) {
  if (args.size() < 2) usage("test-tool submodule <command>");
  if (args[1] == "check-name") return filter_lines(is_safe_submodule_name);
  if (args[1] == "check-url") return filter_lines(is_safe_submodule_url);
  if (args[1] == "is-active" && args.size() == 3) {
    SetupResult setup = setup_git_directory(false);
    return SubmoduleConfig(*setup.repo).is_active(args[2]) ? 0 : 1;
  }
  if (args[1] == "resolve-relative-url" && args.size() == 5) {
    std::optional<std::string> up;
    if (args[2] != "(null)") up = args[2];
    outf("%s\n", relative_url(args[3], args[4], up));
    return 0;
  }
  return config_subcommand(args);
}

int test_submodule_config(std::vector<std::string> args) {
  args.erase(args.begin());
  bool by_name = false;
  for (; !args.empty() && args[0].starts_with("--"); args.erase(args.begin())) by_name |= args[0] == "--name";
  if (args.size() % 2) usage("test-tool submodule-config [<commit> <submodulepath>] ...");
  SetupResult setup = setup_git_directory(false);
  SubmoduleConfig config(*setup.repo);
  for (std::size_t i = 0; i < args.size(); i += 2) {
    ObjectId tree = ObjectId::null(setup.repo->algo());
    if (!args[i].empty()) tree = get_oid_or_die(*setup.repo, args[i]);
    const SubmoduleTable& table = config.of_tree(tree);
    const Submodule* found = by_name ? table.find_by_name(args[i + 1]) : table.find_by_path(args[i + 1]);
    if (!found) die("Submodule config not found");
    outf("Submodule name: '%s' for path '%s'\n", found->name, found->path);
  }
  return 0;
}

// <submodulepath> <key>: a value of the .gitmodules of a repository that is not ours.
int test_submodule_nested_repo_config(std::vector<std::string> args) {
  if (args.size() < 3) usage("test-tool submodule-nested-repo-config <submodulepath> <config name>");
  SetupResult setup = setup_git_directory(false);
  SubmoduleConfig config(*setup.repo);
  auto nested = open_submodule(*setup.repo, config, args[1]);
  if (!nested) die("Submodule not found.");
  for (const GitmodulesValue& entry : read_gitmodules_values(*nested))
    if (entry.key == args[2]) outf("%s\n", entry.value);
  return 0;
}

}  // namespace git
