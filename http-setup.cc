// From http.* to curl_easy_setopt(): TLS, the proxy, who we are, where we may be sent.
#include <map>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "connect.h"
#include "http.h"
#include "net/url.h"
#include "protocol.h"
#include "remote.h"

namespace git {
namespace {

constexpr long kMaxRedirects = 20;

// The language a person wants messages in (gettext's LANGUAGE goes before the locale).
std::string preferred_languages() {
  if (std::string language = get_env_or("LANGUAGE", ""); !language.empty() || get_env("LANGUAGE")) return language;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    std::string locale = get_env_or(name, "");
    if (locale.empty()) continue;
    std::string plain = locale.substr(0, locale.find_first_of(".@"));
    return plain == "C" || plain == "POSIX" ? "" : locale;
  }
  return {};
}

struct ProxyScheme {
  const char* name;
  long type;
};
constexpr ProxyScheme kProxySchemes[] = {{"http", CURLPROXY_HTTP},
                                         {"https", CURLPROXY_HTTPS},
                                         {"socks", CURLPROXY_SOCKS4},
                                         {"socks4", CURLPROXY_SOCKS4},
                                         {"socks4a", CURLPROXY_SOCKS4A},
                                         {"socks5", CURLPROXY_SOCKS5},
                                         {"socks5h", CURLPROXY_SOCKS5_HOSTNAME}};

// The proxy that curl(1) would take from the environment.
std::optional<std::string> proxy_from_environment(const std::string& url) {
  std::initializer_list<const char*> https = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"};
  std::initializer_list<const char*> http = {"http_proxy", "ALL_PROXY", "all_proxy"};
  for (const char* name : istarts_with(url, "https://") ? https : http)
    if (auto value = get_env(name); value && !value->empty()) return value;
  return std::nullopt;
}

long auth_method(const std::string& name) {
  static const std::map<std::string, long> methods = {{"basic", CURLAUTH_BASIC},
                                                      {"digest", CURLAUTH_DIGEST},
                                                      {"negotiate", CURLAUTH_GSSNEGOTIATE},
                                                      {"ntlm", CURLAUTH_NTLM},
                                                      {"anyauth", static_cast<long>(CURLAUTH_ANY)}};
  auto found = methods.find(lowercase(name));
  if (found != methods.end()) return found->second;
  warning(_("unsupported proxy authentication method %s: using anyauth"), name);
  return static_cast<long>(CURLAUTH_ANY);
}

std::optional<long> tls_version(const std::string& name) {
  static const std::map<std::string, long> versions = {{"sslv2", CURL_SSLVERSION_SSLv2},     {"sslv3", CURL_SSLVERSION_SSLv3},
                                                       {"tlsv1", CURL_SSLVERSION_TLSv1},     {"tlsv1.0", CURL_SSLVERSION_TLSv1_0},
                                                       {"tlsv1.1", CURL_SSLVERSION_TLSv1_1}, {"tlsv1.2", CURL_SSLVERSION_TLSv1_2},
                                                       {"tlsv1.3", CURL_SSLVERSION_TLSv1_3}};
  auto found = versions.find(name);
  if (found == versions.end()) return std::nullopt;
  return found->second;
}

}  // namespace

HttpSession::HttpSession(Config& config, const Remote* remote, const std::string& url)
    : config_(config),
      settings_(read_http_settings(config, remote, url)),
      library_(settings_.ssl_backend),
      url_(url),
      auth_methods_(static_cast<long>(CURLAUTH_ANY)),
      proxy_methods_(static_cast<long>(CURLAUTH_ANY)),
      rate_limit_tries_(settings_.max_retries) {
  Result<void> parsed = auth_.set_url(url);
  if (!parsed) {
    warning("%s", parsed.error().message);
    die(_("credential url cannot be parsed: %s"), url);
  }
  if (std::string value = accept_language(preferred_languages()); !value.empty()) language_ = "Accept-Language: " + value;
  if (settings_.proxy_auth_method) proxy_methods_ = auth_method(*settings_.proxy_auth_method);
  read_proxy();
  if (istarts_with(url, "https://")) ask_certificate_password();
  if (settings_.proactive != HttpSettings::Proactive::none) {
    if (!auth_.password && !auth_.credential) auth_.fill(config_, true);
    if (settings_.proactive == HttpSettings::Proactive::basic || !auth_.credential) {
      auth_methods_ = CURLAUTH_BASIC;
    }
  }
}

HttpSession::~HttpSession() = default;

