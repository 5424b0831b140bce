// Reading exact dates.  Words and numbers are taken one after the other, each filling the fields it can mean; a date
// counts only when all fields are known in the end.
#include <cstdlib>
#include <cstring>

#include "base/date-internal.h"
#include "base/fmt.h"
#include "base/strings.h"

namespace git {

namespace date {

std::size_t matching_letters(std::string_view text, std::string_view word) {
  std::size_t i = 0;
  for (; i < text.size(); i++) {
    char w = i < word.size() ? word[i] : '\0';
    if (to_lower(text[i]) == to_lower(w)) continue;
    if (!is_alnum(text[i])) break;
    return 0;
  }
  return i;
}

namespace {

std::int64_t read_number(std::string_view text, std::size_t& at) {
  std::int64_t n = 0;
  constexpr std::int64_t kBig = 1LL << 60;
  for (; at < text.size() && is_digit(text[at]); at++)
    if (n < kBig / 10) n = n * 10 + (text[at] - '0');
  return n;
}
bool digit_at(std::string_view text, std::size_t at) { return at < text.size() && is_digit(text[at]); }

bool set_time(std::int64_t hour, std::int64_t minute, std::int64_t second, std::tm& tm) {
  if (hour < 0 || hour > 24 || minute < 0 || minute >= 60 || second < 0 || second > 60) return false;
  tm.tm_hour = static_cast<int>(hour);
  tm.tm_min = static_cast<int>(minute);
  tm.tm_sec = static_cast<int>(second);
  return true;
}

// `limit`: a date more than ten days behind it is not believed (and a missing year is its year).
bool set_date(std::int64_t year, std::int64_t month, std::int64_t day, const std::tm* limit_tm, std::int64_t limit, std::tm& tm) {
  if (month <= 0 || month >= 13 || day <= 0 || day >= 32) return false;
  std::tm trial = tm;
  trial.tm_mon = static_cast<int>(month - 1);
  trial.tm_mday = static_cast<int>(day);
  if (year == -1) {
    if (!limit_tm) {
      tm = trial;
      return true;
    }
    trial.tm_year = limit_tm->tm_year;
  } else if (year >= 1970 && year < 2100) {
    trial.tm_year = static_cast<int>(year - 1900);
  } else if (year > 70 && year < 100) {
    trial.tm_year = static_cast<int>(year);
  } else if (year < 38 && year >= 0) {
    trial.tm_year = static_cast<int>(year + 100);
  } else {
    return false;
  }
  if (limit_tm) {
    constexpr std::int64_t kTenDays = 10 * 24 * 3600;
    std::int64_t seconds = utc_seconds(trial);
    if (seconds != -1 && limit + kTenDays < seconds) return false;
    if (year == -1) trial.tm_year = tm.tm_year;
  }
  tm = trial;
  return true;
}

bool is_date_known(const std::tm& tm) { return tm.tm_year != -1 && tm.tm_mon != -1 && tm.tm_mday != -1; }

}  // namespace

std::size_t match_joined_numbers(std::string_view text, std::tm& tm, std::int64_t now) {
  std::size_t at = 0;
  std::int64_t first = read_number(text, at);
  char separator = text[at];
  std::int64_t second = read_number(text, ++at), third = -1;
  if (at < text.size() && text[at] == separator && digit_at(text, at + 1)) third = read_number(text, ++at);
  if (separator == ':') {
    if (!set_time(first, second, third < 0 ? 0 : third, tm)) return 0;
    if (at < text.size() && text[at] == '.' && digit_at(text, at + 1) && is_date_known(tm)) read_number(text, ++at);
    return at;
  }
  if (!now) now = static_cast<std::int64_t>(std::time(nullptr));
  std::tm limit{};
  std::time_t t = static_cast<std::time_t>(now);
  ::gmtime_r(&t, &limit);
  // yyyy-mm-dd, yyyy-dd-mm; then mm/dd/yy, but dd.mm.yy; then the other way round.
  if (first > 70 && (set_date(first, second, third, nullptr, now, tm) || set_date(first, third, second, nullptr, now, tm)))
    return at;
  if (separator != '.' && set_date(third, first, second, &limit, now, tm)) return at;
  if (set_date(third, second, first, &limit, now, tm)) return at;
  if (separator == '.' && set_date(third, first, second, &limit, now, tm)) return at;
  return 0;
}

}  // namespace date

namespace {

using date::digit_at;
using date::is_date_known;
using date::matching_letters;
using date::read_number;
using date::set_date;
using date::set_time;

struct Zone {
  std::string_view name;
  int hours;
  bool summer;
};
constexpr Zone kZones[] = {
    {"IDLW", -12, false}, {"NT", -11, false},  {"CAT", -10, false}, {"HST", -10, false}, {"HDT", -10, true}, {"YST", -9, false},
    {"YDT", -9, true},    {"PST", -8, false},  {"PDT", -8, true},   {"MST", -7, false},  {"MDT", -7, true},  {"CST", -6, false},
    {"CDT", -6, true},    {"EST", -5, false},  {"EDT", -5, true},   {"AST", -3, false},  {"ADT", -3, true},  {"WAT", -1, false},
    {"GMT", 0, false},    {"UTC", 0, false},   {"Z", 0, false},     {"WET", 0, false},   {"BST", 0, true},   {"CET", 1, false},
    {"MET", 1, false},    {"MEWT", 1, false},  {"MEST", 1, true},   {"CEST", 1, true},   {"MESZ", 1, true},  {"FWT", 1, false},
    {"FST", 1, true},     {"EET", 2, false},   {"EEST", 2, true},   {"WAST", 7, false},  {"WADT", 7, true},  {"CCT", 8, false},
    {"JST", 9, false},    {"EAST", 10, false}, {"EADT", 10, true},  {"GST", 10, false},  {"NZT", 12, false}, {"NZST", 12, false},
    {"NZDT", 12, true},   {"IDLE", 12, false},
};

class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {
    tm_.tm_year = tm_.tm_mon = tm_.tm_mday = tm_.tm_hour = tm_.tm_min = tm_.tm_sec = -1;
    tm_.tm_isdst = -1;
  }
  std::optional<ParsedDate> read();

