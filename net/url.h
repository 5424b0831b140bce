// Where a repository is, as people write it (git-clone(1), "GIT URLS").  Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace git {

// "scheme://..." with letters, digits, '+', '-' and '.' in the scheme.
bool is_url(std::string_view text);
// No "host:path": a path on this machine ("a:b" is not, "./a:b" is).
bool url_is_local_not_ssh(std::string_view url);
// "ext::...": the helper's name, "" where there is none.
std::string_view helper_of_url(std::string_view url);
std::string url_decode(std::string_view text);
std::string url_encode(std::string_view text, std::string_view keep = "");
// "https://user:secret@host/" without the user and the password.
std::string anonymize_url(std::string_view url);
// "https://user:<redacted>@host/" of a URL with a password in it; nullopt where there is none.
std::optional<std::string> redact_url_password(std::string_view url);

// `url`, which may start with "./" and "../", as seen from `base`. An absolute one is itself. `is_relative`: the answer is
// a path relative to where `base` is.
Result<std::string> join_url(std::string base, std::string_view url, bool* is_relative = nullptr);

enum class UrlProtocol : std::uint8_t { local, file, ssh, git };

struct ParsedUrl {
  UrlProtocol protocol = UrlProtocol::local;
  std::string host;  // may hold user@ and brackets and a port
  std::string path;
};
// Dies' texts come back as errors ("protocol '%s' is not supported", "no path specified; ...").
Result<ParsedUrl> parse_connect_url(std::string_view url);

struct HostAndPort {
  std::string host;  // with user@, without brackets
  std::string port;  // "" where none
};
HostAndPort split_ssh_host(std::string_view host);
HostAndPort split_git_host(std::string_view host);
// The host with one pair of brackets taken off.
std::string strip_brackets(std::string_view host);

}  // namespace git
