// Quotes group, a backslash outside of single quotes takes the next character as it is; nothing is expanded.
#include "base/command-line.h"

#include "base/strings.h"

namespace git {

Result<std::vector<std::string>> parse_command_line(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (!quote && is_space(c)) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (!quote && (c == '\'' || c == '"')) {
      quote = c;
      in_word = true;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'') {
      if (++i >= text.size()) return make_error(ErrorKind::invalid, "cmdline ends with \\");
      word += text[i];
      in_word = true;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote) return make_error(ErrorKind::invalid, "unclosed quote");
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace git
