// One directory level at a time: the names that any tree or the index has there, each decided by the merge function (the tables
// of git-read-tree(1)).  What comes out is collected beside the old index, together with what should happen to the worktree; only
// when no path was rejected does anything change.
#include "index/unpack-trees.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <unordered_set>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "index/attr.h"
#include "index/cache-tree.h"
#include "index/entry.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "index/submodule-head.h"
#include "index/submodule-move.h"
#include "index/unpack-errors.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

using Merge = UnpackOptions::Merge;

// One column of a path: absent, an entry, or "a directory (or a file above) is in the way".
struct Side {
  const IndexEntry* entry = nullptr;
  bool df_conflict = false;
};
using Sides = std::vector<Side>;

bool same(const IndexEntry* a, const IndexEntry* b) {
  if (!a || !b) return a == b;
  if (a->is_conflicted || b->is_conflicted) return false;
  return a->mode == b->mode && a->oid == b->oid;
}

class Unpacker {
 public:
  Unpacker(Index& index, const std::vector<ObjectId>& trees, UnpackOptions& options)
      : src_(index), trees_(trees), o_(options), repo_(index.repo()), errors_(options) {}
  int run();

  // ---- for sparse updates ----
  void load_sparse();
  int apply_sparse(IndexEntry& e);
  int check_updates(Index& result, std::vector<IndexEntry>& removed);
  std::vector<IndexEntry> removed_;
  UnpackErrors& errors() { return errors_; }
  bool skip_sparse() const { return o_.skip_sparse_checkout; }
  const SparsePatterns& patterns() const { return *patterns_; }

 private:
  struct Level {
    std::vector<std::string> bytes;  // of the trees
    std::vector<std::vector<TreeEntry>> entries;
  };
  int walk(const std::string& base, const std::vector<std::optional<ObjectId>>& dirs, std::uint32_t df_conflicts);
  int one_name(const std::string& base, std::string_view name, const std::vector<const TreeEntry*>& found,
               std::uint32_t df_conflicts);
  bool try_keep_directory(const std::string& base, const std::vector<std::optional<ObjectId>>& dirs);
  int index_only(IndexEntry& e);
  int call(Sides& sides);
  int call_merge(Sides& sides);
  IndexEntry* make_entry(const std::string& path, const TreeEntry& e, std::size_t tree);

  int oneway(const IndexEntry* old, const Side& a);
  int twoway(const IndexEntry* current, const Side& o, const Side& n);
  int threeway(const Sides& s);
  int bind(const IndexEntry* old, const Side& a);
  int merged(const IndexEntry& e, const IndexEntry* old);
  int deleted(const IndexEntry* e, const IndexEntry* old);
  int keep(const IndexEntry& e);
  int reject(const IndexEntry& e) { return errors_.add(UnpackError::would_overwrite, e.path); }
  // Everything that gets into the result comes through here: no tree may write into .git, whatever it is called.
  void add(IndexEntry e) {
    if (!verify_path(settings_, e.path, e.mode)) {
      if (!has_invalid_path_) error("invalid path '%s'", e.path);
      has_invalid_path_ = true;
    }
    result_.push_back(std::make_unique<IndexEntry>(std::move(e)));
  }
  void add_removed(const IndexEntry& e);
  void invalidate(const std::string& path) { invalidated_.push_back(path); }

  int verify_uptodate(const IndexEntry& e, UnpackError error = UnpackError::not_uptodate_file);
  int verify_absent(const IndexEntry& e, UnpackError error);
  int verify_absent_if_directory(const IndexEntry& e, UnpackError error);
  bool is_moved(const IndexEntry& e) { return o_.submodules && o_.submodules->find(e); }
  unsigned dry_move_flags() const;
  int check_submodule_move(const IndexEntry& e, const std::optional<std::string>& old_head,
                           const std::optional<std::string>& new_head);
  int check_ok_to_remove(const std::string& path, const IndexEntry* e, const struct stat& st, UnpackError error);
  int verify_clean_subdirectory(const std::string& path, const IndexEntry* e);
  bool in_sparse(const std::string& path) { return patterns_->path_in_checkout(path, DT_REG); }
  void mark_used(const IndexEntry& e) { used_.insert(&e); }
  bool is_used(const IndexEntry& e) const { return used_.count(&e) != 0; }
  DirScan& excludes();
  int finish();

