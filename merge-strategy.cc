// The older strategies are put together of read-tree, write-tree and merge-index.
#include "merge-strategy.h"

#include "base/env.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "merge/merge-state.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"

namespace git {

StrategyArguments parse_strategy_arguments(const std::vector<std::string>& args) {
  StrategyArguments parsed;
  bool seen = false;
  for (std::size_t i = 1; i < args.size(); i++) {
    if (args[i] == "--")
      seen = true;
    else if (!seen)
      parsed.bases.push_back(args[i]);
    else if (parsed.head.empty())
      parsed.head = args[i];
    else
      parsed.remotes.push_back(args[i]);
  }
  return parsed;
}

bool check_index_matches_head(Repository& repo) {
  auto head = repo.refs().read_oid("HEAD");
  std::optional<ObjectId> tree;
  if (head) tree = peel_to_type(repo, *head, ObjectType::tree);
  const std::vector<std::string> changed = index_changes(repo, tree);
  if (changed.empty()) return true;
  err(_("Error: Your local changes to the following files would be overwritten by merge\n"));
  for (const std::string& path : changed) errf("    %s\n", path);
  return false;
}

int run_strategy_step(std::vector<std::string> args) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  return child.run();
}

std::optional<std::string> try_write_tree() {
  ChildProcess child;
  child.git_command = true;
  child.args = {"write-tree"};
  child.err = ChildProcess::kNull;
  CommandOutput output = pipe_command(child, "");
  if (output.code) return std::nullopt;
  return std::string(trim(output.out));
}

std::string pretty_head_name(const std::string& id) { return get_env_or(("GITHEAD_" + id).c_str(), id); }

}  // namespace git
