// The index is walked once, next to the tree where there is one; subtrees whose name the cache tree knows
// to be the same are stepped over on both sides.
#include "diff/diff-lib.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "diff/options.h"
#include "diff/submodule-diff.h"
#include "index/cache-tree.h"
#include "index/dir.h"
#include "index/submodule-head.h"
#include "index/worktree-settings.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

namespace git {
namespace {

// What stands in the worktree for an index entry.
struct WorktreeState {
  bool is_gone = false;
  bool is_changed = false;
  std::uint32_t mode = 0;
  unsigned dirty_submodule = 0;
};

class WorktreeProbe {
 public:
  WorktreeProbe(DiffOptions& options, Index& index, unsigned match_flags)
      : options_(options), index_(index), match_flags_(match_flags), settings_(read_worktree_settings(index.repo())) {}

  // nullopt where lstat failed for another reason than absence; reported.
  std::optional<WorktreeState> probe(const IndexEntry& entry) {
    WorktreeState state;
    struct stat st;
    const int removed = check_removed(entry, st);
    if (removed < 0) {
      errf("%s: %s\n", entry.path, std::strerror(errno));
      return std::nullopt;
    }
    if (removed) {
      state.is_gone = true;
      return state;
    }
    state.mode = mode_from_stat(entry, st.st_mode, settings_.trust_executable_bit, settings_.has_symlinks);
    state.is_changed = match(entry, st, state.dirty_submodule);
    return state;
  }
  std::uint32_t mode_of(const IndexEntry& entry) {
    struct stat st;
    if (check_removed(entry, st)) return 0;
    return mode_from_stat(entry, st.st_mode, settings_.trust_executable_bit, settings_.has_symlinks);
  }

 private:
  bool match(const IndexEntry& entry, const struct stat& st, unsigned& dirty) {
    bool changed = index_.match_stat(entry, st, match_flags_) != 0;
    if (!is_gitlink_mode(entry.mode)) return changed;
    SubmoduleIgnore ignore = submodule_ignore_for(options_, entry.path);
    if (ignore.all) return false;
    if (!ignore.dirty && (!changed || options_.dirty_submodules)) dirty = submodule_dirtiness(entry.path, ignore.untracked);
    return changed;
  }

