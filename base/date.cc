// Showing dates, and the small arithmetic under it.
#include "base/date.h"

#include <unistd.h>

#include <cstdlib>

#include "base/date-internal.h"
#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"

namespace git {

namespace date {

const char* const kMonths[12] = {"January", "February", "March",     "April",   "May",      "June",
                                 "July",    "August",   "September", "October", "November", "December"};
const char* const kWeekdays[7] = {"Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"};

std::int64_t utc_seconds(const std::tm& tm) {
  static const int days_before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  int year = tm.tm_year - 70;
  if (year < 0 || year > 129 || tm.tm_mon < 0 || tm.tm_mon > 11) return -1;
  if (tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0) return -1;
  int day = tm.tm_mday;
  if (tm.tm_mon < 2 || (year + 2) % 4) day--;
  std::int64_t days = year * 365 + (year + 1) / 4 + days_before[tm.tm_mon] + day;
  return days * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}
std::tm local_tm(std::int64_t seconds) {
  std::tm tm{};
  std::time_t t = static_cast<std::time_t>(seconds);
  ::localtime_r(&t, &tm);
  return tm;
}

}  // namespace date

namespace {

int minutes_of_tz(int tz) {
  int size = std::abs(tz);
  int minutes = size / 100 * 60 + size % 100;
  return tz < 0 ? -minutes : minutes;
}

bool tm_at(Timestamp time, int tz, std::tm& tm) {
  std::int64_t shift = minutes_of_tz(tz) * 60;
  if (time > kMaxTimestamp || (shift > 0 && time > kMaxTimestamp - static_cast<Timestamp>(shift))) return false;
  if (shift < 0 && time < static_cast<Timestamp>(-shift)) return false;
  std::time_t t = static_cast<std::time_t>(static_cast<std::int64_t>(time) + shift);
  return ::gmtime_r(&t, &tm) != nullptr;
}

// What show_date_normal() leaves out.
struct Hidden {
  bool year = false, date = false, wday = false, time = false, seconds = false, tz = false;
};

std::string show_normal(Timestamp time, const std::tm& tm, int tz, const std::tm* now, int now_tz, bool local) {
  Hidden hide;
  hide.tz = local || (now && tz == now_tz);
  if (now) {
    hide.year = tm.tm_year == now->tm_year;
    if (hide.year && tm.tm_mon == now->tm_mon && tm.tm_mday <= now->tm_mday) {
      if (tm.tm_mday == now->tm_mday)
        hide.date = hide.wday = true;
      else if (tm.tm_mday + 5 > now->tm_mday)
        hide.date = true;
    }
    if (hide.wday) return show_relative_date(time);
    hide.seconds = true;
    if (!hide.date) hide.tz = true;
    hide.wday = hide.time = !hide.year;
  }
  std::string text;
  if (!hide.wday) text += strf("%.3s ", date::kWeekdays[tm.tm_wday]);
  if (!hide.date) text += strf("%.3s %d ", date::kMonths[tm.tm_mon], tm.tm_mday);
  if (!hide.time) {
    text += strf("%02d:%02d", tm.tm_hour, tm.tm_min);
    if (!hide.seconds) text += strf(":%02d", tm.tm_sec);
  } else {
    text = std::string(rtrim(text));
  }
  if (!hide.year) text += strf(" %d", tm.tm_year + 1900);
  if (!hide.tz) text += strf(" %+05d", tz);
  return text;
}

std::string show_strftime(Timestamp time, const std::tm& tm, int tz, const DateFormat& format) {
  if (format.strftime_format.empty()) return {};
  std::string expanded;
  const std::string& given = format.strftime_format;
  for (std::size_t i = 0; i < given.size(); i++) {
    char next = given[i] == '%' && i + 1 < given.size() ? given[i + 1] : '\0';
    switch (next) {
      case '%':
        expanded += "%%";
        i++;
        break;
      case 's':
        expanded += std::to_string(time);
        i++;
        break;
      case 'z':
        expanded += strf("%+05d", tz);
        i++;
        break;
      case 'Z':
        if (!format.local) {
          i++;
          break;
        }
        [[fallthrough]];
      default:
        expanded += given[i];
    }
  }
  // One character more tells an empty result from a buffer that was too small.
  expanded += ' ';
  std::string text(256, '\0');
  for (;;) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    std::size_t n = std::strftime(text.data(), text.size(), expanded.c_str(), &tm);
#pragma GCC diagnostic pop
    if (n) {
      text.resize(n - 1);
      return text;
    }
    if (text.size() > (1u << 20)) return {};
    text.resize(text.size() * 2);
  }
}

std::string ago(std::uint64_t n, const char* one, const char* many) { return strf("%d %s ago", n, n == 1 ? one : many); }

}  // namespace

Timestamp current_time() {
  if (auto text = get_env("GIT_TEST_DATE_NOW")) return parse_uint(*text).value_or(0);
  return static_cast<Timestamp>(std::time(nullptr));
}

