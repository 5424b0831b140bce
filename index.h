// The index file (gitformat-index(5)): versions 2, 3 and 4, with TREE, REUC, link, UNTR, FSMN, EOIE, IEOT and sdir;
// extensions we don't know are kept if their name starts in lower case is required, dropped otherwise, as git does.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lockfile.h"
#include "base/result.h"
#include "hash/object-id.h"
#include "object/object.h"

namespace git {

class Repository;
class CacheTree;        // index/cache-tree.h
struct IndexInternals;  // index/index-state.h: resolve-undo, untracked cache, split index, fsmonitor

struct StatData {
  std::uint32_t ctime_sec = 0, ctime_nsec = 0, mtime_sec = 0, mtime_nsec = 0;
  std::uint32_t dev = 0, ino = 0, uid = 0, gid = 0, size = 0;
  friend bool operator==(const StatData&, const StatData&) = default;
};
StatData stat_data_of(const struct stat& st);
// The mode an entry has for what lstat found: directories are gitlinks.
inline std::uint32_t entry_mode_of(std::uint32_t st_mode) { return is_tree_mode(st_mode) ? kModeGitlink : canon_mode(st_mode); }

struct IndexEntry {
  std::string path;  // from the top of the worktree, '/' between
  ObjectId oid;
  std::uint32_t mode = 0;  // 100644, 100755, 120000, 160000, 040000 (sparse directory)
  std::uint8_t stage = 0;  // 0, or 1 base, 2 ours, 3 theirs
  bool assume_valid = false;
  bool intent_to_add = false;
  bool skip_worktree = false;
  bool fsmonitor_valid = false;
  // in memory only
  bool is_uptodate = false;  // stat matched in this process
  bool remove = false;       // to be dropped at the next compaction
  bool update_in_worktree = false;
  bool remove_from_worktree = false;
  bool is_conflicted = false;      // stands for an unmerged path (drop_unmerged)
  bool new_skip_worktree = false;  // what the sparse patterns say
  StatData stat;
};

class Index {
 public:
  explicit Index(Repository& repo);
  ~Index();
  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;

  // Missing file: an empty index. Corrupt: dies with git's message ("index file corrupt", "bad signature 0x%08x").
  static Index read(Repository& repo);  // the repository's
  static Index read_from(Repository& repo, const std::string& path);

  // Entries by (path, stage). Entry addresses stay valid until the entry is removed.
  std::size_t size() const { return entries_.size(); }
  IndexEntry& operator[](std::size_t i) { return *entries_[i]; }
  const IndexEntry& operator[](std::size_t i) const { return *entries_[i]; }
  const std::vector<std::unique_ptr<IndexEntry>>& entries() const { return entries_; }
  // The position, or -(insert position)-1.
  std::ptrdiff_t find_position(std::string_view path, int stage = 0) const;
  IndexEntry* find(std::string_view path, int stage = 0);
  bool has_unmerged() const;
  // Each unmerged path becomes one entry at stage 0 without an object name, marked is_conflicted. True where there was one.
  bool drop_unmerged();
  bool is_path_unmerged(std::string_view path) const;
  // Is there an entry below "path/"?
  bool has_directory(std::string_view path) const;

  enum AddFlag : unsigned {
    kOkToAdd = 1,
    kOkToReplace = 2,
    kSkipDfCheck = 4,
    kJustAppend = 8,
    kNewOnly = 16,
    kKeepCacheTree = 32
  };
  // Replaces an entry of the same name; adding stage 0 drops the other stages. D/F conflicts are resolved with
  // kOkToReplace, refused (nullptr) otherwise. Invalidates the cache tree along the path.
  IndexEntry* add(IndexEntry entry, unsigned flags = kOkToAdd | kOkToReplace);
  void remove_at(std::size_t position);
  void remove_path(std::string_view path);  // all stages
  void remove_marked();                     // entries with `remove` set
  void clear();
  // Hands out the list for a change of many entries at once; it is sorted again afterwards. The cache tree is the caller's.
  void replace_entries(const std::function<void(std::vector<std::unique_ptr<IndexEntry>>&)>& change);

