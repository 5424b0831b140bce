// git pull: fetch, then merge or rebase onto what FETCH_HEAD marks for merging.
#include "advice.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "net/url.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "remote.h"
#include "repository.h"
#include "submodule-fetch.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("pull", cmd_pull, kSetup | kNeedWorkTree)

namespace git {

namespace {

enum class Rebase : signed char { unspecified = -1, no = 0, yes, merges, interactive };

std::optional<Rebase> parse_rebase(const std::string& value) {
  if (auto yes = parse_maybe_bool(value)) return *yes ? Rebase::yes : Rebase::no;
  if (value == "merges" || value == "m") return Rebase::merges;
  if (value == "interactive" || value == "i") return Rebase::interactive;
  return std::nullopt;
}

class Pull {
 public:
  explicit Pull(Invocation& inv) : repo_(inv.repo()), config_(repo_.config()), remotes_(&repo_, config_) {}
  int run(Invocation& inv);

 private:
  // An option that is handed on to a child as it was written.
  void pass(Options& options, std::vector<std::string>& to, char s, const std::string& name, const std::string& arg,
            std::string help, unsigned flags = 0);
  void declare(Options& options);
  void read_config();
  void check_state();
  int fetch(const std::vector<std::string>& words);
  std::vector<ObjectId> merge_heads();
  [[noreturn]] void die_no_candidates(const std::vector<std::string>& words);
  int into_void(const std::vector<ObjectId>& heads);
  int merge();
  int rebase(const ObjectId& head, const ObjectId& onto);
  std::optional<ObjectId> rebase_fork_point(const std::vector<std::string>& words);
  void check_divergence(const ObjectId& head, const std::vector<ObjectId>& heads);

  Repository& repo_;
  Config& config_;
  Remotes remotes_;
  SubmoduleRecurse submodule_recursion();
  int update_submodules(const char* how);

