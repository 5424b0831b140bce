// git reset: HEAD, the index and the worktree back to a commit, or paths of the index back to a tree.
#include "add-patch.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "branch.h"
#include "builtin.h"
#include "checkout.h"
#include "config.h"
#include "index.h"
#include "index/cache-tree.h"
#include "index/index-state.h"
#include "index/local-changes.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "index/submodule-move.h"
#include "index/unpack-trees.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"
#include "walk/commit-pool.h"

GIT_BUILTIN("reset", cmd_reset, kSetup)

namespace git {
namespace {

enum Mode : int { kNone = 0, kMixed, kSoft, kHard, kMerge, kKeep };
constexpr const char* kModeNames[] = {"none", "mixed", "soft", "hard", "merge", "keep"};

class Reset {
 public:
  explicit Reset(Invocation& inv) : inv_(inv), repo_(inv.repo()), prefix_(inv.prefix_or_empty()) {}
  int run();

 private:
  void parse();
  void take_arguments(std::vector<std::string> args);
  bool reset_index(Index& index, const ObjectId& tree, Mode mode);
  void read_from_tree(Index& index, const ObjectId& tree);
  int update_refs(const ObjectId& commit);
  void die_if_unmerged();
  Invocation& inv_;
  Repository& repo_;
  std::unique_ptr<SubmoduleMover> mover_;  // --recurse-submodules
  std::string prefix_;
  int mode_ = kNone;
  bool quiet_ = false, refresh_ = true, intent_ = false, nul_ = false, patch_ = false;
  int context_ = -1, inter_hunk_ = -1;
  std::optional<std::string> pathspec_file_;
  std::string rev_ = "HEAD";
  Pathspec spec_;
};

void Reset::take_arguments(std::vector<std::string> args) {
  // reset [<tree-ish>] [--] [<path>...]
  if (!args.empty()) {
    if (args[0] == "--") {
      args.erase(args.begin());
    } else if (args.size() > 1 && args[1] == "--") {
      rev_ = args[0] == "-" ? "@{-1}" : args[0];
      args.erase(args.begin(), args.begin() + 2);
    } else {
      std::string name = args[0] == "-" ? "@{-1}" : args[0];
      bool known = args.size() == 1 ? get_oid(repo_, name, NameHint::committish, true).has_value()
                                    : get_oid(repo_, name, NameHint::treeish, true).has_value();
      if (!known && args.size() == 1) known = get_oid(repo_, name, NameHint::treeish, true).has_value();
      if (known) {
        verify_non_filename(prefix_, name);
        rev_ = name;
        args.erase(args.begin());
      } else {
        verify_filename(prefix_, args[0], true);
      }
    }
  }
  if (!args.empty()) spec_ = parse_pathspec(repo_, args, prefix_, kPreferFull | (patch_ ? unsigned{kPathspecPrefixOrigin} : 0u));
}

void Reset::parse() {
  Options o({"git reset [--mixed | --soft | --hard | --merge | --keep] [-q] [<commit>]",
             "git reset [-q] [<tree-ish>] [--] <pathspec>...",
             "git reset [-q] [--pathspec-from-file [--pathspec-file-nul]] [<tree-ish>]"});
  o.boolean('q', "quiet", &quiet_, N_("be quiet, only report errors"));
  o.boolean(0, "refresh", &refresh_, N_("skip refreshing the index after reset"));
  o.set_int(0, "mixed", &mode_, kMixed, N_("reset HEAD and index"), kOptNoNeg);
  o.set_int(0, "soft", &mode_, kSoft, N_("reset only HEAD"), kOptNoNeg);
  o.set_int(0, "hard", &mode_, kHard, N_("reset HEAD, index and working tree"), kOptNoNeg);
  o.set_int(0, "merge", &mode_, kMerge, N_("reset HEAD, index and working tree"), kOptNoNeg);
  o.set_int(0, "keep", &mode_, kKeep, N_("reset HEAD but keep local changes"), kOptNoNeg);
  std::optional<bool> recurse;
  add_recurse_submodules_option(o, &recurse);
  o.boolean('p', "patch", &patch_, N_("select hunks interactively"));
  o.integer('U', "unified", &context_, N_("n"), N_("generate diffs with <n> lines context"));
  o.integer(0, "inter-hunk-context", &inter_hunk_, N_("lines"),
            N_("show context between diff hunks up to the specified number of lines"));
  o.boolean('N', "intent-to-add", &intent_, N_("record only the fact that removed paths will be added later"));
  o.filename(0, "pathspec-from-file", &pathspec_file_, N_("read pathspec from file"));
  o.boolean(0, "pathspec-file-nul", &nul_, N_("with --pathspec-from-file, pathspec elements are separated with NUL character"));
  if (inv_.repository) {
    quiet_ = repo_.config().get_bool_or("reset.quiet", false);
    refresh_ = !repo_.config().get_bool_or("reset.norefresh", false) && repo_.config().get_bool_or("reset.refresh", true);
  }
  std::vector<std::string> args = o.parse(inv_.args, prefix_, kKeepDashDash);
  take_arguments(std::move(args));
  mover_ = make_submodule_mover(repo_, recurse);
  if (pathspec_file_) {
    if (!spec_.empty()) die("'%s' and pathspec arguments cannot be used together", "--pathspec-from-file");
    spec_ = parse_pathspec_file(repo_, *pathspec_file_, nul_, prefix_, kPreferFull);
  } else if (nul_) {
    die("the option '%s' requires '%s'", "--pathspec-file-nul", "--pathspec-from-file");
  }
}

void Reset::die_if_unmerged() {
  if (path_exists(repo_.git_path("MERGE_HEAD")) || Index::read(repo_).has_unmerged())
    die("Cannot do a %s reset in the middle of a merge.", kModeNames[mode_]);
}

bool Reset::reset_index(Index& index, const ObjectId& tree, Mode mode) {
  UnpackOptions u;
  u.head_idx = 1;
  u.merge = true;
  u.fn = UnpackOptions::Merge::oneway;
  u.metadata.refname = "";
  if (mode == kKeep || mode == kMerge || mode == kHard) u.update = true;
  u.submodules = mover_.get();
  if (mode == kHard) u.reset = UnpackReset::overwrite_untracked;
  if (mode == kMixed) u.reset = UnpackReset::protect_untracked;
  u.preserve_ignored = false;
  u.skip_cache_tree_update = true;
  index.drop_unmerged();
  std::vector<ObjectId> trees;
  if (mode == kKeep) {
    std::optional<ObjectId> head = repo_.refs().read_oid("HEAD");
    if (!head) {
      error("You do not have a valid HEAD.");
      return false;
    }
    std::optional<ObjectId> head_tree = peel_to_type(repo_, *head, ObjectType::tree, true);
    if (!head_tree) {
      error("Failed to find tree of HEAD.");
      return false;
    }
    trees.push_back(*head_tree);
    u.fn = UnpackOptions::Merge::twoway;
  }
  trees.push_back(tree);
  if (unpack_trees(index, trees, u) < 0) return false;
  if (mode == kMixed || mode == kHard) prime_cache_tree(index, tree);
  return true;
}

void Reset::read_from_tree(Index& index, const ObjectId& tree) {
  Index wanted(repo_);
  wanted.read_tree(tree).or_die();
  std::vector<std::string> paths;
  for (const LocalChange& c : staged_changes(index, tree)) paths.push_back(c.path);
  // An intent-to-add entry is a change as well: the path is not in the tree.
  for (const auto& e : index.entries())
    if (e->intent_to_add && !wanted.find(e->path)) paths.push_back(e->path);
  for (const std::string& path : paths) {
    IndexEntry* target = wanted.find(path);
    if (!index_entry_path_match(index, spec_, path, target ? target->mode : 0)) continue;
    IndexEntry* old = index.find(path);
    if (!target) {
      if (intent_) {
        IndexEntry e;
        e.path = path;
        e.mode = old ? old->mode : kModeBlob;
        e.oid = empty_blob_id(repo_.algo());
        e.intent_to_add = true;
        index.add(std::move(e));
      } else {
        index.remove_path(path);
      }
      continue;
    }
    IndexEntry e = *target;
    e.stat = {};
    e.skip_worktree = old ? old->skip_worktree : !path_in_sparse_checkout(index, path);
    index.add(std::move(e));
  }
}

int Reset::update_refs(const ObjectId& commit) {
  std::optional<std::string> action = get_env("GIT_REFLOG_ACTION");
  RefStore& refs = repo_.refs();
  std::optional<ObjectId> old = refs.read_oid("HEAD"), old_orig = refs.read_oid("ORIG_HEAD");
  auto message = [&](const std::string& what, bool is_head) {
    if (action && !action->empty()) return *action + ": " + what;
    return is_head ? "reset: moving to " + rev_ : "reset: " + what;
  };
  if (old) {
    RefUpdate update;
    update.name = "ORIG_HEAD";
    update.new_oid = *old;
    update.message = message("updating ORIG_HEAD", false);
    if (Result<void> r = refs.update(std::move(update)); !r) error("%s", r.error().message);
  } else if (old_orig) {
    (void)refs.remove("ORIG_HEAD", *old_orig, "").ok();
  }
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = commit;
  update.message = message("updating HEAD", true);
  Result<void> r = refs.update(std::move(update));
  if (!r) return error("%s", r.error().message), 1;
  return 0;
}

int Reset::run() {
  parse();
  bool unborn = rev_ == "HEAD" && !repo_.refs().read_oid("HEAD");
  ObjectId oid, tree;
  bool has_paths = !spec_.empty();
  Commit* commit = nullptr;
  if (unborn) {
    oid = tree = empty_tree_id(repo_.algo());
  } else if (!has_paths && !patch_) {
    std::optional<ObjectId> found = get_oid(repo_, rev_, NameHint::committish);
    if (!found) die("Failed to resolve '%s' as a valid revision.", rev_);
    commit = repo_.commits().peel_to_commit(*found);
    if (!commit) die("Could not parse object '%s'.", rev_);
    repo_.commits().parse(commit).or_die();
    oid = commit->oid;
    tree = repo_.commits().tree(commit);
  } else {
    std::optional<ObjectId> found = get_oid(repo_, rev_, NameHint::treeish);
    if (!found) die("Failed to resolve '%s' as a valid tree.", rev_);
    std::optional<ObjectId> peeled = peel_to_type(repo_, *found, ObjectType::tree, true);
    if (!peeled) die("Could not parse object '%s'.", rev_);
    oid = tree = *peeled;
  }
  if (patch_) {
    if (mode_ != kNone) die("options '%s' and '%s' cannot be used together", "--patch", "--{hard,mixed,soft}");
    if (pathspec_file_) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--patch");
    setup_work_tree(repo_);
    AddPatchOptions choose;
    choose.mode = rev_ == "HEAD" || rev_ == "@" ? PatchMode::reset_head : PatchMode::reset_nothead;
    choose.revision = unborn ? oid.hex() : rev_;
    choose.context = context_;
    choose.inter_hunk_context = inter_hunk_;
    std::vector<std::string> paths;
    for (const PathspecItem& item : spec_.items) paths.push_back(item.original);
    return run_add_patch(repo_, choose, paths) ? 1 : 0;
  }
  if (context_ >= 0) die("the option '%s' requires '%s'", "--unified", "--patch");
  if (inter_hunk_ >= 0) die("the option '%s' requires '%s'", "--inter-hunk-context", "--patch");
  if (has_paths) {
    if (mode_ == kMixed)
      warning("--mixed with paths is deprecated; use 'git reset -- <paths>' instead.");
    else if (mode_ != kNone)
      die("Cannot do %s reset with paths.", kModeNames[mode_]);
  }
  if (mode_ == kNone) mode_ = kMixed;
  if (mode_ != kSoft && (mode_ != kMixed || repo_.worktree())) setup_work_tree(repo_);
  if (mode_ == kMixed && repo_.is_bare()) die("%s reset is not allowed in a bare repository", kModeNames[mode_]);
  if (intent_ && mode_ != kMixed) die("the option '%s' requires '%s'", "-N", "--mixed");
  if (mode_ == kSoft || mode_ == kKeep) die_if_unmerged();
  if (mode_ != kSoft) {
    LockFile lock = LockFile::hold_or_die(repo_.index_file());
    Index index = Index::read(repo_);
    if (mode_ == kMixed) {
      if (has_paths) {
        ensure_full_index(index);
        read_from_tree(index, tree);
      } else if (intent_) {
        read_from_tree(index, tree);
      } else if (!reset_index(index, tree, kMixed)) {
        die("Could not reset index file to revision '%s'.", rev_);
      }
      if (refresh_ && repo_.worktree()) {
        unsigned flags = quiet_ ? unsigned{Index::kRefreshQuiet} : unsigned{Index::kRefreshInPorcelain};
        index.refresh(flags, {}, "Unstaged changes after reset:");
      }
    } else {
      bool ok = reset_index(index, tree, static_cast<Mode>(mode_));
      if (ok && mode_ == kKeep) ok = reset_index(index, tree, kMixed);
      if (!ok) die("Could not reset index file to revision '%s'.", rev_);
    }
    index.internals().resolve_undo.clear();
    index.is_changed = true;
    if (!index.write_locked(lock)) die("Could not write new index file.");
  }
  int code = 0;
  if (!has_paths && !unborn) {
    code = update_refs(oid);
    if (mode_ == kHard && !code && !quiet_) outf("HEAD is now at %s\n", describe_commit_line(repo_, commit));
  }
  if (!has_paths) remove_branch_state(repo_, false);
  return code;
}

}  // namespace

int cmd_reset(Invocation& inv) { return Reset(inv).run(); }

}  // namespace git
