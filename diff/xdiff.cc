// Lines are first numbered by what they compare equal to, so that everything after works on integers. Under
// whitespace flags a line's class is that of its key: the line without what the flags ignore.
#include "diff/xdiff.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "diff/xdiff-internal.h"

namespace git {
namespace {

using xdiff::Env;
using xdiff::LineClass;
using xdiff::Side;

class Classifier {
 public:
  explicit Classifier(unsigned flags) : flags_(flags & kXdfWhitespaceFlags) {}

  LineClass classify(std::string_view line) {
    if (flags_) return number(keyed_, line_key(line, flags_));
    return number(plain_, line);
  }
  std::uint32_t count() const { return next_; }

 private:
  template <class Map, class Key>
  LineClass number(Map& map, Key key) {
    auto [it, is_new] = map.try_emplace(std::move(key), next_);
    if (is_new) next_++;
    return it->second;
  }
  unsigned flags_;
  std::uint32_t next_ = 0;
  std::unordered_map<std::string_view, LineClass> plain_;
  std::unordered_map<std::string, LineClass> keyed_;
};

void prepare(Side& side, std::span<const std::string_view> lines, Classifier& classifier) {
  side.lines = lines;
  side.classes.reserve(lines.size());
  for (std::string_view line : lines) side.classes.push_back(classifier.classify(line));
  side.marks.assign(lines.size() + 2, 0);
}

std::vector<Change> build_script(const Env& env) {
  std::vector<Change> script;
  long i1 = 0, i2 = 0;
  while (i1 < env.one.size() || i2 < env.two.size()) {
    Change change;
    change.old_start = i1;
    change.new_start = i2;
    while (i1 < env.one.size() && env.one.is_changed(i1)) i1++;
    while (i2 < env.two.size() && env.two.is_changed(i2)) i2++;
    change.removed = i1 - change.old_start;
    change.added = i2 - change.new_start;
    if (change.removed || change.added) {
      script.push_back(change);
    } else {
      i1++;
      i2++;
    }
  }
  return script;
}

std::string_view without_trailing_space(std::string_view line) {
  while (!line.empty() && is_line_space(line.back())) line.remove_suffix(1);
  return line;
}

}  // namespace

std::vector<std::string_view> text_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  lines.reserve(text.size() / 32 + 1);
  while (!text.empty()) {
    const void* newline = std::memchr(text.data(), '\n', text.size());
    std::size_t length = newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - text.data()) + 1 : text.size();
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

std::string line_key(std::string_view line, unsigned flags) {
  std::string key;
  if (flags & kXdfIgnoreWhitespace) {
    for (char c : line)
      if (!is_line_space(c)) key += c;
  } else if (flags & kXdfIgnoreWhitespaceChange) {
    bool in_space = false;
    for (char c : without_trailing_space(line)) {
      if (is_line_space(c)) {
        if (!in_space) key += ' ';
      } else {
        key += c;
      }
      in_space = is_line_space(c);
    }
  } else if (flags & kXdfIgnoreWhitespaceAtEol) {
    key = without_trailing_space(line);
  } else if (flags & kXdfIgnoreCrAtEol) {
    if (!line.empty() && line.back() == '\n') {
      line.remove_suffix(1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    }
    key = line;
  } else {
    key = line;
  }
  return key;
}

bool lines_match(std::string_view a, std::string_view b, unsigned flags) {
  if (a == b) return true;
  if (!(flags & kXdfWhitespaceFlags)) return false;
  return line_key(a, flags) == line_key(b, flags);
}

bool is_blank_line(std::string_view line, unsigned flags) {
  if (!(flags & kXdfWhitespaceFlags)) return line.size() <= 1;
  return std::all_of(line.begin(), line.end(), is_line_space);
}

void trim_common_tail(std::string_view& a, std::string_view& b) {
  constexpr std::size_t kBlock = 1024;
  std::size_t smaller = std::min(a.size(), b.size());
  std::size_t trimmed = 0;
  while (trimmed + kBlock <= smaller &&
         std::memcmp(a.data() + a.size() - trimmed - kBlock, b.data() + b.size() - trimmed - kBlock, kBlock) == 0)
    trimmed += kBlock;
  // The line that the cut went through stays whole.
  std::size_t recovered = 0;
  std::string_view tail = a.substr(a.size() - trimmed);
  while (recovered < trimmed)
    if (tail[recovered++] == '\n') break;
  a.remove_suffix(trimmed - recovered);
  b.remove_suffix(trimmed - recovered);
}

LineDiff compare_lines(std::string_view before, std::string_view after, const XdiffParams& params) {
  LineDiff diff;
  diff.old_lines = text_lines(before);
  diff.new_lines = text_lines(after);
  Env env;
  env.params = &params;
  Classifier classifier(params.flags);
  prepare(env.one, diff.old_lines, classifier);
  prepare(env.two, diff.new_lines, classifier);
  env.class_count = classifier.count();
  xdiff::Box all{0, env.one.size(), 0, env.two.size()};
  if (params.flags & kXdfPatience)
    xdiff::run_patience(env, all);
  else if (params.flags & kXdfHistogram)
    xdiff::run_histogram(env, all);
  else
    xdiff::run_myers(env, all);
  xdiff::compact_changes(env.one, env.two, params.flags);
  xdiff::compact_changes(env.two, env.one, params.flags);
  diff.changes = build_script(env);
  return diff;
}

}  // namespace git