  int verbosity_ = 0;
  bool dry_run_ = false;
  Rebase rebase_ = Rebase::unspecified;
  bool rebase_given_ = false;
  int autostash_ = -1;
  std::optional<std::string> ff_, progress_, recurse_;
  std::vector<std::string> fetch_args_, strategies_, strategy_options_, gpg_sign_;
  std::optional<std::string> diffstat_, log_, signoff_, squash_, commit_, edit_, cleanup_, verify_, verify_signatures_;
  bool allow_unrelated_ = false;
  std::optional<ObjectId> fork_point_;
};

void Pull::pass(Options& options, std::vector<std::string>& to, char s, const std::string& name, const std::string& arg,
                std::string help, unsigned flags) {
  if (arg.empty()) flags |= kOptNoArg;
  options.callback(
      s, name, arg, std::move(help),
      [&to, name](const std::optional<std::string>& value, bool unset) {
        std::string text = unset ? "--no-" + name : "--" + name;
        if (!unset && value) text += "=" + *value;
        to.push_back(text);
        return true;
      },
      flags);
}

void Pull::declare(Options& options) {
  auto keep = [&options](std::optional<std::string>& slot, char s, const std::string& name, const std::string& arg,
                         std::string help, unsigned flags = 0) {
    if (arg.empty()) flags |= kOptNoArg;
    options.callback(
        s, name, arg, std::move(help),
        [&slot, name](const std::optional<std::string>& value, bool unset) {
          slot = unset ? "--no-" + name : "--" + name + (value ? "=" + *value : "");
          return true;
        },
        flags);
  };
  options.verbosity(&verbosity_);
  keep(progress_, 0, "progress", "", N_("force progress reporting"));
  keep(recurse_, 0, "recurse-submodules", "on-demand", N_("control for recursive fetching of submodules"), kOptOptionalArg);
  options.group("Options related to merging");
  options.callback(
      'r', "rebase", "(false|true|merges|interactive)", N_("incorporate changes by rebasing rather than merging"),
      [this](const std::optional<std::string>& value, bool unset) {
        rebase_given_ = true;
        if (unset || !value) {
          rebase_ = unset ? Rebase::no : Rebase::yes;
          return true;
        }
        auto parsed = parse_rebase(*value);
        if (!parsed) {
          error(_("invalid value for '%s': '%s'"), "--rebase", *value);
          return false;
        }
        rebase_ = *parsed;
        return true;
      },
      kOptOptionalArg);
  options.callback(
      'n', "", "", N_("do not show a diffstat at the end of the merge"),
      [this](const std::optional<std::string>&, bool) {
        diffstat_ = "--no-stat";
        return true;
      },
      kOptNoArg | kOptNoNeg);
  keep(diffstat_, 0, "stat", "", N_("show a diffstat at the end of the merge"));
  keep(diffstat_, 0, "summary", "", N_("(synonym to --stat)"), kOptHidden);
  keep(diffstat_, 0, "compact-summary", "", N_("show a compact-summary at the end of the merge"));
  keep(log_, 0, "log", "n", N_("add (at most <n>) entries from shortlog to merge commit message"), kOptOptionalArg);
  keep(signoff_, 0, "signoff", "", N_("add a Signed-off-by trailer"));
  keep(squash_, 0, "squash", "", N_("create a single commit instead of doing a merge"));
  keep(commit_, 0, "commit", "", N_("perform a commit if the merge succeeds (default)"));
  keep(edit_, 0, "edit", "", N_("edit message before committing"));
  keep(cleanup_, 0, "cleanup", "mode", N_("how to strip spaces and #comments from message"));
  keep(ff_, 0, "ff", "", N_("allow fast-forward"));
  keep(ff_, 0, "ff-only", "", N_("abort if fast-forward is not possible"), kOptNoNeg);
  keep(verify_, 0, "verify", "", N_("control use of pre-merge-commit and commit-msg hooks"));
  keep(verify_signatures_, 0, "verify-signatures", "", N_("verify that the named commit has a valid GPG signature"));
  options.boolean(0, "autostash", &autostash_, N_("automatically stash/stash pop before and after"));
  options.callback('s', "strategy", "strategy", N_("merge strategy to use"),
                   [this](const std::optional<std::string>& value, bool unset) {
                     if (unset)
                       strategies_.clear();
                     else
                       strategies_.push_back("--strategy=" + *value);
                     return true;
                   });
  options.callback('X', "strategy-option", "option=value", N_("option for selected merge strategy"),
                   [this](const std::optional<std::string>& value, bool unset) {
                     if (unset)
                       strategy_options_.clear();
                     else
                       strategy_options_.push_back("--strategy-option=" + *value);
                     return true;
                   });
  pass(options, gpg_sign_, 'S', "gpg-sign", "key-id", N_("GPG sign commit"), kOptOptionalArg);
  options.boolean(0, "allow-unrelated-histories", &allow_unrelated_, N_("allow merging unrelated histories"));
  options.group("Options related to fetching");
  auto& f = fetch_args_;
  pass(options, f, 0, "all", "", N_("fetch from all remotes"));
  pass(options, f, 'a', "append", "", N_("append to .git/FETCH_HEAD instead of overwriting"));
  pass(options, f, 0, "upload-pack", "path", N_("path to upload pack on remote end"));
  pass(options, f, 'f', "force", "", N_("force overwrite of local branch"));
  pass(options, f, 't', "tags", "", N_("fetch all tags and associated objects"));
  pass(options, f, 'p', "prune", "", N_("prune remote-tracking branches no longer on remote"));
  pass(options, f, 'j', "jobs", "n", N_("number of submodules pulled in parallel"), kOptOptionalArg);
  options.boolean(0, "dry-run", &dry_run_, N_("dry run"));
  pass(options, f, 'k', "keep", "", N_("keep downloaded pack"));
  pass(options, f, 0, "depth", "depth", N_("deepen history of shallow clone"));
  pass(options, f, 0, "shallow-since", "time", N_("deepen history of shallow repository based on time"));
  pass(options, f, 0, "shallow-exclude", "ref", N_("deepen history of shallow clone, excluding ref"));
  pass(options, f, 0, "deepen", "n", N_("deepen history of shallow clone"));
  pass(options, f, 0, "unshallow", "", N_("convert to a complete repository"), kOptNoNeg);
  pass(options, f, 0, "update-shallow", "", N_("accept refs that update .git/shallow"));
  pass(options, f, 0, "refmap", "refmap", N_("specify fetch refmap"));
  pass(options, f, 'o', "server-option", "server-specific", N_("option to transmit"));
  pass(options, f, '4', "ipv4", "", N_("use IPv4 addresses only"));
  pass(options, f, '6', "ipv6", "", N_("use IPv6 addresses only"));
  pass(options, f, 0, "negotiation-restrict", "revision", N_("report that we have only objects reachable from this object"));
  pass(options, f, 0, "negotiation-tip", "revision", N_("alias of --negotiation-restrict"));
  pass(options, f, 0, "negotiation-require", "revision", N_("always report this object as one that we have"));
  pass(options, f, 0, "negotiation-include", "revision", N_("alias of --negotiation-require"));
  pass(options, f, 0, "show-forced-updates", "", N_("check for forced-updates on all updated branches"));
  pass(options, f, 0, "set-upstream", "", N_("set upstream for git pull/fetch"));
  pass(options, f, 0, "auto-maintenance", "", N_("run 'maintenance --auto' after fetching"), kOptHidden);
}

void Pull::read_config() {
  if (autostash_ < 0)
    if (auto stash = config_.get_bool("pull.autostash")) autostash_ = *stash;
  if (!rebase_given_) {
    std::string key = "pull.rebase";
    std::optional<std::string> value;
    if (Branch* branch = remotes_.current_branch()) {
      std::string own = "branch." + branch->name + ".rebase";
      value = config_.get_string(own);
      if (const ConfigEntry* entry = config_.find(own); entry && !entry->value) value = "true";
      if (value) key = own;
    }
    if (!value) {
      value = config_.get_string("pull.rebase");
      if (const ConfigEntry* entry = config_.find("pull.rebase"); entry && !entry->value) value = "true";
    }
    if (value) {
      auto parsed = parse_rebase(*value);
      if (!parsed) die(_("invalid value for '%s': '%s'"), key, *value);
      rebase_ = *parsed;
    }
  }
  if (!ff_) {
    auto value = config_.get_string("pull.ff");
    if (value) {
      auto yes = parse_maybe_bool(value);
      if (yes && *yes)
        ff_ = "--ff";
      else if (yes)
        ff_ = "--no-ff";
      else if (*value == "only")
        ff_ = "--ff-only";
      else
        die(_("invalid value for '%s': '%s'"), "pull.ff", *value);
      // A configured --ff-only does not override --rebase on the command line.
      if (rebase_given_ && rebase_ > Rebase::no && *ff_ == "--ff-only") ff_ = "--ff";
    }
  }
}

void Pull::check_state() {
  Index index = Index::read(repo_);
  if (index.has_unmerged()) {
    error("%s", _("Pulling is not possible because you have unmerged files."));
    if (advice_enabled(config_, "resolveConflict"))
      advise(
          _("Fix them up in the work tree, and then use 'git add/rm <file>'\nas appropriate to mark resolution and make a "
            "commit."));
    die("%s", _("Exiting because of an unresolved conflict."));
  }
  if (path_exists(repo_.git_path("MERGE_HEAD"))) {
    error("%s", _("You have not concluded your merge (MERGE_HEAD exists)."));
    if (advice_enabled(config_, "resolveConflict")) advise(_("Please, commit your changes before merging."));
    die("%s", _("Exiting because of unfinished merge."));
  }
}

int Pull::fetch(const std::vector<std::string>& words) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"fetch", "--update-head-ok"};
  for (int i = 0; i < verbosity_; i++) child.args.push_back("-v");
  for (int i = 0; i > verbosity_; i--) child.args.push_back("-q");
  if (progress_) child.args.push_back(*progress_);
  if (recurse_) child.args.push_back(*recurse_);
  if (dry_run_) child.args.push_back("--dry-run");
  child.args.insert(child.args.end(), fetch_args_.begin(), fetch_args_.end());
  child.args.insert(child.args.end(), words.begin(), words.end());
  return child.run();
}

