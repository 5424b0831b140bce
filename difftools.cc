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
  std::string_view merging;    // with $BASE; "" where it can't merge
};

constexpr std::string_view kReadOnlyVim = "-R -f -d -c 'wincmd l' -c 'cd $GIT_PREFIX' \"$LOCAL\" \"$REMOTE\"";
constexpr std::string_view kMergingVim = "-f -d -c '4wincmd w | wincmd J' \"$LOCAL\" \"$BASE\" \"$REMOTE\" \"$MERGED\"";
constexpr std::array kTools = std::to_array<Tool>({
    {"araxis", "compare", "-wait -2 \"$LOCAL\" \"$REMOTE\"", "-wait -merge -3 -a1 \"$BASE\" \"$LOCAL\" \"$REMOTE\" \"$MERGED\""},
    {"bc", "bcompare", "", "\"$LOCAL\" \"$REMOTE\" \"$BASE\" -mergeoutput=\"$MERGED\""},
    {"bc3", "bcompare", "", "\"$LOCAL\" \"$REMOTE\" \"$BASE\" -mergeoutput=\"$MERGED\""},
    {"bc4", "bcompare", "", "\"$LOCAL\" \"$REMOTE\" \"$BASE\" -mergeoutput=\"$MERGED\""},
    {"codecompare", "CodeCompare", "", ""},
    {"deltawalker", "DeltaWalker", "", ""},
    {"diffmerge", "", "", "--merge --result=\"$MERGED\" \"$LOCAL\" \"$BASE\" \"$REMOTE\""},
    {"diffuse", "", "", "\"$LOCAL\" \"$MERGED\" \"$REMOTE\" \"$BASE\""},
    {"ecmerge", "", "--default --mode=diff2 \"$LOCAL\" \"$REMOTE\"", ""},
    {"emerge", "emacs", "-f emerge-files-command \"$LOCAL\" \"$REMOTE\"",
     "-f emerge-files-with-ancestor-command \"$LOCAL\" \"$REMOTE\" \"$BASE\" \"$MERGED\""},
    {"examdiff", "ExamDiff", "\"$LOCAL\" \"$REMOTE\" -nh", ""},
    {"guiffy", "", "", "-s \"$LOCAL\" \"$REMOTE\" \"$BASE\" \"$MERGED\""},
    {"gvimdiff", "gvim", kReadOnlyVim, kMergingVim},
    {"gvimdiff1", "gvim", kReadOnlyVim, kMergingVim},
    {"gvimdiff2", "gvim", kReadOnlyVim, kMergingVim},
    {"gvimdiff3", "gvim", kReadOnlyVim, kMergingVim},
    {"kdiff3", "", "--L1 \"$MERGED (A)\" --L2 \"$MERGED (B)\" \"$LOCAL\" \"$REMOTE\"",
     "--auto --L1 \"$MERGED (Base)\" --L2 \"$MERGED (Local)\" --L3 \"$MERGED (Remote)\" -o \"$MERGED\" \"$BASE\" \"$LOCAL\" "
     "\"$REMOTE\""},
    {"kompare", "", "", ""},
    {"meld", "", "", "--output=\"$MERGED\" \"$LOCAL\" \"$BASE\" \"$REMOTE\""},
    {"nvimdiff", "nvim", kReadOnlyVim, kMergingVim},
    {"nvimdiff1", "nvim", kReadOnlyVim, kMergingVim},
    {"nvimdiff2", "nvim", kReadOnlyVim, kMergingVim},
    {"nvimdiff3", "nvim", kReadOnlyVim, kMergingVim},
    {"opendiff", "", "\"$LOCAL\" \"$REMOTE\" | cat", "\"$LOCAL\" \"$REMOTE\" -ancestor \"$BASE\" -merge \"$MERGED\" | cat"},
    {"p4merge", "", "", "\"$BASE\" \"$REMOTE\" \"$LOCAL\" \"$MERGED\""},
    {"smerge", "", "diff \"$LOCAL\" \"$REMOTE\"", "mergetool \"$BASE\" \"$LOCAL\" \"$REMOTE\" -o \"$MERGED\""},
    {"tkdiff", "", "", "-a \"$BASE\" -o \"$MERGED\" \"$LOCAL\" \"$REMOTE\""},
    {"vimdiff", "vim", kReadOnlyVim, kMergingVim},
    {"vimdiff1", "vim", kReadOnlyVim, kMergingVim},
    {"vimdiff2", "vim", kReadOnlyVim, kMergingVim},
    {"vimdiff3", "vim", kReadOnlyVim, kMergingVim},
    {"vscode", "code", "--wait --diff \"$LOCAL\" \"$REMOTE\"", "--wait --merge \"$REMOTE\" \"$LOCAL\" \"$BASE\" \"$MERGED\""},
    {"winmerge", "WinMergeU.exe", "-u -e \"$LOCAL\" \"$REMOTE\"", ""},
    {"xxdiff", "", "-R 'Accel.Search: \"Ctrl+F\"' -R 'Accel.SearchForward: \"Ctrl+G\"' \"$LOCAL\" \"$REMOTE\"",
     "-X --show-merged-pane --merged-file \"$MERGED\" \"$LOCAL\" \"$BASE\" \"$REMOTE\""},
});