void HttpSession::read_proxy() {
  std::optional<std::string> text = settings_.proxy;
  if (!text) text = proxy_from_environment(url_);
  if (!text) return;
  proxy_ = "";
  if (text->empty()) return;
  std::string_view scheme = "http";
  bool has_scheme = text->find("://") != std::string::npos;
  if (has_scheme) scheme = std::string_view(*text).substr(0, text->find("://"));
  const ProxyScheme* known = nullptr;
  for (const ProxyScheme& each : kProxySchemes)
    if (iequals(scheme, each.name)) known = &each;
  if (!known) die(_("Invalid proxy URL '%s': unsupported proxy scheme '%s'"), *text, scheme);
  proxy_type_ = known->type;
  if (!proxy_auth_.set_url(has_scheme ? *text : "http://" + *text) || proxy_auth_.host.value_or("").empty())
    die(_("Invalid proxy URL '%s'"), *text);
  proxy_ = *proxy_auth_.host;
  if (proxy_auth_.path) {
    // A Unix socket.
    if (!istarts_with(scheme, "socks")) die(_("Invalid proxy URL '%s': only SOCKS proxies support paths"), *text);
    if (*proxy_auth_.host != "localhost") die(_("Invalid proxy URL '%s': host must be localhost if a path is present"), *text);
    *proxy_ += "/" + url_encode(*proxy_auth_.path, "/");
  }
  if (proxy_auth_.username && !proxy_auth_.password) proxy_auth_.fill(config_, true);
}

void HttpSession::ask_certificate_password() {
  auto ask = [&](Credential& credential, const std::string& path) {
    credential.protocol = "cert";
    credential.host = "";
    credential.path = path;
    credential.username = "";
    credential.fill(config_, false);
  };
  if (settings_.ssl_cert_password && settings_.ssl_cert) ask(cert_auth_, *settings_.ssl_cert);
  if (settings_.proxy_cert_password && settings_.proxy_cert) ask(proxy_cert_auth_, *settings_.proxy_cert);
}

