// Field names are compared without case (RFC 9110, 5.1); a line that starts with a space or tab goes on with the field
// before it, which some servers still do for long challenges.
#include "net/http-headers.h"

#include "base/fmt.h"
#include "base/strings.h"

namespace git {
namespace {

// The value of "name: value" without the spaces around it; nullopt for another field.
std::optional<std::string_view> field_value(std::string_view line, std::string_view name) {
  if (!istarts_with(line, name)) return std::nullopt;
  line.remove_prefix(name.size());
  if (line.empty() || line[0] != ':') return std::nullopt;
  return trim(line.substr(1));
}

constexpr std::string_view kRedacted = "<redacted>";

// "Basic Zm9v" keeps its scheme.
std::string redact_credentials(std::string_view line, std::string_view value) {
  std::string shown(line.substr(0, static_cast<std::size_t>(value.data() - line.data())));
  std::size_t space = value.find(' ');
  if (space == std::string_view::npos) return shown + std::string(kRedacted);
  return shown + std::string(value.substr(0, space + 1)) + std::string(kRedacted);
}

std::string redact_cookies(std::string_view line, std::string_view value) {
  std::string shown(line.substr(0, static_cast<std::size_t>(value.data() - line.data())));
  bool is_first = true;
  while (auto cookie = next_part(value, ';')) {
    if (!is_first) shown += "; ";
    is_first = false;
    std::string_view text = ltrim(*cookie);
    std::size_t equals = text.find('=');
    shown += std::string(text.substr(0, equals == std::string_view::npos ? equals : equals + 1));
    if (equals != std::string_view::npos) shown += kRedacted;
  }
  return shown;
}

}  // namespace

std::string redact_header(std::string_view line) {
  for (std::string_view name : {"authorization", "proxy-authorization"})
    if (auto value = field_value(line, name); value && !value->empty()) return redact_credentials(line, *value);
  if (auto value = field_value(line, "cookie"); value && !value->empty()) return redact_cookies(line, *value);
  return std::string(line);
}

std::string redact_info(std::string_view text) {
  std::size_t open = text.find('[');
  // Newer versions number the stream: "[HTTP/2] [1] [authorization: Basic ...]".
  while (open != std::string_view::npos) {
    std::size_t close = text.rfind(']');
    if (close == std::string_view::npos || close < open) break;
    std::string_view header = text.substr(open + 1, close - open - 1);
    std::string shown = redact_header(header);
    if (shown != header) return std::string(text.substr(0, open + 1)) + shown + std::string(text.substr(close));
    open = text.find('[', open + 1);
  }
  return std::string(text);
}

std::string accept_language(std::string_view languages) {
  constexpr std::size_t kMaxTags = 1000;
  std::vector<std::string> tags;
  while (auto part = next_part(languages, ':')) {
    std::string tag;
    for (char c : *part) {
      if (!is_alnum(c) && c != '_') break;
      tag += c == '_' ? '-' : c;
    }
    if (!tag.empty() && tags.size() < kMaxTags) tags.push_back(tag);
  }
  if (tags.empty()) return {};
  tags.push_back("*");
  int places = 1, steps = 10;
  while (static_cast<std::size_t>(steps) < tags.size()) {
    places++;
    steps *= 10;
  }
  std::string value = tags[0];
  for (std::size_t i = 1; i < tags.size(); i++) {
    std::string digits = std::to_string(steps - static_cast<int>(i));
    digits.insert(0, static_cast<std::size_t>(places) - std::min(digits.size(), static_cast<std::size_t>(places)), '0');
    value += ", " + tags[i] + ";q=0." + digits;
  }
  return value;
}

ContentType parse_content_type(std::string_view value) {
  ContentType parsed;
  bool is_first = true;
  while (auto part = next_part(value, ';')) {
    std::string_view text = trim(*part);
    if (is_first) {
      parsed.type = lowercase(text);
      is_first = false;
      continue;
    }
    std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !iequals(trim(text.substr(0, equals)), "charset")) continue;
    std::string_view charset = trim(text.substr(equals + 1));
    if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') charset = charset.substr(1, charset.size() - 2);
    parsed.charset = charset;
  }
  return parsed;
}

void ResponseHeaders::feed(std::string_view line) {
  bool was_folding = std::exchange(is_folding_, false);
  if (istarts_with(line, "http/")) {
    challenges_.clear();
    retry_after_.reset();
    return;
  }
  if (auto value = field_value(line, "www-authenticate")) {
    challenges_.emplace_back(*value);
    is_folding_ = true;
    return;
  }
  if (auto value = field_value(line, "retry-after")) {
    retry_after_ = std::string(*value);
    return;
  }
  std::string_view text = trim(line);
  if (!was_folding || line.empty() || (line[0] != ' ' && line[0] != '\t')) return;
  is_folding_ = true;
  if (text.empty()) return;
  std::string& last = challenges_.back();
  if (!last.empty()) last += ' ';
  last += text;
}

}  // namespace git
