// A recorded commit counts as pushed when some remote-tracking ref of the submodule reaches it.
#include "submodule-push.h"

#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "repository.h"
#include "setup.h"
#include "transport.h"

namespace git {

SubmodulePush parse_submodule_push(const std::string& option, const std::string& value) {
  if (value == "check") return SubmodulePush::check;
  if (value == "on-demand") return SubmodulePush::on_demand;
  if (value == "only") return SubmodulePush::only;
  auto yes = parse_maybe_bool(value);
  if (yes && !*yes) return SubmodulePush::off;
  die(_("bad %s argument: %s"), option, value);
}

namespace {

// Paths of submodules that the new commits change, with the commits recorded for them.
std::map<std::string, std::set<std::string>> changed_submodules(const RemoteRefs& refs, const std::string& remote) {
  std::string input;
  for (const RemoteRef& ref : refs)
    if (ref.peer && !ref.new_oid.is_null() && ref.status == PushStatus::none) input += ref.new_oid.hex() + "\n";
  std::map<std::string, std::set<std::string>> found;
  if (input.empty()) return found;
  ChildProcess child;
  child.git_command = true;
  child.args = {"log", "--format=", "--raw", "--no-abbrev", "--no-renames", "-m", "--stdin"};
  input += "--not\n--remotes=" + remote + "\n";
  CommandOutput result = pipe_command(child, input, true);
  for (std::string_view line : split_lines(result.out)) {
    // ":100644 160000 <old> <new> M\t<path>"
    if (line.size() < 16 || line[0] != ':' || line.substr(8, 6) != "160000") continue;
    auto words = split(line.substr(0, line.find('\t')), ' ');
    if (words.size() < 5) continue;
    found[std::string(line.substr(line.find('\t') + 1))].insert(std::string(words[3]));
  }
  return found;
}

bool is_pushed(const std::string& path, const std::set<std::string>& commits) {
  ChildProcess child;
  child.git_command = true;
  child.dir = path;
  child.env = local_repo_env_vars();
  child.args = {"rev-list"};
  for (const std::string& commit : commits) child.args.push_back(commit);
  for (const char* arg : {"--not", "--remotes", "-n", "1"}) child.args.push_back(arg);
  CommandOutput result = pipe_command(child, "", true);
  return result.code == 0 && trim(result.out).empty();
}

bool push_one(const std::string& path, const Transport& transport, unsigned flags) {
  ChildProcess child;
  child.git_command = true;
  child.dir = path;
  child.env = local_repo_env_vars();
  child.args = {"push", "--recurse-submodules=on-demand"};
  if (flags & kPushDryRun) child.args.push_back("--dry-run");
  for (const std::string& option : transport.options.push_options) child.args.push_back("--push-option=" + option);
  return child.run() == 0;
}

}  // namespace

bool push_submodules_first(Repository& repo, Transport& transport, const RemoteRefs& refs, unsigned flags) {
  SubmodulePush mode = transport.options.submodules;
  if (mode == SubmodulePush::off || repo.is_bare() || !repo.worktree()) return true;
  auto changed = changed_submodules(refs, transport.remote() ? transport.remote()->name : "");
  std::vector<std::string> unpushed;
  for (const auto& [path, commits] : changed)
    if (path_exists(path + "/.git") && !is_pushed(path, commits)) unpushed.push_back(path);
  if (unpushed.empty()) return true;
  if (mode == SubmodulePush::check) {
    err(_("The following submodule paths contain changes that can\nnot be found on any remote:\n"));
    for (const std::string& path : unpushed) errf("  %s\n", path);
    err(
        _("\nPlease try\n\n\tgit push --recurse-submodules=on-demand\n\nor cd to the path and use\n\n\tgit push\n\nto push them "
          "to a remote.\n\n"));
    die("%s", _("Aborting."));
  }
  for (const std::string& path : unpushed) {
    errf(_("Pushing submodule '%s'\n"), path);
    if (push_one(path, transport, flags)) continue;
    errf(_("Unable to push submodule '%s'\n"), path);
    die("%s", _("failed to push all needed submodules"));
  }
  return true;
}

}  // namespace git
