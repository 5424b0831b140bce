// git submodule update: first all clones, several at a time; then one submodule after the other is brought to its commit.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "index/submodule-head.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"

namespace git {
namespace {

class Update {
 public:
  explicit Update(SubmoduleCommand& command) : command_(command), repo_(command.repo) {}
  int run(const std::vector<std::string>& args);

 private:
  struct Job {
    SubmoduleEntry entry;
    bool just_cloned = false;
    int failures = 0;
  };

  std::vector<std::string> parse(const std::vector<std::string>& args);
  bool prepare(const SubmoduleEntry& e, ChildProcess& child, std::string& out, bool& must_clone);
  void not_initialized(const std::string& path, std::string& out);
  SubmoduleUpdateStrategy strategy_for(const Submodule& submodule, const std::string& path, bool just_cloned);
  bool clone_missing(const std::vector<SubmoduleEntry>& list);
  int update_one(Job& job);
  int bring_to(const Job& job, const ObjectId& oid, const std::optional<ObjectId>& head);
  int run_procedure(const Job& job, const ObjectId& oid, bool force);
  bool has_commit(const std::string& path, const ObjectId& oid);
  bool fetch_in(const std::string& path, const ObjectId* oid, const std::string& remote = {});
  std::string remote_branch(const Submodule& submodule);
  int recurse(const Job& job);

