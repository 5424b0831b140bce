// The formats for scripts, and the short one that looks like them.
#include "base/quote.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"
#include "diff/diff-lib.h"
#include "index.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "show/wt-status-internal.h"
#include "show/wt-status.h"

#include <sys/stat.h>

namespace git {

StatusPaths::StatusPaths(const WtStatus& s) : status(s), quote_high(s.repo().config().get_bool_or("core.quotepath", true)) {}

class ShortStatus {
 public:
  explicit ShortStatus(WtStatus& s) : s_(s), paths_(s) {}

  void print() {
    if (s_.show_branch) print_tracking();
    for (const auto& [path, change] : s_.changes) {
      if (change.stage_mask)
        print_unmerged(path, change);
      else
        print_change(path, change);
    }
    for (const std::string& path : s_.untracked) print_other(path, "??");
    for (const std::string& path : s_.ignored) print_other(path, "!!");
  }

 private:
  void put(std::string_view text) { s_.write(text); }
  std::string paint(StatusColor slot, std::string_view text) const {
    const std::string color = s_.color(slot);
    return color.empty() ? std::string(text) : color + std::string(text) + std::string(kColorReset);
  }
  std::string end() const { return s_.null_termination ? std::string(1, '\0') : "\n"; }
  // As shown, in quotes also where there is a blank in it.
  std::string name(std::string_view path) const {
    std::string shown = paths_.show(path);
    if (shown[0] != '"' && shown.find(' ') != std::string::npos) return "\"" + shown + "\"";
    return shown;
  }

  void print_unmerged(const std::string& path, const StatusChange& change) {
    static constexpr std::string_view kHow[] = {"??", "DD", "AU", "UD", "UA", "DU", "AA", "UU"};
    put(paint(StatusColor::unmerged, kHow[change.stage_mask & 7]));
    put(" " + (s_.null_termination ? path : name(path)) + end());
  }

  void print_change(const std::string& path, const StatusChange& change) {
    std::string text = change.index_status ? paint(StatusColor::updated, std::string_view(&change.index_status, 1)) : " ";
    text += change.worktree_status ? paint(StatusColor::changed, std::string_view(&change.worktree_status, 1)) : " ";
    text += ' ';
    if (s_.null_termination) {
      text += path + end();
      if (!change.rename_source.empty()) text += change.rename_source + end();
    } else {
      if (!change.rename_source.empty()) text += name(change.rename_source) + " -> ";
      text += name(path) + "\n";
    }
    put(text);
  }

  void print_other(const std::string& path, std::string_view sign) {
    put(paint(StatusColor::untracked, sign));
    put(" " + (s_.null_termination ? path : name(path)) + end());
  }

  void print_tracking() {
    put(paint(StatusColor::header, "## "));
    std::string_view branch = s_.branch;
    if (branch.empty()) return;
    if (s_.is_initial) put(paint(StatusColor::header, "No commits yet on "));
    if (branch == "HEAD") {
      put(paint(StatusColor::no_branch, "HEAD (no branch)") + end());
      return;
    }
    skip_prefix(branch, "refs/heads/");
    put(paint(StatusColor::local_branch, branch));
    const bool full = s_.ahead_behind.value_or(true);
    const TrackingStatus tracking = tracking_status(s_.repo(), branch, full);
    if (!tracking.base.empty()) {
      put(paint(StatusColor::header, "...") +
          paint(StatusColor::remote_branch, shorten_unambiguous_ref(s_.repo(), tracking.base, false)));
      if (tracking.is_gone || tracking.differs) {
        auto header = [&](std::string_view text) { put(paint(StatusColor::header, text)); };
        header(" [");
        if (tracking.is_gone) {
          header("gone");
        } else if (!full) {
          header("different");
        } else {
          if (tracking.ahead) {
            header("ahead ");
            put(paint(StatusColor::local_branch, std::to_string(tracking.ahead)));
          }
          if (tracking.ahead && tracking.behind) header(", ");
          if (tracking.behind) {
            header("behind ");
            put(paint(StatusColor::remote_branch, std::to_string(tracking.behind)));
          }
        }
        header("]");
      }
    }
    put(end());
  }

  WtStatus& s_;
  StatusPaths paths_;
};

void print_short_status(WtStatus& status) { ShortStatus(status).print(); }

namespace {

class PorcelainV2 {
 public:
  explicit PorcelainV2(WtStatus& s) : s_(s), paths_(s), end_(s.null_termination ? '\0' : '\n') {}

