// The environment, read by name; config-like booleans as git reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

std::optional<std::string> get_env(const char* name);
std::string get_env_or(const char* name, std::string_view fallback);
void set_env(const char* name, const std::string& value);
void unset_env(const char* name);
// true/yes/on/1, false/no/off/0/""; dies with git's "bad boolean environment value '%s' for '%s'".
bool env_bool(const char* name, bool fallback);
unsigned long env_ulong(const char* name, unsigned long fallback);  // with k/m/g
// git's maybe-bool of a text: true, false, or nullopt where it is neither.
std::optional<bool> parse_maybe_bool_text(std::string_view text);

}  // namespace git
