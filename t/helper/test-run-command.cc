// test-tool run-command: children alone and in parallel.
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "t/helper/test-tool.h"

TEST_TOOL("run-command", test_run_command)

namespace git {
namespace {

constexpr int kTasks = 4;

int run_parallel(const std::string& how, int jobs, bool ungroup, const std::vector<std::string>& command) {
  int started = 0;
  ParallelTask task;
  task.jobs = jobs;
  task.ungroup = ungroup;
  task.next = [&](ChildProcess& child, std::string& words, std::size_t&) {
    if (how == "run-command-no-jobs") {
      words += "no further jobs available\n";
      return false;
    }
    if (started++ >= (how == "run-command-abort" ? kTasks : kTasks)) return false;
    child.args = command;
    words += "preloaded output of a child\n";
    if (how == "run-command-stdin") {
      Pipe pipe = make_pipe();
      write_in_full(pipe.write_end.get(), "sample stdin 1\nsample stdin 0\n");
      child.in = pipe.read_end.release();
    }
    return true;
  };
  if (how == "run-command-abort")
    task.finished = [](int, std::string& words, std::size_t) {
      words += "asking for a quick stop\n";
      return false;
    };
  run_processes_parallel(task);
  return 0;
}

}  // namespace

int test_run_command(std::vector<std::string> args) {
  args.erase(args.begin());
  bool ungroup = false;
  ChildProcess child;
  while (!args.empty()) {
    if (args[0] == "--ungroup") {
      ungroup = true;
      args.erase(args.begin());
    } else if (args[0] == "env" && args.size() > 1) {
      child.env.push_back(args[1]);
      args.erase(args.begin(), args.begin() + 2);
    } else {
      break;
    }
  }
  if (args.empty()) die_usage("usage: test-tool run-command <command>");
  std::string how = args[0];
  args.erase(args.begin());
  if (how == "inherited-handle") {
    // A pipe of ours must not stay open in a child that has nothing to do with it.
    Pipe pipe = make_pipe();
    ChildProcess sleeper;
    sleeper.args = {"sleep", "1"};
    if (!sleeper.start()) return 1;
    pipe.write_end.reset();
    char byte;
    bool at_end = xread(pipe.read_end.get(), &byte, 1) == 0;
    sleeper.finish();
    return at_end ? 0 : 1;
  }
  if (how == "start-command-ENOENT") {
    child.args = args;
    if (!child.start() && errno == ENOENT) return 0;
    errf("FAIL %s\n", how);
    return 1;
  }
  if (how == "run-command") {
    child.args = args;
    int code = child.run();
    return code < 0 ? 128 : code;
  }
  if (starts_with(how, "run-command-") && args.size() >= 2) {
    int jobs = static_cast<int>(parse_int(args[0]).value_or(1));
    return run_parallel(how, jobs, ungroup, {args.begin() + 1, args.end()});
  }
  errf("check usage\n");
  return 1;
}

}  // namespace git
