// git commit: prepares the index, asks for a message, makes the commit and moves HEAD. Hooks may stop it
// at several places; until HEAD moved everything is undone by dropping the locks.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "advice.h"
#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "branch.h"
#include "builtin.h"
#include "config.h"
#include "config/ident.h"
#include "diff.h"
#include "editor.h"
#include "gpg-interface.h"
#include "hook.h"
#include "index.h"
#include "index/add-to-index.h"
#include "index/unpack-trees.h"
#include "maintenance.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "post-rewrite.h"
#include "refs.h"
#include "rerere.h"
#include "show/commit-message.h"
#include "show/commit-summary.h"
#include "show/encoding.h"
#include "show/pretty.h"
#include "show/status-options.h"
#include "show/trailers.h"
#include "show/wt-status.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/commit-write.h"

GIT_BUILTIN("commit", cmd_commit, kSetup | kNeedWorkTree)

namespace git {
namespace {

constexpr const char* kEmptyAmendAdvice =
    "You asked to amend the most recent commit, but doing so would make\n"
    "it empty. You can repeat your command with --allow-empty, or you can\n"
    "remove the commit entirely with \"git reset HEAD^\".\n";
constexpr const char* kEmptyPickAdvice =
    "The previous cherry-pick is now empty, possibly due to conflict resolution.\n"
    "If you wish to commit it anyway, use:\n\n    git commit --allow-empty\n\n";
constexpr const char* kEmptyPickSingle = "Otherwise, please use 'git cherry-pick --skip'\n";
constexpr const char* kEmptyPickMulti =
    "and then use:\n\n    git cherry-pick --continue\n\n"
    "to resume cherry-picking the remaining commits.\n"
    "If you wish to skip this commit, use:\n\n    git cherry-pick --skip\n\n";
constexpr const char* kEmptyRebasePick = "Otherwise, please use 'git rebase --skip'\n";

struct Settings {
  bool all = false, also = false, only = false, interactive = false, patch = false;
  bool amend = false, quiet = false, no_verify = false, allow_empty = false, allow_empty_message = false;
  bool signoff = false, dry_run = false, renew_authorship = false, no_post_rewrite = false, include_status = true;
  bool have_message = false, nul_separated = false;
  int edit = -1, verbose = -1;
  std::string message;
  std::optional<std::string> log_file, template_file, pathspec_file, sign_key;
  std::string force_author, force_date, cleanup, use_message, edit_message, fixup, squash;
  std::vector<std::string> trailers;
  StatusArguments status;
};

// Author line in parts.
struct AuthorInfo {
  std::string line;
  bool date_is_interesting = false;
};

class Commit_ {
 public:
  explicit Commit_(Invocation& inv) : inv_(inv), repo_(inv.repo()), config_(inv.repo().config()) {}
  int run();

 private:
  void parse();
  void check_options();
  void check_fixup();
  int dry_run();
  void prepare_index();
  void prepare_partial(const Pathspec& spec);
  void add_or_remove(Index& index, const std::vector<std::string>& paths);
  void refresh_or_die(Index& index, bool is_status);
  void write_to_lock(Index& index, LockFile& lock);
  bool show_status(const std::function<void(std::string_view)>& write, int fd, bool nowarn, bool for_template, bool with_hints);
  bool prepare_message();
  std::string initial_message(bool& clean);
  std::string message_of(const std::string& name);
  std::string fixup_message();
  std::string template_comments(const std::string& message, bool& committable);
  bool is_committable();
  void determine_author();
  std::string find_author(const std::string& nickname);
  std::vector<ObjectId> parents();
  int finish();
  std::string edit_path() const { return repo_.git_path("COMMIT_EDITMSG"); }
  [[noreturn]] void die_conflict();
  bool is_cherry_pick() const {
    return whence_ == CommitWhence::cherry_pick_single || whence_ == CommitWhence::cherry_pick_multi;
  }