  DiffOptions& options_;
  Index& index_;
  unsigned match_flags_;
  WorktreeSettings settings_;
};

bool is_done(const DiffOptions& options) {
  return options.quick && options.has_changes && !options.filter && !options.find_copies_harder;
}

CombinePath::Parent combine_parent(const IndexEntry& entry) {
  CombinePath::Parent parent;
  parent.mode = entry.mode;
  parent.oid = entry.oid;
  return parent;
}

// Queues what an unmerged path needs. Returns the entry of the stage asked for, nullptr where the path is done with.
const IndexEntry* unmerged_path(DiffOptions& options, Index& index, std::size_t& at, const DiffFilesSettings& settings,
                                WorktreeProbe& probe) {
  const IndexEntry* wanted = nullptr;
  CombinePath combined;
  combined.path = index[at].path;
  combined.parents.resize(2);
  combined.mode = probe.mode_of(index[at]);
  combined.oid = ObjectId::null(options.algo());
  int sides = 0;
  std::size_t end = at;
  for (; end < index.size() && index[end].path == combined.path; end++) {
    const IndexEntry& entry = index[end];
    if (entry.stage >= 2) {
      combined.parents[entry.stage - 2u] = combine_parent(entry);
      sides++;
    }
    if (entry.stage == settings.unmerged_stage) wanted = &entry;
  }
  at = end - 1;
  if (settings.combine && sides == 2) {
    settings.combine(combined);
    options.has_changes = true;
    return nullptr;
  }
  if (PairPtr pair = options.unmerge(combined.path); pair && combined.mode) {
    pair->two->mode = combined.mode;
    pair->two->oid = ObjectId::null(options.algo());
  }
  return wanted;
}

void diff_one_file(DiffOptions& options, Index& index, const IndexEntry& entry, WorktreeProbe& probe,
                   const DiffFilesSettings& settings) {
  const ObjectId null = ObjectId::null(options.algo());
  if (entry.is_uptodate || entry.skip_worktree) {
    if (entry.is_uptodate && options.find_copies_harder)
      options.change(entry.mode, entry.mode, entry.oid, entry.oid, true, true, entry.path);
    return;
  }
  WorktreeState state;
  if (entry.assume_valid) {
    state.mode = entry.mode;
  } else {
    auto probed = probe.probe(entry);
    if (!probed) return;
    state = *probed;
    if (state.is_gone) {
      if (settings.silent_on_removed) return;
      if (entry.intent_to_add && options.ita_invisible_in_index) return;
      options.add_remove('-', entry.mode, entry.oid, !entry.oid.is_null(), entry.path);
      return;
    }
    if (options.ita_invisible_in_index && entry.intent_to_add) {
      options.add_remove('+', state.mode, null, false, entry.path);
      return;
    }
  }
  if (!state.is_changed && !state.dirty_submodule) {
    if (IndexEntry* own = index.find(entry.path, entry.stage)) own->is_uptodate = true;
    if (!options.find_copies_harder) return;
  }
  const ObjectId& new_oid = state.is_changed ? null : entry.oid;
  options.change(entry.mode, state.mode, entry.oid, new_oid, !entry.oid.is_null(), !new_oid.is_null(), entry.path, 0,
                 state.dirty_submodule);
}

// A tree's blobs in index order, with subtrees that need not be looked at stepped over.
struct FlatEntry {
  std::string path;
  std::uint32_t mode = 0;
  ObjectId oid;
};

class IndexComparison {
 public:
  IndexComparison(DiffOptions& options, Index& index, const DiffIndexSettings& settings)
      : options_(options), index_(index), settings_(settings), probe_(options, index, 0) {}

  void run(const ObjectId& tree) {
    std::string base;
    walk(tree, base);
    while (at_ < index_.size() && !is_done(options_)) take_index_only();
  }

 private:
  bool wants_index(const IndexEntry& entry) const {
    return options_.pathspec.empty() || index_entry_path_match(index_, options_.pathspec, entry.path, entry.mode);
  }

  void walk(const ObjectId& tree, std::string& base) {
    if (tree.is_null()) return;
    auto object = index_.repo().odb().read_peeled(tree, ObjectType::tree);
    if (!object) die("unable to read tree (%s)", tree);
    TreeReader reader(object->data, index_.repo().algo());
    TreeEntry entry;
    bool takes_all = options_.pathspec.empty();
    while (reader.next(entry) && !is_done(options_)) {
      if (!takes_all) {
        Interest interest = tree_entry_interesting(index_.repo(), options_.pathspec, base, entry.name, entry.mode, true);
        if (interest == Interest::all_not) break;
        if (interest == Interest::no) continue;
        takes_all = interest == Interest::all;
      }
      const std::size_t length = base.size();
      base.append(entry.name);
      if (is_tree_mode(entry.mode))
        visit_directory(entry.oid, base);
      else
        visit_file({base, entry.mode, entry.oid});
      base.resize(length);
    }
    if (reader.has_error()) die("%s", reader.error());
  }

  void visit_directory(const ObjectId& tree, std::string& path) {
    path += '/';
    while (at_ < index_.size() && !is_done(options_) && compare_bytes(index_[at_].path, path) < 0) take_index_only();
    const bool at_directory = at_ < index_.size() && starts_with(index_[at_].path, path);
    if (at_directory && index_[at_].path == path && is_tree_mode(index_[at_].mode) && index_[at_].oid == tree) {
      at_++;
      return;
    }
    if (settings_.cached && at_directory && !options_.find_copies_harder) {
      std::string_view name(path);
      name.remove_suffix(1);
      CacheTree* root = index_.cache_tree();
      CacheTree* node = root ? root->find(name) : nullptr;
      if (node && node->is_valid() && node->oid == tree) {
        at_ += static_cast<std::size_t>(node->entry_count);
        return;
      }
    }
    walk(tree, path);
    while (at_ < index_.size() && !is_done(options_) && starts_with(index_[at_].path, path)) take_index_only();
  }

