// Submodules that follow the superproject: what checkout, reset and read-tree do with --recurse-submodules.
#pragma once

#include <optional>
#include <string>

#include "hash/object-id.h"
#include "index/submodule-config.h"

namespace git {

struct IndexEntry;

class SubmoduleMover {
 public:
  explicit SubmoduleMover(Repository& repo) : repo_(repo), config_(repo) {}

  std::string super_prefix;  // "sub/" of the superprojects above

  // The submodule of a gitlink that .gitmodules knows; nullptr for everything else.
  const Submodule* find(const IndexEntry& entry);
  // After .gitmodules changed.
  void forget() { config_.forget(); }
  // Reads .gitmodules now, before the worktree changes.
  void load() { config_.current(); }

  enum Flag : unsigned {
    kDryRun = 1u << 0,
    kForce = 1u << 1,  // local changes are lost
  };
  // Takes the submodule's index and worktree from `old_head` ("HEAD", or a commit) to `new_head`; without an old one it
  // appears, without a new one it goes away (its repository stays below modules/). HEAD is detached. False after an error.
  bool move(const std::string& path, const std::optional<std::string>& old_head, const std::optional<std::string>& new_head,
            unsigned flags);

 private:
  bool prepare_worktree(const std::string& path, const Submodule& submodule, bool has_old, unsigned flags);
  bool can_appear(const std::string& path, const Submodule& submodule, const std::string& commit);
  bool read_tree(const std::string& path, const std::optional<std::string>& old_head, const std::optional<std::string>& new_head,
                 unsigned flags);

  Repository& repo_;
  SubmoduleConfig config_;
};

}  // namespace git
