// Walking history (git-rev-list(1)): tips in, commits out, in the order and with the limits asked for.
//
//   RevWalk walk(repo);
//   walk.default_revision = "HEAD";
//   walk.setup(args, {.prefix = inv.prefix_or_empty()});   // "main..topic --first-parent -- path"
//   ... walk.pathspec holds the paths; give walk.limiter a TreeLimiter made of them (diff/rev-limiter.h)
//   walk.prepare();
//   while (Commit* c = walk.next()) { walk.flags(c), walk.parents(c) ... }
//
// Marks live in the walk; two walks over one pool do not disturb each other.  Limiting by path asks a TreeLimiter,
// limiting by message a commit_filter; both are given from above, because comparing trees and matching text are
// rooms above this one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "hash/oid-set.h"
#include "object/object.h"
#include "walk/commit-pool.h"
#include "walk/commit-queue.h"
#include "walk/object-filter.h"

namespace git {

class Repository;
class ReflogWalk;  // walk/reflog-walk.h

enum RevFlag : std::uint32_t {
  kRevSeen = 1u << 0,
  kRevUninteresting = 1u << 1,
  kRevTreesame = 1u << 2,
  kRevShown = 1u << 3,
  kRevTmpMark = 1u << 4,
  kRevBoundary = 1u << 5,
  kRevChildShown = 1u << 6,
  kRevAdded = 1u << 7,
  kRevSymmetricLeft = 1u << 8,
  kRevPatchsame = 1u << 9,
  kRevBottom = 1u << 10,
  kRevUserGiven = 1u << 11,
  kRevAncestryPath = 1u << 12,
  kRevPullMerge = 1u << 13,
  kRevTrackLinear = 1u << 14,
  kRevRewritten = 1u << 15,  // parents() are the walk's own
  kRevTopoQueued = 1u << 16,
  kRevNotUserGiven = 1u << 17,
  kRevChildVisited = 1u << 18,
};

// A tip or object the walk starts from.
struct PendingObject {
  ObjectId oid;
  ObjectType type = ObjectType::commit;
  std::string name;  // as written
  std::string path;  // of "rev:path"
  std::uint32_t mode = 0;
  std::uint32_t flags = 0;  // kRevUninteresting, kRevSymmetricLeft, kRevBottom
};

// What was written on the command line, for those who care how (rebase, diff, push).
struct CmdlineRevision {
  enum class Whence : std::uint8_t { ref, parents_only, left, right, merge_base, rev } whence = Whence::rev;
  ObjectId oid;
  std::string name;
  std::uint32_t flags = 0;
};

enum class TreeChange : std::uint8_t { same, only_added, only_removed, different };

// Tells whether two trees differ in the paths that were asked for.
class TreeLimiter {
 public:
  virtual ~TreeLimiter() = default;
  // A null `old_tree` is the empty one. only_added/only_removed are what history simplification needs to know.
  virtual TreeChange compare(const ObjectId& old_tree, const ObjectId& new_tree) = 0;
  // The literal paths whose change would be one of ours, for Bloom filters; empty where patterns forbid that.
  virtual std::vector<std::string> literal_paths() const { return {}; }
};

// "--missing=": what --objects does with an object that isn't there.
enum class MissingAction : std::uint8_t { error, allow_any, allow_promisor, print, print_info };

class RevWalk {
 public:
  explicit RevWalk(Repository& repo);
  ~RevWalk();
  RevWalk(const RevWalk&) = delete;
  RevWalk& operator=(const RevWalk&) = delete;

