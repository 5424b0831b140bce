// Submodules in diffs: how dirty their worktrees are, what config says to ignore, and their change shown as a log or an
// inline diff.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"

namespace git {

struct DiffFilespec;
struct DiffOptions;

struct SubmoduleIgnore {
  bool all = false, dirty = false, untracked = false;
};
// From the options, submodule.<name>.ignore and .gitmodules.
SubmoduleIgnore submodule_ignore_for(DiffOptions& options, const std::string& path);
// Where the repository of the submodule checked out at `path` is.
std::optional<std::string> resolve_submodule_git_dir(const std::string& path);
SubmoduleIgnore parse_submodule_ignore(std::string_view word, std::string_view what);

// --submodule=log and diff. False where the pair is no submodule change to be shown so.
class PatchWriter;
bool show_submodule_change(DiffOptions& options, DiffFilespec& one, DiffFilespec& two, PatchWriter& writer);

}  // namespace git
