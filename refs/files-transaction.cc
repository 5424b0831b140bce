// Changing loose refs.  prepare() takes "<ref>.lock" for every ref, compares the old value under the lock and writes the
// new one into the lock file; deletions also lock packed-refs and write its successor, since a packed record would
// come back to life once its loose file is gone.  commit() writes logs, renames locks, replaces packed-refs and unlinks last.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "base/files.h"
#include "base/strings.h"
#include "refs/files-backend.h"

namespace git {
namespace {

void warn_about_symlinks() {
  warning("'core.preferSymlinkRefs=true' is nominated for removal.");
  for (const char* line :
       {" The use of symbolic links for symbolic refs is deprecated", " and will be removed in Git 3.0. The configuration that",
        " tells Git to use them is thus going away. You can unset", " it with:", "", "\tgit config unset core.preferSymlinkRefs",
        "", " Git will then use the textual symref format instead."})
    report("hint:", line);
}

// As people see it from where they are.
std::string shown_path(const std::string& path) {
  std::optional<std::string_view> below = path_below(path, current_dir());
  return below ? std::string(*below) : path;
}

class FilesTransaction final : public TransactionCommon {
 public:
  FilesTransaction(FilesRefStore& store, unsigned flags) : TransactionCommon(store, flags), files_(store) {}
  ~FilesTransaction() override { abort(); }

 protected:
  MaybeFault lock_and_check() override;
  Result<void> publish() override;
  void unlock() override;

 private:
  struct Lock {
    LockFile file;
    ObjectId old_oid;  // for the log
  };
  MaybeFault lock_item(TransactionItem& item);
  MaybeFault take_lock(TransactionItem& item, Lock*& lock);
  MaybeFault read_under_lock(TransactionItem& item, FilesRefStore::Loose& found);
  MaybeFault check_found(TransactionItem& item, const FilesRefStore::Loose& found, Lock& lock);
  MaybeFault write_new_value(TransactionItem& item, const FilesRefStore::Loose& found, Lock& lock);
  MaybeFault fill_lock(Lock& lock, std::string_view text);
  MaybeFault prepare_packed_deletions();
  MaybeFault check_initial();
  Result<void> publish_initial();
  Result<void> write_log(TransactionItem& item);
  Result<void> commit_lock(TransactionItem& item);
  Result<void> commit_packed();
  void delete_loose();
  Lock& lock_of(const TransactionItem& item) { return locks_.at(item.update.name); }
  const std::string& committer();

