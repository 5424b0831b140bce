// A linked worktree is a directory below <common_dir>/worktrees; its file "gitdir" says where the worktree's ".git" is.
#include "worktree.h"

#include <algorithm>

#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "refs.h"
#include "repository.h"

namespace git {
namespace {

std::optional<std::string> read_trimmed(const std::string& path) {
  Result<std::string> text = read_file(path);
  if (!text) return std::nullopt;
  return std::string(rtrim(*text));
}

void read_head(Repository& repo, Worktree& worktree) {
  worktree.head_oid = ObjectId::null(repo.algo());
  std::string name = worktree_ref_name(worktree, "HEAD");
  std::optional<Ref> head = repo.refs().read(name);
  if (!head || head->is_broken) return;
  worktree.is_detached = head->symref_target.empty();
  if (!worktree.is_detached && !check_refname_format(head->symref_target)) return;
  if (worktree.is_detached) {
    worktree.head_oid = head->oid;
    return;
  }
  std::optional<ResolvedRef> resolved = repo.refs().resolve(name);
  worktree.head_ref = resolved ? resolved->name : head->symref_target;
  if (resolved && resolved->exists) worktree.head_oid = resolved->oid;
}

// core.bare as the main worktree sees it: its own config.worktree comes last.
bool is_main_bare(Repository& repo) {
  bool bare = false;
  std::vector<std::string> files{path_join(repo.common_dir(), "config")};
  if (repo.layout().worktree_config) files.push_back(path_join(repo.common_dir(), "config.worktree"));
  for (const std::string& file : files) {
    if (!path_exists(file)) continue;
    Result<std::vector<ConfigEntry>> entries = read_config_file(file, false, {});
    if (!entries) continue;
    for (const ConfigEntry& entry : *entries)
      if (entry.key == "core.bare") bare = parse_maybe_bool(entry.value).value_or(bare);
  }
  return bare;
}

Worktree read_main_worktree(Repository& repo) {
  Worktree main;
  std::string_view path = repo.common_dir();
  strip_suffix(path, "/.git");
  main.path = path;
  main.git_dir = repo.common_dir();
  main.is_current = repo.git_dir_abs() == repo.common_dir();
  main.is_bare = main.is_current ? repo.is_bare() : is_main_bare(repo);
  if (main.is_current && repo.worktree() && main.path == main.git_dir && !main.is_bare) main.path = *repo.worktree();
  read_head(repo, main);
  return main;
}

std::optional<Worktree> read_linked_worktree(Repository& repo, const std::string& id) {
  Worktree linked;
  linked.id = id;
  linked.git_dir = path_join(repo.common_dir(), "worktrees/" + id);
  std::optional<std::string> link = read_trimmed(path_join(linked.git_dir, "gitdir"));
  if (!link || link->empty()) return std::nullopt;
  std::string path = is_absolute_path(*link) ? *link : real_path_forgiving(path_join(linked.git_dir, *link));
  std::string_view top = path;
  strip_suffix(top, "/.git");
  linked.path = top;
  linked.is_current = repo.git_dir_abs() == linked.git_dir;
  linked.lock_reason = read_trimmed(path_join(linked.git_dir, "locked"));
  read_head(repo, linked);
  return linked;
}

// The branch that an operation in progress will come back to, "" where none is.
std::string rebased_branch(const Worktree& worktree) {
  for (const char* file : {"rebase-merge/head-name", "rebase-apply/head-name"})
    if (std::optional<std::string> name = read_trimmed(path_join(worktree.git_dir, file));
        name && starts_with(*name, "refs/heads/"))
      return *name;
  return "";
}

std::string bisected_branch(const Worktree& worktree) {
  std::optional<std::string> start = read_trimmed(path_join(worktree.git_dir, "BISECT_START"));
  if (!start || start->empty() || !path_exists(path_join(worktree.git_dir, "BISECT_LOG"))) return "";
  return starts_with(*start, "refs/heads/") ? *start : "refs/heads/" + *start;
}

// rebase --update-refs notes three lines for each ref: name, old and new value.
std::vector<std::string> refs_to_update(const Worktree& worktree) {
  std::vector<std::string> names;
  Result<std::string> text = read_file(path_join(worktree.git_dir, "rebase-merge/update-refs"));
  if (!text) return names;
  std::size_t number = 0;
  for (std::string_view line : split_lines(*text))
    if (number++ % 3 == 0) names.emplace_back(line);
  return names;
}

}  // namespace

std::string worktree_ref_name(const Worktree& worktree, std::string_view name) {
  if (worktree.is_current) return std::string(name);
  return (worktree.is_main() ? "main-worktree/" : "worktrees/" + worktree.id + "/") + std::string(name);
}

std::vector<Worktree> list_worktrees(Repository& repo) {
  std::vector<Worktree> result;
  for (const std::string& id : list_dir(path_join(repo.common_dir(), "worktrees")))
    if (std::optional<Worktree> linked = read_linked_worktree(repo, id)) result.push_back(std::move(*linked));
  std::sort(result.begin(), result.end(), [](const Worktree& a, const Worktree& b) { return a.path < b.path; });
  result.insert(result.begin(), read_main_worktree(repo));
  return result;
}

std::map<std::string, std::string> branches_in_use(const std::vector<Worktree>& worktrees) {
  std::map<std::string, std::string> result;
  for (const Worktree& worktree : worktrees) {
    if (worktree.is_bare) continue;
    if (!worktree.head_ref.empty()) result[worktree.head_ref] = worktree.path;
    for (const std::string& name : {rebased_branch(worktree), bisected_branch(worktree)})
      if (!name.empty()) result[name] = worktree.path;
    for (const std::string& name : refs_to_update(worktree)) result[name] = worktree.path;
  }
  return result;
}

std::optional<std::string> branch_checked_out(Repository& repo, const std::string& full_name) {
  std::map<std::string, std::string> in_use = branches_in_use(list_worktrees(repo));
  auto found = in_use.find(full_name);
  if (found == in_use.end()) return std::nullopt;
  return found->second;
}

bool is_worktree_being_rebased(const Worktree& worktree, std::string_view full_name) {
  return !full_name.empty() && rebased_branch(worktree) == full_name;
}

bool is_worktree_being_bisected(const Worktree& worktree, std::string_view full_name) {
  return !full_name.empty() && bisected_branch(worktree) == full_name;
}

}  // namespace git
