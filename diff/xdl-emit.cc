// Hunks are taken off the front of the change list one by one. An ignored change never opens a hunk, but is
// shown where it falls within the context of one that counts.
#include "diff/xdl-emit.h"

#include <algorithm>

#include "base/fmt.h"
#include "base/strings.h"

namespace git {
namespace {

constexpr std::size_t kMaxFunctionName = 80;

class Emitter {
 public:
  Emitter(const LineDiff& diff, const HunkConfig& config, HunkSink& sink)
      : diff_(diff),
        config_(config),
        sink_(sink),
        old_size_(static_cast<long>(diff.old_lines.size())),
        new_size_(static_cast<long>(diff.new_lines.size())) {}

  void run() {
    std::size_t at = 0;
    while (at < diff_.changes.size()) {
      const std::size_t candidate = at;
      std::size_t last;
      if (!next_hunk(at, last)) return;
      at = emit_one(candidate, at, last);
    }
  }

 private:
  const Change& change(std::size_t i) const { return diff_.changes[i]; }
  std::size_t count() const { return diff_.changes.size(); }

  // Moves `first` to the change that opens the next hunk, `last` to the one that closes it.
  bool next_hunk(std::size_t& first, std::size_t& last) const {
    const long max_common = 2 * config_.context + config_.inter_hunk;
    const long max_ignorable = config_.context;
    for (std::size_t i = first; i < count() && change(i).ignore; i++)
      if (i + 1 == count() || change(i + 1).old_start - change(i).old_end() >= max_ignorable) first = i + 1;
    if (first >= count()) return false;
    last = first;
    long ignored = 0;
    for (std::size_t i = first + 1; i < count(); i++) {
      const Change& c = change(i);
      const long distance = c.old_start - change(i - 1).old_end();
      if (distance > max_common) break;
      if (distance < max_ignorable && (!c.ignore || last == i - 1)) {
        last = i;
        ignored = 0;
      } else if (distance < max_ignorable && c.ignore) {
        ignored += c.added;
      } else if (last != i - 1 && c.old_start + ignored - change(last).old_end() > max_common) {
        break;
      } else if (!c.ignore) {
        last = i;
        ignored = 0;
      } else {
        ignored += c.added;
      }
    }
    return true;
  }

  std::optional<std::string> function_at(long line) const {
    std::string_view text = diff_.old_lines[static_cast<std::size_t>(line)];
    return config_.find_function ? config_.find_function(text) : default_func_name(text);
  }
  bool is_function_in_new(long line) const {
    std::string_view text = diff_.new_lines[static_cast<std::size_t>(line)];
    return (config_.find_function ? config_.find_function(text) : default_func_name(text)).has_value();
  }
  bool is_empty_line(long line) const {
    std::string_view text = diff_.old_lines[static_cast<std::size_t>(line)];
    return std::all_of(text.begin(), text.end(), is_line_space);
  }
  // The first line from `start` towards `limit` (exclusive) that starts a function, or -1.
  long find_function(std::string* name, long start, long limit) const {
    const long step = start > limit ? -1 : 1;
    for (long l = start; l != limit && l >= 0 && l < old_size_; l += step) {
      auto found = function_at(l);
      if (!found) continue;
      if (name) *name = std::move(*found);
      return l;
    }
    return -1;
  }

  // Where the function around the first change begins, with the comment lines above it; -1: no need to reach up.
  long function_start(const Change& first) const {
    long line = first.old_start;
    if (line >= old_size_) {
      for (long i = first.new_start; i < new_size_; i++)
        if (is_function_in_new(i)) return -1;
      line = old_size_ - 1;
    }
    long start = find_function(nullptr, line, -1);
    while (start > 0 && !is_empty_line(start - 1) && !function_at(start - 1)) start--;
    return std::max(start, 0L);
  }

