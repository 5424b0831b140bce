// Loaded before libc (LD_PRELOAD) by lib-fault.sh: the Nth thing that a command and its children do to files goes wrong.
//
//   FAULT_FILE  a file of eight bytes that all processes share: how many were counted, and which one it is to be
//   FAULT_HOW   kill: the process dies there, a write half done
//               fail: that one call fails with EIO
//               full: from there on nothing more can be written (ENOSPC), as when the disk is full
//
// Counted are writes to files (not to pipes and terminals), and rename, link, fsync, mkdir, unlink and the creation of files.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

struct Shared {
  std::atomic<std::uint32_t> count, target;
};

template <class Function>
Function next_of(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}
#define NEXT(function) next_of(&::function, #function)

Shared* shared() {
  static Shared* const page = []() -> Shared* {
    const char* path = std::getenv("FAULT_FILE");
    int fd = path ? NEXT(open)(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return nullptr;
    void* at = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return at == MAP_FAILED ? nullptr : static_cast<Shared*>(at);
  }();
  return page;
}

enum class Fate { live, fail, die };

// What becomes of the next operation; `takes_space` where a full disk matters to it.
Fate next_fate(bool takes_space) {
  Shared* s = shared();
  if (!s) return Fate::live;
  const char* how = std::getenv("FAULT_HOW");
  std::uint32_t n = ++s->count;
  if (!how || n < s->target) return Fate::live;
  if (!std::strcmp(how, "full")) {
    errno = ENOSPC;
    return takes_space ? Fate::fail : Fate::live;
  }
  if (n > s->target) return Fate::live;
  errno = EIO;
  return std::strcmp(how, "kill") ? Fate::fail : Fate::die;
}

// True where the operation is not to be done.
bool fails(bool takes_space) {
  Fate fate = next_fate(takes_space);
  if (fate == Fate::die) raise(SIGKILL);
  return fate == Fate::fail;
}

bool is_file(int fd) {
  struct stat st;
  return fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* buffer, size_t size) {
  static const auto next = NEXT(write);
  if (!is_file(fd)) return next(fd, buffer, size);
  Fate fate = next_fate(true);
  if (fate == Fate::live) return next(fd, buffer, size);
  int error = errno;
  if (next(fd, buffer, size / 2) >= 0 && fate == Fate::die) raise(SIGKILL);
  errno = error;
  return -1;
}

ssize_t pwrite(int fd, const void* buffer, size_t size, off_t at) {
  static const auto next = NEXT(pwrite);
  return is_file(fd) && fails(true) ? -1 : next(fd, buffer, size, at);
}

int rename(const char* from, const char* to) {
  static const auto next = NEXT(rename);
  return fails(false) ? -1 : next(from, to);
}

int link(const char* from, const char* to) {
  static const auto next = NEXT(link);
  return fails(true) ? -1 : next(from, to);
}

int unlink(const char* path) {
  static const auto next = NEXT(unlink);
  return fails(false) ? -1 : next(path);
}

int mkdir(const char* path, mode_t mode) {
  static const auto next = NEXT(mkdir);
  return fails(true) ? -1 : next(path, mode);
}

int fsync(int fd) {
  static const auto next = NEXT(fsync);
  return fails(true) ? -1 : next(fd);
}

int open(const char* path, int flags, ...) {
  static const auto next = NEXT(open);
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & O_CREAT ? static_cast<mode_t>(va_arg(more, unsigned)) : 0;
  va_end(more);
  if (flags & O_CREAT && fails(true)) return -1;
  return next(path, flags, mode);
}

}  // extern "C"
