// Starting trace2 with what the configuration says about it (git-config(1), "trace2.*").
#pragma once

#include <string>
#include <vector>

namespace git {

void start_tracing(const std::vector<std::string>& argv);

}  // namespace git
