// A mailbox cut into mails (git-mailsplit(1)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

struct MailsplitOptions {
  bool allow_bare = false;  // a file without a "From " line is one mail
  bool keep_cr = false;
  bool mboxrd = false;  // ">From " was "From "
  int digits = 4;
  int skip = 0;  // numbers begin behind this
};
// The mails of one mbox's text. Errors: "corrupt mailbox".
Result<std::vector<std::string>> split_mbox(std::string_view text, const MailsplitOptions& options);
// Writes the mails of mboxes and Maildirs ("-": standard input) as numbered files below `dir`; how many. -1 after an error.
int split_mail_files(const std::vector<std::string>& paths, const std::string& dir, const MailsplitOptions& options);

}  // namespace git
