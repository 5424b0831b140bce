// The answer to naming paths that the sparse-checkout definition leaves out.
#pragma once

#include <string>
#include <vector>

namespace git {

class Repository;

void advise_on_updating_sparse_paths(Repository& repo, const std::vector<std::string>& paths);

}  // namespace git
