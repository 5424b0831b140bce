// A stash commit is made by `git stash create` and applied by `git stash apply`: what a user would do by hand.
#include "merge/merge-state.h"

#include <cstdio>

#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "index.h"
#include "object-name.h"
#include "repository.h"

namespace git {
namespace {

std::optional<std::string> read_stash_id(Repository& repo, const std::string& file) {
  auto text = read_file_if_exists(repo.git_path(file));
  if (!text || trim(*text).empty()) return std::nullopt;
  return std::string(trim(*text));
}

int run_git(std::vector<std::string> args, bool quiet) {
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  if (quiet) child.out = child.err = ChildProcess::kNull;
  return child.run();
}

bool store_stash(const std::string& id) { return run_git({"stash", "store", "-m", "autostash", "-q", id}, false) == 0; }

}  // namespace

void remove_merge_state(Repository& repo, bool do_apply) {
  if (do_apply) apply_autostash(repo, "MERGE_AUTOSTASH");
  for (const char* name : {"MERGE_HEAD", "MERGE_RR", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE"}) remove_file(repo.git_path(name));
}

bool create_autostash(Repository& repo, const std::string& file) {
  Index index = Index::read(repo);
  index.refresh_and_write_quietly();
  ChildProcess create;
  create.git_command = true;
  create.args = {"stash", "create", "autostash"};
  CommandOutput output = pipe_command(create, "");
  if (output.code != 0) die(_("Cannot autostash"));
  std::string id(trim(output.out));
  if (id.empty()) return false;
  auto oid = get_oid(repo, id);
  if (!oid) die(_("Unexpected stash response: '%s'"), id);
  std::string path = repo.git_path(file);
  if (!make_leading_dirs(path) || !write_file(path, oid->hex() + "\n")) die_errno(_("could not write '%s'"), path);
  outf(_("Created autostash: %s\n"), unique_abbrev(repo, *oid));
  flush_out();
  // Not "reset --hard", which gives up operations that are under way.
  if (run_git({"read-tree", "--reset", "-u", "HEAD"}, true) != 0) die(_("could not reset --hard"));
  return true;
}

void apply_autostash(Repository& repo, const std::string& file) {
  auto id = read_stash_id(repo, file);
  if (!id) return;
  if (run_git({"stash", "apply", *id}, true) == 0) {
    err(_("Applied autostash.\n"));
  } else {
    if (!store_stash(*id))
      error(_("cannot store %s"), *id);
    else
      err(
          _("Your local changes are stashed, however applying them\n"
            "resulted in conflicts.  You can either resolve the conflicts\n"
            "and then discard the stash with \"git stash drop\", or, if you\n"
            "do not want to resolve them now, run \"git reset --hard\" and\n"
            "apply the local changes later by running \"git stash pop\".\n"));
  }
  remove_file(repo.git_path(file));
}

void save_autostash(Repository& repo, const std::string& file) {
  auto id = read_stash_id(repo, file);
  if (!id) return;
  if (!store_stash(*id))
    error(_("cannot store %s"), *id);
  else
    err(
        _("Autostash exists; creating a new stash entry.\n"
          "Your changes are safe in the stash.\n"
          "You can run \"git stash pop\" or \"git stash drop\" at any time.\n"));
  remove_file(repo.git_path(file));
}

std::vector<std::string> index_changes(Repository& repo, const std::optional<ObjectId>& tree) {
  Index index = Index::read(repo);
  std::vector<std::string> changed;
  if (!tree) {
    for (const auto& entry : index.entries()) changed.push_back(entry->path);
    return changed;
  }
  if (!index.has_unmerged()) {
    Result<ObjectId> current = index.write_tree(true);
    if (current && *current == *tree) return changed;
  }
  Index before(repo);
  before.read_tree(*tree).or_die();
  for (const auto& entry : before.entries()) {
    const IndexEntry* now = index.find(entry->path);
    if (!now || now->mode != entry->mode || !(now->oid == entry->oid)) changed.push_back(entry->path);
  }
  for (const auto& entry : index.entries())
    if (!before.find(entry->path) && !entry->intent_to_add) changed.push_back(entry->path);
  return changed;
}

}  // namespace git
