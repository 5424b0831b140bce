// The user's editor (git-var(1), GIT_EDITOR and GIT_SEQUENCE_EDITOR).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace git {

class Repository;

// GIT_EDITOR, core.editor, VISUAL (where the terminal can do it), EDITOR, vi; nullopt on a dumb terminal without any.
std::optional<std::string> editor_command(Repository* repo);
std::optional<std::string> sequence_editor_command(Repository* repo);
// Edits `path`; the text afterwards. Says git's error and gives nullopt where the editor fails
// ("Terminal is dumb, but EDITOR unset", "there was a problem with the editor '%s'").
std::optional<std::string> launch_editor(Repository* repo, const std::string& path, const std::vector<std::string>& env = {});
std::optional<std::string> launch_sequence_editor(Repository* repo, const std::string& path,
                                                  const std::vector<std::string>& env = {});

}  // namespace git
