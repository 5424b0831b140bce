// UTF-8: decoding, widths on a terminal, and conversion between encodings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace git {

// Takes one character off the front; -1 where the bytes are no UTF-8 (nothing is taken then).
std::int32_t utf8_next(std::string_view& s);
int char_width(std::int32_t c);              // columns: 0, 1, 2; -1 for controls
int utf8_width(std::string_view s);          // byte count where `s` is no UTF-8
int utf8_width_no_ansi(std::string_view s);  // escape sequences "\033[...m" take no room
bool is_valid_utf8(std::string_view s);

}  // namespace git
