// git backfill: bring the blobs that a partial clone left out, in batches that hold all versions of a path together.
#include "base/error.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "odb.h"
#include "promisor-remote.h"
#include "repository.h"
#include "walk/path-walk.h"

GIT_BUILTIN("backfill", cmd_backfill, kSetup)

namespace git {

namespace {

class Backfill {
 public:
  Backfill(Repository& repo, std::size_t batch_size) : repo_(repo), batch_size_(batch_size) {}

  void add(std::span<const PathObject> objects) {
    for (const PathObject& object : objects)
      if (!repo_.odb().has(object.oid, kLookupQuick | kLookupNoFetch)) missing_.push_back(object.oid);
    if (missing_.size() >= batch_size_) fetch();
  }
  void fetch() {
    if (missing_.empty()) return;
    repo_.odb().fetch_missing(missing_);
    missing_.clear();
  }

 private:
  Repository& repo_;
  std::size_t batch_size_;
  std::vector<ObjectId> missing_;
};

// Could there be something at or below the directory that the pathspec wants?
bool may_hold_matches(const Pathspec& spec, std::string_view dir) {
  for (const PathspecItem& item : spec.items) {
    if (item.magic & kMagicExclude) continue;
    std::string_view fixed = std::string_view(item.match).substr(0, item.nowildcard_length);
    if (item.magic & kMagicIcase) return true;
    std::size_t length = std::min(fixed.size(), dir.size());
    if (fixed.substr(0, length) == dir.substr(0, length)) return true;
  }
  return false;
}

void limit_paths(PathWalk& walk, Repository& repo, const std::vector<std::string>& args, std::string_view prefix,
                 bool is_sparse) {
  std::function<bool(std::string_view, bool)> in_cone;
  if (is_sparse) {
    auto patterns = read_sparse_patterns(repo);
    if (!patterns) die("%s", _("problem loading sparse-checkout"));
    in_cone = sparse_path_limits(std::move(*patterns), true);
  }
  Pathspec spec;
  if (!args.empty()) spec = parse_pathspec(repo, args, prefix, kPreferFull);
  if (!is_sparse && spec.empty()) return;
  walk.wants = [in_cone, spec](std::string_view path, bool is_tree) {
    if (in_cone && !in_cone(path, is_tree)) return false;
    if (spec.empty()) return true;
    return is_tree ? may_hold_matches(spec, path) : match_pathspec(nullptr, spec, path) != 0;
  };
}

void check_filter(const ObjectFilter& filter) {
  if (filter.kind == ObjectFilter::Kind::blob_limit) die("%s", _("cannot backfill with blob size limits"));
  bool fits = filter.kind == ObjectFilter::Kind::none || filter.kind == ObjectFilter::Kind::sparse_oid ||
              filter.kind == ObjectFilter::Kind::blob_none || filter.kind == ObjectFilter::Kind::object_type ||
              filter.kind == ObjectFilter::Kind::combine;
  if (!fits) die("%s", _("cannot backfill with these filter options"));
  for (const ObjectFilter& part : filter.parts) check_filter(part);
}

}  // namespace

int cmd_backfill(Invocation& inv) {
  Repository& repo = inv.repo();
  int batch_size = 50000, sparse = -1;
  bool includes_edges = true;
  Options options({"git backfill [--min-batch-size=<n>] [--[no-]sparse] [--[no-]include-edges] [<revision-range>]"});
  options.integer(0, "min-batch-size", &batch_size, "n", N_("Minimum number of objects to request at a time"));
  options.boolean(0, "sparse", &sparse, N_("Restrict the missing objects to the current sparse-checkout"));
  options.boolean(0, "include-edges", &includes_edges, N_("Include blobs from boundary commits in the backfill"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty(), kKeepUnknown | kKeepDashDash);

  RevWalk revs(repo);
  RevWalk::Setup how;
  how.prefix = inv.prefix_or_empty();
  how.keep_unknown = true;
  std::vector<std::string> unknown = revs.setup(args, how);
  if (!unknown.empty()) die(_("unrecognized argument: %s"), unknown[0]);
  check_filter(revs.filter);

  PathWalk walk(revs);
  walk.commits = walk.trees = walk.tags = false;
  walk.includes_edges = includes_edges;
  if (auto applied = walk.apply_filter(
          revs.filter, [](std::string_view text) { return sparse_path_limits(SparsePatterns::parse(text, false), false); });
      !applied)
    die("%s", applied.error().message);
  bool is_sparse = sparse >= 0 ? sparse > 0 : is_sparse_checkout(repo);
  limit_paths(walk, repo, revs.pathspec, inv.prefix_or_empty(), is_sparse);
  revs.pathspec.clear();
  if (!revs.got_revision && revs.pending.empty()) revs.add_head();

  Backfill backfill(repo, static_cast<std::size_t>(std::max(batch_size, 1)));
  walk.report = [&](std::string_view, std::span<const PathObject> objects, ObjectType type) {
    if (type == ObjectType::blob) backfill.add(objects);
    return true;
  };
  walk.run();
  backfill.fetch();
  return 0;
}

}  // namespace git
