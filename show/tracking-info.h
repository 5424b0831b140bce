// "Your branch is ahead of 'origin/main' by 2 commits.": how a branch stands to its upstream.
#pragma once

#include <string>
#include <string_view>

namespace git {

class Repository;

enum class AheadBehindMode : unsigned char { quick, full };
// Sentences for status and checkout, each with its newline, "" where there is no upstream. `branch` is a short name.
std::string format_tracking_info(Repository& repo, std::string_view branch, AheadBehindMode mode, bool show_divergence_advice);

}  // namespace git
