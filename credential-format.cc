// Credentials as text: "key=value" lines between git and its helpers, and URLs.
//
// A newline inside a value would let a URL smuggle in a line of its own ("host=victim"), so neither reading a URL nor
// writing a value lets one through.
#include <ctime>

#include "base/strings.h"
#include "config.h"
#include "credential.h"
#include "net/url.h"

namespace git {

void CredentialCapability::set(CredentialStep step) {
  if (step == CredentialStep::initial) caller = true;
  if (step == CredentialStep::helper) helper = true;
}

void Credential::set_all_capabilities(CredentialStep step) {
  capa_authtype.set(step);
  capa_state.set(step);
}

void Credential::next_state() {
  state_headers_to_send = std::move(state_headers);
  state_headers.clear();
}

void Credential::clear_secrets() {
  password.reset();
  credential.reset();
}

bool Credential::is_expired() const { return password_expiry_utc < static_cast<std::int64_t>(::time(nullptr)); }

Result<Credential> parse_credential_url(std::string_view url, bool allow_partial) {
  Credential c;
  std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos && !allow_partial)
    return make_error(ErrorKind::invalid, _("url has no scheme: %s"), url);
  if (scheme_end == 0) return make_error(ErrorKind::invalid, _("url has no scheme: %s"), url);
  std::size_t start = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  std::string_view rest = url.substr(start);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view tail = rest.substr(authority.size());
  std::size_t at = authority.find('@');
  std::string_view host = authority;
  if (at != std::string_view::npos) {
    std::string_view user = authority.substr(0, at);
    host = authority.substr(at + 1);
    std::size_t colon = user.find(':');
    c.username = url_decode(user.substr(0, colon));
    if (colon != std::string_view::npos) c.password = url_decode(user.substr(colon + 1));
  }
  if (scheme_end != std::string_view::npos) c.protocol = std::string(url.substr(0, scheme_end));
  if (!allow_partial || !host.empty()) c.host = url_decode(host);
  while (starts_with(tail, "/")) tail.remove_prefix(1);
  if (!tail.empty()) {
    std::string path = url_decode(tail);
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    c.path = path;
  }
  const std::pair<const char*, const std::optional<std::string>*> parts[] = {
      {"username", &c.username}, {"password", &c.password}, {"protocol", &c.protocol}, {"host", &c.host}, {"path", &c.path}};
  for (auto [name, part] : parts)
    if (*part && (*part)->find('\n') != std::string::npos)
      return make_error(ErrorKind::invalid, _("url contains a newline in its %s component: %s"), name, url);
  return c;
}

Result<void> Credential::set_url(std::string_view url) {
  Result<Credential> parsed = parse_credential_url(url);
  if (!parsed) return parsed.error();
  protocol = parsed->protocol;
  host = parsed->host;
  path = parsed->path;
  username = parsed->username;
  password = parsed->password;
  username_is_given_ = username.has_value();
  return {};
}

std::string Credential::describe(bool escaped) const {
  if (!protocol) return {};
  std::string text = *protocol + "://";
  if (username && !username->empty()) text += (escaped ? url_encode(*username) : *username) + "@";
  if (host) text += escaped ? url_encode(*host, ":[]") : *host;
  if (path) text += "/" + (escaped ? url_encode(*path, "/") : *path);
  return text;
}

bool Credential::matches(const Credential& want, bool with_password) const {
  auto fits = [](const std::optional<std::string>& wanted, const std::optional<std::string>& have) {
    return !wanted || (have && *wanted == *have);
  };
  return fits(want.protocol, protocol) && fits(want.host, host) && fits(want.path, path) && fits(want.username, username) &&
         (!with_password || (fits(want.password, password) && fits(want.credential, credential)));
}

Result<void> Credential::read_attribute(std::string_view key, std::string_view value, CredentialStep step) {
  auto append = [&](std::vector<std::string>& list) {
    if (value.empty())
      list.clear();
    else
      list.emplace_back(value);
  };
  std::string text(value);
  if (key == "username") {
    username = text;
    username_is_given_ = true;
  } else if (key == "password") {
    password = text;
  } else if (key == "credential") {
    credential = text;
  } else if (key == "protocol") {
    protocol = text;
  } else if (key == "host") {
    host = text;
  } else if (key == "path") {
    path = text;
  } else if (key == "authtype") {
    authtype = text;
  } else if (key == "ephemeral") {
    is_ephemeral = parse_maybe_bool(text).value_or(false);
  } else if (key == "wwwauth[]") {
    append(wwwauth_headers);
  } else if (key == "state[]") {
    append(state_headers);
  } else if (key == "capability[]") {
    if (value == "authtype") capa_authtype.set(step);
    if (value == "state") capa_state.set(step);
  } else if (key == "continue") {
    is_multistage = parse_maybe_bool(text).value_or(false);
  } else if (key == "password_expiry_utc") {
    auto number = parse_int(value);
    password_expiry_utc = number && *number > 0 ? *number : kNever;
  } else if (key == "oauth_refresh_token") {
    oauth_refresh_token = text;
  } else if (key == "url") {
    Result<void> parsed = set_url(value);
    if (!parsed) {
      warning("%s", parsed.error().message);
      return make_error(ErrorKind::invalid, _("credential url cannot be parsed: %s"), value);
    }
  } else if (key == "quit") {
    quit = parse_maybe_bool(text).value_or(false);
  }
  return {};
}

Result<void> Credential::read_lines(const std::function<bool(std::string&)>& next_line, CredentialStep step) {
  std::string line;
  while (next_line(line) && !line.empty()) {
    std::size_t equals = line.find('=');
    if (equals == std::string::npos) return make_error(ErrorKind::invalid, _("invalid credential line: %s"), line);
    std::string_view text = line;
    Result<void> done = read_attribute(text.substr(0, equals), text.substr(equals + 1), step);
    if (!done) return done;
  }
  return {};
}

Result<std::string> Credential::format(CredentialStep step) const {
  std::string out;
  std::optional<Error> bad;
  auto add = [&](const char* key, const std::optional<std::string>& value) {
    if (!value) return;
    if (value->find('\n') != std::string::npos)
      bad = make_error(ErrorKind::invalid, _("credential value for %s contains newline"), key);
    else if (value->find('\0') != std::string::npos)
      bad = make_error(ErrorKind::invalid, _("credential value for %s contains NUL"), key);
    else if (protect_protocol_ && value->find('\r') != std::string::npos)
      bad = make_error(ErrorKind::invalid,
                       _("credential value for %s contains carriage return\n"
                         "If this is intended, set `credential.protectProtocol=false`"),
                       key);
    else
      out += std::string(key) + "=" + *value + "\n";
  };
  if (capa_authtype.has(step)) add("capability[]", "authtype");
  if (capa_state.has(step)) add("capability[]", "state");
  if (capa_authtype.has(step)) {
    add("authtype", authtype);
    add("credential", credential);
    if (is_ephemeral) add("ephemeral", "1");
  }
  add("protocol", protocol);
  add("host", host);
  add("path", path);
  add("username", username);
  add("password", password);
  add("oauth_refresh_token", oauth_refresh_token);
  if (password_expiry_utc != kNever) add("password_expiry_utc", std::to_string(password_expiry_utc));
  for (const std::string& header : wwwauth_headers) add("wwwauth[]", header);
  if (capa_state.has(step)) {
    if (is_multistage) add("continue", "1");
    for (const std::string& state : step == CredentialStep::response ? state_headers : state_headers_to_send)
      add("state[]", state);
  }
  if (bad) return *bad;
  return out;
}

}  // namespace git