const Tool* find_tool(std::string_view name) {
  for (const Tool& tool : kTools)
    if (tool.name == name) return &tool;
  return nullptr;
}

// What difftool does not say, mergetool may; never the other way round.
std::optional<std::string> tool_setting(const Config& config, const std::string& tool, const char* key, bool merging = false) {
  for (const char* section : {"difftool.", "mergetool."})
    if (merging && section[0] == 'd')
      continue;
    else if (auto value = config.get_string(section + tool + "." + key))
      return value;
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

// ---- merging ----

bool is_known_merge_tool(const Config& config, const std::string& tool) {
  const Tool* known = find_tool(tool);
  return tool_setting(config, tool, "cmd", true) || (known && !known->merging.empty());
}

bool is_merge_tool_installed(const Config& config, const std::string& tool) {
  if (tool_setting(config, tool, "cmd", true)) return true;
  return is_known_merge_tool(config, tool) && !find_in_path(program_of(config, tool)).empty();
}

std::string choose_merge_tool(const Config& config, bool gui) {
  std::vector<const char*> keys = {"merge.tool"};
  if (gui) keys.insert(keys.begin(), "merge.guitool");
  for (const char* key : keys) {
    auto name = config.get_string(key);
    if (!name || name->empty()) continue;
    if (is_known_merge_tool(config, *name)) return *name;
    errf("git config option %s set to unknown tool: %s\n", key, *name);
    err("Resetting to default...\n");
  }
  for (const char* name : {"meld", "kdiff3", "tkdiff", "xxdiff", "gvimdiff", "diffuse", "vimdiff", "emerge"})
    if (is_merge_tool_installed(config, name)) return name;
  err("No known merge tool is available.\n");
  exit_with(1);
}

bool does_merge_tool_tell(const Config& config, const std::string& tool) {
  if (auto trusts = config.get_bool("mergetool." + tool + ".trustexitcode")) return *trusts;
  // Editors leave with 0 whatever happened.
  return !tool_setting(config, tool, "cmd", true) && find_tool(tool) && find_tool(tool)->merging != kMergingVim;
}

int run_merge_tool(const Config& config, const std::string& tool, const DiffToolFiles& files, const std::string& base) {
  ChildProcess child;
  child.use_shell = true;
  child.env = {"LOCAL=" + files.local, "REMOTE=" + files.remote, "MERGED=" + files.merged, "BASE=" + base};
  if (auto command = tool_setting(config, tool, "cmd", true)) {
    child.args = {*command};
    return child.run();
  }
  const Tool* known = find_tool(tool);
  const std::string program = program_of(config, tool);
  if (!known || find_in_path(program).empty()) {
    errf("The merge tool %s is not available as '%s'\n", tool, program);
    return 1;
  }
  child.env.push_back("merge_tool_path=" + program);
  child.args = {"\"$merge_tool_path\" " + std::string(known->merging)};
  return child.run();
}

}  // namespace git
