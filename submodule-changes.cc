// The history is asked of `git log --raw`: only gitlinks of what it prints matter.
#include "submodule-changes.h"

#include <algorithm>

#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "index/submodule-config.h"
#include "odb.h"
#include "repository.h"

namespace git {

std::string default_submodule_name(const std::string& path) { return is_submodule_populated(path) ? path : std::string(); }

namespace {

void add_change(std::map<std::string, SubmoduleChange>& found, SubmoduleConfig& config, const ObjectId& commit,
                const std::string& path, const ObjectId& oid) {
  const SubmoduleTable& table = config.of_tree(commit);
  const Submodule* submodule = table.find_by_path(path);
  std::string name = submodule ? submodule->name : default_submodule_name(path);
  if (!submodule && !name.empty() && table.find_by_name(name)) {
    warning(_("Submodule in commit %s at path: '%s' collides with a submodule named the same. Skipping it."), commit, name);
    return;
  }
  if (name.empty()) return;
  auto [it, is_new] = found.try_emplace(name);
  if (is_new) it->second.path = path, it->second.super_oid = commit;
  auto& commits = it->second.new_commits;
  if (std::find(commits.begin(), commits.end(), oid) == commits.end()) commits.push_back(oid);
}

}  // namespace

std::map<std::string, SubmoduleChange> changed_submodules(Repository& repo, SubmoduleConfig& config,
                                                          const std::string& revisions) {
  ChildProcess child;
  child.git_command = true;
  // A merge says what no parent said; a first commit changes nothing.
  child.args = {"-c",
                "log.showRoot=false",
                "log",
                "--format=commit %H",
                "--raw",
                "--no-abbrev",
                "--no-renames",
                "--no-color",
                "-c",
                "-z",
                "--ignore-submodules=none",
                "--stdin"};
  CommandOutput output = pipe_command(child, revisions);
  std::map<std::string, SubmoduleChange> found;
  ObjectId commit;
  auto fields = split(output.out, '\0');
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string_view field = fields[i];
    while (!field.empty() && field[0] == '\n') field.remove_prefix(1);
    if (skip_prefix(field, "commit ")) {
      if (auto oid = ObjectId::from_hex(field.substr(0, hex_size(repo.algo())), repo.algo())) commit = *oid;
      continue;
    }
    // ":160000 160000 <old> <new> M", then the path; one ':' and one more mode and name for each parent.
    if (field.empty() || field[0] != ':' || i + 1 >= fields.size()) continue;
    const std::size_t parents = field.find_first_not_of(':');
    auto words = split(field, ' ');
    const std::string path(fields[++i]);
    if (parents == std::string_view::npos || words.size() < 2 * parents + 3 || words[parents] != "160000") continue;
    if (auto oid = ObjectId::from_hex(words[2 * parents + 1], repo.algo())) add_change(found, config, commit, path, *oid);
  }
  return found;
}

bool submodule_has_commits(Repository& submodule, const std::vector<ObjectId>& commits) {
  for (const ObjectId& oid : commits)
    if (submodule.odb().type_of(oid, kLookupNoFetch) != ObjectType::commit) return false;
  // An object alone may have parts missing; what a ref reaches is complete.
  ChildProcess child;
  child.git_command = true;
  child.args = {"rev-list", "-n", "1"};
  for (const ObjectId& oid : commits) child.args.push_back(oid.hex());
  child.args.insert(child.args.end(), {"--not", "--all"});
  child.env = local_repo_env_vars();
  child.dir = submodule.git_dir_abs();
  child.env.push_back("GIT_DIR=.");
  CommandOutput output = pipe_command(child, {}, true);
  return !output.code && output.out.empty();
}

}  // namespace git
