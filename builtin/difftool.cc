// git difftool: git diff, shown by a program of the user's choice.
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "difftool-dirs.h"
#include "difftools.h"

GIT_BUILTIN("difftool", cmd_difftool, kSetupGently)

namespace git {
namespace {

int show_tools(const Config& config) {
  std::string here, missing;
  for (const std::string& tool : builtin_diff_tools())
    (is_diff_tool_installed(config, tool) ? here : missing) += "\t\t" + tool + "\n";
  out("'git difftool --tool=<tool>' may be set to one of the following:\n" + here);
  if (!missing.empty()) out("\nThe following tools are valid, but not currently available:\n" + missing);
  out("\nSome of the tools listed above only work in a windowed\n"
      "environment. If run in a terminal-only session, they will fail.\n");
  return 0;
}

bool gui_by_default(const Config& config) {
  const std::string word = config.get_string_or("difftool.guidefault", "false");
  if (iequals(word, "auto")) return !get_env_or("DISPLAY", "").empty();
  return config.get_bool_or("difftool.guidefault", false);
}

}  // namespace

int cmd_difftool(Invocation& inv) {
  bool dir_diff = false, tool_help = false, no_index = false, symlinks = true;
  int gui = -1, prompt = -1, trust = -1;
  std::optional<std::string> tool, external;
  Options options({"git difftool [<options>] [<commit> [<commit>]] [--] [<path>...]"});
  options.boolean('g', "gui", &gui, N_("use `diff.guitool` instead of `diff.tool`"));
  options.boolean('d', "dir-diff", &dir_diff, N_("perform a full-directory diff"));
  options.set_int('y', "no-prompt", &prompt, 0, N_("do not prompt before launching a diff tool"), kOptNoNeg);
  options.set_int(0, "prompt", &prompt, 1, "", kOptNoNeg | kOptHidden);
  options.boolean(0, "symlinks", &symlinks, N_("use symlinks in dir-diff mode"));
  options.string('t', "tool", &tool, "tool", N_("use the specified diff tool"));
  options.boolean(0, "tool-help", &tool_help, N_("print a list of diff tools that may be used with `--tool`"));
  options.boolean(0, "trust-exit-code", &trust,
                  N_("make 'git-difftool' exit when an invoked diff tool returns a non-zero exit code"));
  options.string('x', "extcmd", &external, "command", N_("specify a custom command for viewing diffs"));
  options.boolean(0, "no-index", &no_index, N_("passed to `diff`"), kOptNoNeg);
  auto args = options.parse(inv.args, inv.prefix_or_empty(), kKeepUnknown | kKeepDashDash);
  Config early{ConfigSources{}};
  const Config& config = inv.repository ? inv.repo().config() : early;
  if (tool_help) return show_tools(config);
  if (!no_index && !inv.repository) die("%s", _("difftool requires worktree or --no-index"));
  if (dir_diff && no_index) die(_("options '%s' and '%s' cannot be used together"), "--dir-diff", "--no-index");
  die_for_incompatible_opts({{gui == 1, "--gui"}, {tool.has_value(), "--tool"}, {external.has_value(), "--extcmd"}});
  if (tool && tool->empty()) die("%s", _("no <tool> given for --tool=<tool>"));
  if (external && external->empty()) die("%s", _("no <cmd> given for --extcmd=<cmd>"));
  // Whether the graphical tools come first is decided once, here.
  const bool uses_gui = gui >= 0 ? gui > 0 : !tool && !external && gui_by_default(config);
  if (uses_gui) set_env("GIT_MERGETOOL_GUI", "true");
  if (tool) set_env("GIT_DIFF_TOOL", *tool);
  if (external) set_env("GIT_DIFFTOOL_EXTCMD", *external);
  const bool trusts = trust >= 0 ? trust > 0 : config.get_bool_or("difftool.trustexitcode", false);
  set_env("GIT_DIFFTOOL_TRUST_EXIT_CODE", trusts ? "true" : "false");
  if (dir_diff)
    return run_dir_diff(inv.repo(), {args, inv.prefix_or_empty().empty() ? "" : *inv.prefix, symlinks, external.value_or("")});
  ChildProcess diff;
  diff.git_command = true;
  diff.args = {"diff"};
  if (no_index) diff.args.push_back("--no-index");
  diff.args.insert(diff.args.end(), args.begin(), args.end());
  diff.env = {"GIT_PAGER=", "GIT_EXTERNAL_DIFF=git difftool--helper"};
  if (prompt > 0) diff.env.push_back("GIT_DIFFTOOL_PROMPT=true");
  if (prompt == 0) diff.env.push_back("GIT_DIFFTOOL_NO_PROMPT=true");
  diff.dir = inv.prefix_or_empty();
  return diff.run();
}

}  // namespace git
