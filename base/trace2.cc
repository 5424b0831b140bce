// Each event is told to every target that is on, in that target's words; a line is one write, so that lines of several
// processes sharing a file don't mix.  The state is the program's: there is one trace of one process.
#include "base/trace2.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>

#include "base/build-config.h"
#include "base/error-observer.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/json-writer.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/trace.h"
#include "base/trace2-sid.h"

namespace git::trace2 {
namespace {

constexpr const char* kParentName = "GIT_TRACE2_PARENT_NAME";

struct Target {
  UniqueFd file;
  int fd = -1;
  bool brief = false;
  bool is_on() const { return fd >= 0; }
};

struct TimerSum {
  std::uint64_t total = 0, min = UINT64_MAX, max = 0, started = 0;
  std::uint64_t intervals = 0;
  int depth = 0;
  void add(const TimerSum& other) {
    total += other.total;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    intervals += other.intervals;
  }
};
constexpr std::size_t kTimers = static_cast<std::size_t>(Timer::kCount), kCounters = static_cast<std::size_t>(Counter::kCount);

struct State {
  Target normal, perf, event;
  std::string sid, hierarchy;
  int depth = 0;  // of this process below the first one traced
  int nesting = 2;
  std::uint64_t started = 0;
  std::function<std::vector<Settings::Param>()> params;
  bool params_told = false, finished = false, redact = true;
  std::atomic<int> next_child{0}, next_thread{1}, next_exec{0};
  std::mutex mutex;
  std::map<int, std::uint64_t> child_started;
  std::array<TimerSum, kTimers> timers;
  std::array<std::uint64_t, kCounters> counters{};
  std::map<std::pair<std::string, std::string>, std::uint64_t> named_counters;
};
State& state() {
  static State* the = new State;  // never destroyed: threads may trace to the last
  return *the;
}
std::atomic<bool> enabled{false};

struct ThreadState {
  std::string name = "main";
  std::uint64_t started = 0;
  std::vector<std::uint64_t> regions;
  std::array<TimerSum, kTimers> timers;
  std::array<std::uint64_t, kCounters> counters{};
};
ThreadState& thread_state() {
  thread_local ThreadState the;
  return the;
}

double seconds_since(std::uint64_t then) { return static_cast<double>(trace_clock_ns() - then) / 1e9; }
double elapsed() { return seconds_since(state().started); }
std::string decimal(double seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", seconds);
  return text;
}
std::string padded_decimal(double seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "%9.6f", seconds);
  return text;
}

void write_line(Target& target, std::string line) {
  line += '\n';
  if (write_in_full(target.fd, line)) return;
  target.fd = -1;
}

// ---- normal ----

std::string clock_text() {
  timeval now{};
  ::gettimeofday(&now, nullptr);
  std::tm tm{};
  std::time_t seconds = now.tv_sec;
  ::localtime_r(&seconds, &tm);
  return strf("%02d:%02d:%02d.%06d", tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_usec);
}
void tell_normal(const Where& where, const std::string& text) {
  Target& target = state().normal;
  if (!target.is_on()) return;
  std::string line;
  if (!target.brief) {
    line = strf("%s %s:%d ", clock_text(), where.file, where.line);
    if (line.size() < 50) line.append(50 - line.size(), ' ');
  }
  write_line(target, line + text);
}

// ---- perf ----

struct Perf {
  const char* event;
  bool in_repo = false;
  std::optional<double> absolute = {}, relative = {};
  std::string_view category = {};
};
void tell_perf(const Where& where, const Perf& perf, const std::string& text, std::size_t indent = 0) {
  Target& target = state().perf;
  if (!target.is_on()) return;
  std::string line;
  if (!target.brief) {
    line = strf("%s %s:%d ", clock_text(), where.file, where.line);
    if (line.size() < 50) line.append(50 - line.size(), ' ');
    line += "| ";
  }
  line += strf("d%d | %-24s | %-12s | ", state().depth, thread_state().name, perf.event);
  line += perf.in_repo ? "r1  | " : "    | ";
  line += (perf.absolute ? padded_decimal(*perf.absolute) : std::string(9, ' ')) + " | ";
  line += (perf.relative ? padded_decimal(*perf.relative) : std::string(9, ' ')) + " | ";
  line += strf("%-12.12s | ", perf.category);
  if (indent) line.append(indent * 2, '.');
  write_line(target, line + text);
}

// ---- event ----

std::string iso_time() {
  timeval now{};
  ::gettimeofday(&now, nullptr);
  std::tm tm{};
  std::time_t seconds = now.tv_sec;
  ::gmtime_r(&seconds, &tm);
  return strf("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
              tm.tm_sec, now.tv_usec);
}
template <class Fill>
void tell_event(const Where& where, const char* name, bool in_repo, Fill fill) {
  Target& target = state().event;
  if (!target.is_on()) return;
  JsonWriter json;
  json.begin_object();
  json.field("event", name);
  json.field("sid", state().sid);
  json.field("thread", thread_state().name);
  std::string_view event = name;
  if (!target.brief || event == "version" || event == "atexit") json.field("time", iso_time());
  if (!target.brief) {
    json.field("file", where.file);
    json.field("line", static_cast<std::int64_t>(where.line));
  }
  if (in_repo) json.field("repo", 1);
  fill(json);
  json.end();
  write_line(target, json.text());
}
void add_array(JsonWriter& json, std::string_view key, const std::vector<std::string>& items) {
  json.begin_array(key);
  for (const std::string& item : items) json.item(item);
  json.end();
}

// ---- redaction ----

// "https://user:password@host" loses its password.
std::string redact(std::string_view arg) {
  if (!state().redact) return std::string(arg);
  std::size_t scheme = arg.find("://");
  if (scheme == std::string_view::npos) return std::string(arg);
  std::size_t start = scheme + 3, end = arg.find_first_of("/?# ", start);
  std::string_view authority = arg.substr(start, end == std::string_view::npos ? end : end - start);
  std::size_t at = authority.rfind('@'), colon = authority.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return std::string(arg);
  return std::string(arg.substr(0, start + colon + 1)) + "<REDACTED>" + std::string(arg.substr(start + at));
}
std::vector<std::string> redact_all(const std::vector<std::string>& argv) {
  std::vector<std::string> safe;
  for (const std::string& arg : argv) safe.push_back(redact(arg));
  return safe;
}
std::string quoted(const std::vector<std::string>& argv) {
  std::string text = sq_quote_argv_pretty(argv);
  return text.empty() ? text : text.substr(1);
}

// ---- opening ----

void open_target(Target& target, const char* variable, const std::string& configured, bool brief, const char* brief_variable,
                 int max_files) {
  const char* env = std::getenv(variable);
  std::string value = env ? env : configured;
  const char* brief_env = std::getenv(brief_variable);
  target.brief = brief_env ? *brief_env && std::strcmp(brief_env, "0") != 0 : brief;
  if (value.empty() || value == "0" || iequals(value, "false")) return;
  if (value == "1" || iequals(value, "true")) {
    target.fd = STDERR_FILENO;
  } else if (value.size() == 1 && is_digit(value[0])) {
    target.fd = value[0] - '0';
  } else if (is_absolute_path(value)) {
    bool discard = false;
    target.file = is_directory(value) ? open_in_directory(value, state().sid, max_files, &discard)
                                      : open_fd(value, O_WRONLY | O_APPEND | O_CREAT, 0666);
    target.fd = target.file.get();
    if (discard && target.is_on()) {
      // The one file says why there is no other.
      if (&target == &state().event) {
        tell_event(Where::current(), "version", false, [](JsonWriter& json) {
          json.field("evt", "4");
          json.field("exe", kVersion);
        });
        tell_event(Where::current(), "too_many_files", false, [](JsonWriter&) {});
      }
      target.fd = -1;
    }
  }
}

void tell_params(const Where& where) {
  State& s = state();
  if (s.params_told || !s.params) return;
  s.params_told = true;
  for (const Settings::Param& param : s.params()) def_param(param.scope, param.name, param.value, where);
}

void observe_error(std::string_view message) { error(message, "%s"); }

}  // namespace

