// One Config: entries in order, and an index by key.  Both are made on the first question.
#include "config.h"

#include <limits>
#include <set>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config/load.h"

namespace git {

void die_bad_config_variable(const ConfigEntry& entry) {
  if (entry.origin == ConfigOrigin::command_line || entry.file.empty())
    die("unable to parse '%s' from command-line config", entry.key);
  die("bad config variable '%s' in file '%s' at line %d", entry.key, entry.file, entry.line);
}
void die_missing_config_value(const ConfigEntry& entry) {
  error("missing value for '%s'", entry.key);
  die_bad_config_variable(entry);
}

void Config::load() const {
  if (is_loaded_) return;
  is_loaded_ = true;
  config::Loader loader(sources_);
  loader.load_all();
  entries_ = loader.take();
  entries_.insert(entries_.end(), overrides_.begin(), overrides_.end());
  by_key_.clear();
  for (const ConfigEntry& entry : entries_) by_key_[entry.key].push_back(&entry);
}
void Config::reload() {
  is_loaded_ = false;
  by_key_.clear();
  entries_.clear();
}
void Config::add_command_override(std::string key, std::optional<std::string> value) {
  ConfigEntry entry;
  entry.key = std::move(key);
  entry.value = std::move(value);
  entry.scope = ConfigScope::command;
  entry.origin = ConfigOrigin::command_line;
  overrides_.push_back(std::move(entry));
  reload();
}

const std::vector<ConfigEntry>& Config::entries() const {
  load();
  return entries_;
}
const std::vector<const ConfigEntry*>& Config::find_all(std::string_view key) const {
  static const std::vector<const ConfigEntry*> none;
  load();
  auto at = by_key_.find(std::string(key));
  return at == by_key_.end() ? none : at->second;
}
const ConfigEntry* Config::find(std::string_view key) const {
  const auto& all = find_all(key);
  return all.empty() ? nullptr : all.back();
}

std::optional<std::string> Config::get_string(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  if (!entry->value) die_missing_config_value(*entry);
  return entry->value;
}
std::optional<bool> Config::get_bool(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  return parse_config_bool(entry->key, entry->value).take_or_die();
}
std::optional<bool> Config::get_maybe_bool(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  return parse_maybe_bool(entry->value);
}

namespace {
std::int64_t number_or_die(const ConfigEntry& entry, std::int64_t low, std::int64_t high) {
  bool out_of_range = false;
  auto value = parse_config_int64(entry.value.value_or(""), low, high, &out_of_range);
  if (!value) die_bad_config_number(entry, out_of_range);
  return *value;
}
}  // namespace

std::optional<std::int64_t> Config::get_int64(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  return number_or_die(*entry, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}
std::optional<int> Config::get_int(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  return static_cast<int>(number_or_die(*entry, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}
std::optional<std::uint64_t> Config::get_ulong(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  return static_cast<std::uint64_t>(number_or_die(*entry, 0, std::numeric_limits<std::int64_t>::max()));
}
std::optional<std::string> Config::get_path(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  if (!entry->value) die_missing_config_value(*entry);
  return expand_config_path(*entry->value);
}
std::optional<int> Config::get_bool_or_int(std::string_view key, bool* is_bool) const {
  const ConfigEntry* entry = find(key);
  if (!entry) return std::nullopt;
  std::optional<bool> truth = entry->value ? parse_maybe_bool_text(*entry->value) : std::optional<bool>(true);
  *is_bool = truth.has_value();
  if (truth) return *truth;
  return static_cast<int>(number_or_die(*entry, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}
std::vector<std::string> Config::get_strings(std::string_view key) const {
  std::vector<std::string> values;
  for (const ConfigEntry* entry : find_all(key)) {
    if (!entry->value) die_missing_config_value(*entry);
    values.push_back(*entry->value);
  }
  return values;
}
std::vector<std::string> Config::subsections(std::string_view section) const {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const ConfigEntry& entry : entries()) {
    std::string_view rest = entry.key;
    if (!skip_prefix(rest, section) || !skip_prefix(rest, ".")) continue;
    std::size_t dot = rest.rfind('.');
    if (dot == std::string_view::npos) continue;
    std::string name(rest.substr(0, dot));
    if (seen.insert(name).second) names.push_back(std::move(name));
  }
  return names;
}

std::optional<std::string> expand_config_path(std::string_view value) {
  bool optional = skip_prefix(value, ":(optional)");
  auto path = expand_user_path(value);
  if (!path) die("failed to expand user dir in: '%s'", value);
  if (optional && !path_exists(*path)) return std::nullopt;
  return path;
}

Result<std::vector<ConfigEntry>> parse_config_text(std::string_view text, const std::string& name) {
  ConfigEntry where;
  where.origin = ConfigOrigin::file;
  where.file = name;
  return config::entries_of_text(text, where);
}
Result<std::vector<ConfigEntry>> read_config_file(const std::string& path, bool respect_includes, const ConfigSources& sources) {
  auto text = read_file(path);
  if (!text) return text.error();
  ConfigEntry where;
  where.origin = ConfigOrigin::file;
  where.file = path;
  return read_config_text(*text, where, respect_includes, sources);
}
Result<std::vector<ConfigEntry>> read_config_text(std::string_view text, const ConfigEntry& where, bool respect_includes,
                                                  const ConfigSources& sources) {
  ConfigSources own = sources;
  own.respect_includes = respect_includes;
  config::Loader loader(own);
  loader.set_single_text(text, where);
  auto done = loader.add_text(text, where);
  if (!done) return done.error();
  return loader.take();
}

}  // namespace git
