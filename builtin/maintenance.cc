// git maintenance: housekeeping tasks, run now, when needed, or on a schedule (git-maintenance(1)).
#include <unistd.h>

#include <algorithm>

#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "builtin.h"
#include "config.h"
#include "hook.h"
#include "maintenance-schedule.h"
#include "maintenance.h"
#include "odb.h"
#include "pack/pack.h"
#include "refs.h"
#include "walk/commit-graph.h"
#include "walk/commit-pool.h"
#include "worktree.h"

GIT_BUILTIN("maintenance", cmd_maintenance, kSetupGently)

namespace git {
namespace {

enum Schedule { kNone = 0, kWeekly = 1, kDaily = 2, kHourly = 3 };
enum TaskId {
  kPrefetch,
  kLooseObjects,
  kIncrementalRepack,
  kGeometricRepack,
  kGc,
  kCommitGraph,
  kPackRefs,
  kReflogExpire,
  kWorktreePrune,
  kRerereGc,
  kTaskCount
};
constexpr const char* kTaskNames[] = {"prefetch",     "loose-objects", "incremental-repack", "geometric-repack", "gc",
                                      "commit-graph", "pack-refs",     "reflog-expire",      "worktree-prune",   "rerere-gc"};

struct StrategyTask {
  bool manual = false;
  Schedule schedule = kNone;
};
struct Strategy {
  const char* name;
  StrategyTask tasks[kTaskCount];
};
// Which tasks a plain run does, and how often the scheduler should.
constexpr Strategy kStrategies[] = {
    {"none", {}},
    {"gc", {{}, {}, {}, {}, {true, kDaily}}},
    {"incremental", {{false, kHourly}, {false, kDaily}, {false, kDaily}, {}, {true, kNone}, {false, kHourly}, {false, kWeekly}}},
    {"geometric",
     {{}, {}, {}, {true, kDaily}, {}, {true, kHourly}, {true, kDaily}, {true, kWeekly}, {true, kWeekly}, {true, kWeekly}}},
};

Schedule parse_schedule(std::string_view text) {
  if (iequals(text, "hourly")) return kHourly;
  if (iequals(text, "daily")) return kDaily;
  if (iequals(text, "weekly")) return kWeekly;
  return kNone;
}

class MaintenanceRun {
 public:
  explicit MaintenanceRun(Repository& repo) : repo_(repo), config_(repo.config()) {}

  bool auto_ = false;
  bool quiet_ = false;
  int detach_ = -1;
  std::string schedule_text;
  Schedule schedule_ = kNone;
  std::vector<std::string> selected_;

  void choose_tasks() {
    if (!schedule_text.empty()) {
      schedule_ = parse_schedule(schedule_text);
      if (!schedule_) die("unrecognized --schedule argument '%s'", schedule_text);
    }
    if (auto_ && schedule_) die("options '%s' and '%s' cannot be used together", "--auto", "--schedule=");
    if (!selected_.empty() && schedule_) die("options '%s' and '%s' cannot be used together", "--task=", "--schedule=");
    gc_ = read_gc_config(repo_);
    if (!selected_.empty()) {
      for (const std::string& name : selected_) {
        auto found = std::find_if(std::begin(kTaskNames), std::end(kTaskNames), [&](const char* n) { return iequals(n, name); });
        int id = static_cast<int>(found - std::begin(kTaskNames));
        if (std::find(tasks_.begin(), tasks_.end(), id) != tasks_.end()) {
          error("task '%s' cannot be selected multiple times", name);
          exit_with(129);
        }
        tasks_.push_back(id);
      }
      return;
    }
    const Strategy& strategy = find_strategy();
    for (int id = 0; id < kTaskCount; id++) {
      const StrategyTask& standard = strategy.tasks[id];
      std::string prefix = strf("maintenance.%s.", kTaskNames[id]);
      auto enabled = config_.get_bool(prefix + "enabled");
      if (schedule_) {
        Schedule when = standard.schedule;
        if (auto text = config_.get_string(prefix + "schedule")) when = parse_schedule(*text);
        bool is_on = enabled.value_or(when != kNone);
        if (is_on && when >= schedule_) tasks_.push_back(id);
      } else if (enabled.value_or(standard.manual)) {
        tasks_.push_back(id);
      }
    }
  }
  static bool is_task(const std::string& name) {
    return std::any_of(std::begin(kTaskNames), std::end(kTaskNames), [&](const char* n) { return iequals(n, name); });
  }