std::vector<ObjectId> Pull::merge_heads() {
  std::vector<ObjectId> heads;
  std::string text = read_file_if_exists(repo_.git_path("FETCH_HEAD")).value_or("");
  for (std::string_view line : split_lines(text)) {
    auto oid = ObjectId::parse_prefix(line, repo_.algo());
    if (oid && starts_with(line, "\t") && !starts_with(line, "\tnot-for-merge\t")) heads.push_back(*oid);
  }
  return heads;
}

void Pull::die_no_candidates(const std::vector<std::string>& words) {
  Branch* branch = remotes_.current_branch();
  bool rebases = rebase_ > Rebase::no;
  std::string remote = branch ? branch->remote_name : "";
  if (words.size() > 1) {
    err(rebases ? _("There is no candidate for rebasing against among the refs that you just fetched.\n")
                : _("There are no candidates for merging among the refs that you just fetched.\n"));
    err(_("Generally this means that you provided a wildcard refspec which had no\nmatches on the remote end.\n"));
  } else if (!words.empty() && branch && (remote.empty() || words[0] != remote)) {
    errf(_("You asked to pull from the remote '%s', but did not specify\na branch. Because this is not the default configured "
           "remote\nfor your current branch, you must specify a branch on the command line.\n"),
         words[0]);
  } else if (!branch) {
    err(_("You are not currently on a branch.\n"));
    err(rebases ? _("Please specify which branch you want to rebase against.\n")
                : _("Please specify which branch you want to merge with.\n"));
    err(_("See git-pull(1) for details.\n"));
    errf("\n    git pull %s %s\n\n", _("<remote>"), _("<branch>"));
  } else if (branch->merge_names.empty()) {
    auto all = remotes_.all();
    std::string name = all.size() == 1 ? all[0]->name : _("<remote>");
    err(_("There is no tracking information for the current branch.\n"));
    err(rebases ? _("Please specify which branch you want to rebase against.\n")
                : _("Please specify which branch you want to merge with.\n"));
    err(_("See git-pull(1) for details.\n"));
    errf("\n    git pull %s %s\n\n", _("<remote>"), _("<branch>"));
    errf(_("If you wish to set tracking information for this branch you can do so with:\n\n    git branch "
           "--set-upstream-to=%s/%s %s\n\n"),
         name, _("<branch>"), branch->name);
  } else {
    errf(_("Your configuration specifies to merge with the ref '%s'\nfrom the remote, but no such ref was fetched.\n"),
         branch->merge_names[0]);
  }
  exit_with(1);
}

