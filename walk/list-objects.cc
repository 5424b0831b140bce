// Commits first, then what they hold: trees are entered once, depth first, and everything the uninteresting side
// has was marked before by the edges.
#include "walk/list-objects.h"

#include "base/error.h"
#include "odb.h"
#include "odb/promisor.h"
#include "repository.h"

namespace git {
namespace {

class Traversal {
 public:
  Traversal(RevWalk& walk, const ObjectCallbacks& callbacks, FilterRun* filter)
      : walk_(walk), odb_(walk.pool().odb()), callbacks_(callbacks), filter_(filter) {}

  void run() {
    for (const PendingObject& p : walk_.object_tips()) waiting_.push_back({p, !walk_.filter_provided_objects});
    while (Commit* c = walk_.next()) {
      // A boundary commit's tree is on the other side already.
      if (walk_.tree_objects && !(walk_.flags(c) & (kRevUninteresting | kRevBoundary))) {
        PendingObject p;
        p.oid = walk_.pool().tree(c);
        p.type = ObjectType::tree;
        p.mode = kModeTree;
        waiting_.push_back({p, false});
      } else if (walk_.tree_objects && walk_.flags(c) & kRevUninteresting) {
        walk_.mark_tree_uninteresting(walk_.pool().tree(c));
      }
      bool user_given = !(walk_.flags(c) & kRevNotUserGiven) && !walk_.filter_provided_objects;
      unsigned answer = decide(FilterRun::Situation::commit, c->oid, {}, {}, user_given);
      if (answer & FilterRun::kDoShow && callbacks_.commit) callbacks_.commit(c);
      if (walk_.in_commit_order) flush();
    }
    flush();
  }

 private:
  struct Waiting {
    PendingObject object;
    bool user_given;
  };
  unsigned decide(FilterRun::Situation situation, const ObjectId& oid, std::string_view path, std::string_view name,
                  bool user_given) {
    if (filter_ && !user_given) return filter_->decide(situation, oid, path, name);
    if (situation == FilterRun::Situation::end_tree) return FilterRun::kNothing;
    return FilterRun::kMarkSeen | FilterRun::kDoShow;
  }
  bool is_done(const ObjectId& oid) const {
    return seen_.contains(oid) || walk_.uninteresting_objects().contains(oid) ||
           (walk_.exclude_promisor_objects && is_in_promisor_pack(odb_, oid));
  }

  void flush() {
    std::vector<Waiting> now = std::move(waiting_);
    waiting_.clear();
    for (const Waiting& w : now) {
      const PendingObject& p = w.object;
      path_ = p.path;
      if (p.type == ObjectType::tag) {
        if (is_done(p.oid)) continue;
        unsigned answer = decide(FilterRun::Situation::tag, p.oid, p.name, p.name, w.user_given);
        if (answer & FilterRun::kMarkSeen) seen_.insert(p.oid);
        if (answer & FilterRun::kDoShow) show(p.oid, ObjectType::tag, p.name, 0);
      } else if (p.type == ObjectType::tree) {
        tree(p.oid, p.mode, w.user_given, 0);
      } else {
        blob(p.oid, p.mode, w.user_given);
      }
    }
  }

  void show(const ObjectId& oid, ObjectType type, std::string_view path, std::uint32_t mode) {
    if (callbacks_.object) callbacks_.object(oid, type, path, mode);
  }
  std::string_view base_name() const {
    std::size_t slash = path_.rfind('/');
    return slash == std::string::npos ? std::string_view(path_) : std::string_view(path_).substr(slash + 1);
  }

  void blob(const ObjectId& oid, std::uint32_t mode, bool user_given) {
    if (!walk_.blob_objects || is_done(oid)) return;
    if (walk_.exclude_promisor_objects && !odb_.has(oid, kLookupNoFetch) && odb_.is_promisor_object(oid)) return;
    unsigned answer = decide(FilterRun::Situation::blob, oid, path_, base_name(), user_given);
    if (answer & FilterRun::kMarkSeen) seen_.insert(oid);
    if (answer & FilterRun::kDoShow) show(oid, ObjectType::blob, path_, mode);
  }