  Invocation& inv_;
  Repository& repo_;
  Config& config_;
  Settings set_;
  std::vector<std::string> paths_;
  Pathspec pathspec_;
  CommitWhence whence_ = CommitWhence::commit;
  std::optional<ObjectId> head_;
  std::size_t head_parents_ = 0;
  bool use_editor_ = true;
  CleanupMode cleanup_ = CleanupMode::all;
  std::string author_message_;  // the commit to take the author of
  std::string fixup_prefix_, fixup_kind_, fixup_target_;
  std::string comment_ = "#";
  std::unique_ptr<Index> index_;  // what is going to be committed
  LockFile lock_, false_lock_;    // the real index; with --only the one of the commit
  std::string index_file_;
  AuthorInfo author_;
  std::string hook_arg1_, hook_arg2_;
  bool merge_has_scissors_ = false, has_cut_line_ = false;
  ObjectId tree_;
};

void Commit_::parse() {
  Settings& s = set_;
  Options o(
      {"git commit [-a | --interactive | --patch] [-s] [-v] [-u[<mode>]] [--amend]\n"
       "           [--dry-run] [(-c | -C | --squash) <commit> | --fixup [(amend|reword):]<commit>]\n"
       "           [-F <file> | -m <msg>] [--reset-author] [--allow-empty]\n"
       "           [--allow-empty-message] [--no-verify] [-e] [--author=<author>]\n"
       "           [--date=<date>] [--cleanup=<mode>] [--[no-]status]\n"
       "           [-i | -o] [--pathspec-from-file=<file> [--pathspec-file-nul]]\n"
       "           [(--trailer <token>[(=|:)<value>])...] [-S[<keyid>]]\n"
       "           [--] [<pathspec>...]"});
  o.boolean('q', "quiet", &s.quiet, N_("suppress summary after successful commit"));
  o.callback(
      'v', "verbose", "", N_("show diff in commit message template"),
      [&](const std::optional<std::string>&, bool unset) {
        s.verbose = unset ? 0 : std::max(s.verbose, 0) + 1;
        return true;
      },
      kOptNoArg);
  o.group("Commit message options");
  o.string('F', "file", &s.log_file, "file", N_("read message from file"));
  o.string(0, "author", &s.force_author, "author", N_("override author for commit"));
  o.string(0, "date", &s.force_date, "date", N_("override date for commit"));
  o.callback('m', "message", "message", N_("commit message"), [&](const std::optional<std::string>& value, bool unset) {
    if (unset) {
      s.have_message = false;
      s.message.clear();
      return true;
    }
    s.have_message = true;
    if (!s.message.empty()) s.message += '\n';
    s.message += *value;
    if (!s.message.empty() && s.message.back() != '\n') s.message += '\n';
    return true;
  });
  o.string('c', "reedit-message", &s.edit_message, "commit", N_("reuse and edit message from specified commit"));
  o.string('C', "reuse-message", &s.use_message, "commit", N_("reuse message from specified commit"));
  o.string(0, "fixup", &s.fixup, "[(amend|reword):]commit",
           N_("use autosquash formatted message to fixup or amend/reword specified commit"), kOptLiteralArgHelp);
  o.string(0, "squash", &s.squash, "commit", N_("use autosquash formatted message to squash specified commit"));
  o.boolean(0, "reset-author", &s.renew_authorship, N_("the commit is authored by me now (used with -C/-c/--amend)"));
  o.strings(0, "trailer", &s.trailers, "trailer", N_("add custom trailer(s)"));
  o.boolean('s', "signoff", &s.signoff, N_("add a Signed-off-by trailer"));
  o.filename('t', "template", &s.template_file, N_("use specified template file"));
  o.boolean('e', "edit", &s.edit, N_("force edit of commit"));
  o.string(0, "cleanup", &s.cleanup, "mode", N_("how to strip spaces and #comments from message"));
  o.callback(
      'S', "gpg-sign", "key-id", N_("GPG sign commit"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset)
          s.sign_key.reset();
        else
          s.sign_key = value.value_or("");
        return true;
      },
      kOptOptionalArg);
  o.boolean(0, "status", &s.include_status, N_("include status in commit message template"));
  o.group("Commit contents options");
  o.boolean('a', "all", &s.all, N_("commit all changed files"));
  o.boolean('i', "include", &s.also, N_("add specified files to index for commit"));
  o.boolean(0, "interactive", &s.interactive, N_("interactively add files"));
  o.boolean('p', "patch", &s.patch, N_("interactively add changes"));
  o.boolean('o', "only", &s.only, N_("commit only specified files"));
  o.boolean('n', "no-verify", &s.no_verify, N_("bypass pre-commit and commit-msg hooks"));
  o.boolean(0, "dry-run", &s.dry_run, N_("show what would be committed"));
  s.status.add_format_options(o);
  o.boolean('z', "null", &s.nul_separated, N_("terminate entries with NUL"));
  o.boolean(0, "amend", &s.amend, N_("amend previous commit"));
  o.boolean(0, "no-post-rewrite", &s.no_post_rewrite, N_("bypass post-rewrite hook"));
  s.status.add_untracked_option(o);
  o.string(0, "pathspec-from-file", &s.pathspec_file, "file", N_("read pathspec from file"));
  bool file_nul = false;
  o.boolean(0, "pathspec-file-nul", &file_nul,
            N_("with --pathspec-from-file, pathspec elements are separated with NUL character"));
  o.boolean(0, "allow-empty", &s.allow_empty, N_("ok to record an empty change"), kOptHidden);
  o.boolean(0, "allow-empty-message", &s.allow_empty_message, N_("ok to record a change with an empty message"), kOptHidden);

  if (auto file = config_.get_path("commit.template")) s.template_file = *file;
  constexpr std::string_view kOptional = ":(optional)";
  s.include_status = config_.get_bool_or("commit.status", true);
  s.cleanup = config_.get_string_or("commit.cleanup", "");
  if (config_.get_bool_or("commit.gpgsign", false)) s.sign_key = "";
  paths_ = o.parse(inv_.args, inv_.prefix_or_empty());
  if (s.template_file && starts_with(*s.template_file, kOptional)) {
    s.template_file = s.template_file->substr(kOptional.size());
    if (!path_exists(*s.template_file)) s.template_file.reset();
  }
  if (s.verbose < 0) {
    bool is_bool = false;
    auto value = config_.get_bool_or_int("commit.verbose", &is_bool);
    s.verbose = value ? std::max(*value, 0) : 0;
  }
  if (s.log_file && *s.log_file != "-") s.log_file = prefix_filename(inv_.prefix_or_empty(), *s.log_file);
  if (s.pathspec_file) {
    if (s.interactive || s.patch)
      die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--interactive/--patch");
    if (s.all) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "-a");
    if (!paths_.empty()) die("'%s' and pathspec arguments cannot be used together", "--pathspec-from-file");
    std::string file = *s.pathspec_file == "-" ? "-" : prefix_filename(inv_.prefix_or_empty(), *s.pathspec_file);
    pathspec_ = parse_pathspec_file(repo_, file, file_nul, inv_.prefix_or_empty(), kPreferFull);
  } else {
    if (file_nul) die("the option '%s' requires '%s'", "--pathspec-file-nul", "--pathspec-from-file");
    pathspec_ = parse_pathspec(repo_, paths_, inv_.prefix_or_empty(), kPreferFull);
  }
  if (s.patch) s.interactive = true;
}

