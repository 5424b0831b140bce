// Taking a worktree file into the index, as git add, commit -a and stash do.
#pragma once

#include <string>
#include <vector>

#include "index.h"
#include "index/pathspec.h"

namespace git {

enum AddToIndexFlag : unsigned {
  kAddVerbose = 1,
  kAddPretend = 2,
  kAddIgnoreErrors = 4,
  kAddIntent = 8,
  kAddRenormalize = 16,
  kAddIgnoreRemoval = 32,
};
// 0, or an error told. Directories are gitlinks.
int add_to_index(Index& index, const std::string& path, const struct stat& st, unsigned flags);
int add_file_to_index(Index& index, const std::string& path, unsigned flags);
// Every tracked file that matches and changed or is gone (git add -u, commit -a). 0, or 1 where something could not be added.
int add_files_to_cache(Index& index, const Pathspec* spec, unsigned flags, bool include_sparse = false);
// --chmod: 'x' flip '+' or '-'; false where the entry is no file.
bool chmod_index_entry(Index& index, IndexEntry& entry, char flip);

}  // namespace git
