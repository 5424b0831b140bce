// test-tool path-walk: what a walk by path reports, batch by batch.
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "index/sparse.h"
#include "repository.h"
#include "setup.h"
#include "t/helper/test-tool.h"
#include "walk/path-walk.h"

TEST_TOOL("path-walk", test_path_walk)

namespace git {

namespace {

std::function<bool(std::string_view, bool)> cone_limits(std::string_view text) {
  return sparse_path_limits(SparsePatterns::parse(text, true), false);
}

// True where the word is an option of ours.
bool take_option(std::string_view arg, PathWalk& walk, RevWalk& revs, bool& reads_patterns, bool& prunes_trees) {
  struct Switch {
    std::string_view name;
    bool* flag;
  };
  const Switch switches[] = {
      {"blobs", &walk.blobs},        {"commits", &walk.commits},           {"tags", &walk.tags},
      {"trees", &walk.trees},        {"prune", &walk.prune_uninteresting}, {"edge-aggressive", &revs.edge_hint_aggressive},
      {"stdin-pl", &reads_patterns}, {"pl-sparse-trees", &prunes_trees}};
  if (!skip_prefix(arg, "--")) return false;
  bool value = !skip_prefix(arg, "no-");
  for (const Switch& each : switches) {
    if (each.name != arg) continue;
    *each.flag = value;
    return true;
  }
  if (!skip_prefix(arg, "filter=")) return false;
  add_object_filter(revs.filter, arg).or_die();
  return true;
}

}  // namespace

int test_path_walk(std::vector<std::string> args) {
  SetupResult setup = setup_git_directory(false);
  RevWalk revs(*setup.repo);
  PathWalk walk(revs);
  bool reads_patterns = false, prunes_trees = true;
  std::size_t at = 1;
  for (; at < args.size() && args[at] != "--"; at++)
    if (!take_option(args[at], walk, revs, reads_patterns, prunes_trees)) die("unknown option '%s'", args[at]);
  if (at < args.size()) at++;
  revs.setup({args.begin() + static_cast<std::ptrdiff_t>(at), args.end()}, {});
  if (auto applied = walk.apply_filter(revs.filter, cone_limits); !applied) die("%s", applied.error().message);
  if (reads_patterns) walk.wants = sparse_path_limits(SparsePatterns::parse(read_fd(0).take_or_die(), true), prunes_trees);

  std::uint64_t batch = 0, commits = 0, trees = 0, blobs = 0, tags = 0;
  walk.report = [&](std::string_view path, std::span<const PathObject> objects, ObjectType type) {
    (type == ObjectType::commit ? commits
     : type == ObjectType::tree ? trees
     : type == ObjectType::blob ? blobs
                                : tags) += objects.size();
    for (const PathObject& object : objects)
      outf("%u:%s:%s:%s%s\n", batch, type_name(type), path, object.oid, object.is_uninteresting ? ":UNINTERESTING" : "");
    batch++;
    return true;
  };
  walk.run();
  outf("commits:%u\ntrees:%u\nblobs:%u\ntags:%u\n", commits, trees, blobs, tags);
  return 0;
}

}  // namespace git