void Commit_::check_fixup() {
  if (set_.fixup.empty()) return;
  std::string_view rest = set_.fixup;
  std::size_t alpha = 0;
  while (alpha < rest.size() && is_alpha(rest[alpha])) alpha++;
  if (alpha < rest.size() && rest[alpha] == ':') {
    const std::string_view kind = rest.substr(0, alpha);
    if (kind == "amend" || kind == "reword") {
      fixup_kind_ = kind;
      fixup_prefix_ = "amend";
      fixup_target_ = rest.substr(alpha + 1);
      set_.allow_empty = true;
      if (kind == "reword") {
        if (!pathspec_.empty() || !paths_.empty())
          die("reword option of '%s' and path '%s' cannot be used together", "--fixup", paths_.empty() ? "" : paths_[0]);
        if (set_.patch || set_.interactive || set_.all || set_.also || set_.only)
          die("reword option of '%s' and '%s' cannot be used together", "--fixup",
              "--patch/--interactive/--all/--include/--only");
        set_.only = true;
      }
      return;
    }
    die("unknown option: --fixup=%s:%s", kind, rest.substr(alpha + 1));
  }
  fixup_prefix_ = "fixup";
  fixup_target_ = set_.fixup;
  if (set_.edit < 0) use_editor_ = false;
}

void Commit_::check_options() {
  Settings& s = set_;
  auto incompatible = [](std::initializer_list<std::pair<bool, const char*>> list) { die_for_incompatible_opts(list); };
  if (!s.force_author.empty() && s.renew_authorship)
    die("options '%s' and '%s' cannot be used together", "--reset-author", "--author");
  if (s.log_file || s.have_message || !s.use_message.empty()) use_editor_ = false;
  if (s.amend && !head_) die("You have nothing to amend.");
  if (s.amend && whence_ != CommitWhence::commit) {
    if (whence_ == CommitWhence::merge) die("You are in the middle of a merge -- cannot amend.");
    if (is_cherry_pick()) die("You are in the middle of a cherry-pick -- cannot amend.");
    if (whence_ == CommitWhence::rebase_pick) die("You are in the middle of a rebase -- cannot amend.");
  }
  if (!s.fixup.empty() && !s.squash.empty()) die("options '%s' and '%s' cannot be used together", "--squash", "--fixup");
  incompatible({{!s.use_message.empty(), "-C"},
                {!s.edit_message.empty(), "-c"},
                {s.log_file.has_value(), "-F"},
                {!s.fixup.empty(), "--fixup"}});
  incompatible(
      {{s.have_message, "-m"}, {!s.edit_message.empty(), "-c"}, {!s.use_message.empty(), "-C"}, {s.log_file.has_value(), "-F"}});
  if (s.use_message.size() || s.edit_message.size() || s.log_file || s.fixup.size() || s.have_message) s.template_file.reset();
  if (!s.edit_message.empty()) s.use_message = s.edit_message;
  if (s.amend && s.use_message.empty() && s.fixup.empty()) s.use_message = "HEAD";
  if (s.use_message.empty() && !is_cherry_pick() && whence_ != CommitWhence::rebase_pick && s.renew_authorship)
    die("--reset-author can be used only with -C, -c or --amend.");
  if (!s.use_message.empty() && !s.renew_authorship) author_message_ = s.use_message;
  if (is_cherry_pick() && !s.renew_authorship) author_message_ = "CHERRY_PICK_HEAD";
  if (whence_ == CommitWhence::rebase_pick && !s.renew_authorship) author_message_ = "CHERRY_PICK_HEAD";
  incompatible(
      {{s.also, "-i/--include"}, {s.only, "-o/--only"}, {s.all, "-a/--all"}, {s.interactive, "--interactive/-p/--patch"}});
  check_fixup();
  if (s.edit >= 0) use_editor_ = s.edit;
  cleanup_ = parse_cleanup_mode(s.cleanup, use_editor_);
  if (paths_.empty() && pathspec_.empty() && (s.also || (s.only && !s.amend && !s.allow_empty)))
    die("No paths with --include/--only does not make sense.");
  if (!paths_.empty() && s.all) die("paths '%s ...' with -a does not make sense", paths_[0]);
}

void Commit_::die_conflict() {
  error("%s", "Committing is not possible because you have unmerged files.");
  advise_if_enabled(config_, "resolveConflict",
                    "Fix them up in the work tree, and then use 'git add/rm <file>'\n"
                    "as appropriate to mark resolution and make a commit.");
  die("Exiting because of an unresolved conflict.");
}

