// See the header.
#include "base/display-path.h"

#include "base/files.h"

namespace git {

std::string display_path(const std::string& path) {
  std::string cwd = current_dir();
  if (cwd != "/") cwd += '/';
  if (path.compare(0, cwd.size(), cwd) != 0) return path;
  std::string rest = path.substr(cwd.size());
  // In a bare repository the git directory is ".".
  return rest.compare(0, 7, "objects") == 0 ? "./" + rest : rest;
}

}  // namespace git
