// git prune: drops loose objects that nothing reaches, once they are old enough.
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/progress.h"
#include "base/strings.h"
#include "builtin.h"
#include "object-name.h"
#include "odb.h"
#include "odb/loose-check.h"
#include "odb/pack-garbage.h"
#include "reachable.h"
#include "shallow.h"

GIT_BUILTIN("prune", cmd_prune, kSetup)

namespace git {
namespace {

struct Prune {
  Repository& repo;
  bool dry_run = false, verbose = false;
  std::int64_t expire = std::numeric_limits<std::int64_t>::max();
  int show_progress = -1;
  ReachableSet reachable;
  bool is_walked = false;

  void walk();
  void prune_temporary(const std::string& path, const std::string& shown) const;
  void prune_temporaries_in(const std::string& dir) const;
  void prune_loose(const LooseFile& file);
  void run();
};

void Prune::walk() {
  if (is_walked) return;
  is_walked = true;
  Progress progress("Checking connectivity", 0, show_progress > 0, true);
  reachable.add_default_roots(true);
  auto step = [&](std::size_t n) { progress.update(n); };
  reachable.walk(step);
  reachable.add_recent(expire);
  reachable.walk(step);
}

void Prune::prune_temporary(const std::string& path, const std::string& shown) const {
  auto st = lstat_path(path);
  if (!st) {
    error("Could not stat '%s'", shown);
    return;
  }
  if (st->st_mtime > expire) return;
  bool is_dir = S_ISDIR(st->st_mode);
  if (dry_run || verbose) outf("Removing stale temporary %s %s\n", is_dir ? "directory" : "file", shown);
  if (dry_run) return;
  if (is_dir)
    remove_dir_recursively(path);
  else if (::unlink(path.c_str()) < 0)
    warning_errno("unable to unlink '%s'", shown);
}

void Prune::prune_temporaries_in(const std::string& dir) const {
  std::string cwd = current_dir() + "/";
  std::string shown = starts_with(dir, cwd) ? dir.substr(cwd.size()) : dir;
  for (const std::string& name : list_dir(dir))
    if (starts_with(name, "tmp_")) prune_temporary(path_join(dir, name), path_join(shown, name));
}

void Prune::prune_loose(const LooseFile& file) {
  if (!file.oid) {
    if (starts_with(path_basename(file.path), "tmp_obj_"))
      prune_temporary(file.path, file.shown_path);
    else
      errf("bad sha1 file: %s\n", file.shown_path);
    return;
  }
  walk();
  if (reachable.contains(*file.oid)) return;
  auto st = lstat_path(file.path);
  if (!st || st->st_mtime > expire) return;
  if (dry_run || verbose) {
    std::string_view type = type_name(repo.odb().type_of(*file.oid, kLookupNoReplace | kLookupNoFetch));
    outf("%s %s\n", *file.oid, type.empty() ? "unknown" : type);
  }
  if (!dry_run && ::unlink(file.path.c_str()) < 0) warning_errno("unable to unlink '%s'", file.shown_path);
}

void Prune::run() {
  const std::string objects = repo.odb().objects_dir();
  for_each_loose_file(
      objects, repo.algo(), [this](const LooseFile& file) { prune_loose(file); }, true,
      [this](const std::string& dir, unsigned) {
        if (!dry_run) ::rmdir(dir.c_str());
      });
  prune_packed_objects(repo.odb(), dry_run ? kPrunePackedDryRun : 0u, [](const std::string& line) { out(line); });
  prune_temporaries_in(objects);
  prune_temporaries_in(path_join(objects, "pack"));
  if (repo.is_shallow()) {
    walk();
    prune_shallow(repo, dry_run);
  }
}

}  // namespace

int cmd_prune(Invocation& inv) {
  Repository& repo = inv.repo();
  Prune prune{repo, false, false, std::numeric_limits<std::int64_t>::max(), -1, ReachableSet(repo), false};
  Options options({"git prune [-n] [-v] [--progress] [--expire <time>] [--] [<head>...]"});
  options.boolean('n', "dry-run", &prune.dry_run, "do not remove, show only");
  options.boolean('v', "verbose", &prune.verbose, "report pruned objects");
  options.boolean(0, "progress", &prune.show_progress, "show progress");
  options.expiry_date(0, "expire", &prune.expire, "expire objects older than <time>");
  options.boolean(0, "exclude-promisor-objects", &prune.reachable.exclude_promisor_objects,
                  "limit traversal to objects outside promisor packfiles");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (repo.layout().precious_objects) die("cannot prune in a precious-objects repo");
  repo.use_replace_refs = false;
  for (const std::string& arg : args) {
    auto oid = get_oid(repo, arg);
    if (!oid) die("unrecognized argument: %s", arg);
    if (!repo.odb().has(*oid)) die("unable to parse object: %s", arg);
    prune.reachable.add_root(*oid);
  }
  if (prune.show_progress < 0) prune.show_progress = ::isatty(2);
  prune.run();
  return 0;
}

}  // namespace git
