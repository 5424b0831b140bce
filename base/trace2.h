// Structured tracing (api-trace2): what happened, when, in which thread and child, to three targets: GIT_TRACE2 (normal),
// GIT_TRACE2_PERF and GIT_TRACE2_EVENT (JSON lines).  All calls are cheap while no target is on.
//
//   trace2::Region region("index", "do_read_index");        // enter, and leave at the end of the block
//   trace2::data("fetch", "negotiated", 12);
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include "base/where.h"

namespace git::trace2 {

// ---- the life of the program ----
// What system and global configuration say, read by whoever may read it; the environment goes before it.
struct Settings {
  std::string normal_target, perf_target, event_target;
  bool normal_brief = false, perf_brief = false, event_brief = false;
  int event_nesting = 2;
  int max_files = 0;
  // Settings and variables that are told once the command is known: scope, name, value.
  struct Param {
    std::string scope, name, value;
  };
  std::function<std::vector<Param>()> params;
};
void start(const std::vector<std::string>& argv, const Settings& settings, Where where = Where::current());
void finish(int code, Where where = Where::current());
bool is_enabled();

void command_name(std::string_view name, Where where = Where::current());
void command_mode(std::string_view mode, Where where = Where::current());
void command_alias(std::string_view alias, const std::vector<std::string>& argv, Where where = Where::current());
void repository(const std::string& worktree, Where where = Where::current());
void error(std::string_view message, std::string_view format, Where where = Where::current());
inline void error(std::string_view message) { error(message, message); }
void def_param(std::string_view scope, std::string_view name, std::string_view value, Where where = Where::current());

// ---- children ----
struct ChildInfo {
  std::string child_class, hook_name, dir;
  std::vector<std::string> argv;
  bool git_command = false, use_shell = false;
};
int child_start(const ChildInfo& info, Where where = Where::current());  // an id for child_exit()
void child_exit(int id, int pid, int code, Where where = Where::current());
int exec(std::string_view exe, const std::vector<std::string>& argv, Where where = Where::current());

// ---- regions and data ----
void region_enter(std::string_view category, std::string_view label, std::string_view message = {},
                  Where where = Where::current());
void region_leave(std::string_view category, std::string_view label, std::string_view message = {},
                  Where where = Where::current());
class Region {
 public:
  Region(std::string_view category, std::string_view label, std::string_view message = {}, Where where = Where::current())
      : category_(category), label_(label), message_(message), where_(where) {
    region_enter(category, label, message, where);
  }
  ~Region() { region_leave(category_, label_, message_, where_); }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

 private:
  std::string category_, label_, message_;
  Where where_;
};
void data(std::string_view category, std::string_view key, std::string_view value, Where where = Where::current());
void data(std::string_view category, std::string_view key, std::int64_t value, Where where = Where::current());
void data_json(std::string_view category, std::string_view key, std::string_view json, Where where = Where::current());
void print(std::string_view message, Where where = Where::current());

// ---- threads ----
void thread_start(std::string_view name, Where where = Where::current());  // from inside the thread
void thread_exit(Where where = Where::current());

// ---- stopwatches and counters, summed over threads, told at the end ----
enum class Timer : std::uint8_t { test1, test2, kCount };
void timer_start(Timer timer);
void timer_stop(Timer timer);
enum class Counter : std::uint8_t { test1, test2, kCount };
void counter_add(Counter counter, std::uint64_t value);
// A counter by name, told at the end.
void count(std::string_view category, std::string_view name, std::uint64_t n = 1);

}  // namespace git::trace2
