// One pass; empty lines are held back until a line with text follows.
#include "base/strip-space.h"

#include "base/strings.h"

namespace git {

std::string strip_space(std::string_view text, std::string_view comment_prefix) {
  std::string out;
  bool owes_empty_line = false;
  while (auto line = next_part(text, '\n')) {
    if (!comment_prefix.empty() && starts_with(*line, comment_prefix)) continue;
    std::string_view kept = rtrim(*line);
    if (kept.empty()) {
      owes_empty_line = true;
      continue;
    }
    if (owes_empty_line && !out.empty()) out += '\n';
    owes_empty_line = false;
    out.append(kept).append("\n");
  }
  return out;
}

std::string comment_lines(std::string_view text, std::string_view comment_prefix) {
  std::string out;
  for (std::string_view line : split_lines(text)) {
    out.append(comment_prefix);
    if (!line.empty() && line[0] != '\t') out += ' ';
    out.append(line).append("\n");
  }
  return out;
}

}  // namespace git
