// The programs that git difftool knows or was told about (difftool.<tool>.cmd, .path), and how to start one.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace git {

class Config;

// The names of all built-in tools.
std::vector<std::string> builtin_diff_tools();
// Is it built in, or has it a command of its own?
bool is_known_diff_tool(const Config& config, const std::string& tool);
bool is_diff_tool_installed(const Config& config, const std::string& tool);
// By GIT_DIFF_TOOL and configuration; the first installed of the usual ones otherwise. `gui` looks at the .guitool keys first.
std::string choose_diff_tool(const Config& config, bool gui);

struct DiffToolFiles {
  std::string local, remote, merged;
};
// Exit code of the tool. 127 where it can't be found.
int run_diff_tool(const Config& config, const std::string& tool, const DiffToolFiles& files);

// ---- git mergetool ----
bool is_known_merge_tool(const Config& config, const std::string& tool);
bool is_merge_tool_installed(const Config& config, const std::string& tool);
std::string choose_merge_tool(const Config& config, bool gui);
// Does its exit code say whether the merge is done (mergetool.<tool>.trustExitCode)?
bool does_merge_tool_tell(const Config& config, const std::string& tool);
int run_merge_tool(const Config& config, const std::string& tool, const DiffToolFiles& files, const std::string& base);

}  // namespace git
