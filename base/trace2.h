// Structured tracing (api-trace2): what happened, when, in which thread and child, to three targets: GIT_TRACE2 (normal),
// GIT_TRACE2_PERF and GIT_TRACE2_EVENT (JSON lines).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace git::trace2 {

struct ChildInfo {
  std::string child_class, hook_name, dir;
  std::vector<std::string> argv;
  bool git_command = false, use_shell = false;
};
int child_start(const ChildInfo& info);  // an id for child_exit()
void child_exit(int id, int pid, int code);

void start(const std::vector<std::string>& argv);
void finish(int code);
void command_name(std::string_view name);
void command_alias(std::string_view alias, const std::vector<std::string>& argv);
void repository(const std::string& worktree);

}  // namespace git::trace2
