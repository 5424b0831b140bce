// git commit-graph: write and verify commit-graph files.
#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "builtin.h"
#include "config.h"
#include "diff/tree-diff.h"
#include "object-name.h"
#include "odb.h"
#include "pack/pack.h"
#include "refs.h"
#include "walk/commit-graph-write.h"

GIT_BUILTIN("commit-graph", cmd_commit_graph, kSetup)

namespace git {
namespace {

constexpr const char* kVerifyUsage = "git commit-graph verify [--object-dir <dir>] [--shallow] [--[no-]progress]";
constexpr const char* kWriteUsage =
    "git commit-graph write [--object-dir <dir>] [--append]\n"
    "                       [--split[=<strategy>]] [--reachable | --stdin-packs | --stdin-commits]\n"
    "                       [--changed-paths] [--[no-]max-new-filters <n>] [--[no-]progress]\n"
    "                       <split-options>";

std::string objects_dir(Repository& repo, const std::optional<std::string>& given) {
  if (!given) return repo.odb().objects_dir();
  std::string wanted = real_path_forgiving(absolute_path(*given));
  for (const ObjectDatabase::Source& source : repo.odb().sources())
    if (real_path_forgiving(source.path) == wanted) return source.path;
  die("could not find object directory matching %s", absolute_path(*given));
}

int verify(Invocation& inv, std::vector<std::string> args) {
  Repository& repo = inv.repo();
  std::optional<std::string> dir;
  bool shallow = false, progress = isatty(2);
  Options options({kVerifyUsage});
  options.string(0, "object-dir", &dir, "dir", "the object directory to store the graph");
  options.boolean(0, "shallow", &shallow, "if the commit-graph is split, only verify the tip file");
  options.boolean(0, "progress", &progress, "force progress reporting");
  args = options.parse(args, inv.prefix_or_empty());
  if (!args.empty()) options.usage_with_options();
  std::string objects = objects_dir(repo, dir);
  std::string single = commit_graph_path(objects);
  bool incomplete = false;
  std::unique_ptr<CommitGraph> graph;
  if (path_exists(single)) {
    Result<std::unique_ptr<GraphLayer>> layer = GraphLayer::open(single, repo.algo());
    if (!layer) {
      if (layer.error().kind == ErrorKind::io) die("Could not open commit-graph '%s': %s", single, layer.error().message);
      error("%s", layer.error().message);
      return 1;
    }
    std::vector<std::unique_ptr<GraphLayer>> layers;
    layers.push_back(std::move(*layer));
    graph = CommitGraph::from_layers(std::move(layers), repo.algo(), {true});
  } else if (std::optional<std::string> chain = read_file_if_exists(commit_graph_chain_path(objects))) {
    std::vector<std::string> dirs;
    for (const ObjectDatabase::Source& source : repo.odb().sources()) dirs.push_back(source.path);
    graph = CommitGraph::open(dirs, repo.algo(), {true});
    std::size_t lines = split_lines(*chain).size();
    if (!graph || graph->layers().size() < lines) incomplete = true;
    if (!graph) {
      error("one or more commit-graph chain files could not be loaded");
      return 1;
    }
  } else {
    return 0;
  }
  std::vector<std::string> problems = verify_commit_graph(repo, *graph, shallow);
  if (progress) errf("Verifying commits in commit graph: 100%% (%u/%u), done.\n", graph->count(), graph->count());
  for (const std::string& p : problems) error("%s", p);
  if (incomplete) error("one or more commit-graph chain files could not be loaded");
  return problems.empty() && !incomplete ? 0 : 1;
}

class WriteCommand {
 public:
  explicit WriteCommand(Invocation& inv) : inv_(inv), repo_(inv.repo()) {}
  int run(std::vector<std::string> args);

 private:
  bool gather();
  void add(const ObjectId& oid) {
    if (Commit* c = repo_.commits().peel_to_commit(oid)) tips_.push_back(c);
  }
  std::vector<std::string> changed_files(Commit* c);

