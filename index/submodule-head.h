// The commit a submodule in the worktree has checked out.
#pragma once

#include <optional>
#include <string>

#include "hash/object-id.h"
#include "index.h"
#include "index/worktree-settings.h"

namespace git {

// nullopt where `path` is no repository, or has no commit yet.
std::optional<ObjectId> submodule_head(const std::string& path);
// Index::ChangeFlag bits for what differs, as far as the settings trust it.
unsigned match_stat_data(const StatData& a, const StatData& b, const WorktreeSettings& settings);

}  // namespace git