  // ---- what to walk; set by setup() or directly, before prepare() ----
  std::optional<std::string> default_revision;  // where no revision was named
  bool got_revision = false;                    // a revision or --all and the like was given
  std::vector<PendingObject> pending;
  std::vector<CmdlineRevision> cmdline;
  std::vector<std::string> pathspec;                                           // as written
  std::unique_ptr<TreeLimiter> limiter;                                        // made of `pathspec` by the caller
  std::function<bool(Commit*)> commit_filter;                                  // false: ignored (--grep and friends)
  std::function<bool(std::string_view path, std::uint32_t mode)> path_wanted;  // limits --objects by path
  std::function<bool(Commit*)> is_decorated;                                   // for --simplify-by-decoration
  std::function<bool(Commit*)> line_filter;  // -L: false where the commit touched no tracked line
  std::function<void(Commit*)> on_show;      // sees what next() returns (--graph)
  // Patch identity for --cherry-pick: nullopt where the commit has none (merges).
  std::function<std::optional<ObjectId>(Commit*)> patch_id;

  // order
  enum class Order : std::uint8_t { by_date, by_author_date, graph } sort_order = Order::graph;
  bool topo_order = false, reverse = false, unsorted_input = false;
  bool no_walk = false;
  // limits
  long max_count = -1, skip_count = -1;
  std::int64_t max_age = -1, min_age = -1, max_age_as_filter = -1;
  long max_count_oldest = -1;
  int min_parents = 0, max_parents = -1;
  bool first_parent_only = false, exclude_first_parent_only = false;
  bool limited = false;
  bool simplify_history = true, rewrite_parents = false, children = false, dense = true, prune = false;
  bool simplify_merges = false, simplify_by_decoration = false, show_pulls = false, remove_empty_trees = false;
  bool maximal_only = false;  // nothing that another shown commit reaches
  bool full_diff = false, boundary = false, left_right = false, left_only = false, right_only = false;
  bool cherry_mark = false, cherry_pick = false, cherry_pick_set = false;
  bool ancestry_path = false, ancestry_path_implicit_bottoms = false, line_level_traverse = false;
  std::vector<ObjectId> ancestry_path_bottoms;
  bool bisect = false, merge_conflicts = false;
  bool want_ancestry() const { return rewrite_parents || children; }
  bool print_parents = false;  // --parents was asked for by name
  bool track_linear = false;   // --show-linear-break
  std::string show_linear_break;
  // objects
  bool tree_objects = false, blob_objects = false, tag_objects = false;
  bool edge_hint = false, edge_hint_aggressive = false, verify_objects = false, in_commit_order = false, indexed_objects = false;
  bool ignore_missing = false, ignore_missing_links = false, do_not_die_on_missing_tree = false, exclude_promisor_objects = false;
  bool do_not_die_on_missing_objects = false;
  std::unordered_set<ObjectId, ObjectIdHash> missing_commits;
  bool unpacked = false;
  bool reflog_info = false;
  bool allow_exclude_promisor = false;
  bool read_from_stdin = false, disable_stdin = false;
  bool single_worktree = false;
  ObjectFilter filter;  // --filter; empty: none
  bool filter_provided_objects = false;
  bool walk_reflogs = false;

  // ---- arguments ----
  struct Setup {
    std::string_view prefix = {};
    // Options that are not the walk's: returns how many arguments it took, 0 for "not mine". Unset: die.
    std::function<int(const std::vector<std::string>& args, std::size_t at)> other_option = {};
    bool assume_dashdash = false;  // never looks whether a word is a file
    bool revarg_cannot_be_filename = false;
    bool allow_exclude_promisor = false;
    bool keep_unknown = false;  // unknown options are returned
    bool no_paths = false;
    std::function<void(const std::string& arg)> on_unknown = {};  // complains in the command's words
  };
  // `args` without the command's name. Fills the walk; returns the arguments that nobody knew (keep_unknown), else dies.
  std::vector<std::string> setup(const std::vector<std::string>& args, const Setup& how);
  // One option of the walk's own: the number of arguments taken, 0 where it is none.
  int parse_option(const std::vector<std::string>& args, std::size_t at);
  // --all, --branches[=..], --glob=, --not, --exclude= ...: as parse_option().
  int parse_pseudo_option(const std::vector<std::string>& args, std::size_t at);
  // "a", "^a", "a..b", "a...b", "a^@", "a^!", "a^-n". False where it is no revision.
  enum RevArgFlag : unsigned { kCannotBeFilename = 1, kRequireCommittish = 2 };
  bool add_argument(std::string_view arg, unsigned flags = 0);
  void add_pending(const ObjectId& oid, std::string name, std::uint32_t flags = 0);
  void add_head();
  void add_all_refs(std::uint32_t flags = 0);
  void add_ref_glob(std::string_view pattern, std::string_view prefix, std::uint32_t flags = 0);
  void add_reflogs(std::uint32_t flags = 0);
  void add_index_objects(std::uint32_t flags = 0);
  void add_alternate_refs(std::uint32_t flags = 0);
  void read_stdin_arguments();

