// Bringing one file from a URI: https:// by the remote helper's "get", file:// and plain paths by copying.
#pragma once

#include <string>

namespace git {

// True where `path` has what is at `uri`; what went wrong was said.
bool download_uri(const std::string& uri, const std::string& path);

}  // namespace git