  Index& src_;
  const std::vector<ObjectId>& trees_;
  UnpackOptions& o_;
  Repository& repo_;
  UnpackErrors errors_;
  std::vector<std::unique_ptr<IndexEntry>> result_;
  std::vector<std::string> invalidated_;
  std::unordered_set<std::string> removed_paths_;
  std::unordered_set<const IndexEntry*> used_;
  std::vector<std::unique_ptr<IndexEntry>> made_;  // of trees
  std::optional<SparsePatterns> own_patterns_;
  const SparsePatterns* patterns_ = nullptr;
  std::unique_ptr<DirScan> excludes_;
  bool nontrivial_ = false;
  bool has_invalid_path_ = false;
  WorktreeSettings settings_ = read_worktree_settings(repo_);
};

// ---- the worktree ----

DirScan& Unpacker::excludes() {
  if (!excludes_) {
    excludes_ = std::make_unique<DirScan>(src_);
    if (!o_.preserve_ignored) excludes_->setup_standard_excludes();
  }
  return *excludes_;
}

int Unpacker::verify_uptodate(const IndexEntry& e, UnpackError error) {
  bool sparse_check = error == UnpackError::sparse_not_uptodate_file;
  if (!sparse_check && !o_.skip_sparse_checkout && e.new_skip_worktree && e.skip_worktree) return 0;
  if (o_.index_only) return 0;
  if (!e.assume_valid && !e.skip_worktree && (o_.reset != UnpackReset::none || e.is_uptodate)) return 0;
  struct stat st {};
  int missing = 0;
  if (has_symlink_leading_path(e.path))
    missing = ENOENT;
  else if (lstat(e.path.c_str(), &st) < 0)
    missing = errno;
  if (missing == ENOENT || missing == ENOTDIR) return 0;
  if (!missing) {
    if (is_moved(e)) {
      if (!o_.submodules->move(e.path, "HEAD", e.oid.hex(), dry_move_flags())) return errors_.add(error, e.path);
      return 0;
    }
    if (!src_.match_stat(e, st, Index::kIgnoreValid | Index::kIgnoreSkipWorktree)) return 0;
    if (is_gitlink_mode(e.mode)) return 0;  // a submodule may be ahead of us
  }
  return errors_.add(error, e.path);
}

unsigned Unpacker::dry_move_flags() const {
  return SubmoduleMover::kDryRun | (o_.reset != UnpackReset::none ? unsigned{SubmoduleMover::kForce} : 0u);
}

// Could the submodule follow?
int Unpacker::check_submodule_move(const IndexEntry& e, const std::optional<std::string>& old_head,
                                   const std::optional<std::string>& new_head) {
  if (!is_moved(e) || o_.submodules->move(e.path, old_head, new_head, dry_move_flags())) return 0;
  return errors_.add(UnpackError::would_lose_submodule, e.path);
}

int Unpacker::verify_clean_subdirectory(const std::string& path, const IndexEntry* e) {
  if (e && is_gitlink_mode(e->mode)) {
    std::optional<ObjectId> head = submodule_head(path);
    if (head && *head == e->oid) return 0;
    return check_submodule_move(*e, head ? std::optional<std::string>(head->hex()) : std::nullopt, e->oid.hex());
  }
  std::string below = path + "/";
  std::ptrdiff_t at = src_.find_position(below);
  for (auto i = static_cast<std::size_t>(at < 0 ? -at - 1 : at); i < src_.size() && starts_with(src_[i].path, below); ++i) {
    IndexEntry& inside = src_[i];
    if (!inside.stage && verify_uptodate(inside)) return -1;
    add_removed(inside);
    mark_used(inside);
  }
  DirScan scan(src_);
  if (!o_.preserve_ignored) scan.setup_standard_excludes();
  Pathspec spec = literal_pathspec({below});
  scan.fill(&spec);
  if (!scan.entries.empty()) return errors_.add(UnpackError::not_uptodate_dir, path);
  if (is_original_cwd(path)) return errors_.add(UnpackError::cwd_in_the_way, path);
  return 0;
}

