// What commands there are, and which one a mistyped name may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

class Config;

const std::vector<std::string>& builtin_names();  // sorted
bool is_builtin_name(std::string_view name);
// git-<name> programs: in the exec path, and elsewhere on PATH.
std::vector<std::string> main_commands();
std::vector<std::string> other_commands();
// "usage: git ..." with the common commands below (`git`, `git help`).
std::string common_help();
std::string git_usage();
std::string more_help();  // where to find more
// What --list-cmds= asks for: "builtins,main,others,nohelpers,alias,config,list-<category>".
std::vector<std::string> list_commands(std::string_view spec, Config& config);
// `name` is no command: says so, with suggestions, and leaves; or returns the command that help.autocorrect runs.
std::string help_unknown_command(Config& config, const std::string& name);
// "fatal"-free listing for git help -a and -g.
std::string list_all_commands(Config& config, bool verbose, bool external, bool aliases);
std::string list_guides(std::string_view category, std::string_view title);

struct ListedCommand {
  std::string_view name;        // "git-add", "gitattributes"
  std::string_view categories;  // "mainporcelain worktree"
  std::string_view summary;
};
const std::vector<ListedCommand>& listed_commands();

}  // namespace git
