// Keeping the configuration in step with .gitmodules: init, deinit, sync, set-url, set-branch.
#include <sys/stat.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "index/dir.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"

namespace git {

void init_one_submodule(SubmoduleCommand& command, const std::string& path) {
  Repository& repo = command.repo;
  const std::string shown = command.display_path(path);
  const Submodule* submodule = command.config.find(path);
  if (!submodule) die(_("No url found for submodule path '%s' in .gitmodules"), shown);
  const std::string key = "submodule." + submodule->name, file = repo.common_path("config");
  if (!command.config.is_active(path)) config_set_in_file(file, key + ".active", "true");
  if (!repo.config().find(key + ".url")) {
    if (!submodule->url) die(_("No url found for submodule path '%s' in .gitmodules"), shown);
    std::string url = *submodule->url;
    if (is_relative_submodule_url(url)) url = resolve_relative_url(repo, url, std::nullopt, false);
    if (config_set_in_file(file, key + ".url", url)) die(_("Failed to register url for submodule path '%s'"), shown);
    if (!command.quiet) errf(_("Submodule '%s' (%s) registered for path '%s'\n"), submodule->name, url, shown);
  }
  if (!repo.config().find(key + ".update") && submodule->update.type != SubmoduleUpdate::unspecified) {
    std::string update = format_submodule_update_strategy(submodule->update);
    if (submodule->update.type == SubmoduleUpdate::command) {
      errf(_("warning: command update mode suggested for submodule '%s'\n"), submodule->name);
      update = "none";
    }
    if (config_set_in_file(file, key + ".update", update))
      die(_("Failed to register update mode for submodule path '%s'"), shown);
  }
  repo.config().reload();
}

int submodule_init(SubmoduleCommand& command, const std::vector<std::string>& args) {
  Options options({"git submodule init [<options>] [<path>]"});
  command.add_common_options(options);
  auto rest = options.parse(args, command.prefix);
  auto list = list_submodules(command, rest);
  if (!list) return 1;
  if (rest.empty()) *list = active_submodules_only(command, std::move(*list));
  for (const SubmoduleEntry& e : *list) init_one_submodule(command, e.path);
  return 0;
}

// ---- deinit ----

namespace {

void deinit_one(SubmoduleCommand& command, const std::string& path, bool force) {
  die_unless_submodule_path_is_real(path);
  const Submodule* submodule = command.config.find(path);
  if (!submodule) return;
  const std::string shown = command.display_path(path);
  if (is_directory(path)) {
    if (is_directory(path_join(path, ".git"))) {
      if (!command.quiet)
        warning(_("Submodule work tree '%s' contains a .git directory. This will be replaced with a .git file by using "
                  "absorbgitdirs."),
                shown);
      absorb_git_dir(command, path);
    }
    if (!force) {
      ChildProcess probe;
      probe.git_command = true;
      probe.args = {"rm", "-qn", path};
      if (probe.run()) die(_("Submodule work tree '%s' contains local modifications; use '-f' to discard them"), shown);
    }
    const bool is_gone = remove_dir_recursive(path, 0) == 0;
    if (!command.quiet) outf(is_gone ? _("Cleared directory '%s'\n") : _("Could not remove submodule work tree '%s'\n"), shown);
    const std::string config_file = path_join(submodule_git_dir_of_name(command.repo, submodule->name), "config");
    if (path_exists(config_file)) config_set_in_file(config_file, "core.worktree", std::nullopt);
  }
  if (mkdir(path.c_str(), 0777) && !is_directory(path)) outf(_("could not create empty submodule directory %s"), shown);
  // The section as a whole goes, with whatever the user put there.
  const std::string section = "submodule." + submodule->name;
  const std::string url = command.repo.config().get_string_or(section + ".url", "");
  bool is_registered = false;
  for (const ConfigEntry& entry : command.repo.config().entries()) is_registered |= starts_with(entry.key, section + ".");
  if (!is_registered) return;
  config_rename_section_in_file(command.repo.common_path("config"), section, std::nullopt);
  command.repo.config().reload();
  if (!command.quiet) outf(_("Submodule '%s' (%s) unregistered for path '%s'\n"), submodule->name, url, shown);
}

}  // namespace

int submodule_deinit(SubmoduleCommand& command, const std::vector<std::string>& args) {
  bool force = false, all = false;
  Options options({"git submodule deinit [--quiet] [-f | --force] [--all | [--] [<path>...]]"});
  command.add_common_options(options);
  options.boolean('f', "force", &force, N_("remove submodule working trees even if they contain local changes"));
  options.boolean(0, "all", &all, N_("unregister all submodules"));
  auto rest = options.parse(args, command.prefix);
  if (all && !rest.empty()) {
    error("%s", _("pathspec and --all are incompatible"));
    options.usage_with_options();
  }
  if (!all && rest.empty()) die("%s", _("Use '--all' if you really want to deinitialize all submodules"));
  auto list = list_submodules(command, rest);
  if (!list) return 1;
  for (const SubmoduleEntry& e : *list) deinit_one(command, e.path, force);
  return 0;
}

// ---- sync ----

namespace {

// "../" for each component of `path`.
std::string up_path(std::string_view path) {
  std::string up;
  for (std::string_view part : split(path, '/'))
    if (!part.empty()) up += "../";
  return up;
}

}  // namespace

void sync_one_submodule(SubmoduleCommand& command, const std::string& path, bool recursive) {
  Repository& repo = command.repo;
  die_unless_submodule_path_is_real(path);
  if (!command.config.is_active(path)) return;
  const Submodule* submodule = command.config.find(path);
  std::string super_url, origin_url;
  if (submodule->url) {
    super_url = origin_url = *submodule->url;
    if (is_relative_submodule_url(*submodule->url)) {
      origin_url = resolve_relative_url(repo, *submodule->url, up_path(path), true);
      super_url = resolve_relative_url(repo, *submodule->url, std::nullopt, true);
    }
  }
  const std::string shown = command.display_path(path);
  if (!command.quiet) outf(_("Synchronizing submodule url for '%s'\n"), shown);
  auto git_dir = populated_submodule_git_dir(path);
  std::string remote;
  if (git_dir) remote = default_remote_of_submodule(command, path);
  if (config_set_in_file(repo.common_path("config"), "submodule." + submodule->name + ".url", super_url))
    die(_("failed to register url for submodule path '%s'"), shown);
  repo.config().reload();
  if (!git_dir) return;
  const std::string file = path_join(common_dir_of(*git_dir, false), "config");
  if (config_set_in_file(file, "remote." + remote + ".url", origin_url))
    die(_("failed to update remote for submodule '%s'"), path);
  if (!recursive) return;
  ChildProcess child = command.recurse_into(path, "sync");
  child.args.push_back("--recursive");
  if (child.run()) die(_("failed to recurse into submodule '%s'"), path);
}

int submodule_sync(SubmoduleCommand& command, const std::vector<std::string>& args) {
  bool recursive = false;
  Options options({"git submodule sync [--quiet] [--recursive] [<path>]"});
  command.add_common_options(options);
  options.boolean(0, "recursive", &recursive, N_("recurse into nested submodules"));
  auto rest = options.parse(args, command.prefix);
  auto list = list_submodules(command, rest);
  if (!list) return 1;
  for (const SubmoduleEntry& e : *list) sync_one_submodule(command, e.path, recursive);
  return 0;
}

// ---- single settings ----

int submodule_set_url(SubmoduleCommand& command, const std::vector<std::string>& args) {
  Options options({"git submodule set-url [--quiet] <path> <newurl>"});
  command.add_common_options(options);
  auto rest = options.parse(args, command.prefix);
  if (rest.size() != 2 || rest[0].empty() || rest[1].empty()) options.usage_with_options();
  const std::string path = prefix_filename(command.prefix, rest[0]);
  const Submodule* submodule = command.config.find(path);
  if (!submodule) die(_("no submodule mapping found in .gitmodules for path '%s'"), path);
  set_in_gitmodules("submodule." + submodule->name + ".url", rest[1]);
  command.config.forget();
  sync_one_submodule(command, path, false);
  return 0;
}

int submodule_set_branch(SubmoduleCommand& command, const std::vector<std::string>& args) {
  bool use_default = false;
  std::optional<std::string> branch;
  Options options({"git submodule set-branch [-q|--quiet] (-d|--default) <path>",
                   "git submodule set-branch [-q|--quiet] (-b|--branch) <branch> <path>"});
  command.add_common_options(options);
  options.boolean('d', "default", &use_default, N_("set the default tracking branch to master"));
  options.string('b', "branch", &branch, "branch", N_("set the default tracking branch"));
  auto rest = options.parse(args, command.prefix);
  if (!branch && !use_default) die("%s", _("--branch or --default required"));
  if (branch && use_default) die(_("options '%s' and '%s' cannot be used together"), "--branch", "--default");
  if (rest.size() != 1 || rest[0].empty()) options.usage_with_options();
  const std::string path = prefix_filename(command.prefix, rest[0]);
  const Submodule* submodule = command.config.find(path);
  if (!submodule) die(_("no submodule mapping found in .gitmodules for path '%s'"), path);
  return set_in_gitmodules("submodule." + submodule->name + ".branch", branch) ? 1 : 0;
}

}  // namespace git
