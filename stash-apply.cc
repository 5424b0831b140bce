// Applying a stash is a merge: of what was put aside with what is here, on what it was made on.
#include <fcntl.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/attr.h"
#include "index/entry.h"
#include "index/local-changes.h"
#include "index/unpack-trees.h"
#include "merge/checkout-result.h"
#include "merge/merge-ort.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "rerere.h"
#include "stash.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

std::optional<ObjectId> tree_of(Repository& repo, const ObjectId& commit) {
  return peel_to_type(repo, commit, ObjectType::tree, true);
}

bool reset_to(Repository& repo, const ObjectId& tree, bool worktree, bool hard) {
  LockFile lock = LockFile::hold_or_die(repo.index_file());
  Index index = Index::read(repo);
  index.refresh(Index::kRefreshQuiet);
  UnpackOptions u;
  u.head_idx = 1;
  u.merge = true;
  u.reset = hard ? UnpackReset::overwrite_untracked : UnpackReset::none;
  u.update = worktree;
  u.fn = UnpackOptions::Merge::oneway;
  index.drop_unmerged();
  if (unpack_trees(index, {tree}, u) < 0) return false;
  if (!index.write_locked(lock)) {
    error("unable to write new index file");
    return false;
  }
  return true;
}

bool restore_untracked(Repository& repo, const ObjectId& tree) {
  Index temporary(repo);
  temporary.read_tree(tree).or_die();
  Converter converter(repo, &temporary);
  CheckoutState state(temporary);
  state.converter = &converter;
  bool ok = true;
  for (const auto& e : temporary.entries()) ok &= checkout_entry(*e, state) == 0;
  return ok;
}

// The index as it was before, but for files that came new with the stash.
bool unstage_unless_new(Repository& repo, const ObjectId& tree) {
  LockFile lock = LockFile::hold_or_die(repo.index_file());
  Index index = Index::read(repo);
  Index before(repo);
  before.read_tree(tree).or_die();
  for (const LocalChange& c : staged_changes(index, tree)) {
    IndexEntry* old = before.find(c.path);
    if (!old) continue;  // new: stays staged
    IndexEntry e = *old;
    e.stat = {};
    if (IndexEntry* now = index.find(c.path)) e.skip_worktree = now->skip_worktree;
    index.add(std::move(e));
  }
  index.refresh(Index::kRefreshQuiet);
  return index.write_locked(lock);
}

}  // namespace

std::optional<StashInfo> read_stash_info(Repository& repo, const std::vector<std::string>& args) {
  if (args.size() > 1) {
    std::string list;
    for (const std::string& arg : args) list += " '" + arg + "'";
    errf("Too many revisions specified:%s\n", list);
    return std::nullopt;
  }
  StashInfo info;
  std::string name = args.empty() ? std::string() : args[0];
  if (args.empty()) {
    if (!repo.refs().exists(kStashRef)) {
      err("No stash entries found.\n");
      return std::nullopt;
    }
    info.revision = std::string(kStashRef) + "@{0}";
  } else if (!name.empty() && parse_uint(name)) {
    info.revision = std::string(kStashRef) + "@{" + name + "}";
  } else {
    info.revision = name;
  }
  std::optional<ObjectId> w = get_oid(repo, info.revision);
  if (!w) {
    error("%s is not a valid reference", info.revision);
    return std::nullopt;
  }
  info.w_commit = *w;
  auto not_stash = [&]() -> std::optional<StashInfo> {
    error("'%s' is not a stash-like commit", info.revision);
    return std::nullopt;
  };
  Commit* c = repo.odb().type_of(*w) == ObjectType::commit ? repo.commits().get(*w) : nullptr;
  if (!c || !repo.commits().parse_quietly(c) || c->parents.size() < 2) return not_stash();
  info.b_commit = c->parents[0]->oid;
  info.i_commit = c->parents[1]->oid;
  auto w_tree = tree_of(repo, info.w_commit), b_tree = tree_of(repo, info.b_commit), i_tree = tree_of(repo, info.i_commit);
  if (!w_tree || !b_tree || !i_tree) return not_stash();
  info.w_tree = *w_tree, info.b_tree = *b_tree, info.i_tree = *i_tree;
  if (c->parents.size() > 2) {
    info.u_commit = c->parents[2]->oid;
    if (auto u = tree_of(repo, info.u_commit)) info.u_tree = *u, info.has_untracked = true;
  }
  std::string symbolic = info.revision.substr(0, info.revision.find('@'));
  ObjectId oid;
  std::string full;
  info.is_stash_ref = !symbolic.empty() && dwim_ref(repo, symbolic, &oid, &full) == 1 && full == kStashRef;
  return info;
}

