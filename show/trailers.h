// Trailers: "Key: value" lines at the end of a message (git-interpret-trailers(1)).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

class Config;

struct Trailer {
  std::string token;  // "" for a line that is none, kept as it is
  std::string value;
  char separator = ':';
  std::string raw;  // the lines as found, without the last newline
};

// Where the trailers of a message are.
struct TrailerBlock {
  std::size_t start = 0, end = 0;  // of the block, in bytes
  bool blank_line_before = false;
  std::vector<Trailer> trailers;  // also non-trailer lines of the block
  std::size_t message_end = 0;    // before patch and comments
};

struct TrailerSettings {
  std::string separators = ":";
  std::string comment_prefix = "#";
  std::vector<std::string> configured_keys;  // of trailer.<token>.key and <token>
  static TrailerSettings read(Config& config);
};
// `no_divider`: "---" does not end the message.
TrailerBlock parse_trailers(std::string_view message, const TrailerSettings& settings, bool no_divider);
std::string unfold_value(std::string_view value);

struct TrailerFormat {
  bool only_trailers = false, unfold = false, key_only = false, value_only = false;
  std::optional<std::string> separator, key_value_separator;
  std::function<bool(std::string_view key)> filter;
};
// The trailers of a message as text (for %(trailers)).
std::string format_trailers(std::string_view message, const TrailerFormat& format, const TrailerSettings& settings);

// ---- changing them ----
enum class TrailerWhere : std::uint8_t { end, after, before, start };
enum class TrailerIfExists : std::uint8_t { add_if_different_neighbor, add, add_if_different, replace, do_nothing };
enum class TrailerIfMissing : std::uint8_t { add, do_nothing };
std::optional<TrailerWhere> parse_trailer_where(std::string_view text);
std::optional<TrailerIfExists> parse_trailer_if_exists(std::string_view text);
std::optional<TrailerIfMissing> parse_trailer_if_missing(std::string_view text);

struct NewTrailer {
  std::string text;  // "key: value" or "key=value"
  std::optional<TrailerWhere> where;
  std::optional<TrailerIfExists> if_exists;
  std::optional<TrailerIfMissing> if_missing;
};
struct ProcessTrailers {
  bool trim_empty = false, only_trailers = false, only_input = false, unfold = false, no_divider = false;
};
// The message with trailers added as configuration says; runs trailer.<token>.command/cmd.
std::string process_trailers(Config& config, std::string_view message, const std::vector<NewTrailer>& added,
                             const ProcessTrailers& options);

}  // namespace git
