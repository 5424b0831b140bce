// Partial clones (gitglossary(7), "promisor"): objects that are not here are brought from a remote that promised them,
// when somebody reads them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

// Lets the object database ask the promisor remotes; does nothing in a repository without any.
// Those in `preferred` are asked first.
void install_promisor_fetch(Repository& repo, const std::vector<std::string>& preferred = {});

}  // namespace git