void Commit_::refresh_or_die(Index& index, bool is_status) {
  unsigned flags = Index::kRefreshQuiet | Index::kRefreshInPorcelain;
  if (is_status) flags |= Index::kRefreshUnmerged;
  if (index.refresh(flags) && !is_status && index.has_unmerged()) die_conflict();
}

void Commit_::write_to_lock(Index& index, LockFile& lock) {
  if (!index.write_to_fd(lock.fd())) die("unable to write new index file");
}

void Commit_::add_or_remove(Index& index, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    struct stat st;
    if (const IndexEntry* entry = index.find(path); entry && entry->skip_worktree) continue;
    if (::lstat(path.c_str(), &st) == 0) {
      if (add_to_index(index, path, st, 0)) die("updating files failed");
    } else {
      index.remove_path(path);
    }
  }
}

void Commit_::prepare_partial(const Pathspec& spec) {
  if (whence_ == CommitWhence::merge) die("cannot do a partial commit during a merge.");
  if (is_cherry_pick()) die("cannot do a partial commit during a cherry-pick.");
  if (whence_ == CommitWhence::rebase_pick) die("cannot do a partial commit during a rebase.");
  Index real = Index::read(repo_);
  Index base(repo_);
  std::vector<std::string> paths;
  std::vector<std::uint8_t> seen(spec.size());
  if (head_) {
    ObjectId tree = peel_to_tree_or_die(repo_, *head_, "HEAD");
    base.read_tree(tree).or_die();
    for (std::size_t i = 0; i < base.size(); i++)
      if (!spec.empty() && real.find_position(base[i].path) < 0 && match_pathspec(base, spec, base[i].path, &seen))
        paths.push_back(base[i].path);
  }
  for (std::size_t i = 0; i < real.size(); i++)
    if (!spec.empty() && index_entry_path_match(real, spec, real[i].path, real[i].mode, &seen) &&
        (paths.empty() || paths.back() != real[i].path))
      paths.push_back(real[i].path);
  if (report_path_error(seen, spec)) exit_with(1);
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  lock_ = real.lock_or_die();
  add_or_remove(real, paths);
  refresh_or_die(real, false);
  if (auto tree = real.write_tree(false); !tree) {
  }
  write_to_lock(real, lock_);
  // The commit's own index: HEAD with those paths.
  const std::string file = repo_.git_path(strf("next-index-%d", ::getpid()));
  false_lock_ = LockFile::hold_or_die(file);
  if (head_)
    for (std::size_t i = 0; i < base.size(); i++)
      if (const IndexEntry* known = real.find(base[i].path); known && known->oid == base[i].oid && known->mode == base[i].mode)
        base[i].stat = known->stat;
  add_or_remove(base, paths);
  base.refresh(Index::kRefreshQuiet);
  write_to_lock(base, false_lock_);
  index_file_ = false_lock_.lock_path();
  index_ = std::make_unique<Index>(Index::read_from(repo_, index_file_));
}

void Commit_::prepare_index() {
  Settings& s = set_;
  if (s.interactive) {
    Index index = Index::read(repo_);
    lock_ = index.lock_or_die();
    refresh_or_die(index, false);
    write_to_lock(index, lock_);
    ChildProcess child;
    child.git_command = true;
    child.args = {"add", s.patch ? "--patch" : "--interactive", "--"};
    for (const PathspecItem& item : pathspec_.items) child.args.push_back(item.original);
    child.env = {"GIT_INDEX_FILE=" + absolute_path(lock_.lock_path())};
    flush_out();
    if (child.run()) die("interactive add failed");
    index_ = std::make_unique<Index>(Index::read_from(repo_, lock_.lock_path()));
    index_file_ = lock_.lock_path();
    return;
  }
  if ((s.only || !pathspec_.empty()) && !s.also && !s.all) return prepare_partial(pathspec_);
  index_ = std::make_unique<Index>(Index::read(repo_));
  Index& index = *index_;
  lock_ = index.lock_or_die();
  if (s.all || (s.also && !pathspec_.empty())) {
    std::vector<std::uint8_t> seen(pathspec_.size());
    if (s.also) {
      for (std::size_t i = 0; i < index.size(); i++)
        index_entry_path_match(index, pathspec_, index[i].path, index[i].mode, &seen);
      if (report_path_error(seen, pathspec_)) exit_with(1);
    }
    if (add_files_to_cache(index, &pathspec_, 0)) die("updating files failed");
    refresh_or_die(index, false);
    if (auto tree = index.write_tree(true); !tree) {
    }
    write_to_lock(index, lock_);
    index_file_ = lock_.lock_path();
    return;
  }
  refresh_or_die(index, false);
  if (auto tree = index.write_tree(true); !tree) {
  }
  if (index.is_changed) {
    write_to_lock(index, lock_);
    if (!lock_.commit()) die("unable to write new index file");
  } else {
    lock_.rollback();
  }
  index_file_ = repo_.index_file();
}

