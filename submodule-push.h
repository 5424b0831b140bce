// push.recurseSubmodules: what the pushed commits record of submodules must be pushed too.
#pragma once

#include <string>
#include <vector>

#include "remote-refs.h"

namespace git {

class Repository;
class Transport;

enum class SubmodulePush : unsigned char { off, check, on_demand, only };

// "check", "on-demand", "only", "no"; dies on another word. "only-is-on-demand", which a push in a superproject asks for, is
// `current` unless that says "only".
SubmodulePush parse_submodule_push(const std::string& option, const std::string& value,
                                   SubmodulePush current = SubmodulePush::off);
// False where the push must not go on (after saying why).
bool push_submodules_first(Repository& repo, Transport& transport, const Refspec& refspec, const RemoteRefs& refs,
                           unsigned flags);
// In a submodule, for its superproject on branch `super_head` ("HEAD": on none): dies unless the remote is configured here and
// the refspecs name refs of this repository.
void check_submodule_push(Repository& repo, const std::string& super_head, const std::string& remote,
                          const std::vector<std::string>& refspecs);

}  // namespace git
