// git worktree: more than one worktree for a repository.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "advice.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "branch.h"
#include "builtin.h"
#include "checkout.h"
#include "config.h"
#include "hook.h"
#include "object-name.h"
#include "refs.h"
#include "walk/commit-pool.h"
#include "worktree-admin.h"
#include "worktree.h"

GIT_BUILTIN("worktree", cmd_worktree, kSetup)

namespace git {
namespace {

constexpr const char* kAddUsage =
    "git worktree add [-f] [--detach] [--checkout] [--lock [--reason <string>]]\n"
    "                 [--orphan] [(-b | -B) <new-branch>] <path> [<commit-ish>]";
constexpr const char* kListUsage = "git worktree list [-v | --porcelain [-z]]";
constexpr const char* kLockUsage = "git worktree lock [--reason <string>] <worktree>";
constexpr const char* kMoveUsage = "git worktree move <worktree> <new-path>";
constexpr const char* kPruneUsage = "git worktree prune [-n] [-v] [--expire <expire>]";
constexpr const char* kRemoveUsage = "git worktree remove [-f] <worktree>";
constexpr const char* kRepairUsage = "git worktree repair [<path>...]";
constexpr const char* kUnlockUsage = "git worktree unlock <worktree>";
constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();

// ---- add ----

class Add {
 public:
  explicit Add(Invocation& inv) : inv_(inv), repo_(inv.repo()) {}
  int run(const std::vector<std::string>& args);

 private:
  void parse(const std::vector<std::string>& args);
  void choose_branch();
  bool can_use_local_refs();
  bool can_use_remote_refs();
  bool infer_orphan(bool look_at_remotes);
  std::optional<std::string> guess_branch();
  void tell_preparation();
  void make_branch();
  int add_worktree();
  std::string make_admin_dir();
  void write_head(const std::string& admin, const Commit* commit, const std::optional<std::string>& branch);
  void copy_settings(const std::string& admin);
  int check_out(const std::vector<std::string>& env);

