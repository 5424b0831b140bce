// test-tool chmtime: set or show modification times, relative to now ("+10", "=+10", "=-10") or absolute ("=1234").
#include <sys/stat.h>
#include <utime.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "t/helper/test-tool.h"

TEST_TOOL("chmtime", test_chmtime)

namespace git {
namespace {

struct TimeSpec {
  bool is_absolute = false;  // "=": not relative to the file's time
  long value = 0;
};

bool parse_spec(const std::string& text, TimeSpec& spec) {
  const char* at = text.c_str();
  if (*at == '=') {
    spec.is_absolute = true;
    at++;
  }
  bool from_now = spec.is_absolute && (*at == '+' || *at == '-');
  if (!spec.is_absolute && *at != '+' && *at != '-') return false;
  char* end = nullptr;
  spec.value = std::strtol(at, &end, 10);
  if (*end || end == at) return false;
  if (from_now) spec.value += static_cast<long>(std::time(nullptr));
  return true;
}

}  // namespace

int test_chmtime(std::vector<std::string> args) {
  bool verbose = false, get = false;
  TimeSpec spec;
  std::size_t at = 1;
  if (at < args.size() && (args[at] == "--get" || args[at] == "-g")) {
    get = true;
    at++;
    if (at < args.size() && parse_spec(args[at], spec)) at++;
  } else if (at < args.size() && (args[at] == "--verbose" || args[at] == "-v")) {
    verbose = true;
    at++;
    if (at < args.size() && parse_spec(args[at], spec)) at++;
  } else {
    if (at >= args.size() || !parse_spec(args[at], spec)) {
      errf("usage: test-tool chmtime [-v|--verbose] [-g|--get] <spec> <file>...\n");
      return 1;
    }
    at++;
  }
  for (; at < args.size(); at++) {
    auto st = stat_path(args[at]);
    if (!st) {
      errf("Failed to stat %s: %s. Skipping\n", args[at], std::strerror(errno));
      return 1;
    }
    long mtime = spec.is_absolute ? spec.value : static_cast<long>(st->st_mtime) + spec.value;
    if (get) outf("%d\n", mtime);
    if (verbose) outf("%d\t%s\n", mtime, args[at]);
    utimbuf times{st->st_atime, mtime};
    if (mtime != st->st_mtime && ::utime(args[at].c_str(), &times) < 0) {
      errf("Failed to modify time on %s: %s\n", args[at], std::strerror(errno));
      return 1;
    }
  }
  return 0;
}

}  // namespace git
