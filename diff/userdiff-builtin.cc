// The drivers that need no config (gitattributes(5), "Defining a custom hunk-header").
#include "diff/userdiff.h"

namespace git {

// Every word pattern ends in this: any other visible byte, or a whole UTF-8 character.
#define ONE_CHAR "|[^[:space:]]|[\xc0-\xff][\x80-\xbf]+"

const std::vector<BuiltinDriver>& builtin_drivers() {
  static const std::vector<BuiltinDriver> drivers = {
      {"html", "^[ \t]*(<[Hh][1-6]([ \t].*)?>.*)$", "[^<>= \t]+" ONE_CHAR, false},
  };
  return drivers;
}

}  // namespace git
