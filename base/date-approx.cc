// Reading what people say: "yesterday noon", "2.weeks.ago", "last friday".  Words move a point in time that starts now;
// a number waits until a word says what it counts.
#include <cstdlib>
#include <cstring>

#include "base/date-internal.h"
#include "base/strings.h"

namespace git {
namespace {

using date::matching_letters;

class Approximation {
 public:
  Approximation(std::string_view text, Timestamp now) : rest_(text), now_seconds_(static_cast<std::int64_t>(now)) {
    now_ = date::local_tm(now_seconds_);
    tm_ = now_;
    tm_.tm_year = tm_.tm_mon = tm_.tm_mday = -1;
  }
  Timestamp read(bool* failed);

 private:
  std::int64_t settle(std::int64_t seconds_back);
  void use_pending_number();
  std::size_t take_number();
  void take_word(std::string_view word);
  bool take_special(std::string_view word);
  bool take_unit(std::string_view word);
  void set_hour(int hour);
  void set_noonish(std::string_view word);
  void half_day(bool afternoon);

  std::string_view rest_;
  std::int64_t now_seconds_;
  std::tm now_{}, tm_{};
  std::int64_t number_ = 0;
  bool touched_ = false;
  bool has_time_ = false;
  bool day_before_ = false;  // an hour still to come was named: yesterday's, unless a day is named too
};

// Fills the fields that nobody named from now, and goes back by so many seconds.
std::int64_t Approximation::settle(std::int64_t seconds_back) {
  if (tm_.tm_mday < 0) tm_.tm_mday = now_.tm_mday;
  if (tm_.tm_mon < 0) tm_.tm_mon = now_.tm_mon;
  if (tm_.tm_year < 0) {
    tm_.tm_year = now_.tm_year;
    if (tm_.tm_mon > now_.tm_mon) tm_.tm_year--;
  }
  std::int64_t seconds = static_cast<std::int64_t>(std::mktime(&tm_)) - seconds_back;
  tm_ = date::local_tm(seconds);
  return seconds;
}

void Approximation::use_pending_number() {
  std::int64_t n = number_;
  if (!n) return;
  number_ = 0;
  if (tm_.tm_mday < 0 && n < 32) {
    tm_.tm_mday = static_cast<int>(n);
  } else if (tm_.tm_mon < 0 && n < 13) {
    tm_.tm_mon = static_cast<int>(n - 1);
  } else if (tm_.tm_year < 0) {
    if (n > 1969 && n < 2100)
      tm_.tm_year = static_cast<int>(n - 1900);
    else if (n > 69 && n < 100)
      tm_.tm_year = static_cast<int>(n);
    else if (n < 38)
      tm_.tm_year = static_cast<int>(100 + n);
  }
}

std::size_t Approximation::take_number() {
  std::size_t n = 0;
  std::int64_t number = 0;
  for (; n < rest_.size() && is_digit(rest_[n]); n++)
    if (number < (1LL << 50)) number = number * 10 + (rest_[n] - '0');
  if (n + 1 < rest_.size() && std::strchr(":./-", rest_[n]) && is_digit(rest_[n + 1])) {
    char separator = rest_[n];
    if (std::size_t used = date::match_joined_numbers(rest_, tm_, now_seconds_)) {
      if (separator == ':') has_time_ = true;
      return used;
    }
  }
  if (rest_[0] != '0' || n <= 2) number_ = number;
  return n;
}

void Approximation::set_hour(int hour) {
  if (tm_.tm_mday < 0 && tm_.tm_hour < hour) day_before_ = true;
  tm_.tm_hour = hour;
  tm_.tm_min = tm_.tm_sec = 0;
  has_time_ = true;
}
void Approximation::half_day(bool afternoon) {
  int hour = tm_.tm_hour;
  std::int64_t n = number_;
  number_ = 0;
  if (n) {
    hour = static_cast<int>(n % 24);
    tm_.tm_min = tm_.tm_sec = 0;
  }
  tm_.tm_hour = hour % 12 + (afternoon ? 12 : 0);
  has_time_ = true;
}
void Approximation::set_noonish(std::string_view word) {
  use_pending_number();
  set_hour(word == "noon" ? 12 : word == "tea" ? 17 : 0);
}

bool Approximation::take_special(std::string_view word) {
  auto is = [&](std::string_view name) { return matching_letters(word, name) == name.size(); };
  if (is("yesterday")) {
    number_ = 0;
    day_before_ = false;
    tm_.tm_mday = -1;
    settle(24 * 60 * 60);
  } else if (is("noon") || is("midnight") || is("tea")) {
    set_noonish(is("noon") ? "noon" : is("tea") ? "tea" : "midnight");
  } else if (is("PM") || is("AM")) {
    half_day(is("PM"));
  } else if (is("never")) {
    number_ = 0;
    tm_ = date::local_tm(0);
  } else if (is("now")) {
    number_ = 0;
    settle(0);
  } else if (is("today")) {
    number_ = 0;
    day_before_ = false;
    tm_.tm_mday = now_.tm_mday;
    if (!has_time_) tm_.tm_hour = tm_.tm_min = tm_.tm_sec = 0;
    settle(0);
  } else {
    return false;
  }
  return true;
}

bool Approximation::take_unit(std::string_view word) {
  static constexpr std::pair<std::string_view, int> kUnits[] = {
      {"seconds", 1}, {"minutes", 60}, {"hours", 60 * 60}, {"days", 24 * 60 * 60}, {"weeks", 7 * 24 * 60 * 60}};
  for (const auto& [name, seconds] : kUnits) {
    if (matching_letters(word, name) < name.size() - 1) continue;
    day_before_ = false;
    settle(seconds * number_);
    number_ = 0;
    return true;
  }
  for (int i = 0; i < 7; i++) {
    if (matching_letters(word, date::kWeekdays[i]) < 3) continue;
    std::int64_t weeks = number_ - 1;
    number_ = 0;
    day_before_ = false;
    std::int64_t days = tm_.tm_wday - i;
    if (days <= 0) weeks++;
    settle((days + 7 * weeks) * 24 * 60 * 60);
    return true;
  }
  if (matching_letters(word, "months") >= 5) {
    settle(0);
    std::int64_t month = tm_.tm_mon - number_;
    number_ = 0;
    for (; month < 0; month += 12) tm_.tm_year--;
    tm_.tm_mon = static_cast<int>(month);
    return true;
  }
  if (matching_letters(word, "years") >= 4) {
    settle(0);
    tm_.tm_year -= static_cast<int>(number_);
    number_ = 0;
    return true;
  }
  return false;
}

void Approximation::take_word(std::string_view word) {
  for (int i = 0; i < 12; i++)
    if (matching_letters(word, date::kMonths[i]) >= 3) {
      tm_.tm_mon = i;
      touched_ = true;
      return;
    }
  if (take_special(word)) {
    touched_ = true;
    return;
  }
  static constexpr std::string_view kNumbers[] = {"zero", "one",   "two",   "three", "four", "five",
                                                  "six",  "seven", "eight", "nine",  "ten"};
  if (!number_) {
    for (std::size_t i = 1; i < std::size(kNumbers); i++)
      if (matching_letters(word, kNumbers[i]) == kNumbers[i].size()) {
        number_ = static_cast<std::int64_t>(i);
        touched_ = true;
        return;
      }
    if (matching_letters(word, "last") == 4) {
      number_ = 1;
      touched_ = true;
      return;
    }
  }
  if (take_unit(word)) touched_ = true;
}

Timestamp Approximation::read(bool* failed) {
  while (!rest_.empty()) {
    char c = rest_[0];
    std::size_t used = 1;
    if (is_digit(c)) {
      use_pending_number();
      used = take_number();
      touched_ = true;
    } else if (is_alpha(c)) {
      used = 0;
      while (used < rest_.size() && is_alpha(rest_[used])) used++;
      take_word(rest_.substr(0, used));
    }
    rest_.remove_prefix(used);
  }
  use_pending_number();
  if (failed) *failed = !touched_;
  bool go_back = day_before_ && tm_.tm_mday < 0;
  std::int64_t seconds = settle(go_back ? 24 * 60 * 60 : 0);
  return seconds < 0 ? 0 : static_cast<Timestamp>(seconds);
}

}  // namespace

Timestamp approxidate(std::string_view text, bool* failed) {
  if (failed) *failed = false;
  if (auto date = parse_date_basic(text)) return date->time;
  return Approximation(text, current_time()).read(failed);
}

std::optional<std::int64_t> parse_expiry_date(std::string_view text) {
  if (text == "never" || text == "false") return 0;
  if (text == "all" || text == "now") return INT64_MAX;
  bool failed = false;
  Timestamp time = approxidate(text, &failed);
  if (failed) return std::nullopt;
  return static_cast<std::int64_t>(time);
}

}  // namespace git
