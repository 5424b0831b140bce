// What each side renamed, and what that means for the versions: a file that one side moved and the other changed
// takes the change along to its new name.
#include <algorithm>

#include "diff/rename-detect.h"
#include "merge/merge-ort-internal.h"
#include "object/object.h"
#include "repository.h"

namespace git::merge {
namespace {

void find_renames(Merge& m, int side) {
  RenameDetection detection;
  detection.limit = m.options.rename_limit < 0 ? 7000 : m.options.rename_limit;
  detection.min_score = m.options.rename_score;
  auto s = static_cast<std::size_t>(side);
  for (const auto& [path, info] : m.paths) {
    if (info.is_resolved) continue;
    const MergeVersion &base = info.stages[0], &ours = info.stages[s];
    if (base.is_present() && !ours.is_present()) detection.sources.push_back({path, base.mode, base.oid});
    if (!base.is_present() && ours.is_present()) detection.targets.push_back({path, ours.mode, ours.oid});
  }
  if (detection.sources.empty() || detection.targets.empty()) return;
  for (DetectedRename& found : detect_renames(m.repo, detection)) m.renames[s].push_back({found.from, found.to, found.score, {}});
}

struct BothSides {
  const RenamePair* side1 = nullptr;
  const RenamePair* side2 = nullptr;
};

// The version at the old name goes; what is left of the path is nothing.
void retire(PathInfo& info) {
  info.is_resolved = true;
  info.result = {};
}

void both_renamed_alike(PathInfo& from, PathInfo& to, const std::string& old_name) {
  to.stages[0] = from.stages[0];
  to.names[0] = old_name;
  retire(from);
}

bool both_renamed_apart(Merge& m, const RenamePair& a, const RenamePair& b) {
  PathInfo &from = m.paths[a.from], &to1 = m.paths[a.to], &to2 = m.paths[b.to];
  MergeVersion merged;
  bool clean = true;
  if (!merge_contents(m, a.from, {from.stages[0], to1.stages[1], to2.stages[2]}, {a.from, a.to, b.to}, 1, merged, clean))
    return false;
  to1.stages[1] = merged;
  to2.stages[2] = merged;
  m.say({a.from, a.to, b.to}, "CONFLICT (rename/rename)",
        strf(_("CONFLICT (rename/rename): %s renamed to %s in %s and to %s in %s."), a.from, a.to, m.options.branch1, b.to,
             m.options.branch2));
  to1.path_conflict = to2.path_conflict = from.path_conflict = true;
  return true;
}

bool one_renamed(Merge& m, const RenamePair& pair, int side) {
  PathInfo &from = m.paths[pair.from], &to = m.paths[pair.to];
  auto target = static_cast<std::size_t>(side), other = static_cast<std::size_t>(3 - side);
  bool source_deleted = !from.stages[other].is_present();
  bool collision = to.stages[other].is_present();
  bool type_changed = !source_deleted && is_regular_mode(from.stages[other].mode) != is_regular_mode(to.stages[target].mode);
  if (collision && !source_deleted && !type_changed) {
    std::array<MergeVersion, 3> versions;
    std::array<std::string, 3> names;
    versions[0] = from.stages[0], names[0] = pair.from;
    versions[target] = to.stages[target], names[target] = pair.to;
    versions[other] = from.stages[other], names[other] = pair.from;
    MergeVersion merged;
    bool clean = true;
    if (!merge_contents(m, pair.from, versions, names, 1, merged, clean)) return false;
    to.stages[target] = merged;
    if (!clean)
      m.say({pair.to, pair.from}, "CONFLICT (rename involved in collision)",
            strf(_("CONFLICT (rename involved in collision): rename of %s -> %s has content conflicts AND collides with another "
                   "path; this may result in nested conflict markers."),
                 pair.from, pair.to));
  } else if (source_deleted) {
    to.path_conflict = true;
    m.say({pair.to, pair.from}, "CONFLICT (rename/delete)",
          strf(_("CONFLICT (rename/delete): %s renamed to %s in %s, but deleted in %s."), pair.from, pair.to, m.branch(side),
               m.branch(3 - side)));
    if (!collision) {
      to.stages[0] = from.stages[0];
      to.names[0] = pair.from;
    }
  } else if (type_changed) {
    // A file and a link share nothing: one stays under the old name, the other comes under the new one.
    from.stages[0] = {};
    if (from.filemask() == 0) retire(from);
    return true;
  } else {
    to.stages[0] = from.stages[0];
    to.names[0] = pair.from;
    to.stages[other] = from.stages[other];
    to.names[other] = pair.from;
  }
  retire(from);
  return true;
}

}  // namespace

bool detect_and_process_renames(Merge& m) {
  if (!m.options.detect_renames) return true;
  find_renames(m, kSide1);
  find_renames(m, kSide2);
  apply_directory_renames(m);
  std::map<std::string, BothSides> by_source;
  for (const RenamePair& pair : m.renames[1]) by_source[pair.from].side1 = &pair;
  for (const RenamePair& pair : m.renames[2]) by_source[pair.from].side2 = &pair;
  for (const auto& [source, pairs] : by_source) {
    if (source.empty()) continue;
    PathInfo& from = m.paths[source];
    if (pairs.side1 && pairs.side2) {
      if (pairs.side1->to == pairs.side2->to)
        both_renamed_alike(from, m.paths[pairs.side1->to], source);
      else if (!both_renamed_apart(m, *pairs.side1, *pairs.side2))
        return false;
    } else if (pairs.side1 ? !one_renamed(m, *pairs.side1, kSide1) : !one_renamed(m, *pairs.side2, kSide2)) {
      return false;
    }
  }
  return true;
}

}  // namespace git::merge
