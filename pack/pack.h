// Packs and their indexes, for reading (gitformat-pack(5)).
//
//   auto pack = Pack::open(".../pack-1234.idx", HashAlgo::sha1, options);   // looks at the names only
//   if (auto position = (*pack)->find(oid)) {
//     std::uint64_t offset = (*pack)->offset_at(*position);
//     Result<ObjectData> object = (*pack)->read(offset);
//   }
//
// Two orders: a *position* counts objects by name (index order), a *rank* counts them by place in the pack
// (pack order).  Files are mapped on first use; everything const here may be called from several threads.
// An index or pack that does not open is reported once with error() and then behaves as an empty one.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/mapped-file.h"
#include "base/result.h"
#include "hash/object-id.h"
#include "object/object.h"

namespace git {

// Objects that deltas were applied to, kept while they fit; least recently used go first. Shared by the packs of
// one object database.
class DeltaBaseCache {
 public:
  struct Entry {
    ObjectType type = ObjectType::none;
    std::shared_ptr<const std::string> data;
  };
  explicit DeltaBaseCache(std::uint64_t limit);
  ~DeltaBaseCache();
  std::optional<Entry> find(const void* pack, std::uint64_t offset);
  void add(const void* pack, std::uint64_t offset, Entry entry);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One .idx file, version 1 or 2.
class PackIndex {
 public:
  static constexpr std::uint32_t kSignature = 0xff744f63;  // "\377tOc"
  // Errors are git's: "index file %s is too small", "wrong index v2 file size in %s", "non-monotonic index %s" ...
  static Result<PackIndex> open(const std::string& path, HashAlgo algo);

  int version() const { return version_; }
  HashAlgo algo() const { return algo_; }
  std::uint32_t count() const { return count_; }
  std::optional<std::uint32_t> find(const ObjectId& oid) const;
  // First position whose name is not below `oid`.
  std::uint32_t lower_bound(const ObjectId& oid) const;
  ObjectId oid_at(std::uint32_t position) const { return ObjectId::from_raw(raw_at(position), algo_); }
  const unsigned char* raw_at(std::uint32_t position) const { return names_ + std::size_t{position} * stride_; }
  // Dies where a 64 bit offset points outside its table.
  std::uint64_t offset_at(std::uint32_t position) const;
  std::optional<std::uint32_t> crc_at(std::uint32_t position) const;  // nullopt in version 1
  std::uint32_t fanout(unsigned byte) const;
  std::string_view pack_checksum() const;   // the hash in the trailer of the pack
  std::string_view index_checksum() const;  // of the index itself
  std::string_view bytes() const { return file_.bytes(); }
  const std::string& path() const { return path_; }
  bool checksum_matches() const;

 private:
  std::string path_;
  MappedFile file_;
  HashAlgo algo_ = HashAlgo::unknown;
  int version_ = 0;
  std::uint32_t count_ = 0;
  std::size_t stride_ = 0;
  const unsigned char* fanout_ = nullptr;
  const unsigned char* names_ = nullptr;
  const unsigned char* crcs_ = nullptr;
  const unsigned char* offsets_ = nullptr;
  const unsigned char* offsets64_ = nullptr;
  std::uint64_t count64_ = 0;
};

// What an entry's header says, and what is behind it.
struct PackEntryHeader {
  ObjectType type = ObjectType::bad;  // may be ofs_delta or ref_delta
  std::uint64_t size = 0;             // of the inflated bytes that follow, for deltas the delta's
  std::uint64_t data_offset = 0;      // where the zlib stream starts
  std::uint64_t base_offset = 0;      // of an ofs_delta
  ObjectId base_oid;                  // of a ref_delta
};

struct PackObjectInfo {
  ObjectType type = ObjectType::bad;  // after deltas are resolved
  std::uint64_t size = 0;             // of the object
  std::uint64_t disk_size = 0;        // bytes from this entry to the next
  ObjectId delta_base;                // null where the entry is whole
};

// A packed object in pieces.
class PackStream {
 public:
  virtual ~PackStream() = default;
  virtual ObjectType type() const = 0;
  virtual std::uint64_t size() const = 0;
  virtual ssize_t read(void* buffer, std::size_t size) = 0;  // 0 at the end, -1 where it is corrupt
};

struct PackOptions {
  bool is_local = true;                   // in the repository's own objects directory
  std::shared_ptr<DeltaBaseCache> cache;  // nullptr: the pack makes a small one of its own
  bool is_quiet = false;                  // report nothing
};

class Pack {
 public:
  // Errors: missing where there is no .pack beside the .idx.
  static Result<std::shared_ptr<Pack>> open(const std::string& idx_path, HashAlgo algo, PackOptions options = {});
  ~Pack();
  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;

  // ---- what it is ----
  const std::string& path() const { return pack_path_; }    // ".../pack-<hash>.pack"
  std::string path_with(std::string_view extension) const;  // path_with("rev") is ".../pack-<hash>.rev"
  std::string_view name() const;                            // "pack-<hash>.pack", the last component
  HashAlgo algo() const { return algo_; }
  bool is_local() const { return options_.is_local; }
  bool has_keep() const { return has_keep_; }
  bool is_promisor() const { return is_promisor_; }
  bool is_cruft() const { return is_cruft_; }    // has a .mtimes file
  std::int64_t mtime() const { return mtime_; }  // of the .pack
  std::uint64_t file_size() const { return file_size_; }
  bool is_kept_in_core = false;  // for commands that pass over some packs (--keep-pack, --honor-pack-keep)

