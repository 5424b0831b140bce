// The subcommands of git maintenance that have others run it: register, unregister, start, stop.
#pragma once

#include <string>
#include <vector>

namespace git {

struct Invocation;

int maintenance_register(Invocation& inv, const std::vector<std::string>& args);
int maintenance_unregister(Invocation& inv, const std::vector<std::string>& args);
int maintenance_start(Invocation& inv, const std::vector<std::string>& args);
int maintenance_stop(Invocation& inv, const std::vector<std::string>& args);

}  // namespace git
