// git checkout, git switch, git restore: what the words mean; checkout.h does it.
#include "checkout.h"

#include "add-patch.h"
#include "advice.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "config.h"
#include "index/submodule-move.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("checkout", cmd_checkout, kSetup | kNeedWorkTree)
GIT_BUILTIN("switch", cmd_switch, kSetup | kNeedWorkTree)
GIT_BUILTIN("restore", cmd_restore, kSetup | kNeedWorkTree)

namespace git {
namespace {

class CheckoutCommand {
 public:
  CheckoutCommand(Invocation& inv, const char* command) : inv_(inv), repo_(inv.repo()) {
    o_.command = command;
    o_.prefix = inv.prefix_or_empty();
  }
  int checkout();
  int switch_branch();
  int restore();

 private:
  void common_options(Options& options);
  void switch_options(Options& options);
  void path_options(Options& options);
  int run_main(std::vector<std::string> args, char new_branch_letter);
  std::size_t parse_branch_argument(const std::vector<std::string>& args, bool dwim_ok);
  bool take_branch(const std::string& arg);
  void die_expecting_a_branch();
  int switch_now();
  int choose_hunks();
  Invocation& inv_;
  Repository& repo_;
  CheckoutOptions o_;
  BranchInfo to_;
  std::string arg_given_;
  std::unique_ptr<SubmoduleMover> mover_;
  bool guess_ = true, nul_ = false, track_given_ = false, has_dashdash_ = false, overlay_given_ = false;
  int overlay_ = 1;
  std::optional<std::string> pathspec_file_;
  std::optional<ObjectId> arg_oid_;
  int context_ = -1, inter_hunk_ = -1, merge_given_ = -1, merge_before_ = -1;
};

void CheckoutCommand::common_options(Options& p) {
  p.boolean('q', "quiet", &o_.quiet, N_("suppress progress reporting"));
  add_recurse_submodules_option(p, &o_.recurse_submodules);
  p.boolean(0, "progress", &o_.show_progress, N_("force progress reporting"));
  p.boolean('m', "merge", &merge_given_, N_("perform a 3-way merge with the new branch"));
  p.callback(0, "conflict", N_("style"), N_("conflict style (merge, diff3, or zdiff3)"),
             [this](const std::optional<std::string>& value, bool unset) {
               if (unset) {
                 o_.conflict_style.reset();
                 merge_given_ = merge_before_;
                 return true;
               }
               if (*value != "merge" && *value != "diff3" && *value != "zdiff3") {
                 error("unknown conflict style '%s'", *value);
                 return false;
               }
               o_.conflict_style = *value;
               merge_before_ = merge_given_;
               merge_given_ = 1;
               return true;
             });
}

void CheckoutCommand::switch_options(Options& p) {
  p.boolean('d', "detach", &o_.force_detach, N_("detach HEAD at named commit"));
  p.callback(
      't', "track", "(direct|inherit)", N_("set branch tracking configuration"),
      [this](const std::optional<std::string>& value, bool unset) {
        track_given_ = true;
        if (unset)
          o_.track = BranchTrack::never;
        else if (!value || *value == "direct")
          o_.track = BranchTrack::explicitly;
        else if (*value == "inherit")
          o_.track = BranchTrack::inherit;
        else {
          error("option `--track' expects \"direct\" or \"inherit\"");
          return false;
        }
        return true;
      },
      kOptOptionalArg | kOptLiteralArgHelp);
  p.boolean('f', "force", &o_.force, N_("force checkout (throw away local modifications)"));
  p.string(0, "orphan", &o_.new_orphan_branch, N_("new-branch"), N_("new unborn branch"));
  p.boolean(0, "overwrite-ignore", &o_.overwrite_ignore, N_("update ignored files (default)"));
  p.boolean(0, "ignore-other-worktrees", &o_.ignore_other_worktrees, N_("do not check if another worktree is using this branch"));
}

void CheckoutCommand::path_options(Options& p) {
  p.boolean('p', "patch", &o_.patch, N_("select hunks interactively"));
  p.integer('U', "unified", &context_, N_("n"), N_("generate diffs with <n> lines context"));
  p.integer(0, "inter-hunk-context", &inter_hunk_, N_("lines"),
            N_("show context between diff hunks up to the specified number of lines"));
  p.set_int('2', "ours", &o_.writeout_stage, 2, N_("checkout our version for unmerged files"), kOptNoNeg);
  p.set_int('3', "theirs", &o_.writeout_stage, 3, N_("checkout their version for unmerged files"), kOptNoNeg);
  p.boolean(0, "ignore-skip-worktree-bits", &o_.ignore_skip_worktree, N_("do not limit pathspecs to sparse entries only"));
  p.filename(0, "pathspec-from-file", &pathspec_file_, N_("read pathspec from file"));
  p.boolean(0, "pathspec-file-nul", &nul_, N_("with --pathspec-from-file, pathspec elements are separated with NUL character"));
}

namespace {

// "a...b": their only merge base.
std::optional<ObjectId> merge_base_of(Repository& repo, const std::string& text) {
  std::size_t dots = text.find("...");
  if (dots == std::string::npos) return std::nullopt;
  auto side = [&](std::string name) -> Commit* {
    std::optional<ObjectId> oid = get_oid(repo, name.empty() ? "HEAD" : name, NameHint::committish, true);
    return oid ? repo.commits().peel_to_commit(*oid) : nullptr;
  };
  Commit *one = side(text.substr(0, dots)), *two = side(text.substr(dots + 3));
  if (!one || !two) return std::nullopt;
  CommitList bases = merge_bases(repo.commits(), one, two);
  if (bases.size() != 1) return std::nullopt;
  return bases[0]->oid;
}

}  // namespace

bool CheckoutCommand::take_branch(const std::string& arg) {
  std::optional<ObjectId> oid = merge_base_of(repo_, arg);
  if (!oid)
    oid = get_oid(repo_, arg, NameHint::committish, true) ? get_oid(repo_, arg, NameHint::committish)
                                                          : get_oid(repo_, arg, NameHint::none, true);
  if (!oid) return false;
  arg_oid_ = *oid;
  arg_given_ = arg;
  to_.name = arg;
  std::string full;
  if (check_branch_ref(repo_, full, arg) && repo_.refs().exists(full)) {
    to_.path = full;
    std::string_view name = full;
    skip_prefix(name, "refs/heads/");
    to_.name = name;
    oid = repo_.refs().read_oid(full);  // a branch wins over a tag of its name
  }
  if (arg == "@") to_.name = "HEAD";
  to_.oid = oid;
  to_.commit = repo_.odb().type_of(*oid) == ObjectType::commit || repo_.odb().type_of(*oid) == ObjectType::tag
                   ? repo_.commits().peel_to_commit(*oid)
                   : nullptr;
  if (!to_.commit) {
    std::optional<ObjectId> tree = peel_to_type(repo_, *oid, ObjectType::tree, true);
    if (!tree) die("reference is not a tree: %s", arg);
    o_.source_tree = *tree;
  } else {
    repo_.commits().parse(to_.commit).or_die();
    o_.source_tree = repo_.commits().tree(to_.commit);
  }
  return true;
}

// How many words the branch (or tree) takes.
std::size_t CheckoutCommand::parse_branch_argument(const std::vector<std::string>& args, bool dwim_ok) {
  if (args.empty()) return 0;
  if (!o_.accept_pathspec && args.size() > 1) die("only one reference expected");
  std::ptrdiff_t dash = -1;
  for (std::size_t i = 0; i < args.size() && dash < 0; ++i)
    if (args[i] == "--") dash = static_cast<std::ptrdiff_t>(i);
  if (dash == 0) {
    o_.count_checkout_paths = false;
    return 1;
  }
  if (dash >= 2) die("only one reference expected, %d given.", dash);
  has_dashdash_ = dash == 1;
  if (has_dashdash_) o_.count_checkout_paths = false;
  std::string arg = args[0] == "-" ? "@{-1}" : args[0];
  if (take_branch(arg)) {
    if (!has_dashdash_ && o_.accept_pathspec && args.size() > 1) {
      verify_non_filename(o_.prefix, arg);  // it must not be a file too
    }
    return has_dashdash_ ? 2 : 1;
  }
  bool recover = dwim_ok;
  bool could_be_path = o_.accept_pathspec && !has_dashdash_ && looks_like_filename(o_.prefix, arg);
  if (!has_dashdash_ && args.size() > 1 && o_.accept_pathspec) recover = false;
  if (o_.accept_pathspec && !has_dashdash_ && has_glob_special(arg)) recover = false;
  if (recover) {
    ObjectId oid;
    int matches = 0;
    std::optional<std::string> remote = unique_tracking_name(repo_, arg, oid, &matches);
    if (remote) {
      if (could_be_path)
        die("'%s' could be both a local file and a tracking branch.\nPlease use -- (and optionally --no-guess) to disambiguate",
            arg);
      o_.new_branch = arg;
      std::string_view shorter = *remote;
      skip_prefix(shorter, "refs/remotes/");
      o_.track = BranchTrack::explicitly;
      if (!take_branch(std::string(*remote))) die("invalid reference: %s", arg);
      return has_dashdash_ ? 2 : 1;
    }
    if (matches > 1) {
      if (advice_enabled(repo_.config(), "checkoutAmbiguousRemoteBranchName"))
        advise(
            strf("If you meant to check out a remote tracking branch on, e.g. 'origin',\n"
                 "you can do so by fully qualifying the name with the --track option:\n"
                 "\n"
                 "    git checkout --track origin/<name>\n"
                 "\n"
                 "If you'd like to always have checkouts of an ambiguous <name> prefer\n"
                 "one remote, e.g. the 'origin' remote, consider setting\n"
                 "checkout.defaultRemote=origin in your config."));
      die("'%s' matched multiple (%d) remote tracking branches", arg, matches);
    }
  }
  if (has_dashdash_ || !o_.accept_pathspec) die("invalid reference: %s", arg);
  return 0;
}

void CheckoutCommand::die_expecting_a_branch() {
  std::string text;
  std::string full;
  ObjectId oid;
  if (dwim_ref(repo_, to_.name, &oid, &full) == 1) {
    std::string_view name = full;
    if (skip_prefix(name, "refs/tags/"))
      text = strf("a branch is expected, got tag '%s'", name);
    else if (skip_prefix(name, "refs/remotes/"))
      text = strf("a branch is expected, got remote branch '%s'", name);
    else
      text = strf("a branch is expected, got '%s'", name);
  } else if (to_.commit) {
    text = strf("a branch is expected, got commit '%s'", to_.name);
  } else {
    text = strf("a branch is expected, got '%s'", to_.name);
  }
  if (advice_enabled(repo_.config(), "suggestDetachingHead"))
    advise("If you want to detach HEAD at the commit, try again with the --detach option.");
  die("%s", text);
}

int CheckoutCommand::choose_hunks() {
  AddPatchOptions choose;
  choose.context = context_;
  choose.inter_hunk_context = inter_hunk_;
  std::string revision = o_.command == "restore" ? o_.from_treeish : arg_given_;
  bool is_head = revision == "HEAD" || revision == "@";
  if (o_.checkout_worktree && !o_.checkout_index && o_.command == "restore")
    choose.mode = revision.empty() ? PatchMode::checkout_index : is_head ? PatchMode::worktree_head : PatchMode::worktree_nothead;
  else if (o_.command == "restore" && !o_.checkout_worktree)
    choose.mode = is_head ? PatchMode::reset_head : PatchMode::reset_nothead;
  else
    choose.mode = revision.empty() ? PatchMode::checkout_index : is_head ? PatchMode::checkout_head : PatchMode::checkout_nothead;
  choose.revision = revision.find("...") != std::string::npos && arg_oid_ ? arg_oid_->hex() : revision;
  std::vector<std::string> paths;
  for (const PathspecItem& item : o_.pathspec.items) paths.push_back(item.original);
  return run_add_patch(repo_, choose, paths) ? 1 : 0;
}

int CheckoutCommand::switch_now() {
  if (!o_.pathspec.empty()) die("paths cannot be used with switching branches");
  if (o_.patch) die("'%s' cannot be used with switching branches", "--patch");
  if (overlay_given_) die("'%s' cannot be used with switching branches", "--[no]-overlay");
  if (o_.writeout_stage && to_.name.empty()) die("'%s' needs the paths to check out", "--ours/--theirs");
  if (o_.writeout_stage) die("'%s' cannot be used with switching branches", "--ours/--theirs");
  if (o_.force && o_.merge) die("'%s' cannot be used with '%s'", "-f", "-m");
  if (o_.discard_changes && o_.merge) die("'%s' cannot be used with '%s'", "--discard-changes", "--merge");
  if (o_.force_detach && o_.new_branch) die("'%s' cannot be used with '%s'", "--detach", "-b/-B/--orphan");
  if (o_.new_orphan_branch) {
    if (o_.track != BranchTrack::unspecified) die("'%s' cannot be used with '%s'", "--orphan", "-t");
    if (o_.orphan_from_empty_tree && !to_.name.empty()) die("'%s' cannot take <start-point>", "--orphan");
  } else if (o_.force_detach) {
    if (o_.track != BranchTrack::unspecified) die("'%s' cannot be used with '%s'", "--detach", "-t");
  } else if (o_.track == BranchTrack::unspecified) {
    o_.track = configured_branch_track(repo_.config());
  }
  if (!to_.name.empty() && !to_.commit) die("Cannot switch branch to a non-commit '%s'", to_.name);
  if (!o_.switch_branch_doing_nothing_is_ok && to_.name.empty() && !o_.new_branch && !o_.force_detach)
    die("missing branch or commit argument");
  if (!o_.implicit_detach && !o_.force_detach && !o_.new_branch && !to_.name.empty() && to_.path.empty())
    die_expecting_a_branch();
  if (!to_.path.empty() && !o_.force_detach && !o_.new_branch && !o_.ignore_other_worktrees) {
    std::optional<ResolvedRef> head = repo_.refs().resolve("HEAD");
    if (!head || !head->is_symref || head->name != to_.path) die_if_checked_out_elsewhere(repo_, to_.path);
  }
  if (o_.new_branch_force && !o_.ignore_other_worktrees)
    die_if_checked_out_elsewhere(repo_, "refs/heads/" + *o_.new_branch_force);
  return switch_branches(repo_, o_, to_);
}

int CheckoutCommand::run_main(std::vector<std::string> args, char letter) {
  o_.overlay = overlay_;
  mover_ = make_submodule_mover(repo_, o_.recurse_submodules);
  o_.submodules = mover_.get();
  o_.merge = merge_given_ >= 0 ? merge_given_ > 0 : o_.conflict_style.has_value();
  if (o_.command == "restore" && !o_.checkout_index && !o_.checkout_worktree) o_.checkout_worktree = true;
  if (o_.force && o_.command != "restore") {
    o_.discard_changes = true;
    o_.ignore_unmerged_opt = true;
  }
  if (o_.ignore_unmerged) o_.ignore_unmerged_opt = true;
  int modes = int(o_.new_branch.has_value()) + int(o_.new_branch_force.has_value()) + int(o_.new_orphan_branch.has_value());
  if (modes > 1) die("options '-%c', '-%c', and '%s' cannot be used together", letter, to_upper(letter), "--orphan");
  if (overlay_ == 1 && overlay_given_ && o_.patch) die("options '%s' and '%s' cannot be used together", "-p", "--overlay");
  if (o_.new_branch_force) o_.new_branch = o_.new_branch_force;
  if (o_.new_orphan_branch) o_.new_branch = o_.new_orphan_branch;
  // --track alone names the branch after the remote's
  if (track_given_ && o_.track != BranchTrack::never && !o_.new_branch) {
    if (args.empty() || args[0] == "--") die("--track needs a branch name");
    std::string_view name = args[0];
    skip_prefix(name, "refs/");
    skip_prefix(name, "remotes/");
    std::size_t slash = name.find('/');
    if (slash == std::string_view::npos || slash + 1 == name.size()) die("missing branch name; try -%c", letter);
    o_.new_branch = std::string(name.substr(slash + 1));
  }
  std::size_t used = 0;
  if (!args.empty() && o_.accept_ref) {
    bool dwim = !o_.patch && guess_ && o_.track == BranchTrack::unspecified && !o_.new_branch;
    used = parse_branch_argument(args, dwim);
  } else if (!o_.accept_ref && !o_.from_treeish.empty()) {
    if (!take_branch(o_.from_treeish)) die("could not resolve %s", o_.from_treeish);
    if (!args.empty() && args[0] == "--") used = 1;
  } else if (!args.empty() && args[0] == "--") {
    used = 1;
  }
  args.erase(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(used));
  if (!args.empty()) {
    o_.pathspec = parse_pathspec(repo_, args, o_.prefix, o_.patch ? unsigned{kPathspecPrefixOrigin} : 0u);
    if (o_.pathspec.empty()) die("invalid path specification");
    if (o_.new_branch && args.size() == 1 && !to_.commit)
      die("'%s' is not a commit and a branch '%s' cannot be created from it", args[0], *o_.new_branch);
    if (o_.force_detach) die("git checkout: --detach does not take a path argument '%s'", args[0]);
  }
  if (pathspec_file_) {
    if (!o_.pathspec.empty()) die("'%s' and pathspec arguments cannot be used together", "--pathspec-from-file");
    if (o_.force_detach) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--detach");
    if (o_.patch) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--patch");
    o_.pathspec = parse_pathspec_file(repo_, *pathspec_file_, nul_, o_.prefix, 0);
  } else if (nul_) {
    die("the option '%s' requires '%s'", "--pathspec-file-nul", "--pathspec-from-file");
  }
  if (!o_.pathspec.empty() && o_.command == "checkout") {
    if (o_.writeout_stage && o_.source_tree)
      die("git checkout: --ours/--theirs, --force and --merge are incompatible when\nchecking out of the index.");
    if (o_.merge && o_.source_tree)
      die("git checkout: --ours/--theirs, --force and --merge are incompatible when\nchecking out of the index.");
    if (int(o_.writeout_stage != 0) + int(o_.force) + int(o_.merge) > 1)
      die("git checkout: --ours/--theirs, --force and --merge are incompatible when\nchecking out of the index.");
  }
  if (o_.new_branch) {
    std::string full;
    if (o_.new_branch_force) {
      if (validate_branchname(repo_, *o_.new_branch, full)) o_.branch_exists_path = full;
    } else {
      validate_new_branchname(repo_, *o_.new_branch, full, false);
    }
  }
  if (!o_.patch && context_ >= 0) die("the option '%s' requires '%s'", "--unified", "--patch");
  if (!o_.patch && inter_hunk_ >= 0) die("the option '%s' requires '%s'", "--inter-hunk-context", "--patch");
  if (o_.command == "restore" || !o_.pathspec.empty() || o_.patch) {
    if (o_.pathspec.empty() && !o_.patch) die("you must specify path(s) to restore");
    if (o_.track != BranchTrack::unspecified && track_given_) die("'%s' cannot be used with updating paths", "--track");
    if (o_.new_branch_log) die("'%s' cannot be used with updating paths", "-l");
    if (o_.force && o_.patch) die("'%s' cannot be used with updating paths", "-f");
    if (o_.force_detach) die("'%s' cannot be used with updating paths", "--detach");
    if (o_.merge && o_.patch) die("options '%s' and '%s' cannot be used together", "--merge", "--patch");
    if (o_.ignore_unmerged && o_.merge) die("'%s' or '%s' cannot be used with %s", "--ignore-unmerged", "--merge", "-m");
    if (!o_.checkout_index && !o_.checkout_worktree) die("neither '%s' or '%s' is specified", "--staged", "--worktree");
    if (!o_.checkout_worktree && o_.from_treeish.empty() && o_.command == "restore" && !o_.source_tree)
      die("'%s' must be used when '%s' is not specified", "--worktree", "--source");
    if (o_.command == "restore" && o_.checkout_index && o_.writeout_stage)
      die("'%s' or '%s' cannot be used with %s", "--ours", "--theirs", "--staged");
    if (o_.command == "restore" && o_.checkout_index && o_.merge)
      die("'%s' or '%s' cannot be used with %s", "--merge", "--conflict", "--staged");
    if (o_.command == "restore" && o_.source_tree && (o_.merge || o_.writeout_stage))
      die("'%s', '%s', or '%s' cannot be used when checking out of a tree", "--merge", "--ours", "--theirs");
    if (o_.new_branch) die("Cannot update paths and switch to branch '%s' at the same time.", *o_.new_branch);
    if (o_.patch) return choose_hunks();
    return checkout_paths(repo_, o_, to_);
  }
  return switch_now();
}

int CheckoutCommand::checkout() {
  Options p({"git checkout [<options>] <branch>", "git checkout [<options>] [<branch>] -- <file>..."});
  o_.implicit_detach = true;
  guess_ = !inv_.repository || repo_.config().get_bool_or("checkout.guess", true);
  p.string('b', "", &o_.new_branch, N_("branch"), N_("create and checkout a new branch"));
  p.string('B', "", &o_.new_branch_force, N_("branch"), N_("create/reset and checkout a branch"));
  p.boolean('l', "", &o_.new_branch_log, N_("create reflog for new branch"));
  p.boolean(0, "guess", &guess_, N_("second guess 'git checkout <no-such-branch>' (default)"));
  p.callback(
      0, "overlay", "", N_("use overlay mode (default)"),
      [this](const std::optional<std::string>&, bool unset) {
        overlay_given_ = true;
        overlay_ = unset ? 0 : 1;
        return true;
      },
      kOptNoArg);
  common_options(p);
  switch_options(p);
  path_options(p);
  std::vector<std::string> args = p.parse(inv_.args, o_.prefix, kKeepDashDash);
  return run_main(std::move(args), 'b');
}

int CheckoutCommand::switch_branch() {
  Options p({"git switch [<options>] [<branch>]"});
  o_.accept_pathspec = false;
  o_.switch_branch_doing_nothing_is_ok = false;
  o_.only_merge_on_switching_branches = true;
  o_.implicit_detach = false;
  o_.can_switch_when_in_progress = false;
  o_.orphan_from_empty_tree = true;
  guess_ = !inv_.repository || repo_.config().get_bool_or("checkout.guess", true);
  p.string('c', "create", &o_.new_branch, N_("branch"), N_("create and switch to a new branch"));
  p.string('C', "force-create", &o_.new_branch_force, N_("branch"), N_("create/reset and switch to a branch"));
  p.boolean(0, "guess", &guess_, N_("second guess 'git switch <no-such-branch>'"));
  p.boolean(0, "discard-changes", &o_.discard_changes, N_("throw away local modifications"));
  common_options(p);
  switch_options(p);
  std::vector<std::string> args = p.parse(inv_.args, o_.prefix, kKeepDashDash);
  if (!args.empty() && args.back() == "--") args.pop_back();
  return run_main(std::move(args), 'c');
}

int CheckoutCommand::restore() {
  Options p({"git restore [<options>] [--source=<branch>] <file>..."});
  o_.accept_ref = false;
  o_.accept_pathspec = true;
  o_.empty_pathspec_ok = false;
  o_.count_checkout_paths = false;
  o_.checkout_index = o_.checkout_worktree = false;
  overlay_ = 0;
  std::optional<std::string> source;
  int worktree = -1, staged = -1;
  p.string('s', "source", &source, "<tree-ish>", N_("which tree-ish to checkout from"), kOptLiteralArgHelp);
  p.boolean('S', "staged", &staged, N_("restore the index"));
  p.boolean('W', "worktree", &worktree, N_("restore the working tree (default)"));
  p.boolean(0, "ignore-unmerged", &o_.ignore_unmerged, N_("ignore unmerged entries"));
  p.boolean(0, "overlay", &overlay_, N_("use overlay mode"));
  common_options(p);
  path_options(p);
  std::vector<std::string> args = p.parse(inv_.args, o_.prefix, kKeepDashDash);
  o_.checkout_index = staged > 0;
  o_.checkout_worktree = worktree >= 0 ? worktree > 0 : staged <= 0;
  if (source)
    o_.from_treeish = *source;
  else if (o_.checkout_index)
    o_.from_treeish = "HEAD";
  return run_main(std::move(args), 's');
}

}  // namespace

int cmd_checkout(Invocation& inv) { return CheckoutCommand(inv, "checkout").checkout(); }
int cmd_switch(Invocation& inv) { return CheckoutCommand(inv, "switch").switch_branch(); }
int cmd_restore(Invocation& inv) { return CheckoutCommand(inv, "restore").restore(); }

}  // namespace git
