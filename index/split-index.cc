// Putting an index in order after reading and before writing.
#include "index/split-index.h"

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "index/untracked-cache.h"
#include "repository.h"

namespace git {

void read_link_extension(Index&, std::string_view) { die("index uses %s extension, which we do not understand", "link"); }
std::string format_link_extension(Index&) { return {}; }
void prepare_split_for_writing(Index&) {}

std::vector<FormatEntry> entries_to_write(Index& index) {
  std::vector<FormatEntry> list;
  list.reserve(index.size());
  for (const auto& e : index.entries()) list.push_back({e.get(), false});
  return list;
}

void read_fsmonitor_extension(Index&, std::string_view) {}
std::string format_fsmonitor_extension(Index&) { return {}; }

namespace {

// A file outside of the sparse patterns that is there all the same counts as checked out, or changes to it would be lost.
void clear_skip_worktree_of_present(Index& index) {
  Config& config = index.repo().config();
  if (!is_sparse_checkout(index.repo()) || config.get_bool_or("sparse.expectfilesoutsideofpatterns", false)) return;
  std::string missing_dir;
  bool expanded = false;
  for (std::size_t i = 0; i < index.size(); ++i) {
    IndexEntry& e = index[i];
    if (!e.skip_worktree) continue;
    if (!missing_dir.empty() && starts_with(e.path, missing_dir)) continue;
    std::string bare = is_tree_mode(e.mode) ? e.path.substr(0, e.path.size() - 1) : e.path;
    if (!path_exists(bare)) {
      // the highest directory that is not there
      for (std::size_t slash = bare.find('/'); slash != std::string::npos; slash = bare.find('/', slash + 1))
        if (!path_exists(bare.substr(0, slash))) {
          missing_dir = bare.substr(0, slash + 1);
          break;
        }
      continue;
    }
    if (is_tree_mode(e.mode)) {
      if (expanded) continue;
      expanded = true;
      ensure_full_index(index);
      i = static_cast<std::size_t>(-1);
      missing_dir.clear();
      continue;
    }
    e.skip_worktree = false;
  }
}

}  // namespace

void finish_reading(Index& index) {
  index.internals().was_sparse = index.is_sparse;
  if (index.is_sparse) {
    // Whoever wants directories asks for them; everybody else sees files.
    ensure_full_index(index);
    index.is_changed = false;
  }
  if (!index.repo().worktree()) return;
  clear_skip_worktree_of_present(index);
}

}  // namespace git
