// Which files hold the system's and the user's configuration.
#include "base/build-config.h"
#include "base/env.h"
#include "base/files.h"
#include "config.h"

namespace git {

std::string system_config_path() {
  if (auto path = get_env("GIT_CONFIG_SYSTEM")) return *path;
  return std::string(kSysconfDir) + "/gitconfig";
}
std::string xdg_config_path(std::string_view name) {
  auto xdg = get_env("XDG_CONFIG_HOME");
  if (xdg && !xdg->empty()) return path_join(*xdg, "git/" + std::string(name));
  auto home = get_env("HOME");
  if (home && !home->empty()) return path_join(*home, ".config/git/" + std::string(name));
  return {};
}
std::vector<std::string> global_config_paths() {
  if (auto path = get_env("GIT_CONFIG_GLOBAL")) return {*path};
  std::vector<std::string> paths;
  if (std::string xdg = xdg_config_path("config"); !xdg.empty()) paths.push_back(xdg);
  if (auto home = get_env("HOME")) paths.push_back(path_join(*home, ".gitconfig"));
  return paths;
}

}  // namespace git