int Unpacker::check_ok_to_remove(const std::string& path, const IndexEntry* e, const struct stat& st, UnpackError error) {
  if (!o_.preserve_ignored && excludes().is_excluded(path, S_ISDIR(st.st_mode))) return 0;
  if (S_ISDIR(st.st_mode)) return verify_clean_subdirectory(path, e);
  if (removed_paths_.count(path)) return 0;
  // An index entry of that name is somebody else's case above.
  return errors_.add(error, path);
}

int Unpacker::verify_absent(const IndexEntry& e, UnpackError error) {
  bool sparse_check = error == UnpackError::sparse_orphaned_not_overwritten;
  if (!sparse_check && !o_.skip_sparse_checkout && e.new_skip_worktree) return 0;
  if (o_.index_only || !o_.update) return 0;
  if (o_.reset == UnpackReset::overwrite_untracked) {
    if (is_original_cwd(e.path)) return errors_.add(UnpackError::cwd_in_the_way, e.path);
    return 0;
  }
  struct stat st {};
  for (std::size_t slash = e.path.find('/'); slash != std::string::npos; slash = e.path.find('/', slash + 1)) {
    std::string above = e.path.substr(0, slash);
    if (lstat(above.c_str(), &st) < 0) return 0;
    if (S_ISDIR(st.st_mode)) continue;
    // A file or link stands where a directory is needed. A tracked one is dealt with where it is decided.
    if (IndexEntry* tracked = src_.find(above); tracked && !sparse_check)
      return removed_paths_.count(above) ? 0 : check_ok_to_remove(above, nullptr, st, error);
    return check_ok_to_remove(above, nullptr, st, error);
  }
  if (lstat(e.path.c_str(), &st) < 0) {
    if (errno != ENOENT && errno != ENOTDIR) error_errno("cannot stat '%s'", e.path);
    return 0;
  }
  if (is_moved(e)) return check_submodule_move(e, e.oid.hex(), std::nullopt);
  return check_ok_to_remove(e.path, &e, st, error);
}

int Unpacker::verify_absent_if_directory(const IndexEntry& e, UnpackError error) {
  struct stat st {};
  if (o_.index_only || !o_.update || lstat(e.path.c_str(), &st) < 0 || !S_ISDIR(st.st_mode)) return 0;
  if (is_gitlink_mode(e.mode)) return 0;
  return verify_absent(e, error);
}

// ---- results ----

void Unpacker::add_removed(const IndexEntry& e) {
  removed_paths_.insert(e.path);
  IndexEntry copy = e;
  copy.remove_from_worktree = true;
  removed_.push_back(std::move(copy));
  invalidate(e.path);
}

int Unpacker::merged(const IndexEntry& e, const IndexEntry* old) {
  IndexEntry copy = e;
  copy.stage = 0;
  bool update = true;
  if (!old) {
    if (patterns_) copy.new_skip_worktree = !in_sparse(copy.path);
    if (verify_absent(copy, UnpackError::would_lose_untracked_overwritten)) return -1;
    invalidate(copy.path);
    if (is_moved(copy) && path_exists(copy.path) && check_submodule_move(copy, std::nullopt, copy.oid.hex())) return -1;
  } else if (!old->is_conflicted) {
    if (same(old, &e)) {
      copy = *old;
      copy.stage = 0;
      update = old->update_in_worktree;
    } else {
      if (verify_uptodate(*old)) return -1;
      copy.skip_worktree = old->skip_worktree;
      copy.new_skip_worktree = old->new_skip_worktree;
      invalidate(copy.path);
    }
    if (is_moved(copy) && path_exists(copy.path) && check_submodule_move(copy, old->oid.hex(), copy.oid.hex())) return -1;
  } else {
    invalidate(copy.path);
  }
  copy.update_in_worktree = update;
  add(std::move(copy));
  return 1;
}

