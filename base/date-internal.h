// What reading and showing dates share.
#pragma once

#include <ctime>

#include "base/date.h"

namespace git::date {

extern const char* const kMonths[12];
extern const char* const kWeekdays[7];
// Seconds since the epoch of a UTC broken-down time between 1970 and 2099; -1 otherwise.
std::int64_t utc_seconds(const std::tm& tm);
std::tm local_tm(std::int64_t seconds);
// Letters that agree with `word` without regard to case, 0 where a letter differs before either ends.
std::size_t matching_letters(std::string_view text, std::string_view word);

// Digits joined by a separator: a time "12:34[:56]" or a date in one of many orders. Characters used, 0 for none.
// `now` is the time that dates must not lie far behind (0: the current one).
std::size_t match_joined_numbers(std::string_view text, std::tm& tm, std::int64_t now);

}  // namespace git::date
