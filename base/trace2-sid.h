// Who a traced process is: its session id, its ancestors, and a file of its own where the target is a directory.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"

namespace git::trace2 {

// "<parent's>/<time>-H<host>-P<pid>", exported to children as GIT_TRACE2_PARENT_SID. `depth` counts the parents.
std::string make_sid(int* depth);
// Names of parent processes, nearest first; empty where the system doesn't tell.
std::vector<std::string> ancestor_names();
// A new file named after the session. With `max_files` or more there already, the file "git-trace2-discard" (then
// `discard` is set) or nothing.
UniqueFd open_in_directory(const std::string& dir, const std::string& sid, int max_files, bool* discard);

}  // namespace git::trace2