int Pull::into_void(const std::vector<ObjectId>& heads) {
  if (heads.size() > 1) die("%s", _("Cannot merge multiple branches into empty head."));
  if (verify_signatures_ && *verify_signatures_ == "--verify-signatures") {
    ChildProcess verify;
    verify.git_command = true;
    verify.args = {"verify-commit", heads[0].hex()};
    if (verify.run() != 0) return 1;
  }
  ChildProcess child;
  child.git_command = true;
  child.args = {"read-tree", "-m", "-u", empty_tree_id(repo_.algo()).hex(), heads[0].hex()};
  if (child.run() != 0) return 1;
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = heads[0];
  update.old_oid = repo_.refs().read_oid("HEAD").value_or(ObjectId::null(repo_.algo()));
  update.message = "initial pull";
  auto done = repo_.refs().update(std::move(update));
  return done ? 0 : (error("%s", done.error().message), 1);
}

int Pull::merge() {
  ChildProcess child;
  child.git_command = true;
  child.args = {"merge"};
  for (int i = 0; i < verbosity_; i++) child.args.push_back("-v");
  for (int i = 0; i > verbosity_; i--) child.args.push_back("-q");
  for (const auto& option :
       {progress_, diffstat_, log_, signoff_, squash_, commit_, edit_, cleanup_, ff_, verify_, verify_signatures_})
    if (option) child.args.push_back(*option);
  child.args.insert(child.args.end(), strategies_.begin(), strategies_.end());
  child.args.insert(child.args.end(), strategy_options_.begin(), strategy_options_.end());
  if (!gpg_sign_.empty()) child.args.push_back(gpg_sign_.back());
  if (autostash_ >= 0) child.args.push_back(autostash_ ? "--autostash" : "--no-autostash");
  if (allow_unrelated_) child.args.push_back("--allow-unrelated-histories");
  child.args.push_back("FETCH_HEAD");
  return child.run();
}

SubmoduleRecurse Pull::submodule_recursion() {
  if (recurse_) {
    std::string_view word = *recurse_;
    if (starts_with(word, "--no-")) return SubmoduleRecurse::off;
    if (!skip_prefix(word, "--recurse-submodules=")) return SubmoduleRecurse::on;
    return parse_fetch_recurse_argument("--recurse-submodules", std::string(word));
  }
  auto configured = config_.get_bool("submodule.recurse");
  if (!configured) return SubmoduleRecurse::unset;
  return *configured ? SubmoduleRecurse::on : SubmoduleRecurse::off;
}

int Pull::update_submodules(const char* how) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"submodule", "update", "--recursive", how};
  if (verbosity_ < 0) child.args.insert(child.args.begin() + 1, "--quiet");
  child.in = ChildProcess::kNull;
  return child.run();
}