bool is_enabled() { return enabled.load(std::memory_order_relaxed); }

void start(const std::vector<std::string>& argv, const Settings& settings, Where where) {
  State& s = state();
  s.started = trace_clock_ns();
  const char* wanted[] = {std::getenv("GIT_TRACE2"), std::getenv("GIT_TRACE2_PERF"), std::getenv("GIT_TRACE2_EVENT")};
  bool any = !settings.normal_target.empty() || !settings.perf_target.empty() || !settings.event_target.empty();
  for (const char* value : wanted) any = any || (value && *value);
  if (!any) return;
  s.sid = make_sid(&s.depth);
  int max_files = settings.max_files;
  if (const char* text = std::getenv("GIT_TRACE2_MAX_FILES")) max_files = std::atoi(text);
  s.nesting = settings.event_nesting;
  if (const char* text = std::getenv("GIT_TRACE2_EVENT_NESTING"); text && std::atoi(text) > 0) s.nesting = std::atoi(text);
  if (const char* text = std::getenv("GIT_TRACE2_REDACT")) s.redact = !(text[0] == '0' && !text[1]);
  open_target(s.normal, "GIT_TRACE2", settings.normal_target, settings.normal_brief, "GIT_TRACE2_BRIEF", max_files);
  open_target(s.perf, "GIT_TRACE2_PERF", settings.perf_target, settings.perf_brief, "GIT_TRACE2_PERF_BRIEF", max_files);
  open_target(s.event, "GIT_TRACE2_EVENT", settings.event_target, settings.event_brief, "GIT_TRACE2_EVENT_BRIEF", max_files);
  if (!s.normal.is_on() && !s.perf.is_on() && !s.event.is_on()) return;
  enabled = true;
  s.params = settings.params;
  if (const char* name = std::getenv(kParentName)) s.hierarchy = name;
  thread_state().started = s.started;
  set_error_observer(observe_error);

  tell_normal(where, strf("version %s", kVersion));
  tell_perf(where, {"version"}, std::string(kVersion));
  tell_event(where, "version", false, [](JsonWriter& json) {
    json.field("evt", "4");
    json.field("exe", kVersion);
  });
  auto safe = redact_all(argv);
  tell_normal(where, "start " + quoted(safe));
  tell_perf(where, {"start", false, elapsed()}, quoted(safe));
  tell_event(where, "start", false, [&](JsonWriter& json) {
    json.field_double("t_abs", 6, elapsed());
    add_array(json, "argv", safe);
  });
  auto ancestors = ancestor_names();
  if (!ancestors.empty()) {
    tell_normal(where, "cmd_ancestry " + join(ancestors, " <- "));
    tell_perf(where, {"cmd_ancestry"}, "ancestry:[" + join(ancestors, " ") + "]");
    tell_event(where, "cmd_ancestry", false, [&](JsonWriter& json) { add_array(json, "ancestry", ancestors); });
  }
}

