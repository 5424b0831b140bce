// main() of the programs that link libcurl: what git.cc does for builtins.
#pragma once

#include <string>
#include <vector>

namespace git {

// `run` gets the arguments (args[0] is the program's name) and returns the exit code.
int http_main(int argc, char** argv, int (*run)(std::vector<std::string> args));

}  // namespace git