  bool is_needed() {
    if (!auto_) return !tasks_.empty();
    return std::any_of(tasks_.begin(), tasks_.end(), [&](int id) { return needs(id); });
  }

  int run() {
    std::string lock_path = path_join(repo_.odb().objects_dir(), "maintenance");
    Result<LockFile> lock = LockFile::hold(lock_path);
    if (!lock) {
      // Somebody is at it already, which is as good.
      if (!auto_ && !quiet_) warning("lock file '%s.lock' exists, skipping maintenance", lock_path);
      return 0;
    }
    if (auto_) {
      std::erase_if(tasks_, [&](int id) { return !needs(id); });
      if (tasks_.empty()) return 0;
      if (run_hooks(repo_, "pre-auto-gc")) return 0;
    }
    int code = 0;
    for (int id : tasks_)
      if (!foreground(id)) code = 1;
    if (detach_ > 0) {
      trace2::region_enter("maintenance", "detach");
      // The child goes on holding the lock.
      flush_out();
      if (!daemonize_keeping(*lock)) warning("could not detach");
      trace2::region_leave("maintenance", "detach");
    }
    for (int id : tasks_) {
      if (id == kPackRefs || id == kReflogExpire) continue;
      trace2::region_enter("maintenance", kTaskNames[id]);
      if (!background(id)) {
        error("task '%s' failed", kTaskNames[id]);
        code = 1;
      }
      trace2::region_leave("maintenance", kTaskNames[id]);
    }
    lock->rollback();
    return code;
  }

 private:
  static bool daemonize_keeping(LockFile&) { return daemonize(); }

  const Strategy& find_strategy() {
    std::string name = config_.get_string_or("maintenance.strategy", schedule_ ? "none" : "geometric");
    for (const Strategy& s : kStrategies)
      if (iequals(name, s.name)) {
        // Where tasks are scheduled one by one there is no strategy but a plain run still knows gc.
        return s;
      }
    die("unknown maintenance strategy: '%s'", name);
  }
  int auto_limit(int id, int standard) const { return config_.get_int_or(strf("maintenance.%s.auto", kTaskNames[id]), standard); }

