// Reading and writing the file.  A written index replaces the old one by a rename; entries changed within the same second as
// the file itself ("racily clean") are written with size 0, so that the next reader compares their content.
#include <fcntl.h>
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/mapped-file.h"
#include "base/strings.h"
#include "config.h"
#include "hash/hasher.h"
#include "index.h"
#include "index/index-format.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "index/split-index.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

void take_extension(Index& index, const RawExtension& ext, HashAlgo algo) {
  IndexInternals& in = index.internals();
  if (ext.name == "TREE") {
    in.cache_tree = CacheTree::parse(ext.data, algo);
  } else if (ext.name == "REUC") {
    if (auto map = parse_resolve_undo(ext.data, algo)) in.resolve_undo = std::move(*map);
  } else if (ext.name == "sdir") {
    index.is_sparse = true;
  } else if (ext.name == "link") {
    read_link_extension(index, ext.data);
  } else if (ext.name != "EOIE" && ext.name != "IEOT" && !(ext.name[0] >= 'A' && ext.name[0] <= 'Z')) {
    die("index uses %s extension, which we do not understand", ext.name);
  }
}

void check_order(const Index& index) {
  for (std::size_t i = 1; i < index.size(); ++i) {
    const IndexEntry &a = index[i - 1], &b = index[i];
    int c = compare_bytes(a.path, b.path);
    if (c > 0) die("unordered stage entries in index");
    if (c == 0) {
      if (!a.stage) die("multiple stage entries for merged file '%s'", b.path);
      if (a.stage > b.stage) die("unordered stage entries for '%s'", b.path);
    }
  }
}

bool skip_hash(Repository& repo) {
  return repo.config().get_bool_or("index.skiphash", repo.config().get_bool_or("feature.manyfiles", false));
}

// What the file's version should be where the index does not know one.
int wanted_version(Repository& repo) {
  if (auto text = get_env("GIT_INDEX_VERSION"); text && !text->empty()) {
    auto value = parse_int(*text);
    if (value && *value >= 2 && *value <= 4) return static_cast<int>(*value);
    warning("GIT_INDEX_VERSION set, but the value is invalid.\nUsing version %d", 2);
    return 2;
  }
  if (auto value = repo.config().get_int("index.version")) {
    if (*value >= 2 && *value <= 4) return *value;
    warning("index.version set, but the value is invalid.\nUsing version %d", 2);
    return 2;
  }
  return repo.config().get_bool_or("feature.manyfiles", false) ? 4 : 2;
}

// Racily clean entries lose their size where their content differs from what the entry says.
void smudge_racy(Index& index, IndexEntry& e) {
  std::optional<struct stat> st = lstat_path(index.repo().worktree() ? e.path : std::string());
  if (!st) return;
  if (index.match_stat(e, *st, Index::kIgnoreValid | Index::kIgnoreSkipWorktree | Index::kRacyIsDirty) & ~unsigned{Index::kData})
    return;
  if (index.modified(e, *st, Index::kIgnoreValid | Index::kIgnoreSkipWorktree)) e.stat.size = 0;
}

bool is_racy(const Index& index, const IndexEntry& e) {
  return !is_gitlink_mode(e.mode) && index.timestamp_sec && index.timestamp_sec <= e.stat.mtime_sec;
}

}  // namespace

Index Index::read(Repository& repo) { return read_from(repo, repo.index_file()); }

Index Index::read_from(Repository& repo, const std::string& path) {
  Index index(repo);
  IndexInternals& in = index.internals();
  in.file = path;
  UniqueFd fd = open_fd(path, O_RDONLY);
  if (!fd) {
    if (errno != ENOENT && errno != ENOTDIR) die_errno("%s: index file open failed", path);
    return index;
  }
  struct stat st {};
  if (fstat(fd.get(), &st) < 0) die_errno("%s: cannot stat the open index", path);
  Result<MappedFile> map = MappedFile::from_fd(fd.get(), static_cast<std::size_t>(st.st_size));
  if (!map) die("%s: unable to map index file", path);
  if (map->bytes().size() < 12 + raw_size(repo.algo())) die("%s: index file smaller than expected", path);
  Result<ParsedIndex> parsed = parse_index(map->bytes(), repo.algo(), env_bool("GIT_TEST_VERIFY_INDEX", false));
  if (!parsed) {
    if (parsed.error().message != "index file corrupt") error("%s", parsed.error().message);
    die("index file corrupt");
  }
  in.existed = true;
  index.version = parsed->version;
  index.checksum = parsed->checksum;
  index.entries_ = std::move(parsed->entries);
  StatData stat = stat_data_of(st);
  index.timestamp_sec = stat.mtime_sec;
  index.timestamp_nsec = stat.mtime_nsec;
  for (const RawExtension& ext : parsed->extensions) take_extension(index, ext, repo.algo());
  check_order(index);
  index.is_changed = false;
  finish_reading(index);
  return index;
}

