// Writing packs and the files that go with them: .idx, .rev, .mtimes (gitformat-pack(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/tempfile.h"
#include "hash/hasher.h"
#include "hash/object-id.h"
#include "object/object.h"

namespace git {

// A file written from front to back that ends in the hash of everything before.
class HashFile {
 public:
  HashFile(int fd, HashAlgo algo, std::string name);
  void write(std::string_view bytes);
  void write_be32(std::uint32_t value);
  std::uint64_t size() const { return written_ + buffer_.size(); }
  // What has been written so far, so that a piece can be taken back.
  struct Mark {
    std::uint64_t size;
    Hasher hasher;
  };
  Mark mark();
  void truncate(const Mark& mark);
  void crc_begin() { crc_ = 0, crc_on_ = true; }
  std::uint32_t crc_end();
  // Appends the hash and gives it back.
  ObjectId finish();
  void flush();

 private:
  int fd_;
  std::string name_;
  Hasher hasher_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  std::uint32_t crc_ = 0;
  bool crc_on_ = false;
};

struct PackIndexEntry {
  ObjectId oid;
  std::uint32_t crc = 0;
  std::uint64_t offset = 0;
};

struct IndexFormat {
  int version = 2;                          // pack.indexVersion
  std::uint32_t offset_limit = 0x7fffffff;  // larger offsets take 64 bits
};

// How an entry in a pack starts: type and inflated size.
std::string format_entry_header(ObjectType type, std::uint64_t size);
// The distance back to the base of an ofs_delta.
std::string format_delta_offset(std::uint64_t distance);
std::string format_pack_header(std::uint32_t count);

// Entry `i` of a pack of `count`, in the order of their names.
class IndexSource {
 public:
  virtual ~IndexSource() = default;
  virtual std::uint32_t count() const = 0;
  virtual PackIndexEntry at(std::uint32_t i) const = 0;
};
void write_pack_index(HashFile& out, const IndexSource& entries, const ObjectId& pack_checksum, HashAlgo algo,
                      const IndexFormat& format);
// `order`: index positions in pack order.
void write_reverse_index(HashFile& out, std::span<const std::uint32_t> order, const ObjectId& pack_checksum, HashAlgo algo);
void write_mtimes(HashFile& out, std::span<const std::uint32_t> mtimes, const ObjectId& pack_checksum, HashAlgo algo);

// <dir>/tmp_<what>_XXXXXX, to be published under its real name.
Tempfile create_pack_tempfile(const std::string& dir, std::string_view what);
// Makes the file read-only, as packs are, and renames it.
void publish_pack_file(Tempfile& file, const std::string& path, bool fsync, int shared_repository = 0);

}  // namespace git
