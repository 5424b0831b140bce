// A file mapped for reading; views borrow from it as long as it lives.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace git {

class MappedFile {
 public:
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // An empty file gives an empty view. missing / io errors as read_file().
  static Result<MappedFile> open(const std::string& path);
  static Result<MappedFile> from_fd(int fd, std::size_t size);
  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace git
