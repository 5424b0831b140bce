// Writing a multi-pack index over a set of packs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "pack/pack.h"

namespace git {

struct MidxEntry {
  ObjectId oid;
  std::uint32_t pack = 0;  // into MidxPlan::packs
  std::uint64_t offset = 0;
};

// What a multi-pack index will hold.
struct MidxPlan {
  std::vector<std::shared_ptr<Pack>> packs;  // by the name of their index
  std::vector<MidxEntry> entries;            // by name
  std::optional<std::uint32_t> preferred;
  // Places of entries in the order of a pack made of all packs, the preferred one first.
  std::vector<std::uint32_t> pseudo_pack_order() const;
};
// Of several copies the preferred pack's is taken, else the newest pack's. `base`: what older layers have is left out.
// `old`: of the packs in it only what it points at counts, and less than any pack that is new.
MidxPlan plan_midx(std::vector<std::shared_ptr<Pack>> packs, const Pack* preferred, const MultiPackIndex* base = nullptr,
                   const MultiPackIndex* old = nullptr);

struct MidxWriteOptions {
  HashAlgo algo = HashAlgo::sha1;
  bool reverse_index = false;  // RIDX and BTMP, which bitmaps need
  bool incremental = false;    // one more layer on the chain
  int shared_repository = 0;
  // Called with the checksum before the file appears, for the bitmap that goes with it; `stem` + ".bitmap" is its name.
  std::function<void(const ObjectId& checksum, const std::string& stem)> before_publish;
  std::vector<ObjectId> base_layers;  // checksums of the layers below
};
ObjectId write_midx(const std::string& objects_dir, const MidxPlan& plan, const MidxWriteOptions& options);
// Removes .bitmap and .rev files of other multi-pack indexes than `keep`.
void clear_stale_midx_files(const std::string& objects_dir, const std::string& keep_hex);
// Removes the multi-pack index and all that belongs to it.
void clear_midx(const std::string& objects_dir);

}  // namespace git
