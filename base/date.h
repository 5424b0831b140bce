// Dates as git reads and shows them (git(1) "DATE FORMATS", git-rev-list(1) "--date").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace git {

using Timestamp = std::uint64_t;
inline constexpr Timestamp kMaxTimestamp = static_cast<Timestamp>(INT64_MAX);

enum class DateMode : std::uint8_t {
  normal,
  human,
  relative,
  short_date,
  iso8601,
  iso8601_strict,
  rfc2822,
  strftime,
  raw,
  unix_time
};
struct DateFormat {
  DateMode mode = DateMode::normal;
  bool local = false;
  std::string strftime_format;
};

// "iso-local", "format:%Y", "auto:human" ...; dies "unknown date format %s".
DateFormat parse_date_format(std::string_view text);
std::string show_date(Timestamp time, int tz, const DateFormat& format);
std::string show_relative_date(Timestamp time);
Timestamp current_time();             // GIT_TEST_DATE_NOW instead, where that is set
int local_tz_offset(Timestamp time);  // hours * 100 + minutes

struct ParsedDate {
  Timestamp time = 0;
  int tz = 0;  // hours * 100 + minutes
};
// Strict enough for GIT_AUTHOR_DATE: nullopt where it is no full date.
std::optional<ParsedDate> parse_date_basic(std::string_view text);
// "1234567890 +0100" for a date parse_date_basic() takes.
std::optional<std::string> parse_date(std::string_view text);
// "yesterday", "2 weeks ago", "last friday noon"; anything gives some time. `failed` tells that nothing was understood.
Timestamp approxidate(std::string_view text, bool* failed = nullptr);
// "never"/"false" 0, "all"/"now" the end of time, otherwise approxidate; nullopt where it is none.
std::optional<std::int64_t> parse_expiry_date(std::string_view text);
bool date_overflows(Timestamp time);

}  // namespace git