  // ---- walking ----
  void prepare();  // dies where a tip can't be read
  Commit* next();  // nullptr at the end

  std::uint32_t flags(const Commit* c) const { return flags_.get(c); }
  void set_flag(const Commit* c, std::uint32_t f) { flags_[c] |= f; }
  void clear_flag(const Commit* c, std::uint32_t f) { flags_[c] &= ~f; }
  bool is_uninteresting(const Commit* c) const { return flags_.get(c) & kRevUninteresting; }
  // The parents history simplification left; the commit's own where it did not touch them.
  std::span<Commit* const> parents(const Commit* c) const;
  void set_parents(const Commit* c, std::vector<Commit*> parents);
  const std::vector<Commit*>& children_of(const Commit* c);
  // "-", "<", ">", "=", "+", "^" or "".
  std::string mark(const Commit* c, bool graph = false) const;
  // The name of the tip a commit was reached from first. REQUIRES: track_sources.
  std::string source_of(const Commit* c) const {
    auto found = sources_.find(c);
    return found == sources_.end() ? std::string() : found->second;
  }
  bool track_sources = false;
  // Would next() give it, if the walk came to it now?
  bool would_show(Commit* c) { return action(c) == Action::show; }
  // Decides whether the commit is the same as its parents for the paths wanted, without walking on ("show").
  void simplify_shown(Commit* c) { try_to_simplify(c); }
  // The parents before rewriting, where --full-diff wants diffs against them.
  std::span<Commit* const> parents_for_diff(const Commit* c) const;
  bool is_linear_break() const { return linear_break_; }
  // Objects (not commits) named as tips, tags first opened: for list-objects. Filled by prepare().
  const std::vector<PendingObject>& object_tips() const { return object_tips_; }
  // With `limited`: everything the walk will show, in order (bisect, list-objects' edges).
  std::vector<Commit*>& commits() { return list_; }
  // Tips given as uninteresting, edges for thin packs.
  std::vector<Commit*> uninteresting_tips() const;
  ReflogWalk* reflog_walk() { return reflog_walk_.get(); }
  Repository& repo() { return repo_; }
  CommitPool& pool() { return pool_; }
  std::uint64_t author_date(const Commit* c);
  // Uninteresting objects other than commits.
  OidSet& uninteresting_objects() { return uninteresting_objects_; }
  void mark_tree_uninteresting(const ObjectId& tree);
  // Adds a commit found late to what is walked (-L, bisect). REQUIRES: prepared.
  void push(Commit* c, std::uint32_t flags);

