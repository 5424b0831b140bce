// Commits are made in this process where nobody has to be asked, and by "git commit" where an editor, the checks of
// commit, or its words about an empty change are wanted.
#include "base/date.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "config.h"
#include "config/ident.h"
#include "gpg-interface.h"
#include "hook.h"
#include "index.h"
#include "odb.h"
#include "post-rewrite.h"
#include "refs.h"
#include "repository.h"
#include "sequencer.h"
#include "show/commit-summary.h"
#include "show/encoding.h"
#include "walk/commit-pool.h"
#include "walk/commit-write.h"

namespace git {
namespace {

// "@time tz" of an ident line.
std::string date_of(std::string_view ident_line) {
  auto ident = split_ident_line(ident_line);
  return ident ? strf("@%s %s", ident->date, ident->tz) : std::string();
}

std::string ident_with_date(std::string_view line, const std::string& date) {
  auto ident = split_ident_line(line);
  return ident ? strf("%s <%s> %s", ident->name, ident->mail, date) : std::string(line);
}

constexpr char kStagedChangesAdvice[] =
    "you have staged changes in your working tree\n"
    "If these changes are meant to be squashed into the previous commit, run:\n\n"
    "  git commit --amend %s\n\n"
    "If they are meant to go into a new commit, run:\n\n"
    "  git commit %s\n\n"
    "In both cases, once you're done, continue with:\n\n"
    "  git rebase --continue\n";

}  // namespace

// GIT_AUTHOR_NAME='A U Thor' and so on, as rebase leaves it.
bool Sequencer::read_author_env(std::vector<std::string>& env) {
  auto text = read_file_if_exists(rebase_path("author-script"));
  if (!text) return false;
  constexpr const char* kNames[] = {"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"};
  bool seen[3] = {};
  for (std::string_view line : split_lines(*text)) {
    const std::string_view name = line.substr(0, line.find('='));
    auto value = name.size() < line.size() ? sq_dequote(line.substr(name.size() + 1)) : std::nullopt;
    if (!value) return error(_("unable to dequote value of '%s'"), name) == 0;
    std::size_t which = 0;
    while (which < 3 && name != kNames[which]) which++;
    if (which == 3) return error(_("unknown variable '%s'"), name) == 0;
    if (seen[which]) return error(_("'%s' already given"), name) == 0;
    seen[which] = true;
    env.push_back(std::string(name) + "=" + *value);
  }
  for (std::size_t i = 0; i < 3; i++)
    if (!seen[i]) return error(_("missing '%s'"), kNames[i]) == 0;
  return true;
}

std::optional<std::string> Sequencer::read_author_line() {
  std::vector<std::string> env;
  if (!read_author_env(env)) return std::nullopt;
  std::optional<std::string> name, mail, date;
  for (const std::string& one : env) {
    std::string_view rest;
    if (skip_prefix(std::string_view(one), "GIT_AUTHOR_NAME=", &rest)) name = rest;
    if (skip_prefix(std::string_view(one), "GIT_AUTHOR_EMAIL=", &rest)) mail = rest;
    if (skip_prefix(std::string_view(one), "GIT_AUTHOR_DATE=", &rest)) date = rest;
  }
  if (!name || !mail || !date) return std::nullopt;
  return format_ident(repo_.config(), IdentRole::author, name, mail, date, kIdentStrict);
}

int Sequencer::run_git_commit(const std::optional<std::string>& message_file, unsigned flags) {
  if ((flags & kCreateRoot) && !(flags & kAmendMessage)) {
    auto author = read_author_line();
    if (!author) return error(_("invalid author identity '%s'"), "");
    auto text = read_file_if_exists(message_file ? *message_file : repo_.git_path("MERGE_MSG"));
    return try_commit(text.value_or(""), *author, flags, nullptr);
  }
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"commit"};
  const bool amends_as_is = !message_file && (flags & kAmendMessage);
  if (options.is_rebase() && !amends_as_is) {
    const bool is_missing = !path_exists(rebase_path("author-script"));
    if (is_missing) {
      const std::string sign = options.gpg_sign ? sq_quote("-S" + *options.gpg_sign) : std::string();
      return error(kStagedChangesAdvice, sign, sign);
    }
    if (!read_author_env(child.env)) return -1;
  }
  child.env.push_back("GIT_REFLOG_ACTION=" + reflog_action_);
  const Timestamp now = current_time();
  const int tz = local_tz_offset(now);
  const std::string now_text = strf("@%d %s%04d", now, tz < 0 ? "-" : "+", tz < 0 ? -tz : tz);
  if (options.committer_date_is_author_date) {
    std::string date = options.ignore_date ? now_text : std::string();
    if (auto author = date.empty() ? read_author_line() : std::nullopt) date = date_of(*author);
    if (auto oid = date.empty() ? head() : std::nullopt)
      if (auto buffer = repo_.commits().read_buffer(repo_.commits().get(*oid)))
        if (auto header = parse_commit(*buffer, repo_.algo())) date = date_of(header->author);
    child.env.push_back("GIT_COMMITTER_DATE=" + date);
  }
  if (options.ignore_date) child.env.push_back("GIT_AUTHOR_DATE=" + now_text);
  auto& args = child.args;
  if (!(flags & kVerifyMessage)) args.push_back("-n");
  if (flags & kAmendMessage) args.push_back("--amend");
  args.push_back(options.gpg_sign ? "-S" + *options.gpg_sign : "--no-gpg-sign");
  if (message_file)
    args.insert(args.end(), {"-F", *message_file});
  else if (!(flags & kEditMessage))
    args.insert(args.end(), {"-C", "HEAD"});
  if (flags & kCleanupMessage) args.push_back("--cleanup=strip");
  if (flags & kVerbatimMessage) args.push_back("--cleanup=verbatim");
  if (flags & kEditMessage)
    args.push_back("-e");
  else if (!(flags & kCleanupMessage) && !options.signoff && !options.record_origin && !options.is_cleanup_explicit)
    args.push_back("--cleanup=verbatim");
  if (flags & kAllowEmpty) args.push_back("--allow-empty");
  if (!(flags & kEditMessage)) args.push_back("--allow-empty-message");
  if (!options.is_rebase() || (flags & kEditMessage)) return child.run();
  child.stdout_to_stderr = true;
  CommandOutput output = pipe_command(child, "", true);
  if (output.code) err(output.out + output.err);
  return output.code;
}

