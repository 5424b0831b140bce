// Settings for URLs: "http.https://*.example.com/path.proxy" (git-config(1), "http.<url>.*").
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace git {

class Config;

// A URL with everything that may be written in two ways written in one.
struct NormalUrl {
  std::string text;  // scheme://[user[:password]@]host[:port]/path
  std::string scheme, user, host, port, path;
  bool has_user = false;
};
// `is_pattern`: "*" may stand for a label of the host.
Result<NormalUrl> normalize_url(std::string_view url, bool is_pattern = false);

// How well a pattern fits; a better one compares greater.
struct UrlMatch {
  std::size_t host = 0, path = 0;
  bool user = false;
  friend auto operator<=>(const UrlMatch&, const UrlMatch&) = default;
};
std::optional<UrlMatch> match_url(const NormalUrl& url, const NormalUrl& pattern);

// The variables of `section` for this URL by their name ("proxy"), each from the best match.
struct UrlConfigValue {
  std::optional<std::string> value;
  const struct ConfigEntry* entry = nullptr;
};
// The same entry by entry, for variables that add up: each that fits at least as well as those before it.
void for_each_config_for_url(const Config& config, std::string_view section, const NormalUrl& url,
                             const std::function<void(const std::string& name, const struct ConfigEntry& entry)>& fn);
std::map<std::string, UrlConfigValue> config_for_url(const Config& config, std::string_view section, const NormalUrl& url);

}  // namespace git
