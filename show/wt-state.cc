// Each operation leaves files in the git directory by which it is recognised.
#include <sys/stat.h>

#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "show/head-description.h"
#include "show/wt-status.h"

namespace git {
namespace {

// A branch name kept in a state file, made short; "" where there is none.
std::string branch_in_file(Repository& repo, const char* name) {
  auto text = read_file_if_exists(repo.git_path(name));
  if (!text) return {};
  std::string_view line = *text;
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (line.empty()) return {};
  if (skip_prefix(line, "refs/heads/")) return std::string(line);
  if (starts_with(line, "refs/")) return std::string(line);
  if (auto oid = ObjectId::from_hex(line, repo.algo())) return unique_abbrev(repo, *oid, -1);
  if (line == "detached HEAD") return {};
  return std::string(line);
}

bool exists(Repository& repo, const char* name) { return path_exists(repo.git_path(name)); }

bool check_rebase(Repository& repo, WtState& state) {
  if (exists(repo, "rebase-apply")) {
    if (exists(repo, "rebase-apply/applying")) {
      state.am = true;
      auto st = stat_path(repo.git_path("rebase-apply/patch"));
      state.am_empty_patch = st && st->st_size == 0;
    } else {
      state.rebase = true;
      state.branch = branch_in_file(repo, "rebase-apply/head-name");
      state.onto = branch_in_file(repo, "rebase-apply/onto");
    }
    return true;
  }
  if (!exists(repo, "rebase-merge")) return false;
  (exists(repo, "rebase-merge/interactive") ? state.rebase_interactive : state.rebase) = true;
  state.branch = branch_in_file(repo, "rebase-merge/head-name");
  state.onto = branch_in_file(repo, "rebase-merge/onto");
  return true;
}

void check_sparse(Repository& repo, Index& index, WtState& state) {
  if (!repo.config().get_bool_or("core.sparsecheckout", false) || index.size() == 0) return;
  if (index.is_sparse) {
    state.sparse_percentage = -1;
    return;
  }
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < index.size(); i++) skipped += index[i].skip_worktree;
  state.sparse_percentage = static_cast<int>(100 - 100 * skipped / index.size());
}

}  // namespace

WtState read_wt_state(Repository& repo, Index* index, bool want_detached_from) {
  WtState state;
  if (exists(repo, "MERGE_HEAD")) {
    check_rebase(repo, state);
    state.merge = true;
  } else if (check_rebase(repo, state)) {
  } else if (auto oid = repo.refs().read_oid("CHERRY_PICK_HEAD")) {
    state.cherry_pick = true;
    state.cherry_pick_head = *oid;
  }
  if (exists(repo, "BISECT_LOG")) {
    state.bisect = true;
    state.bisecting_from = branch_in_file(repo, "BISECT_START");
  }
  if (auto oid = repo.refs().read_oid("REVERT_HEAD")) {
    state.revert = true;
    state.revert_head = *oid;
  }
  if (auto todo = read_file_if_exists(repo.git_path("sequencer/todo"))) {
    std::string_view text = ltrim(*todo);
    if ((starts_with(text, "pick ") || starts_with(text, "p ")) && !state.cherry_pick) state.cherry_pick = true;
    if (starts_with(text, "revert ") && !state.revert) state.revert = true;
  }
  if (want_detached_from) {
    DetachedFrom from = find_detached_from(repo);
    state.detached_from = from.name;
    state.detached_oid = from.oid;
    state.detached_at = from.is_at;
  }
  if (index) check_sparse(repo, *index, state);
  return state;
}

}  // namespace git
