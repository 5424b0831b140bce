// Session ids sort by time and tell host and process.
#include "base/trace2-sid.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "base/files.h"
#include "base/strings.h"

namespace git::trace2 {
namespace {
constexpr const char* kParentSid = "GIT_TRACE2_PARENT_SID";

// A short mark of the host's name (FNV-1a).
std::string host_mark() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) < 0) return "Localhost";
  std::uint32_t hash = 2166136261u;
  for (const char* p = name; *p; p++) hash = (hash ^ static_cast<unsigned char>(*p)) * 16777619u;
  return strf("H%08x", hash);
}
}  // namespace

std::string make_sid(int* depth) {
  timeval now{};
  ::gettimeofday(&now, nullptr);
  std::tm tm{};
  std::time_t seconds = now.tv_sec;
  ::gmtime_r(&seconds, &tm);
  std::string own = strf("%04d%02d%02dT%02d%02d%02d.%06dZ-%s-P%08x", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                         tm.tm_min, tm.tm_sec, now.tv_usec, host_mark(), static_cast<unsigned>(::getpid()));
  *depth = 0;
  if (const char* parent = std::getenv(kParentSid); parent && *parent) {
    *depth = 1;
    for (const char* p = parent; *p; p++)
      if (*p == '/') ++*depth;
    own = std::string(parent) + "/" + own;
  }
  ::setenv(kParentSid, own.c_str(), 1);
  return own;
}

std::vector<std::string> ancestor_names() {
  std::vector<std::string> names;
  constexpr std::size_t kMost = 10;
  for (int pid = ::getppid(); pid > 0 && names.size() < kMost;) {
    auto text = read_file(strf("/proc/%d/stat", pid));
    if (!text) break;
    std::size_t open = text->find('('), close = text->rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open) break;
    names.push_back(text->substr(open + 1, close - open - 1));
    // Behind the name: state, then the parent.
    auto fields = split(std::string_view(*text).substr(close + 2), ' ');
    if (fields.size() < 2) break;
    pid = static_cast<int>(parse_int(fields[1]).value_or(0));
  }
  return names;
}

UniqueFd open_in_directory(const std::string& dir, const std::string& sid, int max_files, bool* discard) {
  constexpr const char* kDiscard = "git-trace2-discard";
  if (max_files > 0 && static_cast<int>(list_dir(dir).size()) >= max_files) {
    std::string path = path_join(dir, kDiscard);
    if (path_exists(path)) return {};
    *discard = true;
    return open_fd(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0666);
  }
  std::string name = sid.substr(sid.rfind('/') == std::string::npos ? 0 : sid.rfind('/') + 1);
  for (int attempt = 0; attempt < 10; attempt++) {
    UniqueFd fd =
        open_fd(path_join(dir, attempt ? strf("%s.%d", name, attempt) : name), O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0666);
    if (fd || errno != EEXIST) return fd;
  }
  return {};
}

}  // namespace git::trace2
