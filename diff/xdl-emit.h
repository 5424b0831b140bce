// From changes to hunks: which changes share one, how much context stands around them, and which function
// they are in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/xdiff.h"

namespace git {

// The text for a hunk header where `line` starts a function, nullopt where it does not.
using FuncNameFinder = std::function<std::optional<std::string>(std::string_view line)>;
// Letters, '_' and '$' at the start of a line begin one, as long as no driver says otherwise.
std::optional<std::string> default_func_name(std::string_view line);

struct HunkConfig {
  long context = 3;
  long inter_hunk = 0;
  bool with_function_names = true;
  bool whole_functions = false;  // -W
  FuncNameFinder find_function;  // empty: default_func_name
  // Changes all of whose lines match are ignored (-I); set by mark_ignorable().
};

// Receives a patch. Line numbers count from 1, or name the line before where the count is 0.
class HunkSink {
 public:
  virtual ~HunkSink() = default;
  virtual void hunk(long old_begin, long old_count, long new_begin, long new_count, std::string_view function) = 0;
  virtual void line(char kind, std::string_view text) = 0;  // ' ', '-', '+'
};

// Marks changes of blank lines only (kXdfIgnoreBlankLines) and those all of whose lines `matches`.
void mark_ignorable(LineDiff& diff, unsigned flags, const std::function<bool(std::string_view)>& matches);
void emit_hunks(const LineDiff& diff, const HunkConfig& config, HunkSink& sink);
// "@@ -1,2 +3 @@" without newline; `function` goes behind where it is not empty.
std::string format_hunk_header(long old_begin, long old_count, long new_begin, long new_count, std::string_view function);

}  // namespace git