namespace {

constexpr const char* kTimerNames[kTimers] = {"test1", "test2"};
struct CounterName {
  const char *category, *name;
  bool per_thread;
};
constexpr CounterName kCounterNames[kCounters] = {{"test", "test1", false}, {"test", "test2", true}};

double in_seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

void tell_timer(const Where& where, const char* event, std::size_t i, const TimerSum& sum) {
  std::string text = strf("name:%s intervals:%d total:%s min:%s max:%s", kTimerNames[i], sum.intervals,
                          decimal(in_seconds(sum.total)), decimal(in_seconds(sum.min)), decimal(in_seconds(sum.max)));
  tell_normal(where, strf("%s test/%s", event, text.substr(5)));
  tell_perf(where, {event, false, std::nullopt, std::nullopt, "test"}, text);
  tell_event(where, event, false, [&](JsonWriter& json) {
    json.field("category", "test");
    json.field("name", kTimerNames[i]);
    json.field("intervals", static_cast<std::int64_t>(sum.intervals));
    json.field_double("t_total", 6, in_seconds(sum.total));
    json.field_double("t_min", 6, in_seconds(sum.min));
    json.field_double("t_max", 6, in_seconds(sum.max));
  });
}
void tell_counter(const Where& where, const char* event, const std::string& category, const std::string& name,
                  std::uint64_t value) {
  tell_normal(where, strf("%s %s/%s value:%d", event, category, name, value));
  tell_perf(where, {event, false, std::nullopt, std::nullopt, category}, strf("name:%s value:%d", name, value));
  tell_event(where, event, false, [&](JsonWriter& json) {
    json.field("category", category);
    json.field("name", name);
    json.field("count", static_cast<std::int64_t>(value));
  });
}
// What the thread measured goes to the sums.
void fold_thread(const Where& where, bool is_main) {
  State& s = state();
  ThreadState& t = thread_state();
  std::lock_guard<std::mutex> guard(s.mutex);
  for (std::size_t i = 0; i < kTimers; i++) {
    if (!t.timers[i].intervals) continue;
    if (!is_main && i == static_cast<std::size_t>(Timer::test2)) tell_timer(where, "th_timer", i, t.timers[i]);
    s.timers[i].add(t.timers[i]);
    t.timers[i] = {};
  }
  for (std::size_t i = 0; i < kCounters; i++) {
    if (!t.counters[i]) continue;
    if (!is_main && kCounterNames[i].per_thread)
      tell_counter(where, "th_counter", kCounterNames[i].category, kCounterNames[i].name, t.counters[i]);
    s.counters[i] += t.counters[i];
    t.counters[i] = 0;
  }
}

}  // namespace

