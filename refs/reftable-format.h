// The bytes of a reftable file (technical/reftable): records, blocks, and one whole table for reading.
//
//   header | ref blocks | ref index | obj blocks | obj index | log blocks | log index | footer
//
// A block is type, length, records with prefix-compressed keys, and restart points for binary search.  Log blocks are
// deflated.  Everything read here may come from a broken disk: parsers return false or an error, never run over the end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped-file.h"
#include "base/result.h"
#include "hash/object-id.h"

namespace git::reftable {

enum class RefType : std::uint8_t { deletion = 0, value = 1, tag = 2, symref = 3 };

struct RefRecord {
  std::string name;
  std::uint64_t update_index = 0;
  RefType type = RefType::deletion;
  ObjectId oid, peeled;
  std::string target;
};

struct LogRecord {
  std::string name;
  std::uint64_t update_index = 0;
  bool is_deletion = false;
  ObjectId old_oid, new_oid;
  std::string who, mail;
  std::uint64_t time = 0;
  std::int16_t tz = 0;
  std::string message;

  std::string key() const;  // name NUL (~update_index): newest first
};

// ---- numbers ----
void put_varint(std::string& out, std::uint64_t value);
bool take_varint(std::string_view& in, std::uint64_t* value);
void put_u16(std::string& out, std::uint64_t value);
void put_u24(std::string& out, std::uint64_t value);
void put_u32(std::string& out, std::uint64_t value);
void put_u64(std::string& out, std::uint64_t value);
std::uint64_t get_uint(std::string_view bytes, std::size_t size);  // big endian. REQUIRES: that many bytes

struct TableHeader {
  int version = 1;
  std::uint64_t block_size = 0, min_update_index = 0, max_update_index = 0;
  HashAlgo algo = HashAlgo::sha1;
  std::size_t size() const { return version == 1 ? 24 : 28; }
  std::size_t footer_size() const { return version == 1 ? 68 : 72; }
};
std::string format_header(const TableHeader& header);
std::optional<TableHeader> parse_header(std::string_view bytes);

// ---- one block ----
class Block {
 public:
  char type = 0;
  std::size_t full_size = 0;  // bytes in the file, padding included

  // Records in order. `value_type` are the low three bits beside the suffix length.
  class Cursor {
   public:
    explicit Cursor(const Block* block) : block_(block) {}
    bool next();  // false at the end, and (is_bad) where bytes are broken
    const std::string& key() const { return key_; }
    unsigned value_type() const { return value_type_; }
    std::string_view& rest() { return rest_; }  // the value follows; whoever reads it takes it off
    bool is_bad() const { return bad_; }
    // The last restart point whose key is not above `key`.
    void seek(std::string_view key);

   private:
    friend class Block;
    bool read_key(std::string_view* in, std::string* key, unsigned* value_type) const;
    const Block* block_;
    std::string_view rest_;
    std::string key_;
    unsigned value_type_ = 0;
    bool started_ = false, bad_ = false;
  };
  Cursor begin() const { return Cursor(this); }

 private:
  friend class Table;
  std::string_view records() const;
  std::size_t restart(std::size_t i) const;

  std::string inflated_;      // of log blocks
  std::string_view bytes_;    // up to the end of the restart table
  std::size_t header_ = 0;    // where records start
  std::size_t restarts_ = 0;  // their number
};

// ---- one table ----
class Table {
 public:
  static Result<std::shared_ptr<Table>> open(const std::string& path, const std::string& name);

  const std::string& name() const { return name_; }
  const TableHeader& header() const { return header_; }
  std::uint64_t size() const { return file_.bytes().size(); }

  // Walks records from the first one whose key is not below where it was sought.
  class RefCursor {
   public:
    bool next(RefRecord& record);

   private:
    friend class Table;
    RefCursor(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
    std::shared_ptr<const Table> table_;
    std::shared_ptr<Block> block_;
    std::optional<Block::Cursor> at_;
    std::uint64_t offset_ = 0;
    std::string start_;
    bool skipping_ = true;
  };
  class LogCursor {
   public:
    bool next(LogRecord& record);

   private:
    friend class Table;
    LogCursor(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
    std::shared_ptr<const Table> table_;
    std::shared_ptr<Block> block_;
    std::optional<Block::Cursor> at_;
    std::uint64_t offset_ = 0;
    std::string start_;
    bool skipping_ = true;
  };
  static RefCursor seek_ref(std::shared_ptr<const Table> table, std::string_view name);
  static LogCursor seek_log(std::shared_ptr<const Table> table, std::string_view key);

 private:
  // The block at `offset`, of `type`; nullptr where there is none (any more). Dies where it is broken.
  std::shared_ptr<Block> read_block(std::uint64_t offset, char type) const;
  // Through the index to the block that may hold `key`.
  std::uint64_t find_block(char type, std::uint64_t start, std::uint64_t index, std::string_view key) const;
  bool decode_ref(Block::Cursor& at, RefRecord& record) const;
  bool decode_log(Block::Cursor& at, LogRecord& record) const;
  [[noreturn]] void die_corrupt() const;

  MappedFile file_;
  std::string name_;
  TableHeader header_;
  std::uint64_t end_ = 0;  // of the blocks
  std::uint64_t ref_index_ = 0, log_start_ = 0, log_index_ = 0, obj_start_ = 0;
  bool has_refs_ = false;
};

}  // namespace git::reftable
