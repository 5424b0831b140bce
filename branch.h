// Making branches and saying what they follow (git-branch(1), git-config(1) "branch.*").  What branch, checkout, switch,
// clone and worktree share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;
class Config;

enum class BranchTrack : std::int8_t { unspecified = -1, never = 0, remote, always, explicitly, override_, inherit, simple };
// branch.autoSetupMerge.
BranchTrack configured_branch_track(Config& config);

// "refs/heads/<name>", interpreted; dies "'%s' is not a valid branch name". True where it exists.
bool validate_branchname(Repository& repo, const std::string& name, std::string& full);
// Dies also where it exists and `force` is not given, or where a worktree uses it.
bool validate_new_branchname(Repository& repo, const std::string& name, std::string& full, bool force);

// What a start point is: its commit, and the ref to follow ("" where it is none). Dies where it is no commit.
struct BranchStart {
  ObjectId oid;
  std::string ref;
};
BranchStart find_branch_start(Repository& repo, const std::string& start, BranchTrack track);
// Has branch `local` (short) follow what the ref `from` tracks, as far as `track` wants that.
void setup_tracking(Repository& repo, const std::string& local, const std::string& from, BranchTrack track, bool quiet);

struct CreateBranch {
  bool force = false;
  bool clobber_head_ok = false;  // the current branch may be moved (checkout -B)
  bool create_reflog = false, quiet = false, dry_run = false;
  BranchTrack track = BranchTrack::never;
};
void create_branch(Repository& repo, const std::string& name, const std::string& start, const CreateBranch& options);
// What --set-upstream-to does: `name` (short) follows `upstream`.
void dwim_and_setup_tracking(Repository& repo, const std::string& name, const std::string& upstream, BranchTrack track,
                             bool quiet);

// As get_oid(), and "A...B" for the one merge base of two commits; nullopt where there are several.
std::optional<ObjectId> get_oid_mb(Repository& repo, std::string_view name);

// Writes branch.<local>.remote, .merge (and .rebase); tells on stdout unless quiet. `remote` "" is this repository.
bool install_branch_config(Repository& repo, const std::string& local, const std::string& remote,
                           const std::vector<std::string>& merge_refs, bool verbose);
// The leftovers of merges, cherry-picks and the like.
void remove_merge_branch_state(Repository& repo);
// A cherry-pick or revert was concluded (or given up): its state goes where nothing is left to do.
void finish_pick_state(Repository& repo, bool verbose);
void remove_branch_state(Repository& repo, bool verbose);

}  // namespace git
