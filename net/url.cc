// Brackets may stand around an IPv6 address, around "user@address", or (scp-like) around "host:port".
#include "net/url.h"

#include "base/files.h"
#include "base/strings.h"

namespace git {

bool is_url(std::string_view text) {
  std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  for (char c : text.substr(0, colon))
    if (!is_alnum(c) && c != '+' && c != '-' && c != '.') return false;
  return is_alpha(text[0]) || is_digit(text[0]);
}

bool url_is_local_not_ssh(std::string_view url) {
  std::size_t colon = url.find(':');
  std::size_t slash = url.find('/');
  return colon == std::string_view::npos || (slash != std::string_view::npos && slash < colon);
}

std::string_view helper_of_url(std::string_view url) {
  std::size_t end = 0;
  while (end < url.size() && (is_alnum(url[end]) || url[end] == '-' || url[end] == '+' || url[end] == '.')) end++;
  if (end == 0 || url.substr(end, 2) != "::") return {};
  return url.substr(0, end);
}

std::string url_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0 || (high == 0 && low == 0)) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string url_encode(std::string_view text, std::string_view keep) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos || keep.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    unsigned char b = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[b >> 4];
    out += kHex[b & 15];
  }
  return out;
}

std::string anonymize_url(std::string_view url) {
  std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || url_is_local_not_ssh(url)) {
    // "user@host:path": only the user of a scp-like address is left alone.
    return std::string(url);
  }
  std::size_t start = scheme + 3;
  std::size_t slash = url.find('/', start);
  std::size_t at = url.substr(0, slash).rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(url);
  return std::string(url.substr(0, start)) + std::string(url.substr(at + 1));
}

std::optional<std::string> redact_url_password(std::string_view url) {
  std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  std::string_view authority = url.substr(0, url.find_first_of("/?#", scheme + 3));
  std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos || at < scheme + 3) return std::nullopt;
  std::size_t colon = authority.substr(0, at).find(':', scheme + 3);
  if (colon == std::string_view::npos) return std::nullopt;
  return std::string(url.substr(0, colon + 1)) + "<redacted>" + std::string(url.substr(at));
}

namespace {

// Where the part behind the brackets starts: the position of ']' (or 0).
std::size_t after_brackets(std::string_view host) {
  std::size_t open = host.find("@[");
  open = open == std::string_view::npos ? 0 : open + 1;
  if (open >= host.size() || host[open] != '[') return 0;
  std::size_t close = host.find(']', open);
  return close == std::string_view::npos ? 0 : close;
}

Result<ParsedUrl> parse_with_scheme(std::string_view url) {
  std::string decoded = url_decode(url);
  std::string_view text = decoded;
  std::size_t colon = text.find("://");
  std::string_view scheme = text.substr(0, colon);
  ParsedUrl parsed;
  if (scheme == "ssh" || scheme == "git+ssh" || scheme == "ssh+git") {
    parsed.protocol = UrlProtocol::ssh;
  } else if (scheme == "git") {
    parsed.protocol = UrlProtocol::git;
  } else if (scheme == "file") {
    parsed.protocol = UrlProtocol::file;
  } else {
    return make_error(ErrorKind::invalid, _("protocol '%s' is not supported"), scheme);
  }
  std::string_view rest = text.substr(colon + 3);
  std::size_t slash = rest.find('/', parsed.protocol == UrlProtocol::file ? 0 : after_brackets(rest));
  if (slash == std::string_view::npos)
    return make_error(ErrorKind::invalid, "%s", _("no path specified; see 'git help pull' for valid url syntax"));
  parsed.host = rest.substr(0, slash);
  std::string_view path = rest.substr(slash);
  if (parsed.protocol != UrlProtocol::file && starts_with(path, "/~")) path.remove_prefix(1);
  parsed.path = path;
  return parsed;
}

}  // namespace