  void print() {
    if (s_.show_branch) print_tracking();
    if (s_.show_stash)
      if (const int count = count_stashes(s_.repo())) put(strf("# stash %d", count));
    for (auto& [path, change] : s_.changes)
      if (!change.stage_mask) print_change(path, change);
    for (auto& [path, change] : s_.changes)
      if (change.stage_mask) print_unmerged(path, change);
    for (const std::string& path : s_.untracked) put("? " + paths_.show(path));
    for (const std::string& path : s_.ignored) put("! " + paths_.show(path));
  }

 private:
  void put(std::string text) {
    text += end_;
    s_.write(text);
  }

  void print_tracking() {
    put("# branch.oid " + (s_.is_initial ? "(initial)" : s_.commit_oid.hex()));
    std::string_view branch = s_.branch;
    if (branch.empty()) return put("# branch.head (unknown)");
    if (branch == "HEAD") return put("# branch.head (detached)");
    skip_prefix(branch, "refs/heads/");
    put("# branch.head " + std::string(branch));
    const bool full = s_.ahead_behind.value_or(true);
    const TrackingStatus tracking = tracking_status(s_.repo(), branch, full);
    if (tracking.base.empty()) return;
    put("# branch.upstream " + shorten_unambiguous_ref(s_.repo(), tracking.base, false));
    if (tracking.is_gone) return;
    if (tracking.differs && !full)
      put("# branch.ab +? -?");
    else
      put(strf("# branch.ab +%d -%d", tracking.ahead, tracking.behind));
  }

  static std::string submodule(const StatusChange& change) {
    const bool is_submodule =
        is_gitlink_mode(change.mode_head) || is_gitlink_mode(change.mode_index) || is_gitlink_mode(change.mode_worktree);
    if (!is_submodule) return "N...";
    std::string text = "S...";
    if (change.new_submodule_commits) text[1] = 'C';
    if (change.dirty_submodule & kSubmoduleModified) text[2] = 'M';
    if (change.dirty_submodule & kSubmoduleUntracked) text[3] = 'U';
    return text;
  }
  ObjectId id(const ObjectId& oid) const { return oid.is_null() ? ObjectId::null(s_.repo().algo()) : oid; }

  void print_change(const std::string& path, StatusChange change) {
    if (!change.index_status) {
      // Not touched since HEAD: what the index has, HEAD has.
      if (change.worktree_status != 'A') {
        change.mode_head = change.mode_index;
        change.oid_head = change.oid_index;
      }
    }
    if (!change.worktree_status) change.mode_worktree = change.mode_index;
    std::string text = change.rename_source.empty() ? "1 " : "2 ";
    text += change.index_status ? change.index_status : '.';
    text += change.worktree_status ? change.worktree_status : '.';
    text += " " + submodule(change) +
            strf(" %06o %06o %06o %s %s ", change.mode_head, change.mode_index, change.mode_worktree, id(change.oid_head),
                 id(change.oid_index));
    if (change.rename_source.empty()) return put(text + paths_.show(path));
    text += strf("%c%d ", change.rename_status, change.rename_score);
    text += paths_.show(path);
    text += s_.null_termination ? '\0' : '\t';
    put(text + paths_.show(change.rename_source));
  }

  void print_unmerged(const std::string& path, const StatusChange& change) {
    static constexpr std::string_view kHow[] = {"??", "DD", "AU", "UD", "UA", "DU", "AA", "UU"};
    std::uint32_t modes[3] = {0, 0, 0};
    ObjectId oids[3];
    bool is_submodule = false;
    for (int stage = 1; stage <= 3; stage++)
      if (const IndexEntry* entry = s_.index().find(path, stage)) {
        modes[stage - 1] = entry->mode;
        oids[stage - 1] = entry->oid;
        is_submodule = is_submodule || is_gitlink_mode(entry->mode);
      }
    std::uint32_t worktree = change.mode_worktree;
    std::string text =
        "u " + std::string(kHow[change.stage_mask & 7]) + " " + (is_submodule ? submodule(change) : "N...") +
        strf(" %06o %06o %06o %06o %s %s %s ", modes[0], modes[1], modes[2], worktree, id(oids[0]), id(oids[1]), id(oids[2]));
    put(text + paths_.show(path));
  }

  WtStatus& s_;
  StatusPaths paths_;
  char end_;
};

}  // namespace

void print_porcelain_v2(WtStatus& status) { PorcelainV2(status).print(); }

void WtStatus::print() {
  switch (format) {
    case StatusFormat::short_:
      return print_short_status(*this);
    case StatusFormat::porcelain:
      prefix.clear();
      use_color = kColorNever;
      return print_short_status(*this);
    case StatusFormat::porcelain_v2:
      return print_porcelain_v2(*this);
    case StatusFormat::none:
    case StatusFormat::unspecified:
      return;
    case StatusFormat::long_:
      return print_long_status(*this);
  }
}

}  // namespace git
