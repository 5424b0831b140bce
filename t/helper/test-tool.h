// test-tool's subcommands, one file each or a few together:
//
//   TEST_TOOL("sha1", test_sha1)
//   int git::test_sha1(std::vector<std::string> args) { ... }   // args[0] is "sha1"
#pragma once

#include <string>
#include <vector>

#define TEST_TOOL(name, function)              \
  namespace git {                              \
  int function(std::vector<std::string> args); \
  }
