// git merge, in the order things happen: what to merge, whether there is anything to do, a fast-forward, a strategy,
// and then a commit or a state that the user finishes.
#include <algorithm>

#include "base/command-line.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "builtin.h"
#include "config.h"
#include "config/ident.h"
#include "editor.h"
#include "gpg-interface.h"
#include "hook.h"
#include "index.h"
#include "index/unpack-trees.h"
#include "maintenance.h"
#include "merge/checkout-result.h"
#include "merge/merge-ort.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "rerere.h"
#include "show/fmt-merge-msg.h"
#include "show/wt-status.h"

#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/commit-write.h"

GIT_BUILTIN("merge", cmd_merge, kSetup | kNeedWorkTree)

namespace git {
namespace {

enum class FastForward { no, allow, only };

struct Head {
  Commit* commit = nullptr;
  std::string name;               // as the user wrote it
  bool is_throwaway_tag = false;  // a tag that no local ref keeps
};

int run_git(std::vector<std::string> args, std::vector<std::string> env = {}) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  child.env = std::move(env);
  return child.run();
}

struct MergeCommand {
  explicit MergeCommand(Invocation& invocation) : inv(invocation), repo(invocation.repo()) {}
  Invocation& inv;
  Repository& repo;

  // options
  int do_commit = -1;
  bool show_stat = true, compact_summary = false, squash = false, verify = true, signoff = false;
  bool allow_unrelated = false, overwrite_ignore = true, autostash = false, verify_signatures = false;
  bool have_message = false;
  int edit = -1, verbosity = 0, progress = -1, log_length = -1, rerere_autoupdate = -1;
  FastForward ff = FastForward::allow;
  std::string message;
  std::optional<std::string> into_name, cleanup, sign_key;
  std::vector<std::string> strategies, strategy_options;

  // state
  std::string branch;  // "refs/heads/x" or "" when detached
  Commit* head = nullptr;
  std::vector<Head> remotes;
  std::vector<Commit*> bases;