bool Commit_::show_status(const std::function<void(std::string_view)>& write, int fd, bool nowarn, bool for_template,
                          bool with_hints) {
  WtStatus status(repo_, *index_);
  status.read_config();
  set_.status.null_termination = set_.nul_separated;
  set_.status.finish(status, config_, false);
  if (status.format == StatusFormat::none || status.format == StatusFormat::unspecified) status.format = StatusFormat::long_;
  status.commit_template = true;
  status.columns = ColumnStyle();
  status.verbose = set_.verbose;
  status.comment_prefix = comment_;
  status.write = write;
  status.write_fd = fd;
  status.has_cut_line = has_cut_line_;
  status.nowarn = nowarn;
  status.index_file = index_file_;
  status.whence = whence_;
  if (status.relative_paths) status.prefix = inv_.prefix_or_empty();
  if (set_.amend) {
    status.amend = true;
    status.reference = "HEAD^1";
    status.is_initial = head_parents_ == 0;
  }
  if (for_template) {
    status.display_comment_prefix = true;
    status.hints = false;
    status.use_color = 0;
  }
  if (!with_hints) status.hints = false;
  if (!config_.find("diff.ignoresubmodules")) status.ignore_submodule_arg = "";
  status.collect();
  status.print();
  return status.committable;
}

int Commit_::dry_run() {
  Settings& s = set_;
  if ((s.only || !pathspec_.empty()) && !s.also && !s.all && !s.interactive) {
    prepare_partial(pathspec_);
  } else {
    index_ = std::make_unique<Index>(Index::read(repo_));
    if (s.all || (s.also && !pathspec_.empty())) {
      lock_ = index_->lock_or_die();
      if (add_files_to_cache(*index_, &pathspec_, 0)) die("updating files failed");
    }
    index_->refresh(Index::kRefreshQuiet | Index::kRefreshUnmerged);
    index_file_ = repo_.index_file();
  }
  const bool committable = show_status([](std::string_view text) { out(text); }, 1, false, false, true);
  return committable ? 0 : 1;
}

std::string Commit_::message_of(const std::string& name) {
  Commit* commit = lookup_commit_by_name(repo_, name);
  if (!commit) die("could not lookup commit '%s'", name);
  std::string buffer = repo_.commits().read_buffer(commit).take_or_die();
  return std::string(commit_message(reencode_commit(buffer, config_.get_string_or("i18n.commitencoding", "UTF-8"))));
}

std::string Commit_::fixup_message() {
  Commit* commit = lookup_commit_by_name(repo_, fixup_target_);
  if (!commit) die("could not lookup commit '%s'", fixup_target_);
  hook_arg1_ = "message";
  std::string text = fixup_prefix_ + "! " + format_commit_simple(repo_, commit, "%s") + "\n\n";
  if (fixup_prefix_ == "fixup") {
    if (set_.have_message) text += set_.message;
    return text;
  }
  if (set_.have_message) die("options '%s' and '%s:%s' cannot be used together", "-m", "--fixup", fixup_kind_);
  // The message to be edited; of a commit that is an "amend!" itself only the body.
  const std::string subject = format_commit_simple(repo_, commit, "%s");
  if (starts_with(subject, "amend! ")) {
    text += format_commit_simple(repo_, commit, "%b");
  } else {
    text += format_commit_simple(repo_, commit, "%B");
  }
  return text;
}

std::string Commit_::initial_message(bool& clean) {
  Settings& s = set_;
  std::string text;
  clean = true;
  if (!s.squash.empty()) {
    if (!s.use_message.empty() && s.use_message == s.squash) {
      text = "squash! ";
    } else {
      Commit* commit = lookup_commit_by_name(repo_, s.squash);
      if (!commit) die("could not lookup commit '%s'", s.squash);
      text = "squash! " + format_commit_simple(repo_, commit, "%s") + "\n\n";
    }
  }
  const std::string merge_msg = repo_.git_path("MERGE_MSG"), squash_msg = repo_.git_path("SQUASH_MSG");
  if (s.have_message && s.fixup.empty()) {
    text += s.message;
    hook_arg1_ = "message";
  } else if (s.log_file && *s.log_file == "-") {
    if (::isatty(0)) err("(reading log message from standard input)\n");
    auto input = read_fd(0);
    if (!input) die_errno("could not read log from standard input");
    text += *input;
    hook_arg1_ = "message";
  } else if (s.log_file) {
    auto bytes = read_file(*s.log_file);
    if (!bytes) die_errno("could not read log file '%s'", *s.log_file);
    text += *bytes;
    hook_arg1_ = "message";
  } else if (!s.use_message.empty()) {
    std::string body = message_of(s.use_message);
    std::string_view rest = body;
    while (!rest.empty() && rest[0] == '\n') rest.remove_prefix(1);
    text += rest;
    hook_arg1_ = "commit";
    hook_arg2_ = s.use_message;
  } else if (!s.fixup.empty()) {
    text += fixup_message();
  } else if (auto merge_text = read_file_if_exists(merge_msg)) {
    if (auto squash_text = read_file_if_exists(squash_msg)) {
      text += *squash_text;
      hook_arg1_ = "squash";
    } else {
      hook_arg1_ = "merge";
    }
    if (cleanup_ == CleanupMode::scissors && whence_ == CommitWhence::merge)
      merge_has_scissors_ = locate_cut_line(*merge_text, comment_) < merge_text->size();
    text += *merge_text;
  } else if (auto squash_only = read_file_if_exists(squash_msg)) {
    text += *squash_only;
    hook_arg1_ = "squash";
  } else if (s.template_file) {
    auto bytes = read_file(*s.template_file);
    if (!bytes) die_errno("could not read '%s'", *s.template_file);
    text += *bytes;
    hook_arg1_ = "template";
    clean = false;
  } else if (whence_ == CommitWhence::merge) {
    hook_arg1_ = "merge";
  } else if (is_cherry_pick() || whence_ == CommitWhence::rebase_pick) {
    hook_arg1_ = "commit";
    hook_arg2_ = "CHERRY_PICK_HEAD";
  }
  if (!s.squash.empty()) {
    hook_arg1_ = "message";
    hook_arg2_.clear();
  }
  return text;
}

