// The entries of the index and how they change.  Names of one path at several stages stand together; a file and a
// directory of the same name can't both be there, so adding "a/b" must look for "a", and adding "a" for "a/...".
#include "index.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "index/cache-tree.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "odb.h"
#include "repository.h"

namespace git {

IndexInternals::IndexInternals(Repository& repo) : settings(read_worktree_settings(repo)) {}
IndexInternals::~IndexInternals() = default;

int compare_cache_name(std::string_view a, int stage_a, std::string_view b, int stage_b) {
  int c = compare_bytes(a, b);
  return c ? c : stage_a < stage_b ? -1 : stage_a > stage_b;
}

Index::Index(Repository& repo) : repo_(&repo) {}
Index::~Index() = default;
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;

IndexInternals& Index::internals() {
  if (!internals_) internals_ = std::make_unique<IndexInternals>(*repo_);
  return *internals_;
}

std::ptrdiff_t Index::find_position(std::string_view path, int stage) const {
  auto it =
      std::lower_bound(entries_.begin(), entries_.end(), path, [&](const std::unique_ptr<IndexEntry>& e, std::string_view p) {
        return compare_cache_name(e->path, e->stage, p, stage) < 0;
      });
  std::ptrdiff_t at = it - entries_.begin();
  if (it != entries_.end() && (*it)->path == path && (*it)->stage == stage) return at;
  return -at - 1;
}

IndexEntry* Index::find(std::string_view path, int stage) {
  std::ptrdiff_t at = find_position(path, stage);
  return at < 0 ? nullptr : entries_[static_cast<std::size_t>(at)].get();
}

bool Index::has_unmerged() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& e) { return e->stage != 0; });
}

bool Index::drop_unmerged() {
  bool any = false;
  std::vector<std::unique_ptr<IndexEntry>> kept;
  for (auto& e : entries_) {
    if (!e->stage) {
      kept.push_back(std::move(e));
      continue;
    }
    any = true;
    if (!kept.empty() && kept.back()->path == e->path) continue;
    invalidate_path(e->path);
    auto marker = std::make_unique<IndexEntry>();
    marker->path = e->path;
    marker->mode = e->mode;
    marker->oid = ObjectId::null(repo_->algo());
    marker->is_conflicted = true;
    kept.push_back(std::move(marker));
  }
  entries_ = std::move(kept);
  return any;
}

bool Index::is_path_unmerged(std::string_view path) const {
  std::ptrdiff_t at = find_position(path);
  if (at >= 0) return false;
  auto i = static_cast<std::size_t>(-at - 1);
  return i < entries_.size() && entries_[i]->path == path;
}

bool Index::has_directory(std::string_view path) const {
  std::string below = std::string(path) + "/";
  std::ptrdiff_t at = find_position(below);
  auto i = static_cast<std::size_t>(at < 0 ? -at - 1 : at);
  return i < entries_.size() && starts_with(entries_[i]->path, below);
}

namespace {

// Stages of the same path that clash with a new stage-0 entry, or entries that are files where a directory is wanted.
bool df_clash_above(Index& index, const IndexEntry& entry, bool replace) {
  bool clash = false;
  for (std::size_t slash = entry.path.rfind('/'); slash != std::string::npos && slash; slash = entry.path.rfind('/', slash - 1)) {
    std::string above = entry.path.substr(0, slash);
    std::ptrdiff_t at = index.find_position(above, entry.stage);
    if (at < 0) continue;
    if (index[static_cast<std::size_t>(at)].remove) continue;
    clash = true;
    if (!replace) return true;
    index.remove_at(static_cast<std::size_t>(at));
  }
  return clash;
}

bool df_clash_below(Index& index, const IndexEntry& entry, bool replace) {
  if (is_tree_mode(entry.mode)) return false;
  std::string below = entry.path + "/";
  std::ptrdiff_t at = index.find_position(below, 0);
  auto i = static_cast<std::size_t>(at < 0 ? -at - 1 : at);
  bool clash = false;
  while (i < index.size() && starts_with(index[i].path, below)) {
    if (index[i].stage != entry.stage || index[i].remove) {
      ++i;
      continue;
    }
    clash = true;
    if (!replace) return true;
    index.remove_at(i);
  }
  return clash;
}

}  // namespace