int Unpacker::deleted(const IndexEntry* e, const IndexEntry* old) {
  if (!old) {
    if (e && verify_absent(*e, UnpackError::would_lose_untracked_removed)) return -1;
    return 0;
  }
  if (verify_absent_if_directory(*e, UnpackError::would_lose_untracked_removed)) return -1;
  if (!old->is_conflicted && verify_uptodate(*old)) return -1;
  IndexEntry gone = *e;
  gone.skip_worktree = old->skip_worktree;
  add_removed(gone);
  return 1;
}

int Unpacker::keep(const IndexEntry& e) {
  IndexEntry copy = e;
  if (e.stage) invalidate(e.path);
  add(std::move(copy));
  return 1;
}

// ---- the merge functions ----

int Unpacker::oneway(const IndexEntry* old, const Side& a) {
  if (!a.entry) return old ? deleted(old, old) : 0;
  if (!old || !same(old, a.entry)) return merged(*a.entry, old);
  IndexEntry copy = *old;
  copy.stage = 0;
  if (o_.reset != UnpackReset::none && o_.update && !old->is_uptodate && !old->skip_worktree && !old->fsmonitor_valid) {
    struct stat st {};
    if (lstat(old->path.c_str(), &st) < 0 || has_symlink_leading_path(old->path) ||
        src_.match_stat(*old, st, Index::kIgnoreValid | Index::kIgnoreSkipWorktree))
      copy.update_in_worktree = true;
  }
  if (o_.update && o_.submodules && is_gitlink_mode(old->mode) && !verify_uptodate(*old)) copy.update_in_worktree = true;
  add(std::move(copy));
  return 0;
}

int Unpacker::twoway(const IndexEntry* current, const Side& o, const Side& n) {
  const IndexEntry *oldtree = o.entry, *newtree = n.entry;
  if (current) {
    if (current->is_conflicted) {
      if (!same(oldtree, newtree) && o_.reset == UnpackReset::none) return reject(*current);
      return newtree ? merged(*newtree, current) : deleted(current, current);
    }
    bool keep_it = (!oldtree && !newtree) || (!oldtree && same(current, newtree)) ||
                   (oldtree && newtree && same(oldtree, newtree)) || (oldtree && newtree && same(current, newtree));
    if (keep_it) return keep(*current);
    if (oldtree && !newtree && same(current, oldtree)) return deleted(oldtree, current);
    if (oldtree && newtree && same(current, oldtree)) return merged(*newtree, current);
    return reject(*current);
  }
  if (newtree) {
    if (oldtree && !o_.initial_checkout) return same(oldtree, newtree) ? 1 : reject(*oldtree);
    return merged(*newtree, nullptr);
  }
  return deleted(oldtree, nullptr);
}

