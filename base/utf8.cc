// The width tables hold the ranges of combining and of double-width characters of Unicode 15; a character is looked up
// by bisection.
#include "base/utf8.h"

#include <algorithm>
#include <iterator>

namespace git {
namespace {

struct CharRange {
  std::int32_t first, last;
};
#include "base/utf8-tables.inc"

template <std::size_t N>
bool in_table(const CharRange (&table)[N], std::int32_t c) {
  auto at =
      std::lower_bound(std::begin(table), std::end(table), c, [](const CharRange& r, std::int32_t x) { return r.last < x; });
  return at != std::end(table) && at->first <= c;
}

}  // namespace

std::int32_t utf8_next(std::string_view& s) {
  if (s.empty()) return -1;
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80) {
    s.remove_prefix(1);
    return lead;
  }
  std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || s.size() < length) return -1;
  std::int32_t c = lead & (0x7f >> length);
  for (std::size_t i = 1; i < length; i++) {
    if ((byte(i) & 0xc0) != 0x80) return -1;
    c = (c << 6) | (byte(i) & 0x3f);
  }
  bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
  bool surrogate = c >= 0xd800 && c <= 0xdfff;
  if (overlong || surrogate || c > 0x10ffff || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef)) return -1;
  s.remove_prefix(length);
  return c;
}
int char_width(std::int32_t c) {
  if (c == 0) return 0;
  if (c < 32 || (c >= 0x7f && c < 0xa0)) return -1;
  if (c < 0x300) return 1;
  if (in_table(kZeroWidth, c)) return 0;
  return in_table(kDoubleWidth, c) ? 2 : 1;
}
int utf8_width(std::string_view s) {
  int width = 0;
  std::string_view rest = s;
  while (!rest.empty()) {
    std::int32_t c = utf8_next(rest);
    if (c < 0) return static_cast<int>(s.size());
    width += std::max(0, char_width(c));
  }
  return width;
}
int utf8_width_no_ansi(std::string_view s) {
  std::string plain;
  for (std::size_t i = 0; i < s.size();) {
    if (s[i] == '\033' && i + 1 < s.size() && s[i + 1] == '[') {
      std::size_t end = s.find_first_not_of("0123456789;", i + 2);
      if (end != std::string_view::npos && s[end] == 'm') {
        i = end + 1;
        continue;
      }
    }
    plain += s[i++];
  }
  return utf8_width(plain);
}
bool is_valid_utf8(std::string_view s) {
  while (!s.empty())
    if (utf8_next(s) < 0) return false;
  return true;
}

}  // namespace git
