// Shell words are closed and reopened around ' and !, the two that can't stand inside single quotes everywhere.
#include "base/quote.h"

#include "base/files.h"
#include "base/strings.h"

namespace git {

std::string sq_quote(std::string_view s) {
  std::string quoted = "'";
  for (char c : s) {
    if (c == '\'' || c == '!') {
      quoted += "'\\";
      quoted += c;
      quoted += '\'';
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}
std::string sq_quote_pretty(std::string_view s) {
  if (s.empty()) return "''";
  for (char c : s)
    if (!is_alnum(c) && std::string_view("+,-./:=@_^").find(c) == std::string_view::npos) return sq_quote(s);
  return std::string(s);
}
std::string sq_quote_argv(const std::vector<std::string>& argv) {
  std::string all;
  for (const std::string& arg : argv) all += " " + sq_quote(arg);
  return all;
}
std::string sq_quote_argv_pretty(const std::vector<std::string>& argv) {
  std::string all;
  for (const std::string& arg : argv) all += " " + sq_quote_pretty(arg);
  return all;
}

std::optional<std::string> sq_dequote_step(std::string_view& s) {
  std::string_view rest = s;
  if (!skip_prefix(rest, "'")) return std::nullopt;
  std::string word;
  for (;;) {
    if (rest.empty()) return std::nullopt;
    char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\'') {
      word += c;
      continue;
    }
    // Outside the quotes: only \' or \! may follow before they open again.
    if (rest.size() >= 3 && rest[0] == '\\' && (rest[1] == '\'' || rest[1] == '!') && rest[2] == '\'') {
      word += rest[1];
      rest.remove_prefix(3);
      continue;
    }
    s = rest;
    return word;
  }
}
std::optional<std::string> sq_dequote(std::string_view s) {
  auto word = sq_dequote_step(s);
  if (!s.empty()) return std::nullopt;
  return word;
}
std::optional<std::vector<std::string>> sq_dequote_to_argv(std::string_view s) {
  std::vector<std::string> words;
  s = ltrim(s);
  while (!s.empty()) {
    auto word = sq_dequote_step(s);
    if (!word) return std::nullopt;
    words.push_back(std::move(*word));
    if (!s.empty() && !is_space(s.front())) return std::nullopt;
    s = ltrim(s);
  }
  return words;
}

namespace {

constexpr std::string_view kEscaped = "\a\b\t\n\v\f\r\"\\";
constexpr std::string_view kEscapes = "abtnvfr\"\\";

bool must_quote(char c, bool quote_high) {
  auto u = static_cast<unsigned char>(c);
  return u < 0x20 || u == 0x7f || c == '"' || c == '\\' || (quote_high && u >= 0x80);
}

}  // namespace

bool needs_c_quoting(std::string_view s, bool quote_high) {
  for (char c : s)
    if (must_quote(c, quote_high)) return true;
  return false;
}
std::string escape_c_style(std::string_view s, bool quote_high) {
  std::string text;
  for (char c : s) {
    if (!must_quote(c, quote_high)) {
      text += c;
      continue;
    }
    text += '\\';
    std::size_t at = kEscaped.find(c);
    auto u = static_cast<unsigned char>(c);
    if (at != std::string_view::npos) {
      text += kEscapes[at];
    } else {
      text += static_cast<char>('0' + (u >> 6));
      text += static_cast<char>('0' + ((u >> 3) & 7));
      text += static_cast<char>('0' + (u & 7));
    }
  }
  return text;
}
std::string quote_c_style(std::string_view s, bool quote_high) {
  if (!needs_c_quoting(s, quote_high)) return std::string(s);
  return "\"" + escape_c_style(s, quote_high) + "\"";
}
std::string quote_path(std::string_view path, std::string_view prefix, bool quote_high) {
  std::string seen = prefix.empty() ? std::string(path) : relative_path("/" + std::string(path), "/" + std::string(prefix));
  if (seen == ".") seen = "./";
  return quote_c_style(seen, quote_high);
}

std::optional<std::string> unquote_c_style(std::string_view& s) {
  std::string_view rest = s;
  if (!skip_prefix(rest, "\"")) return std::nullopt;
  std::string text;
  for (;;) {
    if (rest.empty()) return std::nullopt;
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') {
      s = rest;
      return text;
    }
    if (c != '\\') {
      text += c;
      continue;
    }
    if (rest.empty()) return std::nullopt;
    c = rest.front();
    rest.remove_prefix(1);
    std::size_t at = kEscapes.find(c);
    if (at != std::string_view::npos) {
      text += kEscaped[at];
      continue;
    }
    if (c < '0' || c > '3' || rest.size() < 2) return std::nullopt;
    if (rest[0] < '0' || rest[0] > '7' || rest[1] < '0' || rest[1] > '7') return std::nullopt;
    text += static_cast<char>(((c - '0') << 6) | ((rest[0] - '0') << 3) | (rest[1] - '0'));
    rest.remove_prefix(2);
  }
}

std::string perl_quote(std::string_view s) {
  std::string text = "'";
  for (char c : s) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}
std::string python_quote(std::string_view s) {
  std::string text = "'";
  for (char c : s) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}
std::string tcl_quote(std::string_view s) {
  std::string text = "\"";
  for (char c : s) {
    std::size_t at = std::string_view("\f\r\n\t\v").find(c);
    if (at != std::string_view::npos) {
      text += '\\';
      text += "frntv"[at];
      continue;
    }
    if (std::string_view("[]{}$\\\"").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text + "\"";
}

}  // namespace git