bool Commit_::is_committable() {
  if (!head_ || (set_.amend && !head_parents_)) {
    for (std::size_t i = 0; i < index_->size(); i++)
      if (!(*index_)[i].intent_to_add) return true;
    return false;
  }
  DiffOptions options = make_diff_options(&repo_, config_, index_.get(), "", DiffConfig::none);
  options.output_format = kDiffNoOutput;
  options.quick = true;
  options.override_submodule_config = true;
  options.ita_invisible_in_index = true;
  const std::string parent = set_.amend ? "HEAD^1" : "HEAD";
  DiffIndexSettings settings;
  settings.cached = true;
  diff_index(options, *index_, peel_to_tree_or_die(repo_, get_oid_or_die(repo_, parent), parent), settings);
  return options.has_changes;
}

std::string Commit_::template_comments(const std::string& message, bool& committable) {
  (void)message;
  std::string text;
  auto commented = [&](std::string_view lines) {
    for (std::string_view line : split_lines(lines)) {
      text += comment_;
      if (!line.empty() && line[0] != '\t') text += ' ';
      text += line;
      text += '\n';
    }
  };
  if (whence_ != CommitWhence::commit) {
    if (cleanup_ == CleanupMode::scissors && !merge_has_scissors_) {
      text += WtStatus::cut_line(comment_);
      has_cut_line_ = true;
    }
    commented(whence_ == CommitWhence::merge
                  ? "\nIt looks like you may be committing a merge.\nIf this is not correct, please run\n"
                    "\tgit update-ref -d MERGE_HEAD\nand try again.\n"
                  : "\nIt looks like you may be committing a cherry-pick.\nIf this is not correct, please run\n"
                    "\tgit update-ref -d CHERRY_PICK_HEAD\nand try again.\n");
  }
  text += "\n";
  const char* what = cleanup_ == CleanupMode::all ? "with '%s' will be ignored"
                                                  : "with '%s' will be kept; you may remove them yourself if you want to";
  if (cleanup_ == CleanupMode::all) {
    commented(strf(std::string("Please enter the commit message for your changes. Lines starting\n") + what +
                       (set_.allow_empty_message ? ".\n" : ", and an empty message aborts the commit.\n"),
                   comment_));
  } else if (cleanup_ == CleanupMode::scissors) {
    if (whence_ == CommitWhence::commit && !merge_has_scissors_) {
      text += WtStatus::cut_line(comment_);
      has_cut_line_ = true;
    }
  } else {
    commented(strf(std::string("Please enter the commit message for your changes. Lines starting\n") + what + ".\n" +
                       (set_.allow_empty_message ? "" : "An empty message aborts the commit.\n"),
                   comment_));
  }
  bool shown = false;
  auto ident_line = [&](const std::string& line) {
    if (!shown) commented("\n");
    shown = true;
    commented(line + "\n");
  };
  const std::string committer = committer_ident(config_, kIdentStrict);
  auto a = split_ident_line(author_.line), c = split_ident_line(committer);
  if (a && c) {
    if (a->name != c->name || a->mail != c->mail) ident_line(strf("Author:    %s <%s>", a->name, a->mail));
    if (author_.date_is_interesting) ident_line("Date:      " + show_date(ident_time(*a), ident_tz(*a), {}));
    if (!is_ident_given(config_, IdentRole::committer)) ident_line(strf("Committer: %s <%s>", c->name, c->mail));
  }
  commented("\n");
  committable = show_status([&](std::string_view part) { text += part; }, -1, true, true, false);
  return text;
}

std::string Commit_::find_author(const std::string& nickname) {
  ChildProcess child;
  child.git_command = true;
  child.args = {"log", "--all", "-i", "-1", "--use-mailmap", "--author=" + nickname, "--format=%aN <%aE>"};
  CommandOutput output = pipe_command(child, {});
  std::string author(rtrim(output.out));
  if (output.code || author.empty()) die("--author '%s' is not 'Name <email>' and matches no existing author", nickname);
  return author;
}

