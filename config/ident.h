// Who writes: "Name <mail> 1234567890 +0100" from GIT_AUTHOR_*/GIT_COMMITTER_*, author.*/committer.*/user.*, EMAIL and
// the system (git-commit(1), "COMMIT INFORMATION"; git-var(1)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace git {

class Config;

enum class IdentRole : std::uint8_t { author, committer };
enum IdentFlag : unsigned {
  kIdentStrict = 1u << 0,  // guesses that can't be right end the command, with advice
  kIdentNoDate = 1u << 1,
  kIdentNoName = 1u << 2,  // only "<mail>"'s inside
};

// Parts that are nullopt come from configuration and system. `date` as people write it ("" and nullopt: now).
// Dies "empty ident name (for <%s>) not allowed", "unable to auto-detect email address (got '%s')",
// "invalid date format: %s" ...
std::string format_ident(Config& config, IdentRole role, const std::optional<std::string>& name,
                         const std::optional<std::string>& mail, const std::optional<std::string>& date, unsigned flags);
// With the environment of the role in front.
std::string author_ident(Config& config, unsigned flags = kIdentStrict);
std::string committer_ident(Config& config, unsigned flags = kIdentStrict);

// Did the user say who they are (name and mail), or was it guessed?
bool is_ident_given(Config& config, IdentRole role);
std::string default_ident_name(Config& config);
std::string default_ident_mail(Config& config);
// Without the characters that would break the line, and without crud ('.', ',', quotes ...) at either end.
std::string strip_ident_crud(std::string_view text);

}  // namespace git
