// git merge-recursive, merge-ort, merge-subtree: the merge of two heads as a strategy of its own.
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "builtin.h"
#include "index.h"
#include "merge-strategy.h"
#include "merge/checkout-result.h"
#include "merge/merge-ort.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "odb.h"
#include "walk/commit-pool.h"

GIT_BUILTIN("merge-recursive", cmd_merge_recursive, kSetup | kNeedWorkTree | kNoParseopt)
GIT_BUILTIN("merge-recursive-ours", cmd_merge_recursive, kSetup | kNeedWorkTree | kNoParseopt)
GIT_BUILTIN("merge-recursive-theirs", cmd_merge_recursive, kSetup | kNeedWorkTree | kNoParseopt)
GIT_BUILTIN("merge-ort", cmd_merge_recursive, kSetup | kNeedWorkTree | kNoParseopt)
GIT_BUILTIN("merge-subtree", cmd_merge_recursive, kSetup | kNeedWorkTree | kNoParseopt)

namespace git {
namespace {

// Two commits with their common ancestors, or any trees.
Result<MergeResult> merge_objects(Repository& repo, const MergeOptions& options, const std::vector<ObjectId>& bases,
                                  const ObjectId& ours, const ObjectId& theirs) {
  CommitPool& pool = repo.commits();
  Commit *one = pool.peel_to_commit(ours), *two = pool.peel_to_commit(theirs);
  std::vector<Commit*> ancestors;
  for (const ObjectId& oid : bases)
    if (Commit* base = pool.peel_to_commit(oid)) ancestors.push_back(base);
  if (one && two && ancestors.size() == bases.size()) return merge_commits(repo, options, ancestors, one, two);
  auto tree_of = [&repo](const ObjectId& oid) { return peel_to_type(repo, oid, ObjectType::tree); };
  auto a = tree_of(ours), b = tree_of(theirs);
  std::optional<ObjectId> base = bases.empty() ? std::optional(empty_tree_id(repo.algo())) : tree_of(bases[0]);
  if (!a || !b || !base) return make_error(ErrorKind::missing, "%s", _("unable to read tree"));
  return merge_trees(repo, options, *base, *a, *b);
}

}  // namespace

int cmd_merge_recursive(Invocation& inv) {
  Repository& repo = inv.repo();
  if (inv.args.size() < 4) usage("git %s <base>... -- <head> <remote> ...", inv.args[0]);
  MergeOptions options = MergeOptions::from_config(repo);
  if (inv.args[0] == "merge-subtree") options.subtree_shift_auto = true;
  if (ends_with(inv.args[0], "-ours")) options.variant = MergeVariant::ours;
  if (ends_with(inv.args[0], "-theirs")) options.variant = MergeVariant::theirs;
  std::vector<ObjectId> bases;
  std::size_t i = 1;
  for (; i < inv.args.size(); i++) {
    std::string_view arg = inv.args[i];
    if (arg == "--") break;
    if (skip_prefix(arg, "--")) {
      if (!options.parse_strategy_option(arg)) die(_("unknown option %s"), inv.args[i]);
      continue;
    }
    auto oid = get_oid(repo, arg);
    if (!oid) die(_("could not parse object '%s'"), arg);
    bases.push_back(*oid);
  }
  if (inv.args.size() - i != 3) die(_("not handling anything other than two heads merge."));
  Index index = Index::read(repo);
  if (index.has_unmerged()) die(_("Merging is not possible because you have unmerged files."));
  const std::string head_name = inv.args[i + 1], other_name = inv.args[i + 2];
  auto head = get_oid(repo, head_name), other = get_oid(repo, other_name);
  if (!head) die(_("could not resolve ref '%s'"), head_name);
  if (!other) die(_("could not resolve ref '%s'"), other_name);
  options.branch1 = pretty_head_name(head_name);
  options.branch2 = pretty_head_name(other_name);
  if (options.verbosity >= 3) outf(_("Merging %s with %s\n"), options.branch1, options.branch2);
  auto head_tree = peel_to_type(repo, *head, ObjectType::tree);
  if (!head_tree) return 128;
  if (auto dirty = index_changes(repo, *head_tree); !dirty.empty()) {
    error(_("Your local changes to the following files would be overwritten by merge:\n  %s"), join(dirty, " "));
    return 128;
  }
  LockFile lock = index.lock_or_die();
  auto result = merge_objects(repo, options, bases, *head, *other);
  if (!result) {
    error("%s", result.error().message);
    return 128;
  }
  if (!switch_to_merge_result(repo, index, *head_tree, *result, "merge")) return 128;
  if (!index.write_locked(lock)) die(_("unable to write %s"), repo.index_file());
  if (options.verbosity >= 2 || !result->is_clean) out(format_merge_messages(*result));
  return result->is_clean ? 0 : 1;
}

}  // namespace git
