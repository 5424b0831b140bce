// Shell patterns as gitignore(5) and refs use them: ? * ** [a-z] [[:digit:]] and backslash.
#pragma once

#include <string_view>

namespace git {

enum WildmatchFlag : unsigned {
  kWildCaseFold = 1,
  kWildPathname = 2,  // only "**" between slashes crosses a '/'
};
bool wildmatch(std::string_view pattern, std::string_view text, unsigned flags = 0);
// Does the pattern have a character with a special meaning?
bool has_glob_special(std::string_view s);
std::size_t simple_prefix_length(std::string_view pattern);  // up to the first special character

}  // namespace git
