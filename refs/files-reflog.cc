// Logs are files of lines that only grow, read from either end through a map.  Expiry rewrites one under the lock of
// its ref, so that nobody appends meanwhile.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/files.h"
#include "base/mapped-file.h"
#include "base/strings.h"
#include "refs/files-backend.h"

namespace git {
namespace {

UniqueFd open_for_append(const std::string& path, bool create) {
  return open_fd(path, O_APPEND | O_WRONLY | (create ? O_CREAT : 0), 0666);
}

// Opens a log that need not exist yet; directories that hold nothing make way for it.
Result<UniqueFd> create_log(const std::string& path, int shared) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (!make_leading_dirs(path)) {
      if (errno == ENOENT) continue;
      return make_error(ErrorKind::io, "unable to create directory for '%s': %s", path, strerror(errno));
    }
    UniqueFd fd = open_for_append(path, true);
    if (fd) {
      adjust_shared_perm(path, shared);
      return fd;
    }
    if (errno == EISDIR && !remove_empty_tree(path))
      return make_error(ErrorKind::conflict, "there are still logs under '%s'", path);
    if (errno != EISDIR && errno != ENOENT) break;
  }
  return make_error(ErrorKind::io, "unable to append to '%s': %s", path, strerror(errno));
}

}  // namespace

Result<void> FilesRefStore::append_reflog(std::string_view name, const ObjectId& old_oid, const ObjectId& new_oid,
                                          std::string_view committer, std::string_view message, unsigned flags) {
  if (flags & kRefSkipReflog) return {};
  std::string path = log_path_of(name);
  UniqueFd fd = open_for_append(path, false);
  if (!fd) {
    bool create = (flags & kRefForceCreateReflog) || should_autocreate_reflog(options_, name);
    if (!create && (errno == ENOENT || errno == ENOTDIR || errno == EISDIR)) return {};
    if (!create) return make_error(ErrorKind::io, "unable to append to '%s': %s", path, strerror(errno));
    Result<UniqueFd> created = create_log(path, options_.shared_repository);
    if (!created) return created.error();
    fd = std::move(*created);
  }
  std::string line = format_reflog_line(old_oid, new_oid, committer, message);
  if (!write_in_full(fd.get(), line) || !fd.close())
    return make_error(ErrorKind::io, "unable to append to '%s': %s", path, strerror(errno));
  return {};
}

bool FilesRefStore::has_reflog(std::string_view name) {
  auto st = lstat_path(log_path_of(name));
  return st && S_ISREG(st->st_mode);
}

Result<void> FilesRefStore::create_reflog(std::string_view name) {
  std::string path = log_path_of(name);
  Result<UniqueFd> created = create_log(path, options_.shared_repository);
  if (!created) return created.error();
  return {};
}

bool FilesRefStore::delete_reflog(std::string_view name) {
  std::string path = log_path_of(name);
  if (!remove_file(path) && errno != EISDIR && errno != EPERM) return false;
  std::size_t first = name.find('/');
  std::size_t second = first == std::string_view::npos ? first : name.find('/', first + 1);
  if (second != std::string_view::npos) remove_empty_parents(path, log_path_of(name.substr(0, second)));
  return true;
}

bool FilesRefStore::for_each_reflog_entry(std::string_view name, bool newest_first,
                                          const std::function<bool(const ReflogEntry&)>& fn) {
  std::string path = log_path_of(name);
  auto st = stat_path(path);
  if (!st || !S_ISREG(st->st_mode)) return false;
  Result<MappedFile> map = MappedFile::open(path);
  if (!map) return false;
  std::string_view text = map->bytes();
  while (!text.empty()) {
    std::string_view line;
    if (newest_first) {
      if (text.back() == '\n') text.remove_suffix(1);
      std::size_t newline = text.rfind('\n');
      line = newline == std::string_view::npos ? text : text.substr(newline + 1);
      text = newline == std::string_view::npos ? std::string_view() : text.substr(0, newline + 1);
    } else {
      std::size_t newline = text.find('\n');
      line = text.substr(0, newline);
      text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    }
    std::optional<ReflogEntry> entry = parse_reflog_line(line, options_.algo);
    if (entry && !fn(*entry)) break;
  }
  return true;
}

namespace {

// Names of all logs below `dir`, in order.
void list_logs(const std::string& path, const std::string& name, bool shared_only, std::vector<std::string>& result) {
  for (const std::string& entry : list_dir(path)) {
    if (ends_with(entry, ".lock")) continue;
    std::string child = path_join(path, entry), full = name.empty() ? entry : name + "/" + entry;
    auto st = stat_path(child);
    if (!st) continue;
    if (S_ISDIR(st->st_mode))
      list_logs(child, full, shared_only, result);
    else if (S_ISREG(st->st_mode) && (!shared_only || !is_per_worktree_ref(full)) &&
             check_refname_format(full, kRefnameAllowOneLevel))
      result.push_back(full);
  }
}

}  // namespace

void FilesRefStore::for_each_reflog(const std::function<bool(const std::string& name)>& fn) {
  std::vector<std::string> names;
  bool is_main = options_.git_dir == options_.common_dir;
  list_logs(path_join(options_.git_dir, "logs"), "", false, names);
  if (!is_main) {
    std::vector<std::string> shared;
    list_logs(path_join(options_.common_dir, "logs"), "", true, shared);
    names.insert(names.end(), shared.begin(), shared.end());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names)
    if (!fn(name)) return;
}

Result<void> FilesRefStore::expire_reflog(std::string_view name, const ReflogExpire& options) {
  Result<LockFile> ref_lock = lock_path(path_of(name), options_.files_lock_timeout_ms);
  if (!ref_lock) return make_error(ErrorKind::conflict, "cannot lock ref '%s': %s", name, ref_lock.error().message);
  std::optional<Ref> ref = read(name);
  std::string path = log_path_of(name);
  if (!has_reflog(name)) return {};
  Result<LockFile> log_lock = LockFile::hold(path, 0, false);
  if (!log_lock) return make_error(ErrorKind::conflict, "cannot lock reflog '%s': %s", path, log_lock.error().message);
  ObjectId last_kept = ObjectId::null(options_.algo);
  std::string text;
  for_each_reflog_entry(name, false, [&](const ReflogEntry& entry) {
    ReflogEntry shown = entry;
    if (options.rewrite) shown.old_oid = last_kept;
    if (!options.keep(shown)) return true;
    if (!options.dry_run)
      text += format_reflog_line(shown.old_oid, shown.new_oid,
                                 strf("%s %s %s%04d", shown.committer, shown.time, shown.tz < 0 ? "-" : "+", std::abs(shown.tz)),
                                 shown.message);
    last_kept = entry.new_oid;
    return true;
  });
  if (options.dry_run) return {};
  bool updates = options.update_ref && ref && ref->symref_target.empty() && !last_kept.is_null();
  bool ok = log_lock->write(text) && log_lock->close();
  if (ok && updates) ok = ref_lock->write(last_kept.hex() + "\n") && ref_lock->close();
  if (!ok) return make_error(ErrorKind::io, "couldn't write %s: %s", log_lock->lock_path(), strerror(errno));
  if (!log_lock->commit()) return make_error(ErrorKind::io, "unable to write reflog '%s' (%s)", path, strerror(errno));
  adjust_shared_perm(path, options_.shared_repository);
  if (updates && !ref_lock->commit()) return make_error(ErrorKind::io, "couldn't set %s", name);
  return {};
}

}  // namespace git
