// One table row per variable would hide the few that are special; so plain ifs by kind, and the environment last.
#include "http-config.h"

#include <functional>
#include <map>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "config/urlmatch.h"
#include "remote.h"

namespace git {
namespace {

constexpr std::size_t kMinPostBuffer = 65520;  // one packet

class Reader {
 public:
  explicit Reader(HttpSettings& s) : s_(s) {}

  void take(const std::string& name, const ConfigEntry& entry) {
    if (auto at = strings_.find(name); at != strings_.end()) return take_string(*at->second, entry);
    if (auto at = paths_.find(name); at != paths_.end()) return take_path(*at->second, entry);
    if (auto at = bools_.find(name); at != bools_.end()) {
      *at->second = parse_config_bool(entry.key, entry.value).take_or_die();
      return;
    }
    if (auto at = numbers_.find(name); at != numbers_.end()) {
      *at->second = number(entry, 0, 1L << 40);
      return;
    }
    take_special(name, entry);
  }

 private:
  static long number(const ConfigEntry& entry, std::int64_t low, std::int64_t high) {
    bool out_of_range = false;
    auto value = parse_config_int64(entry.value.value_or(""), low, high, &out_of_range);
    if (!value) die_bad_config_number(entry, out_of_range);
    return static_cast<long>(*value);
  }
  static void take_string(std::optional<std::string>& to, const ConfigEntry& entry) {
    if (!entry.value) die_missing_config_value(entry);
    to = *entry.value;
  }
  static void take_path(std::optional<std::string>& to, const ConfigEntry& entry) {
    if (!entry.value) die_missing_config_value(entry);
    to = expand_config_path(*entry.value);
    if (!to) die(_("failed to expand user dir in: '%s'"), *entry.value);
  }
  static void take_list(std::vector<std::string>& to, const ConfigEntry& entry) {
    if (!entry.value) die_missing_config_value(entry);
    if (entry.value->empty())
      to.clear();
    else
      to.push_back(*entry.value);
  }

  void take_special(const std::string& name, const ConfigEntry& entry) {
    const std::string text = entry.value.value_or("");
    if (name == "extraheader") {
      take_list(s_.extra_headers, entry);
    } else if (name == "curloptresolve") {
      take_list(s_.resolve, entry);
    } else if (name == "emptyauth") {
      if (text == "auto")
        s_.empty_auth = HttpSettings::EmptyAuth::automatic;
      else
        s_.empty_auth =
            parse_config_bool(entry.key, entry.value).take_or_die() ? HttpSettings::EmptyAuth::yes : HttpSettings::EmptyAuth::no;
    } else if (name == "proactiveauth") {
      if (text == "auto")
        s_.proactive = HttpSettings::Proactive::automatic;
      else if (text == "basic")
        s_.proactive = HttpSettings::Proactive::basic;
      else if (text == "none")
        s_.proactive = HttpSettings::Proactive::none;
      else
        warning(_("Unknown value for http.proactiveauth"));
    } else if (name == "followredirects") {
      if (text == "initial")
        s_.follow = HttpSettings::Follow::initial;
      else
        s_.follow =
            parse_config_bool(entry.key, entry.value).take_or_die() ? HttpSettings::Follow::always : HttpSettings::Follow::never;
    } else if (name == "postbuffer") {
      long size = number(entry, INT64_MIN, INT64_MAX);
      if (size < 0) warning(_("negative value for http.postBuffer; defaulting to %d"), kMinPostBuffer);
      s_.post_buffer = size < static_cast<long>(kMinPostBuffer) ? kMinPostBuffer : static_cast<std::size_t>(size);
    } else if (name == "maxrequests") {
      s_.max_requests = static_cast<int>(number(entry, INT32_MIN, INT32_MAX));
    }
  }