void finish(int code, Where where) {
  State& s = state();
  if (!is_enabled() || s.finished) return;
  s.finished = true;
  auto tell = [&](const char* event) {
    double now = elapsed();
    tell_normal(where, strf("%s elapsed:%s code:%d", event, decimal(now), code));
    tell_perf(where, {event, false, now}, strf("code:%d", code));
    tell_event(where, event, false, [&](JsonWriter& json) {
      json.field_double("t_abs", 6, now);
      json.field("code", code);
    });
  };
  tell("exit");
  fold_thread(where, true);
  for (std::size_t i = 0; i < kTimers; i++)
    if (s.timers[i].intervals) tell_timer(where, "timer", i, s.timers[i]);
  for (std::size_t i = 0; i < kCounters; i++)
    if (s.counters[i]) tell_counter(where, "counter", kCounterNames[i].category, kCounterNames[i].name, s.counters[i]);
  for (const auto& [key, value] : s.named_counters) tell_counter(where, "counter", key.first, key.second, value);
  tell("atexit");
}

void command_name(std::string_view name, Where where) {
  if (!is_enabled()) return;
  State& s = state();
  s.hierarchy += (s.hierarchy.empty() ? "" : "/") + std::string(name);
  ::setenv(kParentName, s.hierarchy.c_str(), 1);
  std::string text = strf("%s (%s)", name, s.hierarchy);
  tell_normal(where, "cmd_name " + text);
  tell_perf(where, {"cmd_name"}, text);
  tell_event(where, "cmd_name", false, [&](JsonWriter& json) {
    json.field("name", name);
    json.field("hierarchy", s.hierarchy);
  });
  tell_params(where);
}
void command_mode(std::string_view mode, Where where) {
  if (!is_enabled()) return;
  tell_normal(where, "cmd_mode " + std::string(mode));
  tell_perf(where, {"cmd_mode"}, std::string(mode));
  tell_event(where, "cmd_mode", false, [&](JsonWriter& json) { json.field("name", mode); });
}
void command_alias(std::string_view alias, const std::vector<std::string>& raw_argv, Where where) {
  if (!is_enabled()) return;
  auto argv = redact_all(raw_argv);
  tell_normal(where, strf("alias %s -> %s", alias, quoted(argv)));
  tell_perf(where, {"alias"}, strf("alias:%s argv:[%s]", alias, quoted(argv)));
  tell_event(where, "alias", false, [&](JsonWriter& json) {
    json.field("alias", alias);
    add_array(json, "argv", argv);
  });
}
void repository(const std::string& worktree, Where where) {
  if (!is_enabled() || worktree.empty()) return;
  tell_normal(where, "worktree " + sq_quote_pretty(worktree));
  tell_perf(where, {"def_repo", true}, "worktree:" + sq_quote_pretty(worktree));
  tell_event(where, "def_repo", true, [&](JsonWriter& json) { json.field("worktree", worktree); });
}
void error(std::string_view message, std::string_view format, Where where) {
  if (!is_enabled()) return;
  tell_normal(where, "error " + std::string(message));
  tell_perf(where, {"error"}, std::string(message));
  tell_event(where, "error", false, [&](JsonWriter& json) {
    json.field("msg", message);
    json.field("fmt", format);
  });
}
void def_param(std::string_view scope, std::string_view name, std::string_view value, Where where) {
  if (!is_enabled()) return;
  std::string safe = redact(value);
  tell_normal(where, strf("def_param scope:%s %s=%s", scope, name, safe));
  tell_perf(where, {"def_param", false, std::nullopt, std::nullopt, strf("scope:%s", scope)}, strf("%s:%s", name, safe));
  tell_event(where, "def_param", false, [&](JsonWriter& json) {
    json.field("scope", scope);
    json.field("param", name);
    json.field("value", safe);
  });
}

