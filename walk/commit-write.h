// Making a commit object (git-commit-tree(1)): headers in git's order, encoding, signature, checks on the message.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

class Repository;

struct NewCommit {
  ObjectId tree;
  std::vector<ObjectId> parents;
  std::optional<std::string> author;     // ident line; absent: author_ident()
  std::optional<std::string> committer;  // ident line; absent: committer_ident()
  std::string message;
  // Further headers behind "encoding" ("mergetag", ...), values unfolded with '\n'.
  std::vector<std::pair<std::string, std::string>> extra_headers;
  // Signs the bytes of the commit: armoured text, to be stored as "gpgsig". Absent: not signed.
  std::function<Result<std::string>(std::string_view)> sign;
};

// Errors in git's words ("a NUL byte in commit log message not allowed."); writes the object.
Result<ObjectId> write_commit(Repository& repo, const NewCommit& commit);
// A header that spans lines, folded: "key line1\n line2\n".
void append_folded_header(std::string& bytes, std::string_view key, std::string_view value);
// The headers of a commit that --amend carries over, without those in `exclude` and the standard ones.
std::vector<std::pair<std::string, std::string>> extra_commit_headers(std::string_view commit_bytes,
                                                                      const std::vector<std::string>& exclude);

}  // namespace git
