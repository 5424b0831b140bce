// Bringing back paths: from the index, from a tree, or one side of a conflict.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/lockfile.h"
#include "base/strings.h"
#include "checkout.h"
#include "config.h"
#include "diff/xmerge.h"
#include "hook.h"
#include "index.h"
#include "index/attr.h"
#include "index/convert.h"
#include "index/entry.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "merge/ll-merge.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

class PathCheckout {
 public:
  PathCheckout(Repository& repo, const CheckoutOptions& options, const BranchInfo& info)
      : repo_(repo), o_(options), info_(info), index_(Index::read(repo)) {}
  int run();

 private:
  void read_tree(const ObjectId& tree, const std::string& base);
  int check();
  int write_worktree();
  int checkout_merged(std::size_t at, CheckoutState& state);
  void unmerge();
  bool has_stage(const std::string& path, int stage) { return index_.find(path, stage) != nullptr; }

  Repository& repo_;
  const CheckoutOptions& o_;
  const BranchInfo& info_;
  Index index_;
  std::vector<bool> matched_;
  std::vector<std::uint8_t> seen_;
  std::vector<std::string> from_tree_;  // sorted
  std::vector<std::string> gone_;
  int checkouts_ = 0, unmerged_ = 0;
};

// The tree's blobs that match go into the index.
void PathCheckout::read_tree(const ObjectId& tree, const std::string& base) {
  Result<ObjectData> data = repo_.odb().read_peeled(tree, ObjectType::tree);
  if (!data) die("%s", data.error().message);
  TreeReader reader(data->data, tree.algo());
  for (TreeEntry e; reader.next(e);) {
    if (tree_entry_interesting(repo_, o_.pathspec, base, e.name, e.mode, true) <= Interest::no) continue;
    std::string path = base + std::string(e.name);
    if (is_tree_mode(e.mode)) {
      read_tree(e.oid, path + "/");
      continue;
    }
    if (!index_entry_path_match(index_, o_.pathspec, path, e.mode)) continue;
    from_tree_.push_back(path);
    IndexEntry* old = index_.find(path);
    if (old && old->mode == canon_mode(e.mode) && old->oid == e.oid && !old->intent_to_add) {
      old->update_in_worktree = true;
      continue;
    }
    IndexEntry entry;
    entry.path = path;
    entry.mode = canon_mode(e.mode);
    entry.oid = e.oid;
    entry.update_in_worktree = true;
    if (old && old->skip_worktree && !o_.ignore_skip_worktree) entry.skip_worktree = true;
    index_.add(std::move(entry), Index::kOkToAdd | Index::kOkToReplace);
  }
}

void PathCheckout::unmerge() {
  ResolveUndoMap& map = index_.internals().resolve_undo;
  for (auto it = map.begin(); it != map.end();) {
    if (!match_pathspec(index_, o_.pathspec, it->first)) {
      ++it;
      continue;
    }
    index_.remove_path(it->first);
    for (int i = 0; i < 3; ++i) {
      if (!it->second.mode[i]) continue;
      IndexEntry e;
      e.path = it->first, e.mode = it->second.mode[i], e.oid = it->second.oid[i], e.stage = static_cast<std::uint8_t>(i + 1);
      index_.add(std::move(e), Index::kOkToAdd | Index::kSkipDfCheck);
    }
    it = map.erase(it);
    index_.is_changed = true;
  }
}

int PathCheckout::check() {
  int errors = 0;
  for (std::size_t i = 0; i < index_.size(); ++i) {
    const IndexEntry& e = index_[i];
    if (!matched_[i] || !e.stage) continue;
    if (i && index_[i - 1].path == e.path) continue;
    if (o_.force || o_.ignore_unmerged_opt) {
      if (!o_.quiet) warning("path '%s' is unmerged", e.path);
    } else if (o_.writeout_stage) {
      if (has_stage(e.path, o_.writeout_stage)) continue;
      if (o_.overlay == 0) continue;
      errors |=
          error(o_.writeout_stage == 2 ? "path '%s' does not have our version" : "path '%s' does not have their version", e.path);
    } else if (o_.merge) {
      if (!has_stage(e.path, 2) || !has_stage(e.path, 3))
        errors |= error("path '%s' does not have all necessary versions", e.path);
    } else {
      errors |= error("path '%s' is unmerged", e.path);
    }
  }
  return errors ? 1 : 0;
}

int PathCheckout::checkout_merged(std::size_t at, CheckoutState& state) {
  std::string path = index_[at].path;
  std::string texts[4];
  std::uint32_t mode = 0;
  for (int stage = 1; stage <= 3; ++stage) {
    IndexEntry* e = index_.find(path, stage);
    if (!e) {
      if (stage != 1) return error("path '%s' does not have necessary versions", path);
      continue;
    }
    Result<ObjectData> data = repo_.odb().read(e->oid);
    if (!data) die("unable to read blob object %s", e->oid);
    texts[stage] = std::move(data->data);
    if (stage == 2) mode = e->mode;
  }
  LlMergeOptions options;
  options.renormalize = repo_.config().get_bool_or("merge.renormalize", false);
  std::string style = o_.conflict_style ? *o_.conflict_style : repo_.config().get_string_or("merge.conflictstyle", "merge");
  options.conflict_style = static_cast<int>(style == "diff3"    ? ConflictStyle::diff3
                                            : style == "zdiff3" ? ConflictStyle::zdiff3
                                                                : ConflictStyle::merge);
  AttributeReader attrs(repo_, &index_);
  std::string result;
  LlMergeStatus status =
      ll_merge(repo_, attrs, result, path, {texts[1], "base"}, {texts[2], "ours"}, {texts[3], "theirs"}, options);
  if (status == LlMergeStatus::binary_conflict) warning("Cannot merge binary files: %s (%s vs. %s)", path, "ours", "theirs");
  if (status == LlMergeStatus::error) return error("path '%s': cannot merge", path);
  Result<ObjectId> oid = repo_.odb().write(ObjectType::blob, result);
  if (!oid) die("Unable to add merge result for '%s'", path);
  IndexEntry temporary;
  temporary.path = path;
  temporary.mode = mode;
  temporary.oid = *oid;
  bool refresh = state.refresh_cache;
  state.refresh_cache = false;
  int code = checkout_entry(temporary, state, &unmerged_);
  state.refresh_cache = refresh;
  return code;
}

