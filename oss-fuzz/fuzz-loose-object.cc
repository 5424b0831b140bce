// A loose object file of any content is refused or read; never more memory than it can hold.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "odb/odb-internal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace git;
  ReportCapture quiet([](void*, const char*, const std::string&) {}, nullptr);
  odb::parse_loose_header({reinterpret_cast<const char*>(data), size});
  char path[] = "/tmp/fuzz-loose-XXXXXX";
  int fd = ::mkstemp(path);
  if (fd < 0) return 0;
  if (::write(fd, data, size) != static_cast<ssize_t>(size)) size = 0;
  ::close(fd);
  ObjectId oid = ObjectId::null(HashAlgo::sha1);
  try {
    (void)odb::read_loose(path, oid);
    if (auto stream = odb::open_loose_stream(path, oid)) {
      char buffer[512];
      while ((*stream)->read(buffer, sizeof buffer) > 0) {
      }
    }
  } catch (const Fatal&) {
  }
  ::unlink(path);
  return 0;
}
