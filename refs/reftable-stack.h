// A directory of tables and the list that says which of them count, oldest first: reftable/tables.list.  The newest table that
// knows a key decides.  Writers append a table under tables.list.lock and keep table sizes a geometric sequence.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/lockfile.h"
#include "refs/reftable-format.h"
#include "refs/reftable-writer.h"

namespace git::reftable {

struct StackOptions {
  HashAlgo algo = HashAlgo::sha1;
  WriteOptions write;
  unsigned geometric_factor = 2;
  long lock_timeout_ms = 100;
  bool fsync = true;
  bool auto_compact = true;
  int shared_repository = 0;
};

class Stack {
 public:
  Stack(std::string directory, StackOptions options) : directory_(std::move(directory)), options_(options) {}

  const std::string& directory() const { return directory_; }
  bool exists() const;
  // Reads tables.list again where it changed. Dies where a table is broken.
  void refresh();
  Result<void> try_refresh();
  const std::vector<std::shared_ptr<Table>>& tables() const { return tables_; }
  std::uint64_t next_update_index() const;

  // ---- reading; deletions are not seen ----
  std::optional<RefRecord> read_ref(std::string_view name);
  // Merged, from the first name not below `start`. `fn` returns false to stop; it may move the walk on by setting `*seek`.
  void for_each_ref(std::string_view start, const std::function<bool(const RefRecord&, std::string* seek)>& fn);
  // Merged logs from `key` on (name NUL: newest first of that name).
  void for_each_log(std::string_view key, const std::function<bool(const LogRecord&, std::string* seek)>& fn);

  // ---- writing ----
  // Holds tables.list.lock, with the tables as they are under it.
  class Addition {
   public:
    // `fill` writes records; nothing is added where it writes none. REQUIRES: not committed yet.
    Result<void> add(std::uint64_t min_index, std::uint64_t max_index, const std::function<void(Writer&)>& fill);
    Result<void> commit();

   private:
    friend class Stack;
    Stack* stack_ = nullptr;
    LockFile lock_;
    std::vector<std::string> new_names_;
    std::vector<std::string> written_;
  };
  // conflict where somebody holds the lock.
  Result<std::unique_ptr<Addition>> begin();
  Result<void> compact_all();
  Result<void> compact_as_needed();
  bool needs_compaction();
  void remove_stale_tables();

 private:
  struct Segment {
    std::size_t first = 0, end = 0;
  };
  Segment suggest_segment() const;
  Result<void> compact(Segment segment);
  std::vector<std::string> read_list(bool* ok) const;
  Result<std::string> write_table(const std::string& bytes, std::uint64_t min_index, std::uint64_t max_index);
  std::string merge(const Segment& segment, std::uint64_t* min_index, std::uint64_t* max_index);

  std::string directory_;
  StackOptions options_;
  std::vector<std::shared_ptr<Table>> tables_;
  std::string list_stamp_;
};

bool is_good_table_name(std::string_view name);

}  // namespace git::reftable
