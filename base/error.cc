// Reports go to stderr in one write, so that lines of several processes don't mix, and with
// control characters masked, so that a peer's text can't drive the terminal.
#include "base/error.h"

#include "base/error-observer.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace git {
namespace {
thread_local ReportCapture::Sink current_sink = nullptr;
thread_local void* current_context = nullptr;
std::atomic<ErrorObserver> error_observer{nullptr};

bool is_failure(std::string_view prefix) { return prefix == "error: " || prefix == "fatal: " || prefix == "BUG: "; }

void write_all(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    ssize_t n = ::write(2, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}
}  // namespace

ReportCapture::ReportCapture(Sink sink, void* context) : previous_(current_sink), previous_context_(current_context) {
  current_sink = sink;
  current_context = context;
}
ReportCapture::~ReportCapture() {
  current_sink = previous_;
  current_context = previous_context_;
}

void set_error_observer(ErrorObserver observer) { error_observer = observer; }

void report(const char* prefix, const std::string& message) {
  if (ErrorObserver observer = error_observer.load(); observer && is_failure(prefix)) observer(message);
  if (current_sink) {
    current_sink(current_context, prefix, message);
    return;
  }
  std::string line = prefix + message;
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') c = '?';
  line += '\n';
  std::fflush(stderr);
  write_all(line);
}

void throw_fatal(std::string message, int exit_code) { throw Fatal(std::move(message), exit_code); }
void throw_usage(std::string message) {
  report("usage: ", message);
  throw Fatal({}, 129);
}
void bug_at(const char* file, int line, std::string message) {
  std::fflush(stdout);
  report("BUG: ", strf("%s:%d: %s", file, line, message));
  if (std::getenv("GIT_TEST_BUG_EXIT_CODE")) std::_Exit(std::atoi(std::getenv("GIT_TEST_BUG_EXIT_CODE")));
  std::abort();
}
void die_errno_message(std::string message) {
  const char* reason = std::strerror(errno);
  throw_fatal(message + ": " + reason, 128);
}
int error_errno_message(std::string message) {
  const char* reason = std::strerror(errno);
  report("error: ", message + ": " + reason);
  return -1;
}
void warning_errno_message(std::string message) {
  const char* reason = std::strerror(errno);
  report("warning: ", message + ": " + reason);
}

}  // namespace git