  void tree(const ObjectId& oid, std::uint32_t mode, bool user_given, int depth) {
    if (!walk_.tree_objects || is_done(oid)) return;
    if (depth > 2048) die("exceeded maximum allowed tree depth");
    Result<ObjectData> data = odb_.read(oid);
    if (!data || data->type != ObjectType::tree) {
      if (walk_.ignore_missing_links) return;
      if (walk_.exclude_promisor_objects && odb_.is_promisor_object(oid)) return;
      if (!walk_.do_not_die_on_missing_objects) die("bad tree object %s", oid);
    }
    unsigned answer = decide(FilterRun::Situation::begin_tree, oid, path_, base_name(), user_given);
    if (answer & FilterRun::kMarkSeen) seen_.insert(oid);
    if (answer & FilterRun::kDoShow) show(oid, ObjectType::tree, path_, mode);
    if (data && data->type == ObjectType::tree && !(answer & FilterRun::kSkipTree)) contents(oid, data->data, depth);
    answer = decide(FilterRun::Situation::end_tree, oid, path_, base_name(), user_given);
    if (answer & FilterRun::kMarkSeen) seen_.insert(oid);
    if (answer & FilterRun::kDoShow) show(oid, ObjectType::tree, path_, mode);
  }

  void contents(const ObjectId& tree_oid, std::string_view bytes, int depth) {
    TreeReader reader(bytes, odb_.algo());
    TreeEntry entry;
    const std::size_t length = path_.size();
    while (reader.next(entry)) {
      if (is_gitlink_mode(entry.mode)) continue;
      bool is_tree = is_tree_mode(entry.mode);
      if (!walk_.path_wanted && is_done(entry.oid)) continue;
      if (length) path_ += '/';
      path_ += entry.name;
      if (!walk_.path_wanted || walk_.path_wanted(path_, entry.mode)) {
        if (is_tree)
          tree(entry.oid, entry.mode, false, depth + 1);
        else
          blob(entry.oid, entry.mode, false);
      }
      path_.resize(length);
    }
    if (reader.has_error()) die("%s: %s", tree_oid, reader.error());
  }

  RevWalk& walk_;
  ObjectDatabase& odb_;
  const ObjectCallbacks& callbacks_;
  FilterRun* filter_;
  std::vector<Waiting> waiting_;
  OidSet seen_;
  std::string path_;
};

}  // namespace

void traverse_commit_list(RevWalk& walk, const ObjectCallbacks& callbacks, FilterRun* filter) {
  Traversal(walk, callbacks, filter).run();
}

void mark_edges_uninteresting(RevWalk& walk, const std::function<void(Commit*)>& show_edge, bool) {
  CommitPool& pool = walk.pool();
  auto edge = [&](Commit* c) {
    if (walk.flags(c) & kRevShown) return;
    walk.set_flag(c, kRevShown);
    if (show_edge) show_edge(c);
  };
  for (Commit* c : walk.commits()) {
    if (walk.is_uninteresting(c)) {
      if (pool.parse_quietly(c)) walk.mark_tree_uninteresting(pool.tree(c));
      if (walk.edge_hint_aggressive) edge(c);
      continue;
    }
    for (Commit* p : c->parents) {
      if (!walk.is_uninteresting(p) || !pool.parse_quietly(p)) continue;
      walk.mark_tree_uninteresting(pool.tree(p));
      if (walk.edge_hint) edge(p);
    }
  }
  if (!walk.edge_hint_aggressive) return;
  for (Commit* c : walk.uninteresting_tips()) {
    if (!pool.parse_quietly(c)) continue;
    walk.mark_tree_uninteresting(pool.tree(c));
    edge(c);
  }
}

}  // namespace git
