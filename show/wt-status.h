// The state of the worktree (git-status(1)): what is staged, changed, unmerged, untracked or ignored, and what
// operation is under way; collected once, and told in one of four formats.
//
//   WtStatus status(repo, index);
//   status.show_untracked = UntrackedMode::normal;
//   status.collect();
//   status.print();
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/options.h"
#include "hash/object-id.h"
#include "index/pathspec.h"
#include "show/column.h"

namespace git {

class Config;
class Index;
class Repository;

enum class StatusFormat : std::uint8_t { unspecified, none, long_, short_, porcelain, porcelain_v2 };
enum class UntrackedMode : std::uint8_t { no, normal, all };
enum class IgnoredMode : std::uint8_t { no, traditional, matching };
enum class CommitWhence : std::uint8_t { commit, merge, cherry_pick_single, cherry_pick_multi, rebase_pick };
enum class StatusColor : std::uint8_t {
  header,
  updated,
  changed,
  untracked,
  no_branch,
  unmerged,
  local_branch,
  remote_branch,
  on_branch,
  count_
};

// The operation under way, by the files it leaves in the git directory.
struct WtState {
  bool merge = false, am = false, am_empty_patch = false, rebase = false, rebase_interactive = false;
  bool cherry_pick = false, revert = false, bisect = false;
  std::string branch, onto, bisecting_from;
  std::string detached_from;
  ObjectId detached_oid, cherry_pick_head, revert_head;
  bool detached_at = false;
  // Share of tracked files present in a sparse checkout; nullopt: not sparse; -1: a sparse index.
  std::optional<int> sparse_percentage;
};
WtState read_wt_state(Repository& repo, Index* index, bool want_detached_from);

struct StatusChange {
  char worktree_status = 0, index_status = 0;
  unsigned stage_mask = 0;
  std::uint32_t mode_head = 0, mode_index = 0, mode_worktree = 0;
  ObjectId oid_head, oid_index;
  char rename_status = 0;
  int rename_score = 0;
  std::string rename_source;
  unsigned dirty_submodule = 0;
  bool new_submodule_commits = false;
};

class WtStatus {
 public:
  WtStatus(Repository& repo, Index& index);
  // color.status.*, status.*, diff.renames.
  void read_config();

  // ---- what to look at ----
  std::string prefix;  // paths are shown relative to it
  bool relative_paths = true;
  Pathspec pathspec;
  std::string reference = "HEAD";
  std::string ignore_submodule_arg;
  UntrackedMode show_untracked = UntrackedMode::normal;
  IgnoredMode show_ignored = IgnoredMode::no;
  DetectRename detect_rename = DetectRename::rename;
  int rename_score = -1, rename_limit = -1;
  // ---- how to tell ----
  StatusFormat format = StatusFormat::long_;
  int use_color = -1;
  bool amend = false, nowarn = false, hints = true, null_termination = false, display_comment_prefix = false;
  bool has_cut_line = false;  // the text written so far has one
  bool commit_template = false, show_branch = false, show_stash = false, is_initial = false;
  int verbose = 0;
  int submodule_summary = 0;  // -1 unlimited
  std::optional<bool> ahead_behind;
  CommitWhence whence = CommitWhence::commit;
  ColumnStyle columns;
  std::string branch;  // full name, "HEAD" where detached
  ObjectId commit_oid;
  std::string comment_prefix = "#";
  std::string index_file;
  std::function<void(std::string_view)> write;
  int write_fd = 1;  // for colours and columns

  // ---- what was found ----
  std::map<std::string, StatusChange> changes;
  std::vector<std::string> untracked, ignored;
  bool committable = false, workdir_dirty = false;
  WtState state;

  void collect();
  void print();
  // The cut line and a note, for commit --verbose and --cleanup=scissors.
  static std::string cut_line(std::string_view comment);
  bool has_unmerged() const;

  Repository& repo() const { return repo_; }
  Index& index() const { return index_; }
  std::string color(StatusColor slot) const;

 private:
  void collect_worktree();
  void collect_index();
  void collect_initial();
  void collect_untracked();
  DiffOptions make_diff() const;

  Repository& repo_;
  Index& index_;
  std::vector<std::string> colors_;
};

// How a branch stands to its upstream. `base` is the upstream's full ref name, "" where there is none.
struct TrackingStatus {
  std::string base;
  bool is_gone = false, differs = false;
  int ahead = 0, behind = 0;
};
TrackingStatus tracking_status(Repository& repo, std::string_view branch, bool count);
// Where the text after the cut line begins; the whole length where there is none.
std::size_t locate_cut_line(std::string_view message, std::string_view comment);

}  // namespace git
