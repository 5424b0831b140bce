// A program of its own starts as git itself does: descriptors, signals, tracing, PATH; and it is the one that catches.
#include "http-main.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/trace2.h"
#include "trace2-setup.h"

namespace git {

int http_main(int argc, char** argv, int (*run)(std::vector<std::string> args)) {
  std::vector<std::string> args(argv, argv + argc);
  // 0, 1 and 2 must be open, or files we open would take their places.
  int fd = ::open("/dev/null", O_RDWR);
  while (fd != -1 && fd < 2) fd = ::dup(fd);
  if (fd > 2) ::close(fd);
  std::signal(SIGPIPE, SIG_DFL);
  start_tracing(args);
  int code = 0;
  try {
    setup_path();
    trace2::command_name(path_basename(args[0]));
    code = run(std::move(args));
    flush_out();
  } catch (const Fatal& fatal) {
    std::fflush(stdout);
    if (!fatal.message().empty()) report("fatal: ", fatal.message());
    code = fatal.exit_code();
  }
  trace2::finish(code & 0xff);
  return code & 0xff;
}

}  // namespace git
