// From what a remote has to what is fetched and which local refs follow: refspecs, branch configuration, tags.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "remote-refs.h"
#include "remote.h"

namespace git {

class Repository;

struct RefMapRequest {
  Refspec command_line{true};
  std::optional<Refspec> refmap;  // --refmap; absent: the remote's own
  TagFollowing tags = TagFollowing::automatic;
  bool prefetch = false;
};
struct RefMap {
  RemoteRefs refs;
  bool follows_tags = false;  // tags that point at what is fetched come along
};
RefMap make_ref_map(Repository& repo, Remotes& remotes, Remote& remote, const RemoteRefs& remote_refs,
                    const RefMapRequest& request);
// Tags of the remote that we don't have and whose objects we have or are fetching, added to `out`.
void add_non_local_tags(Repository& repo, const RemoteRefs& remote_refs, RemoteRefs& out);

// FETCH_HEAD's text for one ref.
std::string fetch_head_line(Repository& repo, const RemoteRef& ref, const std::string& url);

}  // namespace git
