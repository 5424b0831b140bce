// git reflog: show, list, trim, drop and write the logs of refs (git-reflog(1)).
#include <algorithm>
#include <map>
#include <set>

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "config.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "walk/commit-reach.h"
#include "worktree.h"

GIT_BUILTIN("reflog", cmd_reflog, kSetup)

namespace git {
namespace {

constexpr const char* kShowUsage = "git reflog [show] [<log-options>] [<ref>]";
constexpr const char* kListUsage = "git reflog list";
constexpr const char* kExistsUsage = "git reflog exists <ref>";
constexpr const char* kWriteUsage = "git reflog write <ref> <old-oid> <new-oid> <message>";
constexpr const char* kDeleteUsage =
    "git reflog delete [--rewrite] [--updateref]\n"
    "           [--dry-run | -n] [--verbose] <ref>@{<specifier>}...";
constexpr const char* kDropUsage = "git reflog drop [--all [--single-worktree] | <refs>...]";
constexpr const char* kExpireUsage =
    "git reflog expire [--expire=<time>] [--expire-unreachable=<time>]\n"
    "                  [--rewrite] [--updateref] [--stale-fix]\n"
    "                  [--dry-run | -n] [--verbose] [--all [--single-worktree] | <refs>...]";

// ---- expiry ----
constexpr std::uint64_t kDay = 24 * 3600;

struct ExpirySettings {
  std::optional<std::int64_t> total, unreachable;  // from the command line; older than this goes
  bool dry_run = false, rewrite = false, update_ref = false, stale_fix = false, verbose = false;
  bool all = false, single_worktree = false;
};

std::int64_t config_expiry(Config& config, const std::string& key, std::int64_t fallback) {
  std::optional<std::string> text = config.get_string(key);
  if (!text) return fallback;
  std::optional<std::int64_t> time = parse_expiry_date(*text);
  if (!time) die("'%s' for '%s' is not a valid timestamp", *text, key);
  return *time;
}

// gc.<pattern>.reflogExpire: the first pattern that fits decides.
struct Expiry {
  std::int64_t total, unreachable;
};
Expiry expiry_for(Repository& repo, const std::string& ref, const ExpirySettings& s) {
  Config& config = repo.config();
  auto now = static_cast<std::int64_t>(current_time());
  Expiry expiry{config_expiry(config, "gc.reflogexpire", now - static_cast<std::int64_t>(90 * kDay)),
                config_expiry(config, "gc.reflogexpireunreachable", now - static_cast<std::int64_t>(30 * kDay))};
  bool matched = false;
  for (const std::string& pattern : config.subsections("gc")) {
    if (!wildmatch(pattern, ref)) continue;
    expiry.total = config_expiry(config, "gc." + pattern + ".reflogexpire", expiry.total);
    expiry.unreachable = config_expiry(config, "gc." + pattern + ".reflogexpireunreachable", expiry.unreachable);
    matched = true;
    break;
  }
  if (!matched && ref == "refs/stash") expiry = {0, 0};
  return {s.total.value_or(expiry.total), s.unreachable.value_or(expiry.unreachable)};
}

// Which commits can be reached from some tips; grows as it is asked.
class Reachable {
 public:
  Reachable(CommitPool& pool, std::vector<Commit*> tips) : pool_(pool), pending_(std::move(tips)) {}
  bool has(Commit* commit) {
    if (marks_.get(commit)) return true;
    while (!pending_.empty()) {
      Commit* next = pending_.back();
      pending_.pop_back();
      if (marks_.get(next)) continue;
      marks_[next] = 1;
      if (!pool_.parse_quietly(next)) continue;
      for (Commit* parent : next->parents)
        if (!marks_.get(parent)) pending_.push_back(parent);
    }
    return marks_.get(commit) != 0;
  }