int PathCheckout::write_worktree() {
  RemovedDirs dirs;
  for (const std::string& path : gone_) {
    IndexEntry e;
    e.path = path;
    e.mode = kModeBlob;
    unlink_entry(e);
    dirs.schedule(path);
  }
  dirs.flush();
  Converter converter(repo_, &index_);
  converter.attribute_reader().set_direction(AttrDirection::checkout);
  CheckoutState state(index_);
  state.force = state.refresh_cache = true;
  state.converter = &converter;
  state.allow_delay = true;
  state.submodules = o_.submodules;
  state.metadata.refname = info_.path;
  if (info_.commit)
    state.metadata.treeish = info_.commit->oid;
  else if (o_.source_tree)
    state.metadata.treeish = *o_.source_tree;
  int errors = 0;
  for (std::size_t i = 0; i < index_.size(); ++i) {
    IndexEntry& e = index_[i];
    if (!matched_[i]) continue;
    if (!e.stage) {
      errors |= checkout_entry(e, state, &checkouts_) != 0;
      continue;
    }
    if (i && index_[i - 1].path == e.path) continue;
    if (o_.writeout_stage) {
      IndexEntry* side = index_.find(e.path, o_.writeout_stage);
      if (side) {
        errors |= checkout_entry(*side, state, &checkouts_) != 0;
      } else if (o_.overlay == 0) {
        unlink_entry(e, o_.submodules);
      } else {
        errors |= error(o_.writeout_stage == 2 ? "path '%s' does not have our version" : "path '%s' does not have their version",
                        e.path);
      }
    } else if (o_.merge) {
      errors |= checkout_merged(i, state) != 0;
    }
  }
  errors |= finish_delayed_checkout(state, &checkouts_);
  return errors;
}

int PathCheckout::run() {
  LockFile lock = LockFile::hold_or_die(repo_.index_file());
  ensure_full_index(index_);
  if (o_.source_tree) {
    read_tree(*o_.source_tree, "");
    std::sort(from_tree_.begin(), from_tree_.end());
  }
  if (o_.merge) unmerge();
  seen_.assign(o_.pathspec.size(), 0);
  matched_.assign(index_.size(), false);
  for (std::size_t i = 0; i < index_.size(); ++i) {
    IndexEntry& e = index_[i];
    if (!o_.ignore_skip_worktree && e.skip_worktree) {
      e.update_in_worktree = false;
      continue;
    }
    bool in_tree = e.update_in_worktree;
    e.update_in_worktree = false;
    if (!index_entry_path_match(index_, o_.pathspec, e.path, e.mode, &seen_)) continue;
    if (o_.source_tree && !in_tree) {
      // In the index but not in the tree: left alone, or (no overlay) taken away.
      if (o_.overlay != 0) continue;
      gone_.push_back(e.path);
      e.remove = true;
      continue;
    }
    matched_[i] = true;
  }
  // A path only in the sparse part still counts as known.
  if (int bad = report_path_error(seen_, o_.pathspec); bad) return 1;
  if (o_.checkout_worktree)
    if (int bad = check()) return bad;
  int errors = 0;
  if (o_.checkout_worktree) errors = write_worktree();
  index_.remove_marked();
  if (!o_.checkout_index) {
    // Only the worktree was asked for: the index file stays as it was, but for what is known about the files.
    lock.rollback();
    Index fresh = Index::read(repo_);
    fresh.refresh_and_write_quietly();
  } else if (!index_.write_locked(lock)) {
    die("unable to write new index file");
  }
  if (o_.count_checkout_paths && !o_.quiet) {
    if (unmerged_) errf(unmerged_ == 1 ? "Recreated %d merge conflict\n" : "Recreated %d merge conflicts\n", unmerged_);
    if (o_.source_tree)
      errf(checkouts_ == 1 ? "Updated %d path from %s\n" : "Updated %d paths from %s\n", checkouts_,
           unique_abbrev(repo_, *o_.source_tree));
    else if (!unmerged_ || checkouts_)
      errf(checkouts_ == 1 ? "Updated %d path from the index\n" : "Updated %d paths from the index\n", checkouts_);
  }
  std::optional<ObjectId> head = repo_.refs().read_oid("HEAD");
  Commit* commit = head ? repo_.commits().peel_to_commit(*head) : nullptr;
  int hook = run_post_checkout_hook(repo_, commit, commit, false);
  return errors | hook;
}

}  // namespace

int checkout_paths(Repository& repo, const CheckoutOptions& options, const BranchInfo& info) {
  return PathCheckout(repo, options, info).run();
}

int run_post_checkout_hook(Repository& repo, const Commit* from, const Commit* to, bool is_branch_switch) {
  HookOptions hook;
  auto name = [&](const Commit* c) { return c ? c->oid.hex() : ObjectId::null(repo.algo()).hex(); };
  hook.args = {name(from), name(to), is_branch_switch ? "1" : "0"};
  return run_hooks(repo, "post-checkout", hook);
}

}  // namespace git
