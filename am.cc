// One mail: taken apart, its patch applied to index and worktree (or, where that fails, to the versions it was made from,
// and merged), and committed under its author's name.
#include "am.h"

#include <algorithm>

#include "advice.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "config.h"
#include "config/ident.h"
#include "editor.h"
#include "gpg-interface.h"
#include "hook.h"
#include "index.h"
#include "mailinfo.h"
#include "merge/checkout-result.h"
#include "merge/merge-ort.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "post-rewrite.h"
#include "refs.h"
#include "repository.h"
#include "rerere.h"
#include "show/commit-message.h"
#include "show/encoding.h"
#include "show/trailers.h"
#include "walk/commit-pool.h"
#include "walk/commit-write.h"

namespace git {

Am::Am(Repository& repo, AmOptions o) : options(std::move(o)), repo_(repo) {}

std::string Am::path(std::string_view name) const {
  return name.empty() ? repo_.git_path("rebase-apply") : repo_.git_path("rebase-apply/" + std::string(name));
}
std::string Am::mail_path() const { return path(strf("%0*d", digits_, current_)); }

bool Am::write(std::string_view name, std::string_view text) {
  if (write_file(path(name), text)) return true;
  die_errno(_("could not open '%s' for writing"), path(name));
}

std::optional<std::string> Am::read_text(std::string_view name) const { return read_file_if_exists(path(name)); }

bool Am::is_empty_file(std::string_view name) const {
  auto st = stat_path(path(name));
  return !st || st->st_size == 0;
}

std::string Am::subject() const { return message_.substr(0, message_.find('\n')); }

void Am::say(const std::string& text) const {
  if (!options.quiet) outf("%s\n", text);
  flush_out();
}

bool Am::index_differs() const {
  auto head = repo_.refs().read_oid("HEAD");
  std::optional<ObjectId> tree;
  if (head) tree = peel_to_type(repo_, *head, ObjectType::tree);
  return !index_changes(repo_, tree).empty();
}

// ---- author and message ----

void Am::write_author_script() {
  write("author-script", "GIT_AUTHOR_NAME=" + sq_quote(author_name_) + "\nGIT_AUTHOR_EMAIL=" + sq_quote(author_email_) +
                             "\nGIT_AUTHOR_DATE=" + sq_quote(author_date_) + "\n");
}

void Am::read_author_script() {
  auto text = read_text("author-script");
  if (!text) return;
  bool has_name = false, has_mail = false, has_date = false;
  for (std::string_view line : split_lines(*text)) {
    auto take = [&line](std::string_view key, std::string& slot, bool& seen) {
      if (!skip_prefix(line, key)) return;
      if (seen) die(_("could not parse '%s'"), "author-script");
      auto value = sq_dequote(line);
      if (!value) die(_("could not parse '%s'"), "author-script");
      slot = *value;
      seen = true;
    };
    take("GIT_AUTHOR_NAME=", author_name_, has_name);
    take("GIT_AUTHOR_EMAIL=", author_email_, has_mail);
    take("GIT_AUTHOR_DATE=", author_date_, has_date);
  }
  if (!has_name || !has_mail || !has_date) die(_("could not parse '%s'"), "author-script");
}

void Am::sign_off() {
  append_signoff(message_, committer_ident(repo_.config(), kIdentStrict | kIdentNoDate), TrailerSettings::read(repo_.config()));
}

// False where the mail is none that should be applied.
bool Am::parse_mail_file() {
  Config& config = repo_.config();
  MailinfoOptions how;
  how.keep_subject = options.keep == AmKeep::yes;
  how.keep_non_patch_brackets = options.keep == AmKeep::non_patch;
  how.add_message_id = options.message_id;
  how.use_scissors = options.scissors == AmScissors::unset ? config.get_bool_or("mailinfo.scissors", false)
                                                           : options.scissors == AmScissors::yes;
  how.use_inbody_headers = !options.no_inbody_headers;
  if (options.utf8)
    how.encoding = config.get_string_or("i18n.commitencoding", "UTF-8");
  else
    how.encoding.reset();
  const std::string quoted_cr = options.quoted_cr.empty() ? config.get_string_or("mailinfo.quotedcr", "warn") : options.quoted_cr;
  auto action = parse_quoted_cr(quoted_cr);
  if (!action) die(_("bad action '%s' for '%s'"), quoted_cr, "mailinfo.quotedCR");
  how.quoted_cr = *action;
  auto text = read_file(mail_path());
  if (!text) die_errno(_("could not open '%s' for reading"), mail_path());
  if (trim(*text).empty()) {
    error(_("empty patch: '%s'"), path("patch"));
    exit_with(1);
  }
  Mailinfo mail = parse_mail(*text, how);
  for (const std::string& one : mail.errors) error("%s", one);
  if (!mail.errors.empty()) exit_with(1);
  if (mail.has_quoted_cr && how.quoted_cr == QuotedCr::warn) warning(_("quoted CRLF detected"));
  if (mail.has_flowed_patch) warning(_("Patch sent with format=flowed; space at the end of lines might be lost."));
  write("patch", mail.patch);
  write("msg", mail.message);
  write("info", mail.info);
  if (mail.author.value_or("") == "Mail System Internal Data") return false;  // pine's
  author_name_ = mail.author.value_or("");
  author_email_ = mail.email.value_or("");
  author_date_ = mail.date.value_or("");
  message_ = strip_space(mail.subject.value_or("") + "\n\n" + mail.message);
  return true;
}

// In a rebase the commit itself says more than the mail made of it.
void Am::parse_rebased() {
  auto text = read_file(mail_path());
  std::string_view line = text ? std::string_view(*text) : std::string_view();
  std::optional<ObjectId> oid;
  if (skip_prefix(line, "From ")) oid = ObjectId::parse_prefix(line, repo_.algo());
  Commit* commit = oid ? repo_.commits().peel_to_commit(*oid) : nullptr;
  if (!commit) die(_("could not parse %s"), mail_path());
  const std::string buffer = reencode_commit(repo_.commits().read_buffer(commit).take_or_die(),
                                             repo_.config().get_string_or("i18n.commitencoding", "UTF-8"));
  auto header = parse_commit(buffer, repo_.algo());
  auto ident = header ? split_ident_line(header->author) : std::nullopt;
  if (!ident) die(_("invalid ident line: %s"), header ? header->author : std::string_view());
  author_name_ = ident->name;
  author_email_ = ident->mail;
  author_date_ = "@" + std::string(ident->date) + " " + std::string(ident->tz);
  message_ = header->message;
  while (!message_.empty() && message_[0] == '\n') message_.erase(0, 1);
  ChildProcess diff;
  diff.git_command = true;
  diff.args = {"diff-tree",     "-p",         "--root",       "--no-commit-id", "--full-index", "--binary", "--no-ext-diff",
               "--no-textconv", "--no-color", "--no-renames", commit->oid.hex()};
  write("patch", pipe_command(diff, "").out);
  original_commit_ = *oid;
  write("original-commit", oid->hex() + "\n");
  RefUpdate update;
  update.name = "REBASE_HEAD";
  update.new_oid = *oid;
  update.flags = kRefNoDeref;
  repo_.refs().update(std::move(update)).or_die();
}

// ---- applying ----

int Am::apply_patch(const std::string& index_file, bool silent) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"apply"};
  child.args.insert(child.args.end(), options.apply_options.begin(), options.apply_options.end());
  if (index_file.empty()) {
    child.args.push_back("--index");
  } else {
    child.args.push_back("--cached");
    child.env.push_back("GIT_INDEX_FILE=" + absolute_path(index_file));
  }
  child.args.push_back(path("patch"));
  if (silent) child.out = child.err = ChildProcess::kNull;
  return child.run();
}

