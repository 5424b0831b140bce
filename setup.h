// Finding the repository (gitrepository-layout(5), git(1) "--git-dir", git-config(1) "safe.directory").
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "repository.h"

namespace git {

struct SetupResult {
  std::unique_ptr<Repository> repo;   // nullptr: none found (only where gently)
  std::optional<std::string> prefix;  // "sub/dir/" from the top of the worktree; absent at the top or without worktree
  std::string original_cwd;
};

// Walks up from the cwd (GIT_CEILING_DIRECTORIES, GIT_DISCOVERY_ACROSS_FILESYSTEM, gitfiles, linked worktrees,
// bare repositories, safe.directory, safe.bareRepository), or takes GIT_DIR/GIT_WORK_TREE; changes the cwd to the
// top of the worktree. Dies with git's messages; `gently` makes "not a git repository" a nullptr.
SetupResult setup_git_directory(bool gently);
// The configuration before anything is set up: of the repository that would be found, or without one. Changes nothing.
std::unique_ptr<Config> read_early_config();
// Dies "this operation must be run in a work tree" where there is none.
void setup_work_tree(Repository& repo);

// The git directory a path names: "x/.git", "x" (bare), or a gitfile's target. nullopt where it is none.
std::optional<std::string> resolve_git_dir(const std::string& path);
bool is_inside_git_dir(const Repository& repo);
bool is_inside_work_tree(const Repository& repo);
bool is_git_directory(const std::string& path);
Result<std::string> read_gitfile(const std::string& path);
// The directory shared by linked worktrees: GIT_COMMON_DIR (where `use_env`), else what git_dir/commondir says, else git_dir.
std::string common_dir_of(const std::string& git_dir, bool use_env);
// Reads <common_dir>/config for the format; refuses versions and extensions we don't know, with git's message.
Result<RepositoryLayout> read_repository_layout(const std::string& git_dir, bool use_env = false);
// Dies "detected dubious ownership in repository at '%s'" unless the owner is us or safe.directory allows it.
bool has_dubious_ownership(const std::string& gitfile, const std::string& worktree, const std::string& git_dir);
void die_upon_dubious_ownership(const std::string& gitfile, const std::string& worktree, const std::string& git_dir);
// For upload-pack and friends: `path` as a client gave it; tries "", ".git", "/.git" behind it unless strict; "~user". Changes
// the cwd.
std::unique_ptr<Repository> enter_repo(const std::string& path, bool strict);

// A revision argument, or a path? Dies with git's "ambiguous argument '%s': ..." texts.
void verify_filename(std::string_view prefix, const std::string& arg, bool diagnose_misspelt_rev, Repository* repo = nullptr);
void verify_non_filename(std::string_view prefix, const std::string& arg, Repository* repo = nullptr);
bool looks_like_filename(std::string_view prefix, const std::string& arg);

// ---- git init ----
struct InitOptions {
  std::string git_dir;                      // where
  std::optional<std::string> real_git_dir;  // --separate-git-dir
  std::optional<std::string> template_dir;
  std::optional<std::string> worktree;
  HashAlgo algo = HashAlgo::unknown;  // unknown: GIT_DEFAULT_HASH, init.defaultObjectFormat, sha1
  std::string ref_format;             // "": GIT_DEFAULT_REF_FORMAT, init.defaultRefFormat, files
  std::optional<std::string> initial_branch;
  std::optional<int> shared;  // core.sharedRepository
  bool quiet = false;
  bool is_bare = false;
};
// Creates or re-initialises; prints git's "Initialized empty Git repository in ..." unless quiet.
std::unique_ptr<Repository> init_db(const InitOptions& options);
std::string default_branch_name(Config& config, bool quiet);

}  // namespace git
