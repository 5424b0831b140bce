// git branch: list, make, delete, rename and copy branches, and say what they follow (git-branch(1)).
#include <unistd.h>

#include <algorithm>

#include "advice.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "base/utf8.h"
#include "base/wildmatch.h"
#include "branch.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "editor.h"
#include "object-name.h"
#include "refs.h"
#include "refspec.h"
#include "show/column.h"
#include "show/head-description.h"
#include "show/ref-filter.h"
#include "submodule.h"
#include "walk/ref-names.h"
#include "walk/tracking.h"
#include "worktree.h"

GIT_BUILTIN("branch", cmd_branch, kSetup | kDelayPagerConfig)

namespace git {
namespace {

struct Settings {
  int verbose = 0, abbrev = -1, color = kColorUnknown;
  int deletes = 0, renames = 0, copies = 0;
  bool recurse_submodules = false;
  bool quiet = false, list = false, show_current = false, create_reflog = false, edit_description = false, force = false;
  bool unset_upstream = false, remotes = false, all = false, omit_empty = false, ignore_case = false, set_upstream = false;
  bool dry_run = false;
  std::optional<std::string> new_upstream, format;
  std::vector<std::string> forked, delete_merged;
  BranchTrack track = BranchTrack::unspecified;
  ColumnStyle column;
  RefFilter filter;
  RefSorting sorting;

  bool asks_history() const {
    return !filter.with.empty() || !filter.without.empty() || !filter.merged.empty() || !filter.not_merged.empty() ||
           !filter.points_at.empty();
  }
};

struct Head {
  std::string branch;  // short name, "" where detached
  std::optional<ObjectId> oid;
  bool is_detached() const { return branch.empty(); }
};

Head read_head(Repository& repo) {
  Head head;
  std::optional<ResolvedRef> resolved = repo.refs().resolve("HEAD");
  if (!resolved) die("failed to resolve HEAD as a valid ref");
  if (resolved->exists) head.oid = resolved->oid;
  if (!resolved->is_symref) return head;
  std::string_view name = resolved->name;
  if (!skip_prefix(name, "refs/heads/")) die("HEAD not found below refs/heads!");
  head.branch = name;
  return head;
}

// Which branches follow one of some upstreams: a branch by any of its names, or a pattern over short names.
class ForkedFrom {
 public:
  ForkedFrom(Repository& repo, const std::vector<std::string>& wanted) : repo_(repo) {
    for (const std::string& text : wanted) {
      if (has_glob_special(text)) {
        patterns_.push_back(text);
        continue;
      }
      ObjectId oid;
      std::string full;
      if (dwim_ref(repo, text, &oid, &full) < 1) die("'%s' is not a valid branch or pattern", text);
      names_.push_back(full);
    }
  }
  // The upstream (full name) of a branch (short name) where that is wanted, "" otherwise.
  std::string upstream_of(const std::string& branch) const {
    Result<std::string> upstream = branch_upstream(repo_, branch);
    if (!upstream) return "";
    std::string_view shorter = prettify_refname(*upstream);
    bool found = std::find(names_.begin(), names_.end(), *upstream) != names_.end() ||
                 std::any_of(patterns_.begin(), patterns_.end(),
                             [&](const std::string& p) { return wildmatch(p, shorter, kWildPathname); });
    return found ? *upstream : "";
  }

 private:
  Repository& repo_;
  std::vector<std::string> names_, patterns_;
};

std::string_view short_branch(const RefItem& item) { return std::string_view(item.ref.name).substr(11); }

// ---- listing ----
class ListColors {
 public:
  ListColors(Repository& repo, int when) : config_(repo.config()) {
    if (when == kColorUnknown) when = config_color_when(config_, "branch");
    active_ = want_color(when);
  }
  bool active() const { return active_; }
  std::string get(const char* slot, std::string_view fallback) const {
    return active_ ? config_color(config_, std::string("color.branch.") + slot, fallback) : "";
  }

