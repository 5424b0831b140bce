// GIT_TRACE and its relatives (git(1), "GIT_TRACE"): free text for people.  A key is the name of an environment
// variable; its value says where lines go: 1, 2 or true to stderr, 3..9 to that descriptor, an absolute path to that file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
#include "base/where.h"

namespace git {

bool trace_want(const char* key);
// One or more lines, each with time and place in front unless GIT_TRACE_BARE.
void trace_print(const char* key, std::string_view text, Where where = Where::current());
// The bytes as they are.
void trace_raw(const char* key, std::string_view bytes);
// "trace: <label> 'arg' 'arg'"
void trace_argv(const char* key, std::string_view label, const std::vector<std::string>& argv, Where where = Where::current());
std::uint64_t trace_clock_ns();  // a steady clock
// GIT_TRACE_PERFORMANCE: "performance: 0.000123 s: text"
void trace_performance(std::uint64_t start_ns, std::string_view text, Where where = Where::current());

}  // namespace git
