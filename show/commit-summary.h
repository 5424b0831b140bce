// "[main 1a2b3c4] subject" and what the commit changed: what commit and the sequencer say when they are done.
#pragma once

#include <string>

#include "hash/object-id.h"

namespace git {

class Repository;
class Index;

enum CommitSummaryFlag : unsigned { kSummaryInitialCommit = 1, kSummaryShowAuthorDate = 2 };
std::string format_commit_summary(Repository& repo, const ObjectId& commit, unsigned flags);

}  // namespace git
