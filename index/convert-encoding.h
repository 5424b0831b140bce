// working-tree-encoding: between UTF-8 in the repository and anything iconv(3) knows in the worktree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

// nullopt where the bytes can't be converted.
std::optional<std::string> reencode(std::string_view bytes, const std::string& to, const std::string& from);
bool is_same_encoding(std::string_view a, std::string_view b);  // "utf8" is "UTF-8"
bool has_prohibited_utf_bom(std::string_view encoding, std::string_view bytes);
bool is_missing_required_utf_bom(std::string_view encoding, std::string_view bytes);

}  // namespace git
