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

Result<std::vector<std::string>> split_command_line(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (!quote && is_space(c)) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    in_word = true;
    if (!quote && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'') {
      if (++i == text.size()) return make_error(ErrorKind::invalid, "cmdline ends with \\");
      word += text[i];
    } else {
      word += c;
    }
  }
  if (quote) return make_error(ErrorKind::invalid, "unclosed quote");
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace git
