// The white space of messages (git-stripspace(1)).
#pragma once

#include <string>
#include <string_view>

namespace git {

// Removes trailing space of lines, empty lines at both ends and runs of them in between; lines that start with
// `comment_prefix` too, where that isn't empty. A last line gets its newline.
std::string strip_space(std::string_view text, std::string_view comment_prefix = {});
// Each line behind "# " (or "#" where it is empty or starts with a tab).
std::string comment_lines(std::string_view text, std::string_view comment_prefix);

}  // namespace git
