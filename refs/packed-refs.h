// The packed-refs file (gitrepository-layout(5), git-pack-refs(1)): one sorted text file that is mapped and searched.
// A lookup is a binary search over lines, a prefix is a seek; nothing parses the whole file.
//
//   # pack-refs with: peeled fully-peeled sorted
//   <oid> SP <name> LF
//   ^<oid the tag above peels to> LF
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

struct PackedEntry {
  std::string_view name;  // borrows from the snapshot
  ObjectId oid;
  std::optional<ObjectId> peeled;
  bool peel_known = false;
};

// One state of the file. Dies where the file is malformed ("unexpected line in %s: %s").
class PackedSnapshot {
 public:
  // `text` must outlive the snapshot unless `owner` keeps it.
  PackedSnapshot(std::string_view text, std::shared_ptr<void> owner, std::string path, HashAlgo algo);

  std::optional<PackedEntry> find(std::string_view name) const;
  // Walks entries in order, starting at the first whose name is not below `start`.
  class Cursor {
   public:
    bool next(PackedEntry& entry);
    void seek(std::string_view start);  // forward or backward

   private:
    friend class PackedSnapshot;
    explicit Cursor(const PackedSnapshot* snapshot, std::size_t at) : snapshot_(snapshot), at_(at) {}
    const PackedSnapshot* snapshot_;
    std::size_t at_;
  };
  Cursor begin_at(std::string_view start) const { return Cursor(this, lower_bound(start)); }
  bool is_empty() const { return body_.empty(); }
  // Entries below `prefix` that name one of `oids`, in their line or in the peeled one behind it. Nothing else is
  // parsed: lines are compared as they stand. `fn` returns false to stop. Returns the number of entries passed over.
  std::size_t find_pointing_at(std::string_view prefix, std::span<const ObjectId> oids,
                               const std::function<bool(const PackedEntry&)>& fn) const;

 private:
  std::size_t lower_bound(std::string_view name) const;  // offset of the first record >= name
  PackedEntry entry_at(std::size_t* at) const;           // moves *at behind the record
  [[noreturn]] void die_bad_line(std::string_view from) const;
  void parse_header();
  void sort_body();

  std::string_view body_;  // records only
  std::shared_ptr<void> owner_;
  std::string path_;
  HashAlgo algo_;
  bool peeled_ = false, fully_peeled_ = false, sorted_ = false;
};

// The file on disk, read again when it changed.
class PackedRefsFile {
 public:
  PackedRefsFile(std::string path, HashAlgo algo) : path_(std::move(path)), algo_(algo) {}
  const std::string& path() const { return path_; }
  std::shared_ptr<const PackedSnapshot> snapshot();
  void forget() { snapshot_.reset(); }

 private:
  struct Stamp {
    std::int64_t mtime_ns = 0, ctime_ns = 0;
    std::uint64_t size = 0, inode = 0;
    bool exists = false;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp_of(const std::string& path);

  std::string path_;
  HashAlgo algo_;
  Stamp stamp_;
  std::shared_ptr<const PackedSnapshot> snapshot_;
};

// ---- writing ----
std::string packed_refs_header();
void append_packed_entry(std::string& out, std::string_view name, const ObjectId& oid, const std::optional<ObjectId>& peeled);

}  // namespace git
