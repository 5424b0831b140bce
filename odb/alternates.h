// The list of alternates in the environment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

// GIT_ALTERNATE_OBJECT_DIRECTORIES: directories separated by colons, one with a colon in it C-quoted.
std::vector<std::string> parse_alternates_list(std::string_view list);

}  // namespace git
