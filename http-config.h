// Everything under http.* (git-config(1)) that holds for one URL, with the environment variables that go before it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace git {

class Config;
struct Remote;

struct HttpSettings {
  enum class Follow : unsigned char { never, initial, always };
  enum class EmptyAuth : unsigned char { automatic, no, yes };
  enum class Proactive : unsigned char { none, automatic, basic };

  // TLS, towards the server
  bool ssl_verify = true, ssl_try = false;
  std::optional<std::string> ssl_version, ssl_cipher_list, ssl_backend, ssl_ca_info, ssl_ca_path, pinned_pubkey;
  std::optional<std::string> ssl_cert, ssl_key, ssl_cert_type, ssl_key_type;
  bool ssl_cert_password = false;
  bool schannel_check_revoke = true, schannel_use_ca_info = false;
  // The proxy
  std::optional<std::string> proxy, proxy_auth_method;
  std::optional<std::string> proxy_ca_info, proxy_cert, proxy_key;
  bool proxy_cert_password = false;
  // Requests
  std::vector<std::string> extra_headers, resolve;
  std::optional<std::string> user_agent, version, cookie_file, delegation;
  bool save_cookies = false, no_epsv = false;
  Follow follow = Follow::initial;
  EmptyAuth empty_auth = EmptyAuth::automatic;
  Proactive proactive = Proactive::none;
  std::size_t post_buffer = 1024 * 1024;
  long low_speed_limit = -1, low_speed_time = -1;
  long keep_alive_idle = -1, keep_alive_interval = -1, keep_alive_count = -1;
  int max_requests = 5;
  // What to do about "429 Too Many Requests"
  long max_retries = 0, retry_after = 0, max_retry_time = 300;
};

// Dies where a value makes no sense. `remote` (may be nullptr) has settings of its own for the proxy.
HttpSettings read_http_settings(const Config& config, const Remote* remote, const std::string& url);

}  // namespace git
