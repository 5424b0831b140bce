// ":/text" and "rev^{/text}": the youngest commit whose message matches.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

class Repository;

// `pattern` is a POSIX extended expression; "!-x" negates, "!!x" is a literal '!'.
std::optional<ObjectId> find_commit_by_message(CommitPool& pool, std::string_view pattern, std::vector<Commit*> from);
std::vector<Commit*> all_ref_commits(Repository& repo);

}  // namespace git
