// A server with 100,000 refs names 100,000 commits, and pack-objects would look at each of them to find out that a push
// of one commit ends at its parent.  Here the walk starts at the other end: from what is pushed down to the first commits
// that the server has.  A commit outside of the commit-graph can only be reached from others outside of it, of which
// there are few; one inside is most often pointed at itself, or reached from what the server calls HEAD (which comes
// first) or from what the push updates.
#include "push-boundary.h"

#include <unordered_set>

#include "odb.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/visible-history.h"

namespace git {

namespace {

constexpr std::size_t kWorthReducing = 256;  // names
constexpr std::size_t kTooManyNew = 20000;   // commits

class Boundary {
 public:
  Boundary(CommitPool& pool, const std::vector<ObjectId>& there)
      : pool_(pool), there_(there.begin(), there.end()), outside_(pool, VisibleHistory::Sources()), all_(pool, sources()) {
    for (const ObjectId& oid : there_) {
      if (pool_.is_in_graph(pool_.get(oid)) || !pool_.odb().has(oid, kLookupNoFetch | kLookupQuick)) continue;
      outside_.add_tip(oid);
      all_.add_tip(oid);
    }
  }

  // False where there is too much to walk.
  bool find(const std::vector<ObjectId>& tips, std::vector<ObjectId>& boundary) {
    std::vector<Commit*> todo;
    for (const ObjectId& oid : tips) {
      if (pool_.odb().type_of(oid, kLookupNoFetch) != ObjectType::commit) return false;
      todo.push_back(pool_.get(oid));
    }
    CommitMarks<char> seen;
    std::size_t count = 0;
    while (!todo.empty()) {
      Commit* commit = todo.back();
      todo.pop_back();
      if (seen[commit]) continue;
      seen[commit] = 1;
      if (!pool_.parse_quietly(commit)) return false;
      if (is_there(commit)) {
        boundary.push_back(commit->oid);
        continue;
      }
      if (++count > kTooManyNew) return false;
      todo.insert(todo.end(), commit->parents.begin(), commit->parents.end());
    }
    return true;
  }

 private:
  bool is_there(Commit* commit) {
    return commit->generation == kGenerationInfinity ? outside_.reaches(commit) : all_.reaches(commit);
  }

  VisibleHistory::Sources sources() {
    VisibleHistory::Sources sources;
    sources.is_tip = [this](const ObjectId& oid) { return there_.count(oid) != 0; };
    sources.all = [this](const auto& add) {
      for (const ObjectId& oid : there_)
        if (pool_.is_in_graph(pool_.get(oid))) add(oid);
    };
    return sources;
  }

  CommitPool& pool_;
  std::unordered_set<ObjectId, ObjectIdHash> there_;
  VisibleHistory outside_, all_;
};

}  // namespace

std::vector<ObjectId> push_boundary(Repository& repo, const std::vector<ObjectId>& tips, std::vector<ObjectId> there) {
  if (there.size() < kWorthReducing || repo.is_shallow() || !repo.commits().graph()) return there;
  std::vector<ObjectId> boundary;
  return Boundary(repo.commits(), there).find(tips, boundary) ? boundary : there;
}

}  // namespace git
