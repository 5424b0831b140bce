// git fetch --recurse-submodules: a fetch in every submodule that is wanted, several at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "index/submodule-config.h"

namespace git {

class Repository;

struct SubmoduleFetch {
  std::vector<std::string> options;                         // of this fetch, that hold for submodules too
  std::string prefix;                                       // "sub/" of the superprojects above
  SubmoduleRecurse asked = SubmoduleRecurse::unset;         // by command line or configuration
  SubmoduleRecurse fallback = SubmoduleRecurse::on_demand;  // where nobody says anything about a submodule
  bool quiet = false;
  int jobs = 1;
  std::vector<ObjectId> tips_before, tips_after;  // what refs pointed at, and what they point at now
};

// --recurse-submodules[=<word>], dies on a bad one.
SubmoduleRecurse parse_fetch_recurse_argument(const std::string& option, const std::string& word);
// Of the options, fetch.recurseSubmodules and submodule.recurse; `from_modules` looks into .gitmodules as well.
SubmoduleRecurse configured_fetch_recurse(Repository& repo);
// Is there any submodule?
bool has_submodules(Repository& repo);
int fetch_submodules(Repository& repo, const SubmoduleFetch& fetch);
// Does the history of `included` without that of `excluded` record other commits of submodules?
bool submodules_change_between(Repository& repo, const ObjectId& excluded, const ObjectId& included);

}  // namespace git