  // ---- when is a task worth it? ----
  bool needs(int id) {
    switch (id) {
      case kPrefetch:
        return false;
      case kLooseObjects:
        return needs_loose_objects(auto_limit(id, 100));
      case kIncrementalRepack:
        return needs_incremental_repack(auto_limit(id, 10));
      case kGeometricRepack:
        return needs_geometric_repack(auto_limit(id, 100));
      case kGc:
        return gc_.auto_threshold > 0 &&
               (too_many_packs(repo_, gc_.auto_pack_limit) || too_many_loose_objects(repo_, gc_.auto_threshold));
      case kCommitGraph:
        return needs_commit_graph(auto_limit(id, 100));
      case kPackRefs:
        return config_.get_bool_or("core.repositoryformatversion", true) && repo_.refs().needs_packing();
      case kReflogExpire:
        return needs_reflog_expire(auto_limit(id, 100));
      case kWorktreePrune:
        return needs_worktree_prune(auto_limit(id, 1));
      case kRerereGc:
        return needs_rerere_gc(auto_limit(id, 1));
      default:
        return false;
    }
  }
  bool needs_loose_objects(int limit) {
    if (!limit) return false;
    if (limit < 0) return true;
    int count = 0;
    repo_.odb().for_each_loose([&](const ObjectId&, const std::string&) { return ++count < limit; }, true);
    return count >= limit;
  }
  bool needs_incremental_repack(int limit) {
    if (!config_.get_bool_or("core.multipackindex", true)) return false;
    if (!limit) return false;
    if (limit < 0) return true;
    auto midx = MultiPackIndex::open(repo_.odb().objects_dir(), repo_.algo());
    int count = 0;
    for (const auto& pack : repo_.odb().packs())
      if (!midx || !(*midx)->contains_pack(pack->name())) count++;
    return count >= limit;
  }
  std::vector<std::shared_ptr<Pack>> geometric_packs() {
    std::vector<std::shared_ptr<Pack>> packs;
    for (const auto& pack : repo_.odb().packs())
      if (pack->is_local() && !pack->has_keep() && !pack->is_cruft() && !pack->is_promisor()) packs.push_back(pack);
    std::stable_sort(packs.begin(), packs.end(), [](const auto& a, const auto& b) { return a->count() < b->count(); });
    return packs;
  }
  std::uint64_t split_factor() const {
    return static_cast<std::uint64_t>(config_.get_int_or("maintenance.geometric-repack.splitfactor", 2));
  }
  // How many of the smallest packs would be rolled into one.
  std::size_t geometric_split(const std::vector<std::shared_ptr<Pack>>& packs) const {
    if (packs.empty()) return 0;
    std::uint64_t factor = split_factor();
    std::size_t i = packs.size() - 1;
    while (i > 0 && packs[i]->count() >= factor * packs[i - 1]->count()) i--;
    std::size_t split = i ? i + 1 : 0;
    std::uint64_t total = 0;
    for (std::size_t n = 0; n < split; n++) total += packs[n]->count();
    while (split && split < packs.size() && packs[split]->count() < factor * total) total += packs[split++]->count();
    return split;
  }
  bool needs_geometric_repack(int limit) {
    if (!limit) return false;
    if (limit < 0) return true;
    if (geometric_split(geometric_packs())) return true;
    return sampled_loose_objects(repo_) > (limit + 255) / 256;
  }
  bool is_graph_newer_than_packed_refs() const {
    auto packed = stat_path(path_join(repo_.common_dir(), "packed-refs"));
    auto graph = stat_path(commit_graph_path(repo_.odb().objects_dir()));
    if (!graph) graph = stat_path(commit_graph_chain_path(repo_.odb().objects_dir()));
    return packed && graph && graph->st_mtime >= packed->st_mtime;
  }
  // Commits reachable from refs that the commit-graph does not have.
  bool needs_commit_graph(int limit) {
    if (!config_.get_bool_or("core.commitgraph", true)) return false;
    if (!limit) return false;
    if (limit < 0) return true;
    CommitPool& pool = repo_.commits();
    std::vector<Commit*> stack;
    CommitMarks<char> seen;
    int count = 0;
    auto visit = [&](Commit* c) {
      if (!c || seen[c]) return;
      seen[c] = 1;
      if (pool.is_in_graph(c) || !pool.parse_quietly(c)) return;
      count++;
      stack.push_back(c);
    };
    auto visit_ref = [&](const Ref& ref) {
      if (!ref.is_broken && !ref.oid.is_null())
        visit(pool.graph() ? pool.get(ref.peeled.value_or(ref.oid)) : pool.peel_to_commit(ref.oid));
      return count < limit;
    };
    // Refs that were packed before the graph was written are in it.
    if (is_graph_newer_than_packed_refs())
      repo_.refs().for_each_unpacked("refs/", visit_ref);
    else
      repo_.refs().for_each_raw("refs/", visit_ref);
    while (!stack.empty() && count < limit) {
      Commit* c = stack.back();
      stack.pop_back();
      for (Commit* p : c->parents) visit(p);
    }
    return count >= limit;
  }
  bool needs_reflog_expire(int limit) {
    if (!limit) return false;
    if (limit < 0) return true;
    auto text = config_.get_string_or("gc.reflogexpire", "90.days.ago");
    auto expiry = parse_expiry_date(text).value_or(0);
    if (!expiry) return false;
    int count = 0;
    repo_.refs().for_each_reflog_entry("HEAD", false, [&](const ReflogEntry& entry) {
      if (static_cast<std::int64_t>(entry.time) < expiry) count++;
      return count < limit;
    });
    return count >= limit;
  }
  bool needs_worktree_prune(int limit) {
    if (limit <= 0) return limit < 0;
    if (gc_.worktrees_expire.empty()) return false;
    auto expiry = parse_expiry_date(gc_.worktrees_expire).value_or(0);
    int count = 0;
    for (const std::string& id : list_dir(repo_.common_path("worktrees"))) {
      std::string dir = repo_.common_path("worktrees/" + id);
      if (is_prunable(dir, expiry)) count++;
    }
    return count >= limit;
  }
  static bool is_prunable(const std::string& dir, std::int64_t expiry) {
    if (!is_directory(dir)) return true;
    if (path_exists(path_join(dir, "locked"))) return false;
    auto st = stat_path(path_join(dir, "gitdir"));
    if (!st) return true;
    auto text = read_file_if_exists(path_join(dir, "gitdir"));
    std::string target(trim(text.value_or("")));
    if (target.empty()) return true;
    if (!is_absolute_path(target)) target = path_join(dir, target);
    if (path_exists(target)) return false;
    auto index = stat_path(path_join(dir, "index"));
    std::int64_t touched = std::max<std::int64_t>(st->st_mtime, index ? index->st_mtime : 0);
    return touched <= expiry;
  }
  bool needs_rerere_gc(int limit) {
    if (limit <= 0) return limit < 0;
    return !list_dir(repo_.common_path("rr-cache")).empty();
  }

