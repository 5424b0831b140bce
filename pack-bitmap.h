// Reachability bitmaps (technical/bitmap-format): for some commits, which objects of a pack or of all packs in a
// multi-pack index can be reached from them.  Answers "what is reachable from these and not from those" with a few
// set operations instead of a walk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/mapped-file.h"
#include "base/result.h"
#include "hash/object-id.h"
#include "object/object.h"
#include "pack/ewah.h"
#include "pack/midx-write.h"
#include "pack/pack.h"
#include "walk/object-filter.h"

namespace git {

class Repository;

class BitmapIndex {
 public:
  // The multi-pack index's bitmap, else that of a pack; nullptr where there is none that can be used.
  static std::unique_ptr<BitmapIndex> open(Repository& repo);
  ~BitmapIndex();

  std::uint32_t count() const;  // objects it covers
  // ---- bits ----
  std::optional<std::uint32_t> bit_of(const ObjectId& oid) const;
  ObjectId oid_of(std::uint32_t bit) const;
  ObjectType type_of(std::uint32_t bit) const;
  std::uint32_t name_hash_of(std::uint32_t bit) const;  // 0 where not known
  // Where the object is, for copying.
  std::pair<const Pack*, std::uint64_t> place_of(std::uint32_t bit) const;

  // ---- commits with bitmaps ----
  std::vector<ObjectId> commits() const;
  struct EntryPlace {
    ObjectId commit;
    std::uint64_t offset = 0;
    std::uint32_t flags = 0, xor_offset = 0;
  };
  std::vector<EntryPlace> entry_places() const;
  const Bitmap* bitmap_of(const ObjectId& commit);  // nullptr where it has none
  bool has_name_hashes() const { return !name_hashes_.empty(); }

  // ---- asking ----
  // Objects reachable from `wants` and not from `haves`. Bits from count() on are objects the index does not cover.
  struct Answer {
    Bitmap bits;
    std::vector<std::pair<ObjectId, ObjectType>> extra;  // reachable, not covered
  };
  static bool can_filter(const ObjectFilter& filter);
  // nullopt where it can't answer (something is missing).
  std::optional<Answer> ask(const std::vector<ObjectId>& wants, const std::vector<ObjectId>& haves, const ObjectFilter& filter);

 private:
  struct Entry {
    std::uint32_t position = 0;  // of the commit, in index order
    std::uint32_t xor_with = ~0u;
    std::uint32_t flags = 0, xor_offset = 0;
    std::uint64_t offset = 0;  // of the bitmap in the file
  };
  explicit BitmapIndex(Repository& repo);
  bool load(const std::string& path);
  bool load_entries(std::string_view rest, std::uint32_t entries);
  std::uint32_t position_to_bit(std::uint32_t position) const;
  ObjectId oid_at_position(std::uint32_t position) const;
  bool fill(const std::vector<ObjectId>& tips, Bitmap& seen, const Bitmap* stop, bool ignore_missing);
  bool fill_tree(const ObjectId& tree, Bitmap& seen, const Bitmap* stop, bool ignore_missing);
  std::uint32_t bit_or_new(const ObjectId& oid, ObjectType type);
  void apply_filter(Bitmap& bits, const std::vector<ObjectId>& tips, const ObjectFilter& filter);
  void drop_type(Bitmap& bits, const Bitmap& tips, ObjectType type);

  Repository& repo_;
  std::shared_ptr<Pack> pack_;
  std::unique_ptr<MultiPackIndex> midx_;
  std::vector<std::shared_ptr<Pack>> midx_packs_;
  std::vector<std::uint32_t> midx_bits_;  // position -> bit
  MappedFile file_;
  std::vector<Entry> entries_;
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> by_commit_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Bitmap>> decoded_;
  Bitmap types_[4];
  std::string_view name_hashes_;
  std::vector<std::pair<ObjectId, ObjectType>> extra_;
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> extra_bits_;
};

// ---- writing ----
struct BitmapInput {
  std::vector<ObjectId> objects;  // in bit order
  std::vector<ObjectType> types;
  std::vector<std::uint32_t> name_hashes;  // 0 where not known; may be empty
  ObjectId checksum;                       // of the pack or multi-pack index
  std::vector<ObjectId> commits;           // to choose from, the most recent first
  std::unordered_set<ObjectId, ObjectIdHash> preferred;
  bool hash_cache = true, lookup_table = false;
  bool all_commits = false;  // a bitmap for each of `commits`
};
// Writes `path`. Error invalid where objects reach others that are not covered.
Result<void> write_bitmap(Repository& repo, BitmapInput input, const std::string& path);
// Refs under pack.preferBitmapTips.
std::unordered_set<ObjectId, ObjectIdHash> preferred_bitmap_tips(Repository& repo);
// The bitmap of a multi-pack index about to be published.
Result<void> write_midx_bitmap(Repository& repo, const MidxPlan& plan, const ObjectId& checksum, const std::string& path,
                               const std::optional<std::string>& refs_snapshot);

}  // namespace git
