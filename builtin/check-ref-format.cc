// git check-ref-format: is it a good ref name? (git-check-ref-format(1))
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "object-name.h"
#include "refs.h"

GIT_BUILTIN("check-ref-format", cmd_check_ref_format, kSetupGently | kNoParseopt)

namespace git {
namespace {

constexpr const char* kUsage =
    "git check-ref-format [--normalize] [<options>] <refname>\n"
    "   or: git check-ref-format --branch <branchname-shorthand>";

// Without a slash in front and with one slash where several are.
std::string collapse_slashes(std::string_view name) {
  std::string result;
  char last = '/';
  for (char c : name) {
    if (c != '/' || last != '/') result += c;
    last = c;
  }
  return result;
}

int check_branch(Invocation& inv, const std::string& arg) {
  std::string full;
  if (inv.repository) {
    if (!check_branch_ref(inv.repo(), full, arg)) die("'%s' is not a valid branch name", arg);
  } else {
    full = "refs/heads/" + arg;
    if (starts_with(arg, "-") || arg == "HEAD" || !check_refname_format(full)) die("'%s' is not a valid branch name", arg);
  }
  outf("%s\n", std::string_view(full).substr(11));
  return 0;
}

}  // namespace

int cmd_check_ref_format(Invocation& inv) {
  const std::vector<std::string>& args = inv.args;
  if (args.size() == 2 && args[1] == "-h") usage("%s", kUsage);
  if (args.size() == 3 && args[1] == "--branch") return check_branch(inv, args[2]);
  bool normalize = false;
  unsigned flags = 0;
  std::size_t i = 1;
  for (; i < args.size() && !args[i].empty() && args[i][0] == '-'; ++i) {
    if (args[i] == "--normalize" || args[i] == "--print")
      normalize = true;
    else if (args[i] == "--allow-onelevel")
      flags |= kRefnameAllowOneLevel;
    else if (args[i] == "--no-allow-onelevel")
      flags &= ~unsigned{kRefnameAllowOneLevel};
    else if (args[i] == "--refspec-pattern")
      flags |= kRefnameRefspecPattern;
    else
      usage("%s", kUsage);
  }
  if (i + 1 != args.size()) usage("%s", kUsage);
  std::string name = normalize ? collapse_slashes(args[i]) : args[i];
  if (!check_refname_format(name, flags)) return 1;
  if (normalize) outf("%s\n", name);
  return 0;
}

}  // namespace git
