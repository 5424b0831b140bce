// Making packs (git-pack-objects(1)): objects in, and out comes a pack in which what was packed before is copied as
// it is, and what is new is deflated or made a delta of something like it.
//
//   PackObjects packer(repo, options);
//   packer.add(oid, ObjectType::commit, "");      // in recency order, the most recent first
//   packer.add_base(oid, ...);                    // thin packs: the receiver has it, deltas may build on it
//   packer.prepare();                             // what can be reused, then the search for deltas
//   packer.write_to_stdout();  or  packer.write_files(base_name);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "hash/object-id.h"
#include "object/object.h"
#include "pack/pack-write.h"

namespace git {

class Repository;
class ObjectDatabase;
class Pack;
class Progress;
class PackObjects;

// The hash of a path that brings versions of one file, and files of one kind, together. Version 1 is on disk in bitmaps.
std::uint32_t pack_name_hash(std::string_view path);
std::uint32_t pack_name_hash_v2(std::string_view path);

struct PackObjectsOptions {
  // Blobs that the receiver gets from elsewhere: "<pack-hash> <uri>" (--uri-protocol).
  std::unordered_map<ObjectId, std::string, ObjectIdHash> uris;
  int window = 10, depth = 50, threads = 0;  // 0: as many as there are processors
  std::uint64_t window_memory = 0;           // 0: no limit
  std::uint64_t delta_cache_size = 256ull << 20;
  std::uint64_t max_pack_size = 0;  // 0: no limit
  int compression = -1;
  bool reuse_delta = true, reuse_object = true;
  bool ofs_delta = false;
  bool thin = false;
  bool to_stdout = false;
  bool local = false, incremental = false;
  bool honor_keep = false;         // passes over objects in packs with .keep
  bool pass_kept_in_core = false;  // and in those marked Pack::is_kept_in_core
  bool exclude_promisor = false;   // objects in promisor packs
  bool non_empty = false;
  bool all_progress_implied = false;
  int name_hash_version = 1;
  int progress = 0;  // 0 none, 1 as far as writing, 2 all
  bool write_reverse_index = true;
  IndexFormat index_format;
  bool is_cruft = false;   // writes .mtimes
  bool path_walk = false;  // deltas are first sought among the versions of one path
};

// Which delta island an object belongs to; a base must belong to all islands of its delta.
class DeltaIslands {
 public:
  virtual ~DeltaIslands() = default;
  virtual bool may_use_base(const ObjectId& object, const ObjectId& base) = 0;
  virtual int layer_of(const ObjectId& object) = 0;  // 0 is the core
};

class PackObjects {
 public:
  static constexpr std::uint32_t kNone = ~0u;
  struct Entry {
    ObjectId oid;
    ObjectType type = ObjectType::none;
    ObjectType in_pack_type = ObjectType::none;
    std::uint8_t in_pack_header_size = 0;
    bool is_base_only : 1 = false;  // the receiver has it
    bool is_reused_delta : 1 = false;
    bool no_try_delta : 1 = false;
    bool is_written : 1 = false;
    bool is_in_progress : 1 = false;
    bool is_broken : 1 = false;     // its packed copy can't be used
    bool is_from_pack : 1 = false;  // copied with its pack: no delta is sought for it
    std::uint16_t depth = 0;
    std::uint32_t name_hash = 0;
    std::uint32_t pack = kNone;  // into the list of packs
    std::uint32_t rank = 0;      // there
    std::uint32_t base = kNone;  // entry this one is a delta of
    std::uint32_t crc = 0;
    std::uint64_t size = 0;        // inflated
    std::uint64_t delta_size = 0;  // inflated size of the delta
    std::uint64_t in_pack_offset = 0;
    std::uint64_t offset = 0;  // in the pack that is written
  };

  PackObjects(Repository& repo, PackObjectsOptions options);
  ~PackObjects();