  Invocation& inv_;
  Repository& repo_;
  int force_ = 0, quiet_ = 0;
  bool detach_ = false, checkout_ = true, orphan_ = false, keep_locked_ = false, guess_remote_ = false;
  int relative_ = 0;
  std::optional<std::string> new_branch_, new_branch_force_, lock_reason_, track_;
  std::string path_, branch_ = "HEAD";
  bool has_commitish_ = false;
};

void die_together(const char* a, const char* b) { die("options '%s' and '%s' cannot be used together", a, b); }

void Add::parse(const std::vector<std::string>& args) {
  guess_remote_ = repo_.config().get_bool_or("worktree.guessremote", false);
  relative_ = wants_relative_worktrees(repo_);
  Options options({kAddUsage});
  options.count_up('f', "force", &force_, "checkout <branch> even if already checked out in other worktree", kOptNoComplete);
  options.string('b', "", &new_branch_, "branch", "create a new branch");
  options.string('B', "", &new_branch_force_, "branch", "create or reset a branch");
  options.boolean(0, "orphan", &orphan_, "create unborn branch");
  options.boolean('d', "detach", &detach_, "detach HEAD at named commit");
  options.boolean(0, "checkout", &checkout_, "populate the new working tree");
  options.boolean(0, "lock", &keep_locked_, "keep the new working tree locked");
  options.string(0, "reason", &lock_reason_, "string", "reason for locking");
  options.count_up('q', "quiet", &quiet_, "suppress progress reporting");
  options.callback(
      0, "track", "", "set up tracking mode (see git-branch(1))",
      [this](const auto&, bool unset) {
        track_ = unset ? "--no-track" : "--track";
        return true;
      },
      kOptNoArg);
  options.boolean(0, "guess-remote", &guess_remote_, "try to match the new branch name with a remote-tracking branch");
  options.boolean(0, "relative-paths", &relative_, "use relative paths for worktrees");
  auto rest = options.parse(args, inv_.prefix_or_empty());
  if (detach_ + new_branch_.has_value() + new_branch_force_.has_value() > 1)
    die("options '%s', '%s', and '%s' cannot be used together", "-b", "-B", "--detach");
  if (detach_ && orphan_) die_together("--orphan", "--detach");
  if (orphan_ && track_) die_together("--orphan", "--track");
  if (orphan_ && !checkout_) die_together("--orphan", "--no-checkout");
  if (orphan_ && rest.size() == 2) die("option '%s' and '%s' cannot be used together", "--orphan", "<commit-ish>");
  if (lock_reason_ && !keep_locked_) die("the option '%s' requires '%s'", "--reason", "--lock");
  if (rest.empty() || rest.size() > 2) options.usage_with_options();
  path_ = prefix_filename(inv_.prefix_or_empty(), rest[0]);
  has_commitish_ = rest.size() == 2;
  if (has_commitish_) branch_ = rest[1];
}

std::string worktree_basename(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

bool has_ref_below(Repository& repo, std::string_view prefix) {
  bool found = false;
  repo.refs().for_each(prefix, [&](const Ref& ref) {
    found = !ref.is_broken && !ref.oid.is_null();
    return !found;
  });
  return found;
}

bool Add::can_use_local_refs() {
  if (repo_.refs().exists("HEAD")) return true;
  if (!has_ref_below(repo_, "refs/heads/")) return false;
  if (!quiet_) {
    std::string path = repo_.git_path("HEAD");
    auto text = read_file_if_exists(path);
    warning("HEAD points to an invalid (or orphaned) reference.\nHEAD path: '%s'\nHEAD contents: '%s'", path,
            text ? std::string(rtrim(*text)) : std::string());
  }
  return true;
}
bool Add::can_use_remote_refs() {
  if (!guess_remote_) return false;
  if (has_ref_below(repo_, "refs/remotes/")) return true;
  if (!force_ && !repo_.config().subsections("remote").empty())
    die("No local or remote refs exist despite at least one remote\n"
        "present, stopping; use 'add -f' to override or fetch a remote first");
  return false;
}
bool Add::infer_orphan(bool look_at_remotes) {
  if (can_use_local_refs()) return false;
  if (look_at_remotes && can_use_remote_refs()) return false;
  if (!quiet_) errf("%s\n", "No possible source branch, inferring '--orphan'");
  if (track_) die_together("--orphan", "--track");
  if (!checkout_) die_together("--orphan", "--no-checkout");
  return true;
}

// The branch named like the directory: an existing one, or a new one that may follow a remote's.
std::optional<std::string> Add::guess_branch() {
  std::string name = worktree_basename(path_), full;
  if (check_branch_ref(repo_, full, name) && repo_.refs().exists(full)) return name;
  new_branch_ = name;
  if (!guess_remote_) return std::nullopt;
  ObjectId oid;
  return unique_tracking_name(repo_, name, oid, nullptr);
}

// Also by this worktree, which the new one is not.
void refuse_used_branch(Repository& repo, const std::string& full) {
  auto path = branch_checked_out(repo, full);
  if (!path) return;
  std::string_view name = full;
  skip_prefix(name, "refs/heads/");
  die("'%s' is already used by worktree at '%s'", name, *path);
}

void Add::choose_branch() {
  bool by_option = new_branch_ || new_branch_force_;
  if (branch_ == "-") branch_ = "@{-1}";
  if (new_branch_force_) {
    new_branch_ = new_branch_force_;
    std::string full;
    if (!force_ && validate_branchname(repo_, *new_branch_, full)) refuse_used_branch(repo_, full);
  }
  if (orphan_) {
    if (!new_branch_) new_branch_ = worktree_basename(path_);
  } else if (!has_commitish_ && detach_) {
    can_use_local_refs();
  } else if (!has_commitish_ && new_branch_) {
    orphan_ = infer_orphan(false);
  } else if (!has_commitish_) {
    if (auto name = guess_branch())
      branch_ = *name;
    else
      orphan_ = infer_orphan(true);
  } else if (!new_branch_ && !detach_) {
    if (!lookup_commit_by_name(repo_, branch_)) {
      ObjectId oid;
      if (auto remote = unique_tracking_name(repo_, branch_, oid, nullptr)) {
        new_branch_ = branch_;
        branch_ = *remote;
      }
    }
  }
  if (!orphan_ && !lookup_commit_by_name(repo_, branch_)) {
    if (!quiet_ && !has_commitish_) {
      std::string how = by_option ? strf("-b %s ", *new_branch_) : std::string();
      advise_if_enabled(repo_.config(), "worktreeAddOrphan",
                        strf("If you meant to create a worktree containing a new unborn branch\n"
                             "(branch with no commits) for this repository, you can do so\n"
                             "using the --orphan flag:\n"
                             "\n"
                             "    git worktree add --orphan %s%s\n",
                             how, path_));
    }
    die("invalid reference: %s", branch_);
  }
}

void Add::tell_preparation() {
  if (quiet_) return;
  std::string full;
  if (new_branch_) {
    Commit* commit = new_branch_force_ ? lookup_commit_by_name(repo_, *new_branch_) : nullptr;
    if (commit)
      errf("Preparing worktree (resetting branch '%s'; was at %s)\n", *new_branch_, unique_abbrev(repo_, commit->oid));
    else
      errf("Preparing worktree (new branch '%s')\n", *new_branch_);
  } else if (!detach_ && check_branch_ref(repo_, full, branch_) && repo_.refs().exists(full)) {
    errf("Preparing worktree (checking out '%s')\n", branch_);
  } else {
    Commit* commit = lookup_commit_by_name(repo_, branch_);
    if (!commit) die("unreachable: invalid reference: %s", branch_);
    errf("Preparing worktree (detached HEAD %s)\n", unique_abbrev(repo_, commit->oid));
  }
}

void Add::make_branch() {
  if (orphan_) {
    branch_ = *new_branch_;
    return;
  }
  if (!new_branch_) {
    if (track_) die("--[no-]track can only be used if a new branch is created");
    return;
  }
  ChildProcess child;
  child.git_command = true;
  child.args = {"branch"};
  if (new_branch_force_) child.args.push_back("--force");
  if (quiet_) child.args.push_back("--quiet");
  child.args.push_back(*new_branch_);
  child.args.push_back(branch_);
  if (track_) child.args.push_back(*track_);
  if (child.run() != 0) exit_with(255);
  branch_ = *new_branch_;
}

int Add::run(const std::vector<std::string>& args) {
  parse(args);
  choose_branch();
  tell_preparation();
  make_branch();
  return add_worktree();
}

void check_candidate_path(Repository& repo, const std::string& path, int force, const char* command) {
  if (path_exists(path) && !is_empty_dir(path)) die("'%s' already exists", path);
  std::string real = real_path_forgiving(absolute_path(path));
  for (const Worktree& worktree : list_worktrees(repo)) {
    if (worktree.is_main() || real_path_forgiving(worktree.path) != real) continue;
    bool is_locked = worktree.lock_reason.has_value();
    if (is_locked ? force > 1 : force > 0) {
      delete_worktree_admin_dir(repo, worktree.id);
      return;
    }
    if (is_locked)
      die("'%s' is a missing but locked worktree;\nuse '%s -f -f' to override, or 'unlock' and 'prune' or 'remove' to clear",
          path, command);
    die("'%s' is a missing but already registered worktree;\nuse '%s -f' to override, or 'prune' or 'remove' to clear", path,
        command);
  }
}

// A name below worktrees/ that refs can carry: odd characters become '-'.
std::string safe_component(std::string_view name) {
  std::string safe;
  for (char c : name) {
    bool bad =
        static_cast<unsigned char>(c) < 0x21 || c == 0x7f || std::string_view("~^:?*[\\").find(c) != std::string_view::npos;
    if (c == '.' && (safe.empty() || safe.back() == '.')) bad = true;
    if (c == '{' && !safe.empty() && safe.back() == '@') bad = true;
    safe += bad ? '-' : c;
  }
  if (ends_with(safe, ".lock")) safe[safe.size() - 5] = '-';
  if (ends_with(safe, ".")) safe.back() = '-';
  if (safe == "@") safe = "-";
  return safe;
}

std::string Add::make_admin_dir() {
  std::string name = safe_component(worktree_basename(path_));
  if (name.empty()) die("BUG: How come '%s' becomes empty after sanitization?", path_);
  std::string base = path_join(repo_.common_dir(), "worktrees");
  if (!make_dirs(base)) die_errno("could not create directory of '%s'", base);
  for (int n = 0;; n++) {
    std::string dir = path_join(base, n ? name + std::to_string(n) : name);
    if (make_dir(dir)) return dir;
    if (errno != EEXIST || n > 100000) die_errno("could not create directory of '%s'", dir);
  }
}

void Add::write_head(const std::string& admin, const Commit* commit, const std::optional<std::string>& branch) {
  auto layout = read_repository_layout(admin).take_or_die();
  layout.worktree = real_path_forgiving(path_);
  Repository worktree(std::move(layout));
  worktree.refs().create_on_disk().or_die();
  if (branch) {
    worktree.refs().create_symref("HEAD", *branch, {}).or_die();
    return;
  }
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = commit->oid;
  update.flags = kRefNoDeref;
  worktree.refs().update(std::move(update)).or_die();
}

// What belongs to this worktree alone goes along, but for what would lead the new one astray.
void Add::copy_settings(const std::string& admin) {
  auto sparse = read_file_if_exists(repo_.git_path("info/sparse-checkout"));
  if (sparse) {
    make_dir(path_join(admin, "info"));
    if (!write_file(path_join(admin, "info/sparse-checkout"), *sparse))
      error("failed to copy '%s' to '%s'; sparse-checkout may not work correctly", repo_.git_path("info/sparse-checkout"),
            path_join(admin, "info/sparse-checkout"));
  }
  if (!repo_.layout().worktree_config) return;
  auto own = read_file_if_exists(path_join(repo_.git_dir(), "config.worktree"));
  if (!own) return;
  std::string target = path_join(admin, "config.worktree");
  if (!write_file(target, *own)) error("failed to copy worktree config from '%s' to '%s'", "config.worktree", target);
  for (const ConfigEntry& entry : parse_config_text(*own, target).take_or_die()) {
    bool is_bare = entry.key == "core.bare" && parse_maybe_bool(entry.value).value_or(false);
    if (is_bare || entry.key == "core.worktree") config_set_in_file(target, entry.key, std::nullopt, {}, true);
  }
}

int Add::check_out(const std::vector<std::string>& env) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"-c", "submodule.recurse=false", "reset", "--hard"};
  if (quiet_) child.args.push_back("--quiet");
  child.env = env;
  return child.run();
}

int Add::add_worktree() {
  check_candidate_path(repo_, path_, force_, "add");
  std::string full;
  bool is_branch = false;
  if (!detach_ && check_branch_ref(repo_, full, branch_) && repo_.refs().exists(full)) {
    is_branch = true;
    if (!force_) refuse_used_branch(repo_, full);
  }
  Commit* commit = lookup_commit_by_name(repo_, branch_);
  if (!commit && !orphan_) die("invalid reference: %s", branch_);

  // Until the end both directories are junk that a failure removes again.
  struct Junk {
    std::string admin, tree;
    bool active = true;
    ~Junk() {
      if (!active) return;
      if (!admin.empty()) remove_dir_recursively(admin);
      if (!tree.empty()) remove_dir_recursively(tree);
    }
  } junk;
  bool existed = path_exists(path_);
  std::string admin = make_admin_dir();
  junk.admin = admin;
  std::string lock = path_join(admin, "locked");
  write_file(lock, (keep_locked_ ? lock_reason_.value_or("added with --lock") : std::string("initializing")) + "\n");

  std::string dotgit = path_join(path_, ".git");
  if (!make_leading_dirs(dotgit)) die_errno("could not create leading directories of '%s'", dotgit);
  if (!existed) junk.tree = path_;
  write_worktree_links(repo_, dotgit, admin, relative_);
  if (!write_file(path_join(admin, "commondir"), "../..\n")) die_errno("could not write to '%s'", path_join(admin, "commondir"));
  std::optional<std::string> head_branch;
  if (orphan_) {
    head_branch = "refs/heads/" + branch_;
    if (!check_refname_format(*head_branch)) die("'%s' is not a valid branch name", branch_);
    if (repo_.refs().exists(*head_branch)) die("a branch named '%s' already exists", branch_);
  } else if (is_branch) {
    head_branch = full;
  }
  write_head(admin, commit, head_branch);
  copy_settings(admin);

  std::vector<std::string> env;
  for (const std::string& name : local_repo_env_vars())
    if (name != "GIT_CONFIG_PARAMETERS" && name != "GIT_CONFIG_COUNT") env.push_back(name);
  env.push_back("GIT_DIR=" + absolute_path(dotgit));
  env.push_back("GIT_WORK_TREE=" + absolute_path(path_));
  int code = 0;
  if (checkout_ && !orphan_) code = check_out(env);
  if (code) return 1;
  junk.active = false;
  if (!keep_locked_) ::unlink(lock.c_str());
  if (checkout_ && !orphan_) {
    HookOptions hook;
    hook.args = {ObjectId::null(repo_.algo()).hex(), commit->oid.hex(), "1"};
    hook.dir = absolute_path(path_);
    hook.env = {"GIT_DIR", "GIT_WORK_TREE"};
    code = run_hooks(repo_, "post-checkout", std::move(hook));
  }
  return code;
}

// ---- list ----

struct ListOptions {
  int porcelain = 0, verbose = 0;
  bool null = false;
  std::int64_t expire = kEndOfTime;
};

std::optional<std::string> prunable_reason(Repository& repo, const Worktree& worktree, std::int64_t expire) {
  if (worktree.is_main()) return std::nullopt;
  PruneVerdict verdict = judge_worktree(repo, worktree.id, expire);
  if (!verdict.prune) return std::nullopt;
  return verdict.reason;
}

void show_porcelain(Repository& repo, const Worktree& worktree, const ListOptions& list) {
  const char end = list.null ? '\0' : '\n';
  auto line = [&](const std::string& text) { outf("%s%c", text, end); };
  line("worktree " + worktree.path);
  if (worktree.is_bare) {
    line("bare");
  } else {
    line("HEAD " + worktree.head_oid.hex());
    if (worktree.is_detached)
      line("detached");
    else if (!worktree.head_ref.empty())
      line("branch " + worktree.head_ref);
  }
  if (worktree.lock_reason) {
    std::string reason = list.null ? *worktree.lock_reason : quote_c_style(*worktree.lock_reason);
    line(worktree.lock_reason->empty() ? "locked" : "locked " + reason);
  }
  if (auto reason = prunable_reason(repo, worktree, list.expire)) line("prunable " + *reason);
  outf("%c", end);
}

int list(Invocation& inv, const std::vector<std::string>& args) {
  ListOptions listing;
  Options options({kListUsage});
  options.boolean(0, "porcelain", &listing.porcelain, "machine-readable output");
  options.count_up('v', "verbose", &listing.verbose, "show extended annotations and reasons, if available");
  options.expiry_date(0, "expire", &listing.expire, "add 'prunable' annotation to worktrees missing longer than <time>");
  options.boolean('z', "", &listing.null, "terminate records with a NUL character");
  if (!options.parse(args, inv.prefix_or_empty()).empty()) options.usage_with_options();
  if (listing.verbose && listing.porcelain) die_together("--verbose", "--porcelain");
  if (listing.null && !listing.porcelain) die("the option '%s' requires '%s'", "-z", "--porcelain");
  Repository& repo = inv.repo();
  auto worktrees = list_worktrees(repo);
  if (listing.porcelain) {
    for (const Worktree& worktree : worktrees) show_porcelain(repo, worktree, listing);
    return 0;
  }
  bool quote_high = repo.config().get_bool_or("core.quotepath", true);
  std::size_t path_width = 0, id_width = 0;
  std::vector<std::string> paths, ids;
  for (const Worktree& worktree : worktrees) {
    paths.push_back(quote_c_style(worktree.path, quote_high));
    ids.push_back(unique_abbrev(repo, worktree.head_oid));
    path_width = std::max(path_width, static_cast<std::size_t>(utf8_width(paths.back())));
    if (!worktree.is_bare) id_width = std::max(id_width, ids.back().size());
  }
  for (std::size_t i = 0; i < worktrees.size(); i++) {
    const Worktree& worktree = worktrees[i];
    std::string text = paths[i] + std::string(path_width - static_cast<std::size_t>(utf8_width(paths[i])) + 1, ' ');
    if (worktree.is_bare) {
      text += "(bare)";
    } else {
      text += ids[i] + std::string(id_width - ids[i].size() + 1, ' ');
      if (worktree.is_detached)
        text += "(detached HEAD)";
      else if (!worktree.head_ref.empty())
        text += "[" + shorten_unambiguous_ref(repo, worktree.head_ref, false) + "]";
      else
        text += "(error)";
    }
    if (worktree.lock_reason) {
      if (listing.verbose && !worktree.lock_reason->empty())
        text += "\n\tlocked: " + *worktree.lock_reason;
      else
        text += " locked";
    }
    if (auto reason = prunable_reason(repo, worktree, listing.expire))
      text += listing.verbose ? "\n\tprunable: " + *reason : " prunable";
    outf("%s\n", text);
  }
  return 0;
}

// ---- prune ----

int prune(Invocation& inv, const std::vector<std::string>& args) {
  int dry_run = 0, verbose = 0;
  std::int64_t expire = kEndOfTime;
  Options options({kPruneUsage});
  options.boolean('n', "dry-run", &dry_run, "do not remove, show only");
  options.count_up('v', "verbose", &verbose, "report pruned working trees");
  options.expiry_date(0, "expire", &expire, "prune missing working trees older than <time>");
  if (!options.parse(args, inv.prefix_or_empty()).empty()) options.usage_with_options();
  Repository& repo = inv.repo();
  auto drop = [&](const std::string& id, const std::string& reason) {
    if (dry_run || verbose) errf("Removing %s/%s: %s\n", "worktrees", id, reason);
    if (!dry_run) delete_worktree_admin_dir(repo, id);
  };
  // Who else claims the same place? The main worktree comes first, then the smaller name.
  std::vector<std::pair<std::string, std::string>> kept;
  kept.emplace_back(real_path_forgiving(repo.common_dir()), "");
  auto ids = list_dir(path_join(repo.common_dir(), "worktrees"));
  std::sort(ids.begin(), ids.end());
  for (const std::string& id : ids) {
    PruneVerdict verdict = judge_worktree(repo, id, expire);
    if (verdict.prune)
      drop(id, verdict.reason);
    else if (!verdict.dotgit.empty())
      kept.emplace_back(verdict.dotgit, id);
  }
  std::sort(kept.begin(), kept.end());
  for (std::size_t i = 1; i < kept.size(); i++)
    if (kept[i].first == kept[i - 1].first) drop(kept[i].second, "duplicate entry");
  if (!dry_run) delete_worktrees_dir_if_empty(repo);
  return 0;
}

// ---- lock, unlock, move, remove, repair ----

Worktree worktree_or_die(Invocation& inv, const std::string& arg) {
  auto worktree = find_worktree(list_worktrees(inv.repo()), inv.prefix_or_empty(), arg);
  if (!worktree) die("'%s' is not a working tree", arg);
  return *worktree;
}

int lock(Invocation& inv, const std::vector<std::string>& args) {
  std::string reason;
  Options options({kLockUsage});
  options.string(0, "reason", &reason, "string", "reason for locking");
  auto rest = options.parse(args, inv.prefix_or_empty());
  if (rest.size() != 1) options.usage_with_options();
  Worktree worktree = worktree_or_die(inv, rest[0]);
  if (worktree.is_main()) die("The main working tree cannot be locked or unlocked");
  if (worktree.lock_reason && !worktree.lock_reason->empty())
    die("'%s' is already locked, reason: %s", rest[0], *worktree.lock_reason);
  if (worktree.lock_reason) die("'%s' is already locked", rest[0]);
  std::string path = path_join(worktree.git_dir, "locked");
  if (!write_file(path, reason.empty() ? "" : reason + "\n")) die_errno("could not write to '%s'", path);
  return 0;
}

int unlock(Invocation& inv, const std::vector<std::string>& args) {
  Options options({kUnlockUsage});
  auto rest = options.parse(args, inv.prefix_or_empty());
  if (rest.size() != 1) options.usage_with_options();
  Worktree worktree = worktree_or_die(inv, rest[0]);
  if (worktree.is_main()) die("The main working tree cannot be locked or unlocked");
  if (!worktree.lock_reason) die("'%s' is not locked", rest[0]);
  return ::unlink(path_join(worktree.git_dir, "locked").c_str()) < 0 ? 1 : 0;
}

// A worktree with submodules can't simply change its place.
void refuse_submodules(const Worktree& worktree) {
  bool found = is_directory(path_join(worktree.git_dir, "modules")) && !is_empty_dir(path_join(worktree.git_dir, "modules"));
  if (!found && path_exists(path_join(worktree.git_dir, "index"))) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"ls-files", "--stage"};
    for (const std::string& name : local_repo_env_vars()) child.env.push_back(name);
    child.env.push_back("GIT_DIR=" + worktree.git_dir);
    child.env.push_back("GIT_WORK_TREE=" + worktree.path);
    CommandOutput output = pipe_command(child, {}, true);
    for (std::string_view line : split_lines(output.out))
      if (starts_with(line, "160000 ")) found = true;
  }
  if (found) die("working trees containing submodules cannot be moved or removed");
}

