// One scan finds the end of the line's indent and the start of its trailing blanks; errors are told from those two.
#include "diff/ws.h"

#include "base/error.h"
#include "base/strings.h"
#include "diff/xdiff.h"

namespace git {
namespace {

struct RuleName {
  std::string_view name;
  unsigned bits;
  bool is_loosening;     // turned off by the set attribute
  bool excluded_by_set;  // not turned on by it
};
constexpr RuleName kRuleNames[] = {
    {"trailing-space", kWsTrailingSpace, false, false},
    {"space-before-tab", kWsSpaceBeforeTab, false, false},
    {"indent-with-non-tab", kWsIndentWithNonTab, false, false},
    {"cr-at-eol", kWsCrAtEol, true, false},
    {"blank-at-eol", kWsBlankAtEol, false, false},
    {"blank-at-eof", kWsBlankAtEof, false, false},
    {"tab-in-indent", kWsTabInIndent, false, true},
    {"incomplete-line", kWsIncompleteLine, false, false},
};

void paint(const std::function<void(std::string_view)>& write, std::string_view color, std::string_view text,
           std::string_view reset) {
  if (!write) return;
  write(color);
  write(text);
  write(reset);
}

unsigned check(std::string_view line, unsigned rule, const std::function<void(std::string_view)>& write, std::string_view set,
               std::string_view reset, std::string_view ws) {
  unsigned result = 0;
  std::size_t length = line.size();
  bool has_newline = false, has_cr = false;
  if (length && line[length - 1] == '\n') {
    has_newline = true;
    length--;
  } else if (length && (rule & kWsIncompleteLine)) {
    result |= kWsIncompleteLine;
  }
  if ((rule & kWsCrAtEol) && length && line[length - 1] == '\r') {
    has_cr = true;
    length--;
  }
  std::size_t trailing = length;
  if (rule & kWsBlankAtEol) {
    while (trailing > 0 && is_line_space(line[trailing - 1])) trailing--;
    if (trailing < length) result |= kWsBlankAtEol;
  }
  std::size_t written = 0, i = 0;
  for (; i < trailing; i++) {
    if (line[i] == ' ') continue;
    if (line[i] != '\t') break;
    if ((rule & kWsSpaceBeforeTab) && written < i) {
      result |= kWsSpaceBeforeTab;
      if (write) {
        paint(write, ws, line.substr(written, i - written), reset);
        write(line.substr(i, 1));
      }
    } else if (rule & kWsTabInIndent) {
      result |= kWsTabInIndent;
      if (write) {
        write(line.substr(written, i - written));
        paint(write, ws, line.substr(i, 1), reset);
      }
    } else if (write) {
      write(line.substr(written, i - written + 1));
    }
    written = i + 1;
  }
  if ((rule & kWsIndentWithNonTab) && i - written >= ws_tab_width(rule)) {
    result |= kWsIndentWithNonTab;
    paint(write, ws, line.substr(written, i - written), reset);
    written = i;
  }
  if (write) {
    if (trailing > written) paint(write, set, line.substr(written, trailing - written), reset);
    if (trailing != length) paint(write, ws, line.substr(trailing, length - trailing), reset);
    if (has_cr) write("\r");
    if (has_newline) write("\n");
  }
  return result;
}

}  // namespace

unsigned parse_whitespace_rule(std::string_view text) {
  unsigned rule = kWsDefaultRule;
  while (!text.empty()) {
    while (!text.empty() && (is_line_space(text[0]) || text[0] == ',')) text.remove_prefix(1);
    const std::size_t end = text.find(',');
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    if (word.empty()) continue;
    const bool negated = skip_prefix(word, "-");
    for (const RuleName& name : kRuleNames) {
      // Abbreviations are understood.
      if (word.empty() || !starts_with(name.name, word)) continue;
      rule = negated ? rule & ~name.bits : rule | name.bits;
      break;
    }
    std::string_view width = word;
    if (skip_prefix(width, "tabwidth=")) {
      unsigned value = 0;
      while (!width.empty() && is_digit(width[0]) && value < 1000) {
        value = value * 10 + static_cast<unsigned>(width[0] - '0');
        width.remove_prefix(1);
      }
      if (value > 0 && value < 0100)
        rule = (rule & ~unsigned{kWsTabWidthMask}) | value;
      else
        warning("tabwidth %s out of range", word.substr(9));
    }
  }
  if ((rule & kWsTabInIndent) && (rule & kWsIndentWithNonTab)) die("cannot enforce both tab-in-indent and indent-with-non-tab");
  return rule;
}

unsigned all_whitespace_rules(unsigned config_rule) {
  unsigned rule = ws_tab_width(config_rule);
  for (const RuleName& name : kRuleNames)
    if (!name.is_loosening && !name.excluded_by_set) rule |= name.bits;
  return rule;
}

unsigned ws_check(std::string_view line, unsigned rule) { return check(line, rule, {}, {}, {}, {}); }
unsigned ws_check_emit(std::string_view line, unsigned rule, const std::function<void(std::string_view)>& write,
                       std::string_view set, std::string_view reset, std::string_view ws) {
  return check(line, rule, write, set, reset, ws);
}

std::string whitespace_error_string(unsigned errors) {
  std::string text;
  auto add = [&](std::string_view what) {
    if (!text.empty()) text += ", ";
    text += what;
  };
  if ((errors & kWsTrailingSpace) == kWsTrailingSpace) {
    add("trailing whitespace");
  } else {
    if (errors & kWsBlankAtEol) add("trailing whitespace");
    if (errors & kWsBlankAtEof) add("new blank line at EOF");
  }
  if (errors & kWsSpaceBeforeTab) add("space before tab in indent");
  if (errors & kWsIndentWithNonTab) add("indent with spaces");
  if (errors & kWsTabInIndent) add("tab in indent");
  if (errors & kWsIncompleteLine) add("no newline at the end of file");
  return text;
}

bool ws_blank_line(std::string_view line) {
  for (char c : line)
    if (!is_line_space(c)) return false;
  return true;
}

void ws_fix_copy(std::string& out, std::string_view line, unsigned rule, int* error_count) {
  std::size_t length = line.size();
  bool add_newline = false, add_cr = false, fixed = false;
  if ((rule & kWsIncompleteLine) && length && line[length - 1] != '\n') {
    fixed = true;
    add_newline = true;
  }
  if (rule & kWsBlankAtEol) {
    if (length && line[length - 1] == '\n') {
      add_newline = true;
      length--;
      if (length && line[length - 1] == '\r') {
        add_cr = (rule & kWsCrAtEol) != 0;
        length--;
      }
    }
    if (length && is_line_space(line[length - 1])) {
      while (length && is_line_space(line[length - 1])) length--;
      fixed = true;
    }
  }
  // The indent: up to the first byte that is neither blank nor tab.
  std::size_t last_tab = std::string_view::npos, last_space = std::string_view::npos;
  bool need_fix = false;
  std::size_t i = 0;
  for (; i < length; i++) {
    if (line[i] == '\t') {
      last_tab = i;
      if ((rule & kWsSpaceBeforeTab) && last_space != std::string_view::npos) need_fix = true;
    } else if (line[i] == ' ') {
      last_space = i;
      const std::size_t since_tab = last_tab == std::string_view::npos ? i + 1 : i - last_tab;
      if ((rule & kWsIndentWithNonTab) && ws_tab_width(rule) <= since_tab) need_fix = true;
    } else {
      break;
    }
  }
  std::string_view rest = line.substr(0, length);
  if (need_fix) {
    // Blanks that fill a tab stop become tabs; with space-before-tab only, those up to the last tab.
    std::size_t last = last_tab == std::string_view::npos ? 0 : last_tab + 1;
    if (rule & kWsIndentWithNonTab) last = last_space == std::string_view::npos ? last : std::max(last, last_space + 1);
    std::size_t blanks = 0;
    for (std::size_t k = 0; k < last; k++) {
      if (line[k] != ' ') {
        blanks = 0;
        out += line[k];
      } else if (++blanks == ws_tab_width(rule)) {
        out += '\t';
        blanks = 0;
      }
    }
    out.append(blanks, ' ');
    rest.remove_prefix(last);
    fixed = true;
  } else if ((rule & kWsTabInIndent) && last_tab != std::string_view::npos) {
    const std::size_t start = out.size();
    const std::size_t last = last_tab + 1;
    for (std::size_t k = 0; k < last; k++) {
      if (line[k] == '\t') do
          out += ' ';
        while ((out.size() - start) % ws_tab_width(rule));
      else
        out += line[k];
    }
    rest.remove_prefix(last);
    fixed = true;
  }
  out += rest;
  if (add_cr) out += '\r';
  if (add_newline) out += '\n';
  if (fixed && error_count) ++*error_count;
}

}  // namespace git
