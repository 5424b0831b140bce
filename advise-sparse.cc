// git add, rm and mv leave such paths alone and say so.
#include "advise-sparse.h"

#include "advice.h"
#include "base/fd.h"
#include "repository.h"

namespace git {

void advise_on_updating_sparse_paths(Repository& repo, const std::vector<std::string>& paths) {
  if (paths.empty()) return;
  err("The following paths and/or pathspecs matched paths that exist\n"
      "outside of your sparse-checkout definition, so will not be\n"
      "updated in the index:\n");
  for (const std::string& path : paths) errf("%s\n", path);
  advise_if_enabled(repo.config(), "updateSparsePath",
                    "If you intend to update such entries, try one of the following:\n"
                    "* Use the --sparse option.\n"
                    "* Disable or modify the sparsity rules.");
}

}  // namespace git