 private:
  CommitPool& pool_;
  std::vector<Commit*> pending_;
  CommitMarks<unsigned char> marks_;
};

std::vector<Commit*> tips_for(Repository& repo, const std::string& ref) {
  std::vector<Commit*> tips;
  auto add = [&](const ObjectId& oid) {
    if (Commit* commit = repo.commits().peel_to_commit(oid)) tips.push_back(commit);
  };
  if (ref == "HEAD" || ends_with(ref, "/HEAD")) {
    repo.refs().for_each("refs/", [&](const Ref& r) {
      add(r.oid);
      return true;
    });
  }
  if (std::optional<ObjectId> oid = repo.refs().read_oid(ref)) add(*oid);
  return tips;
}

// Is everything that the commit needs here? Answers are remembered; what is complete once stays so.
class Completeness {
 public:
  explicit Completeness(Repository& repo) : repo_(repo) {}
  bool is_complete(const ObjectId& oid) {
    if (oid.is_null()) return true;
    Commit* commit = repo_.commits().peel_to_commit(oid);
    if (!commit) return false;
    std::vector<Commit*> pending{commit};
    std::vector<Commit*> seen;
    while (!pending.empty()) {
      Commit* next = pending.back();
      pending.pop_back();
      if (complete_.get(next)) continue;
      if (!repo_.commits().parse_quietly(next) || !has_tree(repo_.commits().tree(next))) return false;
      complete_[next] = 1;
      seen.push_back(next);
      for (Commit* parent : next->parents) pending.push_back(parent);
    }
    return true;
  }

 private:
  bool has_tree(const ObjectId& tree) {
    if (trees_.contains(tree)) return true;
    Result<ObjectData> data = repo_.odb().read(tree);
    if (!data || data->type != ObjectType::tree) return false;
    TreeReader reader(data->data, repo_.algo());
    for (TreeEntry entry; reader.next(entry);) {
      if (is_gitlink_mode(entry.mode)) continue;
      bool here = is_tree_mode(entry.mode) ? has_tree(entry.oid) : repo_.odb().has(entry.oid);
      if (!here) return false;
    }
    if (reader.has_error()) return false;
    trees_.insert(tree);
    return true;
  }

  Repository& repo_;
  CommitMarks<unsigned char> complete_;
  std::set<ObjectId> trees_;
};

void tell(const ExpirySettings& s, bool goes, const ReflogEntry& entry) {
  if (s.verbose) outf("%s %s\n", !goes ? "keep" : s.dry_run ? "would prune" : "prune", entry.message);
}

bool expire_one(Repository& repo, const std::string& ref, const ExpirySettings& s, Completeness& completeness) {
  Expiry expiry = expiry_for(repo, ref, s);
  std::optional<Reachable> reachable;
  bool always = expiry.unreachable <= expiry.total;
  auto is_unreachable = [&](const ObjectId& oid) {
    if (oid.is_null()) return false;
    Commit* commit = repo.commits().peel_to_commit(oid);
    if (!commit) return false;
    if (!reachable) reachable.emplace(repo.commits(), tips_for(repo, ref));
    return !reachable->has(commit);
  };
  RefStore::ReflogExpire options;
  options.dry_run = s.dry_run;
  options.rewrite = s.rewrite;
  options.update_ref = s.update_ref;
  options.keep = [&](const ReflogEntry& entry) {
    auto time = static_cast<std::int64_t>(entry.time);
    bool goes = time < expiry.total;
    if (!goes && s.stale_fix) goes = !completeness.is_complete(entry.old_oid) || !completeness.is_complete(entry.new_oid);
    if (!goes && time < expiry.unreachable) goes = always || is_unreachable(entry.old_oid) || is_unreachable(entry.new_oid);
    tell(s, goes, entry);
    return !goes;
  };
  Result<void> done = repo.refs().expire_reflog(ref, options);
  if (!done) error("%s", done.error().message);
  return done.ok();
}

// The logs of all worktrees under names that mean them here.
std::vector<std::string> all_reflogs(Repository& repo, bool single_worktree) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Worktree& worktree : list_worktrees(repo)) {
    if (single_worktree && !worktree.is_current) continue;
    RefStoreOptions options = repo.refs().options();
    options.git_dir = worktree.git_dir;
    RefStore::open(std::move(options))->for_each_reflog([&](const std::string& name) {
      std::string full = is_per_worktree_ref(name) ? worktree_ref_name(worktree, name) : name;
      if (seen.insert(full).second) names.push_back(full);
      return true;
    });
  }
  return names;
}

std::optional<std::string> find_log(Repository& repo, const std::string& name) {
  ObjectId oid;
  std::string full;
  if (!dwim_log(repo, name, &oid, &full)) return std::nullopt;
  return full;
}

