// Is everything here that a set of objects reaches?  Asked after a fetch and before a push is accepted.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

struct ConnectedOptions {
  std::string shallow_file;      // the boundary to believe, "" the repository's own
  std::vector<std::string> env;  // of the child: a quarantine
  bool is_quiet = true;          // its messages go nowhere
  int err_fd = 0;                // > 0: they go there (taken over)
  bool shows_progress = false;
  bool is_deepening_fetch = false;  // what we have may be shallow: don't trust our own refs
  std::string exclude_hidden_refs;  // section name for --exclude-hidden
};
// Asks once for the objects named; true where all is here.
bool check_connected(Repository& repo, const std::vector<ObjectId>& tips, const ConnectedOptions& options = {});

}  // namespace git
