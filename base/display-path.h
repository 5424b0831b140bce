// How messages show a path: seen from the current directory where it is below.
#pragma once

#include <string>

namespace git {

std::string display_path(const std::string& path);

}  // namespace git
