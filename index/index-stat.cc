// Has a file changed?  lstat(2) data that equals what the entry remembers says no, unless the file was written within the same
// second as the index ("racily clean"): then only the content tells.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "hash/hasher.h"
#include "index.h"
#include "index/convert.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/submodule-head.h"
#include "odb.h"
#include "odb/bulk-checkin.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"

namespace git {

StatData stat_data_of(const struct stat& st) {
  StatData s;
  s.ctime_sec = static_cast<std::uint32_t>(st.st_ctim.tv_sec);
  s.ctime_nsec = static_cast<std::uint32_t>(st.st_ctim.tv_nsec);
  s.mtime_sec = static_cast<std::uint32_t>(st.st_mtim.tv_sec);
  s.mtime_nsec = static_cast<std::uint32_t>(st.st_mtim.tv_nsec);
  s.dev = static_cast<std::uint32_t>(st.st_dev);
  s.ino = static_cast<std::uint32_t>(st.st_ino);
  s.uid = st.st_uid;
  s.gid = st.st_gid;
  s.size = static_cast<std::uint32_t>(st.st_size);
  if (s.size == 0 && st.st_size != 0) s.size = 0x80000000u;  // a multiple of 4 GiB is not "unknown"
  return s;
}

unsigned match_stat_data(const StatData& a, const StatData& b, const WorktreeSettings& settings) {
  unsigned changed = 0;
  if (a.mtime_sec != b.mtime_sec) changed |= Index::kMtime;
  if (settings.trust_ctime && settings.check_stat && a.ctime_sec != b.ctime_sec) changed |= Index::kCtime;
  if (settings.check_stat) {
    if (a.uid != b.uid || a.gid != b.gid) changed |= Index::kOwner;
    if (a.ino != b.ino) changed |= Index::kInode;
  }
  if (a.size != b.size) changed |= Index::kData;
  return changed;
}

std::optional<ObjectId> submodule_head(const std::string& path) {
  std::optional<std::string> git_dir = resolve_git_dir(path_join(path, ".git"));
  if (!git_dir) return std::nullopt;
  Result<std::unique_ptr<Repository>> repo = Repository::open(path);
  if (!repo) return std::nullopt;
  return (*repo)->refs().read_oid("HEAD");
}

namespace {

unsigned match_stat_basic(const IndexEntry& e, const struct stat& st, const WorktreeSettings& settings) {
  unsigned changed = 0;
  if (is_gitlink_mode(e.mode)) {
    if (!S_ISDIR(st.st_mode)) return Index::kType;
    std::optional<ObjectId> head = submodule_head(e.path);
    return head && *head != e.oid ? Index::kData : 0u;  // not checked out: as it should be
  }
  if (is_tree_mode(e.mode)) return 0;
  if (is_link_mode(e.mode)) {
    if (!S_ISLNK(st.st_mode) && (settings.has_symlinks || !S_ISREG(st.st_mode))) changed |= Index::kType;
  } else {
    if (!S_ISREG(st.st_mode)) changed |= Index::kType;
    if (settings.trust_executable_bit && ((e.mode ^ st.st_mode) & 0100)) changed |= Index::kModeChanged;
  }
  changed |= match_stat_data(e.stat, stat_data_of(st), settings);
  if (!e.stat.size && e.oid != empty_blob_id(e.oid.algo())) changed |= Index::kData;
  return changed;
}

bool content_differs(Index& index, const IndexEntry& e, const struct stat& st) {
  if (S_ISLNK(st.st_mode)) {
    std::optional<std::string> target = read_link(e.path);
    return !target || index.repo().odb().hash(ObjectType::blob, *target) != e.oid;
  }
  if (S_ISREG(st.st_mode)) {
    if (is_gitlink_mode(e.mode)) return true;
    Result<ObjectId> oid = index_path(index, e.path, st, false);
    return !oid || *oid != e.oid;
  }
  if (S_ISDIR(st.st_mode) && is_gitlink_mode(e.mode)) {
    std::optional<ObjectId> head = submodule_head(e.path);
    return head && *head != e.oid;
  }
  return true;
}

unsigned modified_by_content(Index& index, const IndexEntry& e, const struct stat& st) {
  if (is_link_mode(e.mode) && S_ISREG(st.st_mode) && !index.internals().settings.has_symlinks)
    return index_path(index, e.path, st, false).ok() && content_differs(index, e, st) ? Index::kData : 0u;
  return content_differs(index, e, st) ? Index::kData : 0u;
}

bool is_racy_timestamp(const Index& index, const IndexEntry& e) {
  return !is_gitlink_mode(e.mode) && index.timestamp_sec && index.timestamp_sec <= e.stat.mtime_sec;
}

}  // namespace

unsigned Index::match_stat(const IndexEntry& e, const struct stat& st, unsigned flags) {
  if (!(flags & kIgnoreSkipWorktree) && e.skip_worktree) return 0;
  if (!(flags & kIgnoreValid) && e.assume_valid) return 0;
  if (!(flags & kIgnoreFsmonitor) && e.fsmonitor_valid) return 0;
  if (e.intent_to_add) return kData | kType | kModeChanged;
  unsigned changed = match_stat_basic(e, st, internals().settings);
  if (!changed && is_racy_timestamp(*this, e))
    changed |= flags & kRacyIsDirty ? unsigned{kData} : modified_by_content(*this, e, st);
  return changed;
}

unsigned Index::modified(const IndexEntry& e, const struct stat& st, unsigned flags) {
  unsigned changed = match_stat(e, st, flags);
  if (!changed) return 0;
  if (changed & (kModeChanged | kType)) return changed;
  // An entry never compared with a file has no size; then "the data changed" means nothing.
  if ((changed & kData) && (is_gitlink_mode(e.mode) || e.stat.size)) return changed;
  unsigned by_content = modified_by_content(*this, e, st);
  return by_content ? changed | by_content : 0;
}

void Index::fill_stat(IndexEntry& e, const struct stat& st) {
  e.stat = stat_data_of(st);
  if (S_ISREG(st.st_mode)) e.is_uptodate = true;
}

Result<ObjectId> index_path(Index& index, const std::string& path, const struct stat& st, bool write) {
  ObjectDatabase& odb = index.repo().odb();
  auto store = [&](std::string_view bytes) -> Result<ObjectId> {
    if (write) return odb.write(ObjectType::blob, bytes);
    return odb.hash(ObjectType::blob, bytes);
  };
  auto size = static_cast<std::uint64_t>(st.st_size);
  if (write && S_ISREG(st.st_mode) && size > odb.options().big_file_threshold) {
    IndexInternals& in = index.internals();
    if (!in.converter) in.converter = std::make_unique<Converter>(index.repo(), &index);
    if (!in.converter->would_convert_to_git(path)) {
      UniqueFd fd = open_fd(path, O_RDONLY);
      if (!fd) return make_error(ErrorKind::io, "open(\"%s\"): %s", path, strerror(errno));
      if (!in.bulk) {
        Config& config = index.repo().config();
        BulkLimits limits{config.get_ulong("pack.packsizelimit").value_or(0), config.get_bool_or("pack.writereverseindex", true)};
        in.bulk = std::make_unique<BulkCheckin>(odb, limits);
      }
      return in.bulk->add_blob(size, [&](void* buffer, std::size_t n) { return xread(fd.get(), buffer, n); });
    }
  }
  if (S_ISREG(st.st_mode)) {
    Result<std::string> bytes = read_file(path);
    if (!bytes) return make_error(ErrorKind::io, "open(\"%s\"): %s", path, strerror(errno));
    IndexInternals& in = index.internals();
    if (!in.converter) in.converter = std::make_unique<Converter>(index.repo(), &index);
    unsigned flags = write ? kConvertWriteObject | in.converter->safecrlf_flags() : 0;
    std::optional<std::string> converted = in.converter->to_git(path, *bytes, flags);
    return store(converted ? *converted : *bytes);
  }
  if (S_ISLNK(st.st_mode)) {
    std::optional<std::string> target = read_link(path);
    if (!target) return make_error(ErrorKind::io, "readlink(\"%s\"): %s", path, strerror(errno));
    return store(*target);
  }
  if (S_ISDIR(st.st_mode)) {
    std::optional<ObjectId> head = submodule_head(path);
    if (!head) return make_error(ErrorKind::invalid, "'%s' does not have a commit checked out", path + "/");
    return *head;
  }
  return make_error(ErrorKind::invalid, "%s: unsupported file type", path);
}

namespace {

struct RefreshTexts {
  const char *modified, *deleted, *type_change, *added, *unmerged;
};
constexpr RefreshTexts kPlumbing = {"%s: needs update\n", "%s: needs update\n", "%s: needs update\n", "%s: needs update\n",
                                    "%s: needs merge\n"};
constexpr RefreshTexts kPorcelain = {"M\t%s\n", "D\t%s\n", "T\t%s\n", "A\t%s\n", "U\t%s\n"};

class Refresher {
 public:
  Refresher(Index& index, unsigned flags, const char* header) : index_(index), flags_(flags), header_(header) {}
  bool refresh(IndexEntry& e);  // false where it needs update (errno says why)
  void show(const char* format, const std::string& path) {
    if ((flags_ & Index::kRefreshInPorcelain) && first_ && header_) outf("%s\n", header_);
    first_ = false;
    outf(format, path);
  }
  unsigned changed = 0;
  int reason = 0;

