// Dates as option values; apart from the other kinds, so that only who uses them links the date parser.
#include "base/date.h"
#include "base/error.h"
#include "base/parse-options.h"

namespace git {

void Options::expiry_date(char s, std::string l, std::int64_t* v, std::string help, unsigned flags) {
  auto call = [v](const std::optional<std::string>& text, bool unset) {
    auto when = parse_expiry_date(unset ? "never" : text.value_or(""));
    if (!when) die("malformed expiration date '%s'", text.value_or(""));
    return *v = *when, true;
  };
  callback(s, std::move(l), "expiry-date", std::move(help), call, flags);
}

}  // namespace git
