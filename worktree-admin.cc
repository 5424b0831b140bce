// Each half of the link can be mended from the other: the gitfile from the worktree's record, the record from the
// gitfile of a directory that the user names.
#include "worktree-admin.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "repository.h"
#include "setup.h"

namespace git {
namespace {

std::string admin_dir_of(const Repository& repo, const std::string& id) {
  return path_join(repo.common_dir(), "worktrees/" + id);
}

std::optional<std::string> read_line_file(const std::string& path) {
  auto text = read_file(path);
  if (!text) return std::nullopt;
  return std::string(rtrim(*text));
}

// The record's path, made absolute.
std::optional<std::string> recorded_dotgit(const std::string& admin_dir) {
  auto text = read_line_file(path_join(admin_dir, "gitdir"));
  if (!text || text->empty()) return std::nullopt;
  return is_absolute_path(*text) ? *text : real_path_forgiving(path_join(admin_dir, *text));
}

void use_relative_extension(Repository& repo) {
  if (repo.layout().relative_worktrees) return;
  std::string path = repo.common_path("config");
  if (config_set_in_file(path, "core.repositoryformatversion", "1"))
    die("unable to upgrade repository format to support relative worktrees");
  config_set_in_file(path, "extensions.relativeWorktrees", "true");
}

}  // namespace

bool wants_relative_worktrees(Repository& repo) { return repo.config().get_bool_or("worktree.userelativepaths", false); }

void write_worktree_links(Repository& repo, const std::string& dotgit, const std::string& admin_dir, bool relative) {
  std::string place = real_path_forgiving(dotgit), admin = real_path_forgiving(admin_dir);
  std::string to_worktree = place, to_admin = admin;
  if (relative) {
    use_relative_extension(repo);
    to_worktree = relative_path(place, admin);
    to_admin = relative_path(admin, std::string(path_dirname(place)));
  }
  if (!write_file(path_join(admin_dir, "gitdir"), to_worktree + "\n"))
    die_errno("could not write to '%s'", path_join(admin_dir, "gitdir"));
  if (!write_file(dotgit, "gitdir: " + to_admin + "\n")) die_errno("could not write to '%s'", dotgit);
}

PruneVerdict judge_worktree(Repository& repo, const std::string& id, std::int64_t expire) {
  std::string dir = admin_dir_of(repo, id), file = path_join(dir, "gitdir");
  auto gone = [](std::string reason) { return PruneVerdict{true, std::move(reason), {}}; };
  if (!is_directory(dir)) return gone("not a valid directory");
  if (path_exists(path_join(dir, "locked"))) return {};
  auto st = stat_path(file);
  if (!st) return gone("gitdir file does not exist");
  auto text = read_file(file);
  if (!text) return gone(strf("unable to read gitdir file (%s)", std::strerror(errno)));
  std::string line(rtrim(*text));
  if (line.empty()) return gone("invalid gitdir file");
  std::string dotgit = is_absolute_path(line) ? line : real_path_forgiving(path_join(dir, line));
  if (path_exists(dotgit)) return {false, {}, dotgit};
  auto index = stat_path(path_join(dir, "index"));
  std::int64_t last_use = index ? index->st_mtime : st->st_mtime;
  if (last_use <= expire) return gone("gitdir file points to non-existent location");
  return {false, {}, dotgit};
}

void delete_worktree_admin_dir(Repository& repo, const std::string& id) {
  std::string dir = admin_dir_of(repo, id);
  auto st = lstat_path(dir);
  bool removed = st && S_ISDIR(st->st_mode) ? remove_dir_recursively(dir) : remove_file(dir);
  if (!removed) error_errno("failed to delete '%s'", dir);
}
void delete_worktrees_dir_if_empty(Repository& repo) { ::rmdir(path_join(repo.common_dir(), "worktrees").c_str()); }

std::string validate_worktree(Repository& repo, const Worktree& worktree, bool may_be_missing) {
  std::string dotgit = path_join(worktree.path, ".git");
  if (worktree.is_main()) {
    if (!is_directory(dotgit)) return strf("'%s' at main working tree is not the repository directory", dotgit);
    return {};
  }
  if (!is_absolute_path(worktree.path))
    return strf("'%s' file does not contain absolute path to the working tree location", path_join(worktree.git_dir, "gitdir"));
  if (!path_exists(dotgit)) return may_be_missing ? "" : strf("'%s' does not exist", dotgit);
  auto target = read_gitfile(dotgit);
  if (!target) return strf("'%s' is not a .git file, error code %d", dotgit, 1);
  if (*target != real_path_forgiving(admin_dir_of(repo, worktree.id)))
    return strf("'%s' does not point back to '%s'", worktree.path, admin_dir_of(repo, worktree.id));
  return {};
}

std::optional<Worktree> find_worktree(const std::vector<Worktree>& worktrees, std::string_view prefix, const std::string& arg) {
  // First "foo/bar" as the end of exactly one path.
  const Worktree* found = nullptr;
  int matches = 0;
  for (const Worktree& worktree : worktrees) {
    const std::string& path = worktree.path;
    if (arg.empty() || path.size() <= arg.size() || !ends_with(path, arg) || path[path.size() - arg.size() - 1] != '/') continue;
    found = &worktree;
    matches++;
  }
  if (matches == 1) return *found;
  std::string full = is_absolute_path(arg) ? arg : std::string(prefix) + arg;
  std::string real = real_path_forgiving(absolute_path(full));
  for (const Worktree& worktree : worktrees)
    if (real_path_forgiving(worktree.path) == real) return worktree;
  return std::nullopt;
}

// ---- repair ----

namespace {

enum class GitfileState { good, not_a_file, not_a_repo, broken };
GitfileState look_at_gitfile(const std::string& path, std::string& target) {
  auto st = stat_path(path);
  if (st && !S_ISREG(st->st_mode)) return GitfileState::not_a_file;
  auto read = read_gitfile(path);
  if (read) {
    target = *read;
    return GitfileState::good;
  }
  return st && starts_with(read.error().message, "gitfile does not point") ? GitfileState::not_a_repo : GitfileState::broken;
}

bool holds_absolute_path(const std::string& file, std::string_view label) {
  auto text = read_line_file(file);
  std::string_view path = text ? std::string_view(*text) : std::string_view();
  skip_prefix(path, label);
  return is_absolute_path(path);
}

void repair_gitfile(Repository& repo, const std::string& id, const RepairReport& report, bool relative) {
  std::string admin = admin_dir_of(repo, id);
  auto dotgit = recorded_dotgit(admin);
  if (!dotgit) return;
  std::string worktree(path_dirname(*dotgit));
  if (!path_exists(worktree)) return;
  if (!is_directory(worktree)) {
    report(true, worktree, "not a directory");
    return;
  }
  std::string target;
  const char* problem = nullptr;
  switch (look_at_gitfile(*dotgit, target)) {
    case GitfileState::not_a_file:
      report(true, worktree, ".git is not a file");
      return;
    case GitfileState::good:
      if (target != real_path_forgiving(admin))
        problem = ".git file incorrect";
      else if (relative == holds_absolute_path(*dotgit, "gitdir: "))
        problem = ".git file absolute/relative path mismatch";
      break;
    default:
      problem = ".git file broken";
  }
  if (!problem) return;
  report(false, worktree, problem);
  write_worktree_links(repo, *dotgit, admin, relative);
}

// The record that a gitfile with a dead path once meant: the one of that name, here.
std::optional<std::string> infer_admin_dir(Repository& repo, const std::string& dotgit) {
  auto text = read_line_file(dotgit);
  std::string_view path = text ? std::string_view(*text) : std::string_view();
  if (!skip_prefix(path, "gitdir:")) return std::nullopt;
  std::string id(path_basename(std::string(trim(path))));
  if (id.empty() || id == "." || id == "..") return std::nullopt;
  std::string admin = admin_dir_of(repo, id);
  if (!is_directory(admin)) return std::nullopt;
  return real_path_forgiving(admin);
}

}  // namespace

void repair_worktrees(Repository& repo, const RepairReport& report, bool relative) {
  auto ids = list_dir(path_join(repo.common_dir(), "worktrees"));
  for (const std::string& id : ids) repair_gitfile(repo, id, report, relative);
}

void repair_worktree_at_path(Repository& repo, const std::string& path, const RepairReport& report, bool relative) {
  std::string dotgit = path_join(path, ".git");
  if (real_path_forgiving(dotgit) == real_path_forgiving(repo.common_dir())) return;
  if (!path_exists(dotgit)) {
    report(true, path, "not a valid path");
    return;
  }
  dotgit = real_path_forgiving(dotgit);
  std::string admin;
  auto inferred = infer_admin_dir(repo, dotgit);
  bool link_is_wrong = false;
  switch (look_at_gitfile(dotgit, admin)) {
    case GitfileState::good:
      // A copy of the whole repository has a record of that name too: that one is meant.
      if (inferred && *inferred != admin) {
        admin = *inferred;
        link_is_wrong = true;
      }
      break;
    case GitfileState::not_a_file:
      report(true, dotgit, "unable to locate repository; .git is not a file");
      return;
    case GitfileState::not_a_repo:
      if (!inferred) {
        report(true, dotgit, "unable to locate repository; .git file does not reference a repository");
        return;
      }
      admin = *inferred;
      link_is_wrong = true;
      break;
    case GitfileState::broken:
      report(true, dotgit, "unable to locate repository; .git file broken");
      return;
  }
  std::string record = path_join(admin, "gitdir");
  auto recorded = recorded_dotgit(admin);
  const char* problem = nullptr;
  if (!recorded)
    problem = "gitdir unreadable";
  else if (real_path_forgiving(*recorded) != dotgit)
    problem = "gitdir incorrect";
  else if (relative == holds_absolute_path(record, ""))
    problem = "gitdir absolute/relative path mismatch";
  if (!problem && !link_is_wrong) return;
  report(false, record, problem ? problem : "gitdir incorrect");
  write_worktree_links(repo, dotgit, admin, relative);
}

}  // namespace git
