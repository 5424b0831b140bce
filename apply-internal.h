// A file's lines while hunks are put in, and how hunks find their place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apply.h"

namespace git {

struct ImageLine {
  std::string text;
  std::uint32_t hash = 0;   // of what is not white space
  bool is_patched = false;  // put there by an earlier hunk
  bool is_common = false;   // context, in hunks
};
struct Image {
  std::vector<ImageLine> lines;
  void add(std::string text, bool is_common);
  static Image of(std::string_view text);
  std::string text() const;
};

struct HunkContext {
  const ApplyOptions& options;
  unsigned ws_rule = 0;
  WsAction ws_action = WsAction::nowarn;
  bool recount_eof_blank = false;
};

// What applying a hunk tells.
struct HunkOutcome {
  bool applied = false;
  std::vector<std::string> notes;  // for stderr
  int blank_at_eof_line = 0;       // new blank lines at the end, first seen there; 0: none
  int fixed_lines = 0;
  bool is_broken = false;
};
HunkOutcome apply_fragment(Image& image, const PatchFragment& fragment, HunkContext& context, int number, bool inaccurate_eof);

}  // namespace git
