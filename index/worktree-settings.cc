// One look at the configuration, so that comparing a hundred thousand entries looks up no key.
#include "index/worktree-settings.h"

#include "base/strings.h"
#include "config.h"
#include "repository.h"

namespace git {

WorktreeSettings read_worktree_settings(Repository& repo) {
  Config& config = repo.config();
  WorktreeSettings s;
  s.trust_executable_bit = config.get_bool_or("core.filemode", true);
  s.has_symlinks = config.get_bool_or("core.symlinks", true);
  s.trust_ctime = config.get_bool_or("core.trustctime", true);
  if (auto value = config.get_string("core.checkstat")) s.check_stat = !iequals(*value, "minimal");
  s.ignore_case = config.get_bool_or("core.ignorecase", false);
  s.protect_hfs = config.get_bool_or("core.protecthfs", false);
  s.protect_ntfs = config.get_bool_or("core.protectntfs", true);
  return s;
}

}  // namespace git
