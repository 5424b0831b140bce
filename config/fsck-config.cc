// The settings of a section that name messages; unknown names are warned about, as a newer git may know them.
#include "config/fsck-config.h"

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"

namespace git {

void load_fsck_skip_list(FsckOptions& options, const std::string& path, HashAlgo algo) {
  auto text = read_file(path);
  if (!text) die("could not open object name list: %s", path);
  options.add_skip_list(*text, algo);
}

FsckOptions default_fsck_options() {
  FsckOptions options;
  options.parse_config = [](std::string_view text) -> Result<FsckOptions::ConfigEntries> {
    auto parsed = parse_config_text(text, ".gitmodules");
    if (!parsed) return parsed.error();
    FsckOptions::ConfigEntries entries;
    for (ConfigEntry& entry : *parsed) entries.emplace_back(std::move(entry.key), std::move(entry.value));
    return entries;
  };
  return options;
}

std::string fsck_severities_from_config(const Config& config, const std::string& section, const char* unknown_message) {
  std::string list, prefix = section + ".";
  for (const ConfigEntry& entry : config.entries()) {
    std::string_view id = entry.key;
    if (!skip_prefix(id, prefix)) continue;
    if (!entry.value) die_missing_config_value(entry);
    std::string value = *entry.value;
    if (id == "skiplist") {
      value = expand_user_path(value).value_or(value);
    } else if (!find_fsck_message(id)) {
      warning(unknown_message, id);
      continue;
    }
    list += strf("%s%s=%s", list.empty() ? "" : ",", id, value);
  }
  return list;
}

FsckOptions fsck_options_from_config(const Config& config, const std::string& section, HashAlgo algo) {
  FsckOptions options = default_fsck_options();
  std::string prefix = section + ".";
  for (const ConfigEntry& entry : config.entries()) {
    std::string_view name = entry.key;
    if (!skip_prefix(name, prefix) || name.find('.') != std::string_view::npos) continue;
    if (name == "skiplist") {
      if (!entry.value) die_missing_config_value(entry);
      auto path = expand_user_path(*entry.value);
      if (!path) die_bad_config_variable(entry);
      load_fsck_skip_list(options, *path, algo);
      continue;
    }
    if (!entry.value) die_missing_config_value(entry);
    if (!find_fsck_message(name) && section != "fsck") {
      warning("skipping unknown msg id '%s'", name);
      continue;
    }
    options.set_severity(name, *entry.value);
  }
  return options;
}

}  // namespace git
