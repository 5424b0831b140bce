// git mailsplit: one file for each mail of a mailbox.
#include "mailsplit.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"

GIT_BUILTIN("mailsplit", cmd_mailsplit, kNoParseopt)

namespace git {
namespace {

constexpr const char* kUsage = "git mailsplit [-d<prec>] [-f<n>] [-b] [--keep-cr] -o<directory> [(<mbox>|<Maildir>)...]";

}  // namespace

int cmd_mailsplit(Invocation& inv) {
  MailsplitOptions options;
  std::string dir;
  std::vector<std::string> paths;
  bool rest = false;
  for (std::size_t i = 1; i < inv.args.size(); i++) {
    std::string_view arg = inv.args[i], value;
    if (rest || arg.empty() || arg[0] != '-' || arg == "-") {
      paths.emplace_back(arg);
      rest = true;
    } else if (arg == "--") {
      rest = true;
    } else if (arg == "-h") {
      outf("usage: %s\n", kUsage);
      return 129;
    } else if (skip_prefix(arg, "-d", &value)) {
      options.digits = static_cast<int>(parse_uint(value).value_or(0));
      if (options.digits < 3 || options.digits > 10) usage("%s", kUsage);
    } else if (skip_prefix(arg, "-f", &value)) {
      options.skip = static_cast<int>(parse_uint(value).value_or(0));
    } else if (arg == "--keep-cr") {
      options.keep_cr = true;
    } else if (skip_prefix(arg, "-o", &value)) {
      dir = value;
    } else if (arg == "--mboxrd") {
      options.mboxrd = true;
    } else if (arg == "-b") {
      options.allow_bare = true;
    } else {
      die(_("unknown option: %s"), arg);
    }
  }
  if (dir.empty()) {
    // Once the directory came first, and the mailbox behind it.
    if (paths.empty()) usage("%s", kUsage);
    dir = paths.back();
    paths.pop_back();
  }
  if (paths.empty()) paths.push_back("-");
  const int count = split_mail_files(paths, dir, options);
  if (count < 0) return 1;
  outf("%d\n", count);
  return 0;
}

}  // namespace git
