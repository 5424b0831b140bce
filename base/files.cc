// The half of files.h that looks at the disk.
#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "base/build-config.h"
#include "base/fd.h"

namespace git {
namespace {

bool same_inode(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

}  // namespace

std::string current_dir() {
  char buffer[PATH_MAX];
  if (!::getcwd(buffer, sizeof buffer)) die_errno("unable to get current working directory");
  return buffer;
}

std::string absolute_path(std::string_view path) {
  if (path.empty()) die("The empty string is not a valid path");
  if (is_absolute_path(path)) return std::string(path);
  std::string cwd = current_dir();
  // A $PWD that names the same place keeps the links the user went through.
  const char* pwd = std::getenv("PWD");
  if (pwd && is_absolute_path(pwd) && cwd != pwd) {
    auto here = stat_path(cwd), there = stat_path(pwd);
    if (here && there && same_inode(*here, *there)) cwd = pwd;
  }
  return path_join(cwd, path);
}

namespace {

// Resolves links component by component. `missing_ok`: how many trailing components may be missing.
Result<std::string> resolve(const std::string& path, bool many_missing) {
  if (path.empty()) return make_error(ErrorKind::invalid, "The empty string is not a valid path");
  std::string resolved, rest = path;
  if (is_absolute_path(path))
    resolved = "/";
  else
    resolved = current_dir();
  int links = 0;
  while (!rest.empty()) {
    std::size_t start = rest.find_first_not_of('/');
    if (start == std::string::npos) break;
    std::size_t end = rest.find('/', start);
    std::string part = rest.substr(start, end == std::string::npos ? end : end - start);
    rest = end == std::string::npos ? std::string() : rest.substr(end);
    if (part == ".") continue;
    if (part == "..") {
      resolved = std::string(path_dirname(resolved));
      continue;
    }
    std::string next = path_join(resolved, part);
    struct stat st;
    if (::lstat(next.c_str(), &st) < 0) {
      bool is_last = rest.find_first_not_of('/') == std::string::npos;
      if (errno != ENOENT && !(many_missing && errno == ENOTDIR))
        return make_error(ErrorKind::io, "Invalid path '%s': %s", next, std::strerror(errno));
      if (!is_last && !many_missing) return make_error(ErrorKind::missing, "Invalid path '%s': %s", next, std::strerror(errno));
      resolved = next;
      continue;
    }
    if (!S_ISLNK(st.st_mode)) {
      resolved = next;
      continue;
    }
    if (++links > 32) {
      errno = ELOOP;
      return make_error(ErrorKind::io, "More than %d nested symlinks on path '%s'", 32, path);
    }
    auto target = read_link(next);
    if (!target) return make_error(ErrorKind::io, "Invalid symlink '%s': %s", next, std::strerror(errno));
    if (is_absolute_path(*target)) resolved = "/";
    rest = *target + rest;
  }
  return resolved;
}

}  // namespace

Result<std::string> real_path(const std::string& path) { return resolve(path, false); }
std::string real_path_forgiving(const std::string& path) {
  Result<std::string> result = resolve(path, true);
  return result ? *result : absolute_path(path);
}

std::optional<std::string> expand_user_path(std::string_view path) {
  constexpr std::string_view kPrefixMark = "%(prefix)/";
  if (path.substr(0, kPrefixMark.size()) == kPrefixMark) return path_join(kPrefix, path.substr(kPrefixMark.size()));
  if (path.empty() || path[0] != '~') return std::string(path);
  std::size_t slash = path.find('/');
  std::string user(path.substr(1, slash == std::string_view::npos ? slash : slash - 1));
  std::string_view rest = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  if (user.empty()) {
    const char* home = std::getenv("HOME");
    if (!home) return std::nullopt;
    return std::string(home).append(rest);
  }
  const passwd* entry = ::getpwnam(user.c_str());
  if (!entry) return std::nullopt;
  return std::string(entry->pw_dir).append(rest);
}

std::optional<struct stat> stat_path(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) < 0) return std::nullopt;
  return st;
}
std::optional<struct stat> lstat_path(const std::string& path) {
  struct stat st;
  if (::lstat(path.c_str(), &st) < 0) return std::nullopt;
  return st;
}
bool path_exists(const std::string& path) { return lstat_path(path).has_value(); }
bool is_file(const std::string& path) {
  auto st = stat_path(path);
  return st && S_ISREG(st->st_mode);
}
bool is_directory(const std::string& path) {
  auto st = stat_path(path);
  return st && S_ISDIR(st->st_mode);
}
std::optional<std::string> read_link(const std::string& path) {
  std::string target(256, '\0');
  for (;;) {
    ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
    if (n < 0) return std::nullopt;
    if (static_cast<std::size_t>(n) < target.size()) {
      target.resize(static_cast<std::size_t>(n));
      return target;
    }
    target.resize(target.size() * 2);
  }
}

