// Aliases (git-config(1), "alias.*"): "alias.st = status -s", "alias.x = !shell text", and the form with a subsection,
// "[alias \"förgrena\"] command = branch", whose names may hold any character.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace git {

class Config;

// What `name` stands for; dies where the configuration has it without a value.
std::optional<std::string> find_alias(const Config& config, std::string_view name);
// All of them: name and text, in order of the configuration, the last word on each.
std::vector<std::pair<std::string, std::string>> list_aliases(const Config& config);

}  // namespace git
