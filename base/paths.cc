// The pure half of files.h: paths as strings.
#include "base/files.h"

#include <vector>

namespace git {

bool is_absolute_path(std::string_view path) { return !path.empty() && path[0] == '/'; }

std::string path_join(std::string_view dir, std::string_view name) {
  std::string out(dir);
  if (!out.empty() && out.back() != '/') out += '/';
  return out.append(name);
}

std::string_view path_dirname(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  while (slash > 0 && path[slash - 1] == '/') slash--;
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}
std::string_view path_basename(std::string_view path) {
  if (path.empty()) return ".";
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

std::optional<std::string> normalize_path(std::string_view path) {
  std::string out;
  bool absolute = is_absolute_path(path);
  if (absolute) out = "/";
  std::size_t i = 0;
  while (i < path.size()) {
    while (i < path.size() && path[i] == '/') i++;
    std::size_t end = path.find('/', i);
    if (end == std::string_view::npos) end = path.size();
    std::string_view part = path.substr(i, end - i);
    bool has_slash = end < path.size();
    i = end;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (out.empty() || out == "/") return std::nullopt;
      out.pop_back();  // the slash every component carries while we build
      std::size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash + 1);
      continue;
    }
    out += part;
    if (has_slash || i >= path.size()) out += '/';
  }
  // "dir/." and "dir/sub/.." are directories, as "dir/" is.
  std::string_view last = path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
  bool wants_slash = last.empty() || last == "." || last == "..";
  if (!wants_slash && out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

namespace {
std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    std::size_t end = path.find('/');
    if (end != 0) parts.push_back(path.substr(0, end));
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  return parts;
}
}  // namespace

std::string relative_path(std::string_view path, std::string_view base) {
  if (path.empty()) return "./";
  if (base.empty() || is_absolute_path(path) != is_absolute_path(base)) return std::string(path);
  auto parts = components(path), above = components(base);
  std::size_t common = 0;
  while (common < parts.size() && common < above.size() && parts[common] == above[common]) common++;
  std::string out;
  for (std::size_t i = common; i < above.size(); i++) out += "../";
  for (std::size_t i = common; i < parts.size(); i++) out += std::string(parts[i]) + (i + 1 < parts.size() ? "/" : "");
  if (common < parts.size() && path.back() == '/') out += '/';
  return out.empty() ? "./" : out;
}

std::optional<std::string_view> path_below(std::string_view path, std::string_view dir) {
  while (dir.size() > 1 && dir.back() == '/') dir.remove_suffix(1);
  if (dir == "/") return is_absolute_path(path) ? std::optional(path.substr(1)) : std::nullopt;
  if (path.substr(0, dir.size()) != dir) return std::nullopt;
  if (path.size() == dir.size()) return std::string_view();
  if (path[dir.size()] != '/') return std::nullopt;
  path.remove_prefix(dir.size());
  while (!path.empty() && path[0] == '/') path.remove_prefix(1);
  return path;
}

}  // namespace git