std::optional<ObjectId> Am::index_tree(const std::string& file) const {
  Index index = file.empty() ? Index::read(repo_) : Index::read_from(repo_, file);
  auto tree = index.write_tree();
  if (!tree) return std::nullopt;
  return *tree;
}

int Am::fall_back() {
  const std::string file = path("patch-merge-index");
  auto head = repo_.refs().read_oid("HEAD");
  const ObjectId ours =
      head ? peel_to_type(repo_, *head, ObjectType::tree).value_or(empty_tree_id(repo_.algo())) : empty_tree_id(repo_.algo());
  flush_out();
  ChildProcess fake;
  fake.git_command = true;
  fake.args = {"apply", "--build-fake-ancestor=" + absolute_path(file)};
  fake.args.insert(fake.args.end(), options.apply_options.begin(), options.apply_options.end());
  fake.args.push_back(path("patch"));
  if (fake.run()) return error(_("could not build fake ancestor"));
  auto base = index_tree(file);
  if (!base) return error(_("Repository lacks necessary blobs to fall back on 3-way merge."));
  say(_("Using index info to reconstruct a base tree..."));
  if (!options.quiet) {
    // What needed this is to be looked at.
    ChildProcess list;
    list.git_command = true;
    list.args = {"diff-index", "--cached", "--diff-filter=AM", "--name-status", ours.hex()};
    list.env = {"GIT_INDEX_FILE=" + absolute_path(file)};
    list.run();
  }
  if (apply_patch(file, false))
    return error(_("Did you hand edit your patch?\nIt does not apply to blobs recorded in its index."));
  auto theirs = index_tree(file);
  if (!theirs) return error("could not write tree");
  remove_file(file);
  say(_("Falling back to patching base and 3-way merge..."));
  MergeOptions merge = MergeOptions::from_config(repo_);
  merge.branch1 = "HEAD";
  merge.branch2 = subject();
  merge.ancestor = "constructed fake ancestor";
  merge.directory_renames = DirectoryRenames::none;
  Index index = Index::read(repo_);
  LockFile lock = index.lock_or_die();
  auto result = merge_trees(repo_, merge, *base, ours, *theirs);
  if (!result) return error("%s", result.error().message);
  if (!switch_to_merge_result(repo_, index, ours, *result, "merge")) return error(_("Failed to merge in the changes."));
  if (!index.write_locked(lock)) return error(_("unable to write %s"), repo_.index_file());
  if (!options.quiet) out(format_merge_messages(*result));
  flush_out();
  if (result->is_clean) return 0;
  run_rerere(repo_, options.rerere_autoupdate);
  return error(_("Failed to merge in the changes."));
}