void refuse_locked(const Worktree& worktree, int force, const char* verb) {
  if (!worktree.lock_reason || force > 1) return;
  if (!worktree.lock_reason->empty())
    die("cannot %s a locked working tree, lock reason: %s\nuse '%s -f -f' to override or unlock first", verb,
        *worktree.lock_reason, verb);
  die("cannot %s a locked working tree;\nuse '%s -f -f' to override or unlock first", verb, verb);
}

int move(Invocation& inv, const std::vector<std::string>& args) {
  int force = 0, relative = wants_relative_worktrees(inv.repo());
  Options options({kMoveUsage});
  options.count_up('f', "force", &force, "force move even if worktree is dirty or locked", kOptNoComplete);
  options.boolean(0, "relative-paths", &relative, "use relative paths for worktrees");
  auto rest = options.parse(args, inv.prefix_or_empty());
  if (rest.size() != 2) options.usage_with_options();
  Repository& repo = inv.repo();
  std::string to = prefix_filename(inv.prefix_or_empty(), rest[1]);
  Worktree worktree = worktree_or_die(inv, rest[0]);
  if (worktree.is_main()) die("'%s' is a main working tree", rest[0]);
  if (is_directory(to)) {
    std::size_t slash = worktree.path.rfind('/');
    if (slash == std::string::npos) die("could not figure out destination name from '%s'", worktree.path);
    while (to.size() > 1 && to.back() == '/') to.pop_back();
    to += worktree.path.substr(slash);
  }
  check_candidate_path(repo, to, force, "move");
  refuse_submodules(worktree);
  refuse_locked(worktree, force, "move");
  if (std::string problem = validate_worktree(repo, worktree, false); !problem.empty())
    die("validation failed, cannot move working tree: %s", problem);
  if (::rename(worktree.path.c_str(), to.c_str()) < 0) die_errno("failed to move '%s' to '%s'", worktree.path, to);
  write_worktree_links(repo, path_join(to, ".git"), worktree.git_dir, relative);
  return 0;
}

