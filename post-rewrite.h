// What follows when commits were made again under new names (amend, rebase): notes go along, and a hook is told.
#pragma once

#include <string>
#include <string_view>

#include "hash/object-id.h"

namespace git {

class Repository;

// `lines`: "<old> <new>\n" each. `command` is "amend" or "rebase", as the post-rewrite hook and notes.rewrite.<command>
// know it.
void run_post_rewrite(Repository& repo, const std::string& command, const std::string& lines);

}  // namespace git
