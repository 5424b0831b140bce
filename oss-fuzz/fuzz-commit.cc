// Whatever a commit holds, reading and checking it ends well.
#include <cstddef>
#include <cstdint>
#include <string>

#include "object/fsck.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace git;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto fsck = [&](HashAlgo algo) {
    FsckState state;
    fsck_object(ObjectId::null(algo), ObjectType::commit, bytes, FsckOptions(), state, [](const FsckFinding&) { return false; });
  };
  for (HashAlgo algo : {HashAlgo::sha1, HashAlgo::sha256}) {
    if (auto commit = parse_commit(bytes, algo)) split_ident_line(commit->committer);
    fsck(algo);
  }
  find_commit_header(bytes, "gpgsig");
  return 0;
}
