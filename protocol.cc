// GIT_ALLOW_PROTOCOL is a list that overrides all configuration; then protocol.<name>.allow, protocol.allow, and what is
// known of each protocol.
#include "protocol.h"

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"

namespace git {

namespace {

enum class Allow : unsigned char { never, user_only, always };

Allow parse_allow(std::string_view key, std::string_view value) {
  if (iequals(value, "always")) return Allow::always;
  if (iequals(value, "never")) return Allow::never;
  if (iequals(value, "user")) return Allow::user_only;
  die(_("unknown value for config '%s': %s"), key, value);
}

Allow allow_of(Config& config, std::string_view type) {
  std::string key = strf("protocol.%s.allow", type);
  if (auto value = config.get_string(key)) return parse_allow(key, *value);
  if (auto value = config.get_string("protocol.allow")) return parse_allow("protocol.allow", *value);
  if (type == "http" || type == "https" || type == "git" || type == "ssh") return Allow::always;
  return type == "ext" ? Allow::never : Allow::user_only;
}

}  // namespace

int protocol_version_config(Config& config) {
  if (auto value = config.get_string("protocol.version")) {
    if (*value == "0" || *value == "1" || *value == "2") return (*value)[0] - '0';
    die(_("unknown value for config 'protocol.version': %s"), *value);
  }
  if (auto forced = get_env("GIT_TEST_PROTOCOL_VERSION"); forced && !forced->empty()) {
    if (*forced == "0" || *forced == "1" || *forced == "2") return (*forced)[0] - '0';
    die(_("unknown value for %s: %s"), "GIT_TEST_PROTOCOL_VERSION", *forced);
  }
  return 2;
}

bool is_transport_allowed(Config& config, std::string_view type, int from_user) {
  if (auto list = get_env("GIT_ALLOW_PROTOCOL")) {
    for (std::string_view word : split(*list, ':'))
      if (word == type) return true;
    return false;
  }
  switch (allow_of(config, type)) {
    case Allow::always:
      return true;
    case Allow::never:
      return false;
    case Allow::user_only:
      return from_user < 0 ? env_bool("GIT_PROTOCOL_FROM_USER", true) : from_user != 0;
  }
  return false;
}

void check_transport_allowed(Config& config, std::string_view type) {
  if (!is_transport_allowed(config, type)) die(_("transport '%s' not allowed"), type);
}

}  // namespace git
