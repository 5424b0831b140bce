// Structured tracing (api-trace2): what happened, when, in which thread and child, to three targets: GIT_TRACE2 (normal),
// GIT_TRACE2_PERF and GIT_TRACE2_EVENT (JSON lines).  Costs a look at three pointers where none is asked for.
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

bool is_enabled();
void start(const std::vector<std::string>& argv);
void finish(int code);
void command_name(std::string_view name);
void command_alias(std::string_view alias, const std::vector<std::string>& argv);
void command_mode(std::string_view mode);
void repository(const std::string& worktree);
void error(std::string_view message);

// A phase, and what was found in it.
void region_enter(std::string_view category, std::string_view label);
void region_leave(std::string_view category, std::string_view label);
void data(std::string_view category, std::string_view key, std::string_view value);
void data(std::string_view category, std::string_view key, std::int64_t value);
// Adds to a counter that is told at the end of the process.
void count(std::string_view category, std::string_view name, std::uint64_t n = 1);

class Region {
 public:
  Region(std::string_view category, std::string_view label) : category_(category), label_(label) {
    region_enter(category, label);
  }
  ~Region() { region_leave(category_, label_); }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

 private:
  std::string category_, label_;
};

}  // namespace git::trace2