void refuse_dirty(const Worktree& worktree, const std::string& shown) {
  if (path_exists(path_join(worktree.path, ".git"))) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"status", "--porcelain", "--ignore-submodules=none"};
    for (const std::string& name : local_repo_env_vars())
      if (name != "GIT_CONFIG_PARAMETERS" && name != "GIT_CONFIG_COUNT") child.env.push_back(name);
    child.env.push_back("GIT_DIR=" + path_join(worktree.path, ".git"));
    child.env.push_back("GIT_WORK_TREE=" + worktree.path);
    child.dir = worktree.path;
    CommandOutput output = pipe_command(child, {});
    if (!output.out.empty()) die("'%s' contains modified or untracked files, use --force to delete it", shown);
    if (output.code) die("failed to run 'git status' on '%s', code %d", shown, output.code);
  }
}

int remove(Invocation& inv, const std::vector<std::string>& args) {
  int force = 0;
  Options options({kRemoveUsage});
  options.count_up('f', "force", &force, "force removal even if worktree is dirty or locked", kOptNoComplete);
  auto rest = options.parse(args, inv.prefix_or_empty());
  if (rest.size() != 1) options.usage_with_options();
  Repository& repo = inv.repo();
  Worktree worktree = worktree_or_die(inv, rest[0]);
  if (worktree.is_main()) die("'%s' is a main working tree", rest[0]);
  refuse_locked(worktree, force, "remove");
  if (std::string problem = validate_worktree(repo, worktree, true); !problem.empty())
    die("validation failed, cannot remove working tree: %s", problem);
  int code = 0;
  if (path_exists(worktree.path)) {
    if (!force) {
      refuse_submodules(worktree);
      refuse_dirty(worktree, rest[0]);
    }
    if (!remove_dir_recursively(worktree.path)) code = error_errno("failed to delete '%s'", worktree.path);
  }
  delete_worktree_admin_dir(repo, worktree.id);
  delete_worktrees_dir_if_empty(repo);
  return code ? 1 : 0;
}

