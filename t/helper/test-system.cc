// test-tool sigchain, mktemp, getcwd, online-cpus, truncate, xml-encode, subprocess, advise, dir-iterator, regex.
#include <dirent.h>
#include <regex.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstring>
#include <thread>

#include "advice.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/sigchain.h"
#include "base/strings.h"
#include "config.h"
#include "setup.h"
#include "t/helper/test-tool.h"

TEST_TOOL("sigchain", test_sigchain)
TEST_TOOL("mktemp", test_mktemp)
TEST_TOOL("getcwd", test_getcwd)
TEST_TOOL("online-cpus", test_online_cpus)
TEST_TOOL("truncate", test_truncate)
TEST_TOOL("xml-encode", test_xml_encode)
TEST_TOOL("subprocess", test_subprocess)
TEST_TOOL("advise", test_advise)
TEST_TOOL("dir-iterator", test_dir_iterator)
TEST_TOOL("regex", test_regex)

namespace git {
namespace {

void say_and_raise(const char* word, int sig) {
  if (::write(1, word, std::strlen(word)) < 0) ::_exit(1);
  sigchain_pop(sig);
  ::raise(sig);
}
void one(int sig) { say_and_raise("one\n", sig); }
void two(int sig) { say_and_raise("two\n", sig); }
void three(int sig) { say_and_raise("three\n", sig); }

}  // namespace

int test_sigchain(std::vector<std::string>) {
  sigchain_push(SIGTERM, one);
  sigchain_push(SIGTERM, two);
  sigchain_push(SIGTERM, three);
  ::raise(SIGTERM);
  return 0;
}

int test_mktemp(std::vector<std::string> args) {
  if (args.size() != 2) die_usage("Expected 1 parameter defining the temporary file template");
  std::string pattern = args[1];
  int fd = ::mkstemp(pattern.data());
  if (fd < 0) die_errno("Unable to create temporary file '%s'", is_absolute_path(args[1]) ? args[1] : absolute_path(args[1]));
  ::close(fd);
  return 0;
}

int test_getcwd(std::vector<std::string>) {
  char buffer[4096];
  if (!::getcwd(buffer, sizeof buffer)) die_errno("unable to get current working directory");
  outf("%s\n", buffer);
  return 0;
}
int test_online_cpus(std::vector<std::string>) {
  outf("%d\n", std::max(1u, std::thread::hardware_concurrency()));
  return 0;
}
int test_truncate(std::vector<std::string> args) {
  if (args.size() != 3) die("expected filename and size");
  auto size = parse_uint(args[2]);
  if (!size) die("could not parse size '%s'", args[2]);
  if (::truncate(args[1].c_str(), static_cast<off_t>(*size)) < 0) die_errno("failed to truncate file '%s'", args[1]);
  return 0;
}
int test_xml_encode(std::vector<std::string>) {
  std::string text = read_fd(0).take_or_die();
  for (char c : text) {
    switch (c) {
      case '&':
        out("&amp;");
        break;
      case '<':
        out("&lt;");
        break;
      case '>':
        out("&gt;");
        break;
      case '\'':
        out("&apos;");
        break;
      case '"':
        out("&quot;");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          outf("&#x%02x;", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
          out(std::string_view(&c, 1));
    }
  }
  return 0;
}

int test_subprocess(std::vector<std::string> args) {
  SetupResult setup = setup_git_directory(true);
  args.erase(args.begin());
  if (!args.empty() && args[0] == "--setup-work-tree") {
    setup_work_tree(*setup.repo);
    args.erase(args.begin());
  }
  ChildProcess child;
  child.git_command = true;
  child.args = args;
  return child.run();
}

int test_advise(std::vector<std::string> args) {
  if (args.size() != 2) die_usage("usage: test-tool advise <advice>");
  SetupResult setup = setup_git_directory(true);
  Config own{ConfigSources{}};
  advise_if_enabled(setup.repo ? setup.repo->config() : own, "nestedTag", args[1]);
  return 0;
}

namespace {

char kind_of(const std::string& path) {
  auto st = lstat_path(path);
  if (!st) return '?';
  return S_ISDIR(st->st_mode) ? 'd' : S_ISLNK(st->st_mode) ? 's' : S_ISREG(st->st_mode) ? 'f' : '?';
}
bool walk(const std::string& top, const std::string& below, bool pedantic) {
  std::string dir = below.empty() ? top : path_join(top, below);
  DIR* handle = ::opendir(dir.c_str());
  if (!handle) return !pedantic;
  ::closedir(handle);
  auto names = list_dir(dir);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    std::string relative = below.empty() ? name : below + "/" + name, path = path_join(top, relative);
    char kind = kind_of(path);
    outf("[%c] (%s) [%s] %s\n", kind, relative, name, path);
    if (kind == 'd' && !walk(top, relative, pedantic)) return false;
  }
  return true;
}

}  // namespace

int test_dir_iterator(std::vector<std::string> args) {
  args.erase(args.begin());
  bool pedantic = false;
  while (!args.empty() && starts_with(args[0], "--")) {
    if (args[0] == "--pedantic") pedantic = true;
    args.erase(args.begin());
  }
  if (args.empty()) die_usage("usage: test-tool dir-iterator <dir>");
  auto st = lstat_path(args[0]);
  if (!st || !S_ISDIR(st->st_mode)) {
    outf("dir_iterator_begin failure: %s\n", !st ? "ENOENT" : "ENOTDIR");
    return 1;
  }
  if (!walk(args[0], "", pedantic)) {
    out("dir_iterator_advance failure\n");
    return 1;
  }
  return 0;
}

int test_regex(std::vector<std::string> args) {
  args.erase(args.begin());
  regex_t regex{};
  if (!args.empty() && args[0] == "--bug") {
    regmatch_t match[1];
    if (::regcomp(&regex, "[^={} \t]+", REG_EXTENDED)) die("failed regcomp");
    if (::regexec(&regex, "={}\nfred", 1, match, 0)) die("no match of pattern");
    int code = match[0].rm_so == 3 ? 1 : 0;  // '\n' must not be skipped
    ::regfree(&regex);
    return code;
  }
  bool silent = !args.empty() && args[0] == "--silent";
  if (silent) args.erase(args.begin());
  if (args.empty()) die_usage("usage: test-tool regex [--silent] <regex> [<string>] [<options>]");
  int flags = 0;
  for (std::size_t i = 2; i < args.size(); i++) {
    if (args[i] == "EXTENDED") flags |= REG_EXTENDED;
    if (args[i] == "NEWLINE") flags |= REG_NEWLINE;
    if (args[i] == "ICASE") flags |= REG_ICASE;
    if (args[i] == "STARTEND") flags |= 0;
  }
  std::setlocale(LC_CTYPE, "");
  int code = ::regcomp(&regex, args[0].c_str(), flags);
  if (code) {
    if (silent) return code;
    char text[64];
    ::regerror(code, &regex, text, sizeof text);
    die("failed regcomp() for pattern '%s' (%s)", args[0], text);
  }
  regmatch_t match[1];
  if (args.size() > 1) code = ::regexec(&regex, args[1].c_str(), 1, match, 0);
  ::regfree(&regex);
  return code ? 1 : 0;
}

}  // namespace git
