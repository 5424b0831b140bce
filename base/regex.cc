// regcomp(3) with REG_STARTEND, which lets a match run inside a larger buffer.
#include "base/regex.h"

#include <regex.h>

namespace git {

struct Regex::State {
  regex_t regex{};
  ~State() { regfree(&regex); }
};

Regex::Regex(std::unique_ptr<State> state) : state_(std::move(state)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(const std::string& pattern, unsigned flags) {
  auto state = std::make_unique<State>();
  int cflags = 0;
  if (flags & kExtended) cflags |= REG_EXTENDED;
  if (flags & kIgnoreCase) cflags |= REG_ICASE;
  if (flags & kNewline) cflags |= REG_NEWLINE;
  if (int code = regcomp(&state->regex, pattern.c_str(), cflags)) {
    char buffer[1024];
    regerror(code, &state->regex, buffer, sizeof buffer);
    return make_error(ErrorKind::invalid, "%s", buffer);
  }
  return Regex(std::move(state));
}

bool Regex::matches(std::string_view text) const {
  std::vector<Match> none;
  return search(text, none);
}

bool Regex::search(std::string_view text, std::vector<Match>& matches, bool not_bol) const {
  std::vector<regmatch_t> found(matches.empty() ? 1 : matches.size());
  found[0].rm_so = 0;
  found[0].rm_eo = static_cast<regoff_t>(text.size());
  const char* start = text.data() ? text.data() : "";
  if (regexec(&state_->regex, start, found.size(), found.data(), REG_STARTEND | (not_bol ? REG_NOTBOL : 0))) return false;
  for (std::size_t i = 0; i < matches.size(); i++) matches[i] = {found[i].rm_so, found[i].rm_eo};
  return true;
}

std::size_t Regex::group_count() const { return state_->regex.re_nsub; }

}  // namespace git
