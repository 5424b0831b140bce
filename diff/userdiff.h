// Diff drivers (gitattributes(5), "Generating diff text"): by attribute a path gets a function-name pattern, a word
// pattern, a text conversion, an external command, or is declared text or binary.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"

namespace git {

class Config;
class Index;
class Repository;

// A list of patterns, one a line; "!" in front: lines that are no function.
class FuncNamePattern {
 public:
  FuncNamePattern(std::string_view patterns, unsigned regex_flags);
  std::optional<std::string> find(std::string_view line) const;

 private:
  struct One {
    Regex regex;
    bool negate;
  };
  std::vector<One> patterns_;
};

struct UserdiffDriver {
  std::string name;
  std::string external;
  bool trust_exit_code = false;
  std::string algorithm;
  std::optional<bool> binary;
  std::string funcname;  // "" none
  unsigned funcname_flags = Regex::kExtended;
  std::string word_regex;
  std::string textconv;
  bool textconv_want_cache = false;
  mutable std::shared_ptr<FuncNamePattern> compiled;  // made when first needed

  // The finder for hunk headers; nullptr where the default rule holds.
  const FuncNamePattern* func_names() const;
};

class UserdiffTable {
 public:
  // `repo` and `config` may be nullptr: built-in drivers only.
  UserdiffTable(Repository* repo, const Config* config, Index* index);
  ~UserdiffTable();
  // The driver the attributes of `path` choose.
  const UserdiffDriver& for_path(const std::string& path);
  const UserdiffDriver& plain() const;  // where no attribute is looked at
  const UserdiffDriver* by_name(std::string_view name) const;
  static std::vector<std::string> builtin_names();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Built-in drivers: name, function-name patterns, word pattern, flags.
struct BuiltinDriver {
  const char* name;
  const char* funcname;
  const char* word_regex;
  bool ignore_case;
};
const std::vector<BuiltinDriver>& builtin_drivers();

}  // namespace git
