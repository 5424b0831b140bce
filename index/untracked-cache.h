// UNTR (gitformat-index(5)): what each directory of the worktree held that is not tracked, and the stat data by which we
// know that it still does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "index.h"

namespace git {

struct UntrackedDir {
  std::string name;
  std::vector<std::string> untracked;  // names; directories end in '/'
  std::vector<std::unique_ptr<UntrackedDir>> dirs;
  StatData stat;
  ObjectId exclude_oid;  // of its .gitignore; null where there is none
  bool valid = false, check_only = false, recurse = false;
};

struct OidStat {
  StatData stat;
  ObjectId oid;
  bool valid = false;
};

class UntrackedCache {
 public:
  std::string ident;
  OidStat info_exclude, excludes_file;
  std::string exclude_per_dir = ".gitignore";
  std::uint32_t dir_flags = 0;
  std::unique_ptr<UntrackedDir> root;

  std::string format(HashAlgo algo) const;
  static std::unique_ptr<UntrackedCache> parse(std::string_view bytes, HashAlgo algo);
};

}  // namespace git