  SubmoduleCommand& command_;
  Repository& repo_;
  bool force_ = false, init_ = false, remote_ = false, recursive_ = false, no_fetch_ = false, dissociate_ = false;
  bool progress_ = false, require_init_ = false, warn_uninitialized_ = false;
  int jobs_ = -1, recommend_shallow_ = -1, single_branch_ = -1, default_update_ = 0;
  std::optional<std::string> depth_, filter_, ref_format_;
  std::vector<std::string> references_;
  std::vector<Job> todo_;
};

std::vector<std::string> Update::parse(const std::vector<std::string>& args) {
  Options options(
      {"git submodule [--quiet] update [--init [--filter=<filter-spec>]] [--remote] [-N|--no-fetch] [-f|--force] "
       "[--checkout|--merge|--rebase] [--[no-]recommend-shallow] [--reference <repository>] [--recursive] "
       "[--[no-]single-branch] [--] [<path>...]"});
  command_.add_common_options(options);
  options.boolean('f', "force", &force_, N_("force checkout updates"));
  options.boolean(0, "init", &init_, N_("initialize uninitialized submodules before update"));
  options.boolean(0, "remote", &remote_, N_("use SHA-1 of submodule's remote tracking branch"));
  options.boolean(0, "recursive", &recursive_, N_("traverse submodules recursively"));
  options.boolean('N', "no-fetch", &no_fetch_, N_("don't fetch new objects from the remote site"));
  auto kind = [](SubmoduleUpdate type) { return static_cast<int>(type); };
  options.set_int(0, "checkout", &default_update_, kind(SubmoduleUpdate::checkout),
                  N_("use the 'checkout' update strategy (default)"));
  options.set_int('m', "merge", &default_update_, kind(SubmoduleUpdate::merge), N_("use the 'merge' update strategy"));
  options.set_int('r', "rebase", &default_update_, kind(SubmoduleUpdate::rebase), N_("use the 'rebase' update strategy"));
  options.strings(0, "reference", &references_, "repo", N_("reference repository"));
  options.string(0, "ref-format", &ref_format_, "format", N_("specify the reference format to use"));
  options.boolean(0, "dissociate", &dissociate_, N_("use --reference only while cloning"));
  options.string(0, "depth", &depth_, "depth", N_("create a shallow clone truncated to the specified number of revisions"));
  options.integer('j', "jobs", &jobs_, "n", N_("parallel jobs"));
  options.boolean(0, "recommend-shallow", &recommend_shallow_,
                  N_("whether the initial clone should follow the shallow recommendation"));
  options.boolean(0, "progress", &progress_, N_("force cloning progress"));
  options.boolean(0, "require-init", &require_init_, N_("disallow cloning into non-empty directory, implies --init"));
  options.boolean(0, "single-branch", &single_branch_, N_("clone only one branch, HEAD or --branch"));
  options.string(0, "filter", &filter_, "args", N_("object filtering"));
  auto rest = options.parse(args, command_.prefix);
  if (require_init_) init_ = true;
  if (filter_ && !init_) options.usage_with_options();
  return rest;
}

void Update::not_initialized(const std::string& path, std::string& out) {
  // Only worth a word where the user named it.
  if (warn_uninitialized_)
    out += strf(_("Submodule path '%s' not initialized\nMaybe you want to use 'update --init'?\n"), command_.display_path(path));
}

SubmoduleUpdateStrategy Update::strategy_for(const Submodule& submodule, const std::string& path, bool just_cloned) {
  SubmoduleUpdateStrategy strategy;
  const std::string key = "submodule." + submodule.name + ".update";
  if (default_update_) {
    strategy.type = static_cast<SubmoduleUpdate>(default_update_);
  } else if (auto word = repo_.config().get_string(key)) {
    auto parsed = parse_submodule_update_strategy(*word);
    if (!parsed) die(_("Invalid update mode '%s' configured for submodule path '%s'"), *word, path);
    strategy = *parsed;
  } else if (submodule.update.type != SubmoduleUpdate::unspecified) {
    strategy = submodule.update;
  } else {
    strategy.type = SubmoduleUpdate::checkout;
  }
  // There is nothing yet that could be merged or rebased.
  if (just_cloned && (strategy.type == SubmoduleUpdate::merge || strategy.type == SubmoduleUpdate::rebase ||
                      strategy.type == SubmoduleUpdate::none))
    strategy = {SubmoduleUpdate::checkout, {}};
  return strategy;
}

// False where the submodule is left alone. `child` is what clones it where it `must_clone`.
bool Update::prepare(const SubmoduleEntry& e, ChildProcess& child, std::string& out, bool& must_clone) {
  const std::string shown = command_.display_path(e.path);
  if (e.stage) {
    out += strf(_("Skipping unmerged submodule %s\n"), shown);
    return false;
  }
  const Submodule* submodule = command_.config.find(e.path);
  if (!submodule) {
    not_initialized(e.path, out);
    return false;
  }
  if (strategy_for(*submodule, e.path, false).type == SubmoduleUpdate::none) {
    out += strf(_("Skipping submodule '%s'\n"), shown);
    return false;
  }
  if (!command_.config.is_active(submodule)) {
    not_initialized(e.path, out);
    return false;
  }
  auto url = repo_.config().get_string("submodule." + submodule->name + ".url");
  if (!url && submodule->url)
    url = is_relative_submodule_url(*submodule->url) ? resolve_relative_url(repo_, *submodule->url, std::nullopt, true)
                                                     : *submodule->url;
  if (!url) die(_("cannot clone submodule '%s' without a URL"), submodule->name);
  must_clone = !path_exists(path_join(e.path, ".git"));
  if (!must_clone) return true;
  child.git_command = true;
  child.args = {"submodule--helper", "clone"};
  auto add = [&](std::vector<std::string> words) { child.args.insert(child.args.end(), words.begin(), words.end()); };
  if (progress_) add({"--progress"});
  if (command_.quiet) add({"--quiet"});
  if (depth_) add({"--depth=" + *depth_});
  // --recommend-shallow follows what .gitmodules says, which is also the default.
  if (!depth_ && recommend_shallow_ != 0 && submodule->recommend_shallow.value_or(false)) add({"--depth=1"});
  if (filter_) add({"--filter", *filter_});
  if (require_init_) add({"--require-init"});
  add({"--path", e.path, "--name", submodule->name, "--url", *url});
  for (const std::string& reference : references_) add({"--reference", reference});
  if (dissociate_) add({"--dissociate"});
  if (ref_format_) add({"--ref-format=" + *ref_format_});
  if (single_branch_ >= 0) add({single_branch_ ? "--single-branch" : "--no-single-branch"});
  return true;
}

// False where a submodule could not be cloned twice.
bool Update::clone_missing(const std::vector<SubmoduleEntry>& list) {
  std::size_t at = 0;
  std::vector<std::size_t> retries;
  bool gave_up = false;
  ParallelTask task;
  task.jobs = jobs_;
  task.trace2_category = "submodule";
  task.trace2_label = "parallel/update";
  task.next = [&](ChildProcess& child, std::string& out, std::size_t& id) {
    while (at < list.size()) {
      const SubmoduleEntry& e = list[at++];
      bool must_clone = false;
      if (!prepare(e, child, out, must_clone)) continue;
      todo_.push_back({e, must_clone, 0});
      id = todo_.size() - 1;
      if (must_clone) return true;
    }
    if (retries.empty()) return false;
    id = retries.front();
    retries.erase(retries.begin());
    bool must_clone = false;
    return prepare(todo_[id].entry, child, out, must_clone) && must_clone;
  };
  task.start_failure = [&](std::string&, std::size_t) {
    gave_up = true;
    return false;
  };
  task.finished = [&](int code, std::string& out, std::size_t id) {
    if (!code) return true;
    const std::string& shown = todo_[id].entry.path;
    if (todo_[id].failures++ == 0) {
      out += strf(_("Failed to clone '%s'. Retry scheduled"), shown) + "\n";
      retries.push_back(id);
      return true;
    }
    out += strf(_("Failed to clone '%s' a second time, aborting"), shown) + "\n";
    gave_up = true;
    return false;
  };
  run_processes_parallel(task);
  return !gave_up;
}

bool Update::has_commit(const std::string& path, const ObjectId& oid) {
  ChildProcess child = submodule_child(path, {"rev-list", "-n", "1", oid.hex(), "--not", "--all"});
  child.err = ChildProcess::kNull;
  CommandOutput output = pipe_command(child, {});
  return output.code == 0 && output.out.empty();
}

bool Update::fetch_in(const std::string& path, const ObjectId* oid, const std::string& remote) {
  ChildProcess child = submodule_child(path, {"fetch"});
  if (command_.quiet) child.args.push_back("--quiet");
  if (depth_) child.args.push_back("--depth=" + *depth_);
  if (!remote.empty()) child.args.push_back(remote);
  if (oid) child.args.insert(child.args.end(), {default_remote_of_submodule(command_, path), oid->hex()});
  return child.run() == 0;
}

std::string Update::remote_branch(const Submodule& submodule) {
  std::string branch =
      repo_.config().get_string("submodule." + submodule.name + ".branch").value_or(submodule.branch.value_or("HEAD"));
  if (branch != ".") return branch;
  auto head = repo_.refs().read("HEAD");
  std::string_view name = head ? std::string_view(head->symref_target) : std::string_view();
  if (!skip_prefix(name, "refs/heads/"))
    die(_("Submodule (%s) branch configured to inherit branch from superproject, but the superproject is not on any branch"),
        submodule.name);
  return std::string(name);
}

int Update::run_procedure(const Job& job, const ObjectId& oid, bool force) {
  const std::string& path = job.entry.path;
  const std::string shown = command_.display_path(path);
  const SubmoduleUpdateStrategy strategy = strategy_for(*command_.config.find(path), path, job.just_cloned);
  ChildProcess child = submodule_child(path, {});
  std::string failure, success;
  switch (strategy.type) {
    case SubmoduleUpdate::rebase:
      child.args = {"rebase"};
      if (command_.quiet) child.args.push_back("--quiet");
      failure = strf(_("Unable to rebase '%s' in submodule path '%s'"), oid, shown);
      success = strf(_("Submodule path '%s': rebased into '%s'\n"), shown, oid);
      break;
    case SubmoduleUpdate::merge:
      child.args = {"merge"};
      if (command_.quiet) child.args.push_back("--quiet");
      failure = strf(_("Unable to merge '%s' in submodule path '%s'"), oid, shown);
      success = strf(_("Submodule path '%s': merged in '%s'\n"), shown, oid);
      break;
    case SubmoduleUpdate::command:
      child.git_command = false;
      child.use_shell = true;
      child.args = {strategy.command};
      failure = strf(_("Execution of '%s %s' failed in submodule path '%s'"), strategy.command, oid, shown);
      success = strf(_("Submodule path '%s': '%s %s'\n"), shown, strategy.command, oid);
      break;
    default:
      child.args = {"checkout", "-q"};
      if (force) child.args.push_back("-f");
      failure = strf(_("Unable to checkout '%s' in submodule path '%s'"), oid, shown);
      success = strf(_("Submodule path '%s': checked out '%s'\n"), shown, oid);
  }
  child.args.push_back(oid.hex());
  if (child.run()) {
    report("fatal: ", failure);
    // What a checkout left behind is clear; anything else needs the user first.
    return strategy.type == SubmoduleUpdate::checkout ? 1 : 128;
  }
  if (!command_.quiet) out(success);
  return 0;
}

int Update::bring_to(const Job& job, const ObjectId& oid, const std::optional<ObjectId>& head) {
  const std::string& path = job.entry.path;
  const std::string shown = command_.display_path(path);
  if (!no_fetch_) {
    if (!has_commit(path, oid) && !fetch_in(path, nullptr))
      errf(_("Unable to fetch in submodule path '%s'; trying to directly fetch %s:\n"), shown, oid);
    if (!has_commit(path, oid) && !fetch_in(path, &oid)) {
      report("fatal: ",
             strf(_("Fetched in submodule path '%s', but it did not contain %s. Direct fetching of that commit failed."), shown,
                  oid));
      return 128;
    }
  }
  return run_procedure(job, oid, !head || force_);
}

int Update::update_one(Job& job) {
  const std::string& path = job.entry.path;
  const std::string shown = command_.display_path(path);
  die_unless_submodule_path_is_real(path);
  const Submodule& submodule = *command_.config.find(path);
  ObjectId oid = job.entry.oid;
  std::optional<ObjectId> head;
  if (!job.just_cloned) {
    head = submodule_head(path);
    if (!head) die(_("Unable to find current revision in submodule path '%s'"), shown);
  }
  if (remote_) {
    const std::string remote = default_remote_of_submodule(command_, path);
    const std::string ref = "refs/remotes/" + remote + "/" + remote_branch(submodule);
    if (!no_fetch_ && !fetch_in(path, nullptr, remote)) die(_("Unable to fetch in submodule path '%s'"), path);
    auto repo = open_submodule(repo_, command_.config, path);
    auto found = repo ? repo->refs().read_oid(ref) : std::nullopt;
    if (!found) die(_("Unable to find %s revision in submodule path '%s'"), ref, path);
    oid = *found;
  }
  if (!head || *head != oid || force_)
    if (int code = bring_to(job, oid, head)) return code;
  return recursive_ ? recurse(job) : 0;
}

int Update::recurse(const Job& job) {
  ChildProcess child = command_.recurse_into(job.entry.path, "update");
  auto add = [&](const std::string& word) { child.args.push_back(word); };
  add("--recursive");
  if (force_) add("--force");
  if (init_) add("--init");
  if (remote_) add("--remote");
  if (no_fetch_) add("--no-fetch");
  if (dissociate_) add("--dissociate");
  if (progress_) add("--progress");
  if (require_init_) add("--require-init");
  add(strf("--jobs=%d", jobs_));
  if (depth_) add("--depth=" + *depth_);
  for (const std::string& reference : references_) add("--reference=" + reference);
  if (ref_format_) add("--ref-format=" + *ref_format_);
  if (filter_) add("--filter=" + *filter_);
  if (recommend_shallow_ >= 0) add(recommend_shallow_ ? "--recommend-shallow" : "--no-recommend-shallow");
  if (single_branch_ >= 0) add(single_branch_ ? "--single-branch" : "--no-single-branch");
  if (default_update_) add("--" + format_submodule_update_strategy({static_cast<SubmoduleUpdate>(default_update_), {}}));
  child.in = ChildProcess::kNull;
  int code = child.run();
  if (!code) return 0;
  report("fatal: ", strf(_("Failed to recurse into submodule path '%s'"), command_.display_path(job.entry.path)));
  return code == 128 ? 128 : 1;
}

int Update::run(const std::vector<std::string>& args) {
  auto rest = parse(args);
  auto list = list_submodules(command_, rest);
  if (!list) return 1;
  warn_uninitialized_ = !rest.empty();
  if (jobs_ < 0) jobs_ = submodule_fetch_jobs(repo_);
  if (init_) {
    auto to_init = rest.empty() ? active_submodules_only(command_, *list) : *list;
    for (const SubmoduleEntry& e : to_init) init_one_submodule(command_, e.path);
  }
  if (!clone_missing(*list)) return 1;
  int result = 0;
  for (Job& job : todo_) {
    int code = update_one(job);
    if (!code) continue;
    result = code;
    if (code == 128) break;
  }
  return result;
}

}  // namespace

int submodule_update(SubmoduleCommand& command, const std::vector<std::string>& args) { return Update(command).run(args); }

}  // namespace git
