// Colours: their names in config (git-config(1), "color"), the escapes they become, and whether to use any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

class Config;

inline constexpr std::string_view kColorReset = "\033[m";

enum ColorWhen : int { kColorUnknown = -1, kColorNever = 0, kColorAlways = 1, kColorAuto = 2 };

// "bold red", "#ff8800 ul", "reset", "normal" (the empty string); nullopt where it isn't a colour.
std::optional<std::string> parse_color(std::string_view value);
// "auto", "always", "never" or a boolean; kColorUnknown where it is none of them.
int parse_color_when(const std::optional<std::string>& value);
// The value of color.<key>, else color.ui, else auto.
int config_color_when(const Config& config, std::string_view key);
// Decides: auto is yes for a terminal (or a pager that shows colours) that isn't dumb.
bool want_color(int when, int fd = 1);
// color.<group>.<slot> where it is set and good (dies "invalid color value: %s" where not), else `fallback`.
std::string config_color(const Config& config, std::string_view key, std::string_view fallback);

}  // namespace git
