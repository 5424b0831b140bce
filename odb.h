// The object database: loose objects, packs, alternates, quarantine and promised objects behind one door.
// Formats: gitformat-pack(5), gitrepository-layout(5).  Thread-safe for reading.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "object/object.h"

namespace git {

class Pack;  // pack/pack.h: one pack with its idx
class MultiPackIndex;
struct OdbState;  // odb/odb-internal.h

enum LookupFlag : unsigned {
  kLookupQuick = 1u << 0,      // don't look for new packs after a miss
  kLookupNoReplace = 1u << 1,  // refs/replace is not followed
  kLookupNoFetch = 1u << 2,    // a promised object that is missing stays missing
  kLookupDieIfCorrupt = 1u << 3,
  kLookupBrief = 1u << 4,  // info() may leave out disk_size and delta_base, which can cost a look at the whole pack
};

struct ObjectInfo {
  ObjectType type = ObjectType::none;  // after deltas are resolved
  std::uint64_t size = 0;              // inflated
  std::uint64_t disk_size = 0;         // bytes in the pack or loose file
  ObjectId delta_base;                 // null where it is whole
  enum class Where : std::uint8_t { loose, packed, cached } where = Where::loose;
  const Pack* pack = nullptr;
  std::uint64_t offset = 0;
};

// An object read in pieces, for those too big for memory.
class ObjectStream {
 public:
  virtual ~ObjectStream() = default;
  virtual ObjectType type() const = 0;
  virtual std::uint64_t size() const = 0;
  // Fills up to `size` bytes; 0 at the end; -1 where the object is corrupt.
  virtual ssize_t read(void* buffer, std::size_t size) = 0;
};

struct OdbOptions {
  HashAlgo algo = HashAlgo::sha1;
  std::string objects_dir;              // absolute
  std::vector<std::string> alternates;  // from GIT_ALTERNATE_OBJECT_DIRECTORIES
  std::uint64_t big_file_threshold = 512ull << 20;
  int loose_compression = 1;  // zlib level, core.looseCompression
  int pack_compression = -1;
  std::uint64_t delta_base_cache_limit = 96ull << 20;
  bool use_multi_pack_index = true;
  int shared_repository = 0;
  unsigned fsync_components = 0;  // FsyncComponent bits
};

class ObjectDatabase {
 public:
  explicit ObjectDatabase(OdbOptions options);
  ~ObjectDatabase();
  ObjectDatabase(const ObjectDatabase&) = delete;
  ObjectDatabase& operator=(const ObjectDatabase&) = delete;

  HashAlgo algo() const;
  const OdbOptions& options() const;
  const std::string& objects_dir() const;

  // ---- reading ----
  // missing: nowhere here; corrupt: there, but broken (the message is git's, naming file and object).
  Result<ObjectData> read(const ObjectId& oid, unsigned flags = 0);
  // Also follows tags (and commits, for a tree) to the first object of `wanted`; `actual` gets its name.
  Result<ObjectData> read_peeled(const ObjectId& oid, ObjectType wanted, ObjectId* actual = nullptr);
  std::optional<ObjectInfo> info(const ObjectId& oid, unsigned flags = 0);
  // Cheaper than info(): only the type.
  ObjectType type_of(const ObjectId& oid, unsigned flags = 0);  // bad where missing
  bool has(const ObjectId& oid, unsigned flags = 0);
  Result<std::unique_ptr<ObjectStream>> open_stream(const ObjectId& oid, unsigned flags = 0);
  // Newest modification time of any file that holds the object; nullopt where missing.
  std::optional<std::int64_t> mtime(const ObjectId& oid);

  // ---- writing ----
  ObjectId hash(ObjectType type, std::string_view data) const;  // name only
  // Writes a loose object (into the quarantine, if one is open) unless it is here already, whose mtime is then refreshed.
  Result<ObjectId> write(ObjectType type, std::string_view data);
  // As write(), but loose also where a pack has it; `mtime` 0 is now.
  Result<ObjectId> write_loose(ObjectType type, std::string_view data, std::int64_t mtime = 0);
  // `size` bytes from a reader, never all in memory; a blob over the big-file threshold goes straight to a pack.
  Result<ObjectId> write_stream(ObjectType type, std::uint64_t size, const std::function<ssize_t(void*, std::size_t)>& reader);
  // Exists for this process only, written nowhere (the empty tree always is).
  void pretend(const ObjectId& oid, ObjectData data);
  // Puts new objects in a private directory until publish(); used by receive-pack and by tmp-objdir users.
  void open_quarantine(const std::string& prefix);
  std::string quarantine_dir() const;  // "" where none is open
  // Came with the quarantine and is nowhere else, so nothing that was here before can lead to it.
  bool is_only_in_quarantine(const ObjectId& oid);
  std::vector<std::string> quarantine_env() const;  // "GIT_OBJECT_DIRECTORY=..." ... for children
  Result<void> publish_quarantine();
  void drop_quarantine();

  // ---- enumerating ----
  // Names starting with the first `digits` hex digits of `prefix`; stops when `fn` returns false.
  void for_each_prefixed(const ObjectId& prefix, std::size_t digits, const std::function<bool(const ObjectId&)>& fn);
  void for_each_loose(const std::function<bool(const ObjectId&, const std::string& path)>& fn, bool local_only = false);
  // In index order of each pack, or in pack (offset) order.
  void for_each_packed(const std::function<bool(const ObjectId&, const Pack&, std::uint32_t position)>& fn,
                       bool local_only = false, bool pack_order = false);
  const std::vector<std::shared_ptr<Pack>>& packs();            // newest first
  std::shared_ptr<Pack> add_pack(const std::string& idx_path);  // a pack just written; nullptr where it can't be opened
  void reprepare();                                             // look again for packs, midx and alternates
  std::size_t approximate_object_count();

  // ---- alternates ----
  struct Source {
    std::string path;  // an objects directory
    bool is_local;     // the repository's own
  };
  std::vector<Source> sources();
  void add_alternate_in_memory(const std::string& objects_dir);
  void add_alternate_to_file(const std::string& objects_dir);
  std::string loose_path(const ObjectId& oid) const;  // where this repository would put it

  // ---- what stores above plug in ----
  // refs/replace: the object to read instead, or the same. Set lazily by the repository.
  void set_replace_lookup(std::function<ObjectId(const ObjectId&)> fn);
  ObjectId replaced(const ObjectId& oid);
  // Promised objects: brings `oids`, true where all came.
  void set_promisor_fetch(std::function<bool(std::span<const ObjectId>)> fn);
  bool has_promisor() const;
  bool fetch_missing(std::span<const ObjectId> oids);
  bool is_promisor_object(const ObjectId& oid);  // in, or named by, a .promisor pack

 private:
  std::unique_ptr<OdbState> state_;
};

}  // namespace git
