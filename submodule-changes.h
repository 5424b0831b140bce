// Which submodules a stretch of history changes, and the commits it records for them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;
class SubmoduleConfig;

struct SubmoduleChange {
  std::string path;                   // where it was when it was first seen
  ObjectId super_oid;                 // the commit that tells
  std::vector<ObjectId> new_commits;  // what was recorded
};
// By name. `revisions` are rev-list arguments, one a line.
std::map<std::string, SubmoduleChange> changed_submodules(Repository& repo, SubmoduleConfig& config,
                                                          const std::string& revisions);
// The name of a submodule without an entry in .gitmodules: its path, where a repository stands there; "" otherwise.
std::string default_submodule_name(const std::string& path);
// Does the repository of the submodule have all these commits, and do its refs reach them?
bool submodule_has_commits(Repository& submodule, const std::vector<ObjectId>& commits);

}  // namespace git
