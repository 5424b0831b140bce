// Directory renames: where one side moved all of a directory's files, what the other side adds to the old directory
// belongs into the new one.
//
//   side 1: z/{a,b} -> y/{a,b}        side 2: adds z/c        result: y/{a,b,c}
//
// Only for directories that are gone on the renaming side; where its files went to several places the majority decides,
// and where there is none the user is told.  A file moved this way is never moved a second time, so that two sides that
// rename in a circle end.
#include <algorithm>

#include "base/strings.h"
#include "merge/merge-ort-internal.h"

namespace git::merge {
namespace {

using Counts = std::map<std::string, std::map<std::string, int>>;  // old directory -> new directory -> files
using DirMap = std::map<std::string, std::string>;

// Directories the other side put files into; only their renames matter, and those of directories below, which count
// for them.
enum class Relevance { none, for_ancestor, for_self };

struct SideDirs {
  std::set<std::string> gained;
  Counts counts;
  DirMap renamed;
  std::set<std::string> split;  // no majority
};

bool side_has_dir(const Merge& m, const std::string& dir, int side) {
  if (dir.empty()) return true;
  auto it = m.paths.find(dir);
  if (it == m.paths.end()) return false;
  if (it->second.is_resolved) return it->second.dirmask != 0 || (it->second.result.mode & 0170000) == 0040000;
  return (it->second.dirmask >> side & 1) != 0;
}
bool base_has_dir(const Merge& m, const std::string& dir) { return dir.empty() || side_has_dir(m, dir, kBase); }

Relevance relevance_of(const SideDirs& dirs, const std::string& dir) {
  if (dirs.gained.count(dir)) return Relevance::for_self;
  for (std::string above = parent_dir(dir); !above.empty(); above = parent_dir(above))
    if (dirs.gained.count(above)) return Relevance::for_ancestor;
  return Relevance::none;
}

// Counts a rename for its directory and, while the trailing parts agree, for the directories above.
void count_rename(const Merge& m, SideDirs& dirs, const RenamePair& pair, int side) {
  std::string old_dir = parent_dir(pair.from), new_dir = parent_dir(pair.to);
  for (bool is_first = true;; is_first = false) {
    if (old_dir == new_dir) return;
    Relevance relevance = relevance_of(dirs, old_dir);
    if (!old_dir.empty() && base_has_dir(m, old_dir) && !side_has_dir(m, old_dir, side) &&
        (is_first || relevance == Relevance::for_self))
      dirs.counts[old_dir][new_dir]++;
    if (relevance == Relevance::none) return;
    std::string_view old_name = std::string_view(old_dir).substr(old_dir.rfind('/') + 1);
    std::string_view new_name = std::string_view(new_dir).substr(new_dir.rfind('/') + 1);
    if (old_dir.empty() || new_dir.empty() || old_name != new_name) {
      // A directory that moved to the top, or from it, is still one that moved.
      return;
    }
    old_dir = parent_dir(old_dir);
    new_dir = parent_dir(new_dir);
  }
}

void choose_majority(SideDirs& dirs) {
  for (auto& [old_dir, targets] : dirs.counts) {
    if (relevance_of(dirs, old_dir) == Relevance::none) continue;
    int best = 0, second = 0;
    std::string best_dir;
    for (auto& [new_dir, n] : targets) {
      if (n > best) {
        second = best;
        best = n;
        best_dir = new_dir;
      } else {
        second = std::max(second, n);
      }
    }
    if (best == second)
      dirs.split.insert(old_dir);
    else
      dirs.renamed[old_dir] = best_dir;
  }
}

// The renamed directory closest above `path`; end() where there is none.
DirMap::const_iterator find_renamed_above(const DirMap& renamed, const std::string& path) {
  for (std::string dir = parent_dir(path); !dir.empty(); dir = parent_dir(dir)) {
    auto it = renamed.find(dir);
    if (it != renamed.end()) return it;
  }
  return renamed.end();
}

struct Move {
  std::string from, to;        // of the path itself
  RenamePair* pair = nullptr;  // the rename whose target moves; nullptr for an added file
};

std::string moved_path(const std::string& path, const std::string& old_dir, const std::string& new_dir) {
  std::string rest = path.substr(old_dir.size() + 1);
  return new_dir.empty() ? rest : new_dir + "/" + rest;
}

void report_move(Merge& m, const Move& move, int side) {
  bool conflict = m.options.directory_renames == DirectoryRenames::conflict;
  const std::string &ours = m.branch(side), &theirs = m.branch(3 - side);
  std::string text;
  if (!move.pair) {
    text =
        conflict
            ? strf(_("CONFLICT (file location): %s added in %s inside a directory that was renamed in %s, suggesting it should "
                     "perhaps be moved to %s."),
                   move.from, ours, theirs, move.to)
            : strf(_("Path updated: %s added in %s inside a directory that was renamed in %s; moving it to %s."), move.from, ours,
                   theirs, move.to);
  } else {
    text =
        conflict
            ? strf(_("CONFLICT (file location): %s renamed to %s in %s, inside a directory that was renamed in %s, suggesting it "
                     "should perhaps be moved to %s."),
                   move.pair->from, move.from, ours, theirs, move.to)
            : strf(_("Path updated: %s renamed to %s in %s, inside a directory that was renamed in %s; moving it to %s."),
                   move.pair->from, move.from, ours, theirs, move.to);
  }
  m.say({move.to, move.from}, conflict ? "CONFLICT (directory rename suggested)" : "Path updated", text);
}

void apply_move(Merge& m, const Move& move, int side) {
  auto s = static_cast<std::size_t>(side);
  PathInfo& from = m.paths[move.from];
  MergeVersion version = from.stages[s];
  from.stages[s] = {};
  bool is_new = !m.paths.count(move.to);
  PathInfo& to = m.paths[move.to];
  if (is_new) {
    to.names = {move.to, move.to, move.to};
    // A directory that was never looked into may be in the result only as a whole tree; the new path's parents exist
    // as directories of the renaming side.
  }
  to.stages[s] = version;
  to.names[s] = move.to;
  if (m.options.directory_renames == DirectoryRenames::conflict) to.path_conflict = true;
  if (move.pair) {
    move.pair->to_before = move.from;
    move.pair->to = move.to;
  }
  report_move(m, move, side);
}

// Paths of `side` that lie in directories the other side renamed.
void move_paths(Merge& m, int side, const DirMap& renamed, const std::set<std::string>& split, const DirMap& own_renamed) {
  if (renamed.empty() && split.empty()) return;
  auto s = static_cast<std::size_t>(side);
  std::map<std::string, RenamePair*> target_of;
  for (RenamePair& pair : m.renames[s]) target_of[pair.to] = &pair;
  std::map<std::string, std::vector<Move>> by_target;
  std::set<std::string> told;
  for (auto& [path, info] : m.paths) {
    if (info.is_resolved || info.stages[0].is_present() || !info.stages[s].is_present()) continue;
    auto it = find_renamed_above(renamed, path);
    for (std::string dir = parent_dir(path); it == renamed.end() && !dir.empty(); dir = parent_dir(dir)) {
      if (!split.count(dir) || !told.insert(dir).second) continue;
      m.say({path, dir}, "CONFLICT (directory rename unclear split)",
            strf(_("CONFLICT (directory rename split): Unclear where to rename %s to; it was renamed to multiple other "
                   "directories, with no "
                   "destination getting a majority of the files."),
                 dir));
      m.is_clean = false;
    }
    if (it == renamed.end()) continue;
    // Where this side renamed the new directory itself, following would go in a circle.
    if (own_renamed.count(it->second)) {
      m.say({path, it->first, it->second}, "Directory rename skipped - directory was renamed on both sides",
            strf(_("WARNING: Avoiding applying %s -> %s rename to %s, because %s itself was renamed."), it->first, it->second,
                 path, it->second));
      continue;
    }
    auto pair = target_of.find(path);
    std::string to = moved_path(path, it->first, it->second);
    by_target[to].push_back({path, to, pair == target_of.end() ? nullptr : pair->second});
  }
  for (auto& [to, moves] : by_target) {
    auto existing = m.paths.find(to);
    bool taken =
        existing != m.paths.end() && (existing->second.stages[s].is_present() || (existing->second.dirmask >> side & 1) ||
                                      (existing->second.is_resolved && existing->second.result.is_present()));
    std::string sources;
    for (const Move& move : moves) sources += (sources.empty() ? "" : ", ") + move.from;
    if (taken) {
      m.is_clean = false;
      m.say(
          {to}, "CONFLICT (implicit dir rename)",
          strf(_("CONFLICT (implicit dir rename): Existing file/dir at %s in the way of implicit directory rename(s) putting the "
                 "following path(s) there: %s."),
               to, sources));
    } else if (moves.size() > 1) {
      m.is_clean = false;
      m.say({to}, "CONFLICT (implicit dir rename)",
            strf(_("CONFLICT (implicit dir rename): Cannot map more than one path to %s; implicit directory renames tried to put "
                   "these "
                   "paths there: %s"),
                 to, sources));
    } else {
      apply_move(m, moves[0], side);
    }
  }
}

}  // namespace

void apply_directory_renames(Merge& m) {
  if (m.options.directory_renames == DirectoryRenames::none || m.depth) return;
  std::array<SideDirs, 3> dirs;
  for (const auto& [path, info] : m.paths) {
    if (info.stages[0].is_present() || path.find('/') == std::string::npos) continue;
    if (info.stages[kSide1].is_present()) dirs[kSide2].gained.insert(parent_dir(path));
    if (info.stages[kSide2].is_present()) dirs[kSide1].gained.insert(parent_dir(path));
  }
  for (int side : {kSide1, kSide2}) {
    auto s = static_cast<std::size_t>(side);
    for (const RenamePair& pair : m.renames[s]) count_rename(m, dirs[s], pair, side);
    choose_majority(dirs[s]);
  }
  // A directory that both renamed is nobody's to follow.
  DirMap first = dirs[1].renamed, second = dirs[2].renamed;
  for (const auto& [dir, target] : first) dirs[2].renamed.erase(dir);
  for (const auto& [dir, target] : second) dirs[1].renamed.erase(dir);
  move_paths(m, kSide1, dirs[2].renamed, dirs[2].split, first);
  move_paths(m, kSide2, dirs[1].renamed, dirs[1].split, second);
}

}  // namespace git::merge