IndexEntry* Index::add(IndexEntry entry, unsigned flags) {
  if (!(flags & kKeepCacheTree)) invalidate_path(entry.path);
  is_changed = true;
  if (flags & kJustAppend) {
    entries_.push_back(std::make_unique<IndexEntry>(std::move(entry)));
    return entries_.back().get();
  }
  std::ptrdiff_t at =
      entries_.empty() || compare_cache_name(entries_.back()->path, entries_.back()->stage, entry.path, entry.stage) < 0
          ? -static_cast<std::ptrdiff_t>(entries_.size()) - 1
          : find_position(entry.path, entry.stage);
  if (at >= 0) {
    IndexEntry& old = *entries_[static_cast<std::size_t>(at)];
    if (!(flags & kNewOnly)) old = std::move(entry);
    return &old;
  }
  auto i = static_cast<std::size_t>(-at - 1);
  if (entry.stage == 0)
    while (i < entries_.size() && entries_[i]->path == entry.path) {
      flags |= kOkToAdd;
      remove_at(i);
    }
  if (!(flags & kOkToAdd)) return nullptr;
  if (!verify_path(*repo_, entry.path, entry.mode)) {
    error("invalid path '%s'", entry.path);
    return nullptr;
  }
  if (!(flags & kSkipDfCheck)) {
    bool replace = flags & kOkToReplace;
    std::size_t before = entries_.size();
    if (df_clash_above(*this, entry, replace) && !replace) return nullptr;
    if (df_clash_below(*this, entry, replace) && !replace) return nullptr;
    if (entries_.size() != before) i = static_cast<std::size_t>(-find_position(entry.path, entry.stage) - 1);
  }
  auto it = entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(i), std::make_unique<IndexEntry>(std::move(entry)));
  return it->get();
}

void Index::remove_at(std::size_t position) {
  invalidate_path(entries_[position]->path);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(position));
  is_changed = true;
}

void Index::remove_path(std::string_view path) {
  std::ptrdiff_t at = find_position(path);
  auto i = static_cast<std::size_t>(at < 0 ? -at - 1 : at);
  while (i < entries_.size() && entries_[i]->path == path) {
    IndexEntry& e = *entries_[i];
    if (e.stage) {
      ResolveUndo& undo = internals().resolve_undo[e.path];
      undo.mode[e.stage - 1] = e.mode;
      undo.oid[e.stage - 1] = e.oid;
    }
    remove_at(i);
  }
  invalidate_path(path);
}

void Index::remove_marked() {
  for (const auto& e : entries_)
    if (e->remove) invalidate_path(e->path), is_changed = true;
  std::erase_if(entries_, [](const auto& e) { return e->remove; });
}

void Index::replace_entries(const std::function<void(std::vector<std::unique_ptr<IndexEntry>>&)>& change) {
  change(entries_);
  std::sort(entries_.begin(), entries_.end(),
            [](const auto& a, const auto& b) { return compare_cache_name(a->path, a->stage, b->path, b->stage) < 0; });
  is_changed = true;
}

void Index::clear() {
  entries_.clear();
  IndexInternals& in = internals();
  in.cache_tree.reset();
  in.resolve_undo.clear();
  in.split.reset();
  timestamp_sec = timestamp_nsec = 0;
  is_changed = true;
  is_sparse = false;
}

CacheTree* Index::cache_tree() { return internals().cache_tree.get(); }
void Index::set_cache_tree(std::unique_ptr<CacheTree> tree) {
  internals().cache_tree = std::move(tree);
  internals().cache_tree_changed = is_changed = true;
}

void Index::invalidate_path(std::string_view path) {
  if (CacheTree* tree = cache_tree()) tree->invalidate(path);
}

Result<ObjectId> Index::write_tree(bool missing_ok) {
  if (internals().bulk) internals().bulk->finish();
  return update_cache_tree(*this, missing_ok ? unsigned{kCacheTreeMissingOk} : 0u);
}

namespace {

Result<void> read_tree_below(Index& index, const ObjectId& tree, const std::string& base, int stage) {
  Result<ObjectData> data = index.repo().odb().read_peeled(tree, ObjectType::tree);
  if (!data) return data.error();
  TreeReader reader(data->data, tree.algo());
  for (TreeEntry e; reader.next(e);) {
    std::string path = base + std::string(e.name);
    if (is_tree_mode(e.mode)) {
      if (Result<void> r = read_tree_below(index, e.oid, path + "/", stage); !r) return r.error();
      continue;
    }
    IndexEntry entry;
    entry.path = std::move(path);
    entry.mode = canon_mode(e.mode);
    entry.oid = e.oid;
    entry.stage = static_cast<std::uint8_t>(stage);
    index.add(std::move(entry), Index::kOkToAdd | Index::kSkipDfCheck | Index::kKeepCacheTree);
  }
  if (reader.has_error()) return make_error(ErrorKind::corrupt, "%s", reader.error());
  return {};
}

}  // namespace

Result<void> Index::read_tree(const ObjectId& tree, int stage, std::string_view prefix) {
  return read_tree_below(*this, tree, std::string(prefix), stage);
}

}  // namespace git
