// Names in the old form are folded by the configuration; in the subsection form they are as written.
#include "alias.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

struct AliasKey {
  std::string_view name;
  bool exact = false;  // the case matters
};

std::optional<AliasKey> parse_key(std::string_view key) {
  if (!skip_prefix(key, "alias.")) return std::nullopt;
  std::size_t dot = key.rfind('.');
  if (dot == 0) return AliasKey{key.substr(1), false};  // an empty subsection is none
  if (dot != std::string_view::npos && key.substr(dot + 1) == "command") return AliasKey{key.substr(0, dot), true};
  return AliasKey{key, false};
}

}  // namespace

std::optional<std::string> find_alias(const Config& config, std::string_view name) {
  const ConfigEntry* found = nullptr;
  for (const ConfigEntry& entry : config.entries()) {
    auto key = parse_key(entry.key);
    if (!key || !(key->exact ? key->name == name : iequals(key->name, name))) continue;
    found = &entry;
  }
  if (!found) return std::nullopt;
  if (!found->value) die_missing_config_value(*found);
  return found->value;
}

std::vector<std::pair<std::string, std::string>> list_aliases(const Config& config) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const ConfigEntry& entry : config.entries()) {
    auto key = parse_key(entry.key);
    if (!key || !entry.value) continue;
    auto same = std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.first == key->name; });
    if (same == all.end())
      all.emplace_back(key->name, *entry.value);
    else
      same->second = *entry.value;
  }
  return all;
}

}  // namespace git
