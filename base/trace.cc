// The environment is asked each time: tracing off must cost a getenv and nothing else, and there is no state to keep.
#include "base/trace.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"

namespace git {
namespace {

// The descriptor for a key; `opened` owns it where it is a file's. -1: no tracing.
int trace_fd(const char* key, UniqueFd& opened) {
  const char* value = std::getenv(key);
  if (!value || !*value || !std::strcmp(value, "0") || iequals(value, "false")) return -1;
  if (!std::strcmp(value, "1") || iequals(value, "true")) return STDERR_FILENO;
  if (std::strlen(value) == 1 && is_digit(*value)) return *value - '0';
  if (is_absolute_path(value)) {
    opened = open_fd(value, O_WRONLY | O_APPEND | O_CREAT);
    if (opened) return opened.get();
    warning("could not open '%s' for tracing: %s", value, std::strerror(errno));
    unsetenv(key);
    return -1;
  }
  warning(
      "unknown trace value for '%s': %s\n         If you want to trace into a file, then please set %s\n"
      "         to an absolute pathname (starting with /)",
      key, value, key);
  unsetenv(key);
  return -1;
}

void write_trace(const char* key, std::string_view bytes) {
  UniqueFd opened;
  int fd = trace_fd(key, opened);
  if (fd < 0 || write_in_full(fd, bytes)) return;
  warning("unable to write trace for %s: %s", key, std::strerror(errno));
  unsetenv(key);
}

std::string line_prefix(const Where& where) {
  if (const char* bare = std::getenv("GIT_TRACE_BARE"); bare && *bare && std::strcmp(bare, "0")) return {};
  timeval now{};
  ::gettimeofday(&now, nullptr);
  std::tm tm{};
  std::time_t seconds = now.tv_sec;
  ::localtime_r(&seconds, &tm);
  std::string text = strf("%02d:%02d:%02d.%06d %s:%d", tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_usec, where.file, where.line);
  std::size_t used = text.size() + 1;
  text.append(used < 40 ? 41 - used : 1, ' ');
  return text;
}

}  // namespace

bool trace_want(const char* key) {
  const char* value = std::getenv(key);
  if (!value || !*value || (value[0] == '0' && !value[1])) return false;
  UniqueFd opened;
  return trace_fd(key, opened) >= 0;
}
void trace_print(const char* key, std::string_view text, Where where) {
  if (!trace_want(key)) return;
  std::string line = line_prefix(where) + std::string(text);
  if (!ends_with(line, "\n")) line += '\n';
  write_trace(key, line);
}
void trace_raw(const char* key, std::string_view bytes) {
  if (trace_want(key)) write_trace(key, bytes);
}
void trace_argv(const char* key, std::string_view label, const std::vector<std::string>& argv, Where where) {
  if (!trace_want(key)) return;
  trace_print(key, std::string(label) + sq_quote_argv_pretty(argv), where);
}
std::uint64_t trace_clock_ns() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}
void trace_performance(std::uint64_t start_ns, std::string_view text, Where where) {
  constexpr const char* kKey = "GIT_TRACE_PERFORMANCE";
  if (!trace_want(kKey)) return;
  double seconds = static_cast<double>(trace_clock_ns() - start_ns) / 1e9;
  char number[64];
  std::snprintf(number, sizeof number, "%.9f", seconds);
  trace_print(kKey, strf("performance: %s s: %s", number, text), where);
}

}  // namespace git
