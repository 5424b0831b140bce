// Whose repository it is.  A git directory can name programs to run, so one that somebody else owns is used only where
// the user's own configuration says so (git-config(1), "safe.directory").
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "config.h"
#include "setup.h"

namespace git {
namespace {

bool is_owned_by_us(const std::string& path) {
  auto st = lstat_path(path);
  if (!st) return false;
  uid_t us = ::geteuid();
  if (us == 0) {
    // Under sudo the repository of the user behind it is as good as root's own.
    if (st->st_uid == 0) return true;
    if (auto sudo = get_env("SUDO_UID"))
      if (auto id = parse_uint(*sudo)) us = static_cast<uid_t>(*id);
  }
  return st->st_uid == us;
}

bool is_allowed(const std::string& path) {
  ConfigSources sources;
  Config config(sources);
  bool allowed = false;
  for (const ConfigEntry* entry : config.find_all("safe.directory")) {
    if (!entry->value || entry->value->empty()) {
      allowed = false;
      continue;
    }
    if (*entry->value == "*") {
      allowed = true;
      continue;
    }
    auto expanded = expand_user_path(*entry->value);
    std::string wanted = expanded ? *expanded : *entry->value;
    if (!is_absolute_path(wanted) && wanted != ".") {
      warning("safe.directory '%s' not absolute", wanted);
      continue;
    }
    if (ends_with(wanted, "/*")) {
      std::string below = real_path_forgiving(wanted.substr(0, wanted.size() - 1));
      if (!ends_with(below, "/")) below += '/';
      if (starts_with(path, below)) allowed = true;
    } else if (real_path_forgiving(wanted) == path) {
      allowed = true;
    }
  }
  return allowed;
}

}  // namespace

bool has_dubious_ownership(const std::string& gitfile, const std::string& worktree, const std::string& git_dir) {
  bool pretend_other = env_bool("GIT_TEST_ASSUME_DIFFERENT_OWNER", false);
  auto ours = [](const std::string& path) { return path.empty() || is_owned_by_us(path); };
  if (!pretend_other && ours(gitfile) && ours(worktree) && ours(git_dir)) return false;
  return !is_allowed(real_path_forgiving(worktree.empty() ? git_dir : worktree));
}

void die_upon_dubious_ownership(const std::string& gitfile, const std::string& worktree, const std::string& git_dir) {
  if (!has_dubious_ownership(gitfile, worktree, git_dir)) return;
  std::string path = real_path_forgiving(worktree.empty() ? git_dir : worktree);
  die("detected dubious ownership in repository at '%s'\nTo add an exception for this directory, call:\n\n"
      "\tgit config --global --add safe.directory %s",
      path, sq_quote_pretty(path));
}

}  // namespace git