  // ---- the worktree ----
  enum ChangeFlag : unsigned { kMtime = 1, kCtime = 2, kOwner = 4, kModeChanged = 8, kInode = 16, kData = 32, kType = 64 };
  // How the file differs from the entry by stat alone (0: looks the same), racily clean entries compared by content
  // unless `racy_is_dirty`.
  enum MatchFlag : unsigned {
    kIgnoreValid = 1,
    kRacyIsDirty = 2,
    kIgnoreSkipWorktree = 4,
    kIgnoreFsmonitor = 8,
    kRefreshOnly = 16
  };
  unsigned match_stat(const IndexEntry& entry, const struct stat& st, unsigned flags = 0);
  // As match_stat, but reads the content where stat says it may have changed.
  unsigned modified(const IndexEntry& entry, const struct stat& st, unsigned flags = 0);
  void fill_stat(IndexEntry& entry, const struct stat& st);
  enum RefreshFlag : unsigned {
    kRefreshReally = 1,
    kRefreshUnmerged = 2,
    kRefreshQuiet = 4,
    kRefreshIgnoreMissing = 8,
    kRefreshIgnoreSubmodules = 16,
    kRefreshInPorcelain = 32,
    kRefreshProgress = 64,
    kRefreshIgnoreSkipWorktree = 128,
    kRefreshUnmergedQuiet = 256,
  };
  // Stats every entry. Returns 1 where something needs update (printed as git does: "%s: needs update", or "M\t%s" under
  // "Unstaged changes after reset:" in porcelain).
  int refresh(unsigned flags, const std::function<bool(const IndexEntry&)>& filter = {}, const char* header = nullptr);

  // ---- writing ----
  enum WriteFlag : unsigned { kSkipIfUnchanged = 1, kNoVerify = 2 };
  LockFile lock_or_die() const;  // index.lock
  Result<LockFile> try_lock() const;
  // Writes to the lock and publishes it. Dies "unable to write new index file"-style messages are the caller's.
  bool write_locked(LockFile& lock, unsigned flags = 0);
  bool write_to_fd(int fd);
  // Best effort after a refresh: only where the lock can be had and something changed.
  void refresh_and_write_quietly();

  // ---- trees ----
  // Writes the index's trees; error where unmerged ("%s: unmerged (%s)") or objects are missing.
  Result<ObjectId> write_tree(bool missing_ok = false);
  // Fills from a tree (all at `stage`), no worktree access.
  Result<void> read_tree(const ObjectId& tree, int stage = 0, std::string_view prefix = {});
  CacheTree* cache_tree();  // may be nullptr
  void set_cache_tree(std::unique_ptr<CacheTree> tree);
  void invalidate_path(std::string_view path);

  Repository& repo() const { return *repo_; }
  int version = 0;                                      // 0: not decided (index.version, GIT_INDEX_VERSION, 2)
  bool is_changed = false;                              // differs from the file
  bool is_sparse = false;                               // has sparse directory entries
  std::uint32_t timestamp_sec = 0, timestamp_nsec = 0;  // of the file when it was read
  ObjectId checksum;
  IndexInternals& internals();

 private:
  Repository* repo_;
  std::vector<std::unique_ptr<IndexEntry>> entries_;
  std::unique_ptr<IndexInternals> internals_;
};

// The worktree file as it would be stored (filters, CRLF applied), hashed, and written where `write`.
// Directories are gitlinks. Errors in git's words.
Result<ObjectId> index_path(Index& index, const std::string& path, const struct stat& st, bool write);
// Index::cache_name order.
int compare_cache_name(std::string_view a, int stage_a, std::string_view b, int stage_b);

}  // namespace git
