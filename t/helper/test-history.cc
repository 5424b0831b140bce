// read-graph, reach, bloom, revision-walking: what the walk room says about a repository.
#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "diff/tree-diff.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"
#include "setup.h"
#include "t/helper/test-tool.h"
#include "walk/bloom.h"
#include "walk/commit-graph.h"
#include "walk/commit-reach.h"
#include "walk/revisions.h"

TEST_TOOL("read-graph", test_read_graph)
TEST_TOOL("reach", test_reach)
TEST_TOOL("bloom", test_bloom)
TEST_TOOL("revision-walking", test_revision_walking)

namespace git {
namespace {

std::unique_ptr<Repository> open_here() { return setup_git_directory(false).repo; }

std::unique_ptr<CommitGraph> open_graph(Repository& repo) {
  std::vector<std::string> dirs;
  for (const ObjectDatabase::Source& source : repo.odb().sources()) dirs.push_back(source.path);
  return CommitGraph::open(dirs, repo.algo(), {true});
}

void print_filter(std::string_view filter) {
  outf("Filter_Length:%d\nFilter_Data:", static_cast<int>(filter.size()));
  for (char c : filter) outf("%02x|", static_cast<unsigned char>(c));
  out("\n");
}

int dump_header(const CommitGraph& graph) {
  const GraphLayer& top = *graph.layers().back();
  std::string_view bytes = top.bytes();
  auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  outf("header: %08x %u %u %u %u\n", 0x43475048u, byte(4), byte(5), byte(6), byte(7));
  outf("num_commits: %u\nchunks:", top.count());
  struct Known {
    const char* id;
    const char* name;
  };
  for (const Known& k : {Known{"OIDF", "oid_fanout"},
                         {"OIDL", "oid_lookup"},
                         {"CDAT", "commit_metadata"},
                         {"GDA2", "generation_data"},
                         {"GDO2", "generation_data_overflow"},
                         {"EDGE", "extra_edges"},
                         {"BIDX", "bloom_indexes"},
                         {"BDAT", "bloom_data"}})
    for (const std::string& id : top.chunk_names())
      if (id == k.id) outf(" %s", k.name);
  out("\noptions:");
  if (auto s = top.bloom_settings(); s && top.has_bloom())
    outf(" bloom(%u,%u,%u)", s->hash_version, s->bits_per_entry, s->hashes);
  if (graph.has_corrected_dates()) out(" read_generation_data");
  out("\n");
  return 0;
}

}  // namespace

int test_read_graph(std::vector<std::string> args) {
  std::unique_ptr<Repository> repo = open_here();
  std::unique_ptr<CommitGraph> graph = open_graph(*repo);
  if (!graph) return 1;
  if (args.size() < 2) return dump_header(*graph);
  if (args[1] == "bloom-filters") {
    const GraphLayer& top = *graph->layers().back();
    for (std::uint32_t i = 0; i < top.count(); i++) {
      std::optional<std::string_view> filter = top.bloom_filter(i);
      if (!filter) {
        errf("missing Bloom filter for commit '%s'\n", top.oid_at(i));
        continue;
      }
      for (char c : *filter) outf("%02x", static_cast<unsigned char>(c));
      out("\n");
    }
    return 0;
  }
  errf("unknown sub-command: '%s'\n", args[1]);
  return 1;
}

int test_bloom(std::vector<std::string> args) {
  BloomSettings settings;
  if (args.size() >= 3 && args[1] == "get_murmur3") {
    outf("Murmur3 Hash with seed=0:0x%08x\n", murmur3_seeded(0, args[2], 2));
    return 0;
  }
  if (args.size() >= 2 && args[1] == "get_murmur3_seven_highbit") {
    outf("Murmur3 Hash with seed=0:0x%08x\n", murmur3_seeded(0, "\x99\xaa\xbb\xcc\xdd\xee\xff", 2));
    return 0;
  }
  if (args.size() >= 3 && args[1] == "generate_filter") {
    std::string filter((settings.bits_per_entry + 7) / 8, '\0');
    for (std::size_t i = 2; i < args.size(); i++) {
      BloomKey key = bloom_key(args[i], settings);
      out("Hashes:");
      for (std::uint32_t h : key.hashes) outf("0x%08x|", h);
      out("\n");
      bloom_add(filter, key);
    }
    print_filter(filter);
    return 0;
  }
  if (args.size() >= 3 && args[1] == "get_filter_for_commit") {
    std::unique_ptr<Repository> repo = open_here();
    std::optional<ObjectId> oid = ObjectId::from_hex(args[2], repo->algo());
    std::unique_ptr<CommitGraph> graph = open_graph(*repo);
    if (!oid) return 1;
    if (std::optional<std::uint32_t> position = graph ? graph->find(*oid) : std::nullopt) {
      const GraphLayer& layer = graph->layer_of(*position);
      if (auto filter = layer.bloom_filter(*position - layer.base)) {
        print_filter(*filter);
        return 0;
      }
    }
    Commit* c = repo->commits().get(*oid);
    repo->commits().parse_or_die(c);
    ObjectId before = ObjectId::null(repo->algo());
    if (!c->parents.empty()) {
      repo->commits().parse_or_die(c->parents[0]);
      before = repo->commits().tree(c->parents[0]);
    }
    std::vector<std::string> files;
    walk_tree_diff(*repo, {}, before, repo->commits().tree(c), {},
                   [&](const std::string& path, const TreeEntry*, const TreeEntry*) {
                     files.push_back(path);
                     return true;
                   });
    bool too_large = false;
    print_filter(make_bloom_filter(files, settings, &too_large));
    return 0;
  }
  errf("usage: test-tool bloom get_murmur3 <string>\n");
  return 129;
}

int test_reach(std::vector<std::string> args) {
  if (args.size() < 2) return 1;
  std::unique_ptr<Repository> repo = open_here();
  CommitPool& pool = repo->commits();
  Commit *a = nullptr, *b = nullptr;
  CommitList x, y;
  LineReader lines(0);
  std::string line;
  while (lines.next(line)) {
    if (line.size() < 3) continue;
    std::optional<ObjectId> oid = get_oid(*repo, std::string_view(line).substr(2), NameHint::committish);
    if (!oid) die("failed to resolve %s", line.substr(2));
    Commit* c = pool.peel_to_commit(*oid);
    if (!c) die("failed to load commit for input %s resulting in oid %s", line, *oid);
    switch (line[0]) {
      case 'A':
        a = c;
        break;
      case 'B':
        b = c;
        break;
      case 'X':
        x.push_back(c);
        break;
      case 'Y':
        y.push_back(c);
        break;
      default:
        die("unexpected start of line: %c", line[0]);
    }
  }
  const std::string& what = args[1];
  auto print_sorted = [](CommitList list) {
    std::vector<std::string> names;
    for (Commit* c : list) names.push_back(c->oid.hex());
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) outf("%s\n", name);
  };
  if (what == "ref_newer") {
    outf("%s(A,B):%d\n", what, in_merge_bases(pool, b, a) ? 1 : 0);
  } else if (what == "in_merge_bases") {
    outf("%s(A,B):%d\n", what, in_merge_bases(pool, a, b) ? 1 : 0);
  } else if (what == "in_merge_bases_many") {
    outf("%s(A,X):%d\n", what, in_merge_bases_many(pool, a, x) ? 1 : 0);
  } else if (what == "is_descendant_of") {
    outf("%s(A,X):%d\n", what, is_descendant_of(pool, a, x) ? 1 : 0);
  } else if (what == "get_merge_bases_many") {
    outf("%s(A,X):\n", what);
    print_sorted(merge_bases_many(pool, a, x));
  } else if (what == "reduce_heads") {
    outf("%s(X):\n", what);
    print_sorted(reduce_heads(pool, x));
  } else if (what == "can_all_from_reach") {
    outf("%s(X,Y):%d\n", what, can_all_from_reach(pool, x, y, true) ? 1 : 0);
  } else if (what == "can_all_from_reach_with_flag") {
    CommitMarks<unsigned char> goal;
    std::uint64_t lowest = kGenerationInfinity;
    for (Commit* c : y) goal[c] = 1;
    for (Commit* c : x) lowest = std::min(lowest, c->generation);
    (void)lowest;
    outf("%s(X,_,_,0,0):%d\n", what,
         can_all_from_reach_goal(
             pool, x, [&](const Commit* c) { return goal.get(c) != 0; }, 0, 0)
             ? 1
             : 0);
  } else if (what == "commit_contains") {
    bool found;
    if (args.size() > 2 && args[2] == "--tag")
      found = ContainsCache(pool, x).contains(a);
    else
      found =
          is_descendant_of(pool, a, x) || std::any_of(x.begin(), x.end(), [&](Commit* c) { return in_merge_bases(pool, c, a); });
    outf("%s(_,A,X,_):%d\n", what, found ? 1 : 0);
  } else if (what == "get_reachable_subset") {
    outf("%s(X,Y)\n", what);
    print_sorted(reachable_subset(pool, x, y));
  } else if (what == "get_branch_base_for_tip") {
    outf("%s(A,X):%d\n", what, branch_base_for_tip(pool, a, x));
  } else {
    return 1;
  }
  return 0;
}

int test_revision_walking(std::vector<std::string> args) {
  if (args.size() < 2) return 1;
  std::unique_ptr<Repository> repo = open_here();
  if (args[1] != "run-twice") {
    errf("check usage\n");
    return 1;
  }
  for (const char* pass : {"1st", "2nd"}) {
    outf("%s\n", pass);
    RevWalk walk(*repo);
    walk.setup({"--all"}, {});
    walk.prepare();
    bool any = false;
    while (Commit* c = walk.next()) {
      any = true;
      Result<std::string> raw = repo->commits().read_buffer(c);
      std::string_view message = raw ? commit_message(*raw) : std::string_view();
      outf(" > %s\n", message.substr(0, message.find('\n')));
    }
    if (!any) return 1;
  }
  return 0;
}

}  // namespace git
