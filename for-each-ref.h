// What `git for-each-ref` and `git refs list` do, and the other verbs that `git refs` shares with older commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

class Repository;

// `command` is "git for-each-ref" or "git refs list", for the usage text.
int for_each_ref_command(Repository& repo, const std::vector<std::string>& args, std::string_view prefix,
                         const std::string& command);
// `git show-ref --exists` and `git refs exists`: 0, 2 where the ref isn't there, 1 where that can't be told.
int show_ref_exists(Repository& repo, const std::string& name);
// `git pack-refs` and `git refs optimize`.
int pack_refs_command(Repository& repo, const std::vector<std::string>& args, std::string_view prefix,
                      const std::string& command);

}  // namespace git
