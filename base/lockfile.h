// "path.lock": held while a file is rewritten, published by one rename.
//
//   LockFile lock = LockFile::hold_or_die(path);
//   lock.write(bytes);
//   lock.commit_or_die();
#pragma once

#include <string>

#include "base/tempfile.h"

namespace git {

class LockFile {
 public:
  LockFile() = default;
  // Follows symbolic links of `path` to the file that is really locked. `timeout_ms`: 0 gives up at
  // once, -1 waits for ever. ErrorKind::conflict where somebody holds it; the message is git's
  // ("Unable to create '%s.lock': File exists.\n\nAnother git process seems to be running ...").
  static Result<LockFile> hold(const std::string& path, long timeout_ms = 0, bool follow_links = true, int mode = 0666);
  static LockFile hold_or_die(const std::string& path, long timeout_ms = 0);

  bool is_held() const { return temp_.is_active(); }
  const std::string& target() const { return target_; }
  const std::string& lock_path() const { return temp_.path(); }
  int fd() const { return temp_.fd(); }
  bool write(std::string_view bytes) { return temp_.write(bytes); }
  bool sync() { return temp_.sync(); }
  bool close() { return temp_.close(); }
  bool commit() { return temp_.rename_to(target_); }
  void commit_or_die();  // "unable to write new file '%s'"-style death on failure
  void rollback() { temp_.remove(); }

 private:
  Tempfile temp_;
  std::string target_;
};

}  // namespace git
