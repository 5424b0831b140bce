// Remote helpers (gitremote-helpers(7)): "git remote-<name>" as another way to reach a repository.
#pragma once

#include <memory>
#include <string>

#include "transport.h"

namespace git {

std::unique_ptr<Transport> make_helper_transport(Repository* repo, Config& config, Remote* remote, const std::string& url,
                                                 const std::string& helper);

}  // namespace git