// ---- committing ----

void Am::commit() {
  if (!options.no_verify && run_hooks(repo_, "pre-applypatch")) exit_with(1);
  auto tree = index_tree("");
  if (!tree) die(_("git write-tree failed to write a tree"));
  auto head = repo_.refs().read_oid("HEAD");
  NewCommit commit;
  commit.tree = *tree;
  if (head)
    commit.parents.push_back(*head);
  else
    say(_("applying to an empty history"));
  const std::optional<std::string> date = options.ignore_date ? std::nullopt : std::optional(author_date_);
  commit.author = format_ident(repo_.config(), IdentRole::author, author_name_, author_email_, date, kIdentStrict);
  if (options.committer_date_is_author_date) {
    auto author = split_ident_line(*commit.author);
    commit.committer =
        format_ident(repo_.config(), IdentRole::committer, get_env("GIT_COMMITTER_NAME"), get_env("GIT_COMMITTER_EMAIL"),
                     "@" + std::string(author->date) + " " + std::string(author->tz), kIdentStrict);
  }
  commit.message = message_;
  if (options.gpg_sign)
    commit.sign = [&](std::string_view bytes) -> Result<std::string> {
      auto signature = sign_buffer(repo_, bytes, options.gpg_sign->empty() ? signing_key(repo_) : *options.gpg_sign);
      if (!signature) return make_error(ErrorKind::io, "%s", "gpg failed to sign the data");
      return *signature;
    };
  auto oid = write_commit(repo_, commit);
  if (!oid) die("%s", oid.error().message);
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = *oid;
  update.old_oid = head ? *head : ObjectId::null(repo_.algo());
  update.message = get_env_or("GIT_REFLOG_ACTION", "am") + ": " + subject();
  repo_.refs().update(std::move(update)).or_die();
  if (options.rebasing && original_commit_)
    write("rewritten", read_text("rewritten").value_or("") + original_commit_->hex() + " " + oid->hex() + "\n");
  flush_out();
  run_hooks(repo_, "post-applypatch");
}

void Am::next() {
  author_name_.clear();
  author_email_.clear();
  author_date_.clear();
  message_.clear();
  for (const char* name : {"author-script", "final-commit", "original-commit"}) remove_file(path(name));
  original_commit_.reset();
  if (repo_.refs().read("REBASE_HEAD")) (void)repo_.refs().remove("REBASE_HEAD", std::nullopt, "", kRefNoDeref);
  auto head = repo_.refs().read_oid("HEAD");
  write("abort-safety", head ? head->hex() + "\n" : std::string("\n"));
  write("next", std::to_string(++current_) + "\n");
}

