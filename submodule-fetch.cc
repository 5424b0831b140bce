// First the submodules of the index, then those that only the new history knows and whose repository is still here.  A commit
// that was recorded but that no branch of the submodule's remote brought is asked for by name in a second round.
#include "submodule-fetch.h"

#include <unistd.h>

#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"
#include "submodule-changes.h"
#include "submodule.h"

namespace git {

SubmoduleRecurse parse_fetch_recurse_argument(const std::string& option, const std::string& word) {
  auto mode = parse_fetch_recurse(word);
  if (!mode) die(_("bad %s argument: %s"), option, word);
  return *mode;
}

SubmoduleRecurse configured_fetch_recurse(Repository& repo) {
  // Whichever was set last.
  SubmoduleRecurse mode = SubmoduleRecurse::unset;
  for (const GitmodulesValue& entry : read_gitmodules_values(repo))
    if (entry.key == "fetch.recursesubmodules") mode = parse_fetch_recurse_argument(entry.key, entry.value);
  for (const ConfigEntry& entry : repo.config().entries()) {
    if (entry.key == "fetch.recursesubmodules")
      mode = entry.value ? parse_fetch_recurse_argument(entry.key, *entry.value) : SubmoduleRecurse::on;
    else if (entry.key == "submodule.recurse")
      mode = parse_config_bool(entry.key, entry.value).take_or_die() ? SubmoduleRecurse::on : SubmoduleRecurse::off;
  }
  return mode;
}

bool has_submodules(Repository& repo) {
  return !SubmoduleConfig(repo).current().by_name().empty() || !list_dir(repo.git_path("modules")).empty();
}

namespace {

class Fetcher {
 public:
  Fetcher(Repository& repo, const SubmoduleFetch& fetch) : command_(repo, ""), repo_(repo), f_(fetch) {}
  int run();

 private:
  struct Task {
    std::string name, path, git_dir, fallback;
    bool has_worktree = true;
    bool is_second = false;  // asks for commits by name
    std::vector<ObjectId> commits;
  };

  void find_changes();
  SubmoduleRecurse mode_of(const Submodule* submodule);
  // False where this submodule is not fetched. `task.git_dir` stays empty where there is no repository.
  bool make_task(const std::string& path, const Submodule* submodule, Task& task);
  bool next_of_index(Task& task, std::string& out);
  bool next_of_changes(Task& task, std::string& out);
  void fill_child(const Task& task, ChildProcess& child);
  void finished(int code, std::size_t id);

  SubmoduleCommand command_;
  Repository& repo_;
  const SubmoduleFetch& f_;
  std::map<std::string, SubmoduleChange> changes_;
  std::map<std::string, SubmoduleChange>::iterator change_;
  std::vector<SubmoduleEntry> entries_;
  std::size_t entry_ = 0;
  std::set<std::string> seen_;
  std::vector<Task> tasks_;
  std::vector<Task> second_;
  std::string failed_;
  int result_ = 0;
};

void Fetcher::find_changes() {
  std::string revisions;
  for (const ObjectId& oid : f_.tips_after) revisions += oid.hex() + "\n";
  if (!revisions.empty() && has_submodules(repo_)) {
    revisions += "--not\n";
    for (const ObjectId& oid : f_.tips_before) revisions += oid.hex() + "\n";
    changes_ = changed_submodules(repo_, command_.config, revisions);
  }
  // What is here already need not be fetched.
  std::erase_if(changes_, [&](const auto& item) {
    const auto& [name, change] = item;
    const Submodule* submodule = command_.config.find_by_name(name);
    const std::string path = submodule && !submodule->path.empty() ? submodule->path : change.path;
    auto repo = open_submodule(repo_, command_.config, path, &change.super_oid);
    return repo && submodule_has_commits(*repo, change.new_commits);
  });
  change_ = changes_.begin();
}

SubmoduleRecurse Fetcher::mode_of(const Submodule* submodule) {
  if (f_.asked != SubmoduleRecurse::unset) return f_.asked;
  if (submodule) {
    SubmoduleRecurse mode = submodule->fetch_recurse;
    const std::string key = "submodule." + submodule->name + ".fetchrecursesubmodules";
    if (auto word = repo_.config().get_string(key)) mode = parse_fetch_recurse_argument(key, *word);
    if (mode != SubmoduleRecurse::unset) return mode;
  }
  return f_.fallback;
}

bool Fetcher::make_task(const std::string& path, const Submodule* submodule, Task& task) {
  // Before there was .gitmodules, a repository at a gitlink was enough.
  task.name = submodule ? submodule->name : default_submodule_name(path);
  task.path = path;
  if (task.name.empty() || seen_.count(task.name)) return false;
  switch (mode_of(submodule)) {
    case SubmoduleRecurse::off:
      return false;
    case SubmoduleRecurse::on:
      task.fallback = "yes";
      break;
    default:
      if (!changes_.count(task.name)) return false;
      task.fallback = "on-demand";
  }
  if (auto dir = populated_submodule_git_dir(path)) {
    task.git_dir = *dir;
  } else if (submodule) {
    task.has_worktree = false;
    std::string dir_of_name = submodule_git_dir_of_name(repo_, submodule->name);
    if (path_exists(path_join(dir_of_name, "HEAD"))) task.git_dir = dir_of_name;
  }
  return true;
}

bool Fetcher::next_of_index(Task& task, std::string& out) {
  while (entry_ < entries_.size()) {
    const std::string& path = entries_[entry_++].path;
    task = {};
    if (!make_task(path, command_.config.find(path), task)) continue;
    if (!task.git_dir.empty()) {
      if (!f_.quiet) out += strf(_("Fetching submodule %s%s\n"), f_.prefix, path);
      return true;
    }
    // An empty directory is a submodule that nobody asked for.
    if (path_exists(path) && !is_empty_dir(path)) {
      result_ = 1;
      out += strf(_("Could not access submodule '%s'\n"), path);
    }
  }
  return false;
}

bool Fetcher::next_of_changes(Task& task, std::string& out) {
  while (change_ != changes_.end()) {
    const auto& [name, change] = *change_++;
    const Submodule* submodule = command_.config.of_tree(change.super_oid).find_by_path(change.path);
    if (!command_.config.is_active(change.super_oid, change.path)) continue;
    task = {};
    if (!make_task(change.path, submodule, task)) continue;
    const std::string at = unique_abbrev(repo_, change.super_oid);
    if (task.git_dir.empty()) {
      out += strf(_("Could not access submodule '%s' at commit %s\n"), change.path, at);
      continue;
    }
    if (!f_.quiet) out += strf(_("Fetching submodule %s%s at commit %s\n"), f_.prefix, change.path, at);
    return true;
  }
  return false;
}

// Asked of a command, since it dies where there is no such repository.
std::string remote_of(const std::string& path) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"submodule--helper", "get-default-remote", path};
  CommandOutput output = pipe_command(child, {});
  return output.code ? "origin" : std::string(trim(output.out));
}

