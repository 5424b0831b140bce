// An empty list means no file: a repository stops being shallow when the last entry goes.
#include "shallow.h"

#include "base/error.h"
#include "base/files.h"
#include "odb.h"
#include "repository.h"

namespace git {

ShallowUpdate::ShallowUpdate(Repository& repo) : repo_(repo) {
  for (const ObjectId& oid : repo.shallow_commits()) boundary_.insert(oid);
}

std::string ShallowUpdate::write_lock() {
  if (lock_.is_held() && written_ == boundary_) return boundary_.empty() ? "" : lock_.lock_path();
  lock_.rollback();
  lock_ = LockFile::hold_or_die(repo_.shallow_file());
  written_ = boundary_;
  std::string text;
  for (const ObjectId& oid : boundary_) text += oid.hex() + "\n";
  if (!lock_.write(text) || !lock_.close()) die_errno(_("failed to write to %s"), lock_.lock_path());
  return boundary_.empty() ? "" : lock_.lock_path();
}

void ShallowUpdate::commit() {
  if (!lock_.is_held()) return;
  if (boundary_.empty()) {
    remove_file(repo_.shallow_file());
    lock_.rollback();
  } else {
    lock_.commit_or_die();
  }
  repo_.reload_shallow();
}

void ShallowUpdate::rollback() { lock_.rollback(); }

void prune_shallow(Repository& repo, bool dry_run) {
  ShallowUpdate update(repo);
  for (const ObjectId& oid : repo.shallow_commits())
    if (!repo.odb().has(oid, kLookupNoFetch)) update.remove(oid);
  if (!update.is_changed() || dry_run) return;
  update.write_lock();
  update.commit();
}

}  // namespace git