void Am::stop() {
  flush_out();
  if (options.resolve_message) {
    advise_if_enabled(repo_.config(), "mergeConflict", *options.resolve_message);
    exit_with(128);
  }
  const std::string am = options.interactive ? "git am -i" : "git am";
  std::string text = strf(_("When you have resolved this problem, run \"%s --continue\".\n"), am) +
                     strf(_("If you prefer to skip this patch, run \"%s --skip\" instead.\n"), am);
  if (advice_enabled(repo_.config(), "amWorkDir") && is_empty_file("patch") && !index_differs())
    text += strf(_("To record the empty patch as an empty commit, run \"%s --allow-empty\".\n"), am);
  text += strf(_("To restore the original branch and stop patching, run \"%s --abort\"."), am);
  advise_if_enabled(repo_.config(), "mergeConflict", text);
  exit_with(128);
}

// The user looks at each; false: leave it out.
bool Am::ask() {
  LineReader reader(0);
  for (;;) {
    outf("%s\n--------------------------\n%s--------------------------\n", _("Commit Body is:"), message_);
    out(_("Apply? [y]es/[n]o/[e]dit/[v]iew patch/[a]ccept all: "));
    flush_out();
    std::string reply;
    if (!reader.next(reply)) die(_("unable to read from stdin; aborting"));
    if (reply == "y" || reply == "Y") return true;
    if (reply == "a" || reply == "A") {
      options.interactive = false;
      return true;
    }
    if (reply == "n" || reply == "N") return false;
    if (reply == "e" || reply == "E") {
      if (auto edited = launch_editor(&repo_, path("final-commit"))) message_ = strip_space(*edited, "#");
    } else if (reply == "v" || reply == "V") {
      ChildProcess pager;
      pager.use_shell = true;
      pager.args = {get_env_or("GIT_PAGER", get_env_or("PAGER", "cat")), path("patch")};
      pager.run();
    }
  }
}

void Am::finish_rewritten() {
  auto text = read_text("rewritten");
  if (text && !text->empty()) run_post_rewrite(repo_, "rebase", *text);
}

int Am::run(bool resume) {
  remove_file(path("dirtyindex"));
  Index::read(repo_).refresh_and_write_quietly();
  auto head = repo_.refs().read_oid("HEAD");
  std::optional<ObjectId> tree;
  if (head) tree = peel_to_type(repo_, *head, ObjectType::tree);
  if (auto dirty = index_changes(repo_, tree); !dirty.empty()) {
    write("dirtyindex", "t\n");
    die(_("Dirty index: cannot apply patches (dirty: %s)"), join(dirty, " "));
  }
  for (; current_ <= last_; next(), resume = false) {
    if (!path_exists(mail_path())) continue;
    if (resume) {
      check_resumable();
    } else {
      if (options.rebasing)
        parse_rebased();
      else if (!parse_mail_file())
        continue;
      if (options.signoff) sign_off();
      write_author_script();
      write("final-commit", message_);
    }
    if (options.interactive && !ask()) continue;
    bool is_empty = false;
    if (is_empty_file("patch")) {
      if (options.empty == AmEmpty::drop) {
        say(strf(_("Skipping: %s"), subject()));
        continue;
      }
      if (options.empty == AmEmpty::stop && !options.rebasing) {
        outf("%s\n", _("Patch is empty."));
        stop();
      }
      is_empty = true;
      say(strf(options.rebasing ? _("Applying: %s") : _("Creating an empty commit: %s"), subject()));
    }
    if (!options.no_verify) {
      flush_out();
      HookOptions hook;
      hook.args = {path("final-commit")};
      if (run_hooks(repo_, "applypatch-msg", hook)) exit_with(1);
      message_ = read_text("final-commit").value_or(message_);
    }
    if (!is_empty) {
      say(strf(_("Applying: %s"), subject()));
      int code = apply_patch("", options.threeway > 0);
      if (code && options.threeway > 0) {
        code = fall_back();
        if (!code && !index_differs()) {
          say(_("No changes -- Patch already applied."));
          continue;
        }
      }
      if (code) {
        outf(_("Patch failed at %s %s\n"), strf("%0*d", digits_, current_), subject());
        flush_out();
        if (advice_enabled(repo_.config(), "amWorkDir"))
          advise(_("Use 'git am --show-current-patch=diff' to see the failed patch"));
        stop();
      }
    }
    commit();
  }
  finish_rewritten();
  if (!options.rebasing) destroy();
  return 0;
}

}  // namespace git
