// Backtracking over stars, with two ways to give up early: once the text is used up, no star further left can help
// (abort_all), and with kWildPathname a star that ran into '/' only helps a "**" further left (abort_to_starstar).
#include "base/wildmatch.h"

#include "base/strings.h"

namespace git {
namespace {

enum class Outcome : unsigned char { match, no_match, abort_all, abort_to_starstar };

struct Matcher {
  std::string_view p, t;
  unsigned flags;

  bool icase() const { return flags & kWildIcase; }
  bool pathname() const { return flags & kWildPathname; }
  char at_p(std::size_t i) const { return i < p.size() ? p[i] : '\0'; }
  char text_char(std::size_t i) const { return icase() ? to_lower(t[i]) : t[i]; }

  Outcome run(std::size_t pi, std::size_t ti) const;
  Outcome star(std::size_t pi, std::size_t ti) const;
  // `pi` stands behind '['; moves behind ']'. nullopt where the class is malformed.
  std::optional<bool> char_class(std::size_t& pi, char c) const;
};

bool in_named_class(std::string_view name, char c, bool icase, bool& known) {
  auto u = static_cast<unsigned char>(c);
  known = true;
  if (name == "alnum") return is_alnum(c);
  if (name == "alpha") return is_alpha(c);
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return u < 32 || u == 127;
  if (name == "digit") return is_digit(c);
  if (name == "graph") return u > 32 && u < 127;
  if (name == "lower") return c >= 'a' && c <= 'z';
  if (name == "print") return u >= 32 && u < 127;
  if (name == "punct") return u > 32 && u < 127 && !is_alnum(c);
  if (name == "space") return is_space(c);
  if (name == "upper") return (c >= 'A' && c <= 'Z') || (icase && c >= 'a' && c <= 'z');
  if (name == "xdigit") return hex_value(c) >= 0;
  known = false;
  return false;
}

std::optional<bool> Matcher::char_class(std::size_t& pi, char c) const {
  char next = at_p(pi);
  bool negated = next == '!' || next == '^';
  if (negated) ++pi;
  bool matched = false;
  unsigned char previous = 0;
  bool first = true;
  auto u = static_cast<unsigned char>(c);
  while (true) {
    if (pi >= p.size()) return std::nullopt;
    char pc = p[pi];
    if (pc == ']' && !first) break;
    first = false;
    if (pc == '\\') {
      if (++pi >= p.size()) return std::nullopt;
      pc = p[pi];
      if (pc == c) matched = true;
    } else if (pc == '-' && previous && pi + 1 < p.size() && p[pi + 1] != ']') {
      pc = p[++pi];
      if (pc == '\\') {
        if (++pi >= p.size()) return std::nullopt;
        pc = p[pi];
      }
      auto high = static_cast<unsigned char>(pc);
      if (u <= high && u >= previous)
        matched = true;
      else if (icase() && is_alpha(c) && c >= 'a') {
        auto upper = static_cast<unsigned char>(to_upper(c));
        if (upper <= high && upper >= previous) matched = true;
      }
      pc = 0;  // a range can't start another
    } else if (pc == '[' && at_p(pi + 1) == ':') {
      std::size_t start = pi + 2, end = start;
      while (end < p.size() && p[end] != ']') ++end;
      if (end >= p.size()) return std::nullopt;
      if (end == start || p[end - 1] != ':') {  // no ":]" here: a plain '['
        if (c == '[') matched = true;
      } else {
        bool known = false;
        if (in_named_class(p.substr(start, end - 1 - start), c, icase(), known)) matched = true;
        if (!known) return std::nullopt;
        pi = end;
        pc = 0;
      }
    } else if (pc == c) {
      matched = true;
    }
    previous = static_cast<unsigned char>(pc);
    ++pi;
  }
  ++pi;
  if (matched == negated || (pathname() && c == '/')) return false;
  return true;
}

Outcome Matcher::star(std::size_t pi, std::size_t ti) const {
  bool match_slash = !pathname();
  std::size_t first = pi;
  while (at_p(pi) == '*') ++pi;
  if (pi - first >= 2 && pathname()) {
    bool left = first == 0 || p[first - 1] == '/';
    bool right = pi >= p.size() || p[pi] == '/' || (p[pi] == '\\' && at_p(pi + 1) == '/');
    if (left && right) {
      match_slash = true;
      // "**/" also matches nothing at all.
      if (at_p(pi) == '/' && run(pi + 1, ti) == Outcome::match) return Outcome::match;
    }
  }
  if (pi >= p.size()) {
    if (!match_slash && t.find('/', ti) != std::string_view::npos) return Outcome::abort_to_starstar;
    return Outcome::match;
  }
  if (!match_slash && p[pi] == '/') {
    std::size_t slash = t.find('/', ti);
    if (slash == std::string_view::npos) return Outcome::abort_all;
    return run(pi, slash);
  }
  for (; ti < t.size(); ++ti) {
    Outcome outcome = run(pi, ti);
    if (outcome != Outcome::no_match) {
      if (!match_slash || outcome != Outcome::abort_to_starstar) return outcome;
    } else if (!match_slash && t[ti] == '/') {
      return Outcome::abort_to_starstar;
    }
  }
  return Outcome::abort_all;
}

Outcome Matcher::run(std::size_t pi, std::size_t ti) const {
  for (; pi < p.size(); ++ti) {
    char pc = p[pi];
    if (ti >= t.size() && pc != '*') return Outcome::abort_all;
    if (pc == '*') return star(pi, ti);
    char c = text_char(ti);
    if (icase()) pc = to_lower(pc);
    if (pc == '?') {
      if (pathname() && c == '/') return Outcome::no_match;
      ++pi;
    } else if (pc == '[') {
      ++pi;
      std::optional<bool> hit = char_class(pi, c);
      if (!hit) return Outcome::abort_all;
      if (!*hit) return Outcome::no_match;
    } else {
      if (pc == '\\') {
        if (++pi >= p.size()) return Outcome::no_match;
        pc = icase() ? to_lower(p[pi]) : p[pi];
      }
      if (pc != c) return Outcome::no_match;
      ++pi;
    }
  }
  return ti < t.size() ? Outcome::no_match : Outcome::match;
}

}  // namespace

bool wildmatch(std::string_view pattern, std::string_view text, unsigned flags) {
  return Matcher{pattern, text, flags}.run(0, 0) == Outcome::match;
}

}  // namespace git
