// Collecting: the index against HEAD, the worktree against the index, and what neither knows.
#include "show/wt-status.h"

#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"
#include "diff/diff-lib.h"
#include "diff/pipeline.h"
#include "index.h"
#include "index/dir.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/tracking.h"

namespace git {
namespace {

struct Slot {
  const char* names[2];
  const char* fallback;
};
// By StatusColor.
constexpr Slot kSlots[] = {
    {{"header", nullptr}, ""},
    {{"updated", "added"}, "\033[32m"},
    {{"changed", nullptr}, "\033[31m"},
    {{"untracked", nullptr}, "\033[31m"},
    {{"nobranch", nullptr}, "\033[31m"},
    {{"unmerged", nullptr}, "\033[31m"},
    {{"localbranch", nullptr}, "\033[32m"},
    {{"remotebranch", nullptr}, "\033[31m"},
    {{"branch", nullptr}, ""},
};

DetectRename rename_setting(const Config& config, const char* key) {
  const std::string word = config.get_string_or(key, "true");
  if (iequals(word, "copies") || iequals(word, "copy")) return DetectRename::copy;
  return config.get_bool_or(key, true) ? DetectRename::rename : DetectRename::none;
}

}  // namespace

WtStatus::WtStatus(Repository& repo, Index& index) : repo_(repo), index_(index) {
  write = [](std::string_view bytes) { out(bytes); };
  auto head = repo.refs().resolve("HEAD");
  branch = head && head->is_symref ? head->name : "HEAD";
  if (head && head->exists) commit_oid = head->oid;
  is_initial = !head || !head->exists || head->oid.is_null();
  for (const Slot& slot : kSlots) colors_.push_back(slot.fallback);
}

void WtStatus::read_config() {
  Config& config = repo_.config();
  use_color = config_color_when(config, "color.status");
  if (!config.find("color.status") && config.find("status.color")) use_color = config_color_when(config, "status.color");
  for (std::size_t i = 0; i < colors_.size(); i++)
    for (const char* name : kSlots[i].names)
      if (name) {
        colors_[i] = config_color(config, std::string("status.color.") + name, colors_[i]);
        colors_[i] = config_color(config, std::string("color.status.") + name, colors_[i]);
      }
  display_comment_prefix = config.get_bool_or("status.displaycommentprefix", false);
  relative_paths = config.get_bool_or("status.relativepaths", true);
  show_stash = config.get_bool_or("status.showstash", false);
  ahead_behind = config.get_bool("status.aheadbehind");
  bool is_bool = false;
  if (auto n = config.get_bool_or_int("status.submodulesummary", &is_bool)) submodule_summary = is_bool && *n ? -1 : *n;
  if (const ConfigEntry* entry = config.find("status.showuntrackedfiles")) {
    const std::string word = entry->value.value_or("true");
    auto flag = parse_maybe_bool(word);
    if (word == "no" || (flag && !*flag))
      show_untracked = UntrackedMode::no;
    else if (word == "normal" || (flag && *flag))
      show_untracked = UntrackedMode::normal;
    else if (word == "all")
      show_untracked = UntrackedMode::all;
    else
      die("Invalid untracked files mode '%s'", word);
  }
  detect_rename =
      config.find("status.renames") ? rename_setting(config, "status.renames") : rename_setting(config, "diff.renames");
  rename_limit = config.get_int_or("status.renamelimit", config.get_int_or("diff.renamelimit", 1000));
  hints = config.get_bool_or("advice.statushints", true) && env_bool("GIT_ADVICE", true);
}

std::string WtStatus::color(StatusColor slot) const {
  if (!want_color(use_color, write_fd)) return {};
  if (slot == StatusColor::on_branch && colors_[static_cast<std::size_t>(slot)].empty())
    return colors_[static_cast<std::size_t>(StatusColor::header)];
  return colors_[static_cast<std::size_t>(slot)];
}

bool WtStatus::has_unmerged() const {
  return std::any_of(changes.begin(), changes.end(), [](auto& c) { return c.second.stage_mask != 0; });
}

DiffOptions WtStatus::make_diff() const {
  DiffOptions options;
  options.repo = &repo_;
  options.config = &repo_.config();
  options.index = &index_;
  options.recursive = true;
  options.output_format = kDiffCallback;
  options.detect_rename = detect_rename;
  options.rename_limit = rename_limit;
  if (rename_score >= 0) options.rename_score = rename_score;
  options.pathspec = pathspec;
  options.write = [](std::string_view) {};
  return options;
}

void WtStatus::collect_worktree() {
  DiffOptions options = make_diff();
  options.dirty_submodules = true;
  options.ita_invisible_in_index = true;
  // Unlike a diff, a status tells of them.
  options.ignore_untracked_in_submodules = show_untracked == UntrackedMode::no;
  if (!ignore_submodule_arg.empty()) {
    options.override_submodule_config = true;
    set_ignore_submodules(options, ignore_submodule_arg);
  } else if (auto word = repo_.config().get_string("diff.ignoresubmodules")) {
    set_ignore_submodules(options, *word);
  }
  if (show_untracked == UntrackedMode::no) options.ignore_untracked_in_submodules = true;
  diff_files(options, index_, {});
  diffcore_std(options);
  for (const PairPtr& pair : options.queue) {
    const DiffFilespec &one = *pair->one, &two = *pair->two;
    workdir_dirty = true;
    StatusChange& change = changes[two.path];
    if (!change.worktree_status) change.worktree_status = pair->status;
    if (is_gitlink_mode(two.mode)) {
      change.dirty_submodule = two.dirty_submodule;
      change.new_submodule_commits = one.oid != two.oid;
      if (format == StatusFormat::short_) {
        if (change.new_submodule_commits)
          change.worktree_status = 'M';
        else if (change.dirty_submodule & kSubmoduleModified)
          change.worktree_status = 'm';
        else if (change.dirty_submodule & kSubmoduleUntracked)
          change.worktree_status = '?';
      }
    }
    switch (pair->status) {
      case 'A':
        change.mode_worktree = two.mode;
        break;
      case 'D':
        change.mode_index = one.mode;
        change.oid_index = one.oid;
        break;
      default:
        if (pair->status == 'C' || pair->status == 'R') {
          change.rename_source = one.path;
          change.rename_score = pair->score * 100 / kMaxScore;
          change.rename_status = pair->status;
        }
        change.mode_index = one.mode;
        change.mode_worktree = two.mode;
        change.oid_index = one.oid;
    }
  }
}

void WtStatus::collect_index() {
  DiffOptions options = make_diff();
  options.ita_invisible_in_index = true;
  options.override_submodule_config = true;
  // A staged submodule change is shown even where its worktree is ignored.
  set_ignore_submodules(options, ignore_submodule_arg.empty() ? "dirty" : ignore_submodule_arg);
  ObjectId tree = empty_tree_id(repo_.algo());
  if (!is_initial) {
    auto oid = get_oid(repo_, reference, NameHint::treeish);
    if (!oid) die("bad revision '%s'", reference);
    tree = peel_to_tree_or_die(repo_, *oid, reference);
  }
  DiffIndexSettings settings;
  settings.cached = true;
  diff_index(options, index_, tree, settings);
  diffcore_std(options);
  for (const PairPtr& pair : options.queue) {
    const DiffFilespec &one = *pair->one, &two = *pair->two;
    StatusChange& change = changes[two.path];
    if (!change.index_status) change.index_status = pair->status;
    switch (pair->status) {
      case 'A':
        change.mode_index = two.mode;
        change.oid_index = two.oid;
        committable = true;
        break;
      case 'D':
        change.mode_head = one.mode;
        change.oid_head = one.oid;
        committable = true;
        break;
      case 'U':
        for (int stage = 1; stage <= 3; stage++)
          if (index_.find(two.path, stage)) change.stage_mask |= 1u << (stage - 1);
        break;
      default:
        if (pair->status == 'C' || pair->status == 'R') {
          change.rename_source = one.path;
          change.rename_score = pair->score * 100 / kMaxScore;
          change.rename_status = pair->status;
        }
        change.mode_head = one.mode;
        change.mode_index = two.mode;
        change.oid_head = one.oid;
        change.oid_index = two.oid;
        committable = true;
    }
  }
}

void WtStatus::collect_initial() {
  for (std::size_t i = 0; i < index_.size(); i++) {
    const IndexEntry& entry = index_[i];
    if (!pathspec.empty() && !index_entry_path_match(index_, pathspec, entry.path, entry.mode)) continue;
    if (entry.intent_to_add) continue;
    StatusChange& change = changes[entry.path];
    if (entry.stage) {
      change.index_status = 'U';
      change.stage_mask |= 1u << (entry.stage - 1);
      continue;
    }
    change.index_status = 'A';
    change.mode_index = entry.mode;
    change.oid_index = entry.oid;
    committable = true;
  }
}

void WtStatus::collect_untracked() {
  if (show_untracked == UntrackedMode::no) return;
  DirScan dir(index_);
  if (show_untracked != UntrackedMode::all) dir.flags |= kShowOtherDirectories | kHideEmptyDirectories;
  if (show_ignored != IgnoredMode::no) {
    dir.flags |= kShowIgnoredToo;
    if (show_ignored == IgnoredMode::matching) dir.flags |= kShowIgnoredTooModeMatching;
  } else {
  }
  dir.setup_standard_excludes();
  dir.fill(&pathspec);
  for (const DirEntry& entry : dir.entries) {
    std::string_view name = entry.path;
    strip_suffix(name, "/");
    if (index_.find_position(name) >= 0) continue;
    if (!pathspec.empty() && !match_pathspec(index_, pathspec, entry.path)) continue;
    untracked.push_back(entry.path);
  }
  for (const DirEntry& entry : dir.ignored) {
    std::string_view name = entry.path;
    strip_suffix(name, "/");
    if (index_.find_position(name) >= 0) continue;
    if (!pathspec.empty() && !match_pathspec(index_, pathspec, entry.path)) continue;
    ignored.push_back(entry.path);
  }
  auto less = [](const std::string& a, const std::string& b) { return compare_bytes(a, b) < 0; };
  std::sort(untracked.begin(), untracked.end(), less);
  std::sort(ignored.begin(), ignored.end(), less);
}

void WtStatus::collect() {
  collect_worktree();
  if (is_initial)
    collect_initial();
  else
    collect_index();
  collect_untracked();
  state = read_wt_state(repo_, &index_, branch == "HEAD");
  if (state.merge && !has_unmerged()) committable = true;
}

std::string WtStatus::cut_line(std::string_view comment) {
  std::string text(comment);
  text += " ------------------------ >8 ------------------------\n";
  for (const char* line : {"Do not modify or remove the line above.", "Everything below it will be ignored."}) {
    text += comment;
    text += ' ';
    text += line;
    text += '\n';
  }
  return text;
}

std::size_t locate_cut_line(std::string_view message, std::string_view comment) {
  const std::string pattern = "\n" + std::string(comment) + " ------------------------ >8 ------------------------\n";
  if (starts_with(message, std::string_view(pattern).substr(1))) return 0;
  const std::size_t at = message.find(pattern);
  return at == std::string_view::npos ? message.size() : at + 1;
}

TrackingStatus tracking_status(Repository& repo, std::string_view branch, bool count) {
  TrackingStatus result;
  auto upstream = branch_upstream(repo, std::string(branch));
  if (!upstream) return result;
  result.base = *upstream;
  auto theirs = repo.refs().read_oid(*upstream), ours = repo.refs().read_oid("refs/heads/" + std::string(branch));
  if (!theirs || !ours) {
    result.is_gone = true;
    return result;
  }
  if (*theirs == *ours) return result;
  result.differs = true;
  if (!count) return result;
  CommitPool& pool = repo.commits();
  Commit *our_commit = pool.peel_to_commit(*ours), *their_commit = pool.peel_to_commit(*theirs);
  if (!our_commit || !their_commit) {
    result.is_gone = true;
    return result;
  }
  AheadBehind counts;
  counts.tip = our_commit;
  counts.base = their_commit;
  ahead_behind(pool, {&counts, 1});
  result.ahead = static_cast<int>(counts.ahead);
  result.behind = static_cast<int>(counts.behind);
  return result;
}

}  // namespace git
