// Renaming moves the log out of the way first, since "a" may become "a/b"; every step that fails puts back what the
// steps before it took away.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/files.h"
#include "base/strings.h"
#include "refs/files-backend.h"

namespace git {
namespace {

bool copy_file(const std::string& from, const std::string& to) {
  Result<std::string> text = read_file(from);
  return text && write_file(to, *text);
}

}  // namespace

Result<void> FilesRefStore::rename(std::string_view from, std::string_view to, std::string message, bool copy) {
  std::string from_log = log_path_of(from), to_log = log_path_of(to),
              parked = path_join(options_.common_dir, "logs/refs/.tmp-renamed-log");
  const char* verb = copy ? "copied" : "renamed";
  auto log_stat = lstat_path(from_log);
  if (log_stat && S_ISLNK(log_stat->st_mode)) return make_error(ErrorKind::invalid, "reflog for %s is a symlink", from);
  std::optional<Ref> ref = read(from);
  if (!ref || ref->is_broken) return make_error(ErrorKind::missing, "refname %s not found", from);
  if (!ref->symref_target.empty())
    return make_error(ErrorKind::invalid, "refname %s is a symbolic ref, %s it is not supported", from,
                      copy ? "copying" : "renaming");
  std::string conflict = find_conflict(to, copy ? std::vector<std::string>{} : std::vector<std::string>{std::string(from)});
  if (!conflict.empty()) return Error{ErrorKind::conflict, conflict};

  bool has_log = log_stat && S_ISREG(log_stat->st_mode);
  if (has_log) {
    make_leading_dirs(parked);
    bool ok = copy ? copy_file(from_log, parked) : ::rename(from_log.c_str(), parked.c_str()) == 0;
    if (!ok)
      return make_error(ErrorKind::io, "unable to move logfile %s to logs/%s: %s", "logs/" + std::string(from),
                        "refs/.tmp-renamed-log", strerror(errno));
  }
  auto restore_log = [&] {
    if (!has_log) return;
    if (copy)
      remove_file(parked);
    else
      ::rename(parked.c_str(), from_log.c_str());
  };
  unsigned quiet = kRefNoDeref;
  if (!copy) {
    std::optional<std::string> head_was;
    RefUpdate gone{std::string(from), ObjectId::null(options_.algo), ref->oid, std::nullopt, std::nullopt, quiet, message,
                   std::nullopt};
    Result<void> removed = update(gone);
    if (!removed) {
      restore_log();
      return make_error(ErrorKind::io, "unable to delete old %s: %s", from, removed.error().message);
    }
  }
  if (!copy && read(to)) {
    Result<void> removed = remove(to, std::nullopt, "", quiet);
    if (!removed) return removed;
  }
  if (has_log) {
    if (auto st = lstat_path(to_log); st && S_ISDIR(st->st_mode)) remove_dir_recursively(to_log);
    make_leading_dirs(to_log);
    if (::rename(parked.c_str(), to_log.c_str()) < 0)
      return make_error(ErrorKind::io, "unable to move logfile %s to logs/%s: %s", "logs/refs/.tmp-renamed-log", to,
                        strerror(errno));
  }
  // The log of a rename says that the value stayed.
  RefUpdate made{
      std::string(to), ref->oid, std::nullopt, std::nullopt, std::nullopt, quiet | kRefSkipReflog | kRefSkipOidVerification, "",
      std::nullopt};
  Result<void> created = update(made);
  if (created && options_.committer_ident)
    created = append_reflog(to, copy ? ref->oid : ref->oid, ref->oid, options_.committer_ident(), message, 0);
  if (!created)
    return make_error(ErrorKind::io, "unable to write current sha1 into %s (%s): %s", to, verb, created.error().message);
  return {};
}

}  // namespace git
