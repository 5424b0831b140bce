// What the files of this room share: the state behind ObjectDatabase, and the loose store.
//
// Sources (the repository's own objects directory, then its alternates) and their packs are kept in snapshots.  A
// snapshot never changes, and none is freed before the database is, so readers on other threads keep what they hold
// while reprepare() puts a newer one in its place.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "odb.h"
#include "pack/pack.h"

namespace git {

// A multi-pack-index with the packs it speaks of, by their number; nullptr where one is gone.
struct MidxSource {
  std::unique_ptr<MultiPackIndex> midx;
  std::vector<std::shared_ptr<Pack>> packs;
};

struct OdbSnapshot {
  std::vector<ObjectDatabase::Source> sources;  // the one written to first
  std::vector<std::shared_ptr<Pack>> packs;     // local first, then newest first
  std::vector<Pack*> loners;                    // those of `packs` that no midx covers
  std::vector<MidxSource> midxs;
};

struct PackedPlace {
  Pack* pack = nullptr;
  std::uint64_t offset = 0;
};

struct OdbState {
  OdbOptions options;
  std::recursive_mutex mutex;  // guards everything below but what is atomic
  std::deque<std::unique_ptr<OdbSnapshot>> snapshots;
  std::atomic<const OdbSnapshot*> current{nullptr};
  std::atomic<Pack*> last_hit{nullptr};
  std::shared_ptr<DeltaBaseCache> delta_cache;
  std::unordered_map<std::string, std::shared_ptr<Pack>> opened;  // by idx path
  std::vector<std::string> added_alternates;
  std::unordered_map<ObjectId, ObjectData, ObjectIdHash> pretended;
  std::atomic<bool> has_pretended{false};
  std::string quarantine;  // its objects directory
  std::function<ObjectId(const ObjectId&)> replace_lookup;
  std::function<bool(std::span<const ObjectId>)> promisor_fetch;
  bool has_promisor_remote = false;  // it was set once, whoever took it away since
  std::optional<std::unordered_set<ObjectId, ObjectIdHash>> promisor_objects;
  // Names of loose objects by first byte, for quick lookups; filled a directory at a time.
  std::array<std::unique_ptr<std::unordered_set<ObjectId, ObjectIdHash>>, 256> loose_names;

  const OdbSnapshot& snapshot();
  const OdbSnapshot& refresh();
  std::string write_dir() const { return quarantine.empty() ? options.objects_dir : quarantine; }
  std::optional<PackedPlace> find_packed(const ObjectId& oid);
  std::optional<PackedPlace> find_packed_in(const OdbSnapshot& snapshot, const ObjectId& oid);
  // The loose file that holds an object, its own source first; "" where there is none.
  std::string find_loose(const ObjectId& oid);
  bool has_loose_quickly(const ObjectId& oid);
  const ObjectData* find_pretended(const ObjectId& oid);
  std::shared_ptr<Pack> open_pack(const std::string& idx_path, bool is_local);
};

namespace odb {

// "ab/cdef..." below an objects directory.
std::string loose_name(const ObjectId& oid);

// ---- loose objects (gitformat-loose(5)): zlib over "type size\0content" ----
struct LooseHeader {
  ObjectType type = ObjectType::bad;
  std::uint64_t size = 0;
  std::size_t length = 0;  // of the header itself, with its NUL
};
// Reads "type size\0" off the front of inflated bytes. nullopt where it is none.
std::optional<LooseHeader> parse_loose_header(std::string_view inflated);
// Errors are reported with error(), as git does, and returned as "loose object %s (stored in %s) is corrupt".
Result<ObjectData> read_loose(const std::string& path, const ObjectId& oid);
Result<ObjectInfo> loose_info(const std::string& path, const ObjectId& oid);
// The bytes of a loose file of that name, hashed; also in memory where they fit. For fsck: says whether the hash fits.
Result<ObjectData> read_loose_file(const std::string& path, const ObjectId& expected, bool* hash_matches, ObjectId* real);
Result<std::unique_ptr<ObjectStream>> open_loose_stream(const std::string& path, const ObjectId& oid);

std::string deflate_loose(int level, std::string_view header, std::string_view data);
// Puts finished bytes at their place under `dir`, with temp file, sync and rename. `mtime` 0 is now.
Result<void> write_loose_file(const OdbOptions& options, const std::string& dir, const ObjectId& oid, std::string_view deflated,
                              std::int64_t mtime = 0);

// ---- alternates ----
// The alternates of `objects_dir`, and theirs, each once; messages as git's.
void collect_alternates(const std::string& objects_dir, std::vector<ObjectDatabase::Source>& sources, int depth = 0);
void add_source(const std::string& path, std::string_view base, std::vector<ObjectDatabase::Source>& sources, int depth);

}  // namespace odb
}  // namespace git
