// git gc: refs packed, reflogs expired, objects repacked, and what is old and unreachable thrown away (git-gc(1)).
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "builtin.h"
#include "config.h"
#include "hook.h"
#include "maintenance.h"
#include "odb.h"
#include "pack/pack.h"

GIT_BUILTIN("gc", cmd_gc, kSetup)

namespace git {
namespace {

class GcCommand {
 public:
  explicit GcCommand(Invocation& inv) : inv_(inv), repo_(inv.repo()) {}

  int run() {
    parse();
    std::vector<std::string> repack = {"repack", "-d", "-l"};
    if (aggressive_) {
      repack.push_back("-f");
      if (config_.aggressive_depth > 0) repack.push_back(strf("--depth=%d", config_.aggressive_depth));
      if (config_.aggressive_window > 0) repack.push_back(strf("--window=%d", config_.aggressive_window));
    }
    if (quiet_) repack.push_back("-q");
    if (auto_) {
      if (!plan_auto(repack)) return 0;
      if (run_hooks(repo_, "pre-auto-gc")) return 0;
      if (!quiet_) {
        if (detach_ > 0)
          err("Auto packing the repository in background for optimum performance.\n");
        else
          err("Auto packing the repository for optimum performance.\n");
        err("See \"git help gc\" for manual housekeeping.\n");
      }
    } else {
      std::vector<std::string> keep;
      if (keep_largest_ > 0)
        keep = base_packs(repo_, 0);
      else if (keep_largest_ < 0 && config_.big_pack_threshold)
        keep = base_packs(repo_, config_.big_pack_threshold);
      for (std::string& arg : repack_all_arguments(repo_, config_, keep)) repack.push_back(std::move(arg));
    }
    if (detach_ > 0) {
      if (!last_run_was_fine()) return auto_ ? 0 : 128;
      if (!lock()) return 0;
      if (!skip_foreground_ && !gc_foreground(repo_, config_, quiet_)) return 128;
      pid_file_.remove();
      if (daemonize()) start_log();
    }
    if (!lock()) {
      if (auto_) return 0;
      die("gc is already running on machine '%s' pid %d (use --force if not)", other_host_, other_pid_);
    }
    int code = collect(repack);
    finish_log(code);
    return code;
  }

 private:
  void parse() {
    std::optional<std::string> prune;
    bool is_unset = false;
    Options o(
        {"git gc [--aggressive] [--auto] [--[no-]detach] [--quiet] [--prune=<date> | --no-prune]\n"
         "       [--force] [--keep-largest-pack]"});
    o.boolean('q', "quiet", &quiet_, N_("suppress progress reporting"));
    o.callback(
        0, "prune", "date", N_("prune unreferenced objects"),
        [&](const std::optional<std::string>& value, bool unset) {
          is_unset = unset;
          prune = unset ? std::nullopt : std::optional<std::string>(value.value_or("2.weeks.ago"));
          return true;
        },
        kOptOptionalArg);
    bool cruft = true, cruft_given = false;
    o.callback(
        0, "cruft", "", N_("pack unreferenced objects separately"),
        [&](const auto&, bool unset) {
          cruft = !unset;
          cruft_given = true;
          return true;
        },
        kOptNoArg);
    std::uint64_t max_cruft = 0;
    std::optional<std::string> expire_to;
    o.magnitude(0, "max-cruft-size", &max_cruft, N_("with --cruft, limit the size of new cruft packs"));
    o.boolean(0, "aggressive", &aggressive_, N_("be more thorough (increased runtime)"));
    o.boolean(0, "auto", &auto_, N_("enable auto-gc mode"));
    o.boolean(0, "detach", &detach_, N_("perform garbage collection in the background"));
    o.boolean(0, "force", &force_, N_("force running gc even if there may be another gc running"));
    o.boolean(0, "keep-largest-pack", &keep_largest_, N_("repack all other packs except the largest pack"));
    o.string(0, "expire-to", &expire_to, "dir", N_("pack prefix to store a pack containing pruned objects"));
    o.boolean(0, "skip-foreground-tasks", &skip_foreground_, N_("skip maintenance tasks typically done in the foreground"),
              kOptHidden);
    if (inv_.args.size() == 2 && inv_.args[1] == "-h") o.parse(inv_.args, inv_.prefix_or_empty());
    config_ = read_gc_config(repo_);
    std::vector<std::string> left = o.parse(inv_.args, inv_.prefix_or_empty());
    if (!left.empty()) o.usage_with_options();
    if (is_unset) config_.prune_expire.clear();
    if (prune) {
      auto when = parse_expiry_date(*prune);
      if (!when) die("failed to parse prune expiry value %s", *prune);
      config_.prune_expire = *when ? *prune : "";
    }
    if (cruft_given) config_.cruft_packs = cruft;
    if (max_cruft) config_.max_cruft_size = max_cruft;
    if (expire_to) config_.repack_expire_to = *expire_to;
    if (detach_ < 0) detach_ = auto_ && config_.detach_auto ? 1 : 0;
  }

  // Is there enough to do? Then how repack should go about it.
  bool plan_auto(std::vector<std::string>& repack) {
    if (config_.auto_threshold <= 0) return false;
    if (too_many_packs(repo_, config_.auto_pack_limit)) {
      std::vector<std::string> keep;
      if (config_.big_pack_threshold) {
        keep = base_packs(repo_, config_.big_pack_threshold);
        if (static_cast<int>(keep.size()) >= config_.auto_pack_limit) keep = base_packs(repo_, 0);
      }
      for (std::string& arg : repack_all_arguments(repo_, config_, keep)) repack.push_back(std::move(arg));
      return true;
    }
    if (!too_many_loose_objects(repo_, config_.auto_threshold)) return false;
    repack.push_back("--no-write-bitmap-index");
    return true;
  }

