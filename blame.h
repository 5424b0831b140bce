// Who last changed each line of a file (git-blame(1)): lines are passed from a commit to its parents as long as they have
// them, and stay with the first commit that no parent relieves of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;
class RevWalk;
struct Commit;

// A version of the file. A null `commit` is what is not committed yet.
struct BlameOrigin {
  Commit* commit = nullptr;
  std::string path;
  ObjectId blob;
  std::uint32_t mode = 0;
  std::string text;
  bool is_loaded = false;
  const BlameOrigin* previous = nullptr;  // the version the last line was taken over from
};

// `count` lines from `line` of the final file are lines from `origin_line` of the origin. From 0.
struct BlameEntry {
  long line = 0, count = 0, origin_line = 0;
  const BlameOrigin* origin = nullptr;
  bool is_ignored = false;     // passed on by a guess, behind an ignored commit
  bool is_unblamable = false;  // of an ignored commit, and nothing in its parents is like it
};

struct BlameSettings {
  std::string path;
  std::string text;                // the final version
  Commit* final_commit = nullptr;  // nullptr: the worktree's
  std::vector<Commit*> worktree_parents;
  std::vector<std::pair<long, long>> ranges;  // [first, end); empty: everything
  unsigned xdl_opts = 0;
  bool finds_moves = false;  // -M: lines that moved within the file
  int finds_copies = 0;      // -C: from other files of the parent; 2 looks at all of them for a new file, 3 for every one
  unsigned move_score = 20, copy_score = 40;  // letters and digits that make a piece worth it
  bool show_root = false, first_parent = false, follow_renames = true;
  // Commits that are not looked behind.
  std::function<bool(Commit*)> is_boundary;
  std::function<bool(const ObjectId&)> is_ignored;  // --ignore-rev
  std::function<void(const BlameEntry&)> found;     // as each is known (--incremental)
};

struct Blame {
  std::vector<std::unique_ptr<BlameOrigin>> origins;
  std::vector<BlameEntry> entries;  // in order of lines
  std::function<bool(const BlameOrigin&)> is_boundary;
};
Blame assign_blame(Repository& repo, const BlameSettings& settings);

}  // namespace git
