// The configuration that says how far stat data and file names of the worktree can be trusted, read once per Index.
#pragma once

namespace git {

class Repository;

struct WorktreeSettings {
  bool trust_executable_bit = true;  // core.fileMode
  bool has_symlinks = true;          // core.symlinks
  bool trust_ctime = true;           // core.trustCtime
  bool check_stat = true;            // core.checkStat: false for "minimal"
  bool ignore_case = false;          // core.ignoreCase
  bool protect_hfs = false, protect_ntfs = true;
};
WorktreeSettings read_worktree_settings(Repository& repo);

}  // namespace git
