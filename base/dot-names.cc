// See the header. The code points that HFS+ ignores are zero-width marks and direction marks.
#include "base/dot-names.h"

#include <cstdint>
#include <optional>
#include <string>

#include "base/strings.h"

namespace git {
namespace {

// Takes one code point of UTF-8; -1 where it is malformed.
std::int32_t next_code_point(std::string_view& s) {
  auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  unsigned c = byte(0);
  int extra = c < 0x80 ? 0 : (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : -1;
  if (extra < 0 || s.size() < static_cast<std::size_t>(extra) + 1) return -1;
  std::int32_t value = static_cast<std::int32_t>(extra == 0 ? c : c & (0x3fu >> extra));
  for (int i = 1; i <= extra; ++i) {
    unsigned b = byte(static_cast<std::size_t>(i));
    if ((b & 0xc0) != 0x80) return -1;
    value = value << 6 | static_cast<std::int32_t>(b & 0x3f);
  }
  s.remove_prefix(static_cast<std::size_t>(extra) + 1);
  return value;
}

bool hfs_ignores(std::int32_t c) {
  return (c >= 0x200c && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x206a && c <= 0x206f) || c == 0xfeff;
}

// `component` without what HFS+ ignores, in lower case; nullopt where it is no UTF-8 or not ASCII.
std::optional<std::string> hfs_fold(std::string_view component) {
  std::string folded;
  while (!component.empty()) {
    std::int32_t c = next_code_point(component);
    if (c < 0) return std::nullopt;
    if (hfs_ignores(c)) continue;
    if (c > 127) return std::nullopt;
    folded += to_lower(static_cast<char>(c));
  }
  return folded;
}

bool only_spaces_and_periods(std::string_view s) {
  for (char c : s) {
    if (c == ':') return true;
    if (c != ' ' && c != '.') return false;
  }
  return true;
}

}  // namespace

bool is_hfs_dot_file(std::string_view component, std::string_view name) {
  std::optional<std::string> folded = hfs_fold(component);
  return folded && folded->size() == name.size() + 1 && (*folded)[0] == '.' && folded->substr(1) == name;
}

bool is_hfs_dotgit(std::string_view component) { return is_hfs_dot_file(component, "git"); }

bool is_ntfs_dotgit(std::string_view component) {
  std::size_t end = component.find_first_of("\\/");
  component = component.substr(0, end);
  if (istarts_with(component, ".git")) return only_spaces_and_periods(component.substr(4));
  if (istarts_with(component, "git~1")) return only_spaces_and_periods(component.substr(5));
  return false;
}

bool is_ntfs_dot_file(std::string_view component, std::string_view name, std::string_view short_prefix) {
  if (!component.empty() && component[0] == '.' && istarts_with(component.substr(1), name))
    return only_spaces_and_periods(component.substr(name.size() + 1));
  // The regular short name: six characters, "~1" to "~4".
  if (component.size() >= 8 && istarts_with(component, name.substr(0, 6)) && component[6] == '~' && component[7] >= '1' &&
      component[7] <= '4')
    return only_spaces_and_periods(component.substr(8));
  // The fall-back short name: some characters of a hash, "~" and a number, eight in all.
  bool saw_tilde = false;
  std::size_t i = 0;
  for (; i < 8; ++i) {
    if (i >= component.size()) return false;
    char c = component[i];
    if (saw_tilde) {
      if (!is_digit(c)) return false;
    } else if (c == '~') {
      ++i;
      if (i >= component.size() || component[i] < '1' || component[i] > '9') return false;
      saw_tilde = true;
    } else if (i >= 6 || (c & 0x80) || i >= short_prefix.size() || to_lower(c) != short_prefix[i]) {
      return false;
    }
  }
  return only_spaces_and_periods(component.substr(i));
}

}  // namespace git
