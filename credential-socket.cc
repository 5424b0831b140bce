// A socket's path has about a hundred bytes of room.  A longer one is reached by its last component from inside its
// folder, and the working directory restored afterwards.
#include "credential-socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"

namespace git {
namespace {

class ShortAddress {
 public:
  explicit ShortAddress(const std::string& path) {
    std::string name = path;
    address_.sun_family = AF_UNIX;
    if (name.size() >= sizeof(address_.sun_path)) {
      name = path_basename(path);
      std::string dir(path_dirname(path));
      home_ = open_fd(".", O_RDONLY | O_DIRECTORY);
      if (name.size() >= sizeof(address_.sun_path) || !home_ || ::chdir(dir.c_str()) < 0) {
        if (name.size() >= sizeof(address_.sun_path)) errno = ENAMETOOLONG;
        home_.reset();
        return;
      }
    }
    std::memcpy(address_.sun_path, name.c_str(), name.size() + 1);
    is_good_ = true;
  }
  ~ShortAddress() {
    int saved = errno;
    if (home_ && ::fchdir(home_.get()) < 0) std::abort();
    errno = saved;
  }
  ShortAddress(const ShortAddress&) = delete;
  ShortAddress& operator=(const ShortAddress&) = delete;
  bool is_good() const { return is_good_; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  const char* name() const { return address_.sun_path; }

 private:
  sockaddr_un address_{};
  UniqueFd home_;
  bool is_good_ = false;
};

UniqueFd unix_socket() { return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

}  // namespace

UniqueFd connect_unix_socket(const std::string& path) {
  ShortAddress address(path);
  if (!address.is_good()) return UniqueFd();
  UniqueFd fd = unix_socket();
  if (!fd || ::connect(fd.get(), address.get(), sizeof(sockaddr_un)) == 0) return fd;
  int saved = errno;
  fd.reset();
  errno = saved;
  return fd;
}

UniqueFd listen_unix_socket(const std::string& path) {
  ShortAddress address(path);
  if (!address.is_good()) return UniqueFd();
  UniqueFd fd = unix_socket();
  ::unlink(address.name());
  if (fd && ::bind(fd.get(), address.get(), sizeof(sockaddr_un)) == 0 && ::listen(fd.get(), 5) == 0) return fd;
  int saved = errno;
  fd.reset();
  errno = saved;
  return fd;
}

}  // namespace git