  FilesRefStore& files_;
  std::unordered_map<std::string, Lock> locks_;
  std::string head_referent_;
  std::string committer_;
  std::optional<LockFile> packed_lock_;
  std::vector<FilesRefStore::PackedChange> packed_changes_;
  std::string packed_hook_input_;
  std::vector<std::string> deleted_;
};

const std::string& FilesTransaction::committer() {
  if (committer_.empty() && store_.options().committer_ident) committer_ = store_.options().committer_ident();
  return committer_;
}

MaybeFault FilesTransaction::lock_and_check() {
  if (is_initial()) return check_initial();
  FilesRefStore::Loose head = files_.read_loose("HEAD");
  if (head.kind == FilesRefStore::Loose::Kind::symbolic) head_referent_ = head.target;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    TransactionItem& item = items_[i];
    if (item.is_rejected) continue;
    MaybeFault fault = lock_item(item);
    if (fault && !try_reject(item, *fault)) return fault;
  }
  return prepare_packed_deletions();
}

MaybeFault FilesTransaction::lock_item(TransactionItem& item) {
  if (MaybeFault fault = split_head(item, head_referent_)) return fault;
  Lock* lock = nullptr;
  if (MaybeFault fault = take_lock(item, lock)) return fault;
  FilesRefStore::Loose found;
  if (MaybeFault fault = read_under_lock(item, found)) return fault;
  if (MaybeFault fault = check_found(item, found, *lock)) return fault;
  if (MaybeFault fault = write_new_value(item, found, *lock)) return fault;
  lock->file.close();
  return std::nullopt;
}

MaybeFault FilesTransaction::take_lock(TransactionItem& item, Lock*& lock) {
  const std::string& name = item.update.name;
  auto known = locks_.find(name);
  if (known != locks_.end()) {
    lock = &known->second;
    return std::nullopt;
  }
  bool must_exist = item.update.old_oid && !item.update.old_oid->is_null();
  Result<LockFile> held = files_.lock_path(files_.path_of(name), store_.options().files_lock_timeout_ms);
  if (!held) {
    if (held.error().kind != ErrorKind::conflict) {
      if (must_exist && !store_.read(name))
        return make_fault(RefFailure::nonexistent, "cannot lock ref '%s': unable to resolve reference '%s'", item.original_name(),
                          name);
      if (MaybeFault fault = check_name_available(name)) {
        fault->message = strf("cannot lock ref '%s': %s", item.original_name(), fault->message);
        return fault;
      }
    }
    return make_fault(RefFailure::generic, "cannot lock ref '%s': %s", item.original_name(), held.error().message);
  }
  lock = &locks_[name];
  lock->file = std::move(*held);
  lock->old_oid = ObjectId::null(store_.options().algo);
  return std::nullopt;
}

// What the ref is now. A missing one may be created only where no other ref is in the way.
MaybeFault FilesTransaction::read_under_lock(TransactionItem& item, FilesRefStore::Loose& found) {
  using Kind = FilesRefStore::Loose::Kind;
  const std::string& name = item.update.name;
  found = files_.read_loose(name);
  item.existed = true;
  if (found.kind == Kind::direct || found.kind == Kind::symbolic) return std::nullopt;
  if (found.kind == Kind::broken)
    return make_fault(RefFailure::generic, "cannot lock ref '%s': unable to resolve reference '%s': reference broken",
                      item.original_name(), name);
  bool is_directory = found.kind == Kind::directory;
  if (starts_with(name, "refs/")) {
    if (auto entry = files_.packed().snapshot()->find(name)) {
      found.kind = Kind::direct;
      found.oid = entry->oid;
      return std::nullopt;
    }
  }
  item.existed = false;
  found.kind = Kind::missing;
  bool must_exist = (item.update.old_oid && !item.update.old_oid->is_null()) || item.update.old_target;
  if (must_exist && !item.log_only())
    return make_fault(RefFailure::nonexistent, "cannot lock ref '%s': unable to resolve reference '%s'", item.original_name(),
                      name);
  MaybeFault fault;
  bool blocked = is_directory && !remove_empty_tree(files_.path_of(name));
  if (!item.log_only() || is_directory) fault = check_name_available(name);
  if (!fault && blocked)
    fault = make_fault(RefFailure::generic, "there is a non-empty directory '%s' blocking reference '%s'",
                       shown_path(files_.path_of(name)), name);
  if (fault) fault->message = strf("cannot lock ref '%s': %s", item.original_name(), fault->message);
  return fault;
}

MaybeFault FilesTransaction::check_found(TransactionItem& item, const FilesRefStore::Loose& found, Lock& lock) {
  using Kind = FilesRefStore::Loose::Kind;
  if (found.kind == Kind::symbolic) {
    item.before_target = found.target;
    if (!item.no_deref()) return split_symref(item, found.target);
    std::optional<ResolvedRef> referent = store_.resolve(found.target);
    if (!item.log_only() && item.update.old_oid && item.update.old_oid->is_null() && !(referent && referent->exists))
      return make_fault(RefFailure::create_exists, "cannot lock ref '%s': dangling symref already exists", item.original_name());
    if (referent && referent->exists) lock.old_oid = referent->oid;
    if (item.log_only()) return std::nullopt;
    if (item.update.old_target) return check_old_target(item, found.target);
    return check_old_oid(item, lock.old_oid);
  }
  if (item.update.old_target)
    return make_fault(RefFailure::expected_symref, "cannot lock ref '%s': expected symref with target '%s': but is a regular ref",
                      item.original_name(), *item.update.old_target);
  if (found.kind == Kind::direct) lock.old_oid = found.oid;
  for (TransactionItem* parent = item.parent; parent; parent = parent->parent) lock_of(*parent).old_oid = lock.old_oid;
  return check_old_oid(item, lock.old_oid);
}

MaybeFault FilesTransaction::fill_lock(Lock& lock, std::string_view text) {
  bool ok = lock.file.write(text) && (!store_.options().fsync || lock.file.sync()) && lock.file.close();
  if (ok) return std::nullopt;
  return make_fault(RefFailure::generic, "couldn't write '%s': %s", lock.file.lock_path(), strerror(errno));
}

MaybeFault FilesTransaction::write_new_value(TransactionItem& item, const FilesRefStore::Loose& found, Lock& lock) {
  if (item.log_only()) return std::nullopt;
  if (item.update.new_target) {
    item.needs_commit = true;
    return fill_lock(lock, "ref: " + *item.update.new_target + "\n");
  }
  if (item.is_deletion || !item.update.new_oid) return std::nullopt;
  // A ref that has the value already is left alone, log included.
  if (found.kind == FilesRefStore::Loose::Kind::direct && found.oid == *item.update.new_oid) return std::nullopt;
  MaybeFault fault = check_new_oid(item);
  if (!fault) fault = fill_lock(lock, item.update.new_oid->hex() + "\n");
  item.needs_commit = !fault;
  return fault;
}

MaybeFault FilesTransaction::prepare_packed_deletions() {
  std::vector<std::string> names;
  for (const TransactionItem& item : items_)
    if (item.is_deletion && !item.log_only() && !item.is_rejected) names.push_back(item.update.name);
  if (names.empty()) return std::nullopt;
  for (const std::string& name : names)
    packed_hook_input_ += strf("%s %s %s\n", ObjectId::null(store_.options().algo), ObjectId::null(store_.options().algo), name);
  Result<LockFile> lock = LockFile::hold(files_.packed().path(), store_.options().packed_lock_timeout_ms);
  if (!lock) return RefFault{RefFailure::generic, lock.error().message};
  packed_lock_ = std::move(*lock);
  std::sort(names.begin(), names.end());
  auto snapshot = files_.packed().snapshot();
  for (const std::string& name : names)
    if (snapshot->find(name)) packed_changes_.push_back({name, std::nullopt, std::nullopt});
  if (packed_changes_.empty()) {
    run_hook("aborted", packed_hook_input_);
    return std::nullopt;
  }
  for (const char* phase : {"preparing", "prepared"})
    if (!run_hook(phase, packed_hook_input_))
      return make_fault(RefFailure::generic, "in '%s' phase, update aborted by the reference-transaction hook", phase);
  Result<void> written = files_.write_packed_successor(packed_changes_);
  if (!written) return RefFault{RefFailure::generic, written.error().message};
  return std::nullopt;
}

// ---- publishing ----
Result<void> FilesTransaction::write_log(TransactionItem& item) {
  const RefUpdate& u = item.update;
  ObjectId before, after;
  std::string who;
  if (u.log_oids) {
    before = u.log_oids->old_oid;
    after = u.log_oids->new_oid;
    who = u.log_oids->committer.empty() ? committer() : u.log_oids->committer;
  } else {
    before = lock_of(item).old_oid;
    if (u.new_target) {
      std::optional<ResolvedRef> target = store_.resolve(*u.new_target);
      if (!target || !target->exists) return {};
      after = target->oid;
    } else if (u.new_oid) {
      after = *u.new_oid;
    } else {
      return {};
    }
    who = committer();
  }
  Result<void> logged = files_.append_reflog(u.name, before, after, who, u.message, u.flags);
  if (logged) return logged;
  return make_error(ErrorKind::io, "cannot update the ref '%s': %s", u.name, logged.error().message);
}

Result<void> FilesTransaction::commit_lock(TransactionItem& item) {
  Lock& lock = lock_of(item);
  std::string path = lock.file.target();
  if (item.update.new_target && files_.prefers_symlinks()) {
    unlink(path.c_str());
    if (symlink(item.update.new_target->c_str(), path.c_str()) == 0) {
      warn_about_symlinks();
      lock.file.rollback();
      return {};
    }
    warning("unable to create symlink '%s': %s", path, strerror(errno));
  }
  auto st = lstat_path(path);
  if (st && S_ISDIR(st->st_mode)) remove_empty_tree(path);
  if (!lock.file.commit()) return make_error(ErrorKind::io, "couldn't set '%s'", item.update.name);
  adjust_shared_perm(path, store_.options().shared_repository);
  return {};
}

Result<void> FilesTransaction::commit_packed() {
  if (packed_changes_.empty()) return {};
  Result<void> published = files_.publish_packed_successor();
  if (published) run_hook("committed", packed_hook_input_);
  return published;
}

void FilesTransaction::delete_loose() {
  for (TransactionItem& item : items_) {
    if (!item.is_deletion || item.log_only() || item.is_rejected) continue;
    std::string path = files_.path_of(item.update.name);
    if (unlink(path.c_str()) < 0 && errno != ENOENT && errno != ENOTDIR && errno != EISDIR && errno != EPERM)
      warning("unable to unlink '%s': %s", path, strerror(errno));
    deleted_.push_back(item.update.name);
  }
}

Result<void> FilesTransaction::publish() {
  if (is_initial()) return publish_initial();
  for (TransactionItem& item : items_) {
    if (item.is_rejected || !(item.needs_commit || item.log_only())) continue;
    Result<void> logged = write_log(item);
    if (!logged) return logged;
    if (!item.needs_commit) continue;
    Result<void> committed = commit_lock(item);
    if (!committed) return committed;
  }
  for (TransactionItem& item : items_)
    if (item.is_deletion && !item.log_only() && !item.is_rejected) store_.delete_reflog(item.update.name);
  Result<void> packed = commit_packed();
  if (!packed) return packed;
  delete_loose();
  return {};
}

void FilesTransaction::unlock() {
  std::vector<std::string> touched;
  for (const auto& [name, lock] : locks_)
    if (lock.file.is_held()) touched.push_back(name);
  locks_.clear();
  for (const std::string& name : touched) files_.remove_empty_ref_dirs(name);
  files_.discard_packed_successor();
  packed_lock_.reset();
  for (const std::string& name : deleted_) files_.remove_empty_ref_dirs(name);
  deleted_.clear();
}

// ---- the first refs of a repository: into packed-refs in one go ----
MaybeFault FilesTransaction::check_initial() {
  bool is_empty = true;
  store_.for_each_raw("", [&](const Ref&) { return is_empty = false; });
  for (const TransactionItem& item : items_) {
    if (item.log_only()) continue;
    const std::string& name = item.update.name;
    MaybeFault fault = is_empty ? check_names_among_themselves(name) : check_name_available(name);
    if (!fault && item.update.new_oid && !item.is_deletion) fault = check_new_oid(item);
    if (fault) return fault;
  }
  Result<LockFile> lock = LockFile::hold(files_.packed().path(), store_.options().packed_lock_timeout_ms);
  if (!lock) return RefFault{RefFailure::generic, lock.error().message};
  packed_lock_ = std::move(*lock);
  return std::nullopt;
}

Result<void> FilesTransaction::publish_initial() {
  std::vector<TransactionItem*> loose;
  for (TransactionItem& item : items_) {
    const RefUpdate& u = item.update;
    if (item.log_only() || u.new_target || is_per_worktree_ref(u.name)) {
      loose.push_back(&item);
      continue;
    }
    if (!u.new_oid || u.new_oid->is_null()) continue;
    std::optional<ObjectId> peeled = store_.options().peel ? store_.options().peel(*u.new_oid) : std::nullopt;
    packed_changes_.push_back({u.name, *u.new_oid, peeled});
  }
  std::sort(packed_changes_.begin(), packed_changes_.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  if (!packed_changes_.empty()) {
    Result<void> written = files_.write_packed_successor(packed_changes_);
    if (written) written = files_.publish_packed_successor();
    if (!written) return written;
  }
  for (TransactionItem* item : loose) {
    Lock* lock = nullptr;
    if (MaybeFault fault = take_lock(*item, lock)) return Error{ErrorKind::conflict, fault->message};
    MaybeFault fault = write_new_value(*item, {}, *lock);
    if (fault) return Error{ErrorKind::io, fault->message};
    Result<void> done = item->update.message.empty() && !item->log_only() ? Result<void>{} : write_log(*item);
    if (done && item->needs_commit) done = commit_lock(*item);
    locks_.erase(item->update.name);
    if (!done) return done;
  }
  return {};
}

}  // namespace

std::unique_ptr<RefTransaction> make_files_transaction(FilesRefStore& store, unsigned flags) {
  return std::make_unique<FilesTransaction>(store, flags);
}

}  // namespace git
