// git apply: patches to the worktree, the index, or both; also what am, stash and add -p do with a patch.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/patch-parse.h"
#include "hash/object-id.h"
#include "index.h"

namespace git {

class Repository;

enum class WsAction : std::uint8_t { nowarn, warn, die, correct };
enum class ApplyVerbosity : std::int8_t { silent = -1, normal = 0, verbose = 1 };

struct ApplyOptions {
  std::string prefix;
  bool apply = true, apply_in_reverse = false, reject = false, three_way = false;
  bool check = false, check_index = false, cached = false, unidiff_zero = false, unsafe_paths = false, allow_overlap = false;
  bool diffstat = false, numstat = false, summary = false, no_add = false, ita_only = false, allow_empty = false;
  bool inaccurate_eof = false, recount = false, null_termination = false, update_index = false;
  std::string fake_ancestor;
  int p_value = 1;
  bool p_value_known = false;
  unsigned long p_context = ~0ul;
  std::string root;
  std::vector<std::pair<bool, std::string>> limits;  // include?, pattern
  bool has_include = false;
  WsAction ws_action = WsAction::warn;
  bool ws_action_given = false, ignore_space_change = false;
  int squelch = 5;
  ApplyVerbosity verbosity = ApplyVerbosity::normal;
  int conflict_favor = 0;  // 1 ours, 2 theirs, 3 union
  std::string index_file;  // "" the repository's
};

// "nowarn", "warn", "fix"/"strip", "error", "error-all"; an error message and false otherwise.
bool parse_whitespace_action(ApplyOptions& options, std::string_view word);
// Settings from apply.whitespace and apply.ignorewhitespace. Dies on bad ones.
void read_apply_config(Repository* repo, const class Config& config, ApplyOptions& options);
// Applies the patches in the files ("-" standard input). 0; 1 where some hunk failed with `reject` or `three_way`; 128 for
// bad input; messages on stderr.
int apply_all_patches(Repository* repo, const class Config& config, const ApplyOptions& options,
                      const std::vector<std::string>& files);

}  // namespace git
