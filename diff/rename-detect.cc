// A merge's rename detection is a diff's: the lists become a queue of deletions and creations.
#include "diff/rename-detect.h"

#include "diff/diffcore.h"
#include "diff/options.h"
#include "repository.h"

namespace git {

std::vector<DetectedRename> detect_renames(Repository& repo, const RenameDetection& detection) {
  DiffOptions options;
  options.repo = &repo;
  options.detect_rename = DetectRename::rename;
  options.rename_limit = detection.limit;
  options.rename_score = detection.min_score;
  options.rename_empty = false;
  auto spec = [](const RenameCandidate& c, bool there) {
    auto s = std::make_shared<DiffFilespec>(c.path);
    if (there) s->fill(c.oid, true, c.mode);
    return s;
  };
  // By path, as a comparison of the two trees would find them.
  std::size_t i = 0, j = 0;
  while (i < detection.sources.size() || j < detection.targets.size()) {
    bool source =
        j == detection.targets.size() || (i < detection.sources.size() && detection.sources[i].path < detection.targets[j].path);
    const RenameCandidate& c = source ? detection.sources[i++] : detection.targets[j++];
    queue_pair(options.queue, spec(c, source), spec(c, !source));
  }
  diffcore_rename(options);
  std::vector<DetectedRename> found;
  for (const PairPtr& pair : options.queue)
    if (pair->is_both_valid() && pair->one->path != pair->two->path)
      found.push_back({pair->one->path, pair->two->path, pair->score});
  return found;
}

}  // namespace git
