// The message of a merge, made from what was fetched (git-fmt-merge-msg(1)).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

class Repository;

struct FmtMergeMsgOptions {
  bool add_title = true;
  bool credit_people = true;
  int shortlog_length = 0;               // --log: at most so many titles a branch, 0 none
  std::optional<std::string> into_name;  // instead of the current branch
};

// `input` has FETCH_HEAD's lines: "<oid>\t[not-for-merge]\t<what>". Dies "error in line %d: %s".
std::string fmt_merge_msg(Repository& repo, std::string_view input, const FmtMergeMsgOptions& options);
// merge.log (or merge.summary): 0, the default of 20, or a number.
int merge_log_config(Repository& repo);

}  // namespace git
