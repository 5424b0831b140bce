// Index against worktree, and HEAD against index; stat data is refreshed first.
#include "clean-check.h"

#include "base/error.h"
#include "diff.h"
#include "index.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"

namespace git {
namespace {

DiffOptions quick_diff(Index& index, bool ignore_submodules) {
  Repository& repo = index.repo();
  DiffOptions options = make_diff_options(&repo, repo.config(), &index, "", DiffConfig::none);
  options.output_format = kDiffNoOutput;
  options.quick = true;
  options.ignore_submodules = ignore_submodules;
  options.override_submodule_config = ignore_submodules;
  diff_setup_done(options);
  return options;
}

}  // namespace

bool has_unstaged_changes(Index& index, bool ignore_submodules) {
  DiffOptions options = quick_diff(index, ignore_submodules);
  diff_files(options, index, {});
  return options.has_changes;
}

bool has_uncommitted_changes(Index& index, bool ignore_submodules) {
  Repository& repo = index.repo();
  auto head = repo.refs().read_oid("HEAD");
  if (!head || head->is_null()) return index.size() > 0;
  DiffOptions options = quick_diff(index, ignore_submodules);
  DiffIndexSettings settings;
  settings.cached = true;
  auto tree = peel_to_type(repo, *head, ObjectType::tree);
  if (!tree) die(_("bad object %s"), *head);
  diff_index(options, index, *tree, settings);
  return options.has_changes;
}

bool require_clean_work_tree(Repository& repo, const std::string& action, const std::string& hint, bool ignore_submodules) {
  Index index = Index::read(repo);
  index.refresh_and_write_quietly();
  bool is_clean = true;
  if (has_unstaged_changes(index, ignore_submodules)) {
    error(_("cannot %s: You have unstaged changes."), action);
    is_clean = false;
  }
  if (has_uncommitted_changes(index, ignore_submodules)) {
    if (is_clean)
      error(_("cannot %s: Your index contains uncommitted changes."), action);
    else
      error(_("additionally, your index contains uncommitted changes."));
    is_clean = false;
  }
  if (!is_clean && !hint.empty()) error("%s", hint);
  return is_clean;
}

}  // namespace git
