// What git gc and git maintenance share: thresholds, configuration and the housekeeping commands they run
// (git-gc(1), git-maintenance(1)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace git {

class Config;
class Repository;

struct GcConfig {
  int auto_threshold = 6700, auto_pack_limit = 50;
  bool detach_auto = true, cruft_packs = true, write_commit_graph = true;
  int pack_refs = 1;  // -1: not in a bare repository
  int aggressive_depth = 50, aggressive_window = 250;
  bool prune_reflogs = true;
  std::string prune_expire = "2.weeks.ago", worktrees_expire = "3.months.ago";  // "": never
  std::string repack_filter, repack_filter_to, repack_expire_to;
  std::uint64_t big_pack_threshold = 0, max_cruft_size = 0;
};
// Dies "Invalid gc.pruneexpire: '%s'" and the like.
GcConfig read_gc_config(Repository& repo);

// How many objects objects/17 tells there are loose, in 256ths.
int sampled_loose_objects(Repository& repo);
bool too_many_loose_objects(Repository& repo, int limit);
bool too_many_packs(Repository& repo, int limit);
// The arguments gc gives to repack where all becomes one pack.
std::vector<std::string> repack_all_arguments(Repository& repo, const GcConfig& config,
                                              const std::vector<std::string>& keep_packs);
// Local packs whose size is at least `limit`, or (0) the largest one.
std::vector<std::string> base_packs(Repository& repo, std::uint64_t limit);

// "git maintenance run --auto" where maintenance.auto does not forbid it: after commands that add objects.
void run_auto_maintenance(const Config& config, bool quiet);
// Runs "git <args>"; its exit code.
int run_housekeeping(std::vector<std::string> args, const std::string& input = {});
// Goes on in the background: returns in the child, leaves in the parent. False where that can't be.
bool daemonize();
// pack-refs and reflog expire, before anything is packed. False after an error message.
bool gc_foreground(Repository& repo, const GcConfig& config, bool quiet);

}  // namespace git
