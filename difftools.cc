// A tool is a line of shell with $LOCAL, $REMOTE, $MERGED and (for built-in ones) $merge_tool_path in it.
#include "difftools.h"

#include <array>
#include <string_view>

#include "base/env.h"
#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

struct Tool {
  std::string_view name;
  std::string_view program;    // "" the same
  std::string_view arguments;  // "" for the two files
};

constexpr std::string_view kReadOnlyVim = "-R -f -d -c 'wincmd l' -c 'cd $GIT_PREFIX' \"$LOCAL\" \"$REMOTE\"";
constexpr std::array kTools = std::to_array<Tool>({
    {"araxis", "compare", "-wait -2 \"$LOCAL\" \"$REMOTE\""},
    {"bc", "bcompare", ""},
    {"bc3", "bcompare", ""},
    {"bc4", "bcompare", ""},
    {"codecompare", "CodeCompare", ""},
    {"deltawalker", "DeltaWalker", ""},
    {"diffmerge", "", ""},
    {"diffuse", "", ""},
    {"ecmerge", "", "--default --mode=diff2 \"$LOCAL\" \"$REMOTE\""},
    {"emerge", "emacs", "-f emerge-files-command \"$LOCAL\" \"$REMOTE\""},
    {"examdiff", "ExamDiff", "\"$LOCAL\" \"$REMOTE\" -nh"},
    {"guiffy", "", ""},
    {"gvimdiff", "gvim", kReadOnlyVim},
    {"gvimdiff1", "gvim", kReadOnlyVim},
    {"gvimdiff2", "gvim", kReadOnlyVim},
    {"gvimdiff3", "gvim", kReadOnlyVim},
    {"kdiff3", "", "--L1 \"$MERGED (A)\" --L2 \"$MERGED (B)\" \"$LOCAL\" \"$REMOTE\""},
    {"kompare", "", ""},
    {"meld", "", ""},
    {"nvimdiff", "nvim", kReadOnlyVim},
    {"nvimdiff1", "nvim", kReadOnlyVim},
    {"nvimdiff2", "nvim", kReadOnlyVim},
    {"nvimdiff3", "nvim", kReadOnlyVim},
    {"opendiff", "", "\"$LOCAL\" \"$REMOTE\" | cat"},
    {"p4merge", "", ""},
    {"smerge", "", "diff \"$LOCAL\" \"$REMOTE\""},
    {"tkdiff", "", ""},
    {"vimdiff", "vim", kReadOnlyVim},
    {"vimdiff1", "vim", kReadOnlyVim},
    {"vimdiff2", "vim", kReadOnlyVim},
    {"vimdiff3", "vim", kReadOnlyVim},
    {"vscode", "code", "--wait --diff \"$LOCAL\" \"$REMOTE\""},
    {"winmerge", "WinMergeU.exe", "-u -e \"$LOCAL\" \"$REMOTE\""},
    {"xxdiff", "", "-R 'Accel.Search: \"Ctrl+F\"' -R 'Accel.SearchForward: \"Ctrl+G\"' \"$LOCAL\" \"$REMOTE\""},
});

const Tool* find_tool(std::string_view name) {
  for (const Tool& tool : kTools)
    if (tool.name == name) return &tool;
  return nullptr;
}

// What difftool does not say, mergetool may.
std::optional<std::string> tool_setting(const Config& config, const std::string& tool, const char* key) {
  for (const char* section : {"difftool.", "mergetool."})
    if (auto value = config.get_string(section + tool + "." + key)) return value;
  return std::nullopt;
}

std::string program_of(const Config& config, const std::string& name) {
  if (auto path = tool_setting(config, name, "path")) return *path;
  const Tool* tool = find_tool(name);
  return tool && !tool->program.empty() ? std::string(tool->program) : name;
}

}  // namespace

std::vector<std::string> builtin_diff_tools() {
  std::vector<std::string> names;
  for (const Tool& tool : kTools) names.emplace_back(tool.name);
  return names;
}

bool is_known_diff_tool(const Config& config, const std::string& tool) {
  return tool_setting(config, tool, "cmd") || find_tool(tool);
}

bool is_diff_tool_installed(const Config& config, const std::string& tool) {
  return tool_setting(config, tool, "cmd") || !find_in_path(program_of(config, tool)).empty();
}

std::string choose_diff_tool(const Config& config, bool gui) {
  if (auto name = get_env("GIT_DIFF_TOOL"); name && !name->empty()) return *name;
  std::vector<const char*> keys;
  if (gui) keys = {"diff.guitool", "merge.guitool"};
  keys.insert(keys.end(), {"diff.tool", "merge.tool"});
  for (const char* key : keys) {
    auto name = config.get_string(key);
    if (!name || name->empty()) continue;
    if (is_known_diff_tool(config, *name)) return *name;
    errf("git config option %s set to unknown tool: %s\n", key, *name);
    err("Resetting to default...\n");
  }
  const bool has_display = !get_env_or("DISPLAY", "").empty();
  std::vector<const char*> usual = {"vimdiff", "emerge"};
  if (has_display) usual.insert(usual.begin(), {"kompare", "meld", "kdiff3", "tkdiff", "xxdiff", "gvimdiff", "diffuse"});
  for (const char* name : usual)
    if (is_diff_tool_installed(config, name)) return name;
  err("No known diff tool is available.\n");
  exit_with(1);
}

int run_diff_tool(const Config& config, const std::string& tool, const DiffToolFiles& files) {
  ChildProcess child;
  child.use_shell = true;
  child.env = {"LOCAL=" + files.local, "REMOTE=" + files.remote, "MERGED=" + files.merged, "BASE=" + files.merged};
  if (auto command = tool_setting(config, tool, "cmd")) {
    child.args = {*command};
    return child.run();
  }
  const Tool* known = find_tool(tool);
  if (!known) {
    errf("Unknown diff tool %s\n", tool);
    return 1;
  }
  const std::string program = program_of(config, tool);
  if (find_in_path(program).empty()) {
    errf("The diff tool %s is not available as '%s'\n", tool, program);
    return 1;
  }
  child.env.push_back("merge_tool_path=" + program);
  child.args = {"\"$merge_tool_path\" " + std::string(known->arguments.empty() ? "\"$LOCAL\" \"$REMOTE\"" : known->arguments)};
  return child.run();
}

}  // namespace git
