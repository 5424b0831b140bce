// "Name <mail> seconds zone", as authors, committers and taggers are written.
#include "base/strings.h"
#include "object/object.h"

namespace git {

std::optional<IdentLine> split_ident_line(std::string_view line) {
  std::size_t open = line.find('<');
  if (open == std::string_view::npos) return std::nullopt;
  std::size_t close = line.find('>', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  IdentLine ident;
  ident.name = rtrim(line.substr(0, open));
  ident.mail = line.substr(open + 1, close - open - 1);
  // The date is behind the last '>', whatever stands between.
  std::string_view rest = ltrim(line.substr(line.rfind('>') + 1));
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) digits++;
  std::string_view date = rest.substr(0, digits);
  rest = ltrim(rest.substr(digits));
  if (date.empty() || rest.empty() || (rest[0] != '+' && rest[0] != '-')) return ident;
  digits = 1;
  while (digits < rest.size() && is_digit(rest[digits])) digits++;
  if (digits == 1) return ident;
  ident.date = date;
  ident.tz = rest.substr(0, digits);
  return ident;
}

std::uint64_t ident_time(const IdentLine& ident) { return parse_uint(ident.date).value_or(0); }

int ident_tz(const IdentLine& ident) {
  auto value = parse_int(ident.tz);
  return value && *value >= -1000000 && *value <= 1000000 ? static_cast<int>(*value) : 0;
}

}  // namespace git
