// Which local refs go to which remote refs in a push, and whether each may (git-push(1), "<refspec>...").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remote-refs.h"
#include "remote.h"

namespace git {

class Repository;

enum PushMatchFlag : unsigned { kMatchAll = 1, kMatchMirror = 2, kMatchPrune = 4, kMatchFollowTags = 8 };

// Sets peers in `refs`, adding refs that are new there. False after error() where a refspec can't be followed.
bool match_push_refs(Repository& repo, RemoteRefs& refs, const Refspec& refspec, unsigned flags);
// Are the sources of all refspecs known? error() and false where not: asked before the connection is made.
bool check_push_refs(Repository& repo, const Refspec& refspec);
// new_oid, is_deletion and the refusals of what must not be updated.
void set_push_statuses(Repository& repo, RemoteRefs& refs, bool is_mirror, bool force);

// --force-with-lease[=<ref>[:<expect>]]
struct ForceWithLease {
  struct Entry {
    std::string ref;
    bool uses_tracking = false;
    std::optional<ObjectId> expect;  // null id: must not exist
  };
  bool uses_tracking_for_rest = false;
  bool uses_force_if_includes = false;
  std::vector<Entry> entries;
  bool is_set() const { return uses_tracking_for_rest || !entries.empty(); }
  // One value of the option; absent for the bare form. False after error().
  bool parse(Repository& repo, const std::optional<std::string>& value);
};
void apply_force_with_lease(Repository& repo, const Remote& remote, RemoteRefs& refs, const ForceWithLease& lease);

}  // namespace git
