// The file is edited as configuration, so that its layout stays.
#include "index/gitmodules-file.h"

#include <sys/stat.h>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/add-to-index.h"

namespace git {
namespace {

constexpr const char* kFile = ".gitmodules";

}  // namespace

std::optional<std::string> submodule_name_of_path(const std::string& path) {
  Result<std::string> text = read_file(kFile);
  if (!text) return std::nullopt;
  Result<std::vector<ConfigEntry>> entries = parse_config_text(*text, kFile);
  if (!entries) return std::nullopt;
  for (const ConfigEntry& e : *entries) {
    std::string_view key = e.key;
    if (skip_prefix(key, "submodule.") && strip_suffix(key, ".path") && e.value && *e.value == path) return std::string(key);
  }
  return std::nullopt;
}

bool is_staging_gitmodules_ok(Index& index) {
  IndexEntry* e = index.find(kFile);
  struct stat st {};
  if (!e || lstat(kFile, &st) < 0) return true;
  return !(index.modified(*e, st, 0) & Index::kData);
}

bool remove_path_from_gitmodules(Index& index, const std::string& path) {
  if (!path_exists(kFile)) return false;
  if (index.is_path_unmerged(kFile)) die("Cannot change unmerged .gitmodules, resolve merge conflicts first");
  std::optional<std::string> name = submodule_name_of_path(path);
  if (!name) {
    warning("Could not find section in .gitmodules where path=%s", path);
    return false;
  }
  if (config_rename_section_in_file(kFile, "submodule." + *name, std::nullopt) < 0) {
    warning("Could not remove .gitmodules entry for %s", path);
    return false;
  }
  return true;
}

bool update_path_in_gitmodules(Index& index, const std::string& from, const std::string& to) {
  if (!path_exists(kFile)) return false;
  if (index.is_path_unmerged(kFile)) die("Cannot change unmerged .gitmodules, resolve merge conflicts first");
  std::optional<std::string> name = submodule_name_of_path(from);
  if (!name) {
    warning("Could not find section in .gitmodules where path=%s", from);
    return false;
  }
  if (config_set_in_file(kFile, "submodule." + *name + ".path", to)) {
    warning("Could not update .gitmodules entry %s", "submodule." + *name + ".path");
    return false;
  }
  return true;
}

void stage_gitmodules(Index& index) {
  if (add_file_to_index(index, kFile, 0)) die("staging updated .gitmodules failed");
}

}  // namespace git
