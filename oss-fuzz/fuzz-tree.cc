// Whatever a tree holds, reading and checking it ends well.
#include <cstddef>
#include <cstdint>
#include <string>

#include "object/fsck.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace git;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto fsck = [&](HashAlgo algo) {
    FsckState state;
    fsck_object(ObjectId::null(algo), ObjectType::tree, bytes, FsckOptions(), state, [](const FsckFinding&) { return false; });
  };
  for (HashAlgo algo : {HashAlgo::sha1, HashAlgo::sha256}) {
    std::string again;
    if (auto entries = parse_tree(bytes, algo))
      for (const TreeEntry& entry : *entries) append_tree_entry(again, entry.mode, entry.name, entry.oid);
    if (again.size() > bytes.size()) __builtin_trap();  // leading zeros of modes may go, nothing may come
    fsck(algo);
  }
  return 0;
}
