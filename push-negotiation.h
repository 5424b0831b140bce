// push.negotiate: before a push, ask the server what it has of what is pushed, so that the pack holds no more than
// needed. Asked by a child ("git fetch --negotiate-only") over the transport's own means; whatever goes wrong there, the
// push goes on without it.
#pragma once

#include <string>
#include <vector>

#include "remote-refs.h"

namespace git {

class Repository;
struct Remote;

struct PushNegotiation {
  std::vector<ObjectId> common;  // known to be there
  std::string summary;           // for a person: rounds, haves and so on, or why there was none
  bool was_held = false;
};

// Asks where there is something to gain; `common` is empty where not. `url` is where the push goes.
PushNegotiation negotiate_push(Repository& repo, const Remote& remote, const std::string& url, const RemoteRefs& refs,
                               bool is_verbose);

// The same before the server's refs are known: which of the commits that `tips` reach does it have?
PushNegotiation negotiate_tips(Repository& repo, const Remote& remote, const std::string& url, const std::vector<ObjectId>& tips,
                               bool is_verbose);

// How many objects a plain push of `refs` would send on top of those that it sends with `common` known. Walks both, so for
// -v only.
std::size_t count_objects_saved(Repository& repo, const RemoteRefs& refs, const std::vector<ObjectId>& common);

}  // namespace git
