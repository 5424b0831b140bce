// Names that some file system takes for ".git", ".gitmodules" and their like: HFS+ ignores some code points and
// letter case, NTFS has short names, trailing dots and spaces, and streams.
#pragma once

#include <string_view>

namespace git {

bool is_hfs_dotgit(std::string_view component);
bool is_ntfs_dotgit(std::string_view component);
bool is_hfs_dot_file(std::string_view component, std::string_view name);  // name without the dot: "gitmodules"
bool is_ntfs_dot_file(std::string_view component, std::string_view name, std::string_view short_prefix);

}  // namespace git
