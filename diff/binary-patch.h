// "GIT binary patch": deflated literals or deltas in base 85, both ways, so that it can be reversed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

// `level` is zlib's.
std::string format_binary_patch(std::string_view before, std::string_view after, int level);
// Five characters for each four bytes.
std::string encode_base85(std::string_view bytes);
// nullopt where a character is invalid or a group overflows. `size` bytes are wanted.
std::optional<std::string> decode_base85(std::string_view text, std::size_t size);

}  // namespace git