  // ---- the index ----
  bool open_index() const;                                       // false: it can't be opened, which was reported
  const PackIndex& index() const;                                // REQUIRES: open_index()
  std::uint32_t count() const;                                   // 0 where the index does not open
  std::optional<std::uint32_t> find(const ObjectId& oid) const;  // passes over objects marked bad
  std::optional<std::uint64_t> find_offset(const ObjectId& oid) const;
  ObjectId oid_at(std::uint32_t position) const { return index().oid_at(position); }
  std::uint64_t offset_at(std::uint32_t position) const { return index().offset_at(position); }
  // The modification time that a cruft pack's .mtimes has for an object.
  std::uint32_t mtime_at(std::uint32_t position) const;

  // ---- pack order, from .rev or computed ----
  std::uint32_t position_at_rank(std::uint32_t rank) const;
  std::uint64_t offset_at_rank(std::uint32_t rank) const;  // rank == count() gives where the trailer starts
  std::optional<std::uint32_t> rank_of_offset(std::uint64_t offset) const;
  std::optional<std::uint32_t> position_of_offset(std::uint64_t offset) const;
  std::optional<ObjectId> oid_of_offset(std::uint64_t offset) const;
  // Says with error() what is wrong with the .rev file; true also where there is none.
  bool check_reverse_index() const;

  // ---- the objects ----
  bool open_pack() const;          // false: it can't be opened or does not fit its index, which was reported
  std::string_view bytes() const;  // the whole file; REQUIRES: open_pack()
  Result<PackEntryHeader> entry_header(std::uint64_t offset) const;
  Result<ObjectData> read(std::uint64_t offset) const;
  // Without `want_place` neither disk_size nor the base of an offset delta, which need the reverse index.
  Result<PackObjectInfo> info(std::uint64_t offset, bool want_type_and_size = true, bool want_place = true) const;
  ObjectType type_at(std::uint64_t offset) const;  // bad where it can't be told
  Result<std::unique_ptr<PackStream>> open_stream(std::uint64_t offset) const;
  // The inflated bytes of one entry alone: the delta itself for deltas.
  Result<std::string> inflate_entry(const PackEntryHeader& header) const;

  // ---- when things are broken ----
  void mark_bad(const ObjectId& oid) const;
  bool is_bad(const ObjectId& oid) const;
  bool has_bad_objects() const { return has_bad_.load(std::memory_order_relaxed); }
  // Where a delta's base in this pack is broken, its bytes may still be somewhere else.
  void set_base_fallback(std::function<Result<ObjectData>(const ObjectId&)> fallback) { fallback_ = std::move(fallback); }
  std::string_view checksum() const { return index().pack_checksum(); }

 private:
  Pack() = default;
  bool load_index() const;
  bool load_pack() const;
  void load_reverse() const;
  bool load_rev_file() const;
  void report_error(const std::string& message) const;
  struct ChainLink;
  Result<DeltaBaseCache::Entry> read_base_elsewhere(const ChainLink& delta, std::uint64_t base_offset) const;

  std::string pack_path_;
  HashAlgo algo_ = HashAlgo::unknown;
  PackOptions options_;
  bool has_keep_ = false, is_promisor_ = false, is_cruft_ = false;
  std::int64_t mtime_ = 0;
  std::uint64_t file_size_ = 0;
  std::function<Result<ObjectData>(const ObjectId&)> fallback_;

  mutable std::mutex mutex_;                                                    // guards the loading and bad_
  mutable std::atomic<int> index_state_{0}, pack_state_{0}, reverse_state_{0};  // 0 not tried, 1 loaded, 2 failed
  mutable PackIndex index_;
  mutable MappedFile file_;
  mutable MappedFile rev_file_;
  mutable const unsigned char* rev_table_ = nullptr;
  mutable std::vector<std::uint32_t> reverse_;  // rank -> position, where there is no .rev
  mutable MappedFile mtimes_file_;
  mutable int mtimes_state_ = 0;
  mutable std::unordered_set<ObjectId, ObjectIdHash> bad_;
  mutable std::atomic<bool> has_bad_{false};
};

// <objects>/pack/multi-pack-index, or the chain in multi-pack-index.d.  Positions count objects by name within one
// layer, the layers one after the other, the oldest first; pack numbers likewise.
class MultiPackIndex {
 public:
  // missing where there is none; corrupt with git's texts otherwise. `objects_dir` is where "pack/" is.
  static Result<std::unique_ptr<MultiPackIndex>> open(const std::string& objects_dir, HashAlgo algo, bool is_local = true);
  ~MultiPackIndex();

  std::uint32_t count() const;                         // objects
  const std::vector<std::string>& pack_names() const;  // "pack-<hash>.idx"
  std::optional<std::uint32_t> find(const ObjectId& oid) const;
  ObjectId oid_at(std::uint32_t position) const;
  struct Place {
    std::uint32_t pack = 0;  // into pack_names()
    std::uint64_t offset = 0;
  };
  Place place_at(std::uint32_t position) const;
  // Positions whose names start with the first `digits` hex digits of `prefix`; stops where `fn` returns false.
  void for_each_prefixed(const ObjectId& prefix, std::size_t digits, const std::function<bool(std::uint32_t)>& fn) const;
  bool contains_pack(std::string_view name) const;  // with ".idx" or ".pack" behind it
  const std::string& objects_dir() const { return objects_dir_; }
  bool is_local() const { return is_local_; }

  struct Layer;  // pack/midx-format.h
  const std::vector<std::unique_ptr<Layer>>& layers() const { return layers_; }

 private:
  MultiPackIndex();
  std::string objects_dir_;
  bool is_local_ = true;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<std::string> names_;
};

// Positions of an index whose names start with the first `digits` hex digits of `prefix`.
std::pair<std::uint32_t, std::uint32_t> prefix_range(const PackIndex& index, const ObjectId& prefix, std::size_t digits);

}  // namespace git
