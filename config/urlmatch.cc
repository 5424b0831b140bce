// Normalization follows RFC 3986: lower case for scheme and host, no default ports, %-escapes only where needed, no dot
// segments.
#include "config/urlmatch.h"

#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

constexpr std::string_view kUnreserved = "-._~";
constexpr std::string_view kReserved = ":/?#[]@!$&'()*+,;=";

bool is_url_char(char c) { return is_alnum(c) || kUnreserved.find(c) != std::string_view::npos; }

// Decodes what needs no escape, escapes what does. `keep`: bytes that stay as they are; false for a bad escape.
bool append_normal(std::string& out, std::string_view text, std::string_view keep) {
  static const char digits[] = "0123456789ABCDEF";
  for (std::size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    bool was_escaped = false;
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
      was_escaped = true;
    }
    auto u = static_cast<unsigned char>(c);
    bool plain = is_url_char(c) || (!was_escaped && keep.find(c) != std::string_view::npos);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[u >> 4];
      out += digits[u & 15];
    }
  }
  return true;
}

// "/a/./b/../c" -> "/a/c"; nullopt where ".." climbs out.
std::optional<std::string> resolve_dots(const std::string& path) {
  std::string result;
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    std::size_t end = rest.find('/');
    std::string_view segment = rest.substr(0, end);
    bool is_last = end == std::string_view::npos;
    if (segment == ".") {
      if (is_last) result += '/';
    } else if (segment == "..") {
      if (result.empty()) return std::nullopt;
      result.resize(result.rfind('/'));
      if (is_last) result += '/';
    } else {
      result += '/';
      result += segment;
    }
    rest.remove_prefix(segment.size());
  }
  return result.empty() ? "/" : result;
}

Error bad(const char* why) { return Error{ErrorKind::invalid, why}; }

bool is_default_port(std::string_view scheme, std::string_view port) {
  return (scheme == "http" && port == "80") || (scheme == "https" && port == "443") || (scheme == "ftp" && port == "21") ||
         (scheme == "ssh" && port == "22") || (scheme == "git" && port == "9418");
}

}  // namespace

Result<NormalUrl> normalize_url(std::string_view url, bool is_pattern) {
  NormalUrl normal;
  std::size_t colon = 0;
  while (colon < url.size() && (is_alnum(url[colon]) || std::string_view("+.-").find(url[colon]) != std::string_view::npos))
    colon++;
  if (colon == 0 || !is_alpha(url[0]) || url.substr(colon, 3) != "://")
    return bad("invalid URL scheme name or missing '://' suffix");
  normal.scheme = lowercase(url.substr(0, colon));
  std::string_view rest = url.substr(colon + 3);
  std::size_t slash = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, slash);
  std::string_view tail = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);

  std::string shown_user;
  std::size_t at = authority.find('@');
  if (at != std::string_view::npos) {
    std::string_view info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    normal.has_user = true;
    std::size_t password = info.find(':');
    if (!append_normal(normal.user, info.substr(0, password), kReserved)) return bad("invalid %XX escape sequence");
    shown_user = normal.user;
    if (password != std::string_view::npos) {
      shown_user += ':';
      if (!append_normal(shown_user, info.substr(password + 1), kReserved)) return bad("invalid %XX escape sequence");
    }
    shown_user += '@';
  }
  std::size_t bracket = authority.rfind(']');
  std::size_t port_at = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = authority.substr(0, port_at);
  if (host.empty() && normal.scheme != "file") return bad("missing host and scheme is not 'file:'");
  if (host.empty() && port_at != std::string_view::npos) return bad("a 'file:' URL may not have a port number");
  for (char c : host) {
    bool ok = is_alnum(c) || std::string_view(".-_:[]").find(c) != std::string_view::npos || (is_pattern && c == '*');
    if (!ok) return bad("invalid characters in host name");
  }
  normal.host = lowercase(host);
  if (port_at != std::string_view::npos) {
    std::string_view port = authority.substr(port_at + 1);
    if (normal.scheme == "file" && !port.empty()) return bad("a 'file:' URL may not have a port number");
    while (port.size() > 1 && port[0] == '0') port.remove_prefix(1);
    if (!port.empty()) {
      auto number = parse_uint(port);
      if (!number || *number == 0 || *number > 65535) return bad("invalid port number");
      if (!is_default_port(normal.scheme, port)) normal.port = std::string(port);
    }
  }
  std::size_t query = tail.find_first_of("?#");
  std::string_view path = tail.substr(0, query);
  std::string escaped;
  if (!append_normal(escaped, path, kReserved)) return bad("invalid %XX escape sequence");
  if (escaped.empty()) escaped = "/";
  auto resolved = resolve_dots(escaped);
  if (!resolved) return bad("invalid '..' path segment");
  normal.path = *resolved;
  if (query != std::string_view::npos && !append_normal(normal.path, tail.substr(query), kReserved))
    return bad("invalid %XX escape sequence");
  normal.text = normal.scheme + "://" + shown_user + normal.host + (normal.port.empty() ? "" : ":" + normal.port) + normal.path;
  return normal;
}

namespace {

bool match_host(std::string_view host, std::string_view pattern) {
  auto labels = split(host, '.'), wanted = split(pattern, '.');
  if (labels.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < labels.size(); i++)
    if (wanted[i] != "*" && wanted[i] != labels[i]) return false;
  return true;
}

// Whole segments only: "/foo" fits "/foo" and "/foo/bar", not "/foobar".
std::size_t match_path(std::string_view path, std::string_view prefix) {
  if (ends_with(prefix, "/")) prefix.remove_suffix(1);
  if (prefix.empty()) return 1;
  if (!starts_with(path, prefix)) return 0;
  if (path.size() == prefix.size() || path[prefix.size()] == '/') return prefix.size() + 1;
  return 0;
}

}  // namespace

std::optional<UrlMatch> match_url(const NormalUrl& url, const NormalUrl& pattern) {
  if (url.scheme != pattern.scheme) return std::nullopt;
  UrlMatch match;
  if (pattern.has_user) {
    if (!url.has_user || url.user != pattern.user) return std::nullopt;
    match.user = true;
  }
  if (!match_host(url.host, pattern.host) || url.port != pattern.port) return std::nullopt;
  match.host = pattern.host.size();
  match.path = match_path(url.path, pattern.path);
  if (!match.path) return std::nullopt;
  return match;
}

void for_each_config_for_url(const Config& config, std::string_view section, const NormalUrl& url,
                             const std::function<void(const std::string&, const ConfigEntry&)>& fn) {
  std::map<std::string, UrlMatch> best;
  for (const ConfigEntry& entry : config.entries()) {
    std::string_view key = entry.key;
    if (!skip_prefix(key, section) || !skip_prefix(key, ".")) continue;
    std::size_t dot = key.rfind('.');
    std::string name(dot == std::string_view::npos ? key : key.substr(dot + 1));
    UrlMatch match;
    if (dot != std::string_view::npos) {
      auto pattern = normalize_url(key.substr(0, dot), true);
      if (!pattern) continue;
      auto found = match_url(url, *pattern);
      if (!found) continue;
      match = *found;
    }
    auto at = best.find(name);
    if (at != best.end() && match < at->second) continue;
    best[name] = match;
    fn(name, entry);
  }
}

std::map<std::string, UrlConfigValue> config_for_url(const Config& config, std::string_view section, const NormalUrl& url) {
  std::map<std::string, UrlConfigValue> values;
  for_each_config_for_url(config, section, url, [&](const std::string& name, const ConfigEntry& entry) {
    values[name] = {entry.value, &entry};
  });
  return values;
}

}  // namespace git
