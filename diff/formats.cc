// The formats that say one thing about each pair: raw, name-status, name-only, summary, check.
#include <algorithm>

#include "base/quote.h"
#include "base/strings.h"
#include "diff/emit.h"
#include "diff/ws.h"
#include "diff/xdl-emit.h"
#include "index/attr.h"
#include "index/convert.h"
#include "repository.h"

namespace git {
namespace {

int similarity(const DiffPair& pair) { return pair.score * 100 / kMaxScore; }

std::string name_with_end(const DiffOptions& options, std::string_view name, char end) {
  std::string text = end ? quote_c_style(name, options.quote_path) : std::string(name);
  // With -z names end in NUL and are never quoted; between two names of a line there is a tab, and they are quoted.
  text += end;
  return text;
}

void emit_status(DiffOptions& options, const DiffPair& pair, std::string head) {
  const char end = options.line_termination;
  const char between = end ? '\t' : '\0';
  head += pair.status;
  if (pair.score) head += strf("%03d", similarity(pair));
  head += between;
  if (pair.status == 'C' || pair.status == 'R') {
    head += name_with_end(options, strip_relative(options, pair.one->path), between);
    head += name_with_end(options, strip_relative(options, pair.two->path), end);
  } else {
    const DiffFilespec& named = pair.one->mode ? *pair.one : *pair.two;
    head += name_with_end(options, strip_relative(options, named.path), end);
  }
  options.emit(head);
}

void emit_mode_change(DiffOptions& options, const DiffPair& pair, bool show_name) {
  if (!pair.one->mode || !pair.two->mode || pair.one->mode == pair.two->mode) return;
  std::string text = options.full_line_prefix() + strf(" mode change %06o => %06o", pair.one->mode, pair.two->mode);
  if (show_name) text += " " + quote_c_style(strip_relative(options, pair.two->path), options.quote_path);
  options.emit(text + "\n");
}

bool is_conflict_marker(std::string_view line, std::size_t size) {
  if (line.size() < size + 1 || std::string_view("=><|").find(line[0]) == std::string_view::npos) return false;
  for (std::size_t i = 1; i < size; i++)
    if (line[i] != line[0]) return false;
  return is_line_space(line[size]);
}

std::size_t marker_size(DiffOptions& options, const std::string& path) {
  if (!options.repo || options.no_index) return 7;
  AttrValue value = options.converter().attribute_reader().get(path, "conflict-marker-size");
  if (!value.has_value()) return 7;
  auto n = parse_uint(value.value);
  return n && *n > 0 && *n < 10000 ? static_cast<std::size_t>(*n) : 7;
}

class Checker : public HunkSink {
 public:
  Checker(DiffOptions& options, std::string name, unsigned rule, std::size_t marker)
      : options_(options), name_(std::move(name)), rule_(rule), marker_(marker) {}
  void hunk(long, long, long new_begin, long, std::string_view) override { at_ = new_begin - 1; }
  void line(char kind, std::string_view bytes) override {
    if (kind == '-') return;
    at_++;
    if (kind == ' ') return;
    if (is_conflict_marker(bytes, marker_)) {
      failed = true;
      options_.emit(options_.full_line_prefix() + strf("%s:%d: leftover conflict marker\n", name_, at_));
    }
    const unsigned errors = ws_check(bytes, rule_);
    if (!errors) return;
    failed = true;
    options_.emit(options_.full_line_prefix() + strf("%s:%d: %s.\n", name_, at_, whitespace_error_string(errors)));
    const std::string_view set = options_.color(DiffColor::new_line), reset = options_.color(DiffColor::reset);
    options_.emit(options_.full_line_prefix());
    options_.emit(std::string(set) + "+" + std::string(reset));
    std::string text(bytes);
    ws_check_emit(
        text, rule_, [&](std::string_view part) { options_.emit(part); }, set, reset, options_.color(DiffColor::whitespace));
    if (!ends_with(bytes, "\n")) options_.emit("\n");
  }
  bool failed = false;