int local_tz_offset(Timestamp time) {
  if (time > kMaxTimestamp) return 0;
  std::tm tm = date::local_tm(static_cast<std::int64_t>(time));
  long minutes = tm.tm_gmtoff / 60;
  long size = std::labs(minutes);
  int tz = static_cast<int>(size / 60 * 100 + size % 60);
  return minutes < 0 ? -tz : tz;
}

std::string show_relative_date(Timestamp time) {
  Timestamp now = current_time();
  if (now < time) return "in the future";
  std::uint64_t diff = now - time;
  if (diff < 90) return ago(diff, "second", "seconds");
  diff = (diff + 30) / 60;
  if (diff < 90) return ago(diff, "minute", "minutes");
  diff = (diff + 30) / 60;
  if (diff < 36) return ago(diff, "hour", "hours");
  diff = (diff + 12) / 24;
  if (diff < 14) return ago(diff, "day", "days");
  if (diff < 70) return ago((diff + 3) / 7, "week", "weeks");
  if (diff < 365) return ago((diff + 15) / 30, "month", "months");
  if (diff < 1825) {
    std::uint64_t months = (diff * 12 * 2 + 365) / (365 * 2);
    std::uint64_t years = months / 12;
    months %= 12;
    if (!months) return ago(years, "year", "years");
    return strf("%d %s, ", years, years == 1 ? "year" : "years") + ago(months, "month", "months");
  }
  return ago((diff + 183) / 365, "year", "years");
}

std::string show_date(Timestamp time, int tz, const DateFormat& format) {
  if (format.mode == DateMode::unix_time) return std::to_string(time);
  if (format.mode == DateMode::relative) return show_relative_date(time);
  std::tm now{};
  int now_tz = 0;
  if (format.mode == DateMode::human) {
    Timestamp t = current_time();
    now_tz = local_tz_offset(t);
    now = date::local_tm(static_cast<std::int64_t>(t));
  }
  if (format.local) tz = local_tz_offset(time);
  if (format.mode == DateMode::raw) return strf("%d %+05d", time, tz);
  std::tm tm{};
  if (format.local && time <= kMaxTimestamp) {
    tm = date::local_tm(static_cast<std::int64_t>(time));
  } else if (!tm_at(time, tz, tm)) {
    time = 0;
    tz = 0;
    tm_at(0, 0, tm);
  }
  switch (format.mode) {
    case DateMode::short_date:
      return strf("%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    case DateMode::iso8601:
      return strf("%04d-%02d-%02d %02d:%02d:%02d %+05d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                  tm.tm_sec, tz);
    case DateMode::iso8601_strict: {
      std::string text =
          strf("%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
      if (tz == 0) return text + "Z";
      return text + strf("%s%02d:%02d", tz < 0 ? "-" : "+", std::abs(tz) / 100, std::abs(tz) % 100);
    }
    case DateMode::rfc2822:
      return strf("%.3s, %d %.3s %d %02d:%02d:%02d %+05d", date::kWeekdays[tm.tm_wday], tm.tm_mday, date::kMonths[tm.tm_mon],
                  tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec, tz);
    case DateMode::strftime:
      return show_strftime(time, tm, tz, format);
    case DateMode::human:
      return show_normal(time, tm, tz, &now, now_tz, format.local);
    default:
      return show_normal(time, tm, tz, nullptr, 0, format.local);
  }
}

DateFormat parse_date_format(std::string_view text) {
  std::string_view given = text, rest = text;
  if (skip_prefix(rest, "auto:")) {
    bool to_user = ::isatty(1) || env_bool("GIT_PAGER_IN_USE", false);
    if (!to_user) return {};
    text = rest;
  }
  DateFormat format;
  // Behind the name may stand "-local" and, for strftime, ":" and the format.
  if (skip_prefix(text, "format", &rest) && (rest.empty() || rest[0] == ':' || starts_with(rest, "-local"))) {
    format.mode = DateMode::strftime;
    if (skip_prefix(rest, "-local")) format.local = true;
    if (!skip_prefix(rest, ":")) die("date format missing colon separator: %s", text);
    format.strftime_format = std::string(rest);
    return format;
  }
  if (text == "local") {
    format.local = true;
    return format;
  }
  std::string_view name = text;
  format.local = strip_suffix(name, "-local");
  static constexpr std::pair<std::string_view, DateMode> kModes[] = {
      {"relative", DateMode::relative},
      {"iso8601-strict", DateMode::iso8601_strict},
      {"iso-strict", DateMode::iso8601_strict},
      {"iso8601", DateMode::iso8601},
      {"iso", DateMode::iso8601},
      {"rfc2822", DateMode::rfc2822},
      {"rfc", DateMode::rfc2822},
      {"short", DateMode::short_date},
      {"default", DateMode::normal},
      {"human", DateMode::human},
      {"raw", DateMode::raw},
      {"unix", DateMode::unix_time},
  };
  for (const auto& [mode_name, mode] : kModes)
    if (name == mode_name) {
      format.mode = mode;
      return format;
    }
  die("unknown date format %s", given);
}

bool date_overflows(Timestamp time) { return time > kMaxTimestamp; }

}  // namespace git
