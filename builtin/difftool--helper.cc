// git difftool--helper: what git diff starts for each pair of files (GIT_EXTERNAL_DIFF), and git difftool for two directories.
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "difftools.h"

GIT_BUILTIN("difftool--helper", cmd_difftool_helper, kSetupGently | kNoParseopt)

namespace git {
namespace {

bool should_prompt(const Config& config) {
  const bool prompts = config.get_bool("difftool.prompt").value_or(config.get_bool_or("mergetool.prompt", true));
  if (!prompts) return !get_env_or("GIT_DIFFTOOL_PROMPT", "").empty();
  return get_env_or("GIT_DIFFTOOL_NO_PROMPT", "").empty();
}

// False where the user does not want to see this one.
bool ask(const std::string& name, const std::string& merged) {
  outf("\nViewing (%s/%s): '%s'\n", get_env_or("GIT_DIFF_PATH_COUNTER", ""), get_env_or("GIT_DIFF_PATH_TOTAL", ""), merged);
  outf("Launch '%s' [Y/n]? ", name);
  flush_out();
  // Byte by byte: the next helper reads what follows.
  std::string answer;
  char c;
  ssize_t got = 0;
  while ((got = xread(0, &c, 1)) > 0 && c != '\n') answer += c;
  if (got <= 0) return false;
  return answer != "n";
}

}  // namespace

int cmd_difftool_helper(Invocation& inv) {
  Config early{ConfigSources{}};
  const Config& config = inv.repository ? inv.repo().config() : early;
  const bool is_dir = !get_env_or("GIT_DIFFTOOL_DIRDIFF", "").empty();
  const std::string external = get_env_or("GIT_DIFFTOOL_EXTCMD", "");
  DiffToolFiles files;
  if (is_dir) {
    if (inv.args.size() != 3) usage("git difftool--helper <left> <right>");
    files = {inv.args[1], inv.args[2], ""};
  } else {
    if (inv.args.size() == 2) return 0;  // an unmerged path has no two sides
    if (inv.args.size() < 6) usage("git difftool--helper <path> <old-file> <old-hex> <old-mode> <new-file> <new-hex> <new-mode>");
    files = {inv.args[2], inv.args[5], inv.args[1]};
  }
  const std::string tool =
      external.empty() ? choose_diff_tool(config, get_env_or("GIT_MERGETOOL_GUI", "") == "true") : std::string();
  if (!is_dir && should_prompt(config) && !ask(external.empty() ? tool : external, files.merged)) return 0;
  if (external.empty() && !is_known_diff_tool(config, tool)) {
    errf("error: difftool.%s.cmd not set for tool '%s'\n", tool, tool);
    return 1;
  }
  int code = 0;
  if (!external.empty()) {
    ChildProcess child;
    child.use_shell = true;
    child.env = {"LOCAL=" + files.local, "REMOTE=" + files.remote, "MERGED=" + files.merged, "BASE=" + files.merged};
    child.args = {"set -- \"$MERGED\" \"$LOCAL\" \"$REMOTE\"; " + external + " \"$LOCAL\" \"$REMOTE\""};
    code = child.run();
  } else {
    code = run_diff_tool(config, tool, files);
  }
  // A tool that can't be run is always an error; what it thinks of the files only where asked.
  if (code >= 126 || code < 0) return code < 0 ? 127 : code;
  return get_env_or("GIT_DIFFTOOL_TRUST_EXIT_CODE", "") == "true" ? code : 0;
}

}  // namespace git