Result<std::string> read_file(const std::string& path) {
  UniqueFd fd = open_fd(path, O_RDONLY);
  if (!fd) {
    bool missing = errno == ENOENT || errno == ENOTDIR;
    return make_error(missing ? ErrorKind::missing : ErrorKind::io, "could not open '%s' for reading: %s", path,
                      std::strerror(errno));
  }
  Result<std::string> bytes = read_fd(fd.get());
  if (!bytes) return make_error(ErrorKind::io, "could not read '%s': %s", path, std::strerror(errno));
  return bytes;
}
std::optional<std::string> read_file_if_exists(const std::string& path) {
  Result<std::string> bytes = read_file(path);
  if (bytes) return std::move(*bytes);
  if (bytes.error().kind == ErrorKind::missing) return std::nullopt;
  die("%s", bytes.error().message);
}
bool write_file(const std::string& path, std::string_view bytes, int mode) {
  UniqueFd fd = open_fd(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  return fd && write_in_full(fd.get(), bytes) && fd.close();
}

bool make_dir(const std::string& path, int mode) { return ::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0; }
bool make_dirs(const std::string& path) {
  if (path.empty() || is_directory(path)) return true;
  if (!make_leading_dirs(path)) return false;
  return ::mkdir(path.c_str(), 0777) == 0 || (errno == EEXIST && is_directory(path));
}
bool make_leading_dirs(const std::string& path) {
  std::string parent(path_dirname(path));
  if (parent == "." || parent == "/") return true;
  return make_dirs(parent);
}
bool remove_file(const std::string& path) { return ::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR; }

// An explicit stack: a tree made to be deep must not exhaust ours.
bool remove_dir_recursively(const std::string& path, bool keep_top) {
  struct Level {
    std::string path;
    std::vector<std::string> names;
  };
  std::vector<Level> stack;
  stack.push_back({path, list_dir(path)});
  bool ok = true;
  while (!stack.empty()) {
    Level& level = stack.back();
    if (level.names.empty()) {
      if (!(keep_top && stack.size() == 1) && ::rmdir(level.path.c_str()) < 0 && errno != ENOENT) ok = false;
      stack.pop_back();
      continue;
    }
    std::string child = path_join(level.path, level.names.back());
    level.names.pop_back();
    auto st = lstat_path(child);
    if (st && S_ISDIR(st->st_mode))
      stack.push_back({child, list_dir(child)});
    else if (st && ::unlink(child.c_str()) < 0)
      ok = false;
  }
  return ok;
}
void remove_empty_parents(std::string path, std::string_view stop) {
  for (;;) {
    path = std::string(path_dirname(path));
    if (path == stop || path == "." || path == "/" || path.size() < stop.size()) return;
    if (::rmdir(path.c_str()) < 0) return;
  }
}

std::vector<std::string> list_dir(const std::string& path) {
  std::vector<std::string> names;
  DIR* dir = ::opendir(path.c_str());
  if (!dir) return names;
  while (const dirent* entry = ::readdir(dir)) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  int saved = errno;
  ::closedir(dir);
  errno = saved;
  return names;
}
bool is_empty_dir(const std::string& path) { return is_directory(path) && list_dir(path).empty(); }

bool adjust_shared_perm(const std::string& path, int shared) {
  if (shared == 0) return true;
  auto st = lstat_path(path);
  if (!st) return false;
  mode_t old_mode = st->st_mode, mode;
  mode_t tweak = static_cast<mode_t>(shared < 0 ? -shared : shared);
  if (!(old_mode & S_IWUSR)) tweak &= ~static_cast<mode_t>(0222);
  if (old_mode & S_IXUSR) tweak |= (tweak & 0444) >> 2;
  mode = shared < 0 ? (old_mode & ~static_cast<mode_t>(0777)) | tweak : old_mode | tweak;
  if (S_ISDIR(mode)) {
    mode |= (mode & 0444) >> 2;  // a directory that may be read may be entered
    mode |= S_ISGID;             // new files inherit the group
  }
  if (((old_mode ^ mode) & ~static_cast<mode_t>(S_IFMT)) == 0) return true;
  return ::chmod(path.c_str(), mode & ~static_cast<mode_t>(S_IFMT)) == 0;
}

}  // namespace git
