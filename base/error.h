// The three ways to fail (Documentation/technical/architecture.adoc, "Errors"):
//   Result<T> (base/result.h)  the caller could choose
//   die()                      the command is over: throws Fatal, unwinding locks and temp files
//   BUG()                      we are wrong: aborts; never for input
// error() and warning() tell the user and go on; they write "error: ..." to stderr.
#pragma once

#include <exception>
#include <string>

#include "base/fmt.h"

namespace git {

// Ends the command.  An empty message means that everything was said already.
class Fatal : public std::exception {
 public:
  Fatal(std::string message, int exit_code) : message_(std::move(message)), exit_code_(exit_code) {}
  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& message() const { return message_; }
  int exit_code() const { return exit_code_; }

 private:
  std::string message_;
  int exit_code_;
};

[[noreturn]] void throw_fatal(std::string message, int exit_code);
[[noreturn]] void throw_usage(std::string message);
[[noreturn]] void bug_at(const char* file, int line, std::string message);
void report(const char* prefix, const std::string& message);  // "prefix" + text, each control character masked as '?'

// "fatal: ..." and exit code 128.
template <class... Args>
[[noreturn]] void die(std::string_view format, const Args&... args) {
  throw_fatal(strf(format, args...), 128);
}
// As die(), with ": " + strerror(errno) behind the message.
[[noreturn]] void die_errno_message(std::string message);
template <class... Args>
[[noreturn]] void die_errno(std::string_view format, const Args&... args) {
  die_errno_message(strf(format, args...));
}
// Leaves with `code`, saying nothing more.
[[noreturn]] inline void exit_with(int code) { throw_fatal({}, code); }
// "fatal: ..." and exit code 129, the answer to a misused option.
template <class... Args>
[[noreturn]] void die_usage(std::string_view format, const Args&... args) {
  throw_fatal(strf(format, args...), 129);
}
// "usage: ..." and exit code 129.
template <class... Args>
[[noreturn]] void usage(std::string_view format, const Args&... args) {
  throw_usage(strf(format, args...));
}
// "error: ..."; returns -1 so that callers can `return error(...)`.
template <class... Args>
int error(std::string_view format, const Args&... args) {
  report("error: ", strf(format, args...));
  return -1;
}
int error_errno_message(std::string message);
template <class... Args>
int error_errno(std::string_view format, const Args&... args) {
  return error_errno_message(strf(format, args...));
}
template <class... Args>
void warning(std::string_view format, const Args&... args) {
  report("warning: ", strf(format, args...));
}
void warning_errno_message(std::string message);
template <class... Args>
void warning_errno(std::string_view format, const Args&... args) {
  warning_errno_message(strf(format, args...));
}

// Where error() and warning() go instead of stderr, while it lives on this thread
// (a server sends them to its peer, a test collects them).
class ReportCapture {
 public:
  using Sink = void (*)(void* context, const char* prefix, const std::string& message);
  ReportCapture(Sink sink, void* context);
  ~ReportCapture();
  ReportCapture(const ReportCapture&) = delete;
  ReportCapture& operator=(const ReportCapture&) = delete;

 private:
  Sink previous_;
  void* previous_context_;
};

}  // namespace git

#define BUG(...) ::git::bug_at(__FILE__, __LINE__, ::git::strf(__VA_ARGS__))