// 1 where git commit should do it (and say why it won't).
int Sequencer::try_commit(std::optional<std::string> message, std::string author, unsigned flags, ObjectId* made) {
  CommitPool& pool = repo_.commits();
  auto head_oid = head();
  Commit* current = head_oid ? pool.peel_to_commit(*head_oid) : nullptr;
  if (head_oid && !current) return error(_("could not parse HEAD commit"));
  if (current) pool.parse_or_die(current);
  NewCommit commit;
  std::optional<std::string> hook_commit;
  if (flags & kAmendMessage) {
    if (!current) return error(_("cannot amend non-existing commit"));
    const std::string raw = pool.read_buffer(current).take_or_die();
    const std::string buffer = reencode_commit(raw, repo_.config().get_string_or("i18n.commitencoding", "UTF-8"));
    if (!message) {
      message = std::string(ltrim(commit_message(buffer)));
      hook_commit = "HEAD";
    }
    auto header = parse_commit(buffer, repo_.algo());
    if (!header || header->author.empty()) return error(_("unable to parse commit author"));
    author = header->author;
    for (Commit* parent : current->parents) commit.parents.push_back(parent->oid);
    commit.extra_headers = extra_commit_headers(raw, {"gpgsig", "gpgsig-sha256"});
  } else if (current && !(flags & kCreateRoot)) {
    commit.parents.push_back(current->oid);
  }
  Index index = Index::read(repo_);
  auto tree = index.write_tree();
  if (!tree) {
    error("%s", tree.error().message);
    return error(_("git write-tree failed to write a tree"));
  }
  commit.tree = *tree;
  if (!(flags & kAllowEmpty)) {
    Commit* base = current;
    if (flags & kAmendMessage) base = current->parents.empty() ? nullptr : current->parents[0];
    if (flags & kCreateRoot) base = nullptr;
    if (base) pool.parse_or_die(base);
    if (*tree == (base ? pool.tree(base) : empty_tree_id(repo_.algo()))) return 1;
  }
  if (find_hook(repo_, "prepare-commit-msg")) {
    const std::string file = repo_.git_path("COMMIT_EDITMSG");
    if (!write(file, *message)) return -1;
    std::vector<std::string> args{file};
    if (hook_commit)
      args.insert(args.end(), {"commit", *hook_commit});
    else
      args.push_back("message");
    flush_out();
    if (run_commit_hook(repo_, false, repo_.index_file(), "prepare-commit-msg", args))
      return error(_("'prepare-commit-msg' hook failed"));
    auto edited = read_file(file);
    if (!edited) return error_errno(_("unable to read commit message from '%s'"), file);
    message = *edited;
  }
  CleanupMode cleanup = options.cleanup;
  if (flags & kCleanupMessage)
    cleanup = CleanupMode::all;
  else if (flags & kVerbatimMessage)
    cleanup = CleanupMode::none;
  else if ((options.signoff || options.record_origin) && !options.is_cleanup_explicit)
    cleanup = CleanupMode::space;
  if (cleanup != CleanupMode::none) message = strip_space(*message, cleanup == CleanupMode::all ? comment_ : std::string());
  if ((flags & kEditMessage) && message_is_empty(*message, cleanup)) return 1;
  std::string committer = committer_ident(repo_.config());
  if (options.ignore_date) {
    // The author wrote it now.
    const Timestamp now = current_time();
    const int tz = local_tz_offset(now);
    author = ident_with_date(author, strf("%d %s%04d", now, tz < 0 ? "-" : "+", tz < 0 ? -tz : tz));
  }
  if (options.committer_date_is_author_date) {
    auto ident = split_ident_line(author);
    if (!ident) return error(_("invalid author identity '%s'"), author);
    committer = ident_with_date(committer, strf("%s %s", ident->date, ident->tz));
  }
  commit.author = author;
  commit.committer = committer;
  commit.message = *message;
  if (options.gpg_sign)
    commit.sign = [&](std::string_view bytes) -> Result<std::string> {
      auto signature = sign_buffer(repo_, bytes, options.gpg_sign->empty() ? signing_key(repo_) : *options.gpg_sign);
      if (!signature) return make_error(ErrorKind::io, "%s", "gpg failed to sign the data");
      return *signature;
    };
  auto oid = write_commit(repo_, commit);
  if (!oid) {
    error("%s", oid.error().message);
    return error(_("failed to write commit object"));
  }
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = *oid;
  update.old_oid = head_oid ? *head_oid : ObjectId::null(repo_.algo());
  update.message = reflog_action_ + ": " + message->substr(0, message->find('\n'));
  if (auto done = repo_.refs().update(std::move(update)); !done) return error("%s", done.error().message);
  flush_out();
  run_commit_hook(repo_, false, repo_.index_file(), "post-commit", {});
  if ((flags & kAmendMessage) && current) run_post_rewrite(repo_, "amend", current->oid.hex() + " " + oid->hex() + "\n");
  if (made) *made = *oid;
  return 0;
}

int Sequencer::do_commit(const std::optional<std::string>& message_file, const std::string& author, unsigned flags,
                         const ObjectId* oid) {
  int code = 1;
  if (!(flags & (kEditMessage | kVerifyMessage))) {
    std::optional<std::string> message;
    if (message_file) {
      auto text = read_file(*message_file);
      if (!text) return error_errno(_("unable to read commit message from '%s'"), *message_file);
      message = *text;
    }
    ObjectId made;
    code = try_commit(std::move(message), author, flags, &made);
    if (code == 0) {
      delete_ref("CHERRY_PICK_HEAD");
      remove_file(repo_.git_path("MERGE_MSG"));
      if (!options.is_rebase()) {
        out(format_commit_summary(repo_, made, kSummaryShowAuthorDate));
        flush_out();
      }
      return 0;
    }
  }
  if (code != 1) return code;
  if (options.is_rebase() && oid && !write_rebase_head(*oid)) return -1;
  return run_git_commit(message_file, flags);
}

}  // namespace git