  // False where it was there before or is not wanted (--local, --incremental, kept packs ...).
  bool add(const ObjectId& oid, ObjectType type, std::string_view path);
  bool add_hashed(const ObjectId& oid, ObjectType type, std::uint32_t name_hash);
  // From a pack that was chosen already (--stdin-packs, bitmaps).
  bool add_from_pack(const ObjectId& oid, ObjectType type, std::uint32_t name_hash, const Pack& pack, std::uint64_t offset,
                     bool may_reuse_pack = false);
  // A commit or tree that the receiver has: objects at the same paths become bases.
  void add_edge(const ObjectId& oid);
  void add_base_path(std::string_view path);
  void add_base(const ObjectId& oid, ObjectType type, std::string_view path);
  // The URIs that stand for objects left out.
  const std::vector<std::string>& used_uris() const { return used_uris_; }
  void set_mtime(const ObjectId& oid, std::uint32_t mtime);  // cruft packs: the latest wins
  bool contains(const ObjectId& oid) const;
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  std::uint32_t written_count() const { return to_write_; }  // without bases
  const std::vector<Entry>& entries() const { return entries_; }
  void set_path(std::uint32_t entry, std::string_view path);  // of one that came without
  std::uint32_t hash_path(std::string_view path) const;
  // Is it there, and by the options wanted?
  bool is_wanted(const ObjectId& oid);

  void set_islands(std::unique_ptr<DeltaIslands> islands) { islands_ = std::move(islands); }

  void prepare();
  void write_to_stdout();
  // Writes <base>-<hash>.pack and what goes with it; prints each hash. `on_pack` is called before the index appears, with the
  // name without extension, for files that go with it (bitmaps), and the entries in index order.
  using OnPack =
      std::function<void(const std::string& base, const ObjectId& checksum, const std::vector<std::uint32_t>& by_name)>;
  void write_files(const std::string& base_name, const OnPack& on_pack = {});
  // How many objects were copied with their packs, and from how many packs.
  std::uint32_t pack_reused() const { return pack_reused_; }
  std::uint32_t packs_reused() const { return packs_reused_; }
  std::string summary() const;  // "Total %u (delta %u), reused ..."
  const std::vector<std::string>& pack_hashes() const { return hashes_; }
  const PackObjectsOptions& options() const { return options_; }

 private:
  struct DeltaSearch;
  struct Writer;
  struct EdgeTree;
  std::uint32_t find(const ObjectId& oid) const;
  std::uint32_t insert(const ObjectId& oid);
  bool place(const ObjectId& oid, std::uint32_t& pack, std::uint64_t& offset);  // false: not wanted
  void fetch_promised();
  void check_objects();
  void count_pack_reuse();
  void check_object(Entry& entry);
  void fill_unpacked(Entry& entry);
  void break_chains();
  void unreuse(Entry& entry);
  bool may_delta(const Entry& entry) const;
  void search_deltas();
  std::vector<std::uint32_t> write_order() const;
  std::string read_data(const Entry& entry) const;

  Repository& repo_;
  ObjectDatabase& odb_;
  PackObjectsOptions options_;
  HashAlgo algo_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> table_;  // open addressing over entries_
  std::vector<std::shared_ptr<Pack>> packs_;
  std::size_t last_pack_ = 0;
  std::vector<std::unique_ptr<std::string>> deltas_;  // deflated, of those that were made anew
  std::vector<std::uint32_t> mtimes_;                 // by entry, for cruft packs
  std::vector<std::uint32_t> path_ids_;               // by entry, for path_walk
  std::vector<std::unique_ptr<EdgeTree>> edges_;
  std::vector<std::string> used_uris_;
  std::unordered_set<std::uint64_t> edge_paths_done_;
  std::unordered_map<ObjectId, std::shared_ptr<const std::string>, ObjectIdHash> edge_cache_;
  std::unique_ptr<DeltaIslands> islands_;
  std::uint32_t to_write_ = 0;
  std::uint32_t written_ = 0, written_deltas_ = 0, reused_ = 0, reused_deltas_ = 0;
  std::uint32_t pack_reused_ = 0, packs_reused_ = 0;
  std::vector<std::string> nonlocal_dirs_;  // where loose objects are somebody else's, with --local
  std::vector<std::string> hashes_;
};

}  // namespace git
