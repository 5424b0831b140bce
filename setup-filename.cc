// Words of a command line that could be a revision or a path: what is neither, or both, is refused.
#include "base/error.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "object-name.h"
#include "repository.h"
#include "setup.h"

namespace git {
namespace {

bool looks_like_pathspec(std::string_view arg) {
  bool escaped = false;
  for (char c : arg) {
    if (escaped) {
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == '*' || c == '?' || c == '[') {
      return true;
    }
  }
  return starts_with(arg, ":(");
}

[[noreturn]] void die_ambiguous(const std::string& arg, const char* why) {
  die("ambiguous argument '%s': %s\nUse '--' to separate paths from revisions, like this:\n"
      "'git <command> [<revision>...] -- [<file>...]'",
      arg, why);
}

}  // namespace

bool looks_like_filename(std::string_view prefix, const std::string& arg) {
  std::string_view name = arg;
  bool from_top = false;
  if (skip_prefix(name, ":/")) {
    if (name.empty()) return true;
    from_top = true;
  } else if (skip_prefix(name, ":!") || skip_prefix(name, ":^")) {
    if (name.empty()) return true;
  }
  std::string path = from_top ? std::string(name) : prefix_filename(prefix, name);
  return lstat_path(path).has_value();
}

void verify_filename(std::string_view prefix, const std::string& arg, bool diagnose_misspelt_rev, Repository* repo) {
  if (starts_with(arg, "-")) die("option '%s' must come before non-option arguments", arg);
  if (looks_like_pathspec(arg) || looks_like_filename(prefix, arg)) return;
  if (!diagnose_misspelt_rev)
    die("%s: no such path in the working tree.\n"
        "Use 'git <command> -- <path>...' to specify paths that do not exist locally.",
        arg);
  if (repo && !(arg.size() > 1 && arg[0] == ':' && !is_alnum(arg[1]))) diagnose_wrong_path(*repo, arg, prefix);
  die_ambiguous(arg, "unknown revision or path not in the working tree.");
}

void verify_non_filename(std::string_view prefix, const std::string& arg, Repository* repo) {
  if (repo && !repo->worktree()) return;
  if (starts_with(arg, "-") || !looks_like_filename(prefix, arg)) return;
  if (repo && path_below(current_dir(), repo->git_dir_abs())) return;
  die_ambiguous(arg, "both revision and filename");
}

}  // namespace git
