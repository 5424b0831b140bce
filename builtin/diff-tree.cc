// git diff-tree: two trees, or commits against their parents.
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "diff/combine.h"
#include "index.h"
#include "object-name.h"
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
  DiffTreeCommand(Invocation& inv, DiffOptions& options) : inv_(inv), repo_(inv.repo()), options_(options), walk_(repo_) {}

  int run() {
    DiffOptionParser parser(options_);
    RevWalk::Setup how;
    how.prefix = inv_.prefix_or_empty();
    how.other_option = [&](const std::vector<std::string>& args, std::size_t at) { return option(parser, args, at); };
    walk_.setup({inv_.args.begin() + 1, inv_.args.end()}, how);
    if (!options_.output_format) options_.output_format = kDiffRaw;
    if (combine_.dense && !(options_.output_format & ~unsigned{kDiffRaw}) && !format_chosen_) options_.output_format = kDiffPatch;
    if (merge_base_ && walk_.pending.size() != 2 && !stdin_) die("--merge-base only works with two commits");
    options_.pathspec = parse_pathspec(repo_, walk_.pathspec, inv_.prefix_or_empty(), kPreferFull | kPathspecPrefixOrigin);
    diff_setup_done(options_);
    if (options_.output_format & kDiffPatch) options_.recursive = true;
    dispatch();
    if (stdin_) read_stdin();
    return diff_result_code(options_);
  }

 private:
  int option(DiffOptionParser& parser, const std::vector<std::string>& args, std::size_t at) {
    const std::string& arg = args[at];
    if (arg == "--stdin") {
      stdin_ = true;
    } else if (arg == "--merge-base") {
      merge_base_ = true;
    } else if (arg == "-r") {
      options_.recursive = true;
    } else if (arg == "-t") {
      options_.recursive = options_.tree_in_recursive = true;
    } else if (arg == "-m") {
      ignore_merges_ = false;
    } else if (arg == "--root") {
      show_root_ = true;
    } else if (arg == "--no-commit-id") {
      no_commit_id_ = true;
    } else if (arg == "--always") {
      always_ = true;
    } else if (parse_combine_option(combine_, arg)) {
      ignore_merges_ = false;
    } else {
      const unsigned before = options_.output_format;
      const int n = parser.parse(args, at);
      if (n && options_.output_format != before) format_chosen_ = true;
      return n;
    }
    return 1;
  }

  ObjectId tree_of(const PendingObject& tip) { return peel_to_tree_or_die(repo_, tip.oid, tip.name); }

  void dispatch() {
    switch (walk_.pending.size()) {
      case 0:
        if (!stdin_) usage("%s", kUsage);
        break;
      case 1: {
        Commit* commit = repo_.commits().peel_to_commit(walk_.pending[0].oid);
        if (!commit) die("object %s is a tree, not a commit", walk_.pending[0].oid);
        show_commit(commit, nullptr);
        break;
      }
      case 2: {
        PendingObject first = walk_.pending[0], second = walk_.pending[1];
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
    flush(ObjectId());
  }

  // Shows what is queued, below the commit's name where one is given.
  bool flush(const ObjectId& commit) {
    had_changes_ = had_changes_ || options_.has_changes;
    if (options_.queue.empty()) {
      if (always_ && !commit.is_null()) show_id(commit);
      options_.has_changes = had_changes_;
      return false;
    }
    if (!commit.is_null()) show_id(commit);
    diff_flush(options_);
    had_changes_ = had_changes_ || options_.has_changes;
    options_.has_changes = had_changes_;
    return true;
  }
  void show_id(const ObjectId& commit) {
    if (no_commit_id_ || (options_.output_format & kDiffNoOutput)) return;
    options_.emit(commit.hex());
    options_.emit(std::string_view(options_.line_termination ? "\n" : "\0", 1));
  }

  // `parents` replaces the commit's own where given.
  void show_commit(Commit* commit, const std::vector<ObjectId>* given_parents) {
    CommitPool& pool = repo_.commits();
    pool.parse(commit).or_die();
    std::vector<ObjectId> parents;
    if (given_parents)
      parents = *given_parents;
    else
      for (Commit* parent : commit->parents) parents.push_back(parent->oid);
    const ObjectId tree = pool.tree(commit);
    if (parents.empty()) {
      if (!show_root_) return;
      diff_tree(options_, ObjectId::null(repo_.algo()), tree);
      diffcore_std(options_);
      flush(commit->oid);
      return;
    }
    std::vector<ObjectId> trees;
    for (const ObjectId& parent : parents) trees.push_back(peel_to_tree_or_die(repo_, parent, ""));
    if (parents.size() > 1) {
      if (ignore_merges_) return;
      if (combine_.enabled) {
        bool shown = false;
        combine_.show_log = [&]() {
          if (!shown) show_id(commit->oid);
          shown = true;
        };
        diff_tree_combined(options_, tree, trees, combine_);
        return;
      }
    }
    for (const ObjectId& parent : trees) {
      diff_tree(options_, parent, tree);
      diffcore_std(options_);
      flush(commit->oid);
    }
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
      if (type == ObjectType::bad) {
        continue;
      } else if (type == ObjectType::commit) {
        std::vector<ObjectId> parents;
        while (skip_prefix(rest, " "))
          if (auto parent = ObjectId::parse_prefix(rest, repo_.algo())) parents.push_back(*parent);
        show_commit(repo_.commits().get(*first), parents.empty() ? nullptr : &parents);
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
        continue;
      }
    }
  }

  Invocation& inv_;
  Repository& repo_;
  DiffOptions& options_;
  RevWalk walk_;
  CombineSettings combine_;
  bool stdin_ = false, merge_base_ = false, ignore_merges_ = true, show_root_ = false, no_commit_id_ = false, always_ = false;
  bool format_chosen_ = false, had_changes_ = false;
};

}  // namespace

int cmd_diff_tree(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    outf("usage: %s\n", kUsage);
    return 129;
  }
  Repository& repo = inv.repo();
  DiffOptions options = make_diff_options(&repo, repo.config(), nullptr, inv.prefix_or_empty(), DiffConfig::basic);
  options.abbrev = 0;
  return DiffTreeCommand(inv, options).run();
}

}  // namespace git
