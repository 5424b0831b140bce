// git init: make a repository, or complete an existing one.
#include <unistd.h>

#include <cerrno>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"

GIT_BUILTIN("init", cmd_init_db, 0)
GIT_BUILTIN("init-db", cmd_init_db, 0)

namespace git {
namespace {

// A git directory named from outside is bare unless it is called ".git".
bool looks_bare(const std::string& git_dir, const std::string& cwd) {
  if (git_dir == ".") return true;
  if (git_dir == cwd) return true;
  if (git_dir == ".git") return false;
  return !ends_with(git_dir, "/.git");
}

void enter_directory(const std::string& dir) {
  if (::chdir(dir.c_str()) == 0) return;
  if (!make_leading_dirs(dir + "/x") && errno != EEXIST) die_errno("cannot mkdir %s", dir);
  if (::chdir(dir.c_str()) < 0) die_errno("cannot chdir to %s", dir);
}

}  // namespace

int cmd_init_db(Invocation& inv) {
  InitOptions init;
  bool is_bare = false;
  std::optional<std::string> object_format, ref_format, separate_dir;
  Options options(
      {"git init [-q | --quiet] [--bare] [--template=<template-directory>]\n"
       "         [--separate-git-dir <git-dir>] [--object-format=<format>]\n"
       "         [--ref-format=<format>]\n"
       "         [-b <branch-name> | --initial-branch=<branch-name>]\n"
       "         [--shared[=<permissions>]] [<directory>]"});
  options.string(0, "template", &init.template_dir, "template-directory", "directory from which templates will be used");
  options.boolean(0, "bare", &is_bare, "create a bare repository");
  options.callback(
      0, "shared", "permissions", "specify that the git repository is to be shared amongst several users",
      [&](const std::optional<std::string>& value, bool unset) {
        init.shared = unset ? 0 : parse_shared_repository("arg", value);
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  options.boolean('q', "quiet", &init.quiet, "be quiet");
  options.string(0, "separate-git-dir", &separate_dir, "gitdir", "separate git dir from working tree");
  options.string('b', "initial-branch", &init.initial_branch, "name", "override the name of the initial branch");
  options.string(0, "object-format", &object_format, "hash", "specify the hash algorithm to use");
  options.string(0, "ref-format", &ref_format, "format", "specify the reference format to use");
  auto args = options.parse(inv.args);
  if (args.size() > 1) options.usage_with_options();

  // `git --bare init` asks for the same as `git init --bare`.
  bool global_bare = !env_bool("GIT_IMPLICIT_WORK_TREE", true);
  is_bare = is_bare || global_bare;
  die_for_incompatible_opts({{separate_dir.has_value(), "--separate-git-dir"}, {is_bare, "--bare"}});
  if (separate_dir) init.real_git_dir = real_path_forgiving(absolute_path(*separate_dir));
  if (init.template_dir && !init.template_dir->empty()) init.template_dir = absolute_path(*init.template_dir);
  if (!args.empty()) enter_directory(args[0]);
  if (object_format) {
    init.algo = hash_by_name(*object_format);
    if (init.algo == HashAlgo::unknown) die("unknown hash algorithm '%s'", *object_format);
  }
  if (ref_format) {
    if (*ref_format != "files" && *ref_format != "reftable") die("unknown ref storage format '%s'", *ref_format);
    init.ref_format = *ref_format;
  }

  std::string cwd = current_dir();
  auto git_dir = get_env("GIT_DIR");
  auto worktree = get_env("GIT_WORK_TREE");
  if (is_bare && (!git_dir || !args.empty())) {
    git_dir = cwd;
    set_env("GIT_DIR", cwd);
  }
  if ((!git_dir || is_bare) && worktree)
    die("%s (or --work-tree=<directory>) not allowed without specifying %s (or --git-dir=<directory>)", "GIT_WORK_TREE",
        "GIT_DIR");
  init.git_dir = git_dir.value_or(".git");
  bool bare_configured = is_bare;
  if (auto common = get_env("GIT_COMMON_DIR")) init.git_dir = *common;
  if (!is_bare && !git_dir && !worktree) {
    // In a linked worktree the repository itself is completed, not the worktree's own directory.
    if (auto target = read_gitfile(".git")) {
      std::string common = common_dir_of(*target, false);
      if (common != *target && separate_dir) {
        // The whole repository moves, not the worktree's part.
        std::string main_git = common;
        init.git_dir = main_git;
        if (path_basename(main_git) == ".git") init.worktree = real_path_forgiving(path_join(main_git, ".."));
        if (auto layout = read_repository_layout(main_git); layout && layout->configured_bare.value_or(false))
          die("--separate-git-dir incompatible with bare repository");
        init.is_bare = false;
        init_db(init);
        return 0;
      }
      if (!separate_dir) init.git_dir = *target;
      if (common != *target) {
        init.git_dir = common;
        auto layout = read_repository_layout(common);
        is_bare = layout && layout->configured_bare.value_or(false);
        if (!is_bare && path_basename(common) == ".git") init.worktree = real_path_forgiving(path_join(common, ".."));
      }
    }
  }
  if (!bare_configured && !is_bare && !worktree) {
    if (git_dir) is_bare = looks_bare(*git_dir, cwd);
    if (auto layout = is_git_directory(init.git_dir) ? read_repository_layout(init.git_dir) : Result<RepositoryLayout>(Error{});
        layout && layout->configured_bare)
      is_bare = is_bare || (*layout->configured_bare && git_dir.has_value());
  }
  if (is_bare && separate_dir) die("--separate-git-dir incompatible with bare repository");
  init.is_bare = is_bare;
  if (!is_bare) {
    if (worktree) {
      init.worktree = absolute_path(*worktree);
      if (::access(worktree->c_str(), X_OK) < 0) die_errno("Cannot access work tree '%s'", *worktree);
    } else if (git_dir && !init.worktree) {
      // A ".git" named from elsewhere belongs to the directory it stands in.
      std::string parent = real_path_forgiving(absolute_path(*git_dir) + "/..");
      init.worktree = ends_with(*git_dir, "/.git") ? parent : cwd;
    }
  }
  init_db(init);
  return 0;
}

}  // namespace git
