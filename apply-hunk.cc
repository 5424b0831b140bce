// A hunk is looked for at its line and then ever further away in both directions; where it is not found its context shrinks,
// as far as that is allowed.
#include <algorithm>

#include "apply-internal.h"
#include "base/strings.h"
#include "diff/ws.h"
#include "diff/xdiff.h"

namespace git {
namespace {

std::uint32_t hash_line(std::string_view text) {
  std::uint32_t h = 0;
  for (char c : text)
    if (!is_line_space(c)) h = h * 3 + static_cast<unsigned char>(c);
  return h;
}

// Equal but for the amount of white space.
bool is_fuzzy_match(std::string_view a, std::string_view b) {
  while (!a.empty() && (a.back() == '\r' || a.back() == '\n')) a.remove_suffix(1);
  while (!b.empty() && (b.back() == '\r' || b.back() == '\n')) b.remove_suffix(1);
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_line_space(a[i])) {
      if (!is_line_space(b[j])) return false;
      while (i < a.size() && is_line_space(a[i])) i++;
      while (j < b.size() && is_line_space(b[j])) j++;
    } else if (a[i++] != b[j++]) {
      return false;
    }
  }
  while (i < a.size() && is_line_space(a[i])) i++;
  while (j < b.size() && is_line_space(b[j])) j++;
  return i == a.size() && j == b.size();
}

class Hunk {
 public:
  Hunk(Image& image, const PatchFragment& fragment, HunkContext& context)
      : image_(image), fragment_(fragment), context_(context) {}

  HunkOutcome run(int number, bool inaccurate_eof) {
    HunkOutcome outcome;
    if (!read_lines(outcome)) {
      outcome.is_broken = true;
      return outcome;
    }
    if (inaccurate_eof && ends_in_newline(before_) && ends_in_newline(after_)) {
      before_.lines.back().text.pop_back();
      after_.lines.back().text.pop_back();
    }
    unsigned long leading = fragment_.leading, trailing = fragment_.trailing;
    const ApplyOptions& o = context_.options;
    bool match_beginning = !fragment_.old_pos || (fragment_.old_pos == 1 && !o.unidiff_zero);
    bool match_end = !o.unidiff_zero && !trailing;
    long pos = fragment_.new_pos ? static_cast<long>(fragment_.new_pos) - 1 : 0;
    long applied = -1;
    const Image whole_before = before_;
    for (;;) {
      applied = find(pos, match_beginning, match_end);
      if (applied >= 0) break;
      if (leading <= o.p_context && trailing <= o.p_context) break;
      if (match_beginning || match_end) {
        match_beginning = match_end = false;
        continue;
      }
      if (leading >= trailing) {
        before_.lines.erase(before_.lines.begin());
        after_.lines.erase(after_.lines.begin());
        pos--;
        leading--;
      }
      if (trailing > leading) {
        before_.lines.pop_back();
        after_.lines.pop_back();
        trailing--;
      }
    }
    if (applied < 0) {
      if (o.verbosity > ApplyVerbosity::normal) outcome.notes.push_back("error: while searching for:\n" + whole_before.text());
      return outcome;
    }
    if (new_blank_lines_ && before_.lines.size() + static_cast<std::size_t>(applied) >= image_.lines.size() &&
        (context_.ws_rule & kWsBlankAtEof) && context_.ws_action != WsAction::nowarn) {
      outcome.blank_at_eof_line = first_new_blank_;
      if (context_.ws_action == WsAction::correct)
        while (new_blank_lines_--) after_.lines.pop_back();
    }
    if (o.verbosity > ApplyVerbosity::normal && applied != pos) {
      long offset = applied - pos;
      if (o.apply_in_reverse) offset = -offset;
      outcome.notes.push_back(strf(Q_("Hunk #%d succeeded at %d (offset %d line).", "Hunk #%d succeeded at %d (offset %d lines).",
                                      static_cast<std::uint64_t>(offset)),
                                   number, applied + 1, offset));
    }
    if ((leading != fragment_.leading || trailing != fragment_.trailing) && o.verbosity > ApplyVerbosity::silent)
      outcome.notes.push_back(strf("Context reduced to (%d/%d) to apply fragment at %d", leading, trailing, applied + 1));
    update(applied);
    outcome.applied = true;
    return outcome;
  }

