// git read-tree: trees into the index, merged or not.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/cache-tree.h"
#include "index/submodule-move.h"
#include "index/unpack-trees.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"

GIT_BUILTIN("read-tree", cmd_read_tree, kSetup)

namespace git {
namespace {

void dump_unmerged(const Index& index) {
  std::string last;
  for (const auto& e : index.entries()) {
    if (!e->stage) continue;
    outf("%06o %s %d\t%s\n", e->mode, e->oid, int{e->stage}, e->path);
  }
}

}  // namespace

int cmd_read_tree(Invocation& inv) {
  Repository& repo = inv.repo();
  UnpackOptions o;
  bool empty = false, merge = false, trivial = false, aggressive = false, reset = false, update = false, index_only = false,
       no_sparse = false, debug = false, dry_run = false, verbose = false, quiet = false;
  std::optional<std::string> prefix, index_output;
  Options options(
      {"git read-tree [(-m [--trivial] [--aggressive] | --reset | --prefix=<prefix>)]\n"
       "              [-u | -i] [--index-output=<file>] [--no-sparse-checkout]\n"
       "              (--empty | <tree-ish1> [<tree-ish2> [<tree-ish3>]])"});
  options.string(0, "index-output", &index_output, N_("file"), N_("write resulting index to <file>"), kOptNoNeg);
  options.boolean(0, "empty", &empty, N_("only empty the index"));
  options.boolean('v', "verbose", &verbose, N_("be verbose"));
  options.group("Merging");
  options.boolean('m', "", &merge, N_("perform a merge in addition to a read"));
  options.boolean(0, "trivial", &trivial, N_("3-way merge if no file level merging required"));
  options.boolean(0, "aggressive", &aggressive, N_("3-way merge in presence of adds and removes"));
  options.boolean(0, "reset", &reset, N_("same as -m, but discard unmerged entries"));
  options.string(0, "prefix", &prefix, N_("<subdirectory>/"), N_("read the tree into the index under <subdirectory>/"),
                 kOptNoNeg | kOptLiteralArgHelp);
  options.boolean('u', "", &update, N_("update working tree with merge result"));
  options.callback(
      0, "exclude-per-directory", N_("gitignore"), N_("allow explicitly ignored files to be overwritten"),
      [&](const std::optional<std::string>& value, bool) {
        if (!update) die("--exclude-per-directory is meaningless unless -u");
        if (*value != ".gitignore") die("--exclude-per-directory argument must be .gitignore");
        return true;
      },
      kOptNoNeg);
  options.boolean('i', "", &index_only, N_("don't check the working tree after merging"));
  options.boolean('n', "dry-run", &dry_run, N_("don't update the index or the work tree"));
  options.boolean(0, "no-sparse-checkout", &no_sparse, N_("skip applying sparse checkout filter"));
  options.boolean(0, "debug-unpack", &debug, N_("debug unpack-trees"));
  std::optional<bool> recurse;
  std::string super_prefix;
  add_recurse_submodules_option(options, &recurse);
  options.string(0, "super-prefix", &super_prefix, N_("prefix"), N_("prefixed path to initial superproject"), kOptHidden);
  options.boolean('q', "quiet", &quiet, N_("suppress feedback messages"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  o.merge = merge || reset || prefix.has_value();
  o.prefix = prefix.value_or("");
  if (!o.prefix.empty() && o.prefix.back() != '/') o.prefix += '/';
  if (int(merge) + int(reset) + int(prefix.has_value()) > 1) die("Which one? -m, --reset, or --prefix?");
  // "/" at the front of a prefix would make every path invalid
  if (prefix && starts_with(*prefix, "/")) die("Invalid prefix, prefix cannot start with '/'");
  if (reset) o.reset = UnpackReset::overwrite_untracked;
  o.update = update;
  o.index_only = index_only;
  o.aggressive = aggressive;
  o.trivial_merges_only = trivial;
  o.skip_sparse_checkout = no_sparse;
  o.dry_run = dry_run;
  o.verbose_update = verbose;
  o.quiet = quiet;
  auto mover = make_submodule_mover(repo, recurse);
  o.super_prefix = super_prefix;
  if (mover) mover->super_prefix = super_prefix;
  o.submodules = mover.get();
  o.head_idx = -1;
  if (o.update) o.preserve_ignored = false;
  LockFile lock = LockFile::hold_or_die(repo.index_file());
  Index index(repo);
  if (o.merge) {
    index = Index::read(repo);
    if (merge && index.has_unmerged()) die("You need to resolve your current index first");
    index.drop_unmerged();
  } else {
    index = Index(repo);
  }
  std::vector<ObjectId> trees;
  for (const std::string& arg : args) {
    std::optional<ObjectId> oid = get_oid(repo, arg);
    if (!oid) die("Not a valid object name %s", arg);
    std::optional<ObjectId> tree = peel_to_type(repo, *oid, ObjectType::tree, true);
    if (!tree) die("failed to unpack tree object %s", arg);
    trees.push_back(*tree);
  }
  if (trees.empty() && !empty && !o.merge)
    warning("read-tree: emptying the index with no arguments is deprecated; use --empty");
  else if (!trees.empty() && empty)
    die("passing trees as arguments contradicts --empty");
  if ((o.update || o.index_only) && !o.merge) die("%s is meaningless without -m, --reset, or --prefix", o.update ? "-u" : "-i");
  if (o.update && !o.index_only) setup_work_tree(repo);
  if (o.update && o.index_only) die("-u and -i at the same time makes no sense");
  if (o.merge && trees.empty()) die("just how do you expect me to merge %d trees?", 0);
  std::size_t n = trees.size();
  if (o.merge) {
    using Merge = UnpackOptions::Merge;
    o.fn = n == 1 ? (prefix ? Merge::bind : Merge::oneway) : n == 2 ? Merge::twoway : Merge::threeway;
    if (n == 2) o.initial_checkout = index.size() == 0;
    o.head_idx = n >= 3 ? static_cast<int>(n) - 1 : 1;
  }
  if (!o.merge) index.version = 0;
  if (n && unpack_trees(index, trees, o) < 0) return 128;
  if (debug) dump_unmerged(index);
  if (o.dry_run) return 0;
  if (!n) index.clear();
  // A tree read alone is what the index now is.
  if (n == 1 && !prefix && (!o.merge || o.fn == UnpackOptions::Merge::oneway)) prime_cache_tree(index, trees[0]);
  index.is_changed = true;
  if (index_output) {
    LockFile other = LockFile::hold_or_die(*index_output);
    if (!index.write_locked(other)) die("unable to write new index file");
    lock.rollback();
  } else if (!index.write_locked(lock)) {
    die("unable to write new index file");
  }
  return 0;
}

}  // namespace git