int Unpacker::threeway(const Sides& s) {
  auto head_at = static_cast<std::size_t>(o_.head_idx);
  const IndexEntry* index = s[0].entry;
  const IndexEntry* head = s[head_at].entry;
  const IndexEntry* remote = s[head_at + 1].entry;
  bool df_head = s[head_at].df_conflict, df_remote = s[head_at + 1].df_conflict;
  bool any_base_missing = false, no_base = true, head_match = false, remote_match = false;
  for (std::size_t i = 1; i < head_at; ++i) {
    if (s[i].entry)
      no_base = false;
    else
      any_base_missing = true;
  }
  if (!same(remote, head))
    for (std::size_t i = 1; i < head_at; ++i) {
      const IndexEntry* base = s[i].entry;
      if (s[i].df_conflict) continue;
      if (!df_head && same(base, head)) head_match = true;
      if (!df_remote && same(base, remote)) remote_match = true;
    }
  // Only they changed it; the index may already have their version.
  if (remote && !df_head && head_match && !remote_match) {
    if (index && !same(index, remote) && !same(index, head)) return reject(*index);
    return merged(*remote, index);
  }
  if (index && !same(index, head)) return reject(*index);
  if (head) {
    if (same(head, remote)) return merged(*head, index);
    if (!df_remote && remote_match && !head_match) return merged(*head, index);
  }
  if (!head && !remote && any_base_missing) return 0;
  if (o_.aggressive) {
    if ((!head && !remote) || (!head && remote && remote_match) || (!remote && head && head_match)) {
      if (index) return deleted(index, index);
      const IndexEntry* any = head ? head : remote;
      if (any && head && verify_absent(*any, UnpackError::would_lose_untracked_removed)) return -1;
      return 0;
    }
    if (no_base && head && remote && same(head, remote)) return merged(*head, index);
  }
  if (index && verify_uptodate(*index)) return -1;
  nontrivial_ = true;
  int count = 0;
  if (!head_match || !remote_match)
    for (std::size_t i = 1; i < head_at; ++i)
      if (s[i].entry) {
        count += keep(*s[i].entry);
        break;
      }
  if (head) count += keep(*head);
  if (remote) count += keep(*remote);
  return count;
}

int Unpacker::bind(const IndexEntry* old, const Side& a) {
  if (a.entry && old) {
    if (!o_.quiet) error("Entry '%s' overlaps with '%s'.  Cannot bind.", a.entry->path, old->path);
    return -1;
  }
  return a.entry ? merged(*a.entry, nullptr) : old ? keep(*old) : 0;
}

int Unpacker::call_merge(Sides& s) {
  switch (o_.fn) {
    case Merge::oneway:
      return oneway(s[0].entry, s[1]);
    case Merge::twoway:
      return twoway(s[0].entry, s[1], s[2]);
    case Merge::threeway:
      return threeway(s);
    case Merge::bind:
      return bind(s[0].entry, s[1]);
    case Merge::none:
      break;
  }
  return 0;
}

int Unpacker::call(Sides& s) {
  int ret = call_merge(s);
  if (ret > 0) ret = 0;
  if (ret < 0) o_.unpack_failed = 1;
  return ret;
}

// ---- the walk ----

IndexEntry* Unpacker::make_entry(const std::string& path, const TreeEntry& e, std::size_t tree) {
  auto entry = std::make_unique<IndexEntry>();
  entry->path = path;
  entry->mode = canon_mode(e.mode);
  entry->oid = e.oid;
  int at = static_cast<int>(tree) + 1;
  if (o_.merge) entry->stage = static_cast<std::uint8_t>(at < o_.head_idx ? 1 : at > o_.head_idx ? 3 : 2);
  made_.push_back(std::move(entry));
  return made_.back().get();
}

int Unpacker::index_only(IndexEntry& e) {
  if (is_used(e)) return 0;
  mark_used(e);
  if (!o_.merge) return 0;
  if (e.stage && o_.skip_unmerged) {
    add(e);
    return 0;
  }
  if (e.stage) {  // the other stages go with it
    std::ptrdiff_t at = src_.find_position(e.path, e.stage);
    for (auto i = static_cast<std::size_t>(at); i < src_.size() && src_[i].path == e.path; ++i) mark_used(src_[i]);
  }
  Sides sides(trees_.size() + 1);
  sides[0].entry = &e;
  return call(sides);
}