  void visit_file(const FlatEntry& file) {
    while (at_ < index_.size() && !is_done(options_) && compare_bytes(index_[at_].path, file.path) < 0) take_index_only();
    if (is_done(options_)) return;
    const bool has_entry = at_ < index_.size() && index_[at_].path == file.path;
    if (!has_entry) {
      compare(nullptr, &file);
      return;
    }
    const IndexEntry& entry = index_[at_];
    skip_path();
    compare(&entry, &file);
  }

  void take_index_only() {
    const IndexEntry& entry = index_[at_];
    skip_path();
    if (wants_index(entry)) compare(&entry, nullptr);
  }

  void skip_path() {
    const std::string& path = index_[at_].path;
    std::size_t end = at_ + 1;
    while (end < index_.size() && index_[end].path == path) end++;
    at_ = end;
  }

  void compare(const IndexEntry* entry, const FlatEntry* file) {
    if (entry && entry->intent_to_add && options_.ita_invisible_in_index) entry = nullptr;
    if (!entry && !file) return;
    const bool cached = settings_.cached || (entry && (entry->assume_valid || entry->skip_worktree));
    if (entry && entry->stage && cached) {
      PairPtr pair = options_.unmerge(entry->path);
      if (pair && file) pair->one->fill(file->oid, true, file->mode);
      return;
    }
    if (entry && entry->stage) {
      // Whatever the worktree has is compared with the tree.
      PairPtr pair = options_.unmerge(entry->path);
      if (pair && file) pair->one->fill(file->oid, true, file->mode);
    }
    if (!entry) {
      options_.add_remove('-', file->mode, file->oid, true, file->path);
      return;
    }
    if (is_tree_mode(entry->mode)) return expand_sparse(*entry, file);
    ObjectId oid = entry->oid;
    std::uint32_t mode = entry->mode;
    unsigned dirty = 0;
    bool is_gone = false;
    if (!cached && !entry->is_uptodate) {
      auto state = probe_.probe(*entry);
      if (!state || (state->is_gone && !settings_.match_missing)) {
        is_gone = true;
      } else if (!state->is_gone) {
        dirty = state->dirty_submodule;
        if (state->is_changed || entry->stage) {
          mode = state->mode;
          oid = ObjectId::null(options_.algo());
        }
      }
    }
    if (is_gone) {
      if (file) options_.add_remove('-', file->mode, file->oid, true, file->path);
      return;
    }
    if (!file) {
      options_.add_remove('+', mode, oid, !oid.is_null(), entry->path, dirty);
      return;
    }
    if (settings_.combine && !cached && (oid != file->oid || file->oid != entry->oid)) {
      CombinePath combined;
      combined.path = entry->path;
      combined.mode = mode;
      combined.oid = oid;
      CombinePath::Parent tree_side;
      tree_side.mode = file->mode;
      tree_side.oid = file->oid;
      combined.parents = {combine_parent(*entry), tree_side};
      settings_.combine(combined);
      options_.has_changes = true;
      return;
    }
    if (mode == file->mode && oid == file->oid && !dirty && !options_.find_copies_harder) return;
    options_.change(file->mode, mode, file->oid, oid, true, !oid.is_null(), file->path, 0, dirty);
  }