  std::size_t emit_one(std::size_t candidate, std::size_t first, std::size_t last) {
    long s1, s2;
    for (;;) {
      s1 = std::max(change(first).old_start - config_.context, 0L);
      s2 = std::max(change(first).new_start - config_.context, 0L);
      if (!config_.whole_functions) break;
      const long start = function_start(change(first));
      if (start < 0 || start >= s1) break;
      s2 = std::max(s2 - (s1 - start), 0L);
      s1 = start;
      // Reached up into an ignored change? Then it is shown after all.
      while (candidate != first && change(candidate).old_end() <= s1 && change(candidate).new_end() <= s2) candidate++;
      if (candidate == first) break;
      first = candidate;
    }
    long e1, e2;
    for (;;) {
      const Change& end = change(last);
      const long context = std::min({config_.context, old_size_ - end.old_end(), new_size_ - end.new_end()});
      e1 = end.old_end() + context;
      e2 = end.new_end() + context;
      if (!config_.whole_functions) break;
      long function_end = find_function(nullptr, end.old_end(), old_size_);
      while (function_end > 0 && is_empty_line(function_end - 1)) function_end--;
      if (function_end < 0) function_end = old_size_;
      if (function_end > e1) {
        e2 = std::min(e2 + (function_end - e1), new_size_);
        e1 = function_end;
      }
      if (last + 1 >= count()) break;
      const long next = std::min(change(last + 1).old_start, old_size_ - 1);
      if (next - config_.context > e1 && find_function(nullptr, next, e1) >= 0) break;
      last++;
    }
    emit_lines(first, last, s1, s2, e1, e2);
    return last + 1;
  }

  void emit_lines(std::size_t first, std::size_t last, long s1, long s2, long e1, long e2) {
    if (config_.with_function_names) {
      find_function(&function_, s1 - 1, function_searched_);
      function_searched_ = s1 - 1;
    }
    sink_.hunk(s1 + 1, e1 - s1, s2 + 1, e2 - s2, function_);
    long at = s2;
    for (std::size_t i = first; i <= last; i++) {
      const Change& c = change(i);
      for (; at < c.new_start; at++) sink_.line(' ', diff_.new_lines[static_cast<std::size_t>(at)]);
      for (long l = c.old_start; l < c.old_end(); l++) sink_.line('-', diff_.old_lines[static_cast<std::size_t>(l)]);
      for (; at < c.new_end(); at++) sink_.line('+', diff_.new_lines[static_cast<std::size_t>(at)]);
    }
    for (; at < e2; at++) sink_.line(' ', diff_.new_lines[static_cast<std::size_t>(at)]);
  }

  const LineDiff& diff_;
  const HunkConfig& config_;
  HunkSink& sink_;
  const long old_size_, new_size_;
  std::string function_;
  long function_searched_ = -1;
};

}  // namespace

std::optional<std::string> default_func_name(std::string_view line) {
  if (line.empty() || !(is_alpha(line[0]) || line[0] == '_' || line[0] == '$')) return std::nullopt;
  line = line.substr(0, kMaxFunctionName);
  while (!line.empty() && is_line_space(line.back())) line.remove_suffix(1);
  return std::string(line);
}

void mark_ignorable(LineDiff& diff, unsigned flags, const std::function<bool(std::string_view)>& matches) {
  auto all_lines = [&](const Change& c, auto&& test) {
    for (long i = c.old_start; i < c.old_end(); i++)
      if (!test(diff.old_lines[static_cast<std::size_t>(i)])) return false;
    for (long i = c.new_start; i < c.new_end(); i++)
      if (!test(diff.new_lines[static_cast<std::size_t>(i)])) return false;
    return true;
  };
  for (Change& c : diff.changes) {
    if (flags & kXdfIgnoreBlankLines) c.ignore = all_lines(c, [&](std::string_view l) { return is_blank_line(l, flags); });
    if (!c.ignore && matches) c.ignore = all_lines(c, matches);
  }
}

void emit_hunks(const LineDiff& diff, const HunkConfig& config, HunkSink& sink) { Emitter(diff, config, sink).run(); }

std::string format_hunk_header(long old_begin, long old_count, long new_begin, long new_count, std::string_view function) {
  std::string header = "@@ -" + std::to_string(old_count ? old_begin : old_begin - 1);
  if (old_count != 1) header += "," + std::to_string(old_count);
  header += " +" + std::to_string(new_count ? new_begin : new_begin - 1);
  if (new_count != 1) header += "," + std::to_string(new_count);
  header += " @@";
  if (!function.empty()) {
    header += ' ';
    header += function;
  }
  return header;
}

}  // namespace git
