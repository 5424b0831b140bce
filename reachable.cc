// Commits come from the pool, so that the commit-graph and shallow boundaries count; trees and tags are read.
#include "reachable.h"

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/cache-tree.h"
#include "odb.h"
#include "pack/pack.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "worktree.h"

namespace git {

void ReachableSet::add_root(const ObjectId& oid) { push(oid, ObjectType::none); }

namespace {

void add_cache_tree(ReachableSet& set, const CacheTree& tree, ObjectDatabase& odb) {
  if (tree.is_valid() && odb.has(tree.oid, kLookupNoFetch)) set.add_root(tree.oid);
  for (const auto& [name, child] : tree.children) add_cache_tree(set, *child, odb);
}

}  // namespace

void ReachableSet::add_index_of(const std::string& path) {
  if (!path_exists(path)) return;
  Index index = Index::read_from(repo_, path);
  for (const auto& entry : index.entries()) {
    if (is_gitlink_mode(entry->mode)) continue;
    if (entry->intent_to_add) continue;
    // An index may name what was never added; that is not for us to complain about.
    push(entry->oid, is_tree_mode(entry->mode) ? ObjectType::tree : ObjectType::blob);
  }
  if (const CacheTree* tree = index.cache_tree()) add_cache_tree(*this, *tree, repo_.odb());
}

void ReachableSet::add_operation_files(const std::string& git_dir) {
  for (const char* name :
       {"rebase-apply/autostash", "rebase-apply/orig-head", "rebase-merge/autostash", "rebase-merge/orig-head"}) {
    auto text = read_file(path_join(git_dir, name));
    if (!text) continue;
    if (auto oid = ObjectId::from_hex(trim(*text), repo_.algo())) push(*oid, ObjectType::none);
  }
}

void ReachableSet::add_default_roots(bool with_reflogs) {
  RefStore& refs = repo_.refs();
  refs.for_each_raw("refs/", [&](const Ref& ref) {
    if (!ref.oid.is_null()) push(ref.oid, ObjectType::none);
    return true;
  });
  auto add_reflog = [&](const std::string& name) {
    refs.for_each_reflog_entry(name, false, [&](const ReflogEntry& entry) {
      for (const ObjectId& oid : {entry.old_oid, entry.new_oid})
        if (!oid.is_null() && repo_.odb().has(oid, kLookupNoFetch)) push(oid, ObjectType::none);
      return true;
    });
  };
  for (const Worktree& worktree : list_worktrees(repo_)) {
    std::string head = worktree.is_current ? "HEAD" : worktree_ref_name(worktree, "HEAD");
    auto oid = refs.read_oid(head);
    if (oid) push(*oid, ObjectType::none);
    if (!worktree.is_current && with_reflogs) add_reflog(head);
    add_operation_files(worktree.git_dir);
    add_index_of(worktree.is_current ? repo_.index_file() : path_join(worktree.git_dir, "index"));
  }
  if (with_reflogs) refs.for_each_reflog([&](const std::string& name) { return add_reflog(name), true; });
}

void ReachableSet::add_recent(std::int64_t since) {
  ObjectDatabase& odb = repo_.odb();
  may_miss_ = true;
  odb.for_each_loose(
      [&](const ObjectId& oid, const std::string& path) {
        auto st = stat_path(path);
        if (st && st->st_mtime > since) push(oid, ObjectType::none);
        return true;
      },
      true);
  odb.for_each_packed(
      [&](const ObjectId& oid, const Pack& pack, std::uint32_t position) {
        std::int64_t time = pack.is_cruft() ? pack.mtime_at(position) : pack.mtime();
        if (time > since) push(oid, ObjectType::none);
        return true;
      },
      true);
  for (const std::string& hook : repo_.config().get_strings("gc.recentobjectshook")) {
    ChildProcess child;
    child.args = {hook};
    child.use_shell = true;
    CommandOutput output = pipe_command(child, "");
    if (output.code) die("unable to enumerate additional recent objects");
    for (std::string_view line : split_lines(output.out)) {
      auto oid = ObjectId::from_hex(line, repo_.algo());
      if (!oid) die("unable to enumerate additional recent objects");
      if (odb.has(*oid, kLookupNoFetch)) push(*oid, ObjectType::none);
    }
  }
}

void ReachableSet::visit(const ObjectId& oid, ObjectType type) {
  ObjectDatabase& odb = repo_.odb();
  if (type == ObjectType::blob) return;
  if (exclude_promisor_objects && odb.is_promisor_object(oid)) return;
  if (type == ObjectType::none) type = odb.type_of(oid, kLookupNoReplace);
  auto missing = [&](const char* what) {
    if (!may_miss_) die("%s %s", what, oid);
  };
  switch (type) {
    case ObjectType::blob:
      return;
    case ObjectType::commit: {
      Commit* commit = repo_.commits().get(oid);
      if (!repo_.commits().parse_quietly(commit)) return missing("unable to parse commit");
      push(repo_.commits().tree(commit), ObjectType::tree);
      for (Commit* parent : commit->parents) push(parent->oid, ObjectType::commit);
      return;
    }
    case ObjectType::tree: {
      auto tree = odb.read(oid, kLookupNoReplace);
      if (!tree) return missing("bad tree object");
      TreeReader reader(tree->data, repo_.algo());
      TreeEntry entry;
      while (reader.next(entry))
        if (!is_gitlink_mode(entry.mode)) push(entry.oid, is_tree_mode(entry.mode) ? ObjectType::tree : ObjectType::blob);
      return;
    }
    case ObjectType::tag: {
      auto data = odb.read(oid, kLookupNoReplace);
      auto tag = data ? parse_tag(data->data, repo_.algo()) : Result<TagHeader>(data.error());
      if (!tag) return missing("unable to parse object");
      push(tag->object, tag->type);
      return;
    }
    default:
      missing("unable to parse object");
  }
}

void ReachableSet::walk(const std::function<void(std::size_t)>& progress) {
  while (!pending_.empty()) {
    Pending next = pending_.back();
    pending_.pop_back();
    visit(next.oid, next.type);
    if (progress) progress(seen_.size());
  }
}

}  // namespace git