  static std::string host_name() {
    char name[256] = "unknown";
    gethostname(name, sizeof name - 1);
    return name;
  }
  // $GIT_DIR/gc.pid says who is at it.
  bool lock() {
    if (pid_file_.is_active()) return true;
    std::string path = repo_.git_path("gc.pid");
    LockFile file = LockFile::hold_or_die(path);
    if (!force_) {
      auto st = stat_path(path);
      auto text = read_file_if_exists(path);
      if (st && text && time(nullptr) - st->st_mtime <= 12 * 3600) {
        std::size_t space = text->find(' ');
        auto pid = parse_int(std::string_view(*text).substr(0, space));
        std::string host = space == std::string::npos ? "" : std::string(trim(std::string_view(*text).substr(space + 1)));
        if (pid && !host.empty()) {
          bool is_alive = host != host_name() || kill(static_cast<pid_t>(*pid), 0) == 0 || errno == EPERM;
          if (is_alive && *pid != getpid()) {
            other_host_ = host;
            other_pid_ = static_cast<int>(*pid);
            return false;
          }
        }
      }
    }
    file.write(strf("%d %s", static_cast<int>(getpid()), host_name()));
    file.commit_or_die();
    pid_file_ = Tempfile::adopt(path);
    return true;
  }

  // gc.log holds what went wrong in the background; while it is there and young, gc --auto does not try again.
  bool last_run_was_fine() {
    std::string path = repo_.git_path("gc.log");
    auto st = stat_path(path);
    if (!st || !st->st_size) return true;
    auto expiry = static_cast<std::int64_t>(approxidate(repo_.config().get_string_or("gc.logexpiry", "1.day.ago")));
    if (st->st_mtime < expiry) return true;
    auto text = read_file_if_exists(path);
    if (!text) return true;
    warning(
        "The last gc run reported the following. Please correct the root cause\n"
        "and remove %s\n"
        "Automatic cleanup will not be performed until the file is removed.\n\n"
        "%s",
        path, *text);
    return false;
  }
  void start_log() {
    auto log = LockFile::hold(repo_.git_path("gc.log"));
    if (!log) return;
    log_ = std::move(*log);
    dup2(log_.fd(), 2);
  }
  void finish_log(int) {
    if (log_.is_held()) {
      auto st = stat_path(log_.lock_path());
      if (st && st->st_size)
        log_.commit();
      else {
        remove_file(repo_.git_path("gc.log"));
        log_.rollback();
      }
    } else {
      remove_file(repo_.git_path("gc.log"));
    }
  }

  int collect(const std::vector<std::string>& repack) {
    if (!skip_foreground_ && detach_ <= 0 && !gc_foreground(repo_, config_, quiet_)) return 128;
    auto run_or_die = [](std::vector<std::string> args) {
      std::string name = args[0];
      if (run_housekeeping(std::move(args))) die("failed to run %s", name);
    };
    if (!repo_.layout().precious_objects) {
      run_or_die(repack);
      if (!config_.prune_expire.empty()) {
        std::vector<std::string> prune = {"prune", "--expire", config_.prune_expire};
        if (quiet_) prune.push_back("--no-progress");
        if (repo_.odb().has_promisor()) prune.push_back("--exclude-promisor-objects");
        run_or_die(prune);
      }
    }
    if (!config_.worktrees_expire.empty() && run_housekeeping({"worktree", "prune", "--expire", config_.worktrees_expire}))
      die("failed to run %s", "worktree");
    if (is_directory(repo_.common_path("rr-cache")) && run_housekeeping({"rerere", "gc"})) die("failed to run %s", "rerere");
    report_garbage();
    repo_.odb().reprepare();
    if (config_.write_commit_graph && repo_.config().get_bool_or("core.commitgraph", true)) {
      std::vector<std::string> graph = {"commit-graph", "write", "--reachable"};
      graph.push_back(quiet_ || !isatty(2) ? "--no-progress" : "--progress");
      run_housekeeping(graph);
    }
    if (auto_ && too_many_loose_objects(repo_, config_.auto_threshold))
      warning("There are too many unreachable loose objects; run 'git prune' to remove them.");
    return 0;
  }

  // Halves of packs, left by something that was killed.
  void report_garbage() {
    if (repo_.layout().precious_objects) return;
    std::string dir = path_join(repo_.odb().objects_dir(), "pack");
    std::vector<std::string> names = list_dir(dir);
    auto has = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    for (const std::string& name : names) {
      if (!starts_with(name, "pack-") && !starts_with(name, "test-") && name.find('.') == std::string::npos) continue;
      std::string_view base = name;
      bool is_extra = strip_suffix(base, ".idx") || strip_suffix(base, ".rev") || strip_suffix(base, ".bitmap") ||
                      strip_suffix(base, ".mtimes") || strip_suffix(base, ".promisor") || strip_suffix(base, ".keep");
      if (!is_extra || starts_with(name, "multi-pack-index")) continue;
      if (ends_with(name, ".keep") || ends_with(name, ".promisor")) continue;
      if (!has(std::string(base) + ".pack")) remove_file(path_join(dir, name));
    }
  }

  Invocation& inv_;
  Repository& repo_;
  GcConfig config_;
  bool quiet_ = false, aggressive_ = false, auto_ = false, force_ = false, skip_foreground_ = false;
  int detach_ = -1, keep_largest_ = -1;
  Tempfile pid_file_;
  LockFile log_;
  std::string other_host_;
  int other_pid_ = 0;
};

}  // namespace

int cmd_gc(Invocation& inv) { return GcCommand(inv).run(); }

}  // namespace git
