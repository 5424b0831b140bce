// One process has one trace, so its state is the one global of this file: three targets, the session id (which children
// extend), and the clock.  Every record is one write, so that several processes can share a file.
#include "base/trace2.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>

#include "base/build-config.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/fmt.h"
#include "base/quote.h"
#include "base/strings.h"

namespace git::trace2 {
namespace {

struct Target {
  UniqueFd own;
  int fd = -1;
  bool is_brief = false;
};

struct State {
  Target normal, perf, event;
  std::mutex mutex;
  std::string sid;
  timeval begin{};
  int next_child = 0, nesting = 1;
  std::vector<timeval> child_begin, region_begin;
  std::string hierarchy;
  std::map<std::pair<std::string, std::string>, std::uint64_t> counters;
  bool is_on = false;
};

timeval now() {
  timeval tv;
  gettimeofday(&tv, nullptr);
  return tv;
}
double seconds_since(const timeval& then) {
  timeval t = now();
  return static_cast<double>(t.tv_sec - then.tv_sec) + static_cast<double>(t.tv_usec - then.tv_usec) / 1e6;
}
std::string utc(const timeval& tv, const char* format) {
  char text[64];
  tm parts;
  gmtime_r(&tv.tv_sec, &parts);
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

void open_target(Target& target, const char* variable, const std::string& sid) {
  auto value = get_env(variable);
  if (!value || value->empty() || *value == "0" || iequals(*value, "false")) return;
  if (*value == "1" || iequals(*value, "true")) {
    target.fd = 2;
  } else if (value->size() == 1 && is_digit((*value)[0])) {
    target.fd = (*value)[0] - '0';
  } else if ((*value)[0] == '/') {
    std::string path = *value;
    struct stat st;
    if (!stat(path.c_str(), &st) && S_ISDIR(st.st_mode)) path += "/" + sid.substr(sid.rfind('/') + 1);
    target.own = open_fd(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
    target.fd = target.own.get();
  }
}

State* make_state() {
  auto* s = new State;  // lives as long as the process, also through its last words
  s->begin = now();
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  std::uint32_t h = 2166136261u;
  for (const char* p = host; *p; p++) h = (h ^ static_cast<unsigned char>(*p)) * 16777619u;
  s->sid = utc(s->begin, "%Y%m%dT%H%M%S") +
           strf(".%06dZ-H%08x-P%08x", static_cast<long>(s->begin.tv_usec), h, static_cast<unsigned>(getpid()));
  if (auto parent = get_env("GIT_TRACE2_PARENT_SID"); parent && !parent->empty()) s->sid = *parent + "/" + s->sid;
  open_target(s->normal, "GIT_TRACE2", s->sid);
  open_target(s->perf, "GIT_TRACE2_PERF", s->sid);
  open_target(s->event, "GIT_TRACE2_EVENT", s->sid);
  s->normal.is_brief = env_bool("GIT_TRACE2_BRIEF", false);
  s->perf.is_brief = env_bool("GIT_TRACE2_PERF_BRIEF", false);
  s->event.is_brief = env_bool("GIT_TRACE2_EVENT_BRIEF", false);
  s->is_on = s->normal.fd >= 0 || s->perf.fd >= 0 || s->event.fd >= 0;
  if (s->is_on) set_env("GIT_TRACE2_PARENT_SID", s->sid);
  return s;
}

State& state() {
  static State* const s = make_state();
  return *s;
}

void put(const Target& target, std::string line) {
  line.push_back('\n');
  write_in_full(target.fd, line);
}

std::string json(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\b':
        out += "\\b";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += strf("\\u%04x", static_cast<unsigned>(c));
        else
          out.push_back(c);
    }
  }
  return out + "\"";
}
std::string json(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& item : list) out += (out.size() > 1 ? "," : "") + json(item);
  return out + "]";
}
std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", v);
  return text;
}
std::string joined(const std::vector<std::string>& argv) {
  std::string out;
  for (const std::string& arg : argv) {
    if (!out.empty()) out.push_back(' ');
    bool plain = !arg.empty();
    for (char c : arg) plain = plain && (is_alnum(c) || std::string_view("+,-./:=@_^").find(c) != std::string_view::npos);
    out += plain ? arg : sq_quote(arg);
  }
  return out;
}

