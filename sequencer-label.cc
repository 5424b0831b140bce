// The commands that make no commit of their own, and merges: what recreates the shape of a history.
#include <algorithm>

#include "base/date.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "clean-check.h"
#include "config.h"
#include "config/ident.h"
#include "index.h"
#include "index/unpack-trees.h"
#include "merge/checkout-result.h"
#include "merge/merge-ort.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "rerere.h"
#include "sequencer.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/commit-write.h"

namespace git {

namespace {

constexpr std::string_view kRewritten = "refs/rewritten/";

// The file update-refs: three lines for each ref that a rebase moves along.
struct MovedRef {
  std::string name;
  ObjectId before, after;
};

std::vector<MovedRef> read_moved_refs(const std::string& file, HashAlgo algo) {
  std::vector<MovedRef> refs;
  auto text = read_file_if_exists(file);
  if (!text) return refs;
  std::vector<std::string_view> lines = split_lines(*text);
  for (std::size_t i = 0; i + 2 < lines.size(); i += 3) {
    auto before = ObjectId::from_hex(lines[i + 1], algo), after = ObjectId::from_hex(lines[i + 2], algo);
    if (!before || !after) {
      warning(_("update-refs file at '%s' is invalid"), file);
      return {};
    }
    refs.push_back({std::string(lines[i]), *before, *after});
  }
  return refs;
}

}  // namespace

int Sequencer::run_exec(const std::string& command) {
  if (!options.quiet) errf(_("Executing: %s\n"), command);
  flush_out();
  ChildProcess child;
  child.use_shell = true;
  child.args = {command};
  int code = child.run();
  const bool is_dirty = !require_clean_work_tree(repo_, "rebase", "", true);
  if (code) {
    warning(_("execution failed: %s\n%sYou can fix the problem, and then run\n\n  git rebase --continue\n\n"), command,
            is_dirty ? _("and made changes to the index and/or the working tree.\n") : "");
    return code == 127 ? 1 : code;
  }
  if (!is_dirty) return 0;
  warning(_("execution succeeded: %s\nbut left changes to the index and/or the working tree.\n"
            "Commit or stash your changes, and then run\n\n  git rebase --continue\n\n"),
          command);
  return 1;
}

int Sequencer::run_label(const std::string& name) {
  if (name == "#") return error(_("illegal label name: '%s'"), name);
  auto oid = head();
  if (!oid) return error(_("could not read HEAD"));
  RefUpdate update;
  update.name = std::string(kRewritten) + name;
  update.new_oid = *oid;
  update.message = strf("rebase (label) '%s'", name);
  const std::string ref = update.name;
  if (auto done = repo_.refs().update(std::move(update)); !done) return error("%s", done.error().message);
  UniqueFd fd = open_fd(rebase_path("refs-to-delete"), O_CREAT | O_WRONLY | O_APPEND);
  if (!fd || !write_in_full(fd.get(), ref + "\n"))
    return error_errno(_("could not write to '%s'"), rebase_path("refs-to-delete"));
  return 0;
}

Commit* Sequencer::lookup_label(const std::string& name) {
  if (auto oid = repo_.refs().read_oid(std::string(kRewritten) + name)) return repo_.commits().peel_to_commit(*oid);
  auto oid = get_oid(repo_, name, NameHint::committish, true);
  if (!oid) {
    error(_("could not resolve '%s'"), name);
    return nullptr;
  }
  Commit* commit = repo_.commits().peel_to_commit(*oid);
  if (!commit) error(_("object %s is a %s, not a %s"), *oid, type_name(repo_.odb().type_of(*oid)), "commit");
  return commit;
}

int Sequencer::run_reset(const std::string& arg) {
  CommitPool& pool = repo_.commits();
  ObjectId oid;
  const std::string name = arg == "[new root]" ? arg : arg.substr(0, arg.find_first_of(" \t"));
  if (name == "[new root]") {
    if (!options.squash_onto) {
      NewCommit root;
      root.tree = empty_tree_id(repo_.algo());
      (void)repo_.odb().write(ObjectType::tree, "");
      auto made = write_commit(repo_, root);
      if (!made) return error(_("writing fake root commit"));
      options.squash_onto = *made;
      if (!write(rebase_path("squash-onto"), made->hex())) return error(_("writing squash-onto"));
    }
    oid = *options.squash_onto;
  } else {
    Commit* commit = lookup_label(name);
    if (!commit) return -1;
    oid = commit->oid;
  }
  Commit* commit = pool.get(oid);
  if (auto parsed = pool.parse(commit); !parsed) return error(_("failed to find tree of %s"), oid);
  Index index = Index::read(repo_);
  auto lock = index.try_lock();
  if (!lock) return error("%s", lock.error().message);
  if (index.has_unmerged()) return error_dirty_index();
  UnpackOptions unpack;
  unpack.head_idx = 1;
  unpack.merge = unpack.update = true;
  unpack.fn = UnpackOptions::Merge::oneway;
  unpack.porcelain_command = "reset";
  unpack.preserve_ignored = false;
  if (unpack_trees(index, {pool.tree(commit)}, unpack) != 0) return -1;
  if (!index.write_locked(*lock)) return error(_("could not write index"));
  RefUpdate update;
  update.name = "HEAD";
  update.new_oid = oid;
  update.message = reflog_message("reset", "'" + name + "'");
  if (auto done = repo_.refs().update(std::move(update)); !done) return error("%s", done.error().message);
  return 0;
}

int Sequencer::run_update_ref(const std::string& name) {
  const std::string file = rebase_path("update-refs");
  std::vector<MovedRef> refs = read_moved_refs(file, repo_.algo());
  auto oid = head();
  if (!oid) return error(_("could not read HEAD"));
  std::string text;
  bool is_known = false;
  for (MovedRef& ref : refs) {
    if (ref.name == name) {
      ref.after = *oid;
      is_known = true;
    }
  }
  if (!is_known) {
    auto before = repo_.refs().read_oid(name);
    refs.push_back({name, before ? *before : ObjectId::null(repo_.algo()), *oid});
  }
  for (const MovedRef& ref : refs) text += strf("%s\n%s\n%s\n", ref.name, ref.before, ref.after);
  return write(file, text) ? 0 : -1;
}

void Sequencer::filter_update_refs(const TodoList& list) {
  const std::string file = rebase_path("update-refs");
  std::vector<MovedRef> refs = read_moved_refs(file, repo_.algo());
  std::vector<std::string> wanted;
  for (const TodoItem& item : list.items)
    if (item.command == TodoCommand::update_ref) wanted.push_back(item.arg);
  std::string text;
  auto put = [&text](const MovedRef& ref) { text += strf("%s\n%s\n%s\n", ref.name, ref.before, ref.after); };
  for (const MovedRef& ref : refs) {
    auto it = std::find(wanted.begin(), wanted.end(), ref.name);
    if (it == wanted.end() && ref.after.is_null()) continue;
    if (it != wanted.end()) wanted.erase(it);
    put(ref);
  }
  for (const std::string& name : wanted) {
    auto before = repo_.refs().read_oid(name);
    put({name, before ? *before : ObjectId::null(repo_.algo()), ObjectId::null(repo_.algo())});
  }
  if (text.empty())
    remove_file(file);
  else
    write(file, text);
}

int Sequencer::apply_update_refs(bool quiet) {
  int code = 0;
  std::string updated, failed;
  for (const MovedRef& ref : read_moved_refs(rebase_path("update-refs"), repo_.algo())) {
    if (ref.after.is_null()) continue;
    RefUpdate update;
    update.name = ref.name;
    update.new_oid = ref.after;
    update.old_oid = ref.before;
    update.message = "rewritten during rebase";
    auto done = repo_.refs().update(std::move(update));
    if (!done) {
      error("%s", strf(_("update_ref failed for ref '%s': %s"), ref.name, done.error().message));
      code = -1;
    }
    (done ? updated : failed) += "\t" + ref.name + "\n";
  }
  if (quiet || (updated.empty() && failed.empty())) return code;
  errf(_("Updated the following refs with %s:\n%s"), "--update-refs", updated);
  if (code) errf(_("Failed to update the following refs with %s:\n%s"), "--update-refs", failed);
  return code;
}

// "[-C <commit>] <label>... [# <oneline>]"
int Sequencer::run_merge(TodoItem& item, bool& check_todo) {
  CommitPool& pool = repo_.commits();
  auto head_oid = head();
  if (!head_oid) return error(_("cannot merge without a current revision"));
  Commit* current = pool.get(*head_oid);
  pool.parse_or_die(current);
  std::vector<Commit*> others;
  std::string names, oneline, first_name;
  std::string_view rest = item.arg;
  while (!(rest = ltrim(rest)).empty()) {
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    rest.remove_prefix(word.size());
    if (word == "#") {
      oneline = ltrim(rest);
      break;
    }
    const std::string name(word);
    Commit* other = lookup_label(name);
    if (!other) return error(_("unable to parse '%s'"), name);
    others.push_back(other);
    if (first_name.empty())
      first_name = repo_.refs().exists(std::string(kRewritten) + name) ? std::string(kRewritten) + name : name;
    names += (names.empty() ? "" : " ") + name;
  }
  if (others.empty()) return error(_("nothing to merge: '%s'"), item.arg);
  reflog_action_ = reflog_message("merge");
  if (options.squash_onto && *options.squash_onto == current->oid) {
    // Merging into nothing is going there.
    if (others.size() > 1) return error(_("octopus merge cannot be executed on top of a [new root]"));
    return fast_forward(others[0]->oid, &current->oid);
  }
  auto edit = [&](unsigned flags) {
    check_todo = true;
    return run_git_commit(std::nullopt, flags | kAmendMessage | kEditMessage | kVerifyMessage);
  };
  if (item.commit) {
    pool.parse_or_die(item.commit);
    const auto& parents = item.commit->parents;
    bool is_same = options.allow_ff && parents.size() == others.size() + 1 && parents[0] == current;
    for (std::size_t i = 0; is_same && i < others.size(); i++) is_same = parents[i + 1] == others[i];
    if (is_same) {
      int code = fast_forward(item.commit->oid, &current->oid);
      return code || !item.edit_message ? code : edit(0);
    }
    const CommitTexts texts = read_texts(item.commit);
    auto header = parse_commit(texts.buffer, repo_.algo());
    if (!header || !write_author_script(header->author)) return -1;
    if (!write(repo_.git_path("MERGE_MSG"), ltrim(texts.body))) return -1;
  } else {
    if (!write_author_script(author_ident(repo_.config()))) return -1;
    const std::string text = !oneline.empty() ? oneline : strf("Merge %s '%s'", others.size() > 1 ? "branches" : "branch", names);
    if (!write(repo_.git_path("MERGE_MSG"), text)) return -1;
  }
  if (!options.strategy.empty() || others.size() > 1) {
    flush_out();
    ChildProcess child;
    child.git_command = true;
    if (!read_author_env(child.env)) return -1;
    if (options.committer_date_is_author_date && !options.ignore_date)
      for (std::string one : child.env)
        if (starts_with(one, "GIT_AUTHOR_DATE=")) {
          child.env.push_back("GIT_COMMITTER_DATE=" + one.substr(16));
          break;
        }
    if (options.ignore_date) {
      const Timestamp now = current_time();
      const int tz = local_tz_offset(now);
      const std::string date = strf("@%d %s%04d", now, tz < 0 ? "-" : "+", tz < 0 ? -tz : tz);
      child.env.push_back("GIT_AUTHOR_DATE=" + date);
      if (options.committer_date_is_author_date) child.env.push_back("GIT_COMMITTER_DATE=" + date);
    }
    child.env.push_back("GIT_REFLOG_ACTION=" + reflog_action_);
    child.args = {"merge", "-s", options.strategy.empty() ? "octopus" : options.strategy};
    for (const std::string& option : options.strategy_options) child.args.insert(child.args.end(), {"-X", option});
    child.args.insert(child.args.end(), {item.edit_message ? "--edit" : "--no-edit", "--no-ff", "--no-log", "--no-stat", "-F",
                                         absolute_path(repo_.git_path("MERGE_MSG"))});
    child.args.push_back(options.gpg_sign ? "-S" + *options.gpg_sign : "--no-gpg-sign");
    for (Commit* other : others) child.args.push_back(other->oid.hex());
    delete_ref("CHERRY_PICK_HEAD");
    return child.run();
  }
  CommitList bases = merge_bases(pool, current, others[0]);
  if (!bases.empty() && bases[0] == others[0]) return 0;  // there already
  if (!write(repo_.git_path("MERGE_HEAD"), others[0]->oid.hex(), true) || !write(repo_.git_path("MERGE_MODE"), "no-ff"))
    return -1;
  MergeOptions merge = MergeOptions::from_config(repo_);
  merge.branch1 = "HEAD";
  merge.branch2 = first_name;
  for (const std::string& option : options.strategy_options) merge.parse_strategy_option(option);
  Index index = Index::read(repo_);
  auto lock = index.try_lock();
  if (!lock) return error("%s", lock.error().message);
  auto result = merge_commits(repo_, merge, bases, current, others[0]);
  bool failed = !result;
  if (!result)
    error("%s", result.error().message);
  else
    failed = !switch_to_merge_result(repo_, index, pool.tree(current), *result, "merge");
  if (failed) {
    error(_("could not even attempt to merge '%s'"), names);
    for (const char* name : {"MERGE_MSG", "MERGE_HEAD", "MERGE_MODE"}) remove_file(repo_.git_path(name));
    return -1;
  }
  if (!result->is_clean) {
    out(format_merge_messages(*result));
    write_file(repo_.git_path("AUTO_MERGE"), result->tree.hex() + "\n");
  }
  flush_out();
  if (!index.write_locked(*lock)) return error(_("merge: Unable to write new index file"));
  if (!result->is_clean) {
    run_rerere(repo_, options.rerere_autoupdate);
    return 1;
  }
  int code = run_git_commit(repo_.git_path("MERGE_MSG"), 0) ? 1 : 0;
  if (!code && item.edit_message) code = edit(0);
  return code;
}

}  // namespace git
