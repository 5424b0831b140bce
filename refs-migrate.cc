// Everything goes into one initial transaction of the new store: refs, symrefs, and logs entry by entry.
#include "refs-migrate.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "config/fsck-config.h"
#include "object/fsck.h"
#include "refs.h"
#include "repository.h"
#include "worktree.h"

namespace git {
namespace {

Result<void> copy_refs(RefStore& from, RefTransaction& to, HashAlgo algo) {
  Result<void> added;
  auto copy = [&](const Ref& ref) {
    std::optional<Ref> raw = from.read(ref.name);
    if (!raw) return true;
    RefUpdate update;
    update.name = ref.name;
    update.flags = kRefNoDeref | kRefSkipOidVerification | kRefSkipReflog | kRefSkipNameCheck;
    if (raw->symref_target.empty())
      update.new_oid = raw->oid;
    else
      update.new_target = raw->symref_target;
    update.old_oid = ObjectId::null(algo);
    added = to.add(std::move(update));
    return added.ok();
  };
  from.for_each_root_ref(copy);
  if (added) from.for_each_raw("", copy);
  return added;
}

Result<void> copy_reflogs(RefStore& from, RefTransaction& to) {
  Result<void> added;
  from.for_each_reflog([&](const std::string& name) {
    from.for_each_reflog_entry(name, false, [&](const ReflogEntry& entry) {
      RefUpdate update;
      update.name = name;
      update.new_oid = entry.new_oid;
      update.flags = kRefLogOnly | kRefNoDeref | kRefForceCreateReflog | kRefSkipNameCheck;
      update.message = entry.message;
      update.log_oids =
          RefUpdate::LogOids{entry.old_oid, entry.new_oid,
                             strf("%s %d %s%04d", entry.committer, entry.time, entry.tz < 0 ? "-" : "+", std::abs(entry.tz))};
      added = to.add(std::move(update));
      return added.ok();
    });
    return added.ok();
  });
  return added;
}

// Moves what the new store made into the place of the old.
Result<void> move_files(const std::string& from, const std::string& to) {
  for (const std::string& name : list_dir(from)) {
    std::string source = path_join(from, name), target = path_join(to, name);
    if (::rename(source.c_str(), target.c_str()) < 0)
      return make_error(ErrorKind::io, "could not rename '%s' to '%s': %s", source, target, strerror(errno));
  }
  if (rmdir(from.c_str()) < 0)
    return make_error(ErrorKind::io, "could not remove temporary migration directory '%s': %s", from, strerror(errno));
  return {};
}

}  // namespace

Result<std::string> migrate_refs(Repository& repo, const MigrateRefs& wanted) {
  RefStore& old_store = repo.refs();
  if (old_store.options().format == wanted.format)
    return make_error(ErrorKind::invalid, "repository already uses '%s' format", wanted.format);
  if (list_worktrees(repo).size() > 1)
    return make_error(ErrorKind::invalid, "migrating repositories with worktrees is not supported yet");
  std::string directory = path_join(repo.common_dir(), "ref_migration.XXXXXX");
  if (!mkdtemp(directory.data())) return make_error(ErrorKind::io, "cannot create migration directory: %s", strerror(errno));
  RefStoreOptions options = old_store.options();
  options.git_dir = options.common_dir = directory;
  options.format = wanted.format;
  options.transaction_hook = nullptr;
  std::unique_ptr<RefStore> new_store = RefStore::open(options);
  Result<void> done = new_store->create_on_disk();
  if (!done) return done.error();
  std::unique_ptr<RefTransaction> transaction = new_store->begin(RefStore::kInitial);
  done = copy_refs(old_store, *transaction, repo.algo());
  if (done && !wanted.skip_reflog) done = copy_reflogs(old_store, *transaction);
  if (done) done = transaction->commit();
  if (!done) {
    remove_dir_recursively(directory);
    return done.error();
  }
  if (wanted.dry_run) return directory;
  transaction.reset();
  new_store.reset();
  done = old_store.remove_on_disk();
  if (done) done = move_files(directory, repo.common_dir());
  if (!done) return done.error();
  std::string config = repo.common_path("config");
  bool is_files = wanted.format == "files";
  if (!is_files) config_set_in_file(config, "core.repositoryformatversion", "1");
  config_set_in_file(config, "extensions.refstorage", is_files ? std::nullopt : std::optional<std::string>(wanted.format));
  return std::string();
}

bool verify_refs(Repository& repo, bool strict, bool verbose) {
  FsckOptions fsck = fsck_options_from_config(repo.config(), "fsck", repo.algo());
  fsck.is_strict = strict;
  bool good = true;
  auto report_finding = [&](const RefFinding& finding) {
    FsckSeverity severity = fsck.severity_of(finding.id);
    if (severity == FsckSeverity::ignore) return;
    if (finding.path.empty()) {
      errf("error: %s\n", finding.text);
      good = false;
      return;
    }
    bool is_error = severity == FsckSeverity::error || severity == FsckSeverity::fatal;
    if (is_error) good = false;
    errf("%s: %s: %s: %s\n", is_error ? "error" : "warning", finding.path, fsck_message_name(finding.id), finding.text);
  };
  // Not through list_worktrees(), which reads refs that may be broken.
  std::vector<std::string> git_dirs{repo.common_dir()};
  std::string linked = path_join(repo.common_dir(), "worktrees");
  std::vector<std::string> ids = list_dir(linked);
  std::sort(ids.begin(), ids.end());
  for (const std::string& id : ids) git_dirs.push_back(path_join(linked, id));
  for (const std::string& git_dir : git_dirs) {
    if (verbose) errf("Checking references consistency\n");
    RefStoreOptions options = repo.refs().options();
    options.git_dir = git_dir;
    RefStore::open(std::move(options))->verify(report_finding);
  }
  return good;
}

}  // namespace git
