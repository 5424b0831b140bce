// Log messages in the encoding the reader wants (i18n.logOutputEncoding, the commit's "encoding" header).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

class Repository;

bool is_utf8_name(std::string_view encoding);  // also "" (the default)
// nullopt where the conversion is unknown or the text does not fit.
std::optional<std::string> reencode_text(std::string_view text, std::string_view to, std::string_view from);
std::string log_output_encoding(Repository& repo);
// A commit's bytes with headers and message in `to`; the encoding header follows ("" leaves all as it is).
std::string reencode_commit(std::string_view buffer, std::string_view to);

}  // namespace git
