// "log -g": commits in the order of reflog entries, newest first, instead of ancestry.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "refs.h"
#include "walk/commit-pool.h"

namespace git {

class Repository;

class ReflogWalk {
 public:
  explicit ReflogWalk(Repository& repo) : repo_(repo) {}
  // A log to walk, from what was written ("main@{3}", "HEAD@{yesterday}"). False where there is no such log.
  bool add(const ObjectId& oid, std::string_view written);
  // The next commit of the log whose next entry is newest; nullptr at the end.
  Commit* next();
  bool empty() const { return logs_.empty(); }

  // ---- about the commit last given ----
  const ReflogEntry& entry() const;
  std::uint64_t timestamp() const;
  std::string message() const;
  // "main@{2}" or "main@{date}"; `date_text` is given where dates are asked for.
  std::string selector(bool shorten, const std::string* date_text) const;
  bool wants_dates() const;  // the log was named with a date
  bool has_current() const { return current_ >= 0; }

 private:
  struct Log {
    std::string ref;      // full
    std::string written;  // what selectors show
    bool by_date = false;
    std::vector<ReflogEntry> entries;  // newest first
    std::size_t at = 0;
  };
  Repository& repo_;
  std::vector<Log> logs_;
  int current_ = -1;
  std::size_t shown_ = 0;
};

}  // namespace git