int Unpacker::one_name(const std::string& base, std::string_view name, const std::vector<const TreeEntry*>& found,
                       std::uint32_t df_conflicts) {
  std::string path = base + std::string(name);
  std::uint32_t dirs = 0, files = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i]) (is_tree_mode(found[i]->mode) ? dirs : files) |= 1u << i;
  std::size_t first = src_.size();
  if (o_.merge) {
    std::ptrdiff_t at = src_.find_position(path);
    auto i = static_cast<std::size_t>(at < 0 ? -at - 1 : at);
    if (i < src_.size() && src_[i].path == path && !is_used(src_[i])) first = i;
  }
  bool in_index = first < src_.size();
  if (in_index && src_[first].stage && o_.skip_unmerged) {
    for (std::size_t i = first; i < src_.size() && src_[i].path == path; ++i) {
      mark_used(src_[i]);
      add(src_[i]);
    }
    return 0;
  }
  if (files || in_index) {
    if (in_index)
      for (std::size_t i = first; i < src_.size() && src_[i].path == path; ++i) mark_used(src_[i]);
    if (!files && !dirs) {
      Sides sides(found.size() + 1);
      sides[0].entry = &src_[first];
      return call(sides);
    }
    Sides sides(found.size() + 1);
    if (in_index) sides[0].entry = &src_[first];
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (files >> i & 1)
        sides[i + 1].entry = make_entry(path, *found[i], i);
      else
        sides[i + 1].df_conflict = (dirs | df_conflicts) >> i & 1;
    }
    if (!o_.merge) {
      for (std::size_t i = 1; i < sides.size(); ++i)
        if (sides[i].entry) add(*sides[i].entry);
    } else if (call(sides) < 0 && !o_.show_all_errors) {
      return -1;
    }
  }
  if (!dirs) return 0;
  std::vector<std::optional<ObjectId>> below(found.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    if (dirs >> i & 1) below[i] = found[i]->oid;
  return walk(path + "/", below, df_conflicts | files);
}

// All trees agree and the cache tree says that the index does too: its entries stay.
bool Unpacker::try_keep_directory(const std::string& base, const std::vector<std::optional<ObjectId>>& dirs) {
  if (!o_.merge || o_.fn == Merge::bind || o_.skip_unmerged || (o_.reset != UnpackReset::none && o_.update) || base.empty())
    return false;
  for (const auto& dir : dirs)
    if (!dir || *dir != *dirs[0]) return false;
  if (!cache_tree_matches(src_, std::string_view(base).substr(0, base.size() - 1), *dirs[0])) return false;
  std::ptrdiff_t at = src_.find_position(base);
  auto i = static_cast<std::size_t>(at < 0 ? -at - 1 : at);
  for (std::size_t k = i; k < src_.size() && starts_with(src_[k].path, base); ++k)
    if (is_used(src_[k])) return false;
  for (; i < src_.size() && starts_with(src_[i].path, base); ++i) {
    mark_used(src_[i]);
    add(src_[i]);
  }
  return true;
}

int Unpacker::walk(const std::string& base, const std::vector<std::optional<ObjectId>>& dirs, std::uint32_t df_conflicts) {
  if (try_keep_directory(base, dirs)) return 0;
  Level level;
  level.bytes.resize(dirs.size());
  std::map<std::string, std::vector<const TreeEntry*>, std::less<>> names;
  level.entries.resize(dirs.size());
  for (std::size_t i = 0; i < dirs.size(); ++i) {
    if (!dirs[i]) continue;
    Result<ObjectData> data = repo_.odb().read_peeled(*dirs[i], ObjectType::tree);
    if (!data) die("unable to read tree (%s)", *dirs[i]);
    level.bytes[i] = std::move(data->data);
    Result<std::vector<TreeEntry>> entries = parse_tree(level.bytes[i], repo_.algo());
    if (!entries) die("%s", entries.error().message);
    level.entries[i] = std::move(*entries);
    for (const TreeEntry& e : level.entries[i]) {
      auto& slot = names[std::string(e.name)];
      slot.resize(dirs.size());
      slot[i] = &e;
    }
  }
  if (o_.merge) {
    std::ptrdiff_t at = src_.find_position(base);
    for (auto i = static_cast<std::size_t>(at < 0 ? -at - 1 : at); i < src_.size() && starts_with(src_[i].path, base); ++i) {
      std::string_view rest = std::string_view(src_[i].path).substr(base.size());
      std::size_t slash = rest.find('/');
      if (rest.empty()) continue;
      std::string_view name = rest.substr(0, slash);
      auto it = names.find(name);
      bool has_dir = false;
      if (it != names.end())
        for (const TreeEntry* e : it->second) has_dir |= e && is_tree_mode(e->mode);
      if (slash == std::string_view::npos) {
        if (it == names.end()) names[std::string(name)].resize(dirs.size());
      } else if (!has_dir) {
        if (index_only(src_[i]) < 0 && !o_.show_all_errors) return -1;
      }
    }
  }
  for (auto& [name, found] : names)
    if (one_name(base, name, found, df_conflicts) < 0 && !o_.show_all_errors) return -1;
  return 0;
}

