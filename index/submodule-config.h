// What .gitmodules says (gitmodules(5)), of the worktree or of any tree in history, and which submodules the configuration
// makes active (gitsubmodules(7), "ACTIVE SUBMODULES").  Names, URLs and paths that could be taken for options or leave the
// modules directory never come out of here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

class Index;
class Repository;

enum class SubmoduleUpdate : std::uint8_t { unspecified, checkout, rebase, merge, none, command };
struct SubmoduleUpdateStrategy {
  SubmoduleUpdate type = SubmoduleUpdate::unspecified;
  std::string command;  // "!command" without the mark
};
// nullopt where `word` is no strategy.
std::optional<SubmoduleUpdateStrategy> parse_submodule_update_strategy(std::string_view word);
std::string format_submodule_update_strategy(const SubmoduleUpdateStrategy& strategy);

// --recurse-submodules of fetch and pull.
enum class SubmoduleRecurse : std::uint8_t { unset, off, on, on_demand };
// nullopt where `word` is neither a boolean nor "on-demand".
std::optional<SubmoduleRecurse> parse_fetch_recurse(const std::string& word);

struct Submodule {
  std::string name, path;
  std::optional<std::string> url, ignore, branch;
  SubmoduleUpdateStrategy update;
  SubmoduleRecurse fetch_recurse = SubmoduleRecurse::unset;
  std::optional<bool> recommend_shallow;
};

// The submodules of one .gitmodules file.
class SubmoduleTable {
 public:
  const Submodule* find_by_path(std::string_view path) const;
  const Submodule* find_by_name(std::string_view name) const;
  const std::map<std::string, Submodule, std::less<>>& by_name() const { return by_name_; }
  Submodule& entry(std::string_view name);
  void set_path(Submodule& submodule, const std::string& path);

 private:
  std::map<std::string, Submodule, std::less<>> by_name_;
  std::map<std::string, std::string, std::less<>> name_of_path_;
};

// Tables by where .gitmodules was read from, each read once.
class SubmoduleConfig {
 public:
  explicit SubmoduleConfig(Repository& repo);
  ~SubmoduleConfig();

  // The worktree's file; else the index's, else HEAD's. Dies where the file can't be parsed.
  const SubmoduleTable& current();
  // That of a commit or tree; a broken file is told as an error and gives what could be read of it.
  const SubmoduleTable& of_tree(const ObjectId& treeish);
  const Submodule* find(std::string_view path) { return current().find_by_path(path); }
  const Submodule* find_by_name(std::string_view name) { return current().find_by_name(name); }

  // Is the submodule at `path` one that this repository cares for?
  bool is_active(const std::string& path) { return is_active(current().find_by_path(path)); }
  bool is_active(const ObjectId& treeish, const std::string& path) { return is_active(of_tree(treeish).find_by_path(path)); }
  bool is_active(const Submodule* submodule);
  void forget() { current_.reset(), trees_.clear(); }

 private:
  Repository& repo_;
  std::unique_ptr<SubmoduleTable> current_;
  std::map<ObjectId, SubmoduleTable> trees_;
};

// ---- the file itself ----
// Every entry of the current .gitmodules, in order; nothing where there is none.
struct GitmodulesValue {
  std::string key, value;
};
std::vector<GitmodulesValue> read_gitmodules_values(Repository& repo);
// May it be changed? Not where it exists in the index or in HEAD, but not in the worktree.
bool is_writing_gitmodules_ok(Repository& repo);
// submodule.fetchJobs of the configuration, else of .gitmodules; 1 without one. Dies where it is negative.
int submodule_fetch_jobs(Repository& repo);
// 0, or git-config(1)'s exit code. nullopt removes.
int set_in_gitmodules(std::string_view key, const std::optional<std::string>& value);

// ---- where a submodule's repository is ----
// "<common dir>/modules/<name>", or what submodule.<name>.gitdir says under extensions.submodulePathConfig.
std::string submodule_git_dir_of_name(Repository& repo, std::string_view name);
// Is there a repository checked out at `path`?
bool is_submodule_populated(const std::string& path);
// Its git directory; nullopt where there is none.
std::optional<std::string> populated_submodule_git_dir(const std::string& path);
// The repository of the submodule at `path`: of its worktree, or (where it is not checked out) below modules/.
std::unique_ptr<Repository> open_submodule(Repository& super, SubmoduleConfig& config, const std::string& path,
                                           const ObjectId* treeish = nullptr);

}  // namespace git
