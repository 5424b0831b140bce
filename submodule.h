// The superproject's side of submodules (git-submodule(1)): which there are, where their repositories are, and the commands
// that bring them here, move them and keep them in step.  Each submodule is a repository of its own, so what happens inside one
// is done by a git command that runs there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/run-command.h"
#include "index/submodule-config.h"
#include "index/submodule-gitdir.h"

namespace git {

class Options;
struct CreateBranch;  // branch.h
class Repository;
class SubmoduleMover;  // index/submodule-move.h

// One `git submodule` command at work.
struct SubmoduleCommand {
  Repository& repo;
  std::string prefix;        // "dir/" the command was started in
  std::string super_prefix;  // "sub/" of the superprojects above, when it recurses
  bool quiet = false;
  SubmoduleConfig config;

  SubmoduleCommand(Repository& r, std::string_view p) : repo(r), prefix(p), config(r) {}
  // The path as the user sees it from where he stands.
  std::string display_path(const std::string& path) const;
  void add_common_options(Options& options);
  // Starts a recursion of helper command `name` in `path`.
  ChildProcess recurse_into(const std::string& path, const std::string& name) const;
};

// A gitlink of the index.
struct SubmoduleEntry {
  std::string path;
  ObjectId oid;
  int stage = 0;
};
// Those that the arguments name; nullopt where one matched nothing (and was told so).
std::optional<std::vector<SubmoduleEntry>> list_submodules(SubmoduleCommand& command, const std::vector<std::string>& args);
// What init and update without arguments are about: with submodule.active set, the active ones.
std::vector<SubmoduleEntry> active_submodules_only(SubmoduleCommand& command, std::vector<SubmoduleEntry> all);

// A child that runs in the submodule checked out at `path`, as a repository of its own.
ChildProcess submodule_child(const std::string& path, std::vector<std::string> args);
// Dies where a component of the path is a symbolic link.
void die_unless_submodule_path_is_real(const std::string& path);

// --[no-]recurse-submodules[=<bool>] of the commands that update the worktree.
void add_recurse_submodules_option(Options& options, std::optional<bool>* asked);
// What takes submodules along; nullptr where neither the option nor submodule.recurse asks for it.
std::unique_ptr<SubmoduleMover> make_submodule_mover(Repository& repo, std::optional<bool> asked);

// A branch here and, by the commits that the start point records, in all active submodules; all or none. `tracking` is the
// ref of the superproject to follow, absent in the topmost one.
void create_branches_recursively(Repository& repo, const std::string& name, const std::string& start,
                                 const std::optional<std::string>& tracking, const CreateBranch& options);

// ---- remotes and URLs ----
bool starts_with_dot_slash(std::string_view url);
bool starts_with_dot_dot_slash(std::string_view url);
inline bool is_relative_submodule_url(std::string_view url) {
  return starts_with_dot_slash(url) || starts_with_dot_dot_slash(url);
}
// `url` as seen from `remote_url`; `up_path` goes in front of a local relative result. Dies where it climbs too far.
std::string relative_url(std::string remote_url, std::string_view url, const std::optional<std::string>& up_path);
// From the default remote of the superproject. Warns, unless quiet, where that has no URL.
std::string resolve_relative_url(Repository& repo, std::string_view url, const std::optional<std::string>& up_path, bool quiet);
std::string default_remote(Repository& repo);
// The remote of the submodule at `path` that its recorded URL names. Dies where there is no repository.
std::string default_remote_of_submodule(SubmoduleCommand& command, const std::string& path);

// ---- git directories ----
// Finds the directory for a new submodule and records it where extensions.submodulePathConfig wants that.
std::string create_submodule_git_dir_config(SubmoduleCommand& command, const std::string& name);
void absorb_git_dir(SubmoduleCommand& command, const std::string& path);

// ---- the commands: `args[0]` is the command's name; each returns its exit code ----
int submodule_add(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_clone(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_update(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_init(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_deinit(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_status(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_foreach(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_sync(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_summary(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_absorb_git_dirs(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_set_url(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_set_branch(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_get_default_remote(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_create_branch(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_push_check(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_git_dir(SubmoduleCommand& command, const std::vector<std::string>& args);
int submodule_migrate_git_dir_configs(SubmoduleCommand& command, const std::vector<std::string>& args);

// ---- shared by them ----
void init_one_submodule(SubmoduleCommand& command, const std::string& path);
void sync_one_submodule(SubmoduleCommand& command, const std::string& path, bool recursive);

struct SubmoduleCloneOptions {
  std::string name, path, url;
  std::optional<std::string> depth, ref_format, filter;
  std::vector<std::string> references;
  bool quiet = false, progress = false, dissociate = false, require_init = false;
  int single_branch = -1;
};
void clone_one_submodule(SubmoduleCommand& command, SubmoduleCloneOptions options);

}  // namespace git