// ---- sparse checkouts ----

void Unpacker::load_sparse() {
  if (!is_sparse_checkout(repo_) || !o_.update) o_.skip_sparse_checkout = true;
  if (o_.skip_sparse_checkout) return;
  if (o_.sparse) {
    patterns_ = o_.sparse;
    return;
  }
  own_patterns_ = read_sparse_patterns(repo_);
  if (own_patterns_)
    patterns_ = &*own_patterns_;
  else
    o_.skip_sparse_checkout = true;
}

int Unpacker::apply_sparse(IndexEntry& e) {
  bool was = e.skip_worktree;
  e.skip_worktree = e.new_skip_worktree;
  bool is = e.skip_worktree;
  if (was != is) src_.is_changed = true;
  if (was && is) e.update_in_worktree = false;
  if (!was && is) {
    if (!e.update_in_worktree && verify_uptodate(e, UnpackError::sparse_not_uptodate_file)) {
      e.skip_worktree = false;
      return -1;
    }
    e.remove_from_worktree = true;
    e.update_in_worktree = false;
  }
  if (was && !is) {
    if (verify_absent(e, UnpackError::sparse_orphaned_not_overwritten)) return -1;
    e.update_in_worktree = true;
  }
  return 0;
}

namespace {

// In a partial clone: what is to be written comes in one go, not blob by blob.
void prefetch_updates(Repository& repo, Index& index) {
  if (!repo.odb().has_promisor()) return;
  std::vector<ObjectId> missing;
  for (const auto& e : index.entries())
    if (e->update_in_worktree && !is_gitlink_mode(e->mode) && !repo.odb().has(e->oid, kLookupNoFetch)) missing.push_back(e->oid);
  if (!missing.empty()) repo.odb().fetch_missing(missing);
}

}  // namespace

int Unpacker::check_updates(Index& result, std::vector<IndexEntry>& removed) {
  if (!o_.update || o_.dry_run) {
    for (const auto& e : result.entries()) e->update_in_worktree = e->remove_from_worktree = false;
    return 0;
  }
  RemovedDirs dirs;
  // What goes away is told by the .gitmodules that goes away.
  if (o_.submodules) o_.submodules->load();
  auto unlink_one = [&](const IndexEntry& e) {
    unlink_entry(e, o_.submodules);
    dirs.schedule(e.path);
  };
  for (const IndexEntry& e : removed)
    if (!e.skip_worktree) unlink_one(e);
  for (const auto& e : result.entries())
    if (e->remove_from_worktree) unlink_one(*e), e->remove_from_worktree = false;
  dirs.flush();
  Converter converter(repo_, &result);
  converter.attribute_reader().set_direction(AttrDirection::checkout);
  CheckoutState state(result);
  state.force = state.quiet = state.refresh_cache = true;
  state.clone = o_.clone;
  state.metadata = o_.metadata;
  state.converter = &converter;
  state.allow_delay = true;
  state.submodules = o_.submodules;
  prefetch_updates(repo_, result);
  int errors = 0;
  if (IndexEntry* modules = o_.submodules ? result.find(".gitmodules") : nullptr; modules && modules->update_in_worktree) {
    modules->update_in_worktree = false;
    errors |= checkout_entry(*modules, state) != 0;
    o_.submodules->forget();
  }
  for (const auto& e : result.entries()) {
    if (!e->update_in_worktree) continue;
    e->update_in_worktree = false;
    errors |= checkout_entry(*e, state) != 0;
  }
  errors |= finish_delayed_checkout(state);
  return errors;
}

