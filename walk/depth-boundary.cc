// A commit's depth is the shortest way from a tip, so a breadth-first walk settles each commit once.
#include "walk/depth-boundary.h"

#include <deque>

#include "base/strings.h"
#include "repository.h"
#include "walk/revisions.h"

namespace git {

DepthBoundary boundary_by_depth(CommitPool& pool, const std::vector<Commit*>& tips, int depth) {
  DepthBoundary boundary;
  CommitMarks<char> queued;
  std::deque<std::pair<Commit*, int>> queue;
  auto enqueue = [&](Commit* commit, int at) {
    if (!commit || queued[commit]) return;
    queued[commit] = 1;
    queue.emplace_back(commit, at);
  };
  for (Commit* tip : tips) enqueue(tip, 1);
  while (!queue.empty()) {
    auto [commit, at] = queue.front();
    queue.pop_front();
    pool.parse(commit).or_die();
    if ((depth != kDepthInfinite && at >= depth) || pool.is_shallow(commit->oid)) {
      boundary.shallow.push_back(commit);
      continue;
    }
    boundary.is_inside[commit] = 1;
    for (Commit* parent : commit->parents) enqueue(parent, at + 1);
  }
  return boundary;
}

DepthBoundary boundary_by_walk(Repository& repo, const std::vector<ObjectId>& tips, const std::string& since,
                               const std::vector<ObjectId>& excluded) {
  RevWalk walk(repo);
  if (!since.empty()) walk.max_age = parse_int(since).value_or(-1);
  for (const ObjectId& oid : tips) walk.add_pending(oid, oid.hex());
  for (const ObjectId& oid : excluded) walk.add_pending(oid, oid.hex(), kRevUninteresting);
  walk.limited = true;
  walk.prepare();
  std::vector<Commit*> selected;
  DepthBoundary boundary;
  while (Commit* commit = walk.next()) {
    selected.push_back(commit);
    boundary.is_inside[commit] = 1;
  }
  if (selected.empty()) die("no commits selected for shallow requests");
  std::vector<Commit*> border;
  for (Commit* commit : selected)
    for (Commit* parent : commit->parents)
      if (!boundary.is_inside.get(parent)) {
        border.push_back(commit);
        break;
      }
  for (Commit* commit : border) boundary.is_inside[commit] = 0;
  boundary.shallow = std::move(border);
  return boundary;
}

}  // namespace git
