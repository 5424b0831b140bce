// The words for yes and no are those of git-config(1), "boolean".
#include "base/env.h"

#include <cstdlib>

#include "base/error.h"
#include "base/strings.h"

namespace git {

std::optional<std::string> get_env(const char* name) {
  const char* value = std::getenv(name);
  if (!value) return std::nullopt;
  return std::string(value);
}
std::string get_env_or(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return std::string(value ? std::string_view(value) : fallback);
}
void set_env(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
void unset_env(const char* name) { ::unsetenv(name); }

std::optional<bool> parse_maybe_bool_text(std::string_view text) {
  if (text.empty()) return false;
  for (const char* yes : {"true", "yes", "on"})
    if (iequals(text, yes)) return true;
  for (const char* no : {"false", "no", "off"})
    if (iequals(text, no)) return false;
  return std::nullopt;
}

bool env_bool(const char* name, bool fallback) {
  const char* value = std::getenv(name);
  if (!value) return fallback;
  if (auto truth = parse_maybe_bool_text(value)) return *truth;
  if (auto number = parse_int_with_unit(value)) return *number != 0;
  die("bad boolean environment value '%s' for '%s'", value, name);
}
unsigned long env_ulong(const char* name, unsigned long fallback) {
  const char* value = std::getenv(name);
  if (!value) return fallback;
  auto number = parse_int_with_unit(value);
  if (!number || *number < 0) die("failed to parse %s", name);
  return static_cast<unsigned long>(*number);
}

}  // namespace git
