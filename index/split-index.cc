// Putting an index in order after reading and before writing.
#include "index/split-index.h"

#include "base/error.h"
#include "index/index-internal.h"
#include "index/untracked-cache.h"

namespace git {

void read_link_extension(Index&, std::string_view) { die("index uses %s extension, which we do not understand", "link"); }
std::string format_link_extension(Index&) { return {}; }
void prepare_split_for_writing(Index&) {}

std::vector<FormatEntry> entries_to_write(Index& index) {
  std::vector<FormatEntry> list;
  list.reserve(index.size());
  for (const auto& e : index.entries()) list.push_back({e.get(), false});
  return list;
}

void read_fsmonitor_extension(Index&, std::string_view) {}
std::string format_fsmonitor_extension(Index&) { return {}; }

void finish_reading(Index&) {}
void prepare_sparse_for_writing(Index&) {}

}  // namespace git
