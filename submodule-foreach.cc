// Looking at submodules without changing any: status and foreach.
#include <csignal>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "index/submodule-head.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"

namespace git {
namespace {

// What `git describe` calls the commit, by rules that get weaker.
std::string describe(const std::string& path, const ObjectId& oid) {
  const std::vector<std::vector<std::string>> rules = {{}, {"--tags"}, {"--contains"}, {"--all", "--always"}};
  for (const auto& rule : rules) {
    ChildProcess child = submodule_child(path, {"describe"});
    child.args.insert(child.args.end(), rule.begin(), rule.end());
    child.args.push_back(oid.hex());
    child.err = ChildProcess::kNull;
    CommandOutput output = pipe_command(child, {});
    if (!output.code && !output.out.empty()) return std::string(rtrim(output.out));
  }
  return {};
}

void print_status(SubmoduleCommand& command, char state, const SubmoduleEntry& e, const ObjectId& oid, const std::string& shown) {
  if (command.quiet) return;
  outf("%c%s %s", state, oid, shown);
  if (state == ' ' || state == '+') {
    std::string name = describe(e.path, oid);
    if (!name.empty()) outf(" (%s)", name);
  }
  out("\n");
}

void status_of(SubmoduleCommand& command, const SubmoduleEntry& e, bool cached, bool recursive) {
  die_unless_submodule_path_is_real(e.path);
  if (!command.config.find(e.path)) die(_("no submodule mapping found in .gitmodules for path '%s'"), e.path);
  const std::string shown = command.display_path(e.path);
  if (e.stage) return print_status(command, 'U', e, ObjectId::null(command.repo.algo()), shown);
  if (!command.config.is_active(e.path) || !is_submodule_populated(e.path)) return print_status(command, '-', e, e.oid, shown);
  auto head = submodule_head(e.path);
  if (!head) die(_("could not resolve HEAD ref inside the submodule '%s'"), e.path);
  if (*head == e.oid)
    print_status(command, ' ', e, e.oid, shown);
  else
    print_status(command, '+', e, cached ? e.oid : *head, shown);
  if (!recursive) return;
  ChildProcess child = command.recurse_into(e.path, "status");
  child.args.push_back("--recursive");
  if (cached) child.args.push_back("--cached");
  child.in = ChildProcess::kNull;
  const int code = child.run();
  if (code == 128 + SIGPIPE) exit_with(code);  // nobody listens any more
  if (code) die(_("failed to recurse into submodule '%s'"), e.path);
}

}  // namespace

int submodule_status(SubmoduleCommand& command, const std::vector<std::string>& args) {
  bool cached = false, recursive = false;
  Options options({"git submodule status [--quiet] [--cached] [--recursive] [<path>...]"});
  command.add_common_options(options);
  options.boolean(0, "cached", &cached, N_("use the commit stored in the index instead of the one stored in the submodule HEAD"));
  options.boolean(0, "recursive", &recursive, N_("recurse into nested submodules"));
  auto rest = options.parse(args, command.prefix);
  auto list = list_submodules(command, rest);
  if (!list) return 1;
  for (const SubmoduleEntry& e : *list) status_of(command, e, cached, recursive);
  return 0;
}

// ---- foreach ----

namespace {

void run_in(SubmoduleCommand& command, const SubmoduleEntry& e, const std::vector<std::string>& words, bool recursive) {
  die_unless_submodule_path_is_real(e.path);
  const std::string shown = command.display_path(e.path);
  const Submodule* submodule = command.config.find(e.path);
  if (!submodule) die(_("No url found for submodule path '%s' in .gitmodules"), shown);
  if (!is_submodule_populated(e.path)) return;
  ChildProcess child = submodule_child(e.path, words);
  child.git_command = false;
  child.use_shell = true;
  if (words.size() == 1) {
    // One text is a script that may use these.
    for (const std::string& variable : {"name=" + submodule->name, "sm_path=" + e.path, "displaypath=" + shown,
                                        "sha1=" + e.oid.hex(), "toplevel=" + current_dir()})
      child.env.push_back(variable);
    // Not in the environment, where PATH may be spelled in any case.
    child.args = {"path=" + sq_quote(e.path) + "; " + words[0]};
  }
  if (!command.quiet) outf(_("Entering '%s'\n"), shown);
  if (!words.empty() && !words[0].empty() && child.run()) die(_("run_command returned non-zero status for %s\n."), shown);
  if (!recursive) return;
  ChildProcess nested = command.recurse_into(e.path, "foreach");
  nested.args.push_back("--recursive");
  nested.args.push_back("--");
  nested.args.insert(nested.args.end(), words.begin(), words.end());
  if (nested.run()) die(_("run_command returned non-zero status while recursing in the nested submodules of %s\n."), shown);
}

}  // namespace

int submodule_foreach(SubmoduleCommand& command, const std::vector<std::string>& args) {
  bool recursive = false;
  Options options({"git submodule foreach [--quiet] [--recursive] [--] <command>"});
  command.add_common_options(options);
  options.boolean(0, "recursive", &recursive, N_("recurse into nested submodules"));
  auto words = options.parse(args, command.prefix, kStopAtNonOption);
  auto list = list_submodules(command, {});
  if (!list) return 1;
  for (const SubmoduleEntry& e : *list) run_in(command, e, words, recursive);
  return 0;
}

}  // namespace git