Result<ParsedUrl> parse_connect_url(std::string_view url) {
  if (is_url(url)) return parse_with_scheme(url);
  ParsedUrl parsed;
  if (url_is_local_not_ssh(url)) {
    parsed.path = url;
    if (parsed.path.empty())
      return make_error(ErrorKind::invalid, "%s", _("no path specified; see 'git help pull' for valid url syntax"));
    return parsed;
  }
  std::size_t colon = url.find(':', after_brackets(url));
  parsed.protocol = UrlProtocol::ssh;
  if (colon == std::string_view::npos || colon + 1 >= url.size())
    return make_error(ErrorKind::invalid, "%s", _("no path specified; see 'git help pull' for valid url syntax"));
  parsed.host = url.substr(0, colon);
  std::string_view path = url.substr(colon + 1);
  if (starts_with(path, "/~")) path.remove_prefix(1);
  parsed.path = path;
  return parsed;
}

std::string strip_brackets(std::string_view host) {
  std::size_t open = host.find("@[");
  open = open == std::string_view::npos ? 0 : open + 1;
  if (open >= host.size() || host[open] != '[') return std::string(host);
  std::size_t close = host.find(']', open);
  if (close == std::string_view::npos) return std::string(host);
  std::string stripped(host.substr(0, open));
  stripped += host.substr(open + 1, close - open - 1);
  stripped += host.substr(close + 1);
  return stripped;
}

namespace {

bool take_port(std::string& host, std::size_t from, std::string& port) {
  std::size_t colon = host.find(':', from);
  if (colon == std::string::npos) return false;
  std::string_view digits = std::string_view(host).substr(colon + 1);
  if (digits.empty()) {
    host.erase(colon);
    return false;
  }
  auto number = parse_uint(digits);
  if (!number || *number > 65535) return false;
  port = digits;
  host.erase(colon);
  return true;
}

}  // namespace

HostAndPort split_ssh_host(std::string_view host) {
  HostAndPort result{std::string(host), {}};
  take_port(result.host, after_brackets(result.host), result.port);
  result.host = strip_brackets(result.host);
  if (result.port.empty()) take_port(result.host, 0, result.port);
  return result;
}

HostAndPort split_git_host(std::string_view host) {
  HostAndPort result{std::string(host), {}};
  if (std::size_t at = result.host.rfind('@'); at != std::string::npos) result.host.erase(0, at + 1);
  take_port(result.host, after_brackets(result.host), result.port);
  result.host = strip_brackets(result.host);
  return result;
}

namespace {

// Takes the last component off `url`; true where it was separated by ':'.
Result<bool> chop_last_component(std::string& url, bool is_relative) {
  if (std::size_t slash = url.rfind('/'); slash != std::string::npos) {
    url.resize(slash);
    return false;
  }
  if (std::size_t colon = url.rfind(':'); colon != std::string::npos) {
    url.resize(colon);
    return true;
  }
  if (is_relative || url == ".") return make_error(ErrorKind::invalid, _("cannot strip one component off url '%s'"), url);
  url = ".";
  return false;
}

bool is_path_here(std::string_view url) {
  std::size_t colon = url.find(':'), slash = url.find('/');
  return colon == std::string_view::npos || slash < colon;
}

}  // namespace

Result<std::string> join_url(std::string base, std::string_view url, bool* is_relative) {
  if (is_relative) *is_relative = false;
  if (!is_path_here(url) || is_absolute_path(url)) return std::string(url);
  if (base.size() > 1 && base.back() == '/') base.pop_back();
  const bool base_is_relative = is_path_here(base) && !is_absolute_path(base);
  if (is_relative) *is_relative = base_is_relative;
  if (base_is_relative && !starts_with(base, "./") && !starts_with(base, "../")) base.insert(0, "./");
  bool has_colon = false;
  while (true) {
    if (skip_prefix(url, "../")) {
      auto chopped = chop_last_component(base, base_is_relative);
      if (!chopped) return chopped.error();
      has_colon |= *chopped;
    } else if (!skip_prefix(url, "./")) {
      break;
    }
  }
  std::string joined = base + (has_colon ? ":" : "/") + std::string(url);
  if (ends_with(url, "/")) joined.pop_back();
  if (starts_with(joined, "./")) joined.erase(0, 2);
  return joined;
}

}  // namespace git
