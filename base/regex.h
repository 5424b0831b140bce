// POSIX regular expressions over bytes that need not end in NUL.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

class Regex {
 public:
  enum Flag : unsigned { kExtended = 1, kIgnoreCase = 2, kNewline = 4 };
  // The error's message is the C library's.
  static Result<Regex> compile(const std::string& pattern, unsigned flags = kExtended);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  struct Match {
    long start = -1, end = -1;
  };
  bool matches(std::string_view text) const;
  // Fills up to matches.size() groups, 0 being the whole. `not_bol`: the text does not begin a line.
  bool search(std::string_view text, std::vector<Match>& matches, bool not_bol = false) const;
  std::size_t group_count() const;

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace git
