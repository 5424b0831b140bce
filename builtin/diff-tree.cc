// git diff-tree: two trees, or commits against their parents.
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "log-tree.h"
#include "odb.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"

GIT_BUILTIN("diff-tree", cmd_diff_tree, kSetup | kNoParseopt)

namespace git {
namespace {

constexpr const char* kUsage =
    "git diff-tree [--stdin] [-m] [-s] [-v] [--no-commit-id] [--pretty]\n"
    "              [-t] [-r] [-c | --cc] [--combined-all-paths] [--root] [--merge-base]\n"
    "              [<common-diff-options>] <tree-ish> [<tree-ish>] [<path>...]";

class DiffTreeCommand {
 public:
  explicit DiffTreeCommand(Invocation& inv)
      : inv_(inv), repo_(inv.repo()), log_(inv.repo(), inv.prefix_or_empty(), DiffConfig::basic), options_(log_.diff) {}

  int run() {
    log_.always_show_header = false;
    log_.show_root_diff = false;
    log_.decorate_auto = false;
    log_.default_merges = MergeDiff::off;
    log_.display.abbrev = 0;
    options_.abbrev = 0;
    log_.walk.disable_stdin = true;
    RevWalk::Setup how;
    how.prefix = inv_.prefix_or_empty();
    how.other_option = [&](const std::vector<std::string>& args, std::size_t at) { return option(args, at); };
    how.keep_unknown = true;
    for (const std::string& arg : log_.walk.setup({inv_.args.begin() + 1, inv_.args.end()}, how)) {
      if (arg != "--stdin") usage("%s", kUsage);
      stdin_ = true;
    }
    if (!options_.output_format) options_.output_format = log_.merges == MergeDiff::dense_combined ? kDiffPatch : kDiffRaw;
    const bool recursive = options_.recursive;
    const std::size_t tips = log_.walk.pending.size();
    if (merge_base_ && stdin_) die("options '%s' and '%s' cannot be used together", "--stdin", "--merge-base");
    if (merge_base_ && tips != 2) die("--merge-base only works with two commits");
    log_.walk.simplify_history = false;
    log_.shows_diff = true;
    log_.finish();
    constexpr unsigned kDeep = kDiffPatch | kDiffStat | kDiffNumstat | kDiffShortstat | kDiffSummary | kDiffDirstat | kDiffCheck;
    options_.recursive = recursive || (options_.output_format & kDeep) || options_.has_pickaxe;
    if (options_.max_depth_valid) options_.recursive = true;
    dispatch();
    if (stdin_) read_stdin();
    options_.has_changes = options_.has_changes || log_.has_changes;
    return diff_result_code(options_);
  }

 private:
  int option(const std::vector<std::string>& args, std::size_t at) {
    const std::string& arg = args[at];
    if (arg == "--stdin") {
      stdin_ = true;
      return 1;
    }
    if (arg == "--merge-base") {
      merge_base_ = true;
      return 1;
    }
    if (arg == "-v") {
      log_.display.verbose_header = true;
      return 1;
    }
    return log_.parse_option(args, at);
  }

  ObjectId tree_of(const PendingObject& tip) { return peel_to_tree_or_die(repo_, tip.oid, tip.name); }

  void dispatch() {
    auto& pending = log_.walk.pending;
    switch (pending.size()) {
      case 0:
        if (!stdin_) usage("%s", kUsage);
        break;
      case 1: {
        Commit* commit = repo_.commits().peel_to_commit(pending[0].oid);
        if (!commit) die("object %s is a tree, not a commit", pending[0].oid);
        repo_.commits().parse(commit).or_die();
        log_.show(commit);
        break;
      }
      case 2: {
        PendingObject first = pending[0], second = pending[1];
        if (second.flags & kRevUninteresting) std::swap(first, second);
        if (merge_base_) first.oid = diff_merge_base(repo_, first.oid, second.oid);
        compare(tree_of(first), tree_of(second));
        break;
      }
      default:
        usage("%s", kUsage);
    }
  }

  void compare(const ObjectId& before, const ObjectId& after) {
    diff_tree(options_, before, after);
    diffcore_std(options_);
    const bool changed = options_.has_changes;
    diff_flush(options_);
    if (changed || options_.has_changes) log_.has_changes = true;
  }

  void read_stdin() {
    LineReader lines(0);
    std::string line;
    while (lines.next(line)) {
      std::string_view rest = line;
      auto first = ObjectId::parse_prefix(rest, repo_.algo());
      if (!first) {
        out(line + "\n");
        continue;
      }
      const ObjectType type = repo_.odb().type_of(*first);
      if (type == ObjectType::bad) continue;
      if (type == ObjectType::commit) {
        CommitPool& pool = repo_.commits();
        Commit* commit = pool.get(*first);
        pool.parse(commit).or_die();
        std::vector<Commit*> parents;
        while (skip_prefix(rest, " "))
          if (auto parent = ObjectId::parse_prefix(rest, repo_.algo())) parents.push_back(pool.get(*parent));
        if (parents.empty())
          log_.show(commit);
        else
          log_.show_against(commit, parents);
      } else if (type == ObjectType::tree) {
        skip_prefix(rest, " ");
        auto second = ObjectId::parse_prefix(rest, repo_.algo());
        if (!second || !rest.empty()) {
          error("Need exactly two trees, separated by a space");
          continue;
        }
        out(strf("%s %s\n", *first, *second));
        compare(*first, *second);
      } else {
        error("Object %s is a %s, not a commit or tree", *first, type_name(type));
      }
    }
  }

  Invocation& inv_;
  Repository& repo_;
  LogTree log_;
  DiffOptions& options_;
  bool stdin_ = false, merge_base_ = false;
};

}  // namespace

int cmd_diff_tree(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    outf("usage: %s\n", kUsage);
    return 129;
  }
  return DiffTreeCommand(inv).run();
}

}  // namespace git