  HttpSettings& s_;
  const std::map<std::string, std::optional<std::string>*> strings_ = {{"sslversion", &s_.ssl_version},
                                                                       {"sslcipherlist", &s_.ssl_cipher_list},
                                                                       {"sslbackend", &s_.ssl_backend},
                                                                       {"sslcerttype", &s_.ssl_cert_type},
                                                                       {"sslkeytype", &s_.ssl_key_type},
                                                                       {"proxy", &s_.proxy},
                                                                       {"proxyauthmethod", &s_.proxy_auth_method},
                                                                       {"useragent", &s_.user_agent},
                                                                       {"version", &s_.version},
                                                                       {"delegation", &s_.delegation}};
  const std::map<std::string, std::optional<std::string>*> paths_ = {{"sslcert", &s_.ssl_cert},
                                                                     {"sslkey", &s_.ssl_key},
                                                                     {"sslcainfo", &s_.ssl_ca_info},
                                                                     {"sslcapath", &s_.ssl_ca_path},
                                                                     {"pinnedpubkey", &s_.pinned_pubkey},
                                                                     {"cookiefile", &s_.cookie_file},
                                                                     {"proxysslcainfo", &s_.proxy_ca_info},
                                                                     {"proxysslcert", &s_.proxy_cert},
                                                                     {"proxysslkey", &s_.proxy_key}};
  const std::map<std::string, bool*> bools_ = {{"sslverify", &s_.ssl_verify},
                                               {"ssltry", &s_.ssl_try},
                                               {"sslcertpasswordprotected", &s_.ssl_cert_password},
                                               {"proxysslcertpasswordprotected", &s_.proxy_cert_password},
                                               {"savecookies", &s_.save_cookies},
                                               {"noepsv", &s_.no_epsv},
                                               {"schannelcheckrevoke", &s_.schannel_check_revoke},
                                               {"schannelusesslcainfo", &s_.schannel_use_ca_info}};
  const std::map<std::string, long*> numbers_ = {
      {"lowspeedlimit", &s_.low_speed_limit},   {"lowspeedtime", &s_.low_speed_time},
      {"keepaliveidle", &s_.keep_alive_idle},   {"keepaliveinterval", &s_.keep_alive_interval},
      {"keepalivecount", &s_.keep_alive_count}, {"maxretries", &s_.max_retries},
      {"retryafter", &s_.retry_after},          {"maxretrytime", &s_.max_retry_time}};
};

void take_environment(HttpSettings& s) {
  const std::pair<const char*, std::optional<std::string>*> strings[] = {{"GIT_SSL_CERT", &s.ssl_cert},
                                                                         {"GIT_SSL_CERT_TYPE", &s.ssl_cert_type},
                                                                         {"GIT_SSL_KEY", &s.ssl_key},
                                                                         {"GIT_SSL_KEY_TYPE", &s.ssl_key_type},
                                                                         {"GIT_SSL_CAPATH", &s.ssl_ca_path},
                                                                         {"GIT_SSL_CAINFO", &s.ssl_ca_info},
                                                                         {"GIT_SSL_VERSION", &s.ssl_version},
                                                                         {"GIT_SSL_CIPHER_LIST", &s.ssl_cipher_list},
                                                                         {"GIT_HTTP_USER_AGENT", &s.user_agent},
                                                                         {"GIT_HTTP_PROXY_AUTHMETHOD", &s.proxy_auth_method},
                                                                         {"GIT_PROXY_SSL_CERT", &s.proxy_cert},
                                                                         {"GIT_PROXY_SSL_KEY", &s.proxy_key},
                                                                         {"GIT_PROXY_SSL_CAINFO", &s.proxy_ca_info}};
  for (auto [name, to] : strings)
    if (auto value = get_env(name)) *to = *value;
  const std::pair<const char*, long*> numbers[] = {{"GIT_HTTP_LOW_SPEED_LIMIT", &s.low_speed_limit},
                                                   {"GIT_HTTP_LOW_SPEED_TIME", &s.low_speed_time},
                                                   {"GIT_HTTP_MAX_RETRIES", &s.max_retries},
                                                   {"GIT_HTTP_RETRY_AFTER", &s.retry_after},
                                                   {"GIT_HTTP_MAX_RETRY_TIME", &s.max_retry_time},
                                                   {"GIT_HTTP_KEEPALIVE_IDLE", &s.keep_alive_idle},
                                                   {"GIT_HTTP_KEEPALIVE_INTERVAL", &s.keep_alive_interval},
                                                   {"GIT_HTTP_KEEPALIVE_COUNT", &s.keep_alive_count}};
  for (auto [name, to] : numbers) {
    auto text = get_env(name);
    if (!text) continue;
    auto value = parse_int(*text);
    if (value && *value >= 0)
      *to = static_cast<long>(*value);
    else
      warning(_("ignoring bad number '%s' in %s"), *text, name);
  }
  if (auto text = get_env("GIT_HTTP_MAX_REQUESTS"))
    if (auto value = parse_uint(*text); value && *value < 1000) s.max_requests = static_cast<int>(*value);
  if (get_env("GIT_SSL_NO_VERIFY")) s.ssl_verify = false;
  if (get_env("GIT_SSL_CERT_PASSWORD_PROTECTED")) s.ssl_cert_password = true;
  if (get_env("GIT_PROXY_SSL_CERT_PASSWORD_PROTECTED")) s.proxy_cert_password = true;
  if (get_env("GIT_CURL_FTP_NO_EPSV")) s.no_epsv = true;
}

}  // namespace

HttpSettings read_http_settings(const Config& config, const Remote* remote, const std::string& url) {
  HttpSettings s;
  Reader reader(s);
  auto normal = normalize_url(url);
  NormalUrl any;
  for_each_config_for_url(config, "http", normal ? *normal : any,
                          [&](const std::string& name, const ConfigEntry& entry) { reader.take(name, entry); });
  if (remote && !remote->proxy.empty()) s.proxy = remote->proxy;
  if (remote && !remote->proxy_auth_method.empty()) s.proxy_auth_method = remote->proxy_auth_method;
  take_environment(s);
  if (s.max_requests < 1) s.max_requests = 5;
  return s;
}

}  // namespace git
