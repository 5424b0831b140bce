// Names of submodules may hold slashes, so one's directory could end up inside of another's, where its files would be taken
// for the other's.
#include "index/submodule-gitdir.h"

#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/submodule-config.h"
#include "repository.h"
#include "setup.h"

namespace git {
namespace {

// A component of `path` above the last that is a repository itself; nullopt where there is none.
std::optional<std::string> enclosing_git_dir(const std::string& path, std::size_t start) {
  for (std::size_t at = path.find('/', start); at != std::string::npos; at = path.find('/', at + 1))
    if (std::string above = path.substr(0, at); is_git_directory(above)) return above;
  return std::nullopt;
}

}  // namespace

bool is_submodule_git_dir_ok(Repository& repo, const std::string& git_dir, std::string_view name) {
  if (repo.layout().submodule_path_config) {
    // Only what lies between modules/ and the directory itself can be in the way.
    const std::string modules = real_path_forgiving(repo.git_path("modules"));
    const std::string full = real_path_forgiving(git_dir);
    if (auto below = path_below(full, modules); below && !below->empty())
      if (auto outer = enclosing_git_dir(full, full.size() - below->size())) {
        error(_("submodule git dir '%s' is inside git dir '%s'"), git_dir, *outer);
        return false;
      }
    return true;
  }
  if (git_dir.size() <= name.size() || !ends_with(git_dir, name) || git_dir[git_dir.size() - name.size() - 1] != '/')
    BUG("submodule name '%s' not a suffix of git dir '%s'", name, git_dir);
  if (auto outer = enclosing_git_dir(git_dir, git_dir.size() - name.size())) {
    error(_("submodule git dir '%s' is inside git dir '%s'"), git_dir, *outer);
    return false;
  }
  return true;
}

void connect_work_tree_and_git_dir(const std::string& worktree, const std::string& git_dir) {
  const std::string git_file = path_join(worktree, ".git"), config_file = path_join(git_dir, "config");
  if (!make_leading_dirs(git_file)) die(_("could not create directories for %s"), git_file);
  if (!make_leading_dirs(config_file)) die(_("could not create directories for %s"), config_file);
  const std::string real_worktree = real_path_forgiving(worktree), real_git_dir = real_path_forgiving(git_dir);
  if (!write_file(git_file, "gitdir: " + relative_path(real_git_dir, real_worktree) + "\n"))
    die_errno(_("could not write '%s'"), git_file);
  if (config_set_in_file(config_file, "core.worktree", relative_path(real_worktree, real_git_dir)))
    die(_("could not set '%s' to '%s'"), "core.worktree", real_worktree);
}

void reconnect_submodule(const std::string& git_dir, const std::string& worktree) {
  connect_work_tree_and_git_dir(worktree, git_dir);
  auto opened = Repository::open(worktree);
  if (!opened) return;
  Repository& submodule = **opened;
  SubmoduleConfig config(submodule);
  Index index = Index::read(submodule);
  for (const auto& e : index.entries()) {
    const Submodule* nested = is_gitlink_mode(e->mode) ? config.find(e->path) : nullptr;
    const std::string below = path_join(worktree, e->path);
    if (nested && is_file(path_join(below, ".git")))
      reconnect_submodule(submodule_git_dir_of_name(submodule, nested->name), below);
  }
}

}  // namespace git
