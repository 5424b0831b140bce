// Where git's own programs live, and the PATH by which children find them.
#include <cstdlib>

#include "base/build-config.h"
#include "base/env.h"
#include "base/files.h"
#include "base/run-command.h"

namespace git {

std::string git_exec_path() {
  auto set = get_env("GIT_EXEC_PATH");
  if (set && !set->empty()) return *set;
  return std::string(kBuiltExecPath);
}
void set_exec_path(const std::string& path) { set_env("GIT_EXEC_PATH", path); }

void setup_path() {
  std::string path = git_exec_path();
  if (!is_absolute_path(path)) path = absolute_path(path);
  auto old = get_env("PATH");
  set_env("PATH", path + ":" + (old && !old->empty() ? *old : std::string("/usr/local/bin:/usr/bin:/bin")));
}

}  // namespace git