  // ---- the tasks ----
  bool foreground(int id) {
    if (id != kGc && id != kPackRefs && id != kReflogExpire) return true;
    trace2::region_enter("maintenance foreground", kTaskNames[id]);
    bool ok = true;
    if (id == kGc) ok = gc_foreground(repo_, gc_, quiet_);
    if (id == kPackRefs) {
      std::vector<std::string> args = {"pack-refs", "--all", "--prune"};
      if (auto_) args.push_back("--auto");
      ok = run_housekeeping(args) == 0;
    }
    if (id == kReflogExpire) ok = run_housekeeping({"reflog", "expire", "--all"}) == 0;
    trace2::region_leave("maintenance foreground", kTaskNames[id]);
    if (!ok) error("task '%s' failed", kTaskNames[id]);
    return ok;
  }
  bool background(int id) {
    switch (id) {
      case kPrefetch:
        return prefetch();
      case kLooseObjects:
        return pack_loose_objects();
      case kIncrementalRepack:
        return incremental_repack();
      case kGeometricRepack:
        return geometric_repack();
      case kGc:
        return collect_garbage();
      case kCommitGraph:
        return write_commit_graph();
      case kWorktreePrune:
        return gc_.worktrees_expire.empty() || run_housekeeping({"worktree", "prune", "--expire", gc_.worktrees_expire}) == 0;
      case kRerereGc:
        return run_housekeeping({"rerere", "gc"}) == 0;
      default:
        return true;
    }
  }
  bool prefetch() {
    bool ok = true;
    for (const std::string& remote : config_.subsections("remote")) {
      if (!config_.find("remote." + remote + ".url")) continue;
      if (config_.get_bool_or("remote." + remote + ".skipfetchall", false)) continue;
      std::vector<std::string> args = {
          "fetch", remote, "--prefetch", "--prune", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no"};
      if (quiet_) args.push_back("--quiet");
      if (run_housekeeping(args)) {
        error("failed to prefetch remotes");
        ok = false;
      }
    }
    return ok;
  }
  bool pack_loose_objects() {
    std::vector<std::string> prune = {"prune-packed"};
    if (quiet_) prune.push_back("--quiet");
    if (run_housekeeping(prune)) return false;
    int limit = config_.get_int_or("maintenance.loose-objects.batchsize", 50000);
    if (!limit) limit = INT32_MAX;
    std::string input;
    int count = 0;
    repo_.odb().reprepare();
    repo_.odb().for_each_loose(
        [&](const ObjectId& oid, const std::string&) {
          input += oid.hex() + "\n";
          return ++count < limit;
        },
        true);
    if (!count) return true;
    ChildProcess child;
    child.git_command = true;
    child.args = {"pack-objects"};
    child.args.push_back(quiet_ ? "--quiet" : "--no-quiet");
    child.args.push_back(path_join(repo_.odb().objects_dir(), "pack/loose"));
    child.in = ChildProcess::kPipe;
    child.out = ChildProcess::kNull;
    if (!child.start()) return error("failed to start 'git pack-objects' process") == 0;
    write_in_full(child.in_fd(), input);
    child.close_in();
    if (child.finish()) return error("failed to finish 'git pack-objects' process") == 0;
    return true;
  }
  std::string progress_flag() const { return quiet_ || !isatty(2) ? "--no-progress" : "--progress"; }
  // Large enough for all packs but the largest.
  std::uint64_t batch_size() {
    std::uint64_t largest = 0, second = 0;
    for (const auto& pack : repo_.odb().packs()) {
      std::uint64_t size = pack->file_size();
      if (size > largest)
        second = largest, largest = size;
      else if (size > second)
        second = size;
    }
    return std::min<std::uint64_t>(second + 1, INT32_MAX);
  }
  bool incremental_repack() {
    if (!config_.get_bool_or("core.multipackindex", true)) {
      warning("skipping incremental-repack task because core.multiPackIndex is disabled");
      return true;
    }
    auto midx = [&](std::vector<std::string> args) {
      args.insert(args.begin(), "multi-pack-index");
      return run_housekeeping(args) == 0;
    };
    if (!midx({"write", progress_flag()})) return error("failed to write multi-pack-index") == 0;
    if (!midx({"expire", progress_flag()})) return error("'git multi-pack-index expire' failed") == 0;
    repo_.odb().reprepare();
    if (!midx({"repack", progress_flag(), strf("--batch-size=%u", batch_size())}))
      return error("'git multi-pack-index repack' failed") == 0;
    return true;
  }
  bool geometric_repack() {
    std::vector<std::string> args = {"repack", "-d", "-l"};
    args.push_back(quiet_ || !isatty(2) ? "-q" : "--no-quiet");
    auto packs = geometric_packs();
    std::size_t split = geometric_split(packs);
    // Where everything would be rolled up anyway, it may as well be sorted into what is reachable and what is not.
    if (packs.empty() || split >= packs.size()) {
      for (std::string& arg : repack_all_arguments(repo_, gc_, {})) args.push_back(std::move(arg));
    } else {
      args.push_back(strf("--geometric=%u", split_factor()));
    }
    if (config_.get_bool_or("core.multipackindex", true)) args.push_back("--write-midx");
    return run_housekeeping(args) == 0;
  }
  bool collect_garbage() {
    std::vector<std::string> args = {"gc"};
    if (auto_) args.push_back("--auto");
    args.push_back(quiet_ ? "--quiet" : "--no-quiet");
    args.insert(args.end(), {"--no-detach", "--skip-foreground-tasks"});
    return run_housekeeping(args) == 0;
  }
  bool write_commit_graph() {
    if (!config_.get_bool_or("core.commitgraph", true)) return true;
    if (run_housekeeping({"commit-graph", "write", "--split", "--reachable", progress_flag()}))
      return error("failed to write commit-graph") == 0;
    return true;
  }

  Repository& repo_;
  Config& config_;
  GcConfig gc_;
  std::vector<int> tasks_;
};

int run_tasks(Invocation& inv, std::vector<std::string> args, bool only_ask) {
  MaintenanceRun run(inv.repo());
  int quiet = isatty(2) ? 0 : 1;
  Options o({only_ask ? "git maintenance is-needed [--task=<task>] [--schedule]"
                      : "git maintenance run [--auto] [--[no-]quiet] [--task=<task>] [--schedule]"});
  o.boolean(
      0, "auto", &run.auto_,
      only_ask ? N_("check tasks based on the state of the repository") : N_("run tasks based on the state of the repository"));
  if (!only_ask) {
    o.boolean(0, "detach", &run.detach_, N_("perform maintenance in the background"));
    o.string(0, "schedule", &run.schedule_text, N_("frequency"), N_("run tasks based on frequency"));
    o.boolean(0, "quiet", &quiet, N_("do not report progress or other information over stderr"));
  }
  o.callback(
      0, "task", "task", N_("run a specific task"),
      [&](const std::optional<std::string>& value, bool) {
        if (!MaintenanceRun::is_task(*value)) {
          error("'%s' is not a valid task", *value);
          return false;
        }
        run.selected_.push_back(*value);
        return true;
      },
      kOptNoNeg);
  if (!o.parse(args, inv.prefix_or_empty()).empty()) o.usage_with_options();
  run.quiet_ = quiet != 0;
  run.choose_tasks();
  if (only_ask) return run.is_needed() ? 0 : 1;
  return run.run();
}

}  // namespace

int cmd_maintenance(Invocation& inv) {
  enum { run, start, stop, registering, unregister, is_needed };
  int what = run;
  Options o({"git maintenance <subcommand> [<options>]"});
  o.subcommand("run", &what, run);
  o.subcommand("start", &what, start);
  o.subcommand("stop", &what, stop);
  o.subcommand("register", &what, registering);
  o.subcommand("unregister", &what, unregister);
  o.subcommand("is-needed", &what, is_needed);
  std::vector<std::string> args = o.parse(inv.args, inv.prefix_or_empty());
  if (!inv.repository && what != stop) die("not a git repository (or any of the parent directories): %s", ".git");
  switch (what) {
    case start:
      return maintenance_start(inv, args);
    case stop:
      return maintenance_stop(inv, args);
    case registering:
      return maintenance_register(inv, args);
    case unregister:
      return maintenance_unregister(inv, args);
    default:
      return run_tasks(inv, args, what == is_needed);
  }
}

}  // namespace git
