// Which protocols may be used, and in which version (git-config(1), "protocol.allow", "protocol.version").
#pragma once

#include <string>
#include <string_view>

namespace git {

class Config;

int protocol_version_config(Config& config);  // 0, 1 or 2; dies on another value
// `from_user`: 1 the user named the URL, 0 it came from elsewhere (a submodule), -1 what GIT_PROTOCOL_FROM_USER says.
bool is_transport_allowed(Config& config, std::string_view type, int from_user = -1);
// Dies "transport '%s' not allowed".
void check_transport_allowed(Config& config, std::string_view type);

}  // namespace git