int Unpacker::finish() {
  Index result(repo_);
  result.replace_entries([&](std::vector<std::unique_ptr<IndexEntry>>& entries) { entries = std::move(result_); });
  // A later entry of the same path and stage replaces the earlier one; sorting is by name only, so look at neighbours.
  if (patterns_) {
    for (const auto& e : result.entries())
      if (!e->stage) e->new_skip_worktree = !in_sparse(e->path);
    for (const auto& e : result.entries())
      if (!e->stage && apply_sparse(*e) && !o_.show_all_errors && o_.reset == UnpackReset::none) {
      }
  }
  result.timestamp_sec = src_.timestamp_sec, result.timestamp_nsec = src_.timestamp_nsec;
  errors_.show_warnings();
  int ret = check_updates(result, removed_) ? -2 : 0;
  IndexInternals &from = src_.internals(), &to = result.internals();
  to.file = from.file;
  to.existed = from.existed;
  to.split = std::move(from.split);
  to.cache_tree = std::move(from.cache_tree);
  result.version = src_.version;
  result.is_changed = true;
  for (const std::string& path : invalidated_) result.invalidate_path(path);
  if (!o_.merge) to.cache_tree.reset();
  src_ = std::move(result);
  if (!o_.skip_cache_tree_update && !src_.has_unmerged() && (!src_.cache_tree() || !src_.cache_tree()->is_fully_valid()))
    if (!update_cache_tree(src_, kCacheTreeSilent | kCacheTreeRepair)) src_.set_cache_tree(nullptr);
  return ret;
}

int Unpacker::run() {
  ensure_full_index(src_);
  load_sparse();
  if (patterns_ && o_.merge)
    for (const auto& e : src_.entries()) e->new_skip_worktree = !e->stage && !e->is_conflicted && !in_sparse(e->path);
  std::vector<std::optional<ObjectId>> roots(trees_.begin(), trees_.end());
  int ret = 0;
  if (!trees_.empty()) ret = walk(o_.prefix, roots, 0);
  if (ret < 0) o_.unpack_failed = 1;
  if (o_.merge)
    for (const auto& e : src_.entries()) {
      if (ret < 0) break;
      if (index_only(*e) < 0 && !o_.show_all_errors) ret = -1;
    }
  if (o_.unpack_failed || ret < 0 || has_invalid_path_) {
    errors_.show();
    return -1;
  }
  if (o_.trivial_merges_only && nontrivial_) {
    if (!o_.quiet) error("Merge requires file-level merging");
    return -1;
  }
  if (o_.dry_run) return 0;
  return finish();
}

}  // namespace

int unpack_trees(Index& index, const std::vector<ObjectId>& trees, UnpackOptions& options) {
  options.unpack_failed = 0;
  if (!options.porcelain_command.empty()) options.show_all_errors = true;
  return Unpacker(index, trees, options).run();
}

SparsityResult update_sparsity(Index& index, UnpackOptions& options, const SparsePatterns* patterns) {
  options.sparse = patterns;
  options.update = true;
  options.show_all_errors = true;
  ensure_full_index(index);
  Unpacker unpacker(index, {}, options);
  unpacker.load_sparse();
  if (unpacker.skip_sparse()) return SparsityResult::errors;
  SparsityResult result = SparsityResult::success;
  for (const auto& e : index.entries()) {
    if (e->stage) {
      e->new_skip_worktree = false;
      unpacker.errors().add(UnpackError::sparse_unmerged_file, e->path);
      result = SparsityResult::warnings;
      continue;
    }
    e->new_skip_worktree = !unpacker.patterns().path_in_checkout(e->path, DT_REG);
  }
  for (const auto& e : index.entries())
    if (!e->stage && unpacker.apply_sparse(*e)) result = SparsityResult::warnings;
  unpacker.errors().show_warnings();
  std::vector<IndexEntry> none;
  if (unpacker.check_updates(index, none)) result = SparsityResult::errors;
  index.is_changed = true;
  return result;
}

}  // namespace git
