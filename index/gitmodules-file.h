// Keeping .gitmodules in step when a submodule is moved or removed.
#pragma once

#include <optional>
#include <string>

namespace git {

class Index;

// The submodule whose path this is; nullopt where .gitmodules does not know it.
std::optional<std::string> submodule_name_of_path(const std::string& path);
// True where .gitmodules was changed. Warns where it doesn't know the path.
bool remove_path_from_gitmodules(Index& index, const std::string& path);
bool update_path_in_gitmodules(Index& index, const std::string& from, const std::string& to);
// git add .gitmodules
void stage_gitmodules(Index& index);
bool is_staging_gitmodules_ok(Index& index);

}  // namespace git
