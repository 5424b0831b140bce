// Whitespace errors: which kinds count for a path (core.whitespace, the "whitespace" attribute), where a line has
// them, how it looks with them painted, and how it reads with them fixed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace git {

enum WsRule : unsigned {
  kWsTabWidthMask = 077,
  kWsBlankAtEol = 0100,
  kWsSpaceBeforeTab = 0200,
  kWsIndentWithNonTab = 0400,
  kWsCrAtEol = 01000,
  kWsBlankAtEof = 02000,
  kWsTabInIndent = 04000,
  kWsIncompleteLine = 010000,
};
inline constexpr unsigned kWsTrailingSpace = kWsBlankAtEol | kWsBlankAtEof;
inline constexpr unsigned kWsDefaultRule = kWsTrailingSpace | kWsSpaceBeforeTab | 8;
inline constexpr unsigned kWsRuleMask = 017777;
constexpr unsigned ws_tab_width(unsigned rule) { return rule & kWsTabWidthMask; }

// "trailing-space,-indent-with-non-tab,tabwidth=4"
unsigned parse_whitespace_rule(std::string_view text);
// Every kind an explicitly set attribute turns on.
unsigned all_whitespace_rules(unsigned config_rule);

// The errors of a line (with or without its newline).
unsigned ws_check(std::string_view line, unsigned rule);
// The same, writing the line with `set` around it and errors painted in `ws`.
unsigned ws_check_emit(std::string_view line, unsigned rule, const std::function<void(std::string_view)>& write,
                       std::string_view set, std::string_view reset, std::string_view ws);
// "trailing whitespace, space before tab in indent."
std::string whitespace_error_string(unsigned errors);
bool ws_blank_line(std::string_view line);
// Appends the line with its errors fixed; adds to *error_count where anything was.
void ws_fix_copy(std::string& out, std::string_view line, unsigned rule, int* error_count);

}  // namespace git
