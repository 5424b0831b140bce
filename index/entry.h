// Writing one index entry into the worktree: files through the filters, links, submodule directories, D/F clashes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index.h"
#include "index/convert.h"

namespace git {

class SubmoduleMover;  // index/submodule-move.h

struct CheckoutState {
  explicit CheckoutState(Index& index_) : index(&index_) {}
  Index* index;
  std::string base_dir;  // --prefix
  bool force = false, quiet = false, not_new = false, refresh_cache = false, clone = false;
  CheckoutMetadata metadata;
  Converter* converter = nullptr;  // REQUIRED
  bool allow_delay = false;
  SubmoduleMover* submodules = nullptr;  // takes submodules along
  std::vector<IndexEntry*> delayed;
};

// 0 done (or nothing to do), -1 failed with a message. Creates leading directories, never through a symbolic link. `made` counts.
int checkout_entry(IndexEntry& entry, CheckoutState& state, int* made = nullptr);
// Writes to a temporary file; its name (".merge_file_XXXXXX") in `path`.
int checkout_entry_to_temp(IndexEntry& entry, CheckoutState& state, std::string& path);
// Waits for filters that answer later. 0, or 1 where some failed.
int finish_delayed_checkout(CheckoutState& state, int* made = nullptr, bool show_progress = false);
void unlink_entry(const IndexEntry& entry, SubmoduleMover* submodules = nullptr);
// Removes directories that unlink_entry() left empty.
class RemovedDirs {
 public:
  void schedule(std::string_view path_of_removed_file);
  void flush();
  ~RemovedDirs();

 private:
  std::vector<std::string> pending_;
};

}  // namespace git
