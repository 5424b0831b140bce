// Writing commit-graph files (git-commit-graph(1)): one file, or a layer on top of a chain.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "walk/commit-graph.h"
#include "walk/commit-pool.h"

namespace git {

class Repository;

enum class GraphSplit : std::uint8_t { none, normal, no_merge, replace };

struct GraphWriteOptions {
  std::string objects_dir;
  GraphSplit split = GraphSplit::none;
  bool append = false;
  bool changed_paths = false;
  int max_new_filters = -1;
  int size_multiple = 2;
  std::uint64_t max_commits = 0;
  std::optional<std::int64_t> expire_time;
  int generation_version = 2;
  BloomSettings bloom;
  int shared_repository = 0;
  // Files a commit changed against its first parent. REQUIRES: set with changed_paths.
  std::function<std::vector<std::string>(Commit*)> changed_files;
};

struct GraphWriteStatistics {
  std::uint64_t commits = 0, filters_computed = 0, filters_not_computed = 0, filters_empty = 0, filters_large = 0;
};

// Writes a graph of the commits reachable from `tips`. Errors are ready for error().
Result<GraphWriteStatistics> write_commit_graph(Repository& repo, std::vector<Commit*> tips, const GraphWriteOptions& options);

// Every contradiction found, in git's words; empty where the graph is sound.
std::vector<std::string> verify_commit_graph(Repository& repo, const CommitGraph& graph, bool only_top);

}  // namespace git
