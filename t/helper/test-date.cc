// test-tool date: every way to show and to read dates.
#include <chrono>
#include <cstdlib>

#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/trace.h"
#include "t/helper/test-tool.h"

TEST_TOOL("date", test_date)

namespace git {
namespace {

void show(const DateFormat& format, const std::string& arg) {
  char* end = nullptr;
  unsigned long long time = std::strtoull(arg.c_str(), &end, 10);
  while (*end == ' ') end++;
  int tz = std::atoi(end);
  outf("%s -> %s\n", arg, show_date(time, tz, format));
}

}  // namespace

int test_date(std::vector<std::string> args) {
  args.erase(args.begin());
  if (args.empty()) die_usage("usage: test-tool date <command>");
  std::string command = args[0];
  args.erase(args.begin());
  std::string_view name = command;
  DateFormat iso;
  iso.mode = DateMode::iso8601;
  if (command == "relative") {
    for (const std::string& arg : args) outf("%s -> %s\n", arg, show_relative_date(parse_uint(arg).value_or(0)));
  } else if (command == "human") {
    DateFormat human;
    human.mode = DateMode::human;
    for (const std::string& arg : args) outf("%s -> %s\n", arg, show_date(parse_uint(arg).value_or(0), 0, human));
  } else if (skip_prefix(name, "show:")) {
    DateFormat format = parse_date_format(name);
    for (const std::string& arg : args) show(format, arg);
  } else if (command == "parse") {
    for (const std::string& arg : args) {
      auto date = parse_date_basic(arg);
      outf("%s -> %s\n", arg, date ? show_date(date->time, date->tz, iso) : std::string("bad"));
    }
  } else if (command == "approxidate") {
    for (const std::string& arg : args) outf("%s -> %s\n", arg, show_date(approxidate(arg), 0, iso));
  } else if (command == "timestamp") {
    for (const std::string& arg : args) outf("%s -> %d\n", arg, approxidate(arg));
  } else if (command == "getnanos") {
    auto now = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    if (args.empty()) {
      outf("%d.%09d\n", now / 1000000000, now % 1000000000);
    } else {
      double start = std::atof(args[0].c_str());
      char text[64];
      std::snprintf(text, sizeof text, "%lf", static_cast<double>(now) / 1e9 - start);
      outf("%s\n", text);
    }
  } else if (command == "is64bit") {
    return sizeof(Timestamp) == 8 ? 0 : 1;
  } else if (command == "time_t-is64bit") {
    return sizeof(std::time_t) == 8 ? 0 : 1;
  } else {
    die_usage("usage: test-tool date <command>");
  }
  return 0;
}

}  // namespace git
