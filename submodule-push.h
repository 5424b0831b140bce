// push.recurseSubmodules: what the pushed commits record of submodules must be pushed too.
#pragma once

#include <string>

#include "remote-refs.h"

namespace git {

class Repository;
class Transport;

enum class SubmodulePush : unsigned char { off, check, on_demand, only };

// "check", "on-demand", "only", "no"; dies on another word.
SubmodulePush parse_submodule_push(const std::string& option, const std::string& value);
// False where the push must not go on (after saying why).
bool push_submodules_first(Repository& repo, Transport& transport, const RemoteRefs& refs, unsigned flags);

}  // namespace git
