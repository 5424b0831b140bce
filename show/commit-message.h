// What happens to a commit message between editor and object (git-commit(1), "--cleanup").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace git {

class Config;
struct TrailerSettings;

enum class CleanupMode : std::uint8_t { space, none, scissors, all };
// "strip", "whitespace", "verbatim", "scissors", "default", "" (default); dies "Invalid cleanup mode %s".
CleanupMode parse_cleanup_mode(std::string_view word, bool use_editor);
std::string cleanup_message(std::string_view message, CleanupMode mode, bool verbose, std::string_view comment);
// Nothing but sign-offs (and comments, as far as the mode removes them).
bool message_is_empty(std::string_view message, CleanupMode mode);
bool is_template_untouched(std::string_view message, std::string_view template_text, CleanupMode mode, std::string_view comment);
// "#", or what core.commentString / core.commentChar say; "auto" picks one that no line of `message` starts with.
std::string comment_prefix_of(const Config& config, std::string_view message = {});
// Adds "Signed-off-by: <ident>" to the message's trailers unless the last one is the same.
void append_signoff(std::string& message, std::string_view ident, const TrailerSettings& settings);
// Does the message end in trailers?
bool has_conforming_footer(std::string_view message, const TrailerSettings& settings);
// Where the comments and "Conflicts:" at the end of a message start, counted from its end.
std::size_t ignored_footer_length(std::string_view message, std::string_view comment);

}  // namespace git
