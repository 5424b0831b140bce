// The paths of live temporary files stand in a fixed table, so that the signal handler can remove them
// without touching the heap.  A slot is claimed by a compare-and-swap on its owner; the path is written
// before the slot is marked live and the mark is taken away before the path changes.
//
// Rejected: a list under a mutex.  A handler that interrupts the holder would wait for itself.
#include "base/tempfile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "base/fd.h"
#include "base/files.h"
#include "base/sigchain.h"

namespace git {
namespace {

constexpr std::size_t kPathMax = 4096;
constexpr int kBlock = 64;
constexpr int kMaxBlocks = 1024;

struct Slot {
  std::atomic<pid_t> live{0};  // the process that must clean it, 0: not in use
  std::atomic<bool> claimed{false};
  char path[kPathMax];
};
struct Block {
  Slot slots[kBlock];
};
// Blocks are made once and never freed: the handler may run at any moment.
std::atomic<Block*> blocks[kMaxBlocks];
std::mutex growing;

void clean_all() {
  pid_t self = ::getpid();
  for (auto& entry : blocks) {
    Block* block = entry.load();
    if (!block) return;
    for (Slot& slot : block->slots)
      if (slot.live.load() == self) ::unlink(slot.path);
  }
}
void on_signal(int sig) {
  clean_all();
  sigchain_pop(sig);
  ::raise(sig);
}
void install_handlers() {
  static std::once_flag once;
  std::call_once(once, [] { sigchain_push_common(on_signal); });
}

Slot* slot_at(int index) {
  Block* block = blocks[index / kBlock].load();
  return block ? &block->slots[index % kBlock] : nullptr;
}

// -1 where the path is too long or the table is full: the file is then cleaned by its destructor only.
int claim_slot(const std::string& path) {
  install_handlers();
  if (path.size() + 1 >= kPathMax) return -1;
  for (int i = 0; i < kBlock * kMaxBlocks; i++) {
    if (i % kBlock == 0 && !blocks[i / kBlock].load()) {
      std::lock_guard<std::mutex> guard(growing);
      if (!blocks[i / kBlock].load()) blocks[i / kBlock].store(new Block());
    }
    Slot* slot = slot_at(i);
    bool expected = false;
    if (!slot->claimed.compare_exchange_strong(expected, true)) continue;
    std::memcpy(slot->path, path.c_str(), path.size() + 1);
    slot->live.store(::getpid());
    return i;
  }
  return -1;
}
void release_slot(int index) {
  if (index < 0) return;
  Slot* slot = slot_at(index);
  slot->live.store(0);
  slot->claimed.store(false);
}

}  // namespace

Tempfile::Tempfile(Tempfile&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::exchange(other.fd_, -1)), slot_(std::exchange(other.slot_, -1)) {}
Tempfile& Tempfile::operator=(Tempfile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  fd_ = std::exchange(other.fd_, -1);
  slot_ = std::exchange(other.slot_, -1);
  return *this;
}
Tempfile::~Tempfile() { remove(); }

Result<Tempfile> Tempfile::create(const std::string& path, int mode) {
  Tempfile file;
  std::string absolute = absolute_path(path);  // the signal handler must find it from any directory
  file.slot_ = claim_slot(absolute);
  UniqueFd fd = open_fd(absolute, O_RDWR | O_CREAT | O_EXCL, mode);
  if (!fd) {
    int saved = errno;
    release_slot(std::exchange(file.slot_, -1));
    errno = saved;
    return make_error(errno == EEXIST ? ErrorKind::conflict : ErrorKind::io, "Unable to create '%s': %s", path,
                      std::strerror(errno));
  }
  file.path_ = absolute;
  file.fd_ = fd.release();
  return file;
}

Result<Tempfile> Tempfile::from_pattern(const std::string& pattern, int suffix_length, int mode) {
  std::string path = absolute_path(pattern);
  int raw = ::mkostemps(path.data(), suffix_length, O_CLOEXEC);
  if (raw < 0) return make_error(ErrorKind::io, "Unable to create temporary file '%s': %s", pattern, std::strerror(errno));
  if (mode != 0600) {
    mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(raw, static_cast<mode_t>(mode) & ~mask);
  }
  Tempfile file;
  file.path_ = path;
  file.fd_ = raw;
  file.slot_ = claim_slot(path);
  return file;
}

Result<Tempfile> Tempfile::in_tmpdir(const std::string& pattern, int suffix_length) {
  const char* dir = std::getenv("TMPDIR");
  return from_pattern(path_join(dir && *dir ? dir : "/tmp", pattern), suffix_length);
}

Tempfile Tempfile::adopt(const std::string& path) {
  Tempfile file;
  file.path_ = absolute_path(path);
  file.slot_ = claim_slot(file.path_);
  return file;
}

bool Tempfile::write(std::string_view bytes) { return write_in_full(fd_, bytes); }
bool Tempfile::sync() {
  int result;
  do result = ::fsync(fd_);
  while (result < 0 && errno == EINTR);
  return result == 0;
}
bool Tempfile::close() {
  int fd = std::exchange(fd_, -1);
  return fd < 0 || ::close(fd) == 0;
}
bool Tempfile::rename_to(const std::string& target) {
  if (!close()) {
    int saved = errno;
    remove();
    errno = saved;
    return false;
  }
  if (::rename(path_.c_str(), target.c_str()) < 0) {
    int saved = errno;
    remove();
    errno = saved;
    return false;
  }
  release_slot(std::exchange(slot_, -1));
  path_.clear();
  return true;
}
void Tempfile::remove() {
  if (path_.empty()) return;
  int saved = errno;
  close();
  ::unlink(path_.c_str());
  release_slot(std::exchange(slot_, -1));
  path_.clear();
  errno = saved;
}

}  // namespace git
