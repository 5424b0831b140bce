// Where git-credential-cache and its daemon meet: a Unix socket whose path may be longer than the kernel's limit.
#pragma once

#include <string>

#include "base/fd.h"

namespace git {

// -1 with errno where nobody listens.
UniqueFd connect_unix_socket(const std::string& path);
// Takes the place of a socket left behind; -1 with errno.
UniqueFd listen_unix_socket(const std::string& path);

}  // namespace git
