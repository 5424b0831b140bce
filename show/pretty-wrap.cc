// Wrapping to a width in columns, for %w and shortlog; and subjects.
#include "base/fmt.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "show/pretty.h"

namespace git {
namespace {

std::size_t ansi_length(std::string_view s) {
  if (s.size() < 2 || s[0] != '\033' || s[1] != '[') return 0;
  std::size_t i = 2;
  while (i < s.size() && (is_digit(s[i]) || s[i] == ';')) i++;
  return i < s.size() && s[i] == 'm' ? i + 1 : 0;
}

std::string indent_lines(std::string_view text, int indent1, int indent2) {
  std::string out;
  int indent = std::max(indent1, 0);
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::size_t n = end == std::string_view::npos ? text.size() : end + 1;
    if (!(n == 1 && text[0] == '\n')) out.append(static_cast<std::size_t>(indent), ' ');
    out.append(text.substr(0, n));
    text.remove_prefix(n);
    indent = std::max(indent2, 0);
  }
  return out;
}

}  // namespace

std::string wrap_text(std::string_view text, int indent1, int indent2, int width) {
  if (width <= 0) return indent_lines(text, indent1, indent2);
  std::string out;
  bool assume_utf8 = is_valid_utf8(text);
  int indent = indent1, w = indent1;
  if (indent < 0) {
    w = -indent;
  }
  std::size_t bol = 0, at = 0;
  std::size_t space = std::string_view::npos;
  bool started_negative = indent1 < 0;
  if (started_negative) space = 0;
  while (true) {
    if (std::size_t skip = ansi_length(text.substr(at))) {
      at += skip;
      continue;
    }
    bool end = at >= text.size();
    char c = end ? '\0' : text[at];
    if (end || is_space(c)) {
      if (w <= width || space == std::string_view::npos) {
        std::size_t start = bol;
        if (end && at == start) return out;
        if (space != std::string_view::npos)
          start = space;
        else if (indent > 0)
          out.append(static_cast<std::size_t>(indent), ' ');
        out.append(text.substr(start, at - start));
        if (end) return out;
        space = at;
        if (c == '\t') {
          w |= 7;
        } else if (c == '\n') {
          space++;
          if (space < text.size() && text[space] == '\n') {
            out += '\n';
            goto new_line;
          } else if (space >= text.size() || !is_alnum(text[space])) {
            goto new_line;
          } else {
            out += ' ';
          }
        }
        w++;
        at++;
      } else {
      new_line:
        out += '\n';
        at = bol = space + (space < text.size() && is_space(text[space]) ? 1 : 0);
        space = std::string_view::npos;
        w = indent = indent2;
        if (at > text.size()) return out;
      }
      continue;
    }
    if (assume_utf8) {
      std::string_view rest = text.substr(at);
      std::int32_t ch = utf8_next(rest);
      if (ch < 0) {
        w++;
        at++;
      } else {
        int cw = char_width(ch);
        w += cw > 0 ? cw : 0;
        at = text.size() - rest.size();
      }
    } else {
      w++;
      at++;
    }
  }
}

std::string take_subject(std::string_view& message, std::string_view separator) {
  std::string subject;
  bool first = true;
  while (!message.empty()) {
    std::size_t end = message.find('\n');
    std::string_view line = message.substr(0, end);
    std::size_t used = end == std::string_view::npos ? message.size() : end + 1;
    std::string_view text = rtrim(line);
    if (text.empty()) {
      if (first) {
        message.remove_prefix(used);
        continue;
      }
      message.remove_prefix(used);
      break;
    }
    message.remove_prefix(used);
    if (!first) subject += separator;
    subject += text;
    first = false;
  }
  return subject;
}

std::string sanitize_subject_line(std::string_view subject) {
  std::string out;
  int space = 2;
  std::string_view line = subject.substr(0, subject.find('\n'));
  for (std::size_t i = 0; i < line.size(); i++) {
    char c = line[i];
    if (is_alnum(c) || c == '.' || c == '_') {
      if (space == 1) out += '-';
      space = 0;
      out += c;
      if (c == '.')
        while (i + 1 < line.size() && line[i + 1] == '.') i++;
    } else {
      space |= 1;
    }
  }
  while (!out.empty() && (out.back() == '.' || out.back() == '-')) out.pop_back();
  return out;
}

bool needs_rfc2047(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); i++) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    if (c > 127 || c == '\n') return true;
    if (c == '=' && i + 1 < text.size() && text[i + 1] == '?') return true;
  }
  return false;
}

void append_rfc2047(std::string& out, std::string_view text, std::string_view encoding, bool is_address) {
  constexpr std::size_t kMax = 76;
  auto special = [&](unsigned char c) {
    if (c > 127 || c < 33 || c == '=' || c == '?' || c == '_' || c == ' ' || c == 127) return true;
    if (!is_address) return false;
    return !(is_alnum(static_cast<char>(c)) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/');
  };
  std::size_t line = out.size() - (out.rfind('\n') == std::string::npos ? 0 : out.rfind('\n') + 1);
  std::string opening = "=?" + std::string(encoding) + "?q?";
  out += opening;
  line += opening.size();
  while (!text.empty()) {
    std::string_view rest = text;
    std::size_t n = 1;
    if (static_cast<unsigned char>(text[0]) > 127) {
      std::int32_t ch = utf8_next(rest);
      n = ch < 0 ? 1 : text.size() - rest.size();
    }
    std::size_t cost = 0;
    bool quoted = n > 1 || special(static_cast<unsigned char>(text[0]));
    cost = quoted ? 3 * n : 1;
    if (line + cost + 2 > kMax) {
      out += "?=\n " + opening;
      line = opening.size() + 1;
    }
    for (std::size_t i = 0; i < n; i++) {
      if (quoted)
        out += strf("=%02X", static_cast<unsigned char>(text[i]));
      else
        out += text[i];
    }
    line += cost;
    text.remove_prefix(n);
  }
  out += "?=";
}

}  // namespace git