// One event. `fields`: JSON members behind the common ones; `normal` and `perf`: what those targets show, "" for nothing.
struct Record {
  const char* event;
  std::string fields;
  std::string normal, perf;
  std::string category;
  double relative = -1;
};

void emit(const Record& r) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  timeval t = now();
  std::string micro = strf(".%06d", static_cast<long>(t.tv_usec));
  if (s.event.fd >= 0) {
    std::string line = strf("{\"event\":\"%s\",\"sid\":%s,\"thread\":\"main\"", r.event, json(s.sid));
    std::string_view name = r.event;
    if (!s.event.is_brief || name == "version" || name == "atexit")
      line += ",\"time\":\"" + utc(t, "%Y-%m-%dT%H:%M:%S") + micro + "Z\"";
    if (!s.event.is_brief) line += ",\"file\":\"trace2.cc\",\"line\":1";
    put(s.event, line + r.fields + "}");
  }
  auto stamp = [&](bool brief) {
    if (brief) return std::string();
    tm parts;
    localtime_r(&t.tv_sec, &parts);
    return strf("%02d:%02d:%02d%s trace2.cc:1                     ", parts.tm_hour, parts.tm_min, parts.tm_sec, micro);
  };
  if (s.normal.fd >= 0 && !r.normal.empty()) put(s.normal, stamp(s.normal.is_brief) + r.normal);
  if (s.perf.fd >= 0) {
    std::string depth = strf("d%d", static_cast<int>(std::count(s.sid.begin(), s.sid.end(), '/')));
    std::string absolute = r.event == std::string_view("version") ? std::string() : number(seconds_since(s.begin));
    put(s.perf, strf("%s%s%s | main                     | %-12s |     | %9s | %9s | %-12s | %s", stamp(s.perf.is_brief),
                     s.perf.is_brief ? "" : "| ", depth, r.event, absolute, r.relative >= 0 ? number(r.relative) : std::string(),
                     r.category, r.perf));
  }
}

std::string t_abs() { return ",\"t_abs\":" + number(seconds_since(state().begin)); }

}  // namespace

bool is_enabled() { return state().is_on; }

void start(const std::vector<std::string>& argv) {
  if (!is_enabled()) return;
  emit({"version", ",\"evt\":\"4\",\"exe\":" + json(kVersion), strf("version %s", kVersion), std::string(kVersion), {}});
  emit({"start", t_abs() + ",\"argv\":" + json(argv), "start " + joined(argv), joined(argv), {}});
}

void finish(int code) {
  if (!is_enabled()) return;
  double elapsed = seconds_since(state().begin);
  std::string text = strf("elapsed:%s code:%d", number(elapsed), code), fields = t_abs() + strf(",\"code\":%d", code);
  for (const auto& [key, value] : state().counters)
    emit({"counter",
          ",\"category\":" + json(key.first) + ",\"name\":" + json(key.second) + strf(",\"count\":%d", value),
          {},
          strf("name:%s value:%d", key.second, value),
          key.first,
          {}});
  emit({"exit", fields, "exit " + text, strf("code:%d", code), {}});
  emit({"atexit", fields, "atexit " + text, strf("code:%d", code), {}});
}

void command_name(std::string_view name) {
  if (!is_enabled()) return;
  State& s = state();
  std::string parents = get_env_or("GIT_TRACE2_PARENT_NAME", "");
  s.hierarchy = parents.empty() ? std::string(name) : parents + "/" + std::string(name);
  set_env("GIT_TRACE2_PARENT_NAME", s.hierarchy);
  std::string text = strf("%s (%s)", name, s.hierarchy);
  emit({"cmd_name", ",\"name\":" + json(name) + ",\"hierarchy\":" + json(s.hierarchy), "cmd_name " + text, text, {}});
}

void command_mode(std::string_view mode) {
  if (!is_enabled()) return;
  emit({"cmd_mode", ",\"name\":" + json(mode), "cmd_mode " + std::string(mode), std::string(mode), {}});
}

void command_alias(std::string_view alias, const std::vector<std::string>& argv) {
  if (!is_enabled()) return;
  std::string text = strf("%s -> %s", alias, joined(argv));
  emit({"alias",
        ",\"alias\":" + json(alias) + ",\"argv\":" + json(argv),
        "alias " + text,
        "alias:" + std::string(alias) + " argv:[" + joined(argv) + "]",
        {}});
}

