// Big blobs go straight into a pack: one deflated copy, never a delta, never the whole in memory.  Whoever adds files
// owns one; the pack stays open for the next blob, and is to be finished before anything that names its objects is written.
//
//   BulkCheckin bulk(odb, limits);
//   if (bulk.takes(size)) oid = bulk.add_blob(size, reader);
//   ...
//   bulk.finish();
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "odb.h"
#include "pack/pack-write.h"

namespace git {

struct BulkLimits {
  std::uint64_t pack_size = 0;      // pack.packSizeLimit, 0: none
  bool write_reverse_index = true;  // pack.writeReverseIndex
};

class BulkCheckin {
 public:
  BulkCheckin(ObjectDatabase& odb, BulkLimits limits) : odb_(odb), options_(odb.options()), limits_(limits) {}
  ~BulkCheckin();  // an unfinished pack is given up

  bool takes(std::uint64_t size) const { return size > options_.big_file_threshold; }
  Result<ObjectId> add_blob(std::uint64_t size, const std::function<ssize_t(void*, std::size_t)>& reader);
  // Publishes what there is.
  void finish();

 private:
  void open();
  void fix_header_and_trailer(std::uint64_t size);
  void write_side_files(const std::string& base, const ObjectId& checksum);

  ObjectDatabase& odb_;
  const OdbOptions& options_;
  BulkLimits limits_;
  std::string pack_dir_;
  Tempfile temp_;
  std::unique_ptr<HashFile> file_;
  std::vector<PackIndexEntry> entries_;
  std::unordered_set<ObjectId, ObjectIdHash> names_;
  ObjectId checksum_;
};

}  // namespace git