void HttpSession::configure_tls(CurlEasy& h) {
  const HttpSettings& s = settings_;
  if (!s.ssl_verify) {
    h.set(CURLOPT_SSL_VERIFYPEER, 0L);
    h.set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (s.ssl_version && !s.ssl_version->empty()) {
    if (auto version = tls_version(*s.ssl_version))
      h.set(CURLOPT_SSLVERSION, *version);
    else
      warning(_("unsupported ssl version %s: using default"), *s.ssl_version);
  }
  if (s.ssl_cipher_list && !s.ssl_cipher_list->empty()) h.set_text(CURLOPT_SSL_CIPHER_LIST, *s.ssl_cipher_list);
  if (s.ssl_cert) h.set_text(CURLOPT_SSLCERT, *s.ssl_cert);
  if (s.ssl_cert_type) h.set_text(CURLOPT_SSLCERTTYPE, *s.ssl_cert_type);
  if (cert_auth_.password) h.set_text(CURLOPT_KEYPASSWD, *cert_auth_.password);
  if (s.ssl_key) h.set_text(CURLOPT_SSLKEY, *s.ssl_key);
  if (s.ssl_key_type) h.set_text(CURLOPT_SSLKEYTYPE, *s.ssl_key_type);
  if (s.ssl_ca_path) h.set_text(CURLOPT_CAPATH, *s.ssl_ca_path);
  if (s.pinned_pubkey) h.set_text(CURLOPT_PINNEDPUBLICKEY, *s.pinned_pubkey);
  bool is_schannel = s.ssl_backend && *s.ssl_backend == "schannel";
  if (is_schannel && !s.schannel_check_revoke) h.set(CURLOPT_SSL_OPTIONS, static_cast<long>(CURLSSLOPT_NO_REVOKE));
  if (is_schannel && !s.schannel_use_ca_info)
    h.set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
  else if (s.ssl_ca_info)
    h.set_text(CURLOPT_CAINFO, *s.ssl_ca_info);
  if (s.proxy_ca_info) h.set_text(CURLOPT_PROXY_CAINFO, *s.proxy_ca_info);
  if (s.proxy_cert) h.set_text(CURLOPT_PROXY_SSLCERT, *s.proxy_cert);
  if (s.proxy_key) h.set_text(CURLOPT_PROXY_SSLKEY, *s.proxy_key);
  if (proxy_cert_auth_.password) h.set_text(CURLOPT_PROXY_KEYPASSWD, *proxy_cert_auth_.password);
}

void HttpSession::configure_proxy(CurlEasy& h) {
  if (!proxy_) return;
  h.set_text(CURLOPT_PROXY, *proxy_);
  if (proxy_->empty()) return;
  h.set(CURLOPT_PROXYTYPE, proxy_type_);
  std::string exceptions = get_env_or("no_proxy", get_env_or("NO_PROXY", ""));
  h.set_text(CURLOPT_NOPROXY, exceptions);
  if (proxy_auth_.password) {
    h.set_text(CURLOPT_PROXYUSERNAME, proxy_auth_.username.value_or(""));
    h.set_text(CURLOPT_PROXYPASSWORD, *proxy_auth_.password);
  }
  h.set(CURLOPT_PROXYAUTH, proxy_methods_);
}

// An empty user and password make libcurl try what needs none (Kerberos).
bool HttpSession::wants_empty_auth() const {
  if (settings_.empty_auth != HttpSettings::EmptyAuth::automatic) return settings_.empty_auth == HttpSettings::EmptyAuth::yes;
  // Worth a try only where the server offers something of the kind.
  constexpr long kNeedsPassword = CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_DIGEST_IE;
  return are_methods_restricted_ && (auth_methods_ & ~kNeedsPassword);
}

void HttpSession::configure_auth(CurlEasy& h, std::vector<std::string>& headers) {
  h.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
  h.set(CURLOPT_HTTPAUTH, auth_methods_);
  if (auth_.credential) {
    if (auth_.authtype) headers.push_back("Authorization: " + *auth_.authtype + " " + *auth_.credential);
  } else if (auth_.password) {
    h.set_text(CURLOPT_USERNAME, auth_.username.value_or(""));
    h.set_text(CURLOPT_PASSWORD, *auth_.password);
  } else if (wants_empty_auth()) {
    h.set_text(CURLOPT_USERPWD, ":");
  }
  if (!settings_.delegation) return;
  const std::string& name = *settings_.delegation;
  if (name == "none")
    h.set(CURLOPT_GSSAPI_DELEGATION, static_cast<long>(CURLGSSAPI_DELEGATION_NONE));
  else if (name == "policy")
    h.set(CURLOPT_GSSAPI_DELEGATION, static_cast<long>(CURLGSSAPI_DELEGATION_POLICY_FLAG));
  else if (name == "always")
    h.set(CURLOPT_GSSAPI_DELEGATION, static_cast<long>(CURLGSSAPI_DELEGATION_FLAG));
  else
    warning(_("Unknown delegation method '%s': using default"), name);
}

void HttpSession::configure_protocols(CurlEasy& h) {
  auto allowed = [&](int from_user) {
    std::string list;
    for (const char* name : {"http", "https", "ftp", "ftps"})
      if (is_transport_allowed(config_, name, from_user)) list += (list.empty() ? "" : ",") + std::string(name);
    return list;
  };
  std::string redirected = allowed(0);
  h.set_text(CURLOPT_PROTOCOLS_STR, allowed(-1));
  if (redirected.empty())
    h.set(CURLOPT_FOLLOWLOCATION, 0L);
  else
    h.set_text(CURLOPT_REDIR_PROTOCOLS_STR, redirected);
}

void HttpSession::configure(CurlEasy& h, const std::string& url, std::vector<std::string> headers, bool is_initial) {
  const HttpSettings& s = settings_;
  h.reset();
  h.set_text(CURLOPT_URL, url);
  h.set(CURLOPT_NOSIGNAL, 1L);
  h.set(CURLOPT_IPRESOLVE, family_);
  h.set(CURLOPT_FAILONERROR, 1L);
  h.set_text(CURLOPT_ACCEPT_ENCODING, "");
  h.set_text(CURLOPT_USERAGENT, s.user_agent ? *s.user_agent : user_agent());
  h.set(CURLOPT_FOLLOWLOCATION,
        s.follow == HttpSettings::Follow::always || (s.follow == HttpSettings::Follow::initial && is_initial) ? 1L : 0L);
  h.set(CURLOPT_MAXREDIRS, kMaxRedirects);
  h.set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  configure_protocols(h);
  configure_tls(h);
  configure_proxy(h);
  headers.insert(headers.begin(), s.extra_headers.begin(), s.extra_headers.end());
  configure_auth(h, headers);
  if (s.version) {
    if (*s.version == "HTTP/2")
      h.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2));
    else if (*s.version == "HTTP/1.1")
      h.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    else
      warning(_("unknown value given to http.version: '%s'"), *s.version);
  }
  if (s.low_speed_limit > 0 && s.low_speed_time > 0) {
    h.set(CURLOPT_LOW_SPEED_LIMIT, s.low_speed_limit);
    h.set(CURLOPT_LOW_SPEED_TIME, s.low_speed_time);
  }
  h.set(CURLOPT_TCP_KEEPALIVE, 1L);
  if (s.keep_alive_idle > 0) h.set(CURLOPT_TCP_KEEPIDLE, s.keep_alive_idle);
  if (s.keep_alive_interval > 0) h.set(CURLOPT_TCP_KEEPINTVL, s.keep_alive_interval);
#if LIBCURL_VERSION_NUM >= 0x080900
  if (s.keep_alive_count > 0) h.set(CURLOPT_TCP_KEEPCNT, s.keep_alive_count);
#endif
  if (s.no_epsv) h.set(CURLOPT_FTP_USE_EPSV, 0L);
  if (s.ssl_try) h.set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));
  if (!s.resolve.empty()) h.set_resolve(s.resolve);
  if (s.cookie_file && !has_read_cookies_) h.set_text(CURLOPT_COOKIEFILE, *s.cookie_file);
  has_read_cookies_ |= &h == &handle_;
  if (s.cookie_file && s.save_cookies && &h == &handle_) h.set_text(CURLOPT_COOKIEJAR, *s.cookie_file);
  h.set_trace();
  h.set_headers(headers);
}

}  // namespace git
