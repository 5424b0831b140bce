// git write-tree: the index as a tree object.
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "index.h"
#include "index/cache-tree.h"
#include "repository.h"

GIT_BUILTIN("write-tree", cmd_write_tree, kSetup)

namespace git {

int cmd_write_tree(Invocation& inv) {
  bool missing_ok = false, ignore_cache_tree = false;
  std::optional<std::string> prefix;
  Options options({"git write-tree [--missing-ok] [--prefix=<prefix>/]"});
  options.boolean(0, "missing-ok", &missing_ok, N_("allow missing objects"));
  options.string(0, "prefix", &prefix, "<prefix>/", N_("write tree object for a subdirectory <prefix>"), kOptLiteralArgHelp);
  options.boolean(0, "ignore-cache-tree", &ignore_cache_tree, N_("only useful for debugging"), kOptHidden);
  options.parse(inv.args, inv.prefix_or_empty());
  Repository& repo = inv.repo();
  LockFile lock;
  if (Result<LockFile> held = LockFile::hold(repo.index_file())) lock = std::move(*held);
  Index index = Index::read(repo);
  if (ignore_cache_tree) index.set_cache_tree(nullptr);
  bool was_valid = index.cache_tree() && index.cache_tree()->is_fully_valid();
  Result<ObjectId> tree = index.write_tree(missing_ok);
  if (!tree) {
    if (!tree.error().message.empty()) error("%s", tree.error().message);
    die("git-write-tree: error building trees");
  }
  if (!was_valid && lock.is_held()) index.write_locked(lock);
  ObjectId oid = *tree;
  if (prefix) {
    std::string_view path = *prefix;
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    CacheTree* found = index.cache_tree()->find(path);
    if (!found) die("git-write-tree: prefix %s not found", *prefix);
    oid = found->oid;
  }
  outf("%s\n", oid);
  return 0;
}

}  // namespace git