 private:
  bool has(unsigned flag) const { return flags_ & flag; }
  Index& index_;
  unsigned flags_;
  const char* header_;
  bool first_ = true;
};

bool Refresher::refresh(IndexEntry& e) {
  changed = 0;
  bool really = has(Index::kRefreshReally);
  if (e.is_uptodate) return true;
  if (e.fsmonitor_valid) return e.is_uptodate = true;
  // assume-unchanged and skip-worktree entries are taken at their word
  if (!really && !has(Index::kRefreshIgnoreSkipWorktree) && e.skip_worktree) return e.is_uptodate = true;
  if (!really && e.assume_valid) return e.is_uptodate = true;
  if (e.skip_worktree && !really) return true;
  struct stat st {};
  std::string leading = e.path;
  if (has_symlink_leading_path(e.path)) {
    if (has(Index::kRefreshIgnoreMissing)) return true;
    reason = ENOENT;
    return false;
  }
  if (lstat(e.path.c_str(), &st) < 0) {
    if (has(Index::kRefreshIgnoreMissing) && (errno == ENOENT || errno == ENOTDIR)) return true;
    reason = errno;
    return false;
  }
  changed = index_.match_stat(e, st, really ? unsigned{Index::kIgnoreValid | Index::kIgnoreSkipWorktree} : 0u);
  if (!changed) {
    if (really && e.assume_valid) {
      e.assume_valid = false;
      index_.is_changed = true;
      return true;
    }
    if (!is_gitlink_mode(e.mode)) e.is_uptodate = true;
    if (e.stat == stat_data_of(st) || is_gitlink_mode(e.mode)) return true;
  }
  unsigned options = really ? unsigned{Index::kIgnoreValid | Index::kIgnoreSkipWorktree} : 0u;
  if (changed && index_.modified(e, st, options)) {
    reason = EINVAL;
    return false;
  }
  if (!changed && e.stat == stat_data_of(st)) return true;
  if (!changed) {
    // Only what we don't compare differs (nanoseconds, device): leave the entry alone.
    return true;
  }
  index_.fill_stat(e, st);
  if (really) e.assume_valid = false;
  e.is_uptodate = !is_gitlink_mode(e.mode);
  index_.is_changed = true;
  return true;
}

}  // namespace

int Index::refresh(unsigned flags, const std::function<bool(const IndexEntry&)>& filter, const char* header) {
  Refresher refresher(*this, flags, header);
  const RefreshTexts& texts = flags & kRefreshInPorcelain ? kPorcelain : kPlumbing;
  bool quiet = flags & kRefreshQuiet;
  int needs_update = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    IndexEntry& e = *entries_[i];
    if ((flags & kRefreshIgnoreSubmodules) && is_gitlink_mode(e.mode)) continue;
    if (is_tree_mode(e.mode)) continue;
    bool wanted = !filter || filter(e);
    if (e.stage) {
      while (i + 1 < entries_.size() && entries_[i + 1]->path == e.path) ++i;
      if ((flags & kRefreshUnmerged) || !wanted) continue;
      if (!(flags & kRefreshUnmergedQuiet)) refresher.show(texts.unmerged, e.path);
      needs_update = 1;
      continue;
    }
    if (!wanted || refresher.refresh(e)) continue;
    if (refresher.reason == EINVAL && (flags & kRefreshReally) && e.assume_valid) {
      e.assume_valid = false;
      is_changed = true;
    }
    if (quiet) continue;
    const char* text = refresher.reason == ENOENT || refresher.reason == ENOTDIR ? texts.deleted
                       : e.intent_to_add                                         ? texts.added
                       : refresher.changed & kType                               ? texts.type_change
                                                                                 : texts.modified;
    refresher.show(text, e.path);
    needs_update = 1;
  }
  return needs_update;
}

void Index::refresh_and_write_quietly() {
  refresh(kRefreshQuiet | kRefreshUnmerged);
  if (!is_changed) return;
  Result<LockFile> lock = try_lock();
  if (lock) write_locked(*lock, kSkipIfUnchanged);
}

}  // namespace git