int expire(Invocation& inv, const std::vector<std::string>& args) {
  Repository& repo = inv.repo();
  ExpirySettings s;
  std::int64_t total = -1, unreachable = -1;
  Options options({kExpireUsage});
  options.boolean('n', "dry-run", &s.dry_run, N_("do not actually prune any entries"));
  options.boolean(0, "rewrite", &s.rewrite, N_("rewrite the old SHA1 with the new SHA1 of the entry that now precedes it"));
  options.boolean(0, "updateref", &s.update_ref, N_("update the reference to the value of the top reflog entry"));
  options.boolean(0, "verbose", &s.verbose, N_("print extra information on screen"));
  options.expiry_date(0, "expire", &total, N_("prune entries older than the specified time"));
  options.expiry_date(0, "expire-unreachable", &unreachable,
                      N_("prune entries older than <time> that are not reachable from the current tip of the branch"));
  options.boolean(0, "stale-fix", &s.stale_fix, N_("prune any reflog entries that point to broken commits"));
  options.boolean(0, "all", &s.all, N_("process the reflogs of all references"));
  options.boolean(0, "single-worktree", &s.single_worktree, N_("limits processing to reflogs from the current worktree only"));
  std::vector<std::string> names = options.parse(args, inv.prefix_or_empty());
  if (total >= 0) s.total = total;
  if (unreachable >= 0) s.unreachable = unreachable;
  Completeness completeness(repo);
  int status = 0;
  if (s.all)
    for (const std::string& name : all_reflogs(repo, s.single_worktree))
      if (!expire_one(repo, name, s, completeness)) status = 1;
  for (const std::string& name : names) {
    std::optional<std::string> full = find_log(repo, name);
    if (!full) {
      error("reflog could not be found: '%s'", name);
      status = 1;
    } else if (!expire_one(repo, *full, s, completeness)) {
      status = 1;
    }
  }
  return status;
}

// ---- delete ----
bool delete_entry(Repository& repo, const std::string& spec, const ExpirySettings& s) {
  std::size_t at = spec.find("@{");
  if (at == std::string::npos) return error("not a reflog: %s", spec) == 0;
  std::string name = spec.substr(0, at);
  std::optional<std::string> full = find_log(repo, name.empty() ? "HEAD" : name);
  if (!full) return error("no reflog for '%s'", spec) == 0;
  std::string inside = spec.substr(at + 2);
  if (!inside.empty() && inside.back() == '}') inside.pop_back();
  std::optional<std::uint64_t> number = parse_uint(inside);
  std::int64_t before = number ? 0 : static_cast<std::int64_t>(approxidate(inside));
  std::int64_t count = 0;
  repo.refs().for_each_reflog_entry(*full, false, [&](const ReflogEntry& entry) {
    if (!before || static_cast<std::int64_t>(entry.time) < before) ++count;
    return true;
  });
  std::int64_t doomed = number ? count - static_cast<std::int64_t>(*number) : count, seen = 0;
  RefStore::ReflogExpire options;
  options.dry_run = s.dry_run;
  options.rewrite = s.rewrite;
  options.update_ref = s.update_ref;
  options.keep = [&](const ReflogEntry& entry) {
    bool goes = ++seen == doomed;
    tell(s, goes, entry);
    return !goes;
  };
  Result<void> done = repo.refs().expire_reflog(*full, options);
  if (!done) error("%s", done.error().message);
  return done.ok();
}

int remove(Invocation& inv, const std::vector<std::string>& args) {
  ExpirySettings s;
  Options options({kDeleteUsage});
  options.boolean('n', "dry-run", &s.dry_run, N_("do not actually prune any entries"));
  options.boolean(0, "rewrite", &s.rewrite, N_("rewrite the old SHA1 with the new SHA1 of the entry that now precedes it"));
  options.boolean(0, "updateref", &s.update_ref, N_("update the reference to the value of the top reflog entry"));
  options.boolean(0, "verbose", &s.verbose, N_("print extra information on screen"));
  std::vector<std::string> specs = options.parse(args, inv.prefix_or_empty());
  if (specs.empty()) return error("no reflog specified to delete") < 0;
  int status = 0;
  for (const std::string& spec : specs)
    if (!delete_entry(inv.repo(), spec, s)) status = 1;
  return status;
}

