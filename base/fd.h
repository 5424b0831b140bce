// File descriptors that close themselves, and whole reads and writes on them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace git {

// Owns one descriptor; -1 owns nothing.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  explicit operator bool() const { return is_open(); }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);
  // Closes and tells whether the kernel had anything to say (errno is set).
  bool close();

 private:
  int fd_ = -1;
};

// open(2) with O_CLOEXEC, retried on EINTR; -1 with errno set.
UniqueFd open_fd(const std::string& path, int flags, int mode = 0666);
// As open_fd(), but dies with git's "could not open '%s' for reading/writing".
UniqueFd xopen(const std::string& path, int flags, int mode = 0666);

// One read(2)/write(2), retried on EINTR and after waiting on EAGAIN.
ssize_t xread(int fd, void* buffer, std::size_t size);
ssize_t xwrite(int fd, const void* buffer, std::size_t size);
// Reads until `size` bytes or end of file; -1 with errno on error.
ssize_t read_in_full(int fd, void* buffer, std::size_t size);
// Writes everything; false with errno on error.
bool write_in_full(int fd, std::string_view bytes);
// Everything to the end of the file.
Result<std::string> read_fd(int fd);
// A pipe, both ends close-on-exec.
struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};
Pipe make_pipe();

// Standard output, buffered; the program's one flush is in git.cc, which reports a failed write.
void out(std::string_view bytes);
template <class... Args>
void outf(std::string_view format, const Args&... args) {
  out(strf(format, args...));
}
void flush_out();  // dies where stdout can't be written ("write failure on standard output"); SIGPIPE's exit code on EPIPE
// Standard error, unbuffered, no prefix.
void err(std::string_view bytes);
template <class... Args>
void errf(std::string_view format, const Args&... args) {
  err(strf(format, args...));
}

// Reads lines of a descriptor or of standard input without their terminator.
class LineReader {
 public:
  explicit LineReader(int fd, char terminator = '\n') : fd_(fd), terminator_(terminator) {}
  // False at the end. A last line without terminator is a line.
  bool next(std::string& line);

 private:
  int fd_;
  char terminator_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool eof_ = false;
};

}  // namespace git