int Pull::rebase(const ObjectId& head, const ObjectId& onto) {
  if (fork_point_) {
    // The fork point says nothing new where it is the merge base anyway.
    CommitPool& pool = repo_.commits();
    auto bases = merge_bases(pool, pool.get(head), pool.get(onto));
    if (!bases.empty() && bases[0]->oid == *fork_point_) fork_point_.reset();
  }
  ChildProcess child;
  child.git_command = true;
  child.args = {"rebase"};
  for (int i = 0; i < verbosity_; i++) child.args.push_back("-v");
  for (int i = 0; i > verbosity_; i--) child.args.push_back("-q");
  if (rebase_ == Rebase::merges) child.args.push_back("--rebase-merges");
  if (rebase_ == Rebase::interactive) child.args.push_back("--interactive");
  if (diffstat_) child.args.push_back(*diffstat_);
  child.args.insert(child.args.end(), strategies_.begin(), strategies_.end());
  child.args.insert(child.args.end(), strategy_options_.begin(), strategy_options_.end());
  if (!gpg_sign_.empty()) child.args.push_back(gpg_sign_.back());
  if (signoff_) child.args.push_back(*signoff_);
  if (autostash_ >= 0) child.args.push_back(autostash_ ? "--autostash" : "--no-autostash");
  if (verify_signatures_ && *verify_signatures_ == "--verify-signatures")
    warning("%s", _("ignoring --verify-signatures for rebase"));
  child.args.insert(child.args.end(), {"--onto", onto.hex(), fork_point_ ? fork_point_->hex() : onto.hex()});
  return child.run();
}

std::optional<ObjectId> Pull::rebase_fork_point(const std::vector<std::string>& words) {
  Branch* branch = remotes_.current_branch();
  if (!branch) return std::nullopt;
  std::string tracking;
  if (words.size() > 1) {
    Remote* remote = remotes_.get(words[0]);
    auto item = parse_refspec(words[1], true);
    if (!remote || !item) return std::nullopt;
    std::string src = item->src.value_or("HEAD");
    if (!starts_with(src, "refs/")) src = "refs/heads/" + src;
    // A branch of this repository is followed as it is.
    auto dst = words[0] == "." ? std::optional(src) : refspec_destination(remote->fetch, src);
    if (!dst) return std::nullopt;
    tracking = *dst;
  } else if (words.empty() || words[0] == branch->remote_name) {
    auto upstream = remotes_.upstream(branch);
    if (!upstream) return std::nullopt;
    tracking = *upstream;
  } else {
    return std::nullopt;
  }
  auto head = repo_.refs().read_oid("HEAD");
  if (!head || !repo_.refs().exists(tracking)) return std::nullopt;
  Commit* commit = repo_.commits().peel_to_commit(*head);
  Commit* point = commit ? fork_point(repo_, tracking, commit) : nullptr;
  return point ? std::optional(point->oid) : std::nullopt;
}

void Pull::check_divergence(const ObjectId& head, const std::vector<ObjectId>& heads) {
  CommitPool& pool = repo_.commits();
  Commit* ours = pool.get(head);
  Commit* theirs = pool.peel_to_commit(heads[0]);
  bool can_ff = heads.size() == 1 && theirs && in_merge_bases(pool, ours, theirs);
  bool up_to_date = true;
  for (const ObjectId& oid : heads) {
    Commit* commit = pool.peel_to_commit(oid);
    if (!commit || !in_merge_bases(pool, commit, ours)) up_to_date = false;
  }
  bool diverges = !can_ff && !up_to_date;
  if (ff_ && *ff_ == "--ff-only") {
    if (diverges) {
      if (advice_enabled(config_, "diverging"))
        advise(
            _("Diverging branches can't be fast-forwarded, you need to either:\n\n\tgit merge --no-ff\n\nor:\n\n\tgit rebase\n"));
      die("%s", _("Not possible to fast-forward, aborting."));
    }
    rebase_ = Rebase::no;
  }
  if (rebase_ == Rebase::unspecified && !ff_ && diverges) {
    advise(_(
        "You have divergent branches and need to specify how to reconcile them.\nYou can do so by running one of the following "
        "commands sometime before\nyour next pull:\n\n  git config pull.rebase false  # merge\n  git config pull.rebase true   "
        "# rebase\n  git config pull.ff only       # fast-forward only\n\nYou can replace \"git config\" with \"git config "
        "--global\" to set a default\npreference for all repositories. You can also pass --rebase, --no-rebase,\nor --ff-only on "
        "the command line to override the configured default per\ninvocation.\n"));
    die("%s", _("Need to specify how to reconcile divergent branches."));
  }
}

