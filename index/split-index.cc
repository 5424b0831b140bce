// The file has what differs from the shared one, by comparison of the two when it is written; no entry remembers where it
// came from.  A shared file is never changed: a new one gets its checksum as its name, and old ones expire.
#include "index/split-index.h"

#include <sys/time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "config.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "pack/ewah.h"
#include "repository.h"

namespace git {

namespace {

constexpr const char* kSharedPrefix = "sharedindex.";
constexpr int kDefaultMaxPercentChange = 20;

int compare_entries(const IndexEntry& a, const IndexEntry& b) {
  int c = compare_bytes(a.path, b.path);
  return c ? c : a.stage - b.stage;
}

// Would both be written as the same bytes?
bool is_written_alike(const IndexEntry& a, const IndexEntry& b) {
  return a.oid == b.oid && a.mode == b.mode && a.assume_valid == b.assume_valid && a.intent_to_add == b.intent_to_add &&
         a.skip_worktree == b.skip_worktree && a.stat == b.stat;
}

std::string shared_path(const std::string& dir, const ObjectId& oid) { return path_join(dir, kSharedPrefix + oid.hex()); }

// The entries of the shared file: beside the index, or in the repository's directory.
std::vector<std::unique_ptr<IndexEntry>> read_base(Index& index, const ObjectId& oid) {
  HashAlgo algo = index.repo().algo();
  std::string path = shared_path(std::string(path_dirname(index.internals().file)), oid);
  if (!path_exists(path)) path = shared_path(index.repo().git_dir(), oid);
  auto bytes = read_file(path);
  if (!bytes) die("%s: index file open failed: %s", path, bytes.error().message);
  Result<ParsedIndex> parsed = parse_index(*bytes, algo, false);
  if (!parsed) die("index file corrupt");
  // Somebody uses it: it does not expire yet.
  ::utimes(path.c_str(), nullptr);
  if (parsed->checksum != oid) die("broken index, expect %s in %s, got %s", oid, path, parsed->checksum);
  return std::move(parsed->entries);
}

std::unique_ptr<IndexEntry> copy_of(const IndexEntry& e) {
  auto copy = std::make_unique<IndexEntry>(e);
  copy->is_uptodate = copy->remove = copy->update_in_worktree = copy->remove_from_worktree = false;
  return copy;
}

// How the index differs from its base: `deleted` and `replaced` are places there.
struct Difference {
  Bitmap deleted, replaced;
  std::size_t deleted_end = 0, replaced_end = 0;  // one behind the last bit
  std::vector<FormatEntry> entries;               // the replacements in order of the base, then what it does not have
  std::size_t added = 0;
};

Difference compare_to_base(Index& index) {
  Difference d;
  const auto& base = index.internals().split->base;
  std::vector<FormatEntry> added;
  std::size_t at = 0;
  auto drop = [&](std::size_t i) {
    d.deleted.set(i);
    d.deleted_end = i + 1;
  };
  for (const auto& e : index.entries()) {
    while (at < base.size() && compare_entries(*base[at], *e) < 0) drop(at++);
    if (at == base.size() || compare_entries(*base[at], *e) > 0) {
      added.push_back({e.get(), false});
      continue;
    }
    if (!is_written_alike(*base[at], *e)) {
      d.replaced.set(at);
      d.replaced_end = at + 1;
      d.entries.push_back({e.get(), true});
    }
    at++;
  }
  while (at < base.size()) drop(at++);
  d.added = added.size();
  d.entries.insert(d.entries.end(), added.begin(), added.end());
  return d;
}

// splitIndex.maxPercentChange: how much may stand outside of the shared file before a new one is made.
bool has_too_many_of_its_own(Index& index) {
  int percent = index.repo().config().get_int("splitindex.maxpercentchange").value_or(kDefaultMaxPercentChange);
  if (percent < 0 || percent > 100) {
    error("splitIndex.maxPercentChange value '%d' should be between 0 and 100", percent);
    percent = kDefaultMaxPercentChange;
  }
  if (percent == 0) return true;
  if (percent == 100) return false;
  return index.size() * static_cast<std::size_t>(percent) < compare_to_base(index).added * 100;
}

// Shared files that nobody used for a while (splitIndex.sharedIndexExpire).
void expire_shared_files(Repository& repo, const ObjectId& current) {
  std::string text = repo.config().get_string_or("splitindex.sharedindexexpire", "2.weeks.ago");
  auto expiry = parse_expiry_date(text);
  if (!expiry || *expiry == 0) return;
  std::string keep = kSharedPrefix + current.hex();
  for (const std::string& name : list_dir(repo.git_dir())) {
    if (!starts_with(name, kSharedPrefix) || name == keep) continue;
    std::string path = path_join(repo.git_dir(), name);
    auto st = stat_path(path);
    if (st && st->st_mtime <= *expiry && ::unlink(path.c_str()) < 0) warning_errno(_("unable to unlink: %s"), path);
  }
}

// False where the directory can't be written to: the index is then written whole.
bool write_shared_file(Index& index) {
  Repository& repo = index.repo();
  auto temp = Tempfile::from_pattern(path_join(repo.git_dir(), "sharedindex_XXXXXX"), 0, 0666);
  if (!temp) return false;
  std::vector<FormatEntry> all;
  std::vector<std::unique_ptr<IndexEntry>> base;
  for (const auto& e : index.entries()) {
    all.push_back({e.get(), false});
    base.push_back(copy_of(*e));
  }
  ObjectId checksum;
  std::string bytes = format_index(index, all, true, false, &checksum);
  if (!temp->write(bytes)) return false;
  if (int shared = repo.shared_repository(); shared) adjust_shared_perm(temp->path(), shared);
  if (!temp->rename_to(shared_path(repo.git_dir(), checksum))) return false;
  SplitIndex& split = *index.internals().split;
  split.base = std::move(base);
  split.base_oid = checksum;
  expire_shared_files(repo, checksum);
  return true;
}

}  // namespace

void read_link_extension(Index& index, std::string_view data) {
  HashAlgo algo = index.repo().algo();
  if (data.size() < raw_size(algo)) die("corrupt link extension (too short)");
  auto split = std::make_unique<SplitIndex>();
  split->base_oid = ObjectId::from_raw(data.substr(0, raw_size(algo)), algo);
  data.remove_prefix(raw_size(algo));
  if (split->base_oid.is_null()) {
    index.internals().split = std::move(split);
    return;
  }
  split->base = read_base(index, split->base_oid);
  Bitmap deleted, replaced;
  if (!data.empty()) {
    auto first = ewah_decode(data, split->base.size());
    if (!first) die("corrupt delete bitmap in link extension");
    auto second = ewah_decode(data, split->base.size());
    if (!second) die("corrupt replace bitmap in link extension");
    if (!data.empty()) die("garbage at the end of link extension");
    deleted = std::move(*first);
    replaced = std::move(*second);
  }
  index.replace_entries([&](std::vector<std::unique_ptr<IndexEntry>>& entries) {
    std::vector<std::unique_ptr<IndexEntry>> merged;
    std::size_t own = 0;
    for (std::size_t i = 0; i < split->base.size(); i++) {
      if (replaced.get(i)) {
        if (own == entries.size()) die("position for replacement %d exceeds base index size %d", i, split->base.size());
        if (!entries[own]->path.empty()) die("corrupt link extension, entry %d should have zero length name", i);
        entries[own]->path = split->base[i]->path;
        if (!deleted.get(i)) merged.push_back(std::move(entries[own]));
        own++;
      } else if (!deleted.get(i)) {
        merged.push_back(copy_of(*split->base[i]));
      }
    }
    for (; own < entries.size(); own++) {
      if (entries[own]->path.empty()) die("corrupt link extension, entry %d should have non-zero length name", own);
      merged.push_back(std::move(entries[own]));
    }
    entries = std::move(merged);
  });
  index.internals().split = std::move(split);
}

std::string format_link_extension(Index& index) {
  Difference d = compare_to_base(index);
  return std::string(index.internals().split->base_oid.raw()) + ewah_encode(d.deleted, d.deleted_end) +
         ewah_encode(d.replaced, d.replaced_end);
}

void prepare_split_for_writing(Index& index) {
  SplitIndex* split = index.internals().split.get();
  if (!split) return;
  if (split->base_oid.is_null() || has_too_many_of_its_own(index)) {
    if (write_shared_file(index)) return;
    split->base_oid = ObjectId::null(index.repo().algo());
    split->base.clear();
    return;
  }
  std::string path = shared_path(index.repo().git_dir(), split->base_oid);
  if (::utimes(path.c_str(), nullptr) < 0) warning("could not freshen shared index '%s'", path);
}

std::vector<FormatEntry> entries_to_write(Index& index) {
  if (is_split_for_writing(index)) return compare_to_base(index).entries;
  std::vector<FormatEntry> list;
  list.reserve(index.size());
  for (const auto& e : index.entries()) list.push_back({e.get(), false});
  return list;
}

bool is_split_for_writing(Index& index) {
  const SplitIndex* split = index.internals().split.get();
  return split && !split->base_oid.is_null();
}

void set_split_index(Index& index, bool wanted, bool anew) {
  std::unique_ptr<SplitIndex>& split = index.internals().split;
  if (wanted ? split && !anew : !split) return;
  split = wanted ? std::make_unique<SplitIndex>() : nullptr;
  index.is_changed = true;
}

namespace {

// A file outside of the sparse patterns that is there all the same counts as checked out, or changes to it would be lost.
void clear_skip_worktree_of_present(Index& index) {
  Config& config = index.repo().config();
  if (!is_sparse_checkout(index.repo()) || config.get_bool_or("sparse.expectfilesoutsideofpatterns", false)) return;
  std::string missing_dir;
  bool expanded = false;
  for (std::size_t i = 0; i < index.size(); ++i) {
    IndexEntry& e = index[i];
    if (!e.skip_worktree) continue;
    if (!missing_dir.empty() && starts_with(e.path, missing_dir)) continue;
    std::string bare = is_tree_mode(e.mode) ? e.path.substr(0, e.path.size() - 1) : e.path;
    if (!path_exists(bare)) {
      // the highest directory that is not there
      for (std::size_t slash = bare.find('/'); slash != std::string::npos; slash = bare.find('/', slash + 1))
        if (!path_exists(bare.substr(0, slash))) {
          missing_dir = bare.substr(0, slash + 1);
          break;
        }
      continue;
    }
    if (is_tree_mode(e.mode)) {
      if (expanded) continue;
      expanded = true;
      ensure_full_index(index);
      i = static_cast<std::size_t>(-1);
      missing_dir.clear();
      continue;
    }
    e.skip_worktree = false;
  }
}

}  // namespace

void finish_reading(Index& index) {
  index.internals().was_sparse = index.is_sparse;
  if (index.is_sparse) {
    // Whoever wants directories asks for them; everybody else sees files.
    ensure_full_index(index);
    index.is_changed = false;
  }
  if (auto wanted = index.repo().config().get_bool("core.splitindex")) set_split_index(index, *wanted, false);
  if (!index.repo().worktree()) return;
  clear_skip_worktree_of_present(index);
}

}  // namespace git