// ---- the small ones ----
int drop(Invocation& inv, const std::vector<std::string>& args) {
  bool all = false, single = false;
  Repository& repo = inv.repo();
  Options options({kDropUsage});
  options.boolean(0, "all", &all, N_("drop the reflogs of all references"));
  options.boolean(0, "single-worktree", &single, N_("drop reflogs from the current worktree only"));
  std::vector<std::string> names = options.parse(args, inv.prefix_or_empty());
  if (!names.empty() && all) usage("references specified along with --all");
  int status = 0;
  if (all)
    for (const std::string& name : all_reflogs(repo, single))
      if (!repo.refs().delete_reflog(name)) status = 1;
  for (const std::string& name : names) {
    std::optional<std::string> full = find_log(repo, name);
    if (!full) {
      error("reflog could not be found: '%s'", name);
      status = 1;
    } else if (!repo.refs().delete_reflog(*full)) {
      status = 1;
    }
  }
  return status;
}

int list(Invocation& inv, const std::vector<std::string>& args) {
  Options options({kListUsage});
  std::vector<std::string> rest = options.parse(args, inv.prefix_or_empty());
  if (!rest.empty()) {
    error("%s does not accept arguments: '%s'", "list", rest[0]);
    return 255;
  }
  inv.repo().refs().for_each_reflog([](const std::string& name) {
    out(name + "\n");
    return true;
  });
  return 0;
}

int exists(Invocation& inv, const std::vector<std::string>& args) {
  Options options({kExistsUsage});
  std::vector<std::string> rest = options.parse(args, inv.prefix_or_empty());
  if (rest.empty()) options.usage_with_options();
  if (!check_refname_format(rest[0], kRefnameAllowOneLevel)) die("invalid ref format: %s", rest[0]);
  return inv.repo().refs().has_reflog(rest[0]) ? 0 : 1;
}

int write(Invocation& inv, const std::vector<std::string>& args) {
  Repository& repo = inv.repo();
  Options options({kWriteUsage});
  std::vector<std::string> rest = options.parse(args, inv.prefix_or_empty());
  if (rest.size() != 4) options.usage_with_options();
  if (!is_root_ref_syntax(rest[0]) && !check_refname_format(rest[0])) die("invalid reference name: %s", rest[0]);
  auto parse = [&](const std::string& text, const char* which) {
    std::optional<ObjectId> oid = ObjectId::from_hex(text, repo.algo());
    if (!oid) die("invalid %s object ID: '%s'", which, text);
    if (!oid->is_null() && !repo.odb().has(*oid)) die("%s object '%s' does not exist", which, text);
    return *oid;
  };
  RefUpdate update;
  update.name = rest[0];
  RefUpdate::LogOids oids;
  oids.old_oid = parse(rest[1], "old");
  oids.new_oid = parse(rest[2], "new");
  update.new_oid = oids.new_oid;
  update.log_oids = oids;
  update.message = rest[3];
  update.flags = kRefLogOnly | kRefNoDeref | kRefForceCreateReflog;
  Result<void> done = repo.refs().update(std::move(update));
  if (!done) die("cannot update reflog: %s", done.error().message);
  return 0;
}

int show(std::vector<std::string> args) {
  if (args.size() == 1 && args[0] == "-h") {
    outf("usage: %s\n", kShowUsage);
    return 0;
  }
  ChildProcess child;
  child.git_command = true;
  child.args = {"log", "-g", "--abbrev-commit", "--pretty=oneline"};
  child.args.insert(child.args.end(), args.begin(), args.end());
  flush_out();
  return child.run();
}

}  // namespace

int cmd_reflog(Invocation& inv) {
  enum Verb : int { kNone, kShow, kList, kExists, kWrite, kDelete, kDrop, kExpire };
  int verb = kNone;
  Options options({kShowUsage, kListUsage, kExistsUsage, kWriteUsage, kDeleteUsage, kDropUsage, kExpireUsage});
  options.subcommand("show", &verb, kShow);
  options.subcommand("list", &verb, kList);
  options.subcommand("exists", &verb, kExists);
  options.subcommand("write", &verb, kWrite);
  options.subcommand("delete", &verb, kDelete);
  options.subcommand("drop", &verb, kDrop);
  options.subcommand("expire", &verb, kExpire);
  std::vector<std::string> args =
      options.parse(inv.args, inv.prefix_or_empty(), kSubcommandOptional | kKeepDashDash | kKeepUnknown);
  switch (verb) {
    case kList:
      return list(inv, args);
    case kExists:
      return exists(inv, args);
    case kWrite:
      return write(inv, args);
    case kDelete:
      return remove(inv, args);
    case kDrop:
      return drop(inv, args);
    case kExpire:
      return expire(inv, args);
    case kShow:
      return show({args.begin() + 1, args.end()});
    default:
      return show(std::move(args));
  }
}

}  // namespace git