  Invocation& inv_;
  Repository& repo_;
  GraphWriteOptions o_;
  bool reachable_ = false, stdin_packs_ = false, stdin_commits_ = false, progress_ = isatty(2);
  std::vector<Commit*> tips_;
};

std::vector<std::string> WriteCommand::changed_files(Commit* c) {
  std::vector<std::string> files;
  CommitPool& pool = repo_.commits();
  ObjectId before = ObjectId::null(repo_.algo());
  if (!c->parents.empty()) {
    pool.parse_or_die(c->parents[0]);
    before = pool.tree(c->parents[0]);
  }
  walk_tree_diff(repo_, {}, before, pool.tree(c), {}, [&](const std::string& path, const TreeEntry*, const TreeEntry*) {
    files.push_back(path);
    return files.size() <= o_.bloom.max_changed_paths + 1;
  });
  return files;
}

bool WriteCommand::gather() {
  if (stdin_packs_) {
    LineReader lines(0);
    std::string line;
    while (lines.next(line)) {
      std::string path = repo_.odb().objects_dir() + "/pack/" + line;
      std::string idx = ends_with(path, ".idx")    ? path
                        : ends_with(path, ".pack") ? path.substr(0, path.size() - 5) + ".idx"
                                                   : path;
      std::shared_ptr<Pack> pack = path_exists(idx) ? repo_.odb().add_pack(idx) : nullptr;
      if (!pack) {
        error("error adding pack %s", path);
        return false;
      }
      if (!pack->open_index()) {
        error("error opening index for %s", path);
        return false;
      }
      for (std::uint32_t i = 0; i < pack->count(); i++) {
        ObjectId oid = pack->oid_at(i);
        if (repo_.odb().type_of(oid) == ObjectType::commit) add(oid);
      }
    }
  } else if (stdin_commits_) {
    LineReader lines(0);
    std::string line;
    while (lines.next(line)) {
      std::string_view rest = line;
      std::optional<ObjectId> oid = ObjectId::parse_prefix(rest, repo_.algo());
      if (!oid || !rest.empty()) {
        error("unexpected non-hex object ID: %s", line);
        return false;
      }
      if (repo_.odb().type_of(*oid) == ObjectType::bad) {
        error("invalid object: %s", line);
        return false;
      }
      add(*oid);
    }
  } else if (reachable_) {
    repo_.refs().for_each("refs/", [&](const Ref& ref) {
      if (!ref.oid.is_null() && !ref.is_broken) add(ref.peeled.value_or(ref.oid));
      return true;
    });
    if (auto head = repo_.refs().resolve("HEAD"); head && head->exists && !head->oid.is_null()) add(head->oid);
  } else {
    repo_.odb().for_each_packed([&](const ObjectId& oid, const Pack&, std::uint32_t) {
      if (repo_.odb().type_of(oid) == ObjectType::commit) add(oid);
      return true;
    });
  }
  return true;
}

int WriteCommand::run(std::vector<std::string> args) {
  std::optional<std::string> dir;
  bool append = false, changed_paths = false, changed_paths_given = false;
  int size_multiple = 2, max_commits = 0, max_new_filters = -1;
  Config& config = repo_.config();
  max_new_filters = config.get_int_or("commitgraph.maxnewfilters", -1);
  if (auto b = config.get_bool("commitgraph.changedpaths")) {
    changed_paths = *b;
    changed_paths_given = true;
  }
  Options options({kWriteUsage});
  options.string(0, "object-dir", &dir, "dir", "the object directory to store the graph");
  options.boolean(0, "reachable", &reachable_, "start walk at all refs");
  options.boolean(0, "stdin-packs", &stdin_packs_, "scan pack-indexes listed by stdin for commits");
  options.boolean(0, "stdin-commits", &stdin_commits_, "start walk at commits listed by stdin");
  options.boolean(0, "append", &append, "include all commits already in the commit-graph file");
  options.callback(
      0, "changed-paths", "", "enable computation for changed paths",
      [&](const std::optional<std::string>&, bool unset) {
        changed_paths = !unset;
        changed_paths_given = true;
        return true;
      },
      kOptNoArg);
  options.callback(
      0, "split", "", "allow writing an incremental commit-graph file",
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset) {
          o_.split = GraphSplit::none;
          return true;
        }
        o_.split = GraphSplit::normal;
        if (!value) return true;
        if (*value == "no-merge")
          o_.split = GraphSplit::no_merge;
        else if (*value == "replace")
          o_.split = GraphSplit::replace;
        else
          die("unrecognized --split argument, %s", *value);
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  options.integer(0, "max-commits", &max_commits, "n", "maximum number of commits in a non-base split commit-graph");
  options.integer(0, "size-multiple", &size_multiple, "n", "maximum ratio between two levels of a split commit-graph");
  std::int64_t expire = -1;
  options.expiry_date(0, "expire-time", &expire, "only expire files older than a given date-time");
  options.callback(0, "max-new-filters", "n", "maximum number of changed-path Bloom filters to compute",
                   [&](const std::optional<std::string>& value, bool unset) {
                     if (unset) {
                       max_new_filters = -1;
                       return true;
                     }
                     std::optional<std::int64_t> n = parse_int(value.value_or(""));
                     if (!n) {
                       error("option `max-new-filters' expects a numerical value");
                       return false;
                     }
                     max_new_filters = static_cast<int>(*n);
                     return true;
                   });
  options.boolean(0, "progress", &progress_, "force progress reporting");
  args = options.parse(args, inv_.prefix_or_empty());
  if (!args.empty()) options.usage_with_options();
  if (static_cast<int>(reachable_) + static_cast<int>(stdin_packs_) + static_cast<int>(stdin_commits_) > 1)
    die("use at most one of --reachable, --stdin-commits, or --stdin-packs");
  o_.objects_dir = objects_dir(repo_, dir);
  if (!config.get_bool("core.commitgraph").value_or(true)) {
    warning("attempting to write a commit-graph, but 'core.commitGraph' is disabled");
    return 0;
  }
  if (repo_.commits().has_grafts()) return 0;
  if (repo_.use_replace_refs) {
    bool replaced = false;
    repo_.refs().for_each("refs/replace/", [&](const Ref&) {
      replaced = true;
      return false;
    });
    if (replaced) return 0;
  }
  o_.append = append;
  o_.size_multiple = size_multiple > 0 ? size_multiple : 2;
  o_.max_commits = max_commits > 0 ? static_cast<std::uint64_t>(max_commits) : 0;
  if (expire >= 0) o_.expire_time = expire;
  o_.max_new_filters = max_new_filters;
  o_.generation_version = config.get_int_or("commitgraph.generationversion", 2);
  o_.shared_repository = repo_.shared_repository();
  // Filters that are there are kept up, unless told otherwise.
  std::optional<BloomSettings> existing;
  if (CommitGraph* graph = repo_.commits().graph())
    for (const auto& layer : graph->layers())
      if (auto settings = layer->bloom_settings(); settings && layer->has_bloom()) existing = settings;
  std::int64_t version = config.get_int64("commitgraph.changedpathsversion").value_or(-1);
  if (version < -1 || version > 2) {
    warning("attempting to write a commit-graph, but 'commitGraph.changedPathsVersion' (%d) is not supported", version);
    return 0;
  }
  if (!changed_paths_given && existing && version != 0) changed_paths = true;
  o_.changed_paths = changed_paths;
  o_.bloom.hash_version = version == 2 ? 2 : version == 1 ? 1 : existing ? existing->hash_version : 1;
  o_.bloom.bits_per_entry =
      static_cast<std::uint32_t>(env_ulong("GIT_TEST_BLOOM_SETTINGS_BITS_PER_ENTRY", existing ? existing->bits_per_entry : 10));
  o_.bloom.hashes = static_cast<std::uint32_t>(env_ulong("GIT_TEST_BLOOM_SETTINGS_NUM_HASHES", existing ? existing->hashes : 7));
  o_.bloom.max_changed_paths = static_cast<std::uint32_t>(env_ulong("GIT_TEST_BLOOM_SETTINGS_MAX_CHANGED_PATHS", 512));
  o_.changed_files = [this](Commit* c) { return changed_files(c); };
  if (!gather()) return 1;
  Result<GraphWriteStatistics> done = write_commit_graph(repo_, std::move(tips_), o_);
  if (!done) {
    if (done.error().kind == ErrorKind::conflict) die("%s", done.error().message);
    error("%s", done.error().message);
    return 1;
  }
  if (progress_) errf("Writing out commit graph in %d passes: 100%% (%u/%u), done.\n", 3, done->commits * 3, done->commits * 3);
  return 0;
}

}  // namespace

int cmd_commit_graph(Invocation& inv) {
  int verb = -1;
  std::optional<std::string> dir;
  Options options({kVerifyUsage, kWriteUsage});
  options.string(0, "object-dir", &dir, "dir", "the object directory to store the graph");
  options.subcommand("verify", &verb, 0);
  options.subcommand("write", &verb, 1);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (dir) args.insert(args.begin() + 1, "--object-dir=" + *dir);
  return verb == 0 ? verify(inv, args) : WriteCommand(inv).run(args);
}

}  // namespace git
