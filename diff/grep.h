// Searching text for patterns combined by and, or, not, and showing what was found with context (git-grep(1)).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "diff/xdl-emit.h"

namespace git {

enum class GrepType : std::uint8_t { basic, extended, fixed, perl };
enum class GrepToken : std::uint8_t { pattern, and_, or_, not_, open, close };

struct GrepWord {
  GrepToken token = GrepToken::pattern;
  std::string pattern;
};

struct GrepColors {
  std::string context, filename = "\033[35m", function, line_number = "\033[32m", column = "\033[32m",
                       match_context = "\033[1;31m", match_selected = "\033[1;31m", selected, separator = "\033[36m";
};

struct GrepSettings {
  GrepType type = GrepType::basic;
  bool ignore_case = false, invert = false, word = false, count = false, name_only = false, unmatched_names = false;
  bool show_line_number = false, show_column = false, only_matching = false, heading = false, file_break = false;
  bool show_name = true, nul_after_name = false, all_match = false, quiet = false;
  bool function_name = false, function_body = false;
  bool text = false, skip_binary = false;
  long before = 0, after = 0, max_count = -1;
  bool color = false;
  GrepColors colors;
};

struct GrepMatch {
  std::size_t start = 0, end = 0;
};

class GrepExpression;

class Grep {
 public:
  // Dies on a bad pattern or expression.
  Grep(GrepSettings settings, const std::vector<GrepWord>& words, std::function<void(std::string_view)> write);
  ~Grep();
  // Searches one text; true where it hit. `find_function` as for hunks.
  bool search(const std::string& name, std::string_view text, bool is_binary, const FuncNameFinder& find_function);

 private:
  struct File;
  void show_line(const std::string& name, std::string_view line, long number, std::size_t column, char sign);
  void show_name(const std::string& name);
  void put(std::string_view color, std::string_view text);
  bool matches(std::string_view line, std::vector<bool>* seen, std::size_t* column) const;
  std::optional<GrepMatch> next_match(std::string_view line, std::size_t from) const;
  GrepSettings s_;
  std::function<void(std::string_view)> write_;
  std::unique_ptr<GrepExpression> expression_;
  std::vector<bool> wanted_;
  long last_shown_ = 0;
  bool show_hunk_mark_ = false;
};

}  // namespace git