int repair(Invocation& inv, const std::vector<std::string>& args) {
  int relative = wants_relative_worktrees(inv.repo());
  Options options({kRepairUsage});
  options.boolean(0, "relative-paths", &relative, "use relative paths for worktrees");
  auto rest = options.parse(args, inv.prefix_or_empty());
  int code = 0;
  auto report_one = [&](bool is_error, const std::string& path, const std::string& message) {
    if (is_error) {
      errf("error: %s: %s\n", message, path);
      code = 1;
    } else {
      errf("repair: %s: %s\n", message, path);
    }
  };
  if (rest.empty()) rest.push_back(inv.prefix ? "" : ".");
  for (const std::string& path : rest) {
    std::string full = prefix_filename(inv.prefix_or_empty(), path);
    repair_worktree_at_path(inv.repo(), full.empty() ? "." : full, report_one, relative);
  }
  repair_worktrees(inv.repo(), report_one, relative);
  return code;
}

}  // namespace

int cmd_worktree(Invocation& inv) {
  enum { kNone, kAdd, kPrune, kList, kLock, kUnlock, kMove, kRemove, kRepair };
  int command = kNone;
  Options options({kAddUsage, kListUsage, kLockUsage, kMoveUsage, kPruneUsage, kRemoveUsage, kRepairUsage, kUnlockUsage});
  options.subcommand("add", &command, kAdd);
  options.subcommand("prune", &command, kPrune);
  options.subcommand("list", &command, kList);
  options.subcommand("lock", &command, kLock);
  options.subcommand("unlock", &command, kUnlock);
  options.subcommand("move", &command, kMove);
  options.subcommand("remove", &command, kRemove);
  options.subcommand("repair", &command, kRepair);
  auto args = options.parse(inv.args, inv.prefix_or_empty());
  switch (command) {
    case kAdd:
      return Add(inv).run(args);
    case kPrune:
      return prune(inv, args);
    case kList:
      return list(inv, args);
    case kLock:
      return lock(inv, args);
    case kUnlock:
      return unlock(inv, args);
    case kMove:
      return move(inv, args);
    case kRemove:
      return remove(inv, args);
    default:
      return repair(inv, args);
  }
}

}  // namespace git
