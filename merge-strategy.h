// What the merge strategies that are commands of their own share: "git merge-<name> [--<option>...] <base>... -- <head>
// <remote>...", exit 0 clean, 1 conflicts, 2 not for us (git-merge(1), "-s").
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace git {

class Repository;

struct StrategyArguments {
  std::vector<std::string> bases, remotes;
  std::string head;
};
StrategyArguments parse_strategy_arguments(const std::vector<std::string>& args);
// Index and HEAD must be the same; otherwise the paths are told, and false.
bool check_index_matches_head(Repository& repo);
// Runs a git command, its output passed through.
int run_strategy_step(std::vector<std::string> args);
// The tree of the index; nullopt where something is unmerged.
std::optional<std::string> try_write_tree();
// The name people gave a commit (GITHEAD_<id>), or the id.
std::string pretty_head_name(const std::string& id);

}  // namespace git
