// A queue by path holds the versions found so far. Trees leave it in order of their names and put what they hold in; a
// path is complete when it comes to the front, because everything that could add to it has a shorter name and came first.
#include "walk/path-walk.h"

#include "base/error.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"
#include "walk/list-objects.h"

namespace git {

Result<void> PathWalk::apply_filter(const ObjectFilter& filter, const SparseFactory& sparse) {
  auto only = [&](ObjectType type) {
    commits &= type == ObjectType::commit;
    tags &= type == ObjectType::tag;
    trees &= type == ObjectType::tree;
    blobs &= type == ObjectType::blob;
  };
  switch (filter.kind) {
    case ObjectFilter::Kind::none:
      break;
    case ObjectFilter::Kind::blob_none:
      blobs_in_trees = false;
      break;
    case ObjectFilter::Kind::blob_limit:
      blob_limit = std::min(blob_limit, filter.blob_limit);
      if (!filter.blob_limit) blobs_in_trees = false;
      break;
    case ObjectFilter::Kind::tree_depth:
      if (filter.tree_depth)
        return make_error(ErrorKind::invalid, _("tree:%u filter not supported by the path-walk API"), filter.tree_depth);
      tree_contents = false;
      break;
    case ObjectFilter::Kind::object_type:
      only(filter.type);
      break;
    case ObjectFilter::Kind::sparse_oid: {
      auto oid = get_oid(revs_.repo(), filter.sparse_oid, NameHint::blob);
      if (!oid) return make_error(ErrorKind::missing, _("unable to access sparse blob in '%s'"), filter.sparse_oid);
      auto blob = revs_.repo().odb().read(*oid);
      if (!blob) return blob.error();
      // All trees are part of such a clone; only blobs are left out.
      auto inside = sparse(blob->data);
      wants = [inside](std::string_view path, bool is_tree) { return is_tree || inside(path, false); };
      wants_depends_on_path = true;
      break;
    }
    case ObjectFilter::Kind::combine:
      for (const ObjectFilter& part : filter.parts) {
        auto applied = apply_filter(part, sparse);
        if (!applied) return applied;
      }
      break;
  }
  return {};
}

int PathWalk::rank_of(ObjectType type) {
  if (type == ObjectType::tag) return 0;
  return type == ObjectType::blob ? 1 : 2;
}

void PathWalk::add(ObjectType type, std::string path, const ObjectId& oid, bool is_uninteresting) {
  if (wants_depends_on_path && type == ObjectType::tree) {
    if (!seen_at_.insert(path + '\0' + oid.hex()).second) return;
  } else if (!seen_.insert(oid).second) {
    return;
  }
  Key key{rank_of(type), std::move(path)};
  auto held = held_.find(key);
  Batch& batch = queue_[std::move(key)];
  if (held != held_.end()) {
    batch.insert(batch.end(), held->second.begin(), held->second.end());
    held_.erase(held);
  }
  batch.push_back({oid, is_uninteresting});
}

void PathWalk::hold(ObjectType type, std::string path, const ObjectId& oid, bool is_uninteresting) {
  if (seen_.insert(oid).second) held_[Key{rank_of(type), std::move(path)}].push_back({oid, is_uninteresting});
}

void PathWalk::add_tip(const PendingObject& tip) {
  bool is_boring = (tip.flags & kRevUninteresting) || is_uninteresting(tip.oid);
  if (tip.type == ObjectType::tag) {
    if (tags) add(ObjectType::tag, "/tags", tip.oid, is_boring);
  } else if (tip.type == ObjectType::blob) {
    if (blobs && tip.path.empty())
      add(ObjectType::blob, "/tagged-blobs", tip.oid, is_boring);
    else if (blobs && blobs_in_trees)
      hold(ObjectType::blob, tip.path, tip.oid, is_boring);
  } else if (tip.type == ObjectType::tree) {
    if (trees && tip.path.empty())
      add(ObjectType::tree, "/tagged-trees", tip.oid, is_boring);
    else if (!tip.path.empty() && (trees || blobs))
      hold(ObjectType::tree, tip.path + "/", tip.oid, is_boring);
  }
}

void PathWalk::add_edge(Commit* commit) {
  if (tree_contents && (trees || blobs)) add(ObjectType::tree, "", revs_.pool().tree(commit), true);
}

bool PathWalk::walk_commits() {
  const bool wants_trees = tree_contents && (trees || blobs);
  std::vector<PathObject> list;
  while (Commit* commit = revs_.next()) {
    bool is_boring = revs_.flags(commit) & (kRevUninteresting | kRevBoundary);
    list.push_back({commit->oid, is_boring});
    if (!wants_trees) continue;
    add(ObjectType::tree, "", revs_.pool().tree(commit), is_boring);
    if (!includes_edges || is_boring) continue;
    for (Commit* parent : commit->parents)
      if (revs_.is_uninteresting(parent) && revs_.pool().parse_quietly(parent)) add_edge(parent);
  }
  trace2::data("path-walk", "commits", static_cast<std::int64_t>(list.size()));
  if (!commits || list.empty()) return true;
  return report("", list, ObjectType::commit);
}

void PathWalk::enter(const std::string& path, const PathObject& tree) {
  ObjectDatabase& odb = revs_.repo().odb();
  auto data = odb.read(tree.oid);
  if (!data || data->type != ObjectType::tree) {
    if (revs_.do_not_die_on_missing_tree || (tree.is_uninteresting && !data)) return;
    die(_("failed to walk children of tree %s: not found"), tree.oid);
  }
  const std::string base = path == "/tagged-trees" ? "" : path;
  TreeReader reader(data->data, odb.algo());
  for (TreeEntry entry; reader.next(entry);) {
    if (is_gitlink_mode(entry.mode)) continue;
    bool is_tree = is_tree_mode(entry.mode);
    if (!is_tree && (!blobs || !blobs_in_trees)) continue;
    std::string name = base + std::string(entry.name);
    if (is_tree) name += '/';
    if (wants && !wants(name, is_tree)) continue;
    if (tree.is_uninteresting) revs_.uninteresting_objects().insert(entry.oid);
    add(is_tree ? ObjectType::tree : ObjectType::blob, std::move(name), entry.oid, is_uninteresting(entry.oid));
  }
  if (reader.has_error()) die("%s: %s", tree.oid, reader.error());
}

bool PathWalk::process(const Key& key, Batch batch) {
  ObjectType type = key.rank == 0 ? ObjectType::tag : key.rank == 1 ? ObjectType::blob : ObjectType::tree;
  bool any_interesting = false;
  for (PathObject& object : batch) {
    object.is_uninteresting |= is_uninteresting(object.oid);
    any_interesting |= !object.is_uninteresting;
  }
  if (prune_uninteresting && !any_interesting) return true;
  if (type == ObjectType::blob && key.path[0] != '/' && blob_limit != UINT64_MAX) {
    std::erase_if(batch, [&](const PathObject& object) {
      auto info = revs_.repo().odb().info(object.oid, kLookupNoFetch);
      return info && info->size >= blob_limit;
    });
    if (batch.empty()) return true;
  }
  path_count_++;
  bool is_reported = type == ObjectType::tag || (type == ObjectType::blob ? blobs : trees);
  if (is_reported && !report(key.path, batch, type)) return false;
  if (type != ObjectType::tree || !tree_contents) return true;
  for (const PathObject& tree : batch) enter(key.path, tree);
  return true;
}

bool PathWalk::run() {
  trace2::region_enter("path-walk", "commit-walk");
  revs_.tree_objects = revs_.blob_objects = true;
  revs_.tag_objects = tags || trees || blobs;
  revs_.prepare();
  if (revs_.limited || revs_.edge_hint_aggressive) {
    std::function<void(Commit*)> on_edge;
    if (revs_.edge_hint_aggressive) on_edge = [this](Commit* commit) { add_edge(commit); };
    mark_edges_uninteresting(revs_, on_edge);
  }
  bool goes_on = walk_commits();
  trace2::region_leave("path-walk", "commit-walk");
  for (const PendingObject& tip : revs_.object_tips()) add_tip(tip);

  trace2::region_enter("path-walk", "path-walk");
  while (goes_on && !(queue_.empty() && held_.empty())) {
    if (queue_.empty()) queue_.swap(held_);
    auto first = queue_.extract(queue_.begin());
    goes_on = process(first.key(), std::move(first.mapped()));
  }
  trace2::data("path-walk", "paths", path_count_);
  trace2::region_leave("path-walk", "path-walk");
  return goes_on;
}

}  // namespace git
