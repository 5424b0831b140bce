// A path may enter the index only if no file system can take it for ".git" or let it climb out of the worktree.
#include <algorithm>
#include <string>

#include "base/dot-names.h"
#include "base/strings.h"
#include "index/dir.h"
#include "index/worktree-settings.h"
#include "repository.h"

namespace git {
namespace {

bool is_bad_component(std::string_view component, std::uint32_t mode, const WorktreeSettings& settings) {
  if (component.empty() || component == "." || component == "..") return true;
  if (iequals(component, ".git")) return true;
  bool is_link = is_link_mode(mode);
  if (is_link && iequals(component, ".gitmodules")) return true;
  if (settings.protect_hfs) {
    if (is_hfs_dotgit(component)) return true;
    if (is_link && is_hfs_dot_file(component, "gitmodules")) return true;
  }
  if (settings.protect_ntfs) {
    for (std::string_view part : split(component, '\\')) {
      if (is_ntfs_dotgit(part)) return true;
      if (is_link && is_ntfs_dot_file(part, "gitmodules", "gi7eba")) return true;
    }
  }
  return false;
}

}  // namespace

bool verify_path(Repository& repo, std::string_view path, std::uint32_t mode) {
  return verify_path(read_worktree_settings(repo), path, mode);
}

bool verify_path(const WorktreeSettings& settings, std::string_view path, std::uint32_t mode) {
  if (path.empty()) return false;
  if (is_tree_mode(mode) && path.back() == '/') path.remove_suffix(1);
  for (std::size_t at = 0; at <= path.size();) {
    std::size_t slash = std::min(path.find('/', at), path.size());
    if (is_bad_component(path.substr(at, slash - at), mode, settings)) return false;
    at = slash + 1;
  }
  return true;
}

}  // namespace git
