// Temporary files that vanish unless they are renamed into place; also removed when a signal
// ends the program.
//
//   INVARIANT: after the destructor, or after a signal, no file of an uncommitted Tempfile is left.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace git {

class Tempfile {
 public:
  Tempfile() = default;
  Tempfile(Tempfile&&) noexcept;
  Tempfile& operator=(Tempfile&&) noexcept;
  ~Tempfile();

  // Creates exactly `path`, which must not exist (O_EXCL).
  static Result<Tempfile> create(const std::string& path, int mode = 0666);
  // `pattern` ends in "XXXXXX" + suffix of `suffix_length`; permissions `mode` under umask.
  static Result<Tempfile> from_pattern(const std::string& pattern, int suffix_length = 0, int mode = 0600);
  // In $TMPDIR or /tmp.
  static Result<Tempfile> in_tmpdir(const std::string& pattern, int suffix_length = 0);
  // Adopts a file that exists, to be removed at the end.
  static Tempfile adopt(const std::string& path);

  bool is_active() const { return !path_.empty(); }
  const std::string& path() const { return path_; }
  int fd() const { return fd_; }  // -1 once closed

  bool write(std::string_view bytes);  // false with errno
  bool sync();
  bool close();                               // false with errno; the file stays
  bool rename_to(const std::string& target);  // closes first; on success nothing is left to clean
  void remove();                              // gives up now

 private:
  std::string path_;
  int fd_ = -1;
  int slot_ = -1;  // in the table that the signal handler reads
};

}  // namespace git
