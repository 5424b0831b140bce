// Colours go around each line separately, newline outside, so that pagers can cut between lines.
#include "diff/emit.h"

#include "base/strings.h"
#include "config/color.h"
#include "diff/ws.h"
#include "diff/xdiff.h"

namespace git {
namespace {

constexpr std::string_view kReverse = "\033[7m";

DiffColor color_of(char kind, unsigned moved) {
  const bool is_old = kind == '-';
  if (kind == ' ') return DiffColor::context;
  if (!(moved & kMovedLine)) return is_old ? DiffColor::old_line : DiffColor::new_line;
  const bool alternative = moved & kMovedAlternative;
  if (moved & kMovedUninteresting) {
    if (is_old) return alternative ? DiffColor::old_moved_alternative_dim : DiffColor::old_moved_dim;
    return alternative ? DiffColor::new_moved_alternative_dim : DiffColor::new_moved_dim;
  }
  if (is_old) return alternative ? DiffColor::old_moved_alternative : DiffColor::old_moved;
  return alternative ? DiffColor::new_moved_alternative : DiffColor::new_moved;
}

}  // namespace

void PatchWriter::put(Symbol symbol) {
  if (is_buffering_)
    symbols_.push_back(std::move(symbol));
  else
    show(symbol);
}

void PatchWriter::text(std::string_view lines) { put({'t', std::string(lines)}); }
void PatchWriter::raw(std::string_view bytes) { put({'r', std::string(bytes)}); }
void PatchWriter::hunk_header(std::string_view header) { put({'@', std::string(header)}); }
void PatchWriter::line(char kind, std::string_view bytes, unsigned rule, bool is_blank_at_eof) {
  put({kind, std::string(bytes), rule, is_blank_at_eof});
}
void PatchWriter::no_newline() { put({'\\', {}}); }
void PatchWriter::header_minus_plus(std::string_view old_label, std::string_view new_label) {
  const std::string_view meta = options_.color(DiffColor::meta), reset = options_.color(DiffColor::reset);
  auto one = [&](std::string_view sign, std::string_view label) {
    return strf("%s%s%s%s%s\n", meta, sign, label, reset, label.find(' ') != std::string_view::npos ? "\t" : "");
  };
  text(one("--- ", old_label) + one("+++ ", new_label));
}

void PatchWriter::flush() {
  if (!is_buffering_) return;
  MovedLines::mark(options_, symbols_);
  for (const Symbol& symbol : symbols_) show(symbol);
  symbols_.clear();
}

void PatchWriter::show(const Symbol& symbol) {
  switch (symbol.kind) {
    case 't':
      for (std::string_view line : text_lines(symbol.bytes)) {
        options_.emit(options_.full_line_prefix());
        options_.emit(line);
      }
      break;
    case 'r':
      options_.emit(symbol.bytes);
      break;
    case '@':
      show_hunk_header(symbol.bytes);
      break;
    case '\\':
      show_line(options_.color(DiffColor::context), {}, false, 0, "\\ No newline at end of file\n");
      break;
    default:
      if (symbol.kind == ' ' && options_.suppress_blank_empty && symbol.bytes == "\n")
        show_line(options_.color(DiffColor::context), {}, false, 0, symbol.bytes);
      else
        show_patch_line(symbol);
  }
}

void PatchWriter::show_hunk_header(std::string_view header) {
  const std::string_view frag = options_.color(DiffColor::frag), reset = options_.color(DiffColor::reset);
  std::size_t end = header.find(" @@");
  end = end == std::string_view::npos ? header.size() : end + 3;
  std::string text;
  if (options_.dual_color_diffed_diffs && options_.use_color == 1) text += kReverse;
  text.append(frag).append(header.substr(0, end)).append(reset);
  if (options_.suppress_hunk_header_line_count) {
    text.clear();
    if (options_.dual_color_diffed_diffs && options_.use_color == 1) text += kReverse;
    text.append(frag).append("@@").append(reset);
  }
  std::string_view rest = header.substr(end);
  while (!rest.empty() && (rest.back() == '\r' || rest.back() == '\n')) rest.remove_suffix(1);
  std::size_t blanks = 0;
  while (blanks < rest.size() && (rest[blanks] == ' ' || rest[blanks] == '\t')) blanks++;
  if (blanks) text.append(options_.color(DiffColor::context)).append(rest.substr(0, blanks)).append(reset);
  if (blanks < rest.size()) text.append(options_.color(DiffColor::func)).append(rest.substr(blanks)).append(reset);
  options_.emit(options_.full_line_prefix());
  options_.emit(text);
  options_.emit("\n");
}

void PatchWriter::show_line(std::string_view set_sign, std::string_view set, bool reverse, char first, std::string_view bytes) {
  const std::string_view reset = options_.color(DiffColor::reset);
  options_.emit(options_.full_line_prefix());
  const bool has_newline = !bytes.empty() && bytes.back() == '\n';
  if (has_newline) bytes.remove_suffix(1);
  const bool has_cr = !bytes.empty() && bytes.back() == '\r';
  if (has_cr) bytes.remove_suffix(1);
  std::string text;
  if (first || !bytes.empty()) {
    if (reverse && options_.use_color == 1) text += kReverse;
    text += set_sign;
    if (first) text += first;
    if (!bytes.empty()) {
      if (!set.empty()) {
        if (!set_sign.empty() && set != set_sign) text += reset;
        text += set;
      }
      text += bytes;
    }
    text += reset;
  }
  if (has_cr) text += '\r';
  if (has_newline) text += '\n';
  options_.emit(text);
}

void PatchWriter::show_patch_line(const Symbol& symbol) {
  const bool is_new = symbol.kind == '+', is_old = symbol.kind == '-';
  const char sign = options_.output_indicators[is_new ? 0 : is_old ? 1 : 2];
  std::string_view set = options_.color(color_of(symbol.kind, symbol.moved));
  std::string_view set_sign;
  if (options_.dual_color_diffed_diffs) {
    // A line of a patch that is itself a line of a patch (range-diff): the outer sign is shown in reverse.
    const char inner = symbol.bytes.empty() ? '\0' : symbol.bytes[0];
    set_sign = set;
    if (symbol.kind == ' ') {
      set_sign = {};
      if (inner == '+')
        set = options_.color(DiffColor::new_line);
      else if (inner == '@')
        set = options_.color(DiffColor::frag);
      else if (inner == '-')
        set = options_.color(DiffColor::old_line);
    } else if (inner == '-') {
      set = options_.color(is_new ? DiffColor::old_bold : DiffColor::old_dim);
    } else if (inner == '@') {
      set = options_.color(DiffColor::frag);
    } else if (inner == '+') {
      set = options_.color(is_new ? DiffColor::new_bold : DiffColor::new_dim);
    } else if (is_new ? inner != '+' : inner != '\0' || symbol.bytes.empty()) {
      set = options_.color(is_new ? DiffColor::context_bold : DiffColor::context_dim);
    }
  }
  const unsigned wanted = is_new ? kWsNew : is_old ? kWsOld : kWsContext;
  std::string_view ws;
  if (options_.ws_error_highlight & wanted) ws = options_.color(DiffColor::whitespace);
  if (ws.empty()) {
    if (set_sign.empty())
      show_line(set, {}, false, sign, symbol.bytes);
    else
      show_line(set_sign, set, true, sign, symbol.bytes);
  } else if (symbol.is_blank_at_eof) {
    show_line(ws, {}, false, sign, symbol.bytes);
  } else {
    show_line(set_sign.empty() ? set : set_sign, {}, !set_sign.empty(), sign, {});
    ws_check_emit(
        symbol.bytes, symbol.rule, [&](std::string_view part) { options_.emit(part); }, set, options_.color(DiffColor::reset),
        ws);
  }
}

}  // namespace git
