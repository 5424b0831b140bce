// Where in the source a call stands, for traces.
//
// std::source_location says the same, but clang 14 can't compile libstdc++'s: the two builtins below are in both compilers.
#pragma once

namespace git {

struct Where {
  const char* file = "";
  int line = 0;

  // As a default argument it names the place of the call that left it out.
  static constexpr Where current(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

}  // namespace git
