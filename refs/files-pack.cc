// packed-refs rewritten: for deletions, for the first refs of a clone, and by pack-refs.  The lock is packed-refs.lock, the
// new file grows as packed-refs.new: a reader of the old file never sees half a new one.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "refs/files-backend.h"

namespace git {

Result<void> FilesRefStore::write_packed_successor(const std::vector<PackedChange>& changes) {
  std::string path = packed_.path();
  if (std::optional<std::string> link = read_link(path))
    path = is_absolute_path(*link) ? *link : path_join(path_dirname(path), *link);
  Result<Tempfile> file = Tempfile::create(path + ".new");
  if (!file) return make_error(ErrorKind::io, "unable to create file %s: %s", path + ".new", strerror(errno));
  successor_ = std::move(*file);
  auto snapshot = packed_.snapshot();
  std::string buffer = packed_refs_header();
  auto fail = [&] { return make_error(ErrorKind::io, "error writing to %s: %s", successor_->path(), strerror(errno)); };
  auto cursor = snapshot->begin_at("");
  PackedEntry entry;
  bool has_entry = cursor.next(entry);
  auto change = changes.begin();
  while (has_entry || change != changes.end()) {
    bool take_change = change != changes.end() && (!has_entry || change->name <= entry.name);
    if (take_change) {
      if (has_entry && entry.name == change->name) has_entry = cursor.next(entry);
      if (change->oid) append_packed_entry(buffer, change->name, *change->oid, change->peeled);
      ++change;
    } else {
      std::optional<ObjectId> peeled = entry.peeled;
      if (!entry.peel_known && options_.peel) peeled = options_.peel(entry.oid);
      append_packed_entry(buffer, entry.name, entry.oid, peeled);
      has_entry = cursor.next(entry);
    }
    if (buffer.size() > 1 << 16) {
      if (!successor_->write(buffer)) return fail();
      buffer.clear();
    }
  }
  if (!successor_->write(buffer) || (options_.fsync && !successor_->sync()) || !successor_->close()) return fail();
  return {};
}

Result<void> FilesRefStore::publish_packed_successor() {
  std::string path = successor_->path(), target = path.substr(0, path.size() - 4);
  adjust_shared_perm(path, options_.shared_repository);
  if (!successor_->rename_to(target)) return make_error(ErrorKind::io, "error replacing %s: %s", target, strerror(errno));
  successor_.reset();
  packed_.forget();
  return {};
}

namespace {

bool matches_any(std::string_view name, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return wildmatch(p, name, 0); });
}

bool should_pack(const Ref& ref, const RefStore::PackRefsOptions& options, const RefStoreOptions& store) {
  if (ref.is_broken || ref.is_packed || !ref.symref_target.empty() || is_per_worktree_ref(ref.name)) return false;
  if (matches_any(ref.name, options.exclude)) return false;
  bool included =
      options.include.empty() ? options.all || starts_with(ref.name, "refs/tags/") : matches_any(ref.name, options.include);
  if (!included) return false;
  if (store.object_exists && !store.object_exists(ref.oid)) {
    error("%s does not point to a valid object!", ref.name);
    return false;
  }
  return true;
}

}  // namespace

// Auto packing waits until the loose refs are many compared with the packed ones.
bool FilesRefStore::needs_packing() {
  auto st = stat_path(packed_.path());
  std::uint64_t estimated = st ? static_cast<std::uint64_t>(st->st_size) / 100 : 0;
  int log2 = 0;
  while (estimated >>= 1) ++log2;
  std::size_t limit = std::max<std::size_t>(16, static_cast<std::size_t>(log2) * 5), loose = 0;
  for_each_unpacked("refs/", [&](const Ref& ref) { return !ref.symref_target.empty() || ref.is_broken || ++loose < limit; });
  return loose >= limit;
}

Result<void> FilesRefStore::pack_refs(const PackRefsOptions& options) {
  if (options.auto_pack && !needs_packing()) return {};
  Result<LockFile> lock = LockFile::hold(packed_.path(), options_.packed_lock_timeout_ms);
  if (!lock) return lock.error();
  std::vector<PackedChange> changes;
  for_each_raw("refs/",
               [&](const Ref& ref) {
                 if (should_pack(ref, options, options_))
                   changes.push_back({ref.name, ref.oid, options_.peel ? options_.peel(ref.oid) : std::nullopt});
                 return true;
               },
               {}, {});
  Result<void> done = write_packed_successor(changes);
  if (done) done = publish_packed_successor();
  discard_packed_successor();
  lock->rollback();
  if (!done || !options.prune) return done;
  for (const PackedChange& change : changes) prune_loose(change.name, *change.oid);
  return {};
}

// The loose file goes where it still says what was packed.
void FilesRefStore::prune_loose(const std::string& name, const ObjectId& oid) {
  std::string path = path_of(name);
  Result<LockFile> lock = LockFile::hold(path, options_.files_lock_timeout_ms, false);
  if (!lock) {
    error("cannot lock ref '%s': %s", name, lock.error().message);
    return;
  }
  Loose loose = read_loose(name);
  if (loose.kind == Loose::Kind::direct && loose.oid == oid) unlink(path.c_str());
  lock->rollback();
  remove_empty_ref_dirs(name);
}

}  // namespace git
