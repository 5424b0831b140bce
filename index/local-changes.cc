// Both lists are sorted by path, so one pass over the tree's and the index's entries finds what differs.
#include "index/local-changes.h"

#include <sys/stat.h>

#include "base/strings.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "repository.h"

namespace git {
namespace {

char kind_of_change(std::uint32_t a, std::uint32_t b) { return (a & 0170000) == (b & 0170000) ? 'M' : 'T'; }

// The status of a tracked path as the worktree has it against `old` (nullptr: not in the tree); 0 where it is the same.
char worktree_status(Index& index, const IndexEntry* old, IndexEntry& e) {
  bool in_worktree_clean = e.skip_worktree || e.assume_valid;
  std::uint32_t mode = e.mode;
  bool modified = false;
  if (!in_worktree_clean) {
    struct stat st {};
    bool gone = has_symlink_leading_path(e.path) || lstat(e.path.c_str(), &st) < 0;
    if (!gone && S_ISDIR(st.st_mode) && !is_gitlink_mode(e.mode)) gone = true;
    if (gone) return old ? 'D' : '\0';
    if (unsigned changed = index.modified(e, st, 0)) {
      modified = true;
      if (changed & Index::kType) mode = S_ISLNK(st.st_mode) ? kModeLink : S_ISDIR(st.st_mode) ? kModeGitlink : kModeBlob;
    }
  }
  if (!old) return 'A';
  if (!modified && old->mode == e.mode && old->oid == e.oid) return '\0';
  if (modified && old->mode == mode && is_regular_mode(mode)) {
    // Back at what the tree has?
    struct stat st {};
    if (lstat(e.path.c_str(), &st) == 0 && S_ISREG(st.st_mode)) {
      Result<ObjectId> now = index_path(index, e.path, st, false);
      if (now && *now == old->oid && canon_mode(st.st_mode) == old->mode) return '\0';
    }
  }
  return kind_of_change(old->mode, mode);
}

template <class Compare>
std::vector<LocalChange> walk(Index& index, const std::optional<ObjectId>& tree, Compare&& compare) {
  ensure_full_index(index);
  Index base(index.repo());
  if (tree) base.read_tree(*tree).or_die();
  std::vector<LocalChange> changes;
  std::size_t i = 0, j = 0;
  while (i < base.size() || j < index.size()) {
    int c = i == base.size() ? 1 : j == index.size() ? -1 : compare_bytes(base[i].path, index[j].path);
    if (c < 0) {
      changes.push_back({'D', base[i++].path});
      continue;
    }
    IndexEntry& e = index[j];
    const IndexEntry* old = c == 0 ? &base[i++] : nullptr;
    std::string path = e.path;
    if (e.stage)
      changes.push_back({'U', path});
    else if (char status = compare(old, e))
      changes.push_back({status, path});
    while (j < index.size() && index[j].path == path) ++j;
  }
  return changes;
}

}  // namespace

std::vector<LocalChange> staged_changes(Index& index, const std::optional<ObjectId>& tree) {
  return walk(index, tree, [&](const IndexEntry* old, IndexEntry& e) -> char {
    if (e.intent_to_add) return old ? 'D' : '\0';
    if (!old) return 'A';
    if (old->mode == e.mode && old->oid == e.oid) return '\0';
    return kind_of_change(old->mode, e.mode);
  });
}

std::vector<LocalChange> worktree_changes(Index& index, const std::optional<ObjectId>& tree) {
  return walk(index, tree, [&](const IndexEntry* old, IndexEntry& e) { return worktree_status(index, old, e); });
}

}  // namespace git