  // A sparse directory that differs: its files are added.
  void expand_sparse(const IndexEntry& entry, const FlatEntry*) {
    std::string base = entry.path;
    list_tree(entry.oid, base);
  }
  void list_tree(const ObjectId& tree, std::string& base) {
    std::string bytes = index_.repo().odb().read(tree).take_or_die().data;
    TreeReader reader(bytes, index_.repo().algo());
    TreeEntry entry;
    while (reader.next(entry)) {
      const std::size_t length = base.size();
      base.append(entry.name);
      if (is_tree_mode(entry.mode)) {
        base += '/';
        list_tree(entry.oid, base);
      } else {
        options_.add_remove('+', entry.mode, entry.oid, true, base);
      }
      base.resize(length);
    }
  }

  DiffOptions& options_;
  Index& index_;
  const DiffIndexSettings& settings_;
  WorktreeProbe probe_;
  std::size_t at_ = 0;
};

}  // namespace

std::uint32_t mode_from_stat(const IndexEntry& entry, std::uint32_t mode, bool trust_executable_bit, bool has_symlinks) {
  const bool is_regular = is_regular_mode(mode);
  if (!has_symlinks && is_regular && is_link_mode(entry.mode)) return entry.mode;
  if (!trust_executable_bit && is_regular) return is_regular_mode(entry.mode) ? entry.mode : kModeBlob;
  if (is_tree_mode(mode)) return kModeGitlink;
  return canon_mode(mode);
}

int check_removed(const IndexEntry& entry, struct stat& st) {
  if (::lstat(entry.path.c_str(), &st) < 0) return errno == ENOENT || errno == ENOTDIR ? 1 : -1;
  if (has_symlink_leading_path(entry.path)) return 1;
  // A directory stands for a submodule, checked out or not; for a file it means that the file is gone.
  if (S_ISDIR(st.st_mode) && !is_gitlink_mode(entry.mode) && !submodule_head(entry.path)) return 1;
  return 0;
}

void diff_files(DiffOptions& options, Index& index, const DiffFilesSettings& settings) {
  WorktreeProbe probe(options, index, settings.racy_is_dirty ? Index::kRacyIsDirty : 0u);
  for (std::size_t i = 0; i < index.size() && !is_done(options); i++) {
    const IndexEntry* entry = &index[i];
    if (!options.pathspec.empty() && !index_entry_path_match(index, options.pathspec, entry->path, entry->mode)) continue;
    if (!options.is_in_prefix(entry->path) || is_tree_mode(entry->mode)) continue;
    if (entry->stage) entry = unmerged_path(options, index, i, settings, probe);
    if (entry) diff_one_file(options, index, *entry, probe, settings);
  }
}

void diff_index(DiffOptions& options, Index& index, const ObjectId& tree, const DiffIndexSettings& settings) {
  IndexComparison(options, index, settings).run(tree);
}

ObjectId diff_merge_base(Repository& repo, const ObjectId& a, std::optional<ObjectId> b) {
  CommitPool& pool = repo.commits();
  auto commit_of = [&](const ObjectId& oid) {
    Commit* commit = pool.peel_to_commit(oid);
    if (!commit) {
      if (ObjectType type = repo.odb().type_of(oid); type != ObjectType::bad)
        error("object %s is a %s, not a commit", oid, type_name(type));
      die("--merge-base only works with commits");
    }
    return commit;
  };
  if (!b) {
    b = repo.refs().read_oid("HEAD");
    if (!b) die("unable to get HEAD");
  }
  CommitList bases = merge_bases(pool, commit_of(a), commit_of(*b));
  if (bases.empty()) die("no merge base found");
  if (bases.size() > 1) die("multiple merge bases found");
  return bases[0]->oid;
}

ObjectId peel_to_tree_or_die(Repository& repo, const ObjectId& oid, const std::string& name) {
  ObjectId tree;
  if (!repo.odb().read_peeled(oid, ObjectType::tree, &tree)) die("bad tree object %s", name.empty() ? oid.hex() : name);
  return tree;
}

}  // namespace git
