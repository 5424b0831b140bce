// Reading all files of a configuration, with what they include.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config.h"

namespace git::config {

class Loader {
 public:
  explicit Loader(const ConfigSources& sources) : sources_(sources) {}

  void load_all();
  // Only one text is read: remote URLs for includeIf come from it alone.
  void set_single_text(std::string_view text, ConfigEntry where) {
    single_text_ = text;
    single_where_ = std::move(where);
  }
  bool add_file(const std::string& path, ConfigScope scope);  // false where it can't be read
  Result<void> add_text(std::string_view text, const ConfigEntry& where);
  void add_command_line();
  std::vector<ConfigEntry> take() { return std::move(entries_); }

 private:
  void add_entry(ConfigEntry entry);
  void include(const ConfigEntry& entry);
  bool condition_holds(std::string_view condition, const ConfigEntry& entry);
  bool match_dir(std::string_view pattern, const std::string& dir, bool fold_case, const ConfigEntry& entry);
  bool match_branch(std::string pattern);
  bool match_remote_url(std::string_view pattern);
  void collect_remote_urls();

  const ConfigSources& sources_;
  std::vector<ConfigEntry> entries_;
  int depth_ = 0;
  bool forbid_remote_urls_ = false;
  bool collecting_urls_ = false;
  std::optional<std::vector<std::string>> remote_urls_;
  std::optional<std::string_view> single_text_;
  ConfigEntry single_where_;
};

// One file's text as entries, nothing included.
Result<std::vector<ConfigEntry>> entries_of_text(std::string_view text, const ConfigEntry& where);

}  // namespace git::config
