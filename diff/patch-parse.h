// Patches as git apply reads them: unified hunks with git's extended headers, or plain "---"/"+++" ones, and binary
// patches. Pure: bytes in, values out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

struct PatchFragment {
  unsigned long old_pos = 0, old_lines = 0, new_pos = 0, new_lines = 0;
  unsigned long leading = 0, trailing = 0;  // lines of context at either end
  std::string_view text;                    // with its "@@" line
  int line_number = 0;                      // of the "@@" line in the input
  bool rejected = false;
};

struct BinaryHunk {
  bool is_delta = false;
  std::string data;  // inflated
};

struct FilePatch {
  std::string old_name, new_name;  // "" where there is none
  std::string old_oid_prefix, new_oid_prefix;
  std::uint32_t old_mode = 0, new_mode = 0;
  int is_new = -1, is_delete = -1;  // -1: can't tell
  bool is_git = false, is_rename = false, is_copy = false, is_binary = false;
  bool is_toplevel_relative = false;
  int score = 0;
  unsigned ws_rule = 0;
  long lines_added = 0, lines_deleted = 0;
  std::vector<PatchFragment> fragments;
  std::optional<BinaryHunk> forward, reverse;  // of a binary patch
  bool crlf_in_old = false;
  // applying
  bool rejected = false, direct_to_threeway = false, conflicted = false;
  std::string result;
  std::string conflict_ids[3];
  const std::string& any_name() const { return new_name.empty() ? old_name : new_name; }
};

struct PatchParseOptions {
  int p_value = 1;
  bool p_value_known = false;
  std::string root;    // --directory, "dir/"
  std::string prefix;  // of the command, for guessing p_value
  std::string input_name;
  bool recount = false, reverse = false, inaccurate_eof = false;
  bool is_traditional_relative = true;
  // Called for each line whose white space matters: kind ' ', '+' or '-', the line with its sign, its number.
  std::function<void(FilePatch& patch, std::string_view line, int line_number)> check_line;
  // Called when the names are known, before hunks are read.
  std::function<void(FilePatch& patch)> begin;
};

class PatchParser {
 public:
  PatchParser(std::string_view text, PatchParseOptions options) : text_(text), options_(std::move(options)) {}
  // The next file's patch; nullopt at the end; an error (message without "error: ") where it is broken.
  Result<std::optional<FilePatch>> next();
  int line_number() const { return line_; }
  std::vector<std::string> warnings;  // lines for stderr, collected on the way

 private:
  friend class HeaderReader;
  friend FilePatch parse_git_header(std::string_view text, int p_value);
  Result<std::optional<std::size_t>> find_header(FilePatch& patch, std::size_t& header_size);
  Result<std::size_t> read_git_header(FilePatch& patch, std::size_t at, std::size_t first_length);
  Result<bool> read_traditional_header(FilePatch& patch, std::string_view old_line, std::string_view new_line);
  Result<std::size_t> read_fragments(FilePatch& patch, std::size_t at);
  // Bytes of the fragment, 0 where it is corrupt.
  std::size_t read_fragment(FilePatch& patch, std::size_t at, PatchFragment& fragment);
  Result<std::size_t> read_binary(FilePatch& patch, std::size_t at);
  std::optional<BinaryHunk> read_binary_hunk(std::size_t& at, bool& corrupt);
  std::string_view line_at(std::size_t at) const;
  std::string prefixed(std::string name) const;
  std::string where(int line) const;
  void err_line(const std::string& text);

  std::string_view text_;
  PatchParseOptions options_;
  std::size_t at_ = 0;
  int line_ = 1;
};

// "@@ -a,b +c,d @@": fills the positions; false where it is malformed.
bool parse_hunk_header(std::string_view line, PatchFragment& fragment);
// The names and modes that the header lines at the start of `text` tell; empty names where they are bad.
FilePatch parse_git_header(std::string_view text, int p_value);
// Swaps the sides.
void reverse_patch(FilePatch& patch);

}  // namespace git
