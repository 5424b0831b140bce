// Patches as text: lines with their signs and colours, written at once, or kept until all are there so that moved
// blocks can be told (--color-moved).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/options.h"

namespace git {

class PatchWriter {
 public:
  explicit PatchWriter(DiffOptions& options) : options_(options), is_buffering_(options.color_moved != ColorMoved::no) {}
  ~PatchWriter() = default;

  // Whole lines, already coloured, without the line prefix (it is put before each).
  void text(std::string_view lines);
  // Bytes as they are.
  void raw(std::string_view bytes);
  // "@@ ... @@ function" (without newline)
  void hunk_header(std::string_view header);
  void header_minus_plus(std::string_view old_label, std::string_view new_label);
  // One line of a patch, with its newline where it has one. `rule` is the path's whitespace rule.
  void line(char kind, std::string_view bytes, unsigned rule, bool is_blank_at_eof = false);
  void no_newline();
  // Shows what was kept.
  void flush();

 private:
  friend class MovedLines;
  struct Symbol {
    char kind;  // 't' text, 'r' raw, '@' hunk, '\\' no newline, or a patch line's sign
    std::string bytes;
    unsigned rule = 0;
    bool is_blank_at_eof = false;
    unsigned moved = 0;  // MovedFlag
  };
  void put(Symbol symbol);
  void show(const Symbol& symbol);
  void show_hunk_header(std::string_view header);
  void show_patch_line(const Symbol& symbol);
  void show_line(std::string_view set_sign, std::string_view set, bool reverse, char first, std::string_view bytes);

  DiffOptions& options_;
  bool is_buffering_;
  std::vector<Symbol> symbols_;
};

enum MovedFlag : unsigned { kMovedLine = 1, kMovedAlternative = 2, kMovedUninteresting = 4 };
// Marks moved lines among the kept ones (diff/moved.cc).
class MovedLines {
 public:
  static void mark(DiffOptions& options, std::vector<PatchWriter::Symbol>& symbols);

 private:
  struct Impl;
};

// Writes the patch of one pair (diff/patch.cc).
void emit_patch(DiffOptions& options, DiffPair& pair, PatchWriter& writer);
// The whitespace rule of a path.
unsigned whitespace_rule(DiffOptions& options, const std::string& path);
std::string abbreviate(DiffOptions& options, const ObjectId& oid, int length);

// The flat formats (diff/formats.cc), and stats (diff/stat.cc).
void emit_raw(DiffOptions& options, const DiffPair& pair);
void emit_name_status(DiffOptions& options, const DiffPair& pair);
void emit_name(DiffOptions& options, const DiffPair& pair);
void emit_summary(DiffOptions& options, const DiffPair& pair);
void emit_check(DiffOptions& options, DiffPair& pair);
void emit_stats(DiffOptions& options);    // stat, numstat, shortstat
void emit_dirstat(DiffOptions& options);  // dirstat by changes or files
bool is_summary_empty(const DiffOptions& options);
// `name` below the --relative prefix.
std::string_view strip_relative(const DiffOptions& options, std::string_view name);
// "a/{b => c}/d"
std::string rename_name(std::string_view a, std::string_view b, bool quote_high);

// Word diff of one hunk's lines (diff/word-diff.cc).
class WordDiffer {
 public:
  WordDiffer(DiffOptions& options, DiffFilespec& one, DiffFilespec& two, PatchWriter& writer);
  ~WordDiffer();
  void line(char kind, std::string_view bytes);
  void flush();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace git
