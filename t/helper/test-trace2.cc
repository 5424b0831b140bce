// test-tool trace2: one kind of event after the other.
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "t/helper/test-tool.h"

TEST_TOOL("trace2", test_trace2)

namespace git {
namespace {

using Args = std::vector<std::string>;

int number(const Args& args, std::size_t i) { return static_cast<int>(parse_int(args.at(i)).value_or(0)); }

int run_child(const Args& args) {
  ChildProcess child;
  child.args = args;
  return child.run();
}
void use_timer(trace2::Timer timer, int count, int delay_ms) {
  for (int i = 0; i < count; i++) {
    trace2::timer_start(timer);
    ::usleep(static_cast<useconds_t>(delay_ms) * 1000);
    trace2::timer_stop(timer);
  }
}
template <class Fn>
void in_threads(int count, const char* name, Fn fn) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; i++)
    threads.emplace_back([&] {
      trace2::thread_start(name);
      fn();
      trace2::thread_exit();
    });
  for (std::thread& thread : threads) thread.join();
}
[[noreturn]] void leave_for_bug(const std::string& message) {
  trace2::error(message, "%s");
  errf("BUG: %s:%d: %s\n", __FILE__, __LINE__, message);
  constexpr int kBugExitCode = 99;
  trace2::finish(kBugExitCode);
  std::_Exit(kBugExitCode);
}
void soft_bug(const std::string& message) {
  trace2::error(message, "%s");
  errf("BUG: %s:%d: %s\n", __FILE__, __LINE__, message);
}

}  // namespace

int test_trace2(Args args) {
  args.erase(args.begin());
  if (args.empty()) die_usage("usage: test-tool trace2 <ut_name> <args>");
  std::string name = args[0];
  args.erase(args.begin());
  if (name == "001return") return number(args, 0);
  if (name == "002exit") exit_with(number(args, 0));
  if (name == "003error") {
    for (const std::string& arg : args) error("%s", arg);
    return 0;
  }
  if (name == "004child") return args.empty() ? 0 : run_child(args);
  if (name == "005exec") {
    args.insert(args.begin(), "git");
    trace2::exec({}, args);
    return run_child(args);
  }
  if (name == "006data") {
    for (std::size_t i = 0; i + 2 < args.size(); i += 3) trace2::data(args[i], args[i + 1], args[i + 2]);
    return 0;
  }
  if (name == "007bug") leave_for_bug("the bug message");
  if (name == "008bug" || name == "009bug_BUG" || name == "010bug_BUG") {
    soft_bug("a bug message");
    if (name == "010bug_BUG") leave_for_bug("a BUG message");
    soft_bug("another bug message");
    if (name == "008bug") leave_for_bug("an explicit BUG_if_bug() following bug() call(s) is nice, but not required");
    trace2::error("on exit(): had bug() call(s) in this process without explicit BUG_if_bug()", "%s");
    errf("BUG: %s:%d: %s\n", __FILE__, __LINE__, "had bug() call(s) in this process without explicit BUG_if_bug()");
    trace2::finish(99);
    std::_Exit(99);
  }
  if (name == "100timer") {
    use_timer(trace2::Timer::test1, number(args, 0), number(args, 1));
    return 0;
  }
  if (name == "101timer") {
    in_threads(number(args, 2), "ut_101", [&] { use_timer(trace2::Timer::test2, number(args, 0), number(args, 1)); });
    return 0;
  }
  if (name == "200counter") {
    for (std::size_t i = 0; i < args.size(); i++)
      trace2::counter_add(trace2::Counter::test1, static_cast<std::uint64_t>(number(args, i)));
    return 0;
  }
  if (name == "201counter") {
    in_threads(number(args, 2), "ut_201", [&] {
      trace2::counter_add(trace2::Counter::test2, static_cast<std::uint64_t>(number(args, 0)));
      trace2::counter_add(trace2::Counter::test2, static_cast<std::uint64_t>(number(args, 1)));
    });
    return 0;
  }
  if (name == "300redact_start") {
    trace2::command_alias("start", args);
    return 0;
  }
  if (name == "301redact_child_start") {
    int id = trace2::child_start({{}, {}, {}, args, false, false});
    trace2::child_exit(id, 1234, 0);
    return 0;
  }
  if (name == "302redact_exec") {
    trace2::exec("exe", args);
    return 0;
  }
  if (name == "303redact_def_param") {
    trace2::def_param("local", args.at(0), args.at(1));
    return 0;
  }
  die_usage("test-tool trace2: unknown test '%s'", name);
}

}  // namespace git
