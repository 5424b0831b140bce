// Plain loops over bytes; every number parser is written out because from_chars accepts
// forms ("-001") that wire and file formats must refuse.
#include "base/strings.h"

#include <cstring>
#include <limits>

namespace git {

bool istarts_with(std::string_view s, std::string_view prefix) {
  return s.size() >= prefix.size() && iequals(s.substr(0, prefix.size()), prefix);
}
bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); i++)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}
std::string lowercase(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = to_lower(c);
  return out;
}
std::string_view ltrim(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  return s;
}
std::string_view rtrim(std::string_view s) {
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}
std::string_view trim(std::string_view s) { return ltrim(rtrim(s)); }

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    std::size_t at = s.find(separator);
    if (at == std::string_view::npos) break;
    parts.push_back(s.substr(0, at));
    s.remove_prefix(at + 1);
  }
  parts.push_back(s);
  return parts;
}
std::vector<std::string_view> split_lines(std::string_view s, char separator) {
  std::vector<std::string_view> lines;
  while (auto line = next_part(s, separator)) lines.push_back(*line);
  return lines;
}
std::optional<std::string_view> next_part(std::string_view& s, char separator) {
  if (s.empty()) return std::nullopt;
  std::size_t at = s.find(separator);
  std::string_view part = s.substr(0, at);
  s.remove_prefix(at == std::string_view::npos ? s.size() : at + 1);
  return part;
}
std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) out += separator;
    out += part;
  }
  return out;
}
std::string replace_all(std::string_view s, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at; !from.empty() && (at = s.find(from)) != std::string_view::npos;) {
    out.append(s.substr(0, at)).append(to);
    s.remove_prefix(at + from.size());
  }
  return out.append(s);
}

std::optional<std::uint64_t> parse_uint(std::string_view s) {
  if (s.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : s) {
    if (!is_digit(c)) return std::nullopt;
    std::uint64_t digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}
std::optional<std::int64_t> parse_int(std::string_view s) {
  bool negative = skip_prefix(s, "-");
  if (!negative) skip_prefix(s, "+");
  auto magnitude = parse_uint(s);
  constexpr std::uint64_t kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!magnitude || *magnitude > kMax + (negative ? 1 : 0)) return std::nullopt;
  if (negative) return static_cast<std::int64_t>(~*magnitude + 1);
  return static_cast<std::int64_t>(*magnitude);
}
std::optional<std::int64_t> parse_int_with_unit(std::string_view s) {
  if (s.empty()) return std::nullopt;
  std::int64_t factor = 1;
  switch (to_lower(s.back())) {
    case 'k':
      factor = 1 << 10;
      break;
    case 'm':
      factor = 1 << 20;
      break;
    case 'g':
      factor = 1 << 30;
      break;
    default:
      break;
  }
  if (factor != 1) s.remove_suffix(1);
  auto value = parse_int(s);
  if (!value) return std::nullopt;
  if (*value > std::numeric_limits<std::int64_t>::max() / factor || *value < std::numeric_limits<std::int64_t>::min() / factor)
    return std::nullopt;
  return *value * factor;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); i++) {
    unsigned char b = static_cast<unsigned char>(bytes[i]);
    out[2 * i] = kDigits[b >> 4];
    out[2 * i + 1] = kDigits[b & 15];
  }
  return out;
}
std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2) return std::nullopt;
  std::string out(hex.size() / 2, '\0');
  for (std::size_t i = 0; i < out.size(); i++) {
    int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<char>(high << 4 | low);
  }
  return out;
}
int compare_bytes(std::string_view a, std::string_view b) {
  std::size_t n = a.size() < b.size() ? a.size() : b.size();
  if (int c = n ? std::memcmp(a.data(), b.data(), n) : 0) return c;
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

}  // namespace git