LockFile Index::lock_or_die() const { return LockFile::hold_or_die(repo_->index_file()); }
Result<LockFile> Index::try_lock() const { return LockFile::hold(repo_->index_file()); }

std::string format_index(Index& index, const std::vector<FormatEntry>& entries, bool shared, bool strip_extensions,
                         ObjectId* checksum) {
  Repository& repo = index.repo();
  IndexInternals& in = index.internals();
  if (!index.version) index.version = wanted_version(repo);
  if (index.version < 4) {
    index.version = 2;
    for (const FormatEntry& e : entries)
      if (needs_extended_flags(*e.entry)) index.version = 3;
  }
  std::string out = format_index_entries(index.version, entries, repo.algo());
  std::size_t entries_end = out.size();
  std::string eoie_input;
  auto extension = [&](std::string_view name, std::string_view data) {
    append_extension(out, name, data);
    eoie_input.append(name);
    put_be32(eoie_input, static_cast<std::uint32_t>(data.size()));
  };
  if (!strip_extensions) {
    if (!shared && is_split_for_writing(index)) extension("link", format_link_extension(index));
    if (!shared && in.cache_tree) extension("TREE", in.cache_tree->format(repo.algo()));
    if (!shared && !in.resolve_undo.empty()) extension("REUC", format_resolve_undo(in.resolve_undo));
  }
  if (index.is_sparse) extension("sdir", "");
  bool is_bool = false;
  std::optional<int> threads = repo.config().get_bool_or_int("index.threads", &is_bool);
  bool record_end = repo.config().get_bool("index.recordendofindexentries").value_or(threads && *threads != (is_bool ? 0 : 1));
  if (record_end && !eoie_input.empty()) {
    std::string data;
    put_be32(data, static_cast<std::uint32_t>(entries_end));
    data.append(hash_bytes(repo.algo(), eoie_input, true).raw());
    append_extension(out, "EOIE", data);
  }
  *checksum = !shared && skip_hash(repo) ? ObjectId::null(repo.algo()) : hash_bytes(repo.algo(), out, true);
  out.append(checksum->raw());
  return out;
}

bool Index::write_to_fd(int fd) {
  remove_marked();
  for (const auto& e : entries_)
    if (!e->is_uptodate && is_racy(*this, *e)) smudge_racy(*this, *e);
  for (const auto& e : entries_) {
    if (!e->oid.is_null()) continue;
    if (!env_bool("GIT_ALLOW_NULL_SHA1", false)) {
      error("cache entry has null sha1: %s", e->path);
      return false;
    }
    warning("cache entry has null sha1: %s", e->path);
    internals().cache_tree.reset();
  }
  std::vector<FormatEntry> list = entries_to_write(*this);
  ObjectId sum;
  std::string bytes = format_index(*this, list, false, false, &sum);
  if (!write_in_full(fd, bytes)) return false;
  checksum = sum;
  return true;
}

bool Index::write_locked(LockFile& lock, unsigned flags) {
  if ((flags & kSkipIfUnchanged) && !is_changed && internals().existed) {
    lock.rollback();
    return true;
  }
  if (internals().bulk) internals().bulk->finish();
  prepare_split_for_writing(*this);
  bool collapsed = convert_to_sparse(*this);
  bool written = write_to_fd(lock.fd());
  if (collapsed) ensure_full_index(*this);
  if (!written) return false;
  struct stat st {};
  if (fstat(lock.fd(), &st) == 0) {
    StatData stat = stat_data_of(st);
    timestamp_sec = stat.mtime_sec, timestamp_nsec = stat.mtime_nsec;
  }
  if (!lock.close()) return false;
  if (int shared = repo_->shared_repository(); shared) adjust_shared_perm(lock.lock_path(), shared);
  if (!lock.commit()) return false;
  is_changed = false;
  internals().existed = true;
  return true;
}

}  // namespace git
