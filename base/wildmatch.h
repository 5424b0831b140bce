// Shell patterns as gitignore(5) and pathspecs understand them: '*' '?' '[...]' '\x', and '**' across directories.
#pragma once

#include <string_view>

namespace git {

enum WildmatchFlag : unsigned {
  kWildIcase = 1u << 0,     // ASCII case does not matter
  kWildPathname = 1u << 1,  // '*' and '?' don't match '/'; "**/" does
};
bool wildmatch(std::string_view pattern, std::string_view text, unsigned flags = 0);

}  // namespace git