int child_start(const ChildInfo& info, Where where) {
  if (!is_enabled()) return -1;
  State& s = state();
  int id = s.next_child++;
  {
    std::lock_guard<std::mutex> guard(s.mutex);
    s.child_started[id] = trace_clock_ns();
  }
  std::vector<std::string> argv;
  if (info.git_command) argv.push_back("git");
  argv.insert(argv.end(), info.argv.begin(), info.argv.end());
  argv = redact_all(argv);
  std::string child_class = !info.hook_name.empty() ? "hook" : info.child_class.empty() ? "?" : info.child_class;
  tell_normal(where,
              strf("child_start[%d] %s%s", id, info.dir.empty() ? "" : "cd " + sq_quote_pretty(info.dir) + "; ", quoted(argv)));
  std::string text = strf("[ch%d] class:%s", id, child_class);
  if (!info.hook_name.empty()) text += " hook:" + info.hook_name;
  if (!info.dir.empty()) text += " cd:" + sq_quote_pretty(info.dir);
  tell_perf(where, {"child_start", false, elapsed()}, text + " argv:[" + quoted(argv) + "]");
  tell_event(where, "child_start", false, [&](JsonWriter& json) {
    json.field("child_id", id);
    json.field("child_class", child_class);
    if (!info.hook_name.empty()) json.field("hook_name", info.hook_name);
    if (!info.dir.empty()) json.field("cd", info.dir);
    json.field_bool("use_shell", info.use_shell);
    add_array(json, "argv", argv);
  });
  return id;
}
void child_exit(int id, int pid, int code, Where where) {
  if (!is_enabled() || id < 0) return;
  State& s = state();
  double took = 0;
  {
    std::lock_guard<std::mutex> guard(s.mutex);
    if (auto at = s.child_started.find(id); at != s.child_started.end()) {
      took = seconds_since(at->second);
      s.child_started.erase(at);
    }
  }
  tell_normal(where, strf("child_exit[%d] pid:%d code:%d elapsed:%s", id, pid, code, decimal(took)));
  tell_perf(where, {"child_exit", false, elapsed(), took}, strf("[ch%d] pid:%d code:%d", id, pid, code));
  tell_event(where, "child_exit", false, [&](JsonWriter& json) {
    json.field("child_id", id);
    json.field("pid", pid);
    json.field("code", code);
    json.field_double("t_rel", 6, took);
  });
}
int exec(std::string_view exe, const std::vector<std::string>& argv, Where where) {
  if (!is_enabled()) return -1;
  int id = state().next_exec++;
  auto safe = redact_all(argv);
  tell_normal(where, strf("exec[%d] %s%s", id, exe.empty() ? "" : std::string(exe) + " ", quoted(safe)));
  tell_perf(where, {"exec", false, elapsed()}, strf("id:%d argv:[%s]", id, quoted(safe)));
  tell_event(where, "exec", false, [&](JsonWriter& json) {
    json.field("exec_id", id);
    if (!exe.empty()) json.field("exe", exe);
    add_array(json, "argv", safe);
  });
  return id;
}

namespace {
bool is_shown_in_event() { return static_cast<int>(thread_state().regions.size()) <= state().nesting; }
void add_region_fields(JsonWriter& json, std::string_view category, std::string_view label, std::string_view message) {
  json.field("nesting", static_cast<std::int64_t>(thread_state().regions.size()));
  json.field("category", category);
  if (!label.empty()) json.field("label", label);
  if (!message.empty()) json.field("msg", message);
}
std::string region_text(std::string_view label, std::string_view message) {
  std::string text;
  if (!label.empty()) text = "label:" + std::string(label);
  if (!message.empty()) text += (text.empty() ? "" : " ") + std::string(message);
  return text;
}
}  // namespace

