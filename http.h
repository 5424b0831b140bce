// HTTP as git speaks it: one session per command, with the settings of http.*, credentials asked for when a server wants
// them, redirects under git's rules, and patience with rate limits.  Only the programs that link libcurl have this.
//
//   HttpSession session(config, remote, url);
//   HttpGet get;
//   get.base_url = &url;                                  // follows redirects of .../info/refs
//   HttpAnswer answer = session.get(url + "/info/refs", get, body);
//   if (answer.result != HttpResult::ok) ...
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "credential.h"
#include "http-config.h"
#include "net/curl-easy.h"
#include "net/http-headers.h"

namespace git {

class Config;
struct Remote;

enum class HttpResult : unsigned char {
  ok,
  missing,  // 404 and the like
  error,
  reauth,        // ask again: there are credentials now
  no_auth,       // what credentials there were did not please
  bad_key,       // http.pinnedPubkey
  rate_limited,  // 429: ask again later
};

struct HttpAnswer {
  HttpResult result = HttpResult::error;
  long status = 0;  // HTTP's; 0 where it did not come to that
  int curl_code = 0;
  std::string message;  // what went wrong
  ContentType type;
  std::string effective_url;  // after redirects
};

struct HttpGet {
  bool is_initial = false;  // the first of a conversation: http.followRedirects=initial allows redirects
  bool no_cache = false;
  std::vector<std::string> headers;  // "Name: value"
  // Where given: the repository's URL, which moves as the redirects of the request say. Dies where they make no sense.
  std::string* base_url = nullptr;
  std::uint64_t resume_at = 0;  // skip these bytes
  bool is_verbatim = false;     // not compressed on the way
  bool keeps_error = false;     // the body of a refusal is wanted, too
};

class HttpSession {
 public:
  using Sink = std::function<void(std::string_view)>;

  HttpSession(Config& config, const Remote* remote, const std::string& url);
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // ---- whole requests: credentials, redirects and rate limits are taken care of ----
  HttpAnswer get(const std::string& url, HttpGet& how, std::string& body);
  // Downloads to `path` by way of `path`.temp, going on where an earlier attempt stopped.
  HttpAnswer get_file(const std::string& url, const std::string& path);
  // The same into an open file, from its end on; it is truncated where the server starts from the beginning.
  HttpAnswer get_into(const std::string& url, int fd);

  // ---- a request that the caller configures and repeats ----
  // The handle, with everything set that holds for all requests of the session.
  CurlEasy& prepare(const std::string& url, const std::vector<std::string>& headers);
  // As prepare(), for a handle of the caller's own; follow() must have been decided by then.
  void configure(CurlEasy& handle, const std::string& url, std::vector<std::string> headers, bool is_initial);
  HttpAnswer run(CurlEasy& handle);
  // What became of a transfer on `handle` that was run elsewhere (a multi handle).
  HttpAnswer conclude(CurlEasy& handle, CURLcode code);
  void ask_credentials();  // after HttpResult::reauth
  // After HttpResult::rate_limited: waits and says whether to ask again.
  bool wait_for_rate_limit();

  // "ipv4", "ipv6" or "all".
  void set_family(std::string_view name) {
    family_ = name == "ipv4" ? CURL_IPRESOLVE_V4 : name == "ipv6" ? CURL_IPRESOLVE_V6 : CURL_IPRESOLVE_WHATEVER;
  }
  const HttpSettings& settings() const { return settings_; }
  std::string language_header() const { return language_; }  // "" or "Accept-Language: ..."
  bool may_use_gss() const { return auth_methods_ & CURLAUTH_GSSNEGOTIATE; }

 private:
  HttpAnswer get_once(const std::string& url, const HttpGet& how, const Sink& sink);
  HttpAnswer get_patiently(const std::string& url, HttpGet& how, const Sink& sink, const std::function<void()>& restart);
  HttpAnswer refused(HttpAnswer answer);
  void configure_tls(CurlEasy& handle);
  void configure_proxy(CurlEasy& handle);
  void configure_auth(CurlEasy& handle, std::vector<std::string>& headers);
  void configure_protocols(CurlEasy& handle);
  void read_proxy();
  void ask_certificate_password();
  bool wants_empty_auth() const;

  Config& config_;
  HttpSettings settings_;
  CurlLibrary library_;
  CurlEasy handle_;
  ResponseHeaders headers_;
  std::string url_, language_;
  Credential auth_, proxy_auth_, cert_auth_, proxy_cert_auth_;
  std::optional<std::string> proxy_;  // host and port; "" for none at all; absent: libcurl's own mind
  long proxy_type_ = CURLPROXY_HTTP;
  long family_ = CURL_IPRESOLVE_WHATEVER;
  long auth_methods_ = 0, proxy_methods_ = 0;
  bool are_methods_restricted_ = false, has_read_cookies_ = false;
  long rate_limit_tries_ = 0;
};

// What a server says in text/plain goes to stderr, "remote: " in front of each line.
void show_http_message(const HttpAnswer& answer, const std::string& body);
// `asked` was answered by `got`: the same change for `base`, which `asked` starts with. Dies where the ends differ.
// False where nothing moved.
bool update_url_from_redirect(std::string& base, const std::string& asked, const std::string& got);

}  // namespace git
