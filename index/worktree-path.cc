// Looking at and removing paths of the worktree without following a symbolic link out of it.
#include <dirent.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "index/dir.h"

namespace git {
namespace {

// Written once before any command runs; every removal far below asks it.
std::string& protected_directory() {
  static std::string path;
  return path;
}

}  // namespace

void protect_original_cwd(std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  protected_directory() = std::move(path);
}

bool is_original_cwd(std::string_view path) {
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return !path.empty() && path == protected_directory();
}

bool has_symlink_leading_path(std::string_view path) {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    if (slash == 0 || slash + 1 == path.size()) continue;
    struct stat st {};
    if (lstat(std::string(path.substr(0, slash)).c_str(), &st) < 0) return false;
    if (S_ISLNK(st.st_mode)) return true;
    if (!S_ISDIR(st.st_mode)) return false;
  }
  return false;
}

bool has_dirs_only_path(std::string_view path) {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    struct stat st {};
    if (lstat(std::string(path.substr(0, slash)).c_str(), &st) < 0 || !S_ISDIR(st.st_mode)) return false;
  }
  return true;
}

bool path_is_beyond_symlink(std::string_view path) { return has_symlink_leading_path(path); }

int remove_path_and_empty_parents(const std::string& path) {
  if (unlink(path.c_str()) < 0 && errno != ENOENT && errno != ENOTDIR) return -1;
  std::string parent(path);
  for (std::size_t slash = parent.rfind('/'); slash != std::string::npos && slash; slash = parent.rfind('/')) {
    parent.resize(slash);
    if (is_original_cwd(parent) || rmdir(parent.c_str()) < 0) break;
  }
  return 0;
}

int remove_dir_recursive(const std::string& path, unsigned flags) {
  if ((flags & kRemoveKeepNestedGit) && is_nonbare_repository_dir(path)) return 0;
  DIR* dir = opendir(path.c_str());
  if (!dir) {
    if (errno == ENOENT) return flags & kRemoveKeepToplevel ? -1 : 0;
    if (errno == EACCES && !(flags & kRemoveKeepToplevel)) return rmdir(path.c_str());
    return -1;
  }
  std::vector<std::string> names;
  while (struct dirent* e = readdir(dir))
    if (std::string_view name = e->d_name; name != "." && name != "..") names.emplace_back(name);
  closedir(dir);
  int result = 0;
  bool kept = false;
  for (const std::string& name : names) {
    std::string child = path_join(path, name);
    struct stat st {};
    if (lstat(child.c_str(), &st) < 0) {
      if (errno == ENOENT) continue;
      result = -1;
      break;
    }
    if (S_ISDIR(st.st_mode)) {
      if (remove_dir_recursive(child, flags & ~unsigned{kRemoveKeepToplevel}) == 0) {
        kept |= path_exists(child);
        continue;
      }
    } else if (!(flags & kRemoveEmptyOnly) && (unlink(child.c_str()) == 0 || errno == ENOENT)) {
      continue;
    }
    result = -1;
    break;
  }
  if (result || kept || (flags & kRemoveKeepToplevel)) return result;
  if (!(flags & kRemovePurgeOriginalCwd) && is_original_cwd(path)) return -1;
  return rmdir(path.c_str()) == 0 || errno == ENOENT ? 0 : -1;
}

}  // namespace git
