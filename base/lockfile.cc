// Waiting for a lock backs off quadratically with jitter, so that many waiters don't march in step.
#include "base/lockfile.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>

#include "base/files.h"

namespace git {
namespace {

// The file a chain of symbolic links ends at, at most 5 long; a link that can't be read ends it.
std::string follow_symlinks(std::string path) {
  for (int depth = 0; depth < 5; depth++) {
    auto target = read_link(path);
    if (!target) break;
    path = is_absolute_path(*target) ? *target : path_join(path_dirname(path), *target);
  }
  return path;
}

std::string held_message(const std::string& lock_path, int reason) {
  if (reason == EEXIST)
    return strf(_("Unable to create '%s': %s.\n\n"
                  "Another git process seems to be running in this repository, e.g.\n"
                  "an editor opened by 'git commit'. Please make sure all processes\n"
                  "are terminated then try again. If it still fails, a git process\n"
                  "may have crashed in this repository earlier:\n"
                  "remove the file manually to continue."),
                absolute_path(lock_path), std::strerror(reason));
  return strf(_("Unable to create '%s': %s"), absolute_path(lock_path), std::strerror(reason));
}

class Backoff {
 public:
  explicit Backoff(long timeout_ms) : remaining_ms_(timeout_ms), forever_(timeout_ms < 0) {}
  // False when the time is up.
  bool wait() {
    if (!forever_ && remaining_ms_ <= 0) return false;
    std::uniform_int_distribution<long> jitter(750, 1249);
    long ms = std::max(1L, multiplier_ * jitter(random_) / 1000);
    if (!forever_) remaining_ms_ -= ms;
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    multiplier_ = std::min(1000L, multiplier_ + 2 * n_ + 1);
    n_++;
    return true;
  }

 private:
  long remaining_ms_;
  bool forever_;
  long multiplier_ = 1;
  long n_ = 1;
  std::minstd_rand random_{static_cast<unsigned>(::getpid())};
};

}  // namespace

Result<LockFile> LockFile::hold(const std::string& path, long timeout_ms, bool follow_links, int mode) {
  LockFile lock;
  lock.target_ = follow_links ? follow_symlinks(path) : path;
  std::string lock_path = lock.target_ + ".lock";
  Backoff backoff(timeout_ms);
  for (;;) {
    Result<Tempfile> temp = Tempfile::create(lock_path, mode);
    if (temp) {
      lock.temp_ = std::move(*temp);
      return lock;
    }
    int reason = errno;
    if (reason != EEXIST || !backoff.wait())
      return Error{reason == EEXIST ? ErrorKind::conflict : ErrorKind::io, held_message(lock_path, reason)};
  }
}

LockFile LockFile::hold_or_die(const std::string& path, long timeout_ms) {
  Result<LockFile> lock = hold(path, timeout_ms);
  return std::move(lock).take_or_die();
}

void LockFile::commit_or_die() {
  std::string target = target_;
  if (!commit()) die_errno("unable to write new file '%s'", target);
}

}  // namespace git
