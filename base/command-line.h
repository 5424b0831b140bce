// A command line as people write it in configuration (aliases, mergeoptions): words, quotes and backslashes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

// Errors: "cmdline ends with \", "unclosed quote".
Result<std::vector<std::string>> parse_command_line(std::string_view text);

}  // namespace git
