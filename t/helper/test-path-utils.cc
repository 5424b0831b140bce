// test-tool path-utils: the path functions, one by one.
#include <unistd.h>

#include <cerrno>

#include "base/dot-names.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "index/pathspec.h"
#include "setup.h"
#include "t/helper/test-tool.h"

TEST_TOOL("path-utils", test_path_utils)

namespace git {
namespace {

// "<null>" and "<empty>" stand for what a command line can't say.
std::optional<std::string> decoded(const std::string& arg) {
  if (arg == "<null>") return std::nullopt;
  if (arg == "<empty>") return "";
  return arg;
}

int longest_ancestor(const std::string& path, const std::string& list) {
  int longest = -1;
  if (path == "/") return -1;
  for (std::string_view item : split(list, ':')) {
    std::string dir(item);
    auto clean = normalize_path(dir);
    if (dir.empty() || !clean) continue;
    dir = *clean;
    while (!dir.empty() && dir.back() == '/') dir.pop_back();
    if (path.size() > dir.size() && starts_with(path, dir + "/") && path.size() > dir.size() + 1)
      longest = std::max(longest, static_cast<int>(dir.size()));
  }
  return longest;
}

int strip_suffix_tool(std::string path, std::string suffix) {
  // Component by component from the end; any run of slashes counts as one.
  while (!suffix.empty()) {
    auto chomp = [](std::string& s) {
      while (!s.empty() && s.back() == '/') s.pop_back();
    };
    chomp(path);
    chomp(suffix);
    if (suffix.empty()) break;
    std::string last(path_basename(suffix));
    if (path_basename(path) != last) {
      out("(null)\n");
      return 0;
    }
    path.resize(path.size() - last.size());
    suffix.resize(suffix.size() - last.size());
  }
  while (!path.empty() && path.back() == '/') path.pop_back();
  outf("%s\n", path);
  return 0;
}

// Behind "--not" come names that must not match.
int check_dot_name(std::string_view name, std::string_view short_prefix, const std::vector<std::string>& args) {
  int failed = 0;
  bool expected = true;
  for (const std::string& arg : args) {
    if (arg == "--not") {
      expected = !expected;
      continue;
    }
    bool matches = is_hfs_dot_file(arg, name) || is_ntfs_dot_file(arg, name, short_prefix);
    if (matches != expected) failed = error("'%s' %s .%s", arg, expected ? "doesn't match" : "matches", name);
  }
  return failed ? 1 : 0;
}

struct NameCase {
  const char *from, *to;
};
int check_names(const NameCase* cases, std::size_t n, std::string_view (*function)(std::string_view), const char* name) {
  int failed = 0;
  for (std::size_t i = 0; i < n; i++) {
    std::string_view got = function(cases[i].from);
    if (got == cases[i].to) continue;
    error("FAIL: %s(%s) => '%s' != '%s'", name, cases[i].from, got, cases[i].to);
    failed = 1;
  }
  return failed;
}
constexpr NameCase kBasenames[] = {{"", "."},
                                   {".", "."},
                                   {"..", ".."},
                                   {"/", "/"},
                                   {"//", "/"},
                                   {"usr", "usr"},
                                   {"/usr", "usr"},
                                   {"/usr//", "usr"},
                                   {"a/b", "b"},
                                   {"a//b/", "b"},
                                   {"///x", "x"},
                                   {"foo.ext", "foo.ext"},
                                   {"/foo.ext", "foo.ext"}};
constexpr NameCase kDirnames[] = {{"", "."},    {".", "."},    {"..", "."},          {"/", "/"},
                                  {"//", "/"},  {"usr", "."},  {"/usr", "/"},        {"/usr//", "/"},
                                  {"a/b", "a"}, {"a//b", "a"}, {"/usr/lib", "/usr"}, {"foo.ext", "."}};

}  // namespace

int test_path_utils(std::vector<std::string> args) {
  args.erase(args.begin());
  if (args.empty()) die_usage("usage: test-tool path-utils <command>");
  std::string command = args[0];
  args.erase(args.begin());
  if (command == "normalize_path_copy" && args.size() == 1) {
    auto path = normalize_path(args[0]);
    outf("%s\n", path ? *path : "++failed++");
    return 0;
  }
  if (command == "real_path") {
    for (const std::string& arg : args) outf("%s\n", real_path(arg).take_or_die());
    return 0;
  }
  if (command == "absolute_path") {
    for (const std::string& arg : args) {
      if (arg.empty()) die("The empty string is not a valid path");
      outf("%s\n", absolute_path(arg));
    }
    return 0;
  }
  if (command == "longest_ancestor_length" && args.size() == 2) {
    outf("%d\n", longest_ancestor(args[0], args[1]));
    return 0;
  }
  if (command == "prefix_path" && args.size() >= 2) {
    auto setup = setup_git_directory(false);
    std::string prefix = args[0];
    for (std::size_t i = 1; i < args.size(); i++) outf("%s\n", prefix_path(*setup.repo, prefix, args[i]));
    return 0;
  }
  if (command == "strip_path_suffix" && args.size() == 2) return strip_suffix_tool(args[0], args[1]);
  if (command == "print_path" && args.size() == 1) {
    outf("%s\n", args[0]);
    return 0;
  }
  if (command == "relative_path" && args.size() == 2) {
    auto path = decoded(args[0]), base = decoded(args[1]);
    if (!path || path->empty())
      out("./\n");
    else if (!base || base->empty() || is_absolute_path(*path) != is_absolute_path(*base))
      outf("%s\n", *path);
    else
      outf("%s\n", relative_path(*path, *base));
    return 0;
  }
  if (command == "is_dotgitmodules") return check_dot_name("gitmodules", "gi7eba", args);
  if (command == "is_dotgitignore") return check_dot_name("gitignore", "gi250a", args);
  if (command == "is_dotgitattributes") return check_dot_name("gitattributes", "gi7d29", args);
  if (command == "is_dotmailmap") return check_dot_name("mailmap", "maba30", args);
  if (command == "basename") return check_names(kBasenames, std::size(kBasenames), path_basename, "basename");
  if (command == "dirname") return check_names(kDirnames, std::size(kDirnames), path_dirname, "dirname");
  if (command == "file-size") {
    int failed = 0;
    for (const std::string& arg : args) {
      auto st = stat_path(arg);
      if (st)
        outf("%d\n", st->st_size);
      else
        failed = error_errno("Cannot stat '%s'", arg);
    }
    return failed ? 1 : 0;
  }
  if (command == "readlink") {
    int failed = 0;
    for (const std::string& arg : args) {
      auto target = read_link(arg);
      if (target)
        outf("%s\n", *target);
      else
        failed = error_errno("readlink '%s'", arg);
    }
    return failed ? 1 : 0;
  }
  if (command == "skip-n-bytes" && args.size() == 2) {
    auto text = read_file(args[0]).take_or_die();
    std::size_t skip = parse_uint(args[1]).value_or(0);
    if (skip < text.size()) out(std::string_view(text).substr(skip));
    return 0;
  }
  errf("test-tool path-utils: unknown function name: %s\n", command);
  return 1;
}

}  // namespace git