  int run();
  void parse_options();
  void read_config();
  int abort_merge();
  int continue_merge();
  void check_not_in_progress();
  void collect_heads(const std::vector<std::string>& args);
  void collect_from_fetch_head();
  void add_head(const std::string& name);
  [[noreturn]] void die_not_mergeable(const std::string& name);
  void check_strategy(const std::string& name);
  bool try_trivial();
  std::string describe_head(const std::string& name, const Commit* commit);
  void make_message(const std::string& input);
  int merge_into_unborn();
  int fast_forward();
  int try_strategies();
  int try_strategy(const std::string& name);
  int try_ort(const std::string& name);
  int commit_result(const ObjectId& tree, const std::string& strategy);
  void finish(const ObjectId* new_head, const std::string& reflog);
  void write_merge_state();
  void prepare_message();
  int suspend();
  std::string merge_msg_path() { return repo.git_path("MERGE_MSG"); }
  std::string comment_prefix() {
    return repo.config().get_string_or("core.commentchar", "#") == "auto"
               ? "#"
               : repo.config().get_string_or("core.commentstring", repo.config().get_string_or("core.commentchar", "#"));
  }
};

void MergeCommand::read_config() {
  Config& config = repo.config();
  std::string branch_options;
  if (!branch.empty()) {
    if (auto text = config.get_string("branch." + branch.substr(11) + ".mergeoptions")) {
      std::vector<std::string> words{"merge"};
      for (const std::string& word : parse_command_line(*text).take_or_die()) words.push_back(word);
      std::vector<std::string> saved = inv.args;
      inv.args.insert(inv.args.begin() + 1, words.begin() + 1, words.end());
    }
  }
  if (auto value = config.get_string("merge.ff")) {
    if (*value == "only")
      ff = FastForward::only;
    else if (auto truth = parse_maybe_bool(value))
      ff = *truth ? FastForward::allow : FastForward::no;
  }
  if (config.find("merge.diffstat") || config.find("merge.stat")) {
    const char* key = config.find("merge.stat") ? "merge.stat" : "merge.diffstat";
    auto value = config.get_string(key);
    if (value && *value == "compact")
      compact_summary = true;
    else if (value && *value == "diffstat")
      show_stat = true;
    else
      show_stat = config.get_bool_or(key, true);
  }
  verify_signatures = config.get_bool_or("merge.verifysignatures", false);
  autostash = config.get_bool_or("merge.autostash", false);
  cleanup = config.get_string("commit.cleanup");
  if (auto twohead = config.get_string("pull.twohead"); twohead) (void)twohead;
  if (config.get_bool_or("commit.gpgsign", false)) sign_key = "";
}

void MergeCommand::parse_options() {
  bool quit = false, abort = false, resume = false, stat = false;
  std::vector<std::string> messages;
  std::optional<std::string> file;
  Options options({"git merge [<options>] [<commit>...]", "git merge --abort", "git merge --continue"});
  options.callback(
      'n', "", "", N_("do not show a diffstat at the end of the merge"),
      [&](const auto&, bool) {
        show_stat = false;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  options.callback(
      0, "stat", "", N_("show a diffstat at the end of the merge"),
      [&](const auto&, bool unset) {
        show_stat = !unset;
        return true;
      },
      kOptNoArg);
  options.callback(
      0, "summary", "", N_("(synonym to --stat)"),
      [&](const auto&, bool unset) {
        show_stat = !unset;
        return true;
      },
      kOptNoArg);
  options.callback(
      0, "compact-summary", "", N_("show a compact-summary at the end of the merge"),
      [&](const auto&, bool unset) {
        show_stat = true;
        compact_summary = !unset;
        return true;
      },
      kOptNoArg);
  options.callback(
      0, "log", "n", N_("add (at most <n>) entries from shortlog to merge commit message"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset)
          log_length = 0;
        else if (!value)
          log_length = 20;
        else if (auto n = parse_int(*value))
          log_length = static_cast<int>(*n);
        else
          return error(_("option `%s' expects a numerical value"), "log") == 0;
        return true;
      },
      kOptOptionalArg);
  options.boolean(0, "squash", &squash, N_("create a single commit instead of doing a merge"));
  options.boolean(0, "commit", &do_commit, N_("perform a commit if the merge succeeds (default)"));
  options.boolean('e', "edit", &edit, N_("edit message before committing"));
  options.string(0, "cleanup", &cleanup, "mode", N_("how to strip spaces and #comments from message"));
  options.callback(
      0, "ff", "", N_("allow fast-forward (default)"),
      [&](const auto&, bool unset) {
        ff = unset ? FastForward::no : FastForward::allow;
        return true;
      },
      kOptNoArg);
  options.callback(
      0, "ff-only", "", N_("abort if fast-forward is not possible"),
      [&](const auto&, bool) {
        ff = FastForward::only;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  options.boolean(0, "rerere-autoupdate", &rerere_autoupdate, N_("update the index with reused conflict resolution if possible"));
  options.boolean(0, "verify-signatures", &verify_signatures, N_("verify that the named commit has a valid GPG signature"));
  options.strings('s', "strategy", &strategies, "strategy", N_("merge strategy to use"));
  options.strings('X', "strategy-option", &strategy_options, "option=value", N_("option for selected merge strategy"));
  options.callback('m', "message", "message", N_("merge commit message (for a non-fast-forward merge)"),
                   [&](const std::optional<std::string>& value, bool unset) {
                     if (unset) return have_message = false, message.clear(), true;
                     if (!message.empty()) message += "\n\n";
                     message += *value;
                     have_message = true;
                     return true;
                   });
  options.callback(
      'F', "file", "path", N_("read message from file"),
      [&](const std::optional<std::string>& value, bool) {
        Result<std::string> text = *value == "-" ? read_fd(0) : read_file(prefix_filename(inv.prefix_or_empty(), *value));
        if (!text) return error(_("could not read file '%s'"), *value) == 0;
        message = std::move(*text);
        have_message = true;
        return true;
      },
      kOptNoNeg);
  options.string(0, "into-name", &into_name, "name", N_("use <name> instead of the real target branch"));
  options.verbosity(&verbosity);
  options.boolean(0, "abort", &abort, N_("abort the current in-progress merge"));
  options.boolean(0, "quit", &quit, N_("--abort but leave index and working tree alone"));
  options.boolean(0, "continue", &resume, N_("continue the current in-progress merge"));
  options.boolean(0, "allow-unrelated-histories", &allow_unrelated, N_("allow merging unrelated histories"));
  options.boolean(0, "progress", &progress, N_("force progress reporting"));
  options.callback(
      'S', "gpg-sign", "key-id", N_("GPG sign commit"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset)
          sign_key.reset();
        else
          sign_key = value ? *value : "";
        return true;
      },
      kOptOptionalArg);
  options.boolean(0, "autostash", &autostash, N_("automatically stash/stash pop before and after"));
  options.boolean(0, "overwrite-ignore", &overwrite_ignore, N_("update ignored files (default)"));
  options.boolean(0, "signoff", &signoff, N_("add a Signed-off-by trailer"));
  options.boolean(0, "verify", &verify, N_("bypass pre-merge-commit and commit-msg hooks"));
  std::size_t given = inv.args.size() - 1;
  std::vector<std::string> rest = options.parse(inv.args, inv.prefix_or_empty());
  (void)stat;
  if (verbosity < 0 && !compact_summary) show_stat = show_stat && verbosity >= 0;
  if (static_cast<int>(abort) + static_cast<int>(quit) + static_cast<int>(resume) > 0 && given != 1)
    options.usage_msg(strf(_("--%s expects no arguments"), abort ? "abort" : quit ? "quit" : "continue"));
  if (abort) exit_with(abort_merge());
  if (quit) {
    if (!path_exists(repo.git_path("MERGE_HEAD"))) die(_("There is no merge in progress (MERGE_HEAD missing)."));
    save_autostash(repo, "MERGE_AUTOSTASH");
    remove_merge_state(repo, false);
    exit_with(0);
  }
  if (resume) exit_with(continue_merge());
  inv.args.assign(1, "merge");
  inv.args.insert(inv.args.end(), rest.begin(), rest.end());
}

int MergeCommand::abort_merge() {
  if (!path_exists(repo.git_path("MERGE_HEAD"))) die(_("There is no merge to abort (MERGE_HEAD missing)."));
  std::string stash;
  if (auto text = read_file_if_exists(repo.git_path("MERGE_AUTOSTASH"))) {
    stash = trim(*text);
    remove_file(repo.git_path("MERGE_AUTOSTASH"));
  }
  int code = run_git({"reset", "--merge"});
  if (!stash.empty()) {
    write_file(repo.git_path("MERGE_AUTOSTASH"), stash + "\n");
    apply_autostash(repo, "MERGE_AUTOSTASH");
  }
  return code;
}

int MergeCommand::continue_merge() {
  if (!path_exists(repo.git_path("MERGE_HEAD"))) die(_("There is no merge in progress (MERGE_HEAD missing)."));
  return run_git({"commit"});
}

void MergeCommand::check_not_in_progress() {
  Index index = Index::read(repo);
  if (index.has_unmerged()) {
    error(_("Merging is not possible because you have unmerged files."));
    if (repo.config().get_bool_or("advice.resolveconflict", true)) {
      report("hint: ", _("Fix them up in the work tree, and then use 'git add/rm <file>'"));
      report("hint: ", _("as appropriate to mark resolution and make a commit."));
    }
    die(_("Exiting because of an unresolved conflict."));
  }
  bool advise = repo.config().get_bool_or("advice.resolveconflict", true);
  if (path_exists(repo.git_path("MERGE_HEAD")))
    die("%s", advise ? _("You have not concluded your merge (MERGE_HEAD exists).\nPlease, commit your changes before you merge.")
                     : _("You have not concluded your merge (MERGE_HEAD exists)."));
  if (repo.refs().exists("CHERRY_PICK_HEAD"))
    die("%s", advise ? _("You have not concluded your cherry-pick (CHERRY_PICK_HEAD exists).\nPlease, commit your changes before "
                         "you merge.")
                     : _("You have not concluded your cherry-pick (CHERRY_PICK_HEAD exists)."));
}

// How FETCH_HEAD would name it: "branch 'x' of .".
std::string MergeCommand::describe_head(const std::string& name, const Commit* commit) {
  std::string line = commit->oid.hex() + "\t\t";
  std::string bare = name, early;
  if (std::size_t at = name.find_first_of("^~"); at != std::string::npos) {
    std::string_view tail = std::string_view(name).substr(at);
    bool only_parents = true;
    for (char c : tail) only_parents = only_parents && (c == '^' || c == '~' || is_digit(c));
    if (only_parents) {
      bare = name.substr(0, at);
      bool zero = true;
      for (char c : tail)
        if (is_digit(c) && c != '0') zero = false;
      if (tail == "~0" || tail == "^0")
        zero = true;
      else
        zero = false;
      if (!zero) early = " (early part)";
    }
  }
  std::string full;
  ObjectId oid;
  std::string interpreted = interpret_branch_name(repo, bare).value_or(bare);
  if (dwim_ref(repo, interpreted, &oid, &full) > 0) {
    std::string_view rest;
    if (skip_prefix(std::string_view(full), "refs/heads/", &rest)) return line + strf("branch '%s'%s of .\n", rest, early);
    if (skip_prefix(std::string_view(full), "refs/tags/", &rest) && early.empty()) return line + strf("tag '%s' of .\n", rest);
    if (skip_prefix(std::string_view(full), "refs/remotes/", &rest) && early.empty())
      return line + strf("remote-tracking branch '%s' of .\n", rest);
  }
  if (name == "FETCH_HEAD") {
    if (auto text = read_file_if_exists(repo.git_path("FETCH_HEAD")))
      for (std::string_view one : split_lines(*text))
        if (one.find("\tnot-for-merge\t") == std::string_view::npos) return std::string(one) + "\n";
  }
  if (!early.empty() && dwim_ref(repo, interpreted, &oid, &full) > 0) return line + strf("commit '%s'\n", name);
  return line + strf("commit '%s'\n", name);
}

void MergeCommand::add_head(const std::string& name) {
  Commit* commit = nullptr;
  std::optional<ObjectId> oid = get_oid(repo, name, NameHint::committish, true);
  if (oid) commit = repo.commits().peel_to_commit(*oid);
  if (!commit) die_not_mergeable(name);
  Head one{commit, name, false};
  if (repo.odb().type_of(*oid) == ObjectType::tag) {
    Result<ObjectData> data = repo.odb().read(*oid);
    Result<TagHeader> tag = parse_tag(data ? data->data : std::string(), repo.algo());
    auto kept = tag ? repo.refs().read_oid("refs/tags/" + std::string(tag->name)) : std::nullopt;
    one.is_throwaway_tag = !(kept && *kept == *oid);
  }
  for (const Head& other : remotes)
    if (other.commit == commit) return;
  remotes.push_back(std::move(one));
}

// A name that is only a remote's may be what was meant.
void MergeCommand::die_not_mergeable(const std::string& name) {
  std::vector<std::string> suggestions;
  repo.refs().for_each("refs/remotes/", [&](const Ref& ref) {
    const std::size_t slash = ref.name.find('/', 13);
    if (slash != std::string::npos && ref.name.substr(slash + 1) == name)
      suggestions.push_back(shorten_unambiguous_ref(repo, ref.name, false));
    return true;
  });
  errf("merge: %s - %s\n", name, _("not something we can merge"));
  if (!suggestions.empty()) {
    errf("\n%s\n", Q_("Did you mean this?", "Did you mean one of these?", suggestions.size()));
    for (const std::string& one : suggestions) errf("\t%s\n", one);
  }
  exit_with(1);
}

// One of ours, or a command "git-merge-<name>" of the user's.
void MergeCommand::check_strategy(const std::string& name) {
  for (const char* known : {"recursive", "octopus", "ort", "resolve", "ours", "subtree"})
    if (name == known) return;
  bool is_internal = false;
  for (const char* other : {"base", "file", "index", "one-file", "tree"}) is_internal = is_internal || name == other;
  if (!is_internal && !find_in_path("git-merge-" + name).empty()) return;
  errf(_("Could not find merge strategy '%s'.\n"), name);
  errf(_("Available strategies are:"));
  for (const char* known : {"octopus", "ort", "ours", "recursive", "resolve", "subtree"}) errf(" %s", known);
  err(".\n");
  exit_with(1);
}

// Where no file changed on both sides the index does it alone.
bool MergeCommand::try_trivial() {
  if (strategies.empty() || ff == FastForward::only || remotes.size() != 1 || bases.size() != 1) return false;
  for (const std::string& name : strategies)
    if (name != "resolve") return false;
  out(_("Trying really trivial in-index merge...\n"));
  flush_out();
  run_git({"update-index", "-q", "--refresh"});
  ChildProcess read;
  read.git_command = true;
  read.args = {"read-tree", "--trivial", "-m", "-u", bases[0]->oid.hex(), head->oid.hex(), remotes[0].commit->oid.hex()};
  read.err = ChildProcess::kNull;
  if (read.run() == 0) {
    Index index = Index::read(repo);
    if (!index.has_unmerged()) {
      out(_("Wonderful.\n"));
      return true;
    }
  }
  out(_("Nope.\n"));
  return false;
}

void MergeCommand::collect_from_fetch_head() {
  Result<std::string> text = read_file(repo.git_path("FETCH_HEAD"));
  if (!text) die(_("could not open '%s' for reading: %s"), repo.git_path("FETCH_HEAD"), "No such file or directory");
  for (std::string_view line : split_lines(*text)) {
    if (line.find("\tnot-for-merge\t") != std::string_view::npos) continue;
    auto oid = ObjectId::parse_prefix(line, repo.algo());
    if (!oid) die(_("could not parse object in FETCH_HEAD: %s"), line);
    add_head(oid->hex());
  }
}

void MergeCommand::make_message(const std::string& input) {
  FmtMergeMsgOptions options;
  options.add_title = !have_message;
  options.credit_people = edit > 0;
  options.shortlog_length = log_length;
  options.into_name = into_name;
  std::string made = fmt_merge_msg(repo, input, options);
  if (have_message && !message.empty() && message.back() != '\n') message += '\n';
  message += made;
  if (!message.empty() && message.back() == '\n' && !have_message) message.pop_back();
}

void MergeCommand::collect_heads(const std::vector<std::string>& args) {
  std::string input;
  if (args.size() == 1 && args[0] == "FETCH_HEAD") {
    collect_from_fetch_head();
    input = read_file(repo.git_path("FETCH_HEAD")).take_or_die();
    if (remotes.empty()) return;
  } else {
    for (const std::string& name : args) {
      std::size_t before = remotes.size();
      add_head(name);
      if (remotes.size() > before) input += describe_head(name, remotes.back().commit);
    }
  }
  // Only heads that none of the others contains.
  std::vector<Commit*> all;
  if (head) all.push_back(head);
  for (const Head& one : remotes) all.push_back(one.commit);
  std::vector<Commit*> kept = reduce_heads(repo.commits(), all);
  std::vector<Head> left;
  for (Head& one : remotes)
    if (std::find(kept.begin(), kept.end(), one.commit) != kept.end() && one.commit != head) left.push_back(std::move(one));
  bool has_message_already = have_message && log_length <= 0;
  if (!squash && (!have_message || log_length > 0))
    make_message(input);
  else if (squash && !have_message)
    make_message(input);
  (void)has_message_already;
  remotes = std::move(left);
}

int MergeCommand::merge_into_unborn() {
  if (squash) die(_("Squash commit into empty head not supported yet"));
  if (ff == FastForward::no) die(_("Non-fast-forward commit does not make sense into an empty head"));
  if (remotes.empty()) die_not_mergeable(inv.args.size() > 1 ? inv.args[1] : std::string());
  if (remotes.size() > 1) die(_("Can merge only exactly one commit into empty head"));
  Commit* target = remotes[0].commit;
  repo.commits().parse(target).or_die();
  Index index = Index::read(repo);
  LockFile lock = index.lock_or_die();
  UnpackOptions options;
  options.head_idx = 1;
  options.merge = options.update = true;
  options.fn = UnpackOptions::Merge::twoway;
  options.porcelain_command = "merge";
  options.preserve_ignored = !overwrite_ignore;
  if (unpack_trees(index, {empty_tree_id(repo.algo()), repo.commits().tree(target)}, options) != 0) return 128;
  if (!index.write_locked(lock)) die(_("unable to write new index file"));
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = target->oid;
  update.old_oid = ObjectId::null(repo.algo());
  update.message = "initial pull";
  repo.refs().update(update).or_die();
  return 0;
}

int MergeCommand::fast_forward() {
  Commit* target = remotes[0].commit;
  if (verbosity >= 0) {
    outf(_("Updating %s..%s\n"), unique_abbrev(repo, head->oid), unique_abbrev(repo, target->oid));
    flush_out();
  }
  if (autostash) create_autostash(repo, "MERGE_AUTOSTASH");
  Index index = Index::read(repo);
  index.refresh(Index::kRefreshQuiet);
  LockFile lock = index.lock_or_die();
  UnpackOptions options;
  options.head_idx = 1;
  options.merge = options.update = true;
  options.verbose_update = true;
  options.fn = UnpackOptions::Merge::twoway;
  options.porcelain_command = "merge";
  options.preserve_ignored = !overwrite_ignore;
  if (unpack_trees(index, {repo.commits().tree(head), repo.commits().tree(target)}, options) != 0) {
    lock.rollback();
    apply_autostash(repo, "MERGE_AUTOSTASH");
    return 1;
  }
  if (!index.write_locked(lock)) die(_("unable to write new index file"));
  std::string note = have_message ? _("Fast-forward (no commit created; -m option ignored)") : _("Fast-forward");
  finish(&target->oid, note);
  remove_merge_state(repo, false);
  apply_autostash(repo, "MERGE_AUTOSTASH");
  return 0;
}

void MergeCommand::finish(const ObjectId* new_head, const std::string& note) {
  if (verbosity >= 0 && !note.empty()) outf("%s\n", note);
  if (squash) {
    if (verbosity >= 0) out(_("Squash commit -- not updating HEAD\n"));
    flush_out();
    ChildProcess log;
    log.git_command = true;
    log.args = {"log",        "--no-merges",         "--pretty=medium", "--no-decorate",
                "--no-color", "--no-show-signature", "--no-notes",      "--date=default"};
    for (const Head& one : remotes) log.args.push_back(one.commit->oid.hex());
    log.args.push_back("^" + head->oid.hex());
    CommandOutput body = pipe_command(log, "");
    if (!write_file(repo.git_path("SQUASH_MSG"), "Squashed commit of the following:\n\n" + body.out))
      die_errno(_("could not write to '%s'"), repo.git_path("SQUASH_MSG"));
  } else if (new_head) {
    if (!have_message && message.empty() && verbosity >= 0) out(_("No merge message -- not updating HEAD\n"));
    std::string action = get_env_or("GIT_REFLOG_ACTION", "merge");
    RefUpdate update;
    update.name = "HEAD";
    update.new_oid = *new_head;
    update.old_oid = head->oid;
    update.message = note.empty() ? action : action + ": " + note;
    repo.refs().update(update).or_die();
    run_auto_maintenance(repo.config(), verbosity < 0);
  }
  flush_out();
  if (new_head && show_stat && verbosity >= 0)
    run_git({"diff", "--no-ext-diff", compact_summary ? "--compact-summary" : "--stat",
             compact_summary ? "--no-patch" : "--summary", compact_summary ? "--compact-summary" : "--stat", "-M",
             head->oid.hex(), new_head->hex(), "--"});
  HookOptions hook;
  hook.args = {squash ? "1" : "0"};
  run_hooks(repo, "post-merge", hook);
}

int MergeCommand::try_ort(const std::string& name) {
  if (remotes.size() != 1) {
    error(_("Not handling anything other than two heads merge."));
    return 2;
  }
  MergeOptions options = MergeOptions::from_config(repo);
  if (name == "subtree") options.subtree_shift_auto = true;
  for (const std::string& option : strategy_options)
    if (!options.parse_strategy_option(option)) die(_("unknown strategy option: -X%s"), option);
  options.branch1 = "HEAD";
  options.branch2 = remotes[0].name;
  if (auto label = get_env(("GITHEAD_" + remotes[0].commit->oid.hex()).c_str())) options.branch2 = *label;
  if (std::vector<std::string> dirty = index_changes(repo, repo.commits().tree(head)); !dirty.empty()) {
    error(_("Your local changes to the following files would be overwritten by merge:\n  %s"), join(dirty, " "));
    return 2;
  }
  Index index = Index::read(repo);
  LockFile lock = index.lock_or_die();
  Result<MergeResult> result = merge_commits(repo, options, bases, head, remotes[0].commit);
  if (!result) {
    error("%s", result.error().message);
    return 2;
  }
  Result<void> switched = switch_to_merge_result(repo, index, repo.commits().tree(head), *result, "merge");
  if (!switched) return 2;
  if (!index.write_locked(lock)) die(_("unable to write %s"), repo.index_file());
  if (options.verbosity >= 2 || !result->is_clean) out(format_merge_messages(*result));
  flush_out();
  if (!result->is_clean) {
    write_file(repo.git_path("AUTO_MERGE"), result->tree.hex() + "\n");
  }
  return result->is_clean ? 0 : 1;
}

int MergeCommand::try_strategy(const std::string& name) {
  if (name == "ort" || name == "recursive" || name == "subtree") return try_ort(name);
  std::vector<std::string> args{"merge-" + name};
  for (const std::string& option : strategy_options) args.push_back("--" + option);
  for (const Commit* base : bases) args.push_back(base->oid.hex());
  args.insert(args.end(), {"--", head->oid.hex()});
  for (const Head& one : remotes) args.push_back(one.commit->oid.hex());
  return run_git(args);
}

// The strategies that were asked for (or fit), each on a clean slate, until one leaves no conflict.
int MergeCommand::try_strategies() {
  std::vector<std::string> names = strategies;
  if (names.empty()) {
    if (auto text = repo.config().get_string(remotes.size() > 1 ? "pull.octopus" : "pull.twohead"))
      names = parse_command_line(*text).take_or_die();
  }
  if (names.empty()) names = {remotes.size() > 1 ? "octopus" : "ort"};
  std::string best;
  std::string used;
  std::string stash;
  if (autostash) create_autostash(repo, "MERGE_AUTOSTASH");
  // Ours leave everything alone where they fail; the others may not.
  const bool may_spoil = names.size() > 1 || (names[0] != "ort" && names[0] != "recursive" && names[0] != "subtree");
  if (may_spoil) {
    ChildProcess create;
    create.git_command = true;
    create.args = {"stash", "create"};
    stash = trim(pipe_command(create, "").out);
  }
  auto restore = [&] {
    run_git({"read-tree", "-v", "--reset", "-u", head->oid.hex()});
    if (!stash.empty()) run_git({"stash", "apply", "--index", "--quiet", stash});
  };
  int code = 2;
  for (std::size_t i = 0; i < names.size(); i++) {
    if (i > 0) {
      out(_("Rewinding the tree to pristine...\n"));
      restore();
    }
    if (names.size() != 1) outf(_("Trying merge strategy %s...\n"), names[i]);
    int one = try_strategy(names[i]);
    if (one == 0) {
      Index index = Index::read(repo);
      Result<ObjectId> tree = index.write_tree();
      if (tree && do_commit && !squash) return commit_result(*tree, names[i]);
      used = names[i];
      code = 0;
      break;
    }
    if (one == 1 || best.empty()) {
      if (one == 1) {
        best = names[i];
        code = 1;
      } else if (best.empty() && code != 1) {
        code = 2;
      }
      if (one == 1) break;
    }
  }
  if (code == 2) {
    if (may_spoil) restore();
    if (names.size() > 1) {
      err(_("No merge strategy handled the merge.\n"));
    } else {
      errf(_("Merge with strategy %s failed.\n"), names[0]);
    }
    apply_autostash(repo, "MERGE_AUTOSTASH");
    return 2;
  }
  if (code == 1 && !best.empty() && names.size() > 1 && best != names.back()) {
    out(_("Rewinding the tree to pristine...\n"));
    restore();
    outf(_("Using the %s strategy to prepare resolving by hand.\n"), best);
    try_strategy(best);
  }
  if (squash)
    finish(nullptr, "");
  else
    write_merge_state();
  if (code == 0) {
    if (verbosity >= 0 || true) out(_("Automatic merge went well; stopped before committing as requested\n"));
    return 0;
  }
  return suspend();
}

void MergeCommand::write_merge_state() {
  std::string heads;
  for (const Head& one : remotes) heads += one.commit->oid.hex() + "\n";
  if (!write_file(repo.git_path("MERGE_HEAD"), heads))
    die_errno(_("could not open '%s' for writing"), repo.git_path("MERGE_HEAD"));
  std::string text = message;
  if (!text.empty() && text.back() != '\n') text += '\n';
  if (!write_file(merge_msg_path(), text)) die_errno(_("could not open '%s' for writing"), merge_msg_path());
  write_file(repo.git_path("MERGE_MODE"), ff == FastForward::no ? "no-ff" : "");
}

int MergeCommand::suspend() {
  std::string text;
  if (auto old = read_file_if_exists(merge_msg_path())) text = *old;
  Index index = Index::read(repo);
  append_conflicts_hint(text, index, comment_prefix(), cleanup && *cleanup == "scissors");
  write_file(merge_msg_path(), text);
  flush_out();
  run_rerere(repo, rerere_autoupdate);
  out(_("Automatic merge failed; fix conflicts and then commit the result.\n"));
  if (squash && path_exists(repo.git_path("MERGE_AUTOSTASH"))) {
    save_autostash(repo, "MERGE_AUTOSTASH");
    out(_("When finished, apply stashed changes with `git stash pop`\n"));
  }
  return 1;
}

constexpr char kEditComment[] =
    "Please enter a commit message to explain why this merge is necessary,\n"
    "especially if it merges an updated upstream into a topic branch.\n"
    "\n";

std::string commented(const std::string& text, const std::string& prefix) {
  std::string out_text;
  for (std::string_view line : split_lines(text)) {
    out_text += prefix;
    if (!line.empty()) out_text.append(" ").append(line);
    out_text += '\n';
  }
  return out_text;
}

// Hooks and the editor have their say on the message.
void MergeCommand::prepare_message() {
  std::string text = message;
  if (!text.empty() && text.back() != '\n') text += '\n';
  if (edit > 0) {
    text += '\n';
    std::string hint = _(kEditComment);
    if (cleanup && *cleanup == "scissors") text += WtStatus::cut_line(comment_prefix()) + comment_prefix() + "\n";
    hint +=
        cleanup && *cleanup == "scissors"
            ? _("An empty message aborts the commit.\n")
            : strf(_("Lines starting with '%s' will be ignored, and an empty message aborts\nthe commit.\n"), comment_prefix());
    text += commented(hint, comment_prefix());
  }
  if (signoff) {
    std::string line = "Signed-off-by: " + committer_ident(repo.config(), kIdentStrict | kIdentNoDate) + "\n";
    if (text.find(line) == std::string::npos) text += "\n" + line;
  }
  write_merge_state();
  if (!write_file(merge_msg_path(), text)) die_errno(_("could not open '%s' for writing"), merge_msg_path());
  if (run_commit_hook(repo, edit > 0, repo.index_file(), "prepare-commit-msg", {merge_msg_path(), "merge"})) exit_with(suspend());
  auto abandon = [&](const char* why) {
    if (why) error("%s", why);
    errf(_("Not committing merge; use 'git commit' to complete the merge.\n"));
    write_merge_state();
    exit_with(1);
  };
  if (edit > 0 && !launch_editor(&repo, merge_msg_path())) abandon(nullptr);
  if (verify && run_commit_hook(repo, edit > 0, repo.index_file(), "commit-msg", {merge_msg_path()})) abandon(nullptr);
  Result<std::string> edited = read_file(merge_msg_path());
  if (!edited) die_errno(_("Could not read from '%s'"), merge_msg_path());
  const std::string mode = cleanup.value_or("");
  bool strip_comments = mode == "strip" || (edit > 0 && mode != "whitespace" && mode != "verbatim" && mode != "scissors");
  std::string clean = *edited;
  if (cleanup && *cleanup == "scissors") {
    clean.resize(locate_cut_line(clean, comment_prefix()));
  }
  if (!(cleanup && *cleanup == "verbatim")) clean = strip_space(clean, strip_comments ? comment_prefix() : "");
  if (clean.empty()) abandon(_("Empty commit message."));
  message = clean;
}

int MergeCommand::commit_result(const ObjectId& tree, const std::string& strategy) {
  if (verify) {
    bool ran = false;
    if (run_commit_hook(repo, edit > 0, repo.index_file(), "pre-merge-commit", {}, &ran)) exit_with(suspend());
    if (ran) {
      Index index = Index::read(repo);
      Result<ObjectId> again = index.write_tree();
      if (again) return verify = false, commit_result(*again, strategy);
    }
  }
  prepare_message();
  NewCommit commit;
  commit.tree = tree;
  commit.message = message;
  if (ff == FastForward::no || remotes.size() > 1 || std::find(bases.begin(), bases.end(), head) == bases.end())
    commit.parents.push_back(head->oid);
  for (const Head& one : remotes) commit.parents.push_back(one.commit->oid);
  if (sign_key)
    commit.sign = [this](std::string_view bytes) -> Result<std::string> {
      auto signature = sign_buffer(repo, bytes, sign_key->empty() ? signing_key(repo) : *sign_key);
      if (!signature) return make_error(ErrorKind::io, "%s", "gpg failed to sign the data");
      return *signature;
    };
  Result<ObjectId> oid = write_commit(repo, commit);
  if (!oid) die("%s\n%s", oid.error().message, _("failed to write commit object"));
  finish(&*oid, strategy.empty() ? std::string(_("In-index merge")) : strf(_("Merge made by the '%s' strategy."), strategy));
  remove_merge_state(repo, true);
  return 0;
}

int MergeCommand::run() {
  auto resolved = repo.refs().resolve("HEAD");
  if (resolved && starts_with(resolved->name, "refs/heads/")) branch = resolved->name;
  if (resolved && !resolved->oid.is_null()) head = repo.commits().peel_to_commit(resolved->oid);
  read_config();
  parse_options();
  for (const std::string& name : strategies) check_strategy(name);
  check_not_in_progress();
  if (ff == FastForward::no && squash) die(_("options '%s' and '%s' cannot be used together"), "--squash", "--no-ff.");
  if (squash && do_commit > 0) die(_("options '%s' and '%s' cannot be used together"), "--squash", "--commit.");
  if (do_commit < 0) do_commit = !squash;
  if (log_length < 0) log_length = merge_log_config(repo);
  std::vector<std::string> args(inv.args.begin() + 1, inv.args.end());
  if (args.empty()) {
    if (!repo.config().get_bool_or("merge.defaulttoupstream", true))
      die(_("No commit specified and merge.defaultToUpstream not set."));
    if (branch.empty()) die(_("No remote for the current branch."));
    auto upstream = interpret_branch_name(repo, "@{upstream}");
    if (!upstream) die(_("No default upstream defined for the current branch."));
    args = {*upstream};
  } else if (args.size() == 1 && args[0] == "-") {
    args[0] = "@{-1}";
  }
  if (!head) {
    if (args.size() == 1 && args[0] == "FETCH_HEAD")
      collect_from_fetch_head();
    else
      for (const std::string& name : args) add_head(name);
    return merge_into_unborn();
  }
  if (!get_env("GIT_REFLOG_ACTION")) set_env("GIT_REFLOG_ACTION", "merge " + join(args, " "));
  for (const std::string& name : args)
    if (args.size() > 1 && name == "FETCH_HEAD") die(_("not something we can merge in %s: %s"), ".git/FETCH_HEAD", name);
  if (edit < 0) {
    auto auto_edit = get_env("GIT_MERGE_AUTOEDIT");
    if (have_message)
      edit = 0;
    else if (auto_edit)
      edit = env_bool("GIT_MERGE_AUTOEDIT", true);
    else
      edit = ::isatty(0) && ::isatty(1);
  }
  collect_heads(args);
  if (verify_signatures)
    for (const Head& one : remotes)
      if (run_git({"verify-commit", one.commit->oid.hex()}))
        die(_("Commit %s does not have a GPG signature."), unique_abbrev(repo, one.commit->oid));
  for (const Head& one : remotes) set_env(("GITHEAD_" + one.commit->oid.hex()).c_str(), one.name);
  for (const Head& one : remotes)
    if (ff != FastForward::only && one.is_throwaway_tag) ff = FastForward::no;
  if (remotes.empty()) {
    if (verbosity >= 0) out(squash ? _("Already up to date. (nothing to squash)\n") : _("Already up to date.\n"));
    remove_merge_state(repo, false);
    return 0;
  }
  std::vector<Commit*> others;
  for (const Head& one : remotes) others.push_back(one.commit);
  if (others.size() == 1)
    bases = merge_bases(repo.commits(), head, others[0]);
  else {
    std::vector<Commit*> all{head};
    all.insert(all.end(), others.begin(), others.end());
    bases = octopus_merge_bases(repo.commits(), all);
  }
  RefUpdate orig;
  orig.name = "ORIG_HEAD";
  orig.new_oid = head->oid;
  orig.message = "updating ORIG_HEAD";
  (void)repo.refs().update(orig);
  if (remotes.size() == 1 && bases.empty() && !allow_unrelated) die(_("refusing to merge unrelated histories"));
  if (remotes.size() == 1 && bases.size() == 1 && bases[0] == others[0]) {
    if (verbosity >= 0) out(squash ? _("Already up to date. (nothing to squash)\n") : _("Already up to date.\n"));
    return 0;
  }
  if (ff != FastForward::no && remotes.size() == 1 && bases.size() == 1 && bases[0] == head) return fast_forward();
  if (ff == FastForward::only) {
    if (repo.config().get_bool_or("advice.diverging", true))
      for (const char* line : {"Diverging branches can't be fast-forwarded, you need to either:", "", "\tgit merge --no-ff", "",
                               "or:", "", "\tgit rebase", ""})
        report("hint:", *line ? std::string(*line == '\t' ? "" : " ") + line : std::string());
    die(_("Not possible to fast-forward, aborting."));
  }
  if (do_commit && !squash && try_trivial()) {
    Index index = Index::read(repo);
    auto tree = index.write_tree();
    if (tree) return commit_result(*tree, "");
  }
  return try_strategies();
}

}  // namespace

int cmd_merge(Invocation& inv) { return MergeCommand(inv).run(); }

}  // namespace git