void Commit_::determine_author() {
  auto name = get_env("GIT_AUTHOR_NAME"), mail = get_env("GIT_AUTHOR_EMAIL"), date = get_env("GIT_AUTHOR_DATE");
  if (!author_message_.empty()) {
    Commit* commit = lookup_commit_by_name(repo_, author_message_);
    if (!commit) die("could not lookup commit '%s'", author_message_);
    std::string buffer = reencode_commit(repo_.commits().read_buffer(commit).take_or_die(), "UTF-8");
    auto header = parse_commit(buffer, repo_.algo());
    if (!header || header->author.empty()) die("commit '%s' lacks author header", author_message_);
    auto ident = split_ident_line(header->author);
    if (!ident) die("commit '%s' has malformed author line", author_message_);
    name = std::string(ident->name);
    mail = std::string(ident->mail);
    if (!ident->date.empty()) date = "@" + std::string(ident->date) + " " + std::string(ident->tz);
    author_.date_is_interesting = true;
  }
  if (!set_.force_author.empty()) {
    if (set_.force_author.find('<') == std::string::npos) set_.force_author = find_author(set_.force_author);
    auto ident = split_ident_line(set_.force_author);
    if (!ident) die("malformed --author parameter");
    name = std::string(ident->name);
    mail = std::string(ident->mail);
  }
  if (!set_.force_date.empty()) {
    if (auto parsed = parse_date_basic(set_.force_date)) {
      date = strf("@%d %s%04d", parsed->time, parsed->tz < 0 ? "-" : "+", std::abs(parsed->tz));
    } else {
      bool failed = false;
      const Timestamp time = approxidate(set_.force_date, &failed);
      if (failed) die("invalid date format: %s", set_.force_date);
      const int tz = local_tz_offset(time);
      date = strf("@%d %s%04d", time, tz < 0 ? "-" : "+", std::abs(tz));
    }
    author_.date_is_interesting = true;
  }
  author_.line = format_ident(config_, IdentRole::author, name, mail, date, kIdentStrict);
  // Hooks and children see what was decided.
  if (auto ident = split_ident_line(author_.line)) {
    set_env("GIT_AUTHOR_NAME", std::string(ident->name));
    set_env("GIT_AUTHOR_EMAIL", std::string(ident->mail));
    set_env("GIT_AUTHOR_DATE", "@" + std::string(ident->date) + " " + std::string(ident->tz));
  }
}

bool Commit_::prepare_message() {
  Settings& s = set_;
  determine_author();
  bool hook_ran = false;
  if (!s.no_verify && run_commit_hook(repo_, use_editor_, index_file_, "pre-commit", {}, &hook_ran)) return false;
  if (hook_ran) index_ = std::make_unique<Index>(Index::read_from(repo_, index_file_));
  comment_ = comment_prefix_of(config_);
  bool clean = true;
  std::string message = initial_message(clean);
  if (clean && cleanup_ != CleanupMode::none) message = strip_space(message);
  if (s.signoff) {
    std::string ident = committer_ident(config_, kIdentStrict | kIdentNoDate);
    const std::size_t footer = ignored_footer_length(message, comment_);
    std::string tail = message.substr(message.size() - footer);
    message.resize(message.size() - footer);
    append_signoff(message, ident, TrailerSettings::read(config_));
    message += tail;
  }
  committer_ident(config_, kIdentStrict);
  comment_ = comment_prefix_of(config_, message);
  bool committable = false;
  std::string comments;
  if (use_editor_ && s.include_status)
    comments = template_comments(message, committable);
  else
    committable = is_committable();
  if (!write_file(edit_path(), message + comments)) die_errno("could not open '%s'", edit_path());
  if (!committable && whence_ != CommitWhence::merge && !s.allow_empty && !(s.amend && head_parents_ > 1)) {
    show_status([](std::string_view text) { out(text); }, 1, false, false, true);
    flush_out();
    if (s.amend) {
      err(kEmptyAmendAdvice);
    } else if (is_cherry_pick() || whence_ == CommitWhence::rebase_pick) {
      err(kEmptyPickAdvice);
      err(whence_ == CommitWhence::cherry_pick_single  ? kEmptyPickSingle
          : whence_ == CommitWhence::cherry_pick_multi ? kEmptyPickMulti
                                                       : kEmptyRebasePick);
    }
    return false;
  }
  auto tree = index_->write_tree(false);
  if (!tree) {
    error("%s", tree.error().message);
    error("Error building trees");
    return false;
  }
  tree_ = *tree;
  if (!s.trailers.empty()) {
    std::vector<NewTrailer> added;
    for (const std::string& text : s.trailers) {
      NewTrailer trailer;
      trailer.text = text;
      added.push_back(std::move(trailer));
    }
    std::string text = read_file(edit_path()).take_or_die();
    ProcessTrailers how;
    how.no_divider = true;
    if (!write_file(edit_path(), process_trailers(config_, text, added, how))) die_errno("could not open '%s'", edit_path());
  }
  std::vector<std::string> args = {edit_path()};
  if (!hook_arg1_.empty()) args.push_back(hook_arg1_);
  if (!hook_arg2_.empty()) args.push_back(hook_arg2_);
  if (run_commit_hook(repo_, use_editor_, index_file_, "prepare-commit-msg", args)) return false;
  if (use_editor_) {
    flush_out();
    if (!launch_editor(&repo_, edit_path(), {"GIT_INDEX_FILE=" + index_file_})) {
      err("Please supply the message using either -m or -F option.\n");
      exit_with(1);
    }
  }
  return s.no_verify || !run_commit_hook(repo_, use_editor_, index_file_, "commit-msg", {edit_path()});
}

std::vector<ObjectId> Commit_::parents() {
  std::vector<ObjectId> list;
  if (!head_) return list;
  CommitPool& pool = repo_.commits();
  Commit* head = pool.get(*head_);
  pool.parse(head).or_die();
  if (set_.amend) {
    for (Commit* parent : head->parents) list.push_back(parent->oid);
    return list;
  }
  list.push_back(*head_);
  if (whence_ != CommitWhence::merge) return list;
  auto merge_head = read_file(repo_.git_path("MERGE_HEAD"));
  if (!merge_head) die_errno("could not open '%s' for reading", repo_.git_path("MERGE_HEAD"));
  for (std::string_view line : split_lines(*merge_head)) {
    auto oid = ObjectId::from_hex(line, repo_.algo());
    if (!oid || !pool.peel_to_commit(*oid)) die("Corrupt MERGE_HEAD file (%s)", line);
    list.push_back(*oid);
  }
  auto mode = read_file_if_exists(repo_.git_path("MERGE_MODE"));
  if (mode && trim(*mode) == "no-ff") return list;
  std::vector<Commit*> commits;
  for (const ObjectId& oid : list) commits.push_back(pool.get(oid));
  list.clear();
  for (Commit* commit : reduce_heads(pool, commits)) list.push_back(commit->oid);
  return list;
}