 private:
  friend struct RevOrder;
  using Push = std::function<void(Commit*)>;
  bool parse(Commit* c);
  Commit* take_pending(PendingObject& p);
  bool can_topo_walk() const;
  bool repo_has_grafts() const;
  void mark_parents_uninteresting(Commit* c);
  bool process_parents(Commit* c, const Push& push);
  void limit_list();
  bool limiting_can_increase_treesame() const;
  void limit_to_ancestry(const std::vector<Commit*>& bottoms);
  void limit_left_right();
  void cherry_pick_list();
  void sort_topologically(std::vector<Commit*>& list);
  // simplification
  bool is_relevant(const Commit* c) const;
  TreeChange compare_trees(Commit* parent, Commit* c, std::size_t nth);
  bool same_as_empty(Commit* c);
  void try_to_simplify(Commit* c);
  void update_treesame(Commit* c);
  Commit* one_relevant_parent(std::span<Commit* const> list) const;
  enum class Rewrite : std::uint8_t { ok, no_parents, error };
  Rewrite rewrite_one(Commit** c);
  bool rewrite_commit_parents(Commit* c);
  void simplify_all_merges();
  void simplify_one(Commit* c);
  void keep_parents(Commit* c, const std::vector<bool>& keep);
  std::size_t drop_redundant_parents(Commit* c);
  enum class Action : std::uint8_t { ignore, show, error };
  Action action(Commit* c);
  Action simplify(Commit* c);
  // stepping
  Commit* pop_next();
  Commit* next_raw();
  Commit* next_internal();
  Commit* next_topo();
  void prepare_topo();
  void explore_to_depth(std::uint64_t generation);
  void indegrees_to_depth(std::uint64_t generation);
  void expand_topo(Commit* c);
  void create_boundary();
  void track_linear_step(Commit* c);
  void prepare_bloom();
  bool bloom_says_unchanged(Commit* c);
  // arguments
  void handle_ref(const std::string& full, std::string_view shown, const ObjectId& oid, std::uint32_t flags);
  bool is_excluded(std::string_view full, std::string_view shown) const;
  void clear_exclusions();
  void add_refs(std::string_view prefix, std::uint32_t flags);
  bool add_dotdot(std::string_view arg, std::uint32_t flags, bool cannot_be_filename, bool* handled);
  bool add_parents_only(std::string_view arg, std::uint32_t flags, int exclude_parent);
  bool add_reference(const ObjectId& oid, std::string_view name, std::string_view path, std::uint32_t mode, std::uint32_t flags);
  void add_cmdline(CmdlineRevision::Whence whence, const ObjectId& oid, std::string_view name, std::uint32_t flags);
  void finish_setup(bool seen_default);
  int parse_limit_option(const std::vector<std::string>& args, std::size_t at);
  int parse_order_option(std::string_view arg);
  int parse_simplify_option(const std::vector<std::string>& args, std::size_t at);
  int parse_object_option(const std::vector<std::string>& args, std::size_t at);

  Repository& repo_;
  CommitPool& pool_;
  CommitMarks<std::uint32_t> flags_;
  std::unordered_map<const Commit*, std::vector<Commit*>> own_parents_, saved_parents_, children_;
  std::vector<Commit*> list_;  // limited (or boundary): what is left to show
  std::size_t list_at_ = 0;
  bool limited_playback_ = false;
  DateQueue queue_;  // unlimited: what was seen and not shown
  std::vector<Commit*> boundary_commits_;
  bool boundary_phase_ = false;
  std::vector<Commit*> reversed_;
  std::unordered_map<const Commit*, std::string> sources_;
  std::vector<Commit*> oldest_;
  std::size_t oldest_at_ = 0;
  bool oldest_ready_ = false;
  Commit* next_oldest();
  bool reversed_ready_ = false;
  std::vector<PendingObject> object_tips_;
  OidSet uninteresting_objects_;
  std::vector<Commit*> tips_;
  std::unique_ptr<ReflogWalk> reflog_walk_;
  std::uint32_t not_flags_ = 0;  // of --not
  struct Exclusions {
    std::vector<std::string> patterns;
    std::vector<std::string> hidden;  // hideRefs patterns
    bool hidden_configured = false;
  } exclusions_;
  std::unordered_map<const Commit*, std::vector<unsigned char>> treesame_;  // of merges, per parent
  std::unordered_map<const Commit*, std::uint64_t> author_dates_;
  std::unordered_map<const Commit*, Commit*> simplified_;
  struct Topo;
  std::unique_ptr<Topo> topo_;
  struct Bloom;
  std::unique_ptr<Bloom> bloom_;
  bool linear_break_ = false, has_previous_ = false;
  std::vector<Commit*> previous_parents_;
  bool prepared_ = false;
  std::string prefix_;
};

}  // namespace git
