// Backtracking matcher.  A '*' that fails at the end of the text fails for every '*' before it as well, which keeps the
// usual patterns linear: the answers `abort_all` and `abort_to_double_star` carry that news upwards.
#include "base/wildmatch.h"

#include <cctype>
#include <optional>

#include "base/strings.h"

namespace git {
namespace {

enum class Answer { match, no_match, abort_all, abort_to_double_star };

class Matcher {
 public:
  Matcher(std::string_view pattern, unsigned flags) : pattern_(pattern), flags_(flags) {}
  Answer match(std::size_t p, std::string_view text) const;

 private:
  bool is_path() const { return flags_ & kWildPathname; }
  bool folds() const { return flags_ & kWildCaseFold; }
  char at(std::size_t p) const { return p < pattern_.size() ? pattern_[p] : '\0'; }
  // The class at `p` (behind '['): does `c` belong? `p` moves behind ']'. nullopt where it never closes.
  std::optional<bool> match_class(std::size_t& p, char c) const;
  Answer match_star(std::size_t p, std::string_view text) const;

  std::string_view pattern_;
  unsigned flags_;
};

bool in_named_class(std::string_view name, char c, bool folds, bool& known) {
  auto u = static_cast<unsigned char>(c);
  known = true;
  if (u >= 0x80) return false;
  if (name == "alnum") return std::isalnum(u);
  if (name == "alpha") return std::isalpha(u);
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return std::iscntrl(u);
  if (name == "digit") return std::isdigit(u);
  if (name == "graph") return std::isgraph(u);
  if (name == "lower") return std::islower(u);
  if (name == "print") return std::isprint(u);
  if (name == "punct") return std::ispunct(u);
  if (name == "space") return std::isspace(u);
  if (name == "upper") return std::isupper(u) || (folds && std::islower(u));
  if (name == "xdigit") return std::isxdigit(u);
  known = false;
  return false;
}

std::optional<bool> Matcher::match_class(std::size_t& p, char c) const {
  bool negated = at(p) == '!' || at(p) == '^';
  if (negated) p++;
  bool matched = false;
  int previous = -1;
  auto u = static_cast<unsigned char>(c);
  for (bool first = true;; first = false) {
    if (p >= pattern_.size()) return std::nullopt;
    char here = pattern_[p];
    if (here == ']' && !first) break;
    if (here == '\\') {
      if (++p >= pattern_.size()) return std::nullopt;
      previous = static_cast<unsigned char>(pattern_[p]);
      if (previous == u) matched = true;
      p++;
    } else if (here == '-' && previous >= 0 && p + 1 < pattern_.size() && pattern_[p + 1] != ']') {
      p++;
      if (pattern_[p] == '\\' && ++p >= pattern_.size()) return std::nullopt;
      auto high = static_cast<unsigned char>(pattern_[p]);
      if (u >= previous && u <= high) matched = true;
      if (folds() && is_alpha(c) && to_lower(c) == c) {
        auto upper = static_cast<unsigned char>(to_upper(c));
        if (upper >= previous && upper <= high) matched = true;
      }
      previous = -1;
      p++;
    } else if (here == '[' && at(p + 1) == ':') {
      std::size_t end = pattern_.find(']', p + 2);
      if (end == std::string_view::npos) return std::nullopt;
      if (end < p + 3 || pattern_[end - 1] != ':') {
        // No ":]": the '[' stands for itself.
        if (c == '[') matched = true;
        previous = '[';
        p++;
        continue;
      }
      bool known = false;
      if (in_named_class(pattern_.substr(p + 2, end - 1 - (p + 2)), c, folds(), known)) matched = true;
      if (!known) return std::nullopt;
      previous = -1;
      p = end + 1;
    } else {
      previous = static_cast<unsigned char>(here);
      if (previous == u) matched = true;
      p++;
    }
  }
  p++;
  if (is_path() && c == '/') return false;
  return matched != negated;
}

Answer Matcher::match_star(std::size_t p, std::string_view text) const {
  bool crosses = !is_path();
  std::size_t star = p;  // the first '*'
  p++;
  if (at(p) == '*') {
    while (at(p) == '*') p++;
    bool opens = star == 0 || pattern_[star - 1] == '/';
    bool closes = p >= pattern_.size() || at(p) == '/' || (at(p) == '\\' && at(p + 1) == '/');
    if (is_path() && opens && closes) {
      // "**/" may stand for nothing at all.
      if (at(p) == '/' && match(p + 1, text) == Answer::match) return Answer::match;
      crosses = true;
    }
  }
  if (p >= pattern_.size()) {
    if (!crosses && text.find('/') != std::string_view::npos) return Answer::abort_to_double_star;
    return Answer::match;
  }
  if (!crosses && at(p) == '/') {
    std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return Answer::abort_all;
    return match(p + 1, text.substr(slash + 1));
  }
  for (;; text.remove_prefix(1)) {
    if (text.empty()) break;
    Answer answer = match(p, text);
    if (answer != Answer::no_match) {
      if (!crosses || answer != Answer::abort_to_double_star) return answer;
    } else if (!crosses && text.front() == '/') {
      return Answer::abort_to_double_star;
    }
  }
  return match(p, text) == Answer::match ? Answer::match : Answer::abort_all;
}

Answer Matcher::match(std::size_t p, std::string_view text) const {
  for (; p < pattern_.size(); p++, text.remove_prefix(1)) {
    char expected = pattern_[p];
    if (expected == '*') return match_star(p, text);
    if (text.empty()) return Answer::abort_all;
    char c = text.front();
    if (folds()) c = to_lower(c);
    if (expected == '?') {
      if (is_path() && c == '/') return Answer::no_match;
      continue;
    }
    if (expected == '[') {
      std::size_t behind = p + 1;
      auto matched = match_class(behind, c);
      if (!matched) return Answer::abort_all;
      if (!*matched) return Answer::no_match;
      p = behind - 1;
      continue;
    }
    if (expected == '\\') {
      if (++p >= pattern_.size()) return Answer::no_match;
      expected = pattern_[p];
    } else if (folds()) {
      expected = to_lower(expected);
    }
    if (folds() && to_lower(expected) == c) continue;
    if (expected != c) return Answer::no_match;
  }
  return text.empty() ? Answer::match : Answer::no_match;
}

}  // namespace

bool wildmatch(std::string_view pattern, std::string_view text, unsigned flags) {
  return Matcher(pattern, flags).match(0, text) == Answer::match;
}
bool has_glob_special(std::string_view s) { return s.find_first_of("*?[\\") != std::string_view::npos; }
std::size_t simple_prefix_length(std::string_view pattern) {
  std::size_t at = pattern.find_first_of("*?[\\");
  return at == std::string_view::npos ? pattern.size() : at;
}

}  // namespace git
