// Configuration (git-config(1), "CONFIGURATION FILE" and "SCOPES").  Read lazily, once; looked up by
// canonical key: section and variable in lower case, subsection as it is.  One Config belongs to a Repository;
// an early one (no repository) holds system, global and command scopes only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace git {

enum class ConfigScope : std::uint8_t { unknown, system, global, local, worktree, command, submodule };
std::string_view scope_name(ConfigScope scope);
enum class ConfigOrigin : std::uint8_t { file, blob, standard_input, command_line, submodule_blob, unknown };

// One value in the order it was read.
struct ConfigEntry {
  std::string key;                   // canonical, "remote.Origin.url"
  std::optional<std::string> value;  // nullopt: "[core] bare" without '='
  ConfigScope scope = ConfigScope::unknown;
  ConfigOrigin origin = ConfigOrigin::unknown;
  std::string file;  // file name, blob name, or ""
  int line = 0;
};

// Which files to read, and what the include conditions look at.
struct ConfigSources {
  std::string git_dir;               // for includeIf "gitdir:"; "" where there is none
  std::string common_dir;            // local scope: <common_dir>/config; "" leaves local and worktree out
  std::string display_dir;           // common_dir as messages and --show-origin name it; "" for common_dir itself
  std::string worktree;              // for includeIf "worktree:"
  bool use_worktree_config = false;  // extensions.worktreeConfig: <git_dir>/config.worktree
  bool ignore_system = false, ignore_global = false, ignore_local = false, ignore_command = false;
  bool respect_includes = true;
  // The branch HEAD points at, for includeIf "onbranch:"; absent where it can't be known yet.
  std::function<std::optional<std::string>()> current_branch;
};

class Config {
 public:
  Config() = default;  // empty
  explicit Config(ConfigSources sources) : sources_(std::move(sources)) {}

  // ---- looking up (all load on first use; a bad file dies with git's "bad config line %d in file %s") ----
  // The last value; nullptr where unset. A value without '=' is an entry whose value is nullopt.
  const ConfigEntry* find(std::string_view key) const;
  const std::vector<const ConfigEntry*>& find_all(std::string_view key) const;  // in order; empty where unset
  // Typed, each dies with git's message naming key and origin where the value does not parse
  // ("bad numeric config value '%s' for '%s' in file %s: invalid unit", "missing value for '%s'").
  std::optional<std::string> get_string(std::string_view key) const;
  std::optional<bool> get_bool(std::string_view key) const;
  std::optional<std::int64_t> get_int64(std::string_view key) const;
  std::optional<int> get_int(std::string_view key) const;
  std::optional<std::uint64_t> get_ulong(std::string_view key) const;
  std::optional<std::string> get_path(std::string_view key) const;  // "~" expanded; ":(optional)" missing file is unset
  std::optional<int> get_bool_or_int(std::string_view key, bool* is_bool) const;
  std::optional<bool> get_maybe_bool(std::string_view key) const;    // nullopt also where it is no bool
  std::vector<std::string> get_strings(std::string_view key) const;  // a multi-valued key; no reset by blank
  bool get_bool_or(std::string_view key, bool fallback) const { return get_bool(key).value_or(fallback); }
  int get_int_or(std::string_view key, int fallback) const { return get_int(key).value_or(fallback); }
  std::string get_string_or(std::string_view key, std::string_view fallback) const {
    return get_string(key).value_or(std::string(fallback));
  }
  // Every entry in order.
  const std::vector<ConfigEntry>& entries() const;
  // Subsections of a section, each once, in order of appearance: "remote" -> {"origin", ...}.
  std::vector<std::string> subsections(std::string_view section) const;

  void reload();                                                                 // forget what was read
  void add_command_override(std::string key, std::optional<std::string> value);  // behaves as `git -c`
  const ConfigSources& sources() const { return sources_; }

 private:
  void load() const;
  ConfigSources sources_;
  mutable bool is_loaded_ = false;
  mutable std::vector<ConfigEntry> entries_;
  mutable std::unordered_map<std::string, std::vector<const ConfigEntry*>> by_key_;
  std::vector<ConfigEntry> overrides_;
};

// ---- typed values on their own (config --type, options) ----
Result<bool> parse_config_bool(std::string_view key, const std::optional<std::string>& value);
std::optional<bool> parse_maybe_bool(const std::optional<std::string>& value);  // also integers
// `key` as the user typed it, made canonical; git's errors: "key does not contain a section: %s", "invalid key: %s" ...
Result<std::string> canonical_config_key(std::string_view key);

// ---- reading and writing one file ----
// Every entry of a config file's text. `name` is for messages.
Result<std::vector<ConfigEntry>> parse_config_text(std::string_view text, const std::string& name);
// `where` gives scope, origin and file to every entry.
Result<std::vector<ConfigEntry>> read_config_text(std::string_view text, const ConfigEntry& where, bool respect_includes,
                                                  const ConfigSources& sources);
Result<std::vector<ConfigEntry>> read_config_file(const std::string& path, bool respect_includes, const ConfigSources& sources);

// How set() picks the values it replaces.
struct ConfigValueMatch {
  std::optional<std::string> pattern;  // regular expression, "!" in front negates
  bool fixed = false;                  // compare the whole value instead
  bool none = false;                   // match nothing: a value is always added
};
// Writes under a lock, keeping comments and layout. `value` nullopt removes. `multi` replaces or removes all
// matches. Exit codes of git-config(1) are the int: 0, 5 (several matches / nothing to unset), 6 (bad pattern),
// 1 (bad key), 2 (no section), 3 (bad file), 4 (could not write).
int config_set_in_file(const std::string& path, std::string_view key, const std::optional<std::string>& value,
                       const ConfigValueMatch& match = {}, bool multi = false, std::string_view comment = {});
// new_name nullopt removes the section. Number of sections renamed, or -1.
// The same, or a copy of each such section behind it.
int config_copy_or_rename_section(const std::string& path, std::string_view old_name, const std::optional<std::string>& new_name,
                                  bool copy);
int config_rename_section_in_file(const std::string& path, std::string_view old_name, const std::optional<std::string>& new_name);

// ---- what `git -c` does: into GIT_CONFIG_PARAMETERS, for us and our children ----
void push_config_parameter(std::string_view text);  // "section.name=value" or "section.name"
void push_config_pair(std::string_view key, const std::optional<std::string>& value);

// ---- for those who look at single entries ----
[[noreturn]] void die_missing_config_value(const ConfigEntry& entry);  // "missing value for '%s'"
[[noreturn]] void die_bad_config_variable(const ConfigEntry& entry);   // naming file and line
[[noreturn]] void die_bad_config_number(const ConfigEntry& entry, bool out_of_range);
std::string config_origin_text(const ConfigEntry& entry);  // " in file %s", "" where unknown
// A number as config files write it (k/m/g, 0x); nullopt where it is none or lies outside.
std::optional<std::int64_t> parse_config_int64(const std::string& text, std::int64_t low, std::int64_t high, bool* out_of_range);
std::optional<std::string> expand_config_path(std::string_view value);  // as Config::get_path()

// core.sharedRepository: 0 umask, 0660 group, 0664 all, a negative value for an exact mode. Dies where it makes no sense.
int parse_shared_repository(std::string_view key, const std::optional<std::string>& value);

std::string system_config_path();
std::string xdg_config_path(std::string_view name);  // $XDG_CONFIG_HOME/git/name, "" where there is no home
std::vector<std::string> global_config_paths();      // ~/.gitconfig and $XDG_CONFIG_HOME/git/config, in reading order

}  // namespace git