 private:
  const Config& config_;
  bool active_ = false;
};

std::string quoted_literal(std::string_view text) { return replace_all(text, "%", "%%"); }

std::string list_format(const Settings& s, const ListColors& colors, int width, const std::string& remote_prefix) {
  std::string reset = colors.get("reset", kColorReset);
  std::string local = strf("%%(if)%%(HEAD)%%(then)* %s%%(else)%%(if)%%(worktreepath)%%(then)+ %s%%(else)  %s%%(end)%%(end)",
                           colors.get("current", "\033[32m"), colors.get("worktree", "\033[36m"), colors.get("local", ""));
  std::string remote = "  " + colors.get("remote", "\033[31m");
  if (s.verbose) {
    std::string oid = s.abbrev < 0    ? "%(objectname:short)"
                      : s.abbrev == 0 ? "%(objectname)"
                                      : strf("%%(objectname:short=%d)", s.abbrev);
    local += strf("%%(align:%d,left)%%(refname:lstrip=2)%%(end)%s %s ", width, reset, oid);
    if (s.verbose > 1) {
      local += strf("%%(if:notequals=*)%%(HEAD)%%(then)%%(if)%%(worktreepath)%%(then)(%s%%(worktreepath)%s) %%(end)%%(end)",
                    colors.get("worktree", "\033[36m"), reset);
      local += strf(
          "%%(if)%%(upstream)%%(then)[%s%%(upstream:short)%s%%(if)%%(upstream:track)%%(then): "
          "%%(upstream:track,nobracket)%%(end)] %%(end)%%(contents:subject)",
          colors.get("upstream", "\033[34m"), reset);
    } else {
      local += "%(if)%(upstream:track)%(then)%(upstream:track) %(end)%(contents:subject)";
    }
    remote += strf(
        "%%(align:%d,left)%s%%(refname:lstrip=2)%%(end)%s%%(if)%%(symref)%%(then) -> %%(symref:short)%%(else) %s "
        "%%(contents:subject)%%(end)",
        width, quoted_literal(remote_prefix), reset, oid);
  } else {
    local += "%(refname:lstrip=2)" + reset + "%(if)%(symref)%(then) -> %(symref:short)%(end)";
    remote += quoted_literal(remote_prefix) + "%(refname:lstrip=2)" + reset + "%(if)%(symref)%(then) -> %(symref:short)%(end)";
  }
  return "%(if:notequals=refs/remotes)%(refname:rstrip=-2)%(then)" + local + "%(else)" + remote + "%(end)";
}

int widest_name(const std::vector<RefItem>& items, const std::string& head, std::size_t remote_bonus) {
  int width = 0;
  for (const RefItem& item : items) {
    std::string_view name = item.kind & kRefKindDetachedHead ? std::string_view(head) : std::string_view(item.ref.name);
    bool is_remote = skip_prefix(name, "refs/remotes/");
    skip_prefix(name, "refs/heads/");
    width = std::max(width, utf8_width(name) + (is_remote ? static_cast<int>(remote_bonus) : 0));
  }
  return width;
}

int list_branches(Repository& repo, Settings& s, const Head& head) {
  ListColors colors(repo, s.color);
  AtomSettings atoms;
  atoms.use_color = colors.active();
  bool with_head = (s.filter.kinds & kRefKindBranches) && head.is_detached();
  if (with_head) s.filter.kinds |= kRefKindDetachedHead;
  s.filter.needs_commits = s.verbose > 0;
  s.filter.ignore_case = s.sorting.ignore_case = s.ignore_case;
  s.sorting.parse(repo);
  s.sorting.detached_head_first = true;
  std::string remote_prefix = (s.filter.kinds & kRefKindBranches) ? "remotes/" : "";
  std::string description = with_head ? describe_detached_head(repo) : "";

  // The width of the names is part of the format, so names come first.
  Result<RefFormat> first = RefFormat::parse(&repo, s.format.value_or(""), RefQuote::none, atoms);
  if (!first) die("unable to parse format string: %s", first.error().message);
  RefLister lister(repo, s.filter, s.sorting, *first);
  lister.values().set_head_description(description);
  std::vector<RefItem>& items = lister.collect();
  if (!s.forked.empty()) {
    ForkedFrom forked(repo, s.forked);
    std::erase_if(items, [&](const RefItem& item) {
      return !(item.kind & kRefKindBranches) || forked.upstream_of(std::string(short_branch(item))).empty();
    });
  }
  if (!s.format) {
    Result<RefFormat> own =
        RefFormat::parse(&repo, list_format(s, colors, widest_name(items, description, remote_prefix.size()), remote_prefix),
                         RefQuote::none, atoms);
    *first = std::move(own).take_or_die();
  }
  bool in_columns = s.column.is_active(isatty(STDOUT_FILENO)) && !s.format;
  std::vector<std::string> lines;
  for (const RefItem& item : items) {
    std::string line = lister.format_item(item);
    if (line.empty() && s.omit_empty) continue;
    if (in_columns)
      lines.push_back(std::move(line));
    else
      out(line + "\n");
  }
  if (in_columns) out(format_columns(lines, s.column, {"", "\n", terminal_columns() - 1, 1}));
  return 0;
}

// ---- deleting ----
std::string interpreted_name(Repository& repo, const std::string& name, unsigned allowed) {
  std::string text;
  int used = interpret_branch_prefix(repo, name, text, allowed);
  if (used < 0) return name;
  return text + name.substr(static_cast<std::size_t>(used));
}

class BranchDeleter {
 public:
  BranchDeleter(Repository& repo, const Settings& s, const Head& head) : repo_(repo), s_(s), head_(head) {
    if (s.filter.kinds == (kRefKindBranches | kRefKindRemotes)) die("cannot use -a with -d");
    remote_ = s.filter.kinds == kRefKindRemotes;
    prefix_ = remote_ ? "refs/remotes/" : "refs/heads/";
    force_ = remote_ || s.deletes > 1;
  }
  int run(const std::vector<std::string>& names);

