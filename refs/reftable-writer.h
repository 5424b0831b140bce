// Writes one reftable: refs in order of their names, then logs in order of their keys (technical/reftable).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "refs/reftable-format.h"

namespace git::reftable {

struct WriteOptions {
  std::uint64_t block_size = 4096;
  unsigned restart_interval = 16;
};

class Writer {
 public:
  Writer(TableHeader header, const WriteOptions& options);
  // REQUIRES: names (keys) rise; all refs before the first log.
  void add_ref(const RefRecord& record);
  void add_log(const LogRecord& record);
  // The whole table; an empty one has neither refs nor logs.
  std::string finish();
  bool is_empty() const { return records_ == 0; }

 private:
  struct BlockBuilder {
    char type = 0;
    std::size_t header = 0;  // the file's, in the first block
    std::string bytes;       // records only
    std::vector<std::size_t> restarts;
    std::string last_key;
    std::size_t entries = 0;
    std::size_t size() const { return header + 4 + bytes.size() + 3 * restarts.size() + 2; }
  };
  struct IndexEntry {
    std::string last_key;
    std::uint64_t offset;
  };
  void add(char type, const std::string& key, unsigned value_type, const std::string& value);
  bool append(const std::string& key, unsigned value_type, const std::string& value, bool force);
  void open_block(char type);
  void flush_block();
  void finish_section(char type);
  std::uint64_t write_index();

  TableHeader header_;
  WriteOptions options_;
  std::string out_;
  BlockBuilder block_;
  std::vector<IndexEntry> index_;
  std::size_t pending_padding_ = 0, records_ = 0;
  char section_ = 0;
  std::uint64_t ref_index_ = 0, log_start_ = 0, log_index_ = 0;
};

}  // namespace git::reftable
