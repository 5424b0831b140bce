// The removed and added lines of a hunk are cut into words, one to a line, and compared as if they were texts; what
// was found is shown in the new text, with the removed words in between.
#include "base/error.h"
#include "config.h"
#include "diff/emit.h"
#include "diff/userdiff.h"
#include "diff/xdl-emit.h"

namespace git {
namespace {

struct Style {
  std::string_view color, prefix, suffix;
};

// A text and where its words are; word 0 is an empty one at the start.
struct Words {
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> spans;
  std::string one_a_line;

  void split(const Regex* regex) {
    spans.assign(1, {0, 0});
    one_a_line.clear();
    std::size_t begin = 0, end = 0;
    while (next(regex, begin, end)) {
      spans.emplace_back(begin, end);
      one_a_line.append(text, begin, end - begin).append("\n");
      begin = end;
    }
  }
  bool next(const Regex* regex, std::size_t& begin, std::size_t& end) const {
    if (!regex) {
      while (begin < text.size() && is_line_space(text[begin])) begin++;
      if (begin >= text.size()) return false;
      end = begin + 1;
      while (end < text.size() && !is_line_space(text[end])) end++;
      return true;
    }
    while (begin < text.size()) {
      std::vector<Regex::Match> match(1);
      if (!regex->search(std::string_view(text).substr(begin), match)) return false;
      const std::size_t from = begin + static_cast<std::size_t>(match[0].start);
      const std::size_t to = begin + static_cast<std::size_t>(match[0].end);
      const std::size_t newline = std::string_view(text).substr(0, to).find('\n', from);
      end = newline == std::string::npos ? to : newline;
      begin = from;
      if (begin != end) return true;
      begin++;
    }
    return false;
  }
};

}  // namespace

struct WordDiffer::State : HunkSink {
  State(DiffOptions& o, PatchWriter& w) : options(o), writer(w) {}

  DiffOptions& options;
  PatchWriter& writer;
  std::unique_ptr<Regex> regex;
  Words minus, plus;
  std::size_t shown = 0;  // of the new text
  long last_minus = 0;
  Style old_style, new_style, context_style;
  std::string_view newline = "\n";

  void show();
  void write(const Style& style, std::string_view text);
  void prefix_if_at_line_start() {
    if ((last_minus == 0 && shown == 0) || (shown > 0 && plus.text[shown - 1] == '\n')) writer.raw(options.full_line_prefix());
  }
  void hunk(long old_begin, long old_count, long new_begin, long new_count, std::string_view) override;
  void line(char, std::string_view) override {}
};

void WordDiffer::State::write(const Style& style, std::string_view text) {
  bool prefix = false;
  while (!text.empty()) {
    const std::size_t at = text.find('\n');
    std::string out;
    if (prefix) out += options.full_line_prefix();
    if (at != 0) {
      out.append(style.color).append(style.prefix).append(text.substr(0, at)).append(style.suffix);
      if (!style.color.empty()) out += "\033[m";
    }
    if (at == std::string_view::npos) {
      writer.raw(out);
      return;
    }
    out += newline;
    writer.raw(out);
    text.remove_prefix(at + 1);
    prefix = true;
  }
}

void WordDiffer::State::hunk(long old_begin, long old_count, long new_begin, long new_count, std::string_view) {
  auto range = [](const Words& words, long first, long count) -> std::pair<std::size_t, std::size_t> {
    if (!count) {
      const std::size_t end = words.spans[static_cast<std::size_t>(first - 1)].second;
      return {end, end};
    }
    return {words.spans[static_cast<std::size_t>(first)].first, words.spans[static_cast<std::size_t>(first + count - 1)].second};
  };
  const auto removed = range(minus, old_begin, old_count), added = range(plus, new_begin, new_count);
  prefix_if_at_line_start();
  auto piece = [](const std::string& text, std::size_t from, std::size_t to) {
    return std::string_view(text).substr(from, to - from);
  };
  if (shown != added.first) write(context_style, piece(plus.text, shown, added.first));
  if (removed.first != removed.second) write(old_style, piece(minus.text, removed.first, removed.second));
  if (added.first != added.second) write(new_style, piece(plus.text, added.first, added.second));
  shown = added.second;
  last_minus = old_count ? old_begin : old_begin - 1;
}

void WordDiffer::State::show() {
  if (minus.text.empty() && plus.text.empty()) return;
  if (plus.text.empty()) {
    writer.raw(options.full_line_prefix());
    write(old_style, minus.text);
    minus.text.clear();
    return;
  }
  shown = 0;
  last_minus = 0;
  minus.split(regex.get());
  plus.split(regex.get());
  std::string_view before = minus.one_a_line, after = plus.one_a_line;
  trim_common_tail(before, after);
  LineDiff diff = compare_lines(before, after, {});
  HunkConfig config;
  config.context = 0;
  config.with_function_names = false;
  emit_hunks(diff, config, *this);
  if (shown != plus.text.size()) {
    prefix_if_at_line_start();
    write(context_style, std::string_view(plus.text).substr(shown));
  }
  minus.text.clear();
  plus.text.clear();
}

WordDiffer::WordDiffer(DiffOptions& options, DiffFilespec& one, DiffFilespec& two, PatchWriter& writer)
    : state_(std::make_unique<State>(options, writer)) {
  std::string pattern = options.word_regex.value_or("");
  if (pattern.empty()) pattern = driver_of(options, one).word_regex;
  if (pattern.empty()) pattern = driver_of(options, two).word_regex;
  if (pattern.empty() && options.config) pattern = options.config->get_string_or("diff.wordregex", "");
  if (!pattern.empty()) {
    auto regex = Regex::compile(pattern, Regex::kExtended | Regex::kNewline);
    if (!regex) die("invalid regular expression: %s", pattern);
    state_->regex = std::make_unique<Regex>(std::move(*regex));
  }
  State& s = *state_;
  if (options.word_diff == WordDiff::porcelain) {
    s.new_style = {"", "+", "\n"};
    s.old_style = {"", "-", "\n"};
    s.context_style = {"", " ", "\n"};
    s.newline = "~\n";
  } else if (options.word_diff == WordDiff::plain) {
    s.new_style = {"", "{+", "+}"};
    s.old_style = {"", "[-", "-]"};
  }
  s.new_style.color = options.color(DiffColor::new_line);
  s.old_style.color = options.color(DiffColor::old_line);
  s.context_style.color = options.color(DiffColor::context);
}
WordDiffer::~WordDiffer() = default;

void WordDiffer::line(char kind, std::string_view bytes) {
  std::string text(bytes);
  if (text.empty() || text.back() != '\n') text += '\n';
  if (kind == '-') {
    state_->minus.text += text;
    return;
  }
  if (kind == '+') {
    state_->plus.text += text;
    return;
  }
  flush();
  const std::string_view color = state_->options.color(DiffColor::context), reset = state_->options.color(DiffColor::reset);
  text.pop_back();
  const bool has_cr = !text.empty() && text.back() == '\r';
  if (has_cr) text.pop_back();
  const std::string_view end = has_cr ? "\r\n" : "\n";
  const bool porcelain = state_->options.word_diff == WordDiff::porcelain;
  std::string out = state_->options.full_line_prefix();
  if (porcelain) text.insert(0, 1, ' ');
  if (!text.empty()) out.append(color).append(text).append(reset);
  out += end;
  if (porcelain) out += "~\n";
  state_->writer.raw(out);
}

void WordDiffer::flush() { state_->show(); }

}  // namespace git
