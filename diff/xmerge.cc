// Both sides are compared with the base; the two lists of changes are walked together.  Changes that touch become one
// hunk, a conflict unless both sides did the same.  Conflicts are then made smaller: lines on which the sides agree are
// taken out of them, and conflicts that end up within three lines of each other are joined again, because a handful
// of common lines between markers is harder to read than one conflict.
#include "diff/xmerge.h"

#include "base/strings.h"

namespace git {
namespace {

enum class From : std::uint8_t { conflict = 0, ours = 1, theirs = 2, both = 3, same = 4 };

// [start, start + count) of base (0), ours (1) and theirs (2).
struct Hunk {
  From from;
  long base_at, base_count, ours_at, ours_count, theirs_at, theirs_count;
};

class TextMerge {
 public:
  TextMerge(std::string_view base, std::string_view ours, std::string_view theirs, const XmergeParams& params)
      : params_(params), ours_(compare_lines(base, ours, params.diff)), theirs_(compare_lines(base, theirs, params.diff)) {}

  bool only_theirs() const { return ours_.changes.empty(); }
  bool only_ours() const { return theirs_.changes.empty(); }
  XmergeResult run();

 private:
  void append(Hunk hunk);
  void pair_changes();
  bool same_change(const Change& a, const Change& b) const;
  void refine();
  void refine_zdiff3();
  void join_close_conflicts(bool ignore_without_alnum);
  bool has_alnum(long at, long count) const;
  void emit_lines(const std::vector<std::string_view>& lines, long at, long count, bool add_nl, bool crlf);
  void emit_marker(char c, const std::string& label, bool crlf);
  void emit_conflict(const Hunk& hunk);
  bool wants_crlf(const Hunk& hunk) const;
  bool lines_equal(long ours_at, long theirs_at) const {
    return lines_match(ours_.new_lines[static_cast<std::size_t>(ours_at)], theirs_.new_lines[static_cast<std::size_t>(theirs_at)],
                       params_.diff.flags);
  }

