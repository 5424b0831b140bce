// User names, passwords and tokens (gitcredentials(7), git-credential(1)).  A Credential starts as a question (protocol,
// host, path), is filled by configuration, helpers and finally the user, and what the server said to it goes back to the
// helpers: approve() or reject().
//
//   Credential credential;
//   credential.set_url(url);
//   credential.fill(config, true);
//   ...
//   credential.approve(config);
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

class Config;

// The two sides of a conversation: what the caller asked with, what goes to a helper, what goes back to the caller.
enum class CredentialStep : std::uint8_t { initial, helper, response };

// Something beyond user name and password that both sides have to understand.
struct CredentialCapability {
  bool caller = false, helper = false;
  void set(CredentialStep step);
  bool has(CredentialStep step) const { return caller && (step != CredentialStep::response || helper); }
};

struct Credential {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  std::optional<std::string> protocol, host, path, username, password;
  std::optional<std::string> authtype, credential;  // "Bearer" and its token, in lieu of user name and password
  std::optional<std::string> oauth_refresh_token;
  std::int64_t password_expiry_utc = kNever;
  std::vector<std::string> wwwauth_headers;
  std::vector<std::string> state_headers;          // as the last helper answered
  std::vector<std::string> state_headers_to_send;  // from the step before
  CredentialCapability capa_authtype, capa_state;
  bool is_ephemeral = false;  // not worth storing
  bool is_multistage = false;
  bool quit = false;

  // Without a scheme, or with a newline inside: an error and nothing changes.
  Result<void> set_url(std::string_view url);
  // "https://user@host/path"; `escaped` as a URL has it, else for people to read.
  std::string describe(bool escaped) const;

  // Does this answer the question `want`? The password counts only where asked for.
  bool matches(const Credential& want, bool with_password) const;
  bool is_expired() const;

  // Dies where nobody knows an answer. `all_capabilities`: the caller understands everything.
  void fill(const Config& config, bool all_capabilities);
  void approve(const Config& config);  // told to the helpers once
  void reject(const Config& config);   // and forgotten here
  void reject_if_known(const Config& config) {
    if (password || credential) reject(config);
  }
  void set_all_capabilities(CredentialStep step);
  void next_state();
  void clear_secrets();

  // The lines of `git credential`'s format. Reading stops behind an empty line.
  Result<void> read_lines(const std::function<bool(std::string&)>& next_line, CredentialStep step);
  Result<std::string> format(CredentialStep step) const;  // an error where a value can't be told on a line

 private:
  void apply_config(const Config& config);
  void run_helper(const std::string& helper, const char* operation, bool wants_answer);
  void ask_user(const Config& config);
  Result<void> read_attribute(std::string_view key, std::string_view value, CredentialStep step);

  std::vector<std::string> helpers_;
  bool is_configured_ = false;
  bool is_approved_ = false;
  bool use_http_path_ = false;
  bool username_is_given_ = false;
  bool sanitize_prompt_ = true;
  bool protect_protocol_ = true;
  bool is_interactive_ = true;
};

// "https://user:secret@host/path"; parts that are missing stay so. `allow_partial`: "host", "user@host", "/path" and
// "https://" are good enough, as in "credential.<url>.helper".
Result<Credential> parse_credential_url(std::string_view url, bool allow_partial = false);

}  // namespace git