void region_enter(std::string_view category, std::string_view label, std::string_view message, Where where) {
  if (!is_enabled()) return;
  ThreadState& t = thread_state();
  t.regions.push_back(trace_clock_ns());
  tell_perf(where, {"region_enter", true, elapsed(), std::nullopt, category}, region_text(label, message), t.regions.size() - 1);
  if (is_shown_in_event())
    tell_event(where, "region_enter", true, [&](JsonWriter& json) { add_region_fields(json, category, label, message); });
}
void region_leave(std::string_view category, std::string_view label, std::string_view message, Where where) {
  if (!is_enabled()) return;
  ThreadState& t = thread_state();
  if (t.regions.empty()) return;
  double took = seconds_since(t.regions.back());
  tell_perf(where, {"region_leave", true, elapsed(), took, category}, region_text(label, message), t.regions.size() - 1);
  if (is_shown_in_event())
    tell_event(where, "region_leave", true, [&](JsonWriter& json) {
      json.field_double("t_rel", 6, took);
      add_region_fields(json, category, label, message);
    });
  t.regions.pop_back();
}

namespace {
template <class Fill>
void tell_data(const Where& where, const char* event, std::string_view category, std::string_view key, std::string_view text,
               Fill fill) {
  ThreadState& t = thread_state();
  double now = elapsed(), inside = seconds_since(t.regions.empty() ? t.started : t.regions.back());
  tell_perf(where, {event, true, now, inside, category}, strf("%s:%s", key, text), t.regions.size());
  if (!is_shown_in_event()) return;
  tell_event(where, event, true, [&](JsonWriter& json) {
    json.field_double("t_abs", 6, now);
    json.field_double("t_rel", 6, inside);
    json.field("nesting", static_cast<std::int64_t>(t.regions.size() + 1));
    json.field("category", category);
    json.field("key", key);
    fill(json);
  });
}
}  // namespace

void data(std::string_view category, std::string_view key, std::string_view value, Where where) {
  if (!is_enabled()) return;
  tell_data(where, "data", category, key, value, [&](JsonWriter& json) { json.field("value", value); });
}
void data(std::string_view category, std::string_view key, std::int64_t value, Where where) {
  if (!is_enabled()) return;
  data(category, key, std::string_view(std::to_string(value)), where);
}
void data_json(std::string_view category, std::string_view key, std::string_view value, Where where) {
  if (!is_enabled()) return;
  tell_data(where, "data_json", category, key, value, [&](JsonWriter& json) { json.raw_field("value", value); });
}
void print(std::string_view message, Where where) {
  if (!is_enabled()) return;
  tell_normal(where, std::string(message));
  tell_perf(where, {"printf", false, elapsed()}, std::string(message));
}

void thread_start(std::string_view name, Where where) {
  if (!is_enabled()) return;
  ThreadState& t = thread_state();
  t.name = strf("th%02d:%s", static_cast<int>(state().next_thread++), name);
  if (t.name.size() > 24) t.name.resize(24);
  t.started = trace_clock_ns();
  tell_perf(where, {"thread_start", false, elapsed()}, "");
  tell_event(where, "thread_start", false, [](JsonWriter&) {});
}
void thread_exit(Where where) {
  if (!is_enabled()) return;
  ThreadState& t = thread_state();
  fold_thread(where, false);
  double took = seconds_since(t.started);
  tell_perf(where, {"thread_exit", false, elapsed(), took}, "");
  tell_event(where, "thread_exit", false, [&](JsonWriter& json) { json.field_double("t_rel", 6, took); });
}

void timer_start(Timer timer) {
  if (!is_enabled()) return;
  TimerSum& sum = thread_state().timers[static_cast<std::size_t>(timer)];
  if (sum.depth++ == 0) sum.started = trace_clock_ns();
}
void timer_stop(Timer timer) {
  if (!is_enabled()) return;
  TimerSum& sum = thread_state().timers[static_cast<std::size_t>(timer)];
  if (sum.depth == 0 || --sum.depth) return;
  std::uint64_t took = trace_clock_ns() - sum.started;
  sum.total += took;
  sum.min = std::min(sum.min, took);
  sum.max = std::max(sum.max, took);
  sum.intervals++;
}
void counter_add(Counter counter, std::uint64_t value) {
  if (is_enabled()) thread_state().counters[static_cast<std::size_t>(counter)] += value;
}

void count(std::string_view category, std::string_view name, std::uint64_t n) {
  if (!is_enabled()) return;
  std::lock_guard<std::mutex> guard(state().mutex);
  state().named_counters[{std::string(category), std::string(name)}] += n;
}

}  // namespace git::trace2
