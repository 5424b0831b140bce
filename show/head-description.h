// What "(HEAD detached at v1.0)" says, for branch --list and status.
#pragma once

#include <string>

#include "hash/object-id.h"

namespace git {

class Repository;

// Where HEAD was detached, by its reflog.
struct DetachedFrom {
  std::string name;  // a ref's short name or an abbreviated object name; "" where the reflog does not tell
  ObjectId oid;
  bool is_at = false;  // HEAD is still there
};
DetachedFrom find_detached_from(Repository& repo);
// In parentheses: rebasing, bisecting, detached at or from, or "no branch".
std::string describe_detached_head(Repository& repo);

}  // namespace git
