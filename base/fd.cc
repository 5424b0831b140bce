// EINTR and EAGAIN are handled here once, so that callers see only real errors and end of file.
#include "base/fd.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace git {
namespace {

constexpr std::size_t kMaxIo = 8u << 20;  // some kernels refuse larger single transfers

bool should_retry(int fd, short events) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  pollfd p{fd, events, 0};
  ::poll(&p, 1, -1);
  return true;
}

}  // namespace

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}
bool UniqueFd::close() {
  int fd = release();
  return fd < 0 || ::close(fd) == 0;
}

UniqueFd open_fd(const std::string& path, int flags, int mode) {
  for (;;) {
    int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EINTR) return UniqueFd(fd);
  }
}
UniqueFd xopen(const std::string& path, int flags, int mode) {
  UniqueFd fd = open_fd(path, flags, mode);
  if (fd) return fd;
  if ((flags & O_CREAT) && (flags & O_EXCL)) die_errno("unable to create '%s'", path);
  if ((flags & O_RDWR) == O_RDWR) die_errno("could not open '%s' for reading and writing", path);
  if ((flags & O_WRONLY) == O_WRONLY) die_errno("could not open '%s' for writing", path);
  die_errno("could not open '%s' for reading", path);
}

ssize_t xread(int fd, void* buffer, std::size_t size) {
  for (;;) {
    ssize_t n = ::read(fd, buffer, size < kMaxIo ? size : kMaxIo);
    if (n >= 0 || !should_retry(fd, POLLIN)) return n;
  }
}
ssize_t xwrite(int fd, const void* buffer, std::size_t size) {
  for (;;) {
    ssize_t n = ::write(fd, buffer, size < kMaxIo ? size : kMaxIo);
    if (n >= 0 || !should_retry(fd, POLLOUT)) return n;
  }
}
ssize_t read_in_full(int fd, void* buffer, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    ssize_t n = xread(fd, static_cast<char*>(buffer) + done, size - done);
    if (n < 0) return -1;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(done);
}
bool write_in_full(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = xwrite(fd, bytes.data(), bytes.size());
    if (n < 0) return false;
    if (n == 0) {
      errno = ENOSPC;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}
Result<std::string> read_fd(int fd) {
  std::string all;
  for (std::size_t chunk = 8192;; chunk = chunk < kMaxIo ? chunk * 2 : chunk) {
    std::size_t old = all.size();
    all.resize(old + chunk);
    ssize_t n = xread(fd, all.data() + old, chunk);
    all.resize(old + static_cast<std::size_t>(n > 0 ? n : 0));
    if (n < 0) return make_error(ErrorKind::io, "read error: %s", std::strerror(errno));
    if (n == 0) return all;
  }
}
Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) < 0) die_errno("cannot create a pipe");
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

void out(std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stdout); }
void flush_out() {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return;
  if (errno == EPIPE) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
    exit_with(141);
  }
  die_errno("write failure on standard output");
}
void err(std::string_view bytes) {
  std::fflush(stderr);
  write_in_full(2, bytes);
}

bool LineReader::next(std::string& line) {
  line.clear();
  for (;;) {
    std::size_t end = buffer_.find(terminator_, at_);
    if (end != std::string::npos) {
      line.append(buffer_, at_, end - at_);
      at_ = end + 1;
      return true;
    }
    line.append(buffer_, at_);
    at_ = 0;
    buffer_.clear();
    if (eof_) return !line.empty();
    buffer_.resize(65536);
    ssize_t n = xread(fd_, buffer_.data(), buffer_.size());
    buffer_.resize(static_cast<std::size_t>(n > 0 ? n : 0));
    eof_ = n <= 0;
    if (eof_) return !line.empty();
  }
}

}  // namespace git