int Commit_::finish() {
  Settings& s = set_;
  std::string action = get_env_or("GIT_REFLOG_ACTION", "");
  if (action.empty()) {
    if (!head_)
      action = "commit (initial)";
    else if (s.amend)
      action = "commit (amend)";
    else if (whence_ == CommitWhence::merge)
      action = "commit (merge)";
    else if (is_cherry_pick())
      action = "commit (cherry-pick)";
    else if (whence_ == CommitWhence::rebase_pick)
      action = "commit (rebase)";
    else
      action = "commit";
  }
  NewCommit commit;
  commit.parents = parents();
  auto text = read_file(edit_path());
  if (!text) die("could not read commit message: %s", std::strerror(errno));
  std::string message = cleanup_message(*text, cleanup_, s.verbose > 0, comment_);
  if (message_is_empty(message, cleanup_) && !s.allow_empty_message) {
    err("Aborting commit due to empty commit message.\n");
    exit_with(1);
  }
  if (s.template_file && !s.allow_empty_message) {
    auto template_text = read_file_if_exists(*s.template_file);
    if (template_text && is_template_untouched(message, *template_text, cleanup_, comment_)) {
      err("Aborting commit; you did not edit the message.\n");
      exit_with(1);
    }
  }
  if (!s.fixup.empty() && starts_with(message, "amend! ") && !s.allow_empty_message) {
    std::string_view body = message;
    take_subject(body);
    if (message_is_empty(body, cleanup_)) {
      err("Aborting commit due to empty commit message body.\n");
      exit_with(1);
    }
  }
  commit.tree = tree_;
  commit.message = message;
  commit.author = author_.line;
  if (s.amend) {
    std::string buffer = repo_.commits().read_buffer(repo_.commits().get(*head_)).take_or_die();
    commit.extra_headers = extra_commit_headers(buffer, {"gpgsig", "gpgsig-sha256"});
  }
  if (s.sign_key)
    commit.sign = [&](std::string_view bytes) -> Result<std::string> {
      auto signature = sign_buffer(repo_, bytes, s.sign_key->empty() ? signing_key(repo_) : *s.sign_key);
      if (!signature) return make_error(ErrorKind::io, "%s", "gpg failed to sign the data");
      return *signature;
    };
  auto oid = write_commit(repo_, commit);
  if (!oid) {
    error("%s", oid.error().message);
    die("failed to write commit object");
  }
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = *oid;
  update.old_oid = head_ ? *head_ : ObjectId::null(repo_.algo());
  update.message = action + ": " + message.substr(0, message.find('\n'));
  if (auto updated = repo_.refs().update(std::move(update)); !updated) die("%s", updated.error().message);

  finish_pick_state(repo_, false);
  for (const char* name : {"MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "SQUASH_MSG", "AUTO_MERGE"})
    remove_file(repo_.git_path(name));
  false_lock_.rollback();
  if (lock_.is_held() && !lock_.commit())
    die("repository has been updated, but unable to write\nnew index file. Check that disk is not full and quota is\n"
        "not exceeded, and then \"git restore --staged :/\" to recover.");
  run_rerere(repo_, 0);
  run_auto_maintenance(repo_.config(), s.quiet);
  run_commit_hook(repo_, use_editor_, repo_.index_file(), "post-commit", {});
  if (s.amend && !s.no_post_rewrite) run_post_rewrite(repo_, "amend", head_->hex() + " " + oid->hex() + "\n");
  if (!s.quiet) {
    unsigned flags = head_ ? 0 : unsigned{kSummaryInitialCommit};
    if (author_.date_is_interesting) flags |= kSummaryShowAuthorDate;
    out(format_commit_summary(repo_, *oid, flags));
  }
  apply_autostash(repo_, "MERGE_AUTOSTASH");
  return 0;
}

int Commit_::run() {
  whence_ = find_commit_whence(repo_);
  head_ = repo_.refs().read_oid("HEAD");
  if (head_ && head_->is_null()) head_.reset();
  if (head_) {
    Commit* head = repo_.commits().peel_to_commit(*head_);
    if (!head) die("could not parse HEAD commit");
    repo_.commits().parse(head).or_die();
    head_parents_ = head->parents.size();
  }
  parse();
  check_options();
  comment_ = comment_prefix_of(config_);
  if (set_.status.format != StatusFormat::unspecified && set_.status.format != StatusFormat::none) set_.dry_run = true;
  if (set_.nul_separated) set_.dry_run = true;
  if (set_.dry_run) return dry_run();
  prepare_index();
  if (!prepare_message()) return 1;
  return finish();
}

}  // namespace

int cmd_commit(Invocation& inv) { return Commit_(inv).run(); }

}  // namespace git