 private:
  static bool ends_in_newline(const Image& image) { return !image.lines.empty() && ends_with(image.lines.back().text, "\n"); }

  bool read_lines(HunkOutcome& outcome) {
    std::string_view rest = fragment_.text;
    const std::size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) return false;
    rest.remove_prefix(newline + 1);
    int line_number = fragment_.line_number;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
      rest.remove_prefix(line.size());
      line_number++;
      std::string_view content = line.substr(1);
      // "\ No newline at end of file" comes next.
      if (!rest.empty() && rest[0] == '\\' && ends_with(line, "\n")) content.remove_suffix(content.empty() ? 0 : 1);
      char first = line[0];
      if (context_.options.apply_in_reverse) first = first == '-' ? '+' : first == '+' ? '-' : first;
      bool added_blank = false, blank_context = false;
      switch (first) {
        case '\n':
          before_.add("\n", true);
          after_.add("\n", true);
          blank_context = true;
          break;
        case ' ':
          if (!content.empty() && (context_.ws_rule & kWsBlankAtEof) && ws_blank_line(content)) blank_context = true;
          before_.add(std::string(content), true);
          after_.add(std::string(content), true);
          break;
        case '-':
          if (!content.empty() && (context_.ws_rule & kWsBlankAtEof) && ws_blank_line(content)) blank_context = true;
          before_.add(std::string(content), false);
          break;
        case '+':
          if (context_.options.no_add) break;
          if (context_.ws_action == WsAction::correct) {
            std::string fixed;
            ws_fix_copy(fixed, content, context_.ws_rule, &outcome.fixed_lines);
            after_.add(std::move(fixed), false);
          } else {
            after_.add(std::string(content), false);
          }
          added_blank = (context_.ws_rule & kWsBlankAtEof) && ws_blank_line(content);
          break;
        case '\\':
          continue;
        default:
          return false;
      }
      if (added_blank) {
        if (!new_blank_lines_) first_new_blank_ = line_number;
        new_blank_lines_++;
      } else if (!blank_context) {
        new_blank_lines_ = 0;
      }
    }
    return true;
  }

  long find(long line, bool match_beginning, bool match_end) {
    const long size = static_cast<long>(image_.lines.size()), wanted = static_cast<long>(before_.lines.size());
    if (context_.options.allow_overlap && match_beginning && match_end && size != wanted) match_beginning = false;
    if (match_beginning)
      line = 0;
    else if (match_end)
      line = size - wanted;
    if (line < 0 || line > size) line = size;
    long current = line, backwards = line, forwards = line;
    for (int i = 0;; i++) {
      if (matches(current, match_beginning, match_end)) return current;
      for (;; i++) {
        if (backwards == 0 && forwards == size) return -1;
        if (i & 1) {
          if (backwards == 0) continue;
          current = --backwards;
        } else {
          if (forwards == size) continue;
          current = ++forwards;
        }
        break;
      }
    }
  }

  bool matches(long at, bool match_beginning, bool match_end) {
    const std::size_t size = image_.lines.size(), wanted = before_.lines.size(), start = static_cast<std::size_t>(at);
    std::size_t limit = wanted;
    if (start + wanted <= size) {
      if (match_end && start + wanted != size) return false;
    } else if (context_.ws_action == WsAction::correct && (context_.ws_rule & kWsBlankAtEof)) {
      limit = size - start;
    } else {
      return false;
    }
    if (match_beginning && at) return false;
    for (std::size_t i = 0; i < limit; i++)
      if (image_.lines[start + i].is_patched || image_.lines[start + i].hash != before_.lines[i].hash) return false;
    if (limit == wanted) {
      bool same = true;
      for (std::size_t i = 0; i < wanted && same; i++) same = image_.lines[start + i].text == before_.lines[i].text;
      if (same) return true;
    } else {
      bool has_content = false;
      for (std::size_t i = 0; i < limit; i++) has_content = has_content || !ws_blank_line(before_.lines[i].text);
      if (!has_content) return false;
    }
    if (context_.options.ignore_space_change) return fuzzy(start, limit);
    if (context_.ws_action != WsAction::correct) return false;
    return corrected(start, limit);
  }

  bool fuzzy(std::size_t start, std::size_t limit) {
    for (std::size_t i = 0; i < limit; i++)
      if (!is_fuzzy_match(image_.lines[start + i].text, before_.lines[i].text)) return false;
    for (std::size_t i = limit; i < before_.lines.size(); i++)
      if (!ws_blank_line(before_.lines[i].text)) return false;
    // Context keeps the white space it has in the file.
    std::vector<std::string> actual;
    for (std::size_t i = 0; i < limit; i++) actual.push_back(image_.lines[start + i].text);
    adopt(actual);
    return true;
  }

  bool corrected(std::size_t start, std::size_t limit) {
    std::vector<std::string> fixed;
    for (std::size_t i = 0; i < before_.lines.size(); i++) {
      std::string text;
      ws_fix_copy(text, before_.lines[i].text, context_.ws_rule, nullptr);
      if (i < limit) {
        std::string target;
        ws_fix_copy(target, image_.lines[start + i].text, context_.ws_rule, nullptr);
        if (text != target) return false;
      } else if (!ws_blank_line(text)) {
        return false;
      }
      fixed.push_back(std::move(text));
    }
    adopt(fixed);
    return true;
  }

  // Gives the hunk's context the given texts on both sides.
  void adopt(const std::vector<std::string>& texts) {
    std::size_t j = 0;
    for (std::size_t i = 0; i < before_.lines.size(); i++) {
      ImageLine& line = before_.lines[i];
      const bool common = line.is_common;
      if (i < texts.size()) {
        line.text = texts[i];
        line.hash = hash_line(line.text);
      }
      if (!common) continue;
      while (j < after_.lines.size() && !after_.lines[j].is_common) j++;
      if (j < after_.lines.size() && i < texts.size()) {
        after_.lines[j].text = texts[i];
        after_.lines[j].hash = line.hash;
      }
      j++;
    }
  }

  void update(long applied) {
    const std::size_t start = static_cast<std::size_t>(applied);
    const std::size_t gone = std::min(before_.lines.size(), image_.lines.size() - start);
    auto begin = image_.lines.begin() + static_cast<std::ptrdiff_t>(start);
    begin = image_.lines.erase(begin, begin + static_cast<std::ptrdiff_t>(gone));
    for (ImageLine& line : after_.lines) line.is_patched = !context_.options.allow_overlap;
    image_.lines.insert(begin, after_.lines.begin(), after_.lines.end());
  }

  Image& image_;
  const PatchFragment& fragment_;
  HunkContext& context_;
  Image before_, after_;
  int new_blank_lines_ = 0, first_new_blank_ = 0;
};

}  // namespace

void Image::add(std::string text, bool is_common) {
  ImageLine line;
  line.hash = hash_line(text);
  line.text = std::move(text);
  line.is_common = is_common;
  lines.push_back(std::move(line));
}
Image Image::of(std::string_view text) {
  Image image;
  for (std::string_view line : text_lines(text)) image.add(std::string(line), false);
  return image;
}
std::string Image::text() const {
  std::string all;
  for (const ImageLine& line : lines) all += line.text;
  return all;
}

HunkOutcome apply_fragment(Image& image, const PatchFragment& fragment, HunkContext& context, int number, bool inaccurate_eof) {
  return Hunk(image, fragment, context).run(number, inaccurate_eof);
}

}  // namespace git