 private:
  DiffOptions& options_;
  std::string name_;
  unsigned rule_;
  std::size_t marker_;
  long at_ = 0;
};

long trailing_blank(const std::vector<std::string_view>& lines) {
  long n = 0;
  while (n < static_cast<long>(lines.size()) && ws_blank_line(lines[lines.size() - 1 - static_cast<std::size_t>(n)])) n++;
  return n;
}

}  // namespace

std::string_view strip_relative(const DiffOptions& options, std::string_view name) {
  if (!options.relative_prefix.empty() && starts_with(name, options.relative_prefix)) {
    name.remove_prefix(options.relative_prefix.size());
    if (starts_with(name, "/")) name.remove_prefix(1);
  }
  return name;
}

void emit_raw(DiffOptions& options, const DiffPair& pair) {
  auto name = [&](const DiffFilespec& spec) {
    ObjectId oid = spec.oid;
    return abbreviate(options, oid, options.abbrev);
  };
  emit_status(
      options, pair,
      options.full_line_prefix() + strf(":%06o %06o %s %s ", pair.one->mode, pair.two->mode, name(*pair.one), name(*pair.two)));
}
void emit_name_status(DiffOptions& options, const DiffPair& pair) { emit_status(options, pair, options.full_line_prefix()); }
void emit_name(DiffOptions& options, const DiffPair& pair) {
  options.emit(options.full_line_prefix() +
               name_with_end(options, strip_relative(options, pair.two->path), options.line_termination));
}

std::string rename_name(std::string_view a, std::string_view b, bool quote_high) {
  if (needs_c_quoting(a, quote_high) || needs_c_quoting(b, quote_high))
    return quote_c_style(a, quote_high) + " => " + quote_c_style(b, quote_high);
  std::size_t prefix = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size() && a[i] == b[i]; i++)
    if (a[i] == '/') prefix = i + 1;
  const std::size_t stop = prefix ? prefix - 1 : 0;
  std::size_t suffix = 0;
  for (std::size_t back = 1; a.size() >= stop + back && b.size() >= stop + back; back++) {
    if (a[a.size() - back] != b[b.size() - back]) break;
    if (a[a.size() - back] == '/') suffix = back;
  }
  auto middle = [&](std::string_view s) {
    return s.size() > prefix + suffix ? s.substr(prefix, s.size() - prefix - suffix) : std::string_view();
  };
  std::string text;
  const bool braces = prefix + suffix > 0;
  if (braces) text.append(a.substr(0, prefix)).append("{");
  text.append(middle(a)).append(" => ").append(middle(b));
  if (braces) text.append("}").append(a.substr(a.size() - suffix));
  return text;
}

bool is_summary_empty(const DiffOptions& options) {
  return std::none_of(options.queue.begin(), options.queue.end(), [](const PairPtr& pair) {
    switch (pair->status) {
      case 'A':
      case 'D':
      case 'C':
      case 'R':
        return true;
      default:
        return pair->score || (pair->one->mode && pair->two->mode && pair->one->mode != pair->two->mode);
    }
  });
}

void emit_summary(DiffOptions& options, const DiffPair& pair) {
  auto with_mode = [&](const char* verb, const DiffFilespec& spec) {
    std::string mode = spec.mode ? strf(" mode %06o", spec.mode) : "";
    options.emit(options.full_line_prefix() +
                 strf(" %s%s %s\n", verb, mode, quote_c_style(strip_relative(options, spec.path), options.quote_path)));
  };
  auto renamed = [&](const char* verb) {
    options.emit(options.full_line_prefix() + strf(" %s %s (%d%%)\n", verb,
                                                   rename_name(strip_relative(options, pair.one->path),
                                                               strip_relative(options, pair.two->path), options.quote_path),
                                                   similarity(pair)));
    emit_mode_change(options, pair, false);
  };
  switch (pair.status) {
    case 'D':
      return with_mode("delete", *pair.one);
    case 'A':
      return with_mode("create", *pair.two);
    case 'C':
      return renamed("copy");
    case 'R':
      return renamed("rename");
    default:
      break;
  }
  if (pair.score)
    options.emit(options.full_line_prefix() + strf(" rewrite %s (%d%%)\n",
                                                   quote_c_style(strip_relative(options, pair.two->path), options.quote_path),
                                                   similarity(pair)));
  emit_mode_change(options, pair, !pair.score);
}

void emit_check(DiffOptions& options, DiffPair& pair) {
  if (pair.is_unmerged || !pair.two->is_valid() || is_tree_mode(pair.two->mode) || is_binary_spec(options, *pair.two)) return;
  const std::string &before = load(options, *pair.one), &after = load(options, *pair.two);
  const std::string name(strip_relative(options, pair.two->path));
  const unsigned rule = whitespace_rule(options, pair.two->path);
  Checker checker(options, name, rule, marker_size(options, pair.two->path));
  XdiffParams params;
  LineDiff diff = compare_lines(before, after, params);
  HunkConfig config;
  config.context = 1;
  emit_hunks(diff, config, checker);
  if (rule & kWsBlankAtEof) {
    const long old_blank = trailing_blank(diff.old_lines), new_blank = trailing_blank(diff.new_lines);
    if (new_blank > old_blank) {
      const long at = static_cast<long>(diff.new_lines.size()) - new_blank + 1;
      options.emit(options.full_line_prefix() + strf("%s:%d: %s.\n", name, at, whitespace_error_string(kWsBlankAtEof)));
      checker.failed = true;
    }
  }
  if (checker.failed) options.check_failed = true;
}

}  // namespace git
