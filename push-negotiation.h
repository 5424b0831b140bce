// push.negotiate: before a push, ask the server what it has of what is pushed, so that the pack holds no more than
// needed. Asked by a child ("git fetch --negotiate-only") over the transport's own means; whatever goes wrong there, the
// push goes on without it.
#pragma once

#include <vector>

#include "remote-refs.h"

namespace git {

class Repository;
struct Remote;

// The commits known to be there; empty where there was nothing to gain or no answer. `url` is where the push goes.
std::vector<ObjectId> negotiate_push(Repository& repo, const Remote& remote, const std::string& url, const RemoteRefs& refs,
                                     bool is_verbose);

// The same before the server's refs are known: which of the commits that `tips` reach does it have?
std::vector<ObjectId> negotiate_tips(Repository& repo, const Remote& remote, const std::string& url,
                                     const std::vector<ObjectId>& tips, bool is_verbose);

}  // namespace git