 private:
  bool nothing_known() const { return (tm_.tm_year & tm_.tm_mon & tm_.tm_mday & tm_.tm_hour & tm_.tm_min & tm_.tm_sec) < 0; }
  std::size_t take_word();
  std::size_t take_number();
  std::size_t take_zone();

  std::string_view rest_;
  std::tm tm_{};
  std::optional<int> offset_;  // minutes
  bool is_utc_ = false;
};

std::size_t DateReader::take_word() {
  for (int i = 0; i < 12; i++)
    if (std::size_t n = matching_letters(rest_, date::kMonths[i]); n >= 3) {
      tm_.tm_mon = i;
      return n;
    }
  for (int i = 0; i < 7; i++)
    if (std::size_t n = matching_letters(rest_, date::kWeekdays[i]); n >= 3) {
      tm_.tm_wday = i;
      return n;
    }
  for (const Zone& zone : kZones) {
    std::size_t n = matching_letters(rest_, zone.name);
    if (n < 3 && n != zone.name.size()) continue;
    // This is bogus for several zones that share a name, but a full date says the rest.
    if (!offset_) offset_ = 60 * (zone.hours + (zone.summer ? 1 : 0));
    return n;
  }
  if (matching_letters(rest_, "PM") == 2) {
    tm_.tm_hour = tm_.tm_hour % 12 + 12;
    return 2;
  }
  if (matching_letters(rest_, "AM") == 2) {
    tm_.tm_hour = tm_.tm_hour % 12;
    return 2;
  }
  if (rest_[0] == 'T' && digit_at(rest_, 1) && tm_.tm_hour == -1) {
    tm_.tm_min = tm_.tm_sec = 0;
    return 1;
  }
  std::size_t n = 0;
  while (n < rest_.size() && is_alpha(rest_[n])) n++;
  return n;
}

std::size_t DateReader::take_number() {
  std::size_t n = 0;
  std::int64_t number = read_number(rest_, n);
  constexpr std::int64_t kSurelySeconds = 100000000;
  if (number >= kSurelySeconds && nothing_known()) {
    std::time_t t = static_cast<std::time_t>(number);
    if (::gmtime_r(&t, &tm_)) {
      is_utc_ = true;
      return n;
    }
  }
  if (n < rest_.size() && std::strchr(":./-", rest_[n]) && digit_at(rest_, n + 1))
    if (std::size_t used = date::match_joined_numbers(rest_, tm_, 0)) return used;

  if (n == 8 || n == 6) {
    std::int64_t a = number / 10000, b = number % 10000 / 100, c = number % 100;
    std::size_t end = n;
    if (n == 8)
      set_date(a, b, c, nullptr, 0, tm_);
    else if (set_time(a, b, c, tm_) && end < rest_.size() && rest_[end] == '.' && digit_at(rest_, end + 1))
      read_number(rest_, ++end);
    return end;
  }
  if (tm_.tm_hour == -1 && tm_.tm_min == 0 && tm_.tm_sec == 0) {  // behind "T"
    std::int64_t hour = n == 4 ? number / 100 : number, minute = n == 4 ? number % 100 : 0;
    if ((n == 4 || n == 2) && !nothing_known() && set_time(hour, minute, 0, tm_)) return n;
    tm_.tm_min = tm_.tm_sec = -1;
  }
  if (n == 4) {
    if (number <= 1400 && !offset_)
      offset_ = static_cast<int>(number / 100 * 60 + number % 100);
    else if (number > 1900 && number < 2100)
      tm_.tm_year = static_cast<int>(number - 1900);
    return n;
  }
  if (n > 2) return n;
  if (number > 0 && number < 32 && tm_.tm_mday < 0) {
    tm_.tm_mday = static_cast<int>(number);
    return n;
  }
  if (n == 2 && tm_.tm_year < 0) {
    if (number < 10 && tm_.tm_mday >= 0) {
      tm_.tm_year = static_cast<int>(number + 100);
      return n;
    }
    if (number >= 70) {
      tm_.tm_year = static_cast<int>(number);
      return n;
    }
  }
  if (number > 0 && number < 13 && tm_.tm_mon < 0) tm_.tm_mon = static_cast<int>(number - 1);
  return n;
}

// "+hhmm", "-hh:mm", "+hh"; anything else is taken and means nothing.
std::size_t DateReader::take_zone() {
  std::size_t at = 1;
  std::int64_t hour = read_number(rest_, at), minute = 0;
  std::size_t digits = at - 1;
  constexpr std::int64_t kNone = 99;
  if (digits == 4) {
    minute = hour % 100;
    hour /= 100;
  } else if (digits != 2) {
    minute = kNone;
  } else if (at < rest_.size() && rest_[at] == ':') {
    std::size_t start = ++at;
    minute = read_number(rest_, at);
    if (at - start != 2) minute = kNone;
  }
  if (minute < 60 && hour < 24) {
    int offset = static_cast<int>(hour * 60 + minute);
    offset_ = rest_[0] == '-' ? -offset : offset;
  }
  return at;
}

std::optional<ParsedDate> with_offset(Timestamp time, int minutes) {
  int size = std::abs(minutes);
  int tz = size / 60 * 100 + size % 60;
  return ParsedDate{time, minutes < 0 ? -tz : tz};
}

std::optional<ParsedDate> DateReader::read() {
  while (!rest_.empty() && rest_[0] != '\n') {
    char c = rest_[0];
    std::size_t used = 0;
    if (is_alpha(c))
      used = take_word();
    else if (is_digit(c))
      used = take_number();
    else if ((c == '-' || c == '+') && tm_.tm_hour != -1)
      used = take_zone();
    rest_.remove_prefix(used ? used : 1);
  }
  if (!is_date_known(tm_)) return std::nullopt;
  std::int64_t seconds = date::utc_seconds(tm_);
  if (seconds == -1) return std::nullopt;
  if (!offset_) {
    if (is_utc_) {
      offset_ = 0;
    } else {
      std::tm copy = tm_;
      copy.tm_isdst = -1;
      std::int64_t local = static_cast<std::int64_t>(std::mktime(&copy));
      offset_ = static_cast<int>((seconds - local) / 60);
    }
  }
  if (!is_utc_) {
    constexpr std::int64_t kLast = 4102444799;  // the end of 2099
    seconds -= *offset_ * 60LL;
    if (seconds < 0 || seconds > kLast) return std::nullopt;
  }
  return with_offset(static_cast<Timestamp>(seconds), *offset_);
}

// Behind '@': "1234567890 +0100" and nothing else.
std::optional<ParsedDate> read_header_date(std::string_view text) {
  std::size_t at = 0;
  if (!digit_at(text, 0)) return std::nullopt;
  char* end = nullptr;
  std::string copy(text);
  unsigned long long time = std::strtoull(copy.c_str(), &end, 10);
  at = static_cast<std::size_t>(end - copy.c_str());
  if (at + 2 > text.size() || text[at] != ' ' || (text[at + 1] != '+' && text[at + 1] != '-')) return std::nullopt;
  bool negative = text[at + 1] == '-';
  at += 2;
  std::size_t start = at;
  std::int64_t zone = read_number(text, at);
  if (at - start != 4) return std::nullopt;
  if (at < text.size() && text[at] != '\n') return std::nullopt;
  int minutes = static_cast<int>(zone / 100 * 60 + zone % 100);
  return with_offset(time, negative ? -minutes : minutes);
}

}  // namespace

std::optional<ParsedDate> parse_date_basic(std::string_view text) {
  if (!text.empty() && text[0] == '@')
    if (auto date = read_header_date(text.substr(1))) return date;
  return DateReader(text).read();
}
std::optional<std::string> parse_date(std::string_view text) {
  auto date = parse_date_basic(text);
  if (!date) return std::nullopt;
  return strf("%d %+05d", date->time, date->tz);
}

}  // namespace git
