// git diff --no-index: two files or directories that no repository need know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

class Repository;

// `args` without the command's name. `repo` lends configuration where it is there. 0: no differences, 1: some; usage
// errors leave with 129.
int diff_no_index(Repository* repo, std::string_view prefix, const std::vector<std::string>& args, bool is_explicit);

}  // namespace git
