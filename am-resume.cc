// A git am that stopped: its state read again, and the ways on and out.
#include "advice.h"
#include "am.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "branch.h"
#include "index.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "rerere.h"

namespace git {

bool Am::has_state() const { return path_exists(path("")); }
bool Am::is_in_progress() const { return is_directory(path("")) && is_file(path("last")) && is_file(path("next")); }

void Am::load() {
  auto line = [this](std::string_view name) { return std::string(trim(read_text(name).value_or(""))); };
  auto flag = [&line](std::string_view name) { return line(name) == "t"; };
  current_ = static_cast<int>(parse_uint(line("next")).value_or(1));
  last_ = static_cast<int>(parse_uint(line("last")).value_or(0));
  read_author_script();
  message_ = read_text("final-commit").value_or("");
  if (auto text = read_text("original-commit")) original_commit_ = ObjectId::from_hex(trim(*text), repo_.algo());
  AmOptions& o = options;
  o.threeway = flag("threeway");
  o.quiet = flag("quiet");
  o.signoff = flag("sign");
  o.utf8 = flag("utf8");
  if (path_exists(path("rerere-autoupdate"))) o.rerere_autoupdate = flag("rerere-autoupdate");
  const std::string keep = line("keep");
  o.keep = keep == "t" ? AmKeep::yes : keep == "b" ? AmKeep::non_patch : AmKeep::no;
  o.message_id = flag("messageid");
  const std::string scissors = line("scissors");
  o.scissors = scissors.empty() ? AmScissors::unset : scissors == "t" ? AmScissors::yes : AmScissors::no;
  o.quoted_cr = line("quoted-cr");
  o.no_inbody_headers = flag("no_inbody_headers");
  if (auto words = sq_dequote_to_argv(trim(read_text("apply-opt").value_or("")))) o.apply_options = *words;
  o.rebasing = path_exists(path("rebasing"));
}

void Am::destroy() {
  if (repo_.refs().read("REBASE_HEAD")) (void)repo_.refs().remove("REBASE_HEAD", std::nullopt, "", kRefNoDeref);
  remove_dir_recursively(path(""));
}

void Am::check_resumable() const {
  if (message_.empty()) die(_("cannot resume: %s does not exist."), path("final-commit"));
  if (author_name_.empty() && author_email_.empty() && author_date_.empty())
    die(_("cannot resume: %s does not exist."), path("author-script"));
}

int Am::resolve(bool allow_empty) {
  check_resumable();
  say(strf(_("Applying: %s"), subject()));
  if (!index_differs()) {
    if (allow_empty && is_empty_file("patch")) {
      outf("%s\n", _("No changes - recorded it as an empty commit."));
    } else {
      outf("%s\n", _("No changes - did you forget to use 'git add'?\nIf there is nothing left to stage, chances are that "
                     "something else\nalready introduced the same changes; you might want to skip this patch."));
      stop();
    }
  }
  {
    Index index = Index::read(repo_);
    if (index.has_unmerged()) {
      outf("%s\n", _("You still have unmerged paths in your index.\nYou should 'git add' each file with resolved conflicts to "
                     "mark them as such.\nYou might run `git rm` on a file to accept \"deleted by them\" for it."));
      stop();
    }
  }
  if (options.interactive) {
    ChildProcess diff;
    diff.git_command = true;
    diff.args = {"diff-index", "-p", "--cached", "HEAD"};
    write("patch", pipe_command(diff, "").out);
  }
  if (!options.interactive || ask()) {
    run_rerere(repo_, 0);
    commit();
  }
  next();
  load();
  return run(false);
}

// Local changes of the index go, those of the worktree stay where nothing is in their way.
bool Am::clean_index(const ObjectId& head, const ObjectId& remote) {
  flush_out();
  auto run = [](std::vector<std::string> args) {
    ChildProcess child;
    child.git_command = true;
    child.args = std::move(args);
    return child.run() == 0;
  };
  if (!run({"read-tree", "--reset", "-u", head.hex(), head.hex()})) return false;
  auto current = index_tree("");
  if (!current || !run({"read-tree", "-m", "-u", current->hex(), remote.hex()})) return false;
  if (!run({"read-tree", "-m", remote.hex()})) return false;
  remove_branch_state(repo_, false);
  return true;
}

int Am::skip() {
  rerere_clear(repo_);
  auto head = repo_.refs().read_oid("HEAD");
  const ObjectId tree = head ? *peel_to_type(repo_, *head, ObjectType::tree) : empty_tree_id(repo_.algo());
  if (!clean_index(tree, tree)) die(_("failed to clean index"));
  if (options.rebasing && original_commit_ && head)
    write("rewritten", read_text("rewritten").value_or("") + original_commit_->hex() + " " + head->hex() + "\n");
  next();
  load();
  return run(false);
}

int Am::abort() {
  auto head = repo_.refs().read_oid("HEAD");
  bool is_safe = !path_exists(path("dirtyindex"));
  if (is_safe) {
    const std::string recorded(trim(read_text("abort-safety").value_or("")));
    if (recorded != (head ? head->hex() : std::string())) {
      warning(_("You seem to have moved HEAD since the last 'am' failure.\nNot rewinding to ORIG_HEAD"));
      is_safe = false;
    }
  }
  if (!is_safe) {
    destroy();
    return 0;
  }
  rerere_clear(repo_);
  auto original = repo_.refs().read_oid("ORIG_HEAD");
  auto tree_of = [this](const std::optional<ObjectId>& oid) -> ObjectId {
    return oid ? *peel_to_type(repo_, *oid, ObjectType::tree) : empty_tree_id(repo_.algo());
  };
  if (!clean_index(tree_of(head), tree_of(original))) die(_("failed to clean index"));
  if (original) {
    RefUpdate update;
    update.name = "HEAD";
    update.new_oid = *original;
    if (head) update.old_oid = *head;
    update.message = "am --abort";
    repo_.refs().update(std::move(update)).or_die();
  } else if (auto branch = repo_.refs().resolve("HEAD"); branch && head) {
    repo_.refs().remove(branch->name, std::nullopt, "", kRefNoDeref).or_die();
  }
  destroy();
  return 0;
}

int Am::quit() {
  rerere_clear(repo_);
  destroy();
  return 0;
}

int Am::show_patch(bool as_diff) {
  flush_out();
  if (original_commit_) {
    ChildProcess show;
    show.git_command = true;
    show.args = {"show", original_commit_->hex(), "--"};
    return show.run();
  }
  auto text = read_file(as_diff ? path("patch") : mail_path());
  if (!text) die_errno(_("failed to read '%s'"), as_diff ? path("patch") : mail_path());
  out(*text);
  return 0;
}

}  // namespace git
