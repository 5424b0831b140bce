// git last-modified: for each path of a tree, the commit that gave it its present content.
//
// Every commit carries the paths that nobody has explained yet.  One that is the same in some parent is handed to the first
// such parent; the others were made by the commit itself.  One tree comparison per parent answers that for all paths at once.
#include <map>
#include <queue>
#include <set>
#include <unordered_set>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "index/pathspec.h"
#include "object-name.h"
#include "odb.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/revisions.h"

GIT_BUILTIN("last-modified", cmd_last_modified, kSetup)

namespace git {
namespace {

using PathSet = std::set<std::string>;

class LastModified {
 public:
  explicit LastModified(Invocation& inv) : inv_(inv), repo_(inv.repo()), walk_(inv.repo()) {}

  int run() {
    parse();
    find_tips();
    start();
    while (!queue_.empty()) {
      Commit* commit = queue_.top().commit;
      queue_.pop();
      auto it = active_.find(commit);
      if (it == active_.end()) continue;
      PathSet paths = std::move(it->second);
      active_.erase(it);
      if (is_boundary(commit))
        report(commit, paths, true);
      else
        explain(commit, std::move(paths));
    }
    return 0;
  }

 private:
  struct Waiting {
    Commit* commit;
    std::uint64_t sequence;
    bool operator<(const Waiting& other) const {
      if (commit->date != other.commit->date) return commit->date < other.commit->date;
      return sequence > other.sequence;
    }
  };

  void parse() {
    Options options(
        {"git last-modified [--recursive] [--show-trees] [--max-depth=<depth>] [-z]\n"
         "                  [<revision-range>] [[--] <pathspec>...]"});
    options.set_int('r', "recursive", &max_depth_, -1, N_("recurse into subtrees"));
    options.boolean('t', "show-trees", &show_trees_, N_("show tree entries when recursing into subtrees"));
    options.integer(0, "max-depth", &max_depth_, "depth", N_("maximum tree depth to recurse"));
    options.boolean('z', "", &nul_, N_("lines are separated with NUL character"), kOptNoNeg);
    auto args = options.parse(inv_.args, inv_.prefix_or_empty(), kKeepUnknown | kKeepDashDash);
    RevWalk::Setup how;
    how.prefix = inv_.prefix_or_empty();
    how.keep_unknown = true;
    walk_.default_revision = "HEAD";
    auto left = walk_.setup(args, how);
    if (!left.empty()) die(_("unknown last-modified argument: %s"), left[0]);
  }

  DiffOptions comparison() {
    DiffOptions diff = make_diff_options(&repo_, repo_.config(), nullptr, {}, DiffConfig::none);
    diff.recursive = max_depth_ != 0;
    diff.tree_in_recursive = show_trees_;
    if (max_depth_ >= 0) {
      diff.recursive = true;
      diff.max_depth = max_depth_;
      diff.max_depth_valid = true;
    }
    diff.pathspec = spec_;
    diff_setup_done(diff);
    return diff;
  }

  void find_tips() {
    CommitPool& pool = repo_.commits();
    for (const PendingObject& tip : walk_.pending) {
      Commit* commit = pool.peel_to_commit(tip.oid);
      if (!commit) die(_("revision argument '%s' is a %s, not a commit-ish"), tip.name, type_name(repo_.odb().type_of(tip.oid)));
      if (tip.flags & kRevUninteresting) {
        negative_.push_back(commit);
        continue;
      }
      if (tip_) die(_("last-modified can only operate on one commit at a time"));
      tip_ = commit;
    }
    if (!tip_) die(_("last-modified can only operate on one commit at a time"));
    spec_ = parse_pathspec(repo_, walk_.pathspec, inv_.prefix_or_empty(), kPreferFull);
  }

  void start() {
    CommitPool& pool = repo_.commits();
    pool.parse(tip_).or_die();
    PathSet all = changed_paths(empty_tree_id(repo_.algo()), pool.tree(tip_));
    if (!all.empty()) hand_over(tip_, std::move(all));
  }

  PathSet changed_paths(const ObjectId& before, const ObjectId& after) {
    DiffOptions diff = comparison();
    diff_tree(diff, before, after);
    PathSet changed;
    for (const PairPtr& pair : diff.queue) changed.insert(pair->two->path);
    return changed;
  }

  void hand_over(Commit* commit, PathSet paths) {
    repo_.commits().parse(commit).or_die();
    active_[commit].merge(paths);
    queue_.push({commit, sequence_++});
  }

  bool is_boundary(Commit* commit) {
    if (walk_.max_count >= 0 && walked_ >= walk_.max_count) return true;
    for (Commit* negative : negative_)
      if (in_merge_bases(repo_.commits(), commit, negative)) return true;
    return false;
  }

  void explain(Commit* commit, PathSet paths) {
    ++walked_;
    CommitPool& pool = repo_.commits();
    for (Commit* parent : commit->parents) {
      if (paths.empty()) return;
      pool.parse(parent).or_die();
      if (pool.tree(parent) == pool.tree(commit)) return hand_over(parent, std::move(paths));
      PathSet same, changed = changed_paths(pool.tree(parent), pool.tree(commit));
      for (const std::string& path : paths)
        if (!changed.count(path)) same.insert(path);
      for (const std::string& path : same) paths.erase(path);
      if (!same.empty()) hand_over(parent, std::move(same));
    }
    report(commit, paths, false);
  }

  void report(Commit* commit, const PathSet& paths, bool boundary) {
    for (const std::string& path : paths) {
      outf("%s%s\t", boundary ? "^" : "", commit->oid);
      out(nul_ ? path + '\0' : quote_c_style(path) + "\n");
    }
  }

  Invocation& inv_;
  Repository& repo_;
  RevWalk walk_;
  int max_depth_ = 0;
  bool show_trees_ = false, nul_ = false;
  Pathspec spec_;
  Commit* tip_ = nullptr;
  std::vector<Commit*> negative_;
  std::map<Commit*, PathSet> active_;
  std::priority_queue<Waiting> queue_;
  std::uint64_t sequence_ = 0;
  int walked_ = 0;
};

}  // namespace

int cmd_last_modified(Invocation& inv) { return LastModified(inv).run(); }

}  // namespace git
