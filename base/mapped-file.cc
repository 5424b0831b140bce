// Files are mapped privately and read-only: a view never sees a half-written page of ours, because
// stores publish by rename and never write into a published file.
#include "base/mapped-file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/fd.h"

namespace git {

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}
MappedFile::~MappedFile() {
  if (size_) ::munmap(const_cast<char*>(data_), size_);
}

Result<MappedFile> MappedFile::from_fd(int fd, std::size_t size) {
  MappedFile file;
  if (size == 0) return file;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED) return make_error(ErrorKind::io, "mmap failed: %s", std::strerror(errno));
  file.data_ = static_cast<const char*>(data);
  file.size_ = size;
  return file;
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  UniqueFd fd = open_fd(path, O_RDONLY);
  if (!fd) {
    bool missing = errno == ENOENT || errno == ENOTDIR;
    return make_error(missing ? ErrorKind::missing : ErrorKind::io, "could not open '%s': %s", path, std::strerror(errno));
  }
  struct stat st;
  if (::fstat(fd.get(), &st) < 0) return make_error(ErrorKind::io, "could not stat '%s': %s", path, std::strerror(errno));
  return from_fd(fd.get(), static_cast<std::size_t>(st.st_size));
}

}  // namespace git
