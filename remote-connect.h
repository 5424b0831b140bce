// What remote-ext and remote-fd say on their standard input and output (gitremote-helpers(7)): they know "connect" only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace git {

// Answers commands until "connect <service>" comes; `connect` then makes the connection and gives back the exit code.
// 0 where the input ends before that; nullopt on a command that is neither, put into `*unknown`.
std::optional<int> serve_connect_commands(const std::function<int(std::string_view service)>& connect, std::string* unknown);

}  // namespace git
