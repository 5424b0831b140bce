// The worktree first (it may refuse), then the refs.
#include "reset-head.h"

#include "base/error.h"
#include "base/fd.h"
#include "hook.h"
#include "index.h"
#include "index/unpack-trees.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

int update_worktree(Repository& repo, const ResetHead& how, const std::optional<ObjectId>& from, const ObjectId& to) {
  auto target = peel_to_type(repo, to, ObjectType::tree, true);
  if (!target) return error(_("failed to find tree of %s"), to);
  Index index = Index::read(repo);
  index.refresh(Index::kRefreshQuiet);
  auto lock = index.try_lock();
  if (!lock) return error("%s", lock.error().message);
  std::vector<ObjectId> trees;
  if (!how.hard && from) {
    auto start = peel_to_type(repo, *from, ObjectType::tree, true);
    if (!start) return error(_("failed to find tree of %s"), *from);
    trees.push_back(*start);
  }
  trees.push_back(*target);
  UnpackOptions unpack;
  unpack.head_idx = 1;
  unpack.merge = unpack.update = true;
  unpack.fn = trees.size() > 1 ? UnpackOptions::Merge::twoway : UnpackOptions::Merge::oneway;
  unpack.porcelain_command = how.action;
  unpack.preserve_ignored = false;
  if (how.hard) {
    unpack.reset = UnpackReset::protect_untracked;
    unpack.skip_unmerged = false;
  }
  if (unpack_trees(index, trees, unpack) != 0) return -1;
  return index.write_locked(*lock) ? 0 : error(_("could not write index"));
}

int update_refs(Repository& repo, const ResetHead& how, const ObjectId& to) {
  auto update = [&repo](const std::string& name, const ObjectId& oid, const std::string& message, unsigned flags) {
    RefUpdate one;
    one.name = name;
    one.new_oid = oid;
    one.message = message;
    one.flags = flags;
    auto done = repo.refs().update(std::move(one));
    return done ? 0 : error("%s", done.error().message);
  };
  if (how.orig_head && update("ORIG_HEAD", *how.orig_head, "", 0)) return -1;
  if (how.branch.empty()) return update("HEAD", to, how.head_message, how.detach ? unsigned{kRefNoDeref} : 0u);
  if (how.oid && update(how.branch, to, how.branch_message, 0)) return -1;
  auto done = repo.refs().create_symref("HEAD", how.branch, how.head_message);
  return done ? 0 : error("%s", done.error().message);
}

}  // namespace

int reset_head(Repository& repo, const ResetHead& how) {
  auto before = repo.refs().read_oid("HEAD");
  if (!how.oid && !before) return error(_("could not determine HEAD revision"));
  const ObjectId to = how.oid ? *how.oid : *before;
  if (!how.refs_only)
    if (int code = update_worktree(repo, how, before, to)) return code;
  if (how.oid || !how.branch.empty())
    if (int code = update_refs(repo, how, to)) return code;
  if (how.run_hook) {
    flush_out();
    HookOptions hook;
    hook.args = {(before ? *before : ObjectId::null(repo.algo())).hex(), to.hex(), "1"};
    run_hooks(repo, "post-checkout", hook);
  }
  return 0;
}

}  // namespace git