void Fetcher::fill_child(const Task& task, ChildProcess& child) {
  child = submodule_child(task.has_worktree ? task.path : task.git_dir, {});
  // Its core.worktree was unset when it went away.
  if (!task.has_worktree) child.env.back() = "GIT_DIR=.", child.args = {"--work-tree=."};
  child.args.push_back("fetch");
  child.args.insert(child.args.end(), f_.options.begin(), f_.options.end());
  child.args.push_back("--recurse-submodules-default=" + (task.is_second ? "on-demand" : task.fallback));
  child.args.push_back("--submodule-prefix=" + f_.prefix + task.path + "/");
  if (!task.is_second) return;
  child.args.push_back(remote_of(task.path));
  for (const ObjectId& oid : task.commits) child.args.push_back(oid.hex());
}

void Fetcher::finished(int code, std::size_t id) {
  Task task = tasks_[id];
  if (code) {
    result_ = 1;
    failed_ += "\t" + task.name + "\n";
  }
  auto change = changes_.find(task.name);
  if (task.is_second || change == changes_.end()) return;
  auto repo = Repository::open(task.git_dir);
  if (!repo) return;
  for (const ObjectId& oid : change->second.new_commits)
    if ((*repo)->odb().type_of(oid, kLookupNoFetch) != ObjectType::commit) task.commits.push_back(oid);
  if (task.commits.empty()) return;
  task.is_second = true;
  second_.push_back(std::move(task));
}

int Fetcher::run() {
  if (!repo_.worktree()) return 0;
  find_changes();
  Index index = Index::read(repo_);
  for (const auto& e : index.entries())
    if (is_gitlink_mode(e->mode)) entries_.push_back({e->path, e->oid, e->stage});
  ParallelTask task;
  task.jobs = f_.jobs;
  task.trace2_category = "submodule";
  task.trace2_label = "parallel/fetch";
  task.next = [&](ChildProcess& child, std::string& out, std::size_t& id) {
    Task next;
    if (!next_of_index(next, out) && !next_of_changes(next, out)) {
      if (second_.empty()) return false;
      next = std::move(second_.back());
      second_.pop_back();
    }
    fill_child(next, child);
    seen_.insert(next.name);
    id = tasks_.size();
    tasks_.push_back(std::move(next));
    return true;
  };
  task.start_failure = [&](std::string&, std::size_t) {
    result_ = 1;
    return true;
  };
  task.finished = [&](int code, std::string&, std::size_t id) {
    finished(code, id);
    return true;
  };
  run_processes_parallel(task);
  if (!failed_.empty()) errf(_("Errors during submodule fetch:\n%s"), failed_);
  return result_;
}

}  // namespace

int fetch_submodules(Repository& repo, const SubmoduleFetch& fetch) { return Fetcher(repo, fetch).run(); }

bool submodules_change_between(Repository& repo, const ObjectId& excluded, const ObjectId& included) {
  SubmoduleConfig config(repo);
  if (config.current().by_name().empty()) return false;
  return !changed_submodules(repo, config, included.hex() + "\n--not\n" + excluded.hex() + "\n").empty();
}

}  // namespace git