int Pull::run(Invocation& inv) {
  Options options({"git pull [<options>] [<repository> [<refspec>...]]"});
  declare(options);
  std::vector<std::string> words = options.parse(inv.args, inv.prefix_or_empty());
  if (cleanup_ && starts_with(*cleanup_, "--cleanup=")) {
    std::string mode = cleanup_->substr(10);
    for (const char* known : {"default", "verbatim", "whitespace", "strip", "scissors"})
      if (mode == known) mode.clear();
    if (!mode.empty()) die(_("Invalid cleanup mode %s"), mode);
  }
  if (!get_env("GIT_REFLOG_ACTION")) {
    std::string action;
    for (const std::string& arg : inv.args) action += (action.empty() ? "" : " ") + anonymize_url(arg);
    set_env("GIT_REFLOG_ACTION", action);
  }
  read_config();
  bool rebases = rebase_ > Rebase::no;
  check_state();
  std::optional<ObjectId> head = repo_.refs().read_oid("HEAD");
  if (rebases) {
    bool stashes = autostash_ >= 0 ? autostash_ > 0 : config_.get_bool_or("rebase.autostash", false);
    if (!head) {
      if (Index::read(repo_).size()) die("%s", _("Updating an unborn branch with changes added to the index."));
    } else if (!stashes) {
      ChildProcess check;
      check.git_command = true;
      check.args = {"diff-index", "--quiet", "--cached", "--ignore-submodules", "HEAD", "--"};
      ChildProcess files;
      files.git_command = true;
      files.args = {"diff-files", "--quiet", "--ignore-submodules"};
      ChildProcess refresh;
      refresh.git_command = true;
      refresh.args = {"update-index", "-q", "--refresh"};
      refresh.out = refresh.err = ChildProcess::kNull;
      refresh.run();
      bool unstaged = files.run() != 0;
      bool staged = check.run() != 0;
      if (unstaged) error("%s", _("cannot pull with rebase: You have unstaged changes."));
      if (staged)
        error("%s", unstaged ? _("additionally, your index contains uncommitted changes.")
                             : _("cannot pull with rebase: Your index contains uncommitted changes."));
      if (unstaged || staged) {
        error("%s", _("Please commit or stash them."));
        return 128;
      }
    }
    fork_point_ = rebase_fork_point(words);
  }
  if (int code = fetch(words)) return code;
  if (dry_run_) return 0;
  std::optional<ObjectId> now = repo_.refs().read_oid("HEAD");
  if (head && now && !(*head == *now)) {
    warning(_("fetch updated the current branch head.\nfast-forwarding your working tree from\ncommit %s."), *head);
    ChildProcess child;
    child.git_command = true;
    child.args = {"read-tree", "-m", "-u", head->hex(), now->hex()};
    if (child.run() != 0)
      die(_("Cannot fast-forward your working tree.\nAfter making sure that you saved anything precious from\n$ git diff "
            "%s\noutput, run\n$ git reset --hard\nto recover."),
          *head);
  }
  repo_.odb().reprepare();
  std::vector<ObjectId> heads = merge_heads();
  if (heads.empty()) die_no_candidates(words);
  if (!head) return into_void(heads);
  if (heads.size() > 1) {
    if (rebases) die("%s", _("Cannot rebase onto multiple branches."));
    if (ff_ && *ff_ == "--ff-only") die("%s", _("Cannot fast-forward to multiple branches."));
  }
  check_divergence(*now, heads);
  const SubmoduleRecurse recurse = submodule_recursion();
  const bool recurses = recurse == SubmoduleRecurse::on || recurse == SubmoduleRecurse::on_demand;
  if (rebase_ <= Rebase::no) {
    int code = merge();
    return code || !recurses ? code : update_submodules("--checkout");
  }
  if (recurses && submodules_change_between(repo_, heads[0], *now))
    die("%s", _("cannot rebase with locally recorded submodule modifications"));
  CommitPool& pool = repo_.commits();
  Commit* theirs = pool.peel_to_commit(heads[0]);
  if (theirs && in_merge_bases(pool, pool.get(*now), theirs)) {
    // Nothing of ours to rebase: a fast-forward does it.
    ff_ = "--ff-only";
    if (autostash_ < 0 && config_.get_bool_or("rebase.autostash", false)) autostash_ = 1;
    int code = merge();
    return code || !recurses ? code : update_submodules("--rebase");
  }
  int code = rebase(*now, heads[0]);
  return code || !recurses ? code : update_submodules("--rebase");
}

}  // namespace

int cmd_pull(Invocation& inv) { return Pull(inv).run(inv); }

}  // namespace git