void repository(const std::string& worktree) {
  if (!is_enabled() || worktree.empty()) return;
  emit({"def_repo", ",\"repo\":1,\"worktree\":" + json(worktree), "worktree " + worktree, "worktree:" + worktree, {}});
}

void error(std::string_view message) {
  if (!is_enabled()) return;
  emit({"error",
        ",\"msg\":" + json(message) + ",\"fmt\":" + json(message),
        "error " + std::string(message),
        std::string(message),
        {}});
}

int child_start(const ChildInfo& info) {
  if (!is_enabled()) return 0;
  State& s = state();
  int id = s.next_child++;
  s.child_begin.push_back(now());
  std::vector<std::string> argv = info.argv;
  if (info.git_command) argv.insert(argv.begin(), "git");
  std::string kind = !info.hook_name.empty() ? "hook" : !info.child_class.empty() ? info.child_class : "?";
  std::string fields = strf(",\"child_id\":%d,\"child_class\":%s", id, json(kind));
  if (!info.hook_name.empty()) fields += ",\"hook_name\":" + json(info.hook_name);
  if (!info.dir.empty()) fields += ",\"cd\":" + json(info.dir);
  fields += strf(",\"use_shell\":%s,\"argv\":", info.use_shell ? "true" : "false") + json(argv);
  std::string cd = info.dir.empty() ? "" : "cd " + sq_quote(info.dir) + "; ";
  emit({"child_start",
        fields,
        strf("child_start[%d] %s%s", id, cd, joined(argv)),
        strf("[ch%d] class:%s%s argv:[%s]", id, kind, info.hook_name.empty() ? "" : " hook:" + info.hook_name, joined(argv)),
        {}});
  return id;
}

void child_exit(int id, int pid, int code) {
  if (!is_enabled()) return;
  State& s = state();
  if (id < 0 || id >= static_cast<int>(s.child_begin.size())) return;
  double elapsed = seconds_since(s.child_begin[static_cast<std::size_t>(id)]);
  emit({"child_exit",
        strf(",\"child_id\":%d,\"pid\":%d,\"code\":%d,\"t_rel\":%s", id, pid, code, number(elapsed)),
        strf("child_exit[%d] pid:%d code:%d elapsed:%s", id, pid, code, number(elapsed)),
        strf("[ch%d] pid:%d code:%d", id, pid, code),
        {},
        elapsed});
}

void region_enter(std::string_view category, std::string_view label) {
  if (!is_enabled()) return;
  State& s = state();
  s.region_begin.push_back(now());
  emit({"region_enter",
        strf(",\"repo\":1,\"nesting\":%d,\"category\":", s.nesting) + json(category) + ",\"label\":" + json(label),
        {},
        "label:" + std::string(label),
        std::string(category)});
  s.nesting++;
}

void region_leave(std::string_view category, std::string_view label) {
  if (!is_enabled()) return;
  State& s = state();
  if (s.region_begin.empty()) return;
  double elapsed = seconds_since(s.region_begin.back());
  s.region_begin.pop_back();
  s.nesting--;
  emit({"region_leave",
        ",\"repo\":1,\"t_rel\":" + number(elapsed) + strf(",\"nesting\":%d,\"category\":", s.nesting) + json(category) +
            ",\"label\":" + json(label),
        {},
        "label:" + std::string(label),
        std::string(category),
        elapsed});
}

void data(std::string_view category, std::string_view key, std::string_view value) {
  if (!is_enabled()) return;
  State& s = state();
  emit({"data",
        ",\"repo\":1" + t_abs() + strf(",\"t_rel\":%s,\"nesting\":%d,\"category\":", number(seconds_since(s.begin)), s.nesting) +
            json(category) + ",\"key\":" + json(key) + ",\"value\":" + json(value),
        {},
        std::string(key) + ":" + std::string(value),
        std::string(category),
        seconds_since(s.begin)});
}

void count(std::string_view category, std::string_view name, std::uint64_t n) {
  if (is_enabled()) state().counters[{std::string(category), std::string(name)}] += n;
}

void data(std::string_view category, std::string_view key, std::int64_t value) { data(category, key, strf("%d", value)); }

}  // namespace git::trace2
