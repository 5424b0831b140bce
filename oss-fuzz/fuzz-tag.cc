// Whatever a tag holds, reading and checking it ends well.
#include <cstddef>
#include <cstdint>
#include <string>

#include "object/fsck.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace git;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto fsck = [&](HashAlgo algo) {
    FsckState state;
    fsck_object(ObjectId::null(algo), ObjectType::tag, bytes, FsckOptions(), state, [](const FsckFinding&) { return false; });
  };
  for (HashAlgo algo : {HashAlgo::sha1, HashAlgo::sha256}) {
    if (auto tag = parse_tag(bytes, algo)) split_ident_line(tag->tagger);
    fsck(algo);
  }
  return 0;
}