 private:
  bool check(const std::string& name, const std::string& full, std::string& described);
  bool is_merged(const std::string& name, Commit* commit);
  void report_missing(const std::string& name);
  const char* purpose_of(const std::string& full);

  Repository& repo_;
  const Settings& s_;
  const Head& head_;
  bool remote_ = false, force_ = false;
  std::string prefix_;
};

bool BranchDeleter::is_merged(const std::string& name, Commit* commit) {
  Commit* head = head_.oid ? repo_.commits().peel_to_commit(*head_.oid) : nullptr;
  Commit* reference = nullptr;
  std::string reference_name;
  Result<std::string> upstream = branch_upstream(repo_, name);
  if (upstream && repo_.config().get_string("branch." + name + ".merge"))
    if (std::optional<ObjectId> oid = repo_.refs().read_oid(*upstream)) {
      reference = repo_.commits().peel_to_commit(*oid);
      reference_name = *upstream;
    }
  if (!reference) reference = head;
  bool merged = reference && in_merge_bases(repo_.commits(), commit, reference);
  if (reference == head || !head) return merged;
  if (in_merge_bases(repo_.commits(), commit, head) == merged) return merged;
  if (merged)
    warning("deleting branch '%s' that has been merged to\n         '%s', but not yet merged to HEAD", name, reference_name);
  else
    warning("not deleting branch '%s' that is not yet merged to\n         '%s', even though it is merged to HEAD", name,
            reference_name);
  return merged;
}

// What keeps a branch in use that no worktree has checked out.
const char* BranchDeleter::purpose_of(const std::string& full) {
  const char* purpose = "";
  for (const Worktree& worktree : list_worktrees(repo_)) {
    if (worktree.head_ref == full) return "";
    if (is_worktree_being_bisected(worktree, full)) purpose = " for bisect";
    if (is_worktree_being_rebased(worktree, full)) purpose = " for rebase";
  }
  return purpose;
}

void BranchDeleter::report_missing(const std::string& name) {
  if (remote_)
    error("remote-tracking branch '%s' not found", name);
  else if (repo_.refs().read("refs/remotes/" + name))
    error("branch '%s' not found.\nDid you forget --remote?", name);
  else
    error("branch '%s' not found", name);
}

bool BranchDeleter::check(const std::string& name, const std::string& full, std::string& described) {
  if (!remote_)
    if (std::optional<std::string> path = branch_checked_out(repo_, full))
      return error("cannot delete branch '%s' used by worktree at '%s'%s", name, *path, purpose_of(full)) == 0;
  std::optional<Ref> ref = repo_.refs().read(full);
  if (!ref) {
    report_missing(name);
    return false;
  }
  if (!check_refname_format(full) && ref->symref_target.empty()) ref->is_broken = true;
  described = ref->is_broken ? "broken" : !ref->symref_target.empty() ? ref->symref_target : unique_abbrev(repo_, ref->oid);
  if (ref->is_broken || !ref->symref_target.empty() || force_) return true;
  Commit* commit = repo_.commits().peel_to_commit(ref->oid);
  if (!commit) return error("couldn't look up commit object for '%s'", full) == 0;
  if (is_merged(name, commit)) return true;
  error("the branch '%s' is not fully merged", name);
  advise_if_enabled(repo_.config(), "forceDeleteBranch",
                    strf("If you are sure you want to delete it, run 'git branch -D %s'", name));
  return false;
}

int BranchDeleter::run(const std::vector<std::string>& names) {
  int code = 0;
  struct Doomed {
    std::string full, described;
  };
  std::vector<Doomed> doomed;
  for (const std::string& arg : names) {
    std::string name = interpreted_name(repo_, arg, remote_ ? kInterpretRemote : kInterpretLocal);
    Doomed one{prefix_ + name, ""};
    if (!check(name, one.full, one.described)) {
      code = 1;
      continue;
    }
    if (std::none_of(doomed.begin(), doomed.end(), [&](const Doomed& d) { return d.full == one.full; }))
      doomed.push_back(std::move(one));
  }
  if (doomed.empty()) return code;
  std::unique_ptr<RefTransaction> transaction = repo_.refs().begin();
  for (const Doomed& d : doomed) {
    RefUpdate update;
    update.name = d.full;
    update.new_oid = ObjectId::null(repo_.algo());
    update.flags = kRefNoDeref;
    transaction->add(std::move(update)).or_die();
  }
  Result<void> done = transaction->commit();
  if (!done) {
    error("%s", doomed.size() == 1 ? strf("could not delete reference %s: %s", doomed[0].full, done.error().message)
                                   : strf("could not delete references: %s", done.error().message));
    code = 1;
  }
  for (const Doomed& d : doomed) {
    if (repo_.refs().read(d.full)) continue;
    std::string name = d.full.substr(prefix_.size());
    if (!s_.quiet)
      outf(remote_ ? "Deleted remote-tracking branch %s (was %s).\n" : "Deleted branch %s (was %s).\n", name, d.described);
    if (!remote_ && config_rename_section_in_file(repo_.common_path("config"), "branch." + name, std::nullopt) < 0)
      warning("update of config-file failed");
  }
  return code;
}

// ---- deleting what its upstream has ----
// Would a push of the branch to its upstream's remote update the upstream? Such a branch is the local side of it.
bool is_pushed_to_upstream(Repository& repo, const std::string& name) {
  Config& config = repo.config();
  std::string remote = config.get_string_or("branch." + name + ".remote", ""),
              merge = config.get_string_or("branch." + name + ".merge", "");
  std::string there = "refs/heads/" + name;
  Refspec push(false);
  push.append(config.get_strings("remote." + remote + ".push"));
  if (std::optional<std::string> mapped = refspec_destination(push, there)) there = *mapped;
  return there == merge;
}

int delete_merged(Repository& repo, Settings& s, const std::vector<std::string>& patterns, const Head& head) {
  ForkedFrom forked(repo, s.delete_merged);
  std::map<std::string, std::string> in_use = branches_in_use(list_worktrees(repo));
  RefFilter filter;
  filter.kinds = kRefKindBranches;
  RefFormat format = RefFormat::parse(&repo, "", RefQuote::none, {}).take_or_die();
  RefLister all(repo, filter, {}, format);
  filter.patterns = patterns;
  RefLister chosen(repo, filter, {}, format);
  std::map<std::string, ObjectId> doomed;
  for (const RefItem& item : chosen.collect()) {
    std::string name(short_branch(item)), upstream = forked.upstream_of(name);
    if (upstream.empty() || in_use.contains(item.ref.name) || is_pushed_to_upstream(repo, name)) continue;
    std::optional<ObjectId> target = repo.refs().read_oid(upstream);
    Commit* tip = repo.commits().peel_to_commit(item.ref.oid);
    Commit* base = target ? repo.commits().peel_to_commit(*target) : nullptr;
    if (!tip || !base || !in_merge_bases(repo.commits(), tip, base)) continue;
    if (!repo.config().get_bool_or("branch." + name + ".deletemerged", true)) {
      errf("Skipping '%s': branch.%s.deleteMerged is false\n", name, name);
      continue;
    }
    doomed.emplace(name, item.ref.oid);
  }
  // What stays keeps its upstream.
  std::vector<std::string> kept;
  std::map<std::string, std::string> followers;
  for (const RefItem& item : all.collect()) {
    std::string name(short_branch(item));
    Result<std::string> upstream = branch_upstream(repo, name);
    if (!upstream || !starts_with(*upstream, "refs/heads/")) continue;
    if (doomed.contains(name))
      followers.emplace(name, upstream->substr(11));
    else
      kept.push_back(upstream->substr(11));
  }
  for (const std::string& name : kept) doomed.erase(name);
  std::vector<std::string> names;
  for (const auto& [name, oid] : doomed) {
    if (s.dry_run) outf("Would delete branch %s (was %s).\n", name, unique_abbrev(repo, oid));
    names.push_back(name);
  }
  if (s.dry_run || names.empty()) return 0;
  s.deletes = 2;
  int code = BranchDeleter(repo, s, head).run(names);
  for (const auto& [name, upstream] : followers)
    if (doomed.contains(upstream) && !doomed.contains(name))
      for (const char* key : {".remote", ".merge"})
        config_set_in_file(repo.common_path("config"), "branch." + name + key, std::nullopt, {}, true);
  return code;
}

// ---- renaming and copying ----
int copy_or_rename(Repository& repo, const std::string& old_name, const std::string& new_name, bool copy, bool force) {
  std::string old_full, new_full;
  RefStore& refs = repo.refs();
  bool recovers = false;
  if (!check_branch_ref(repo, old_full, old_name)) {
    if (old_full.empty()) old_full = "refs/heads/" + old_name;
    if (!refs.exists(old_full)) {
      report("fatal: ", strf("invalid branch name: '%s'", old_name));
      advise_if_enabled(repo.config(), "refSyntax", "See 'git help check-ref-format'");
      exit_with(128);
    }
    recovers = true;
  }
  std::vector<Worktree> worktrees = list_worktrees(repo);
  bool is_head = false, is_orphan = false;
  for (const Worktree& worktree : worktrees) {
    if (worktree.head_ref != old_full) continue;
    is_head = true;
    if (worktree.head_oid.is_null()) is_orphan = true;
  }
  if ((copy || !is_head) && !refs.exists(old_full))
    die(is_head ? "no commit on branch '%s' yet" : "no branch named '%s'", old_name);
  if (old_name == new_name)
    validate_branchname(repo, new_name, new_full);
  else
    validate_new_branchname(repo, new_name, new_full, force);
  if (!copy)
    for (const Worktree& worktree : worktrees) {
      if (!worktree.is_detached) continue;
      if (is_worktree_being_rebased(worktree, old_full)) die("branch %s is being rebased at %s", old_full, worktree.path);
      if (is_worktree_being_bisected(worktree, old_full)) die("branch %s is being bisected at %s", old_full, worktree.path);
    }
  std::string message = strf(copy ? "Branch: copied %s to %s" : "Branch: renamed %s to %s", old_full, new_full);
  if (copy || !is_orphan) {
    Result<void> done = old_full == new_full && copy ? Result<void>() : refs.rename(old_full, new_full, message, copy);
    if (!done) {
      error("%s", done.error().message);
      die(copy ? "branch copy failed" : "branch rename failed");
    }
  }
  if (recovers)
    warning(copy ? "created a copy of a misnamed branch '%s'" : "renamed a misnamed branch '%s' away", old_full.substr(11));
  bool heads_moved = true;
  if (!copy && is_head)
    for (const Worktree& worktree : worktrees) {
      if (worktree.head_ref != old_full) continue;
      Result<void> moved = refs.create_symref(worktree_ref_name(worktree, "HEAD"), new_full, message);
      if (!moved) {
        error("HEAD of working tree %s is not updated", worktree.path);
        heads_moved = false;
      }
    }
  if (!heads_moved) die("branch renamed to %s, but HEAD is not updated", new_name);
  std::string file = repo.common_path("config"), from = "branch." + old_full.substr(11), to = "branch." + new_full.substr(11);
  if (!copy && config_rename_section_in_file(file, from, to) < 0) die("branch is renamed, but update of config-file failed");
  if (copy && old_full != new_full && config_copy_or_rename_section(file, from, to, true) < 0)
    die("branch is copied, but update of config-file failed");
  return 0;
}

// ---- descriptions and upstreams ----
std::string comment_prefix(Repository& repo) {
  std::optional<std::string> text = repo.config().get_string("core.commentstring");
  if (!text) text = repo.config().get_string("core.commentchar");
  return !text || *text == "auto" || text->empty() ? "#" : *text;
}

int edit_description(Repository& repo, const std::vector<std::string>& args, const Head& head) {
  std::string name;
  if (args.empty()) {
    if (head.is_detached()) die("cannot give description to detached HEAD");
    name = head.branch;
  } else if (args.size() == 1) {
    name = interpreted_name(repo, args[0], kInterpretLocal);
  } else {
    die("cannot edit description of more than one branch");
  }
  std::string full = "refs/heads/" + name;
  if (!repo.refs().exists(full)) {
    bool unborn = args.empty() || branch_checked_out(repo, full);
    return error(unborn ? "no commit on branch '%s' yet" : "no branch named '%s'", name) < 0 ? 1 : 0;
  }
  std::string key = "branch." + name + ".description", comment = comment_prefix(repo);
  std::optional<std::string> old = repo.config().get_string(key);
  std::string text = old.value_or("");
  if (text.empty() || text.back() != '\n') text += '\n';
  text += comment_lines(
      strf("Please edit the description for the branch\n  %s\nLines starting with '%s' will be stripped.\n", name, comment),
      comment);
  std::string path = repo.git_path("EDIT_DESCRIPTION");
  if (!write_file(path, text)) die_errno("could not open '%s' for writing", path);
  std::optional<std::string> edited = launch_editor(&repo, path);
  if (!edited) return 1;
  std::string stripped = strip_space(*edited, comment);
  if (!stripped.empty() || old)
    config_set_in_file(repo.common_path("config"), key, stripped.empty() ? std::nullopt : std::optional<std::string>(stripped));
  return 0;
}

// The branch that an upstream option is about; dies where there is none.
std::string upstream_subject(Repository& repo, const std::vector<std::string>& args, const Head& head,
                             const std::string& detached) {
  if (args.empty()) {
    if (head.is_detached()) die("%s", detached);
    return head.branch;
  }
  std::string full;
  if (!check_branch_ref(repo, full, args[0])) die("branch '%s' does not exist", args[0]);
  return full.substr(11);
}

int set_upstream(Repository& repo, const std::vector<std::string>& args, const Settings& s, const Head& head) {
  if (args.size() > 1) die("too many arguments to set new upstream");
  std::string name = upstream_subject(
      repo, args, head, strf("could not set upstream of HEAD to %s when it does not point to any branch", *s.new_upstream));
  std::string full = "refs/heads/" + name;
  if (!repo.refs().exists(full)) {
    if (args.empty() || branch_checked_out(repo, full)) die("no commit on branch '%s' yet", name);
    std::string meant = *s.new_upstream + "/" + name;
    if (repo.refs().exists("refs/remotes/" + meant)) {
      report("fatal: ", "--set-upstream-to takes a single <remote>/<branch> argument");
      advise_if_enabled(repo.config(), "setUpstreamFailure",
                        strf("Did you mean to use: git branch --set-upstream-to=%s?", meant));
      exit_with(128);
    }
    die("branch '%s' does not exist", name);
  }
  dwim_and_setup_tracking(repo, name, *s.new_upstream, BranchTrack::override_, s.quiet);
  return 0;
}

int unset_upstream(Repository& repo, const std::vector<std::string>& args, const Head& head) {
  if (args.size() > 1) die("too many arguments to unset upstream");
  std::string name = upstream_subject(repo, args, head, "could not unset upstream of HEAD when it does not point to any branch");
  std::string key = "branch." + name;
  if (!repo.config().find(key + ".merge")) die("branch '%s' has no upstream information", name);
  std::string file = repo.common_path("config");
  for (const char* last : {".remote", ".merge"}) {
    int code = config_set_in_file(file, key + last, std::nullopt, {}, true);
    if (code != 0 && code != 5) die("could not unset '%s'", key + last);
  }
  return 0;
}

int show_current(const Head& head) {
  if (!head.is_detached()) out(head.branch + "\n");
  return 0;
}

// ---- options ----
void define_options(Options& options, Repository& repo, Settings& s) {
  options.group(N_("Generic options"));
  options.count_up('v', "verbose", &s.verbose, N_("show hash and subject, give twice for upstream branch"));
  options.boolean('q', "quiet", &s.quiet, N_("suppress informational messages"));
  options.callback(
      't', "track", "(direct|inherit)", N_("set branch tracking configuration"),
      [&s](const std::optional<std::string>& value, bool unset) {
        if (unset)
          s.track = BranchTrack::never;
        else if (!value || *value == "direct")
          s.track = BranchTrack::explicitly;
        else if (*value == "inherit")
          s.track = BranchTrack::inherit;
        else
          return error("option `%s' expects \"%s\" or \"%s\"", "--track", "direct", "inherit") == 0;
        return true;
      },
      kOptOptionalArg | kOptLiteralArgHelp);
  options.boolean(0, "set-upstream", &s.set_upstream, N_("do not use"), kOptHidden);
  options.string('u', "set-upstream-to", &s.new_upstream, "upstream", N_("change the upstream info"));
  options.boolean(0, "unset-upstream", &s.unset_upstream, N_("unset the upstream info"));
  options.color(&s.color, N_("use colored output"));
  options.boolean('r', "remotes", &s.remotes, N_("act on remote-tracking branches"));
  add_filter_options(options, repo, s.filter);
  options.abbrev(&s.abbrev);
  options.group(N_("Specific git-branch actions:"));
  options.boolean('a', "all", &s.all, N_("list both remote-tracking and local branches"));
  options.set_int('d', "delete", &s.deletes, 1, N_("delete fully merged branch"));
  options.set_int('D', "", &s.deletes, 2, N_("delete branch (even if not merged)"));
  options.set_int('m', "move", &s.renames, 1, N_("move/rename a branch and its reflog"));
  options.set_int('M', "", &s.renames, 2, N_("move/rename a branch, even if target exists"));
  options.boolean(0, "omit-empty", &s.omit_empty, N_("do not output a newline after empty formatted refs"));
  options.set_int('c', "copy", &s.copies, 1, N_("copy a branch and its reflog"));
  options.set_int('C', "", &s.copies, 2, N_("copy a branch, even if target exists"));
  options.boolean('l', "list", &s.list, N_("list branch names"));
  options.strings(0, "forked", &s.forked, "branch", N_("list only branches that follow <branch> or match it as a pattern"),
                  kOptNoNeg);
  options.strings(0, "delete-merged", &s.delete_merged, "branch",
                  N_("delete branches that are merged to the upstream they share"), kOptNoNeg);
  options.boolean(0, "dry-run", &s.dry_run, N_("with --delete-merged, only tell what would be deleted"));
  options.boolean(0, "show-current", &s.show_current, N_("show current branch name"));
  options.boolean(0, "recurse-submodules", &s.recurse_submodules, N_("recurse through submodules"));
  options.boolean(0, "create-reflog", &s.create_reflog, N_("create the branch's reflog"));
  options.boolean(0, "edit-description", &s.edit_description, N_("edit the description for the branch"));
  options.boolean('f', "force", &s.force, N_("force creation, move/rename, deletion"));
  options.callback(
      0, "column", "style", N_("list branches in columns"),
      [&s](const std::optional<std::string>& value, bool unset) {
        s.column.when = unset ? ColumnStyle::When::never : ColumnStyle::When::always;
        return unset || !value || s.column.add(*value);
      },
      kOptOptionalArg);
  options.strings(0, "sort", &s.sorting.specs, "key", N_("field name to sort on"));
  options.boolean('i', "ignore-case", &s.ignore_case, N_("sorting and filtering are case insensitive"));
  options.string(0, "format", &s.format, "format", N_("format to use for the output"));
}

int create(Repository& repo, const std::vector<std::string>& args, const Settings& s, const Head& head) {
  if (s.filter.kinds != kRefKindBranches)
    die("the -a, and -r, options to 'git branch' do not take a branch name.\n"
        "Did you mean to use: -a|-r --list <pattern>?");
  if (s.set_upstream)
    die("the '--set-upstream' option is no longer supported. Please use '--track' or '--set-upstream-to' instead");
  CreateBranch options;
  options.force = s.force;
  options.create_reflog = s.create_reflog;
  options.quiet = s.quiet;
  options.track = s.track;
  const std::string start = args.size() == 2 ? args[1] : head.is_detached() ? "HEAD" : head.branch;
  const bool propagates = repo.config().get_bool_or("submodule.propagatebranches", false);
  if (propagates && (s.recurse_submodules || repo.config().get_bool_or("submodule.recurse", false)))
    create_branches_recursively(repo, args[0], start, std::nullopt, options);
  else
    create_branch(repo, args[0], start, options);
  return 0;
}

int run_action(Invocation& inv, Options& options, Settings& s, const std::vector<std::string>& args) {
  Repository& repo = inv.repo();
  Head head = read_head(repo);
  if (!s.delete_merged.empty()) return delete_merged(repo, s, args, head);
  if (s.list) {
    s.filter.patterns = args;
    return list_branches(repo, s, head);
  }
  if (s.deletes) {
    if (args.empty()) die("branch name required");
    return BranchDeleter(repo, s, head).run(args);
  }
  if (s.show_current) return show_current(head);
  if (s.edit_description) return edit_description(repo, args, head);
  if (s.copies || s.renames) {
    bool copy = s.copies > 0, force = (copy ? s.copies : s.renames) > 1;
    if (args.empty()) die("branch name required");
    if (args.size() > 2) die(copy ? "too many branches for a copy operation" : "too many arguments for a rename operation");
    if (args.size() == 2) return copy_or_rename(repo, args[0], args[1], copy, force);
    if (head.is_detached())
      die(copy ? "cannot copy the current branch while not on any" : "cannot rename the current branch while not on any");
    return copy_or_rename(repo, head.branch, args[0], copy, force);
  }
  if (s.new_upstream) return set_upstream(repo, args, s, head);
  if (s.unset_upstream) return unset_upstream(repo, args, head);
  if (args.empty() || args.size() > 2) options.usage_with_options();
  return create(repo, args, s, head);
}

}  // namespace

int cmd_branch(Invocation& inv) {
  Repository& repo = inv.repo();
  Settings s;
  Options options({"git branch [<options>] [-r | -a] [--merged] [--no-merged]",
                   "git branch [<options>] [-f] [--recurse-submodules] <branch-name> [<start-point>]",
                   "git branch [<options>] [-l] [<pattern>...]", "git branch [<options>] [-r] (-d | -D) <branch-name>...",
                   "git branch [<options>] (-m | -M) [<old-branch>] <new-branch>",
                   "git branch [<options>] (-c | -C) [<old-branch>] <new-branch>",
                   "git branch [<options>] [-r | -a] [--points-at]", "git branch [<options>] [-r | -a] [--format]"});
  define_options(options, repo, s);
  s.sorting.specs = repo.config().get_strings("branch.sort");
  BranchTrack default_track = configured_branch_track(repo.config());
  s.column.add_config(repo.config(), "branch");
  bool config_columns = s.column.when != ColumnStyle::When::never;
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  s.filter.kinds = s.all ? kRefKindBranches | kRefKindRemotes : s.remotes ? kRefKindRemotes : kRefKindBranches;
  bool acts = s.deletes || s.renames || s.copies || s.edit_description || s.new_upstream || s.show_current || s.unset_upstream;
  if (!acts && (args.empty() || s.asks_history())) s.list = true;
  if (s.dry_run && s.delete_merged.empty()) die("--dry-run requires --delete-merged");
  if (!s.delete_merged.empty()) s.list = false;
  if (s.asks_history() || !s.forked.empty()) s.list = true;
  int actions = (s.deletes > 0) + (s.renames > 0) + (s.copies > 0) + s.new_upstream.has_value() + s.show_current + s.list +
                s.edit_description + s.unset_upstream + !s.delete_merged.empty();
  if (actions > 1) options.usage_with_options();
  if (s.recurse_submodules) {
    if (!repo.config().get_bool_or("submodule.propagatebranches", false))
      die("%s", _("branch with --recurse-submodules can only be used if submodule.propagateBranches is enabled"));
    if (actions) die("%s", _("--recurse-submodules can only be used to create branches"));
  }
  if (s.force) {
    s.deletes *= 2;
    s.renames *= 2;
    s.copies *= 2;
  }
  if (s.list && s.verbose && !config_columns && s.column.when == ColumnStyle::When::always)
    die("options '%s' and '%s' cannot be used together", "--column", "--verbose");
  if (s.verbose) s.column.when = ColumnStyle::When::never;
  if (s.track == BranchTrack::unspecified) s.track = default_track;
  return run_action(inv, options, s, args);
}

}  // namespace git
