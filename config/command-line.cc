// Configuration from the environment: GIT_CONFIG_COUNT with its numbered pairs, and GIT_CONFIG_PARAMETERS, by which
// `git -c` reaches child processes.
//
//   'section.name'='value'   a pair; without "=..." the variable is just there
//   'section.name=value'     the older way
#include "base/env.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/strings.h"
#include "config/load.h"

namespace git {
namespace {

[[noreturn]] void die_unparsable() { die("unable to parse command-line config"); }

std::string checked_key(std::string_view key) {
  std::string_view text = trim(key);
  if (text.empty()) {
    error("empty config key");
    die_unparsable();
  }
  auto canonical = canonical_config_key(text);
  if (canonical) return *canonical;
  error("%s", canonical.error().message);
  die_unparsable();
}

ConfigEntry command_entry(std::string key, std::optional<std::string> value) {
  ConfigEntry entry;
  entry.key = std::move(key);
  entry.value = std::move(value);
  entry.scope = ConfigScope::command;
  entry.origin = ConfigOrigin::command_line;
  entry.line = -1;
  return entry;
}

std::vector<ConfigEntry> numbered_entries() {
  std::vector<ConfigEntry> entries;
  auto count_text = get_env("GIT_CONFIG_COUNT");
  if (!count_text || count_text->empty()) return entries;
  char* end = nullptr;
  unsigned long count = std::strtoul(count_text->c_str(), &end, 10);
  if (*end || count_text->find('-') != std::string::npos) {
    error("bogus count in %s", "GIT_CONFIG_COUNT");
    die_unparsable();
  }
  if (count > static_cast<unsigned long>(INT32_MAX)) {
    error("too many entries in %s", "GIT_CONFIG_COUNT");
    die_unparsable();
  }
  for (unsigned long i = 0; i < count; i++) {
    std::string key_name = strf("GIT_CONFIG_KEY_%d", i), value_name = strf("GIT_CONFIG_VALUE_%d", i);
    auto key = get_env(key_name.c_str()), value = get_env(value_name.c_str());
    if (!key) {
      error("missing config key %s", key_name);
      die_unparsable();
    }
    if (!value) {
      error("missing config value %s", value_name);
      die_unparsable();
    }
    entries.push_back(command_entry(checked_key(*key), *value));
  }
  return entries;
}

[[noreturn]] void die_bogus() {
  error("bogus format in %s", "GIT_CONFIG_PARAMETERS");
  die_unparsable();
}

std::vector<ConfigEntry> parameter_entries() {
  std::vector<ConfigEntry> entries;
  auto text = get_env("GIT_CONFIG_PARAMETERS");
  if (!text) return entries;
  std::string_view rest = ltrim(*text);
  while (!rest.empty()) {
    auto key = sq_dequote_step(rest);
    if (!key) die_bogus();
    if (rest.empty() || is_space(rest.front())) {
      std::size_t equals = key->find('=');
      std::optional<std::string> value;
      if (equals != std::string::npos) value = key->substr(equals + 1);
      if (equals == 0 || key->empty()) {
        error("bogus config parameter: %s", *key);
        die_unparsable();
      }
      entries.push_back(command_entry(checked_key(key->substr(0, equals)), value));
    } else if (rest.front() == '=') {
      rest.remove_prefix(1);
      std::optional<std::string> value;
      if (!rest.empty() && !is_space(rest.front())) {
        value = sq_dequote_step(rest);
        if (!value || (!rest.empty() && !is_space(rest.front()))) die_bogus();
      }
      entries.push_back(command_entry(checked_key(*key), value));
    } else {
      die_bogus();
    }
    rest = ltrim(rest);
  }
  return entries;
}

}  // namespace

namespace config {
void Loader::add_command_line() {
  for (ConfigEntry& entry : numbered_entries()) add_entry(std::move(entry));
  for (ConfigEntry& entry : parameter_entries()) add_entry(std::move(entry));
}
}  // namespace config

void push_config_pair(std::string_view key, const std::optional<std::string>& value) {
  std::string all = get_env_or("GIT_CONFIG_PARAMETERS", "");
  if (!all.empty()) all += ' ';
  all += sq_quote(key) + "=";
  if (value) all += sq_quote(*value);
  set_env("GIT_CONFIG_PARAMETERS", all);
}
void push_config_parameter(std::string_view text) {
  std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    push_config_pair(text, std::nullopt);
  else
    push_config_pair(text.substr(0, equals), std::string(text.substr(equals + 1)));
}

}  // namespace git
