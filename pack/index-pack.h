// A pack from outside, read once, every object named, and the index made (git-index-pack(1)).
//
//   IndexPack indexer(options, host);
//   indexer.parse(in_fd, pack_fd);   // pass one: boundaries, checksums, names of what is whole
//   indexer.resolve();               // pass two: deltas, on all cores
//   indexer.complete_thin();         // bases that the pack left out
//   indexer.finish();                // dies where something is left unresolved
//
// Memory: about 64 bytes an object, and per thread the versions on the way down one delta tree, which are
// dropped and made again where they exceed a limit.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/hasher.h"
#include "hash/object-id.h"
#include "object/object.h"
#include "pack/pack-write.h"

namespace git {

// What indexing needs from around it. Called from several threads.
class IndexPackHost {
 public:
  virtual ~IndexPackHost() = default;
  // Is an object of this name here already? (Then its bytes are compared.)
  virtual bool has(const ObjectId& oid) = 0;
  virtual Result<ObjectData> read(const ObjectId& oid) = 0;
  // Every object with its bytes, where options.inspect; a blob too big for memory comes without them.
  virtual void inspect(const ObjectId& oid, ObjectType type, std::string_view data) = 0;
  virtual void progress_start(const char* title, std::uint64_t total) = 0;
  virtual void progress(std::uint64_t done, std::uint64_t bytes) = 0;  // from the thread that started it
  virtual void progress_stop(const std::string& message) = 0;
};

struct IndexPackOptions {
  HashAlgo algo = HashAlgo::sha1;
  int threads = 1;
  bool inspect = false;
  bool refuse_duplicates = false;
  std::uint64_t max_input_size = 0;  // 0: any
  std::uint64_t big_file_threshold = 512ull << 20;
  std::uint64_t cache_limit = 96ull << 20;  // for the versions kept while deltas are applied
  bool from_stdin = false;                  // "Receiving", and what follows the pack is left to the caller
  // A header that somebody else has read already: version and number of objects.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> pack_header;
};

class IndexPack : public IndexSource {
 public:
  struct Entry {
    ObjectId oid;
    std::int8_t type = 0;       // as in the pack
    std::int8_t real_type = 0;  // 0 until resolved
    std::uint8_t header_size = 0;
    std::uint32_t crc = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  static constexpr std::uint32_t kNone = ~0u;

  IndexPack(IndexPackOptions options, IndexPackHost& host);
  ~IndexPack() override;

  // `pack_fd` gets a copy of the pack where `in` is another descriptor; both passes read objects from it.
  void parse(int in_fd, int pack_fd);
  void resolve();
  void complete_thin();
  void finish();

  const std::vector<Entry>& entries() const { return entries_; }  // in pack order; the last one ends the pack
  std::uint32_t object_count() const { return static_cast<std::uint32_t>(entries_.size()) - 1; }
  std::uint32_t base_of(std::uint32_t entry) const { return base_of_.empty() ? kNone : base_of_[entry]; }
  const ObjectId& checksum() const { return checksum_; }
  const std::string& rest() const { return rest_; }  // bytes read behind the pack
  std::uint32_t local_bases() const { return local_bases_; }
  // Entry numbers by name.
  const std::vector<std::uint32_t>& sorted() const { return sorted_; }
  std::optional<std::uint32_t> find(const ObjectId& oid) const;  // an entry; REQUIRES: finish()

  std::uint32_t count() const override { return object_count(); }
  PackIndexEntry at(std::uint32_t i) const override {
    const Entry& e = entries_[sorted_[i]];
    return {e.oid, e.crc, e.offset};
  }

 private:
  class Input;
  class NamingQueue;
  class Resolver;
  struct RefDelta {
    ObjectId base;
    std::uint32_t entry;
  };
  void parse_entries(Input& in, NamingQueue& queue);
  void parse_one(Input& in, NamingQueue& queue, std::uint32_t i);
  void inflate_entry(Input& in, Entry& entry, bool want_data, std::string& data);
  void sort_deltas();
  void name_object(std::uint32_t i, ObjectType type, std::string_view data, Hasher& hasher);
  void name_big_blob(Input& in, Entry& entry);
  void check_collision(const ObjectId& oid, ObjectType type, std::string_view data);
  std::string read_raw(std::uint32_t i) const;  // inflates an entry from the pack file
  void sort_names();

  IndexPackOptions options_;
  IndexPackHost& host_;
  int pack_fd_ = -1;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> base_of_;     // of deltas; empty where the pack has none
  std::vector<std::uint32_t> ofs_deltas_;  // entries, by base
  std::vector<RefDelta> ref_deltas_;       // by base
  std::unique_ptr<std::atomic<bool>[]> ref_taken_;
  std::vector<std::uint32_t> to_compare_;  // big blobs whose name is known here
  std::uint32_t delta_count_ = 0;
  std::atomic<std::uint32_t> resolved_{0};
  std::uint32_t local_bases_ = 0;
  std::vector<std::uint32_t> sorted_;
  ObjectId checksum_;
  std::string rest_;
  bool appended_ = false;
};

}  // namespace git