int apply_stash(Repository& repo, const StashInfo& info, bool with_index, bool quiet, std::string_view) {
  {
    Index index = Index::read(repo);
    index.refresh_and_write_quietly();
  }
  Index index = Index::read(repo);
  Result<ObjectId> c_tree = index.has_unmerged() ? Result<ObjectId>(make_error(ErrorKind::conflict, "")) : index.write_tree();
  if (!c_tree) return error("cannot apply a stash in the middle of a merge");
  ObjectId index_tree;
  bool has_index = with_index;
  if (with_index) {
    if (info.b_tree == info.i_tree || *c_tree == info.i_tree) {
      has_index = false;
    } else {
      flush_out();
      ChildProcess diff;
      diff.git_command = true;
      diff.args = {"diff-tree", "-p", "--binary", "--no-color", info.b_commit.hex(), info.i_commit.hex()};
      std::string patch = pipe_command(diff, "").out;
      ChildProcess apply;
      apply.git_command = true;
      apply.args = {"apply", "--cached"};
      if (pipe_command(apply, patch).code) return error("conflicts in index. Try without --index.");
      Index patched = Index::read(repo);
      Result<ObjectId> tree = patched.write_tree();
      if (!tree) return error("could not save index tree");
      index_tree = *tree;
      if (!reset_to(repo, *c_tree, false, true)) return -1;
    }
  }
  if (info.has_untracked && !restore_untracked(repo, info.u_tree)) return error("could not restore untracked files from stash");
  MergeOptions options = MergeOptions::from_config(repo);
  options.branch1 = info.b_tree == *c_tree ? "Version stash was based on" : "Updated upstream";
  options.branch2 = "Stashed changes";
  options.ancestor = "Stash base";
  if (quiet) options.verbosity = 0;
  bool clean = true;
  {
    LockFile lock = LockFile::hold_or_die(repo.index_file());
    Index now = Index::read(repo);
    Result<MergeResult> merged = merge_trees(repo, options, info.b_tree, *c_tree, info.w_tree);
    if (!merged) return error("%s", merged.error().message);
    if (Result<void> r = switch_to_merge_result(repo, now, *c_tree, *merged, "merge"); !r) return -1;
    if (!quiet) out(format_merge_messages(*merged));
    clean = merged->is_clean;
    if (!now.write_locked(lock)) return error("could not write index");
  }
  int code = 0;
  if (!clean) {
    flush_out();
    run_rerere(repo, -1);
    if (with_index) err("Index was not unstashed.\n");
    code = 1;
  } else if (has_index) {
    if (!reset_to(repo, index_tree, false, false)) return -1;
  } else if (!unstage_unless_new(repo, *c_tree)) {
    return error("could not write index");
  }
  if (!quiet) run_git_command({"status"});
  return code;
}

int drop_stash(Repository& repo, const StashInfo& info, bool quiet) {
  if (run_git_command({"reflog", "delete", "--updateref", "--rewrite", info.revision}))
    return error("%s: Could not drop stash entry", info.revision);
  if (!quiet) outf("Dropped %s (%s)\n", info.revision, info.w_commit);
  bool any = false;
  repo.refs().for_each_reflog_entry(kStashRef, true, [&](const ReflogEntry&) {
    any = true;
    return false;
  });
  if (!any) clear_stash(repo);
  return 0;
}

}  // namespace git
