// Any bytes as a pack that comes in: indexed or refused, in bounded memory.
#include <unistd.h>

#include <cstdint>

#include "base/error.h"
#include "base/tempfile.h"
#include "pack/index-pack.h"

namespace {

class NoHost : public git::IndexPackHost {
 public:
  bool has(const git::ObjectId&) override { return false; }
  git::Result<git::ObjectData> read(const git::ObjectId&) override { return git::make_error(git::ErrorKind::missing, "none"); }
  void inspect(const git::ObjectId&, git::ObjectType, std::string_view) override {}
  void progress_start(const char*, std::uint64_t) override {}
  void progress(std::uint64_t, std::uint64_t) override {}
  void progress_stop(const std::string&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace git;
  auto file = Tempfile::in_tmpdir("fuzz-pack-XXXXXX");
  if (!file || !file->write({reinterpret_cast<const char*>(data), size}) || lseek(file->fd(), 0, SEEK_SET) < 0) return 0;
  try {
    NoHost host;
    IndexPack indexer({}, host);
    indexer.parse(file->fd(), file->fd());
    indexer.resolve();
    indexer.finish();
  } catch (const Fatal&) {
  }
  return 0;
}
