// A submodule is moved by a read-tree that runs in it, which takes its own submodules along in the same way.  All submodules
// are tried first (kDryRun), so that the superproject stays where it is when one of them can't follow.
#include "index/submodule-move.h"

#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/submodule-gitdir.h"
#include "object/object.h"
#include "repository.h"
#include "setup.h"

namespace git {
namespace {

ChildProcess child_in(const std::string& path, std::vector<std::string> args) {
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  child.dir = path;
  child.env = local_repo_env_vars();
  std::erase(child.env, "GIT_CONFIG_PARAMETERS");
  std::erase(child.env, "GIT_CONFIG_COUNT");
  child.env.push_back("GIT_DIR=.git");
  child.in = ChildProcess::kNull;
  return child;
}

}  // namespace

const Submodule* SubmoduleMover::find(const IndexEntry& entry) {
  return is_gitlink_mode(entry.mode) ? config_.find(entry.path) : nullptr;
}

// The worktree is not there yet, so its repository is asked whether it has the commit.
bool SubmoduleMover::can_appear(const std::string& path, const Submodule& submodule, const std::string& commit) {
  if (path_exists(path) && !is_empty_dir(path)) return true;  // the caller looked at what is in the way
  ChildProcess child = child_in({}, {"cat-file", "-e", commit + "^{commit}"});
  child.env.back() = "GIT_DIR=" + submodule_git_dir_of_name(repo_, submodule.name);
  return child.run() == 0;
}

bool SubmoduleMover::prepare_worktree(const std::string& path, const Submodule& submodule, bool has_old, unsigned flags) {
  const std::string git_dir = submodule_git_dir_of_name(repo_, submodule.name);
  if (has_old) {
    const std::string git_file = path_join(path, ".git");
    if (is_directory(git_file)) {
      // A repository inside the worktree would go with it.
      ChildProcess absorb;
      absorb.git_command = true;
      absorb.args = {"submodule--helper", "absorbgitdirs", "--super-prefix=" + super_prefix, "--", path};
      if (absorb.run()) return false;
    } else if (auto current = read_gitfile(git_file); current && !is_submodule_git_dir_ok(repo_, *current, submodule.name)) {
      die(_("refusing to create/use '%s' in another submodule's git dir"), *current);
    }
    if (flags & kForce) connect_work_tree_and_git_dir(path, git_dir);
    return true;
  }
  if (!is_submodule_git_dir_ok(repo_, git_dir, submodule.name))
    die(_("refusing to create/use '%s' in another submodule's git dir"), git_dir);
  connect_work_tree_and_git_dir(path, git_dir);
  // Its index may be that of an earlier checkout.
  ChildProcess reset = child_in(path, {"read-tree", "-u", "--reset", "--super-prefix=" + super_prefix + path + "/"});
  reset.args.push_back(empty_tree_id(repo_.algo()).hex());
  if (reset.run()) die("%s", _("could not reset submodule index"));
  return true;
}

bool SubmoduleMover::read_tree(const std::string& path, const std::optional<std::string>& old_head,
                               const std::optional<std::string>& new_head, unsigned flags) {
  const std::string nothing = empty_tree_id(repo_.algo()).hex();
  ChildProcess child = child_in(path, {"read-tree", "--recurse-submodules", "--super-prefix=" + super_prefix + path + "/"});
  child.args.push_back(flags & kDryRun ? "-n" : "-u");
  child.args.push_back(flags & kForce ? "--reset" : "-m");
  if (!(flags & kForce)) child.args.push_back(old_head.value_or(nothing));
  child.args.push_back(new_head.value_or(nothing));
  return child.run() == 0;
}

bool SubmoduleMover::move(const std::string& path, const std::optional<std::string>& old_head,
                          const std::optional<std::string>& new_head, unsigned flags) {
  if (!config_.is_active(path)) return true;
  const bool is_populated = is_submodule_populated(path);
  if (old_head && !is_populated) return true;
  const Submodule& submodule = *config_.find(path);
  if (old_head && !(flags & kForce)) {
    ChildProcess check = child_in(path, {"diff-index", "--quiet", "--cached", "HEAD"});
    if (check.run()) {
      error(_("submodule '%s' has dirty index"), path);
      return false;
    }
  }
  auto failed = [&] {
    error(_("Submodule '%s' could not be updated."), path);
    return false;
  };
  if (flags & kDryRun && !old_head && new_head && !is_populated) return can_appear(path, submodule, *new_head) || failed();
  if (!(flags & kDryRun) && !prepare_worktree(path, submodule, old_head.has_value(), flags)) return failed();
  if (!read_tree(path, old_head, new_head, flags)) return failed();
  if (flags & kDryRun) return true;
  if (new_head) return child_in(path, {"update-ref", "HEAD", "--no-deref", *new_head}).run() == 0;
  if (unlink(path_join(path, ".git").c_str()) && errno != ENOENT)
    warning_errno(_("unable to unlink '%s'"), path_join(path, ".git"));
  if (is_empty_dir(path) && rmdir(path.c_str())) warning_errno(_("unable to rmdir '%s'"), path);
  const std::string config_file = path_join(submodule_git_dir_of_name(repo_, submodule.name), "config");
  if (path_exists(config_file)) config_set_in_file(config_file, "core.worktree", std::nullopt);
  return true;
}

}  // namespace git
