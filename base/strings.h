// Small string work.  Bytes are std::string and std::string_view throughout; nothing here
// depends on the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

inline bool starts_with(std::string_view s, std::string_view prefix) { return s.substr(0, prefix.size()) == prefix; }
inline bool ends_with(std::string_view s, std::string_view suffix) {
  return s.size() >= suffix.size() && s.substr(s.size() - suffix.size()) == suffix;
}
bool istarts_with(std::string_view s, std::string_view prefix);  // ASCII case folded
bool iequals(std::string_view a, std::string_view b);            // ASCII case folded
// Removes `prefix` from the front of `s` and says so.
inline bool skip_prefix(std::string_view& s, std::string_view prefix) {
  if (!starts_with(s, prefix)) return false;
  s.remove_prefix(prefix.size());
  return true;
}
// Stores what follows `prefix` in `*rest`; leaves it alone where `s` starts otherwise.
inline bool skip_prefix(std::string_view s, std::string_view prefix, std::string_view* rest) {
  if (!starts_with(s, prefix)) return false;
  *rest = s.substr(prefix.size());
  return true;
}
inline bool strip_suffix(std::string_view& s, std::string_view suffix) {
  if (!ends_with(s, suffix)) return false;
  s.remove_suffix(suffix.size());
  return true;
}

inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
inline char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
std::string lowercase(std::string_view s);

std::string_view trim(std::string_view s);
std::string_view rtrim(std::string_view s);
std::string_view ltrim(std::string_view s);

// "a,b,,c" by ',' gives four parts; an empty string gives one empty part.
std::vector<std::string_view> split(std::string_view s, char separator);
// As split(), but a separator at the very end does not open another part and "" gives none:
// the lines of a text.
std::vector<std::string_view> split_lines(std::string_view s, char separator = '\n');
// Takes the front of `s` up to `separator`; nullopt where `s` is empty.
std::optional<std::string_view> next_part(std::string_view& s, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string replace_all(std::string_view s, std::string_view from, std::string_view to);

// Whole-string decimal numbers; no sign, space or overflow is accepted by the first.
std::optional<std::uint64_t> parse_uint(std::string_view s);
std::optional<std::int64_t> parse_int(std::string_view s);  // one leading '-' or '+' allowed
// With git's k/m/g factors (1024), for config values and options.
std::optional<std::int64_t> parse_int_with_unit(std::string_view s);

int hex_value(char c);  // -1 where c is no hex digit
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);

// Orders names as the index and packed-refs do: by unsigned bytes.
int compare_bytes(std::string_view a, std::string_view b);

}  // namespace git