  const XmergeParams& params_;
  LineDiff ours_, theirs_;
  std::vector<Hunk> hunks_;
  XmergeResult result_;
};

void TextMerge::append(Hunk hunk) {
  if (!hunks_.empty()) {
    Hunk& last = hunks_.back();
    if (hunk.ours_at <= last.ours_at + last.ours_count || hunk.theirs_at <= last.theirs_at + last.theirs_count) {
      if (hunk.from != last.from) last.from = From::conflict;
      last.base_count = hunk.base_at + hunk.base_count - last.base_at;
      last.ours_count = hunk.ours_at + hunk.ours_count - last.ours_at;
      last.theirs_count = hunk.theirs_at + hunk.theirs_count - last.theirs_at;
      return;
    }
  }
  hunks_.push_back(hunk);
}

bool TextMerge::same_change(const Change& a, const Change& b) const {
  if (params_.level == MergeLevel::minimal || a.old_start != b.old_start || a.removed != b.removed || a.added != b.added)
    return false;
  for (long i = 0; i < a.added; i++)
    if (!lines_equal(a.new_start + i, b.new_start + i)) return false;
  return true;
}

void TextMerge::pair_changes() {
  std::size_t i = 0, j = 0;
  const auto &xs = ours_.changes, &ys = theirs_.changes;
  while (i < xs.size() && j < ys.size()) {
    const Change &a = xs[i], &b = ys[j];
    if (a.old_end() < b.old_start) {
      append({From::ours, a.old_start, a.removed, a.new_start, a.added, b.new_start - b.old_start + a.old_start, a.removed});
      i++;
      continue;
    }
    if (b.old_end() < a.old_start) {
      append({From::theirs, b.old_start, b.removed, a.new_start - a.old_start + b.old_start, b.removed, b.new_start, b.added});
      j++;
      continue;
    }
    if (!same_change(a, b)) {
      // Stretch both to the union of what they touch in the base.
      long off = a.old_start - b.old_start, end_off = off + a.removed - b.removed;
      Hunk hunk{From::conflict, a.old_start, 0, a.new_start, 0, b.new_start, 0};
      if (off > 0) {
        hunk.base_at -= off;
        hunk.ours_at -= off;
      } else {
        hunk.theirs_at += off;
      }
      hunk.base_count = a.old_end() - hunk.base_at;
      hunk.ours_count = a.new_end() - hunk.ours_at;
      hunk.theirs_count = b.new_end() - hunk.theirs_at;
      if (end_off < 0) {
        hunk.base_count -= end_off;
        hunk.ours_count -= end_off;
      } else {
        hunk.theirs_count += end_off;
      }
      append(hunk);
    }
    long a_end = a.old_end(), b_end = b.old_end();
    if (a_end >= b_end) j++;
    if (b_end >= a_end) i++;
  }
  auto length = [](const std::vector<std::string_view>& lines) { return static_cast<long>(lines.size()); };
  for (; i < xs.size(); i++) {
    const Change& a = xs[i];
    append({From::ours, a.old_start, a.removed, a.new_start, a.added,
            a.old_start + length(theirs_.new_lines) - length(theirs_.old_lines), a.removed});
  }
  for (; j < ys.size(); j++) {
    const Change& b = ys[j];
    append({From::theirs, b.old_start, b.removed, b.old_start + length(ours_.new_lines) - length(ours_.old_lines), b.removed,
            b.new_start, b.added});
  }
}

// The lines of `lines` as one text; they lie behind each other.
std::string_view text_of(const std::vector<std::string_view>& lines, long at, long count) {
  if (count == 0) return {};
  const char* begin = lines[static_cast<std::size_t>(at)].data();
  std::string_view last = lines[static_cast<std::size_t>(at + count - 1)];
  return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
}

void TextMerge::refine() {
  std::vector<Hunk> refined;
  for (const Hunk& hunk : hunks_) {
    if (hunk.from != From::conflict || hunk.ours_count == 0 || hunk.theirs_count == 0) {
      refined.push_back(hunk);
      continue;
    }
    LineDiff between = compare_lines(text_of(ours_.new_lines, hunk.ours_at, hunk.ours_count),
                                     text_of(theirs_.new_lines, hunk.theirs_at, hunk.theirs_count), params_.diff);
    if (between.changes.empty()) {
      refined.push_back(hunk);
      refined.back().from = From::same;
      continue;
    }
    for (const Change& change : between.changes)
      refined.push_back({From::conflict, hunk.base_at, hunk.base_count, hunk.ours_at + change.old_start, change.removed,
                         hunk.theirs_at + change.new_start, change.added});
  }
  hunks_ = std::move(refined);
}

void TextMerge::refine_zdiff3() {
  for (Hunk& hunk : hunks_) {
    if (hunk.from != From::conflict) continue;
    while (hunk.ours_count && hunk.theirs_count && lines_equal(hunk.ours_at, hunk.theirs_at)) {
      hunk.ours_count--, hunk.theirs_count--;
      hunk.ours_at++, hunk.theirs_at++;
    }
    while (hunk.ours_count && hunk.theirs_count &&
           lines_equal(hunk.ours_at + hunk.ours_count - 1, hunk.theirs_at + hunk.theirs_count - 1)) {
      hunk.ours_count--, hunk.theirs_count--;
    }
  }
}

bool TextMerge::has_alnum(long at, long count) const {
  for (char c : text_of(ours_.new_lines, at, count))
    if (is_alnum(c)) return true;
  return false;
}

void TextMerge::join_close_conflicts(bool ignore_without_alnum) {
  std::vector<Hunk> joined;
  for (const Hunk& hunk : hunks_) {
    if (!joined.empty()) {
      Hunk& last = joined.back();
      long begin = last.ours_at + last.ours_count, gap = hunk.ours_at - begin;
      bool far = gap > 3 && (!ignore_without_alnum || has_alnum(begin, gap));
      if (last.from == From::conflict && hunk.from == From::conflict && !far) {
        last.ours_count = hunk.ours_at + hunk.ours_count - last.ours_at;
        last.theirs_count = hunk.theirs_at + hunk.theirs_count - last.theirs_at;
        continue;
      }
    }
    joined.push_back(hunk);
  }
  hunks_ = std::move(joined);
}

// 1: the line ends in CRLF, 0: in LF, -1: can't be told.
int line_ending(const std::vector<std::string_view>& lines, long at) {
  if (lines.empty()) return -1;
  auto i = static_cast<std::size_t>(at);
  std::string_view line = lines[i];
  if (i + 1 == lines.size() && !ends_with(line, "\n")) {  // the last one is incomplete: ask the one before
    if (i == 0) return -1;
    line = lines[i - 1];
  }
  return ends_with(line, "\r\n") ? 1 : 0;
}

bool TextMerge::wants_crlf(const Hunk& hunk) const {
  int answer = line_ending(ours_.new_lines, hunk.ours_at ? hunk.ours_at - 1 : 0);
  if (answer) answer = line_ending(theirs_.new_lines, hunk.theirs_at ? hunk.theirs_at - 1 : 0);
  if (answer) answer = line_ending(ours_.old_lines, 0);
  return answer > 0;
}

void TextMerge::emit_lines(const std::vector<std::string_view>& lines, long at, long count, bool add_nl, bool crlf) {
  if (count <= 0) return;
  std::string_view text = text_of(lines, at, count);
  result_.bytes.append(text);
  if (add_nl && !ends_with(text, "\n")) result_.bytes += crlf ? "\r\n" : "\n";
}

void TextMerge::emit_marker(char c, const std::string& label, bool crlf) {
  result_.bytes.append(static_cast<std::size_t>(params_.marker_size), c);
  if (!label.empty()) result_.bytes.append(" ").append(label);
  result_.bytes += crlf ? "\r\n" : "\n";
}

void TextMerge::emit_conflict(const Hunk& hunk) {
  bool crlf = wants_crlf(hunk);
  emit_marker('<', params_.ours_label, crlf);
  emit_lines(ours_.new_lines, hunk.ours_at, hunk.ours_count, true, crlf);
  if (params_.style != ConflictStyle::merge) {
    emit_marker('|', params_.base_label, crlf);
    emit_lines(ours_.old_lines, hunk.base_at, hunk.base_count, true, crlf);
  }
  emit_marker('=', "", crlf);
  emit_lines(theirs_.new_lines, hunk.theirs_at, hunk.theirs_count, true, crlf);
  emit_marker('>', params_.theirs_label, crlf);
}

XmergeResult TextMerge::run() {
  pair_changes();
  MergeLevel level = params_.level;
  // With the base shown, a conflict cut into pieces would no longer fit it.
  if (params_.style == ConflictStyle::zdiff3) {
    refine_zdiff3();
  } else {
    if (params_.style == ConflictStyle::diff3 && level > MergeLevel::eager) level = MergeLevel::eager;
    if (level > MergeLevel::eager) {
      refine();
      join_close_conflicts(level > MergeLevel::zealous);
    }
  }
  long done = 0;
  for (Hunk& hunk : hunks_) {
    if (hunk.from == From::conflict && params_.favor != MergeFavor::none) hunk.from = static_cast<From>(params_.favor);
    if (hunk.from == From::same) continue;
    emit_lines(ours_.new_lines, done, hunk.ours_at - done, false, false);
    if (hunk.from == From::conflict) {
      emit_conflict(hunk);
      result_.conflicts++;
    } else {
      bool crlf = wants_crlf(hunk);
      if (hunk.from != From::theirs) emit_lines(ours_.new_lines, hunk.ours_at, hunk.ours_count, hunk.from == From::both, crlf);
      if (hunk.from != From::ours) emit_lines(theirs_.new_lines, hunk.theirs_at, hunk.theirs_count, false, crlf);
    }
    done = hunk.ours_at + hunk.ours_count;
  }
  emit_lines(ours_.new_lines, done, static_cast<long>(ours_.new_lines.size()) - done, false, false);
  return std::move(result_);
}

}  // namespace

XmergeResult merge_texts(std::string_view base, std::string_view ours, std::string_view theirs, const XmergeParams& params) {
  TextMerge merge(base, ours, theirs, params);
  if (merge.only_theirs()) return {std::string(theirs), 0};
  if (merge.only_ours()) return {std::string(ours), 0};
  return merge.run();
}

bool is_binary_text(std::string_view bytes) { return bytes.substr(0, 8000).find('\0') != std::string_view::npos; }

}  // namespace git
