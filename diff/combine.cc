// The result's lines carry, for each parent, whether that parent lacks them; lines that parents had and the result lost
// hang in front of the line they stood before, equal ones of several parents as one.
#include "diff/combine.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "base/quote.h"
#include "base/strings.h"
#include "diff/emit.h"
#include "diff/external.h"
#include "diff/options.h"
#include "diff/pipeline.h"
#include "diff/tree-diff.h"
#include "diff/userdiff.h"
#include "diff/xdl-emit.h"
#include "index/convert.h"
#include "repository.h"

namespace git {
namespace {

struct LostLine {
  std::string text;  // without newline
  std::uint64_t parents = 0;
};

struct ResultLine {
  std::string_view text;  // without newline
  std::uint64_t flag = 0;
  std::vector<LostLine> lost, newly_lost;
  std::vector<long> parent_lines;
};

class CombinedPatch {
 public:
  CombinedPatch(DiffOptions& options, const CombinePath& path, const CombineSettings& settings)
      : options_(options),
        path_(path),
        settings_(settings),
        parents_(path.parents.size()),
        all_(parents_ >= 62 ? ~0ull >> 2 : (1ull << parents_) - 1),
        mark_(1ull << parents_),
        no_pre_delete_(2ull << parents_),
        context_(options.context) {}

  void show() {
    in_worktree_ = path_.oid.is_null() && !is_from_trees;
    load_result();
    std::vector<std::string> texts;
    bool is_binary = driver_says_binary();
    if (!is_binary && !options_.text) is_binary = !converter_ && looks_binary(result_);
    for (const CombinePath::Parent& parent : path_.parents) {
      texts.push_back(read_blob(parent.oid, parent.mode));
      if (!converter_ && !options_.text && looks_binary(texts.back())) is_binary = true;
      if (parent.mode != mode_) mode_differs_ = true;
    }
    if (is_binary) {
      show_header(false);
      options_.emit("Binary files differ\n");
      return;
    }
    make_lines();
    for (std::size_t n = 0; n < parents_; n++) compare_parent(n, texts[n]);
    const bool has_hunks = make_hunks();
    if (!has_hunks && !mode_differs_ && !in_worktree_) return;
    show_header(true);
    if (!is_deleted_) dump();
  }

  bool is_from_trees = false;

 private:
  std::string read_blob(const ObjectId& oid, std::uint32_t mode) {
    if (!mode || oid.is_null()) return {};
    DiffFilespec spec(path_.path);
    spec.fill(oid, true, mode);
    if (is_gitlink_mode(mode)) return load(options_, spec);
    if (converter_) return run_textconv(options_, *converter_, spec);
    return load(options_, spec);
  }
  bool driver_says_binary() {
    DiffFilespec spec(path_.path);
    spec.mode = kModeBlob;
    const UserdiffDriver& driver = driver_of(options_, spec);
    if (options_.text) return false;
    return driver.binary.value_or(false) && !converter_;
  }

  void load_result() {
    mode_ = path_.mode;
    DiffFilespec probe(path_.path);
    probe.mode = kModeBlob;
    const UserdiffDriver& driver = driver_of(options_, probe);
    if (options_.allow_textconv && !driver.textconv.empty()) converter_ = &driver;
    if (!in_worktree_) {
      result_ = read_blob(path_.oid, mode_);
      is_deleted_ = !mode_;
      return;
    }
    DiffFilespec spec(path_.path);
    auto st = lstat_path(path_.path);
    if (!st) {
      is_deleted_ = true;
      mode_ = 0;
      return;
    }
    spec.mode = mode_ ? mode_ : canon_mode(st->st_mode);
    mode_ = spec.mode;
    if (S_ISDIR(st->st_mode)) {
      if (!is_gitlink_mode(mode_)) {
        is_deleted_ = true;
        mode_ = 0;
        return;
      }
      spec.oid = path_.parents[0].oid;
      spec.oid_valid = true;
    }
    result_ = converter_ && !is_gitlink_mode(mode_) ? run_textconv(options_, *converter_, spec) : load(options_, spec);
  }

  void make_lines() {
    for (std::string_view line : text_lines(result_)) {
      if (ends_with(line, "\n")) line.remove_suffix(1);
      lines_.push_back({line, 0, {}, {}, {}});
    }
    count_ = static_cast<long>(lines_.size());
    lines_.resize(lines_.size() + 2);
    for (ResultLine& line : lines_) line.parent_lines.assign(parents_, 0);
  }
  ResultLine& at(long i) { return lines_[static_cast<std::size_t>(i)]; }

  void compare_parent(std::size_t n, const std::string& text) {
    const std::uint64_t bit = 1ull << n;
    XdiffParams params;
    params.flags = options_.xdl_opts;
    LineDiff diff = compare_lines(text, result_, params);
    for (const Change& change : diff.changes) {
      for (long i = change.old_start; i < change.old_end(); i++) {
        std::string_view lost = diff.old_lines[static_cast<std::size_t>(i)];
        if (ends_with(lost, "\n")) lost.remove_suffix(1);
        at(change.new_start).newly_lost.push_back({std::string(lost), bit});
      }
      for (long i = change.new_start; i < change.new_end(); i++) at(i).flag |= bit;
    }
    long line = 1;
    for (long i = 0; i <= count_; i++) {
      ResultLine& r = at(i);
      if (!r.newly_lost.empty()) coalesce(r, bit);
      r.parent_lines[n] = line;
      for (const LostLine& lost : r.lost)
        if (lost.parents & bit) line++;
      if (i < count_ && !(r.flag & bit)) line++;
    }
    at(count_ + 1).parent_lines[n] = line;
  }

  // Merges what this parent lost into what others did, along their longest common subsequence.
  void coalesce(ResultLine& line, std::uint64_t bit) {
    std::vector<LostLine> fresh = std::move(line.newly_lost);
    line.newly_lost.clear();
    if (line.lost.empty()) {
      line.lost = std::move(fresh);
      return;
    }
    const std::size_t n = line.lost.size(), m = fresh.size();
    enum Direction : char { kMatch, kBase, kNew };
    std::vector<std::vector<int>> length(n + 1, std::vector<int>(m + 1, 0));
    std::vector<std::vector<char>> direction(n + 1, std::vector<char>(m + 1, kBase));
    for (std::size_t j = 1; j <= m; j++) direction[0][j] = kNew;
    for (std::size_t i = 1; i <= n; i++)
      for (std::size_t j = 1; j <= m; j++) {
        if (lines_match(line.lost[i - 1].text, fresh[j - 1].text, options_.xdl_opts)) {
          length[i][j] = length[i - 1][j - 1] + 1;
          direction[i][j] = kMatch;
        } else if (length[i][j - 1] >= length[i - 1][j]) {
          length[i][j] = length[i][j - 1];
          direction[i][j] = kNew;
        } else {
          length[i][j] = length[i - 1][j];
        }
      }
    std::vector<LostLine> merged;
    for (std::size_t i = n, j = m; i || j;) {
      if (direction[i][j] == kMatch) {
        merged.push_back(line.lost[--i]);
        merged.back().parents |= bit;
        j--;
      } else if (direction[i][j] == kNew) {
        merged.push_back(fresh[--j]);
      } else {
        merged.push_back(line.lost[--i]);
      }
    }
    std::reverse(merged.begin(), merged.end());
    line.lost = std::move(merged);
  }

  bool is_marked(long i) { return at(i).flag & mark_; }
  long next_marked(long i) {
    while (i <= count_ && !is_marked(i)) i++;
    return i;
  }
  long next_unmarked(long i) {
    while (i <= count_ && is_marked(i)) i++;
    return i;
  }
  // A last line that is there for its deletions only gives one line of context by itself.
  long adjust_tail(long begin, long end) { return begin + 1 <= end && !(at(end - 1).flag & all_) ? end - 1 : end; }

  bool give_context() {
    long i = next_marked(0);
    if (count_ < i) return false;
    while (i <= count_) {
      for (long j = std::max(i - context_, 0L); j < i; j++) {
        if (!is_marked(j)) at(j).flag |= no_pre_delete_;
        at(j).flag |= mark_;
      }
      for (;;) {
        long j = next_unmarked(i);
        if (count_ < j) return true;
        long k = next_marked(j);
        j = adjust_tail(i, j);
        if (k < j + context_) {
          for (; j < k; j++) at(j).flag |= mark_;
          i = k;
          continue;
        }
        i = k;
        k = std::min(j + context_, count_ + 1);
        for (; j < k; j++) at(j).flag |= mark_;
        break;
      }
    }
    return true;
  }

  // Do the changes of the hunk concern different sets of parents, or all of them?
  bool is_worth_showing(long begin, long end) {
    std::uint64_t same = 0;
    for (long j = begin; j < end; j++) {
      std::uint64_t here = at(j).flag & all_;
      if (here) {
        if (!same)
          same = here;
        else if (same != here)
          return true;
      }
      for (const LostLine& lost : at(j).lost) {
        if (!same)
          same = lost.parents;
        else if (same != lost.parents)
          return true;
      }
    }
    return same == all_;
  }

  bool make_hunks() {
    for (long i = 0; i <= count_; i++) {
      const bool interesting = (at(i).flag & all_) || !at(i).lost.empty();
      at(i).flag = interesting ? at(i).flag | mark_ : at(i).flag & ~mark_;
    }
    if (!settings_.dense) return give_context();
    for (long i = 0; i <= count_;) {
      i = next_marked(i);
      if (count_ < i) break;
      long j = i + 1;
      for (; j <= count_; j++) {
        if (is_marked(j)) continue;
        long ahead = std::min(adjust_tail(i, j) + context_, count_ + 1);
        bool goes_on = false;
        while (ahead && j <= --ahead)
          if (is_marked(ahead)) {
            goes_on = true;
            break;
          }
        if (!goes_on) break;
        j = ahead;
      }
      if (!is_worth_showing(i, j))
        for (long k = i; k < j; k++) at(k).flag &= ~mark_;
      i = j;
    }
    return give_context();
  }

  void show_header(bool with_names) {
    const std::string_view meta = options_.color(DiffColor::meta), reset = options_.color(DiffColor::reset);
    if (settings_.show_log) settings_.show_log();
    auto line = [&](const std::string& text) {
      options_.emit(options_.full_line_prefix() + std::string(meta) + text + std::string(reset) + "\n");
    };
    auto quoted = [&](std::string_view prefix, std::string_view name) { return quote_two(prefix, name); };
    line(std::string(settings_.dense ? "diff --cc " : "diff --combined ") + quoted("", path_.path));
    const int abbrev = options_.full_index ? static_cast<int>(hex_size(options_.algo())) : -1;
    std::string index = "index ";
    for (std::size_t i = 0; i < parents_; i++)
      index += (i ? "," : "") + abbreviate(options_, id_or_null(path_.parents[i].oid), abbrev);
    line(index + ".." + abbreviate(options_, id_or_null(path_.oid), abbrev));
    bool is_added = false;
    const bool is_gone = !mode_ && mode_differs_;
    if (mode_differs_) {
      is_added = !is_gone && std::all_of(path_.parents.begin(), path_.parents.end(), [](auto& p) { return p.status == 'A'; });
      if (is_added) {
        line(strf("new file mode %06o", mode_));
      } else {
        std::string text = is_gone ? "deleted file mode " : "mode ";
        for (std::size_t i = 0; i < parents_; i++) text += strf("%s%06o", i ? "," : "", path_.parents[i].mode);
        if (mode_) text += strf("..%06o", mode_);
        line(text);
      }
    }
    if (!with_names) return;
    if (settings_.all_paths) {
      for (const CombinePath::Parent& parent : path_.parents)
        line(parent.status == 'A' ? "--- /dev/null"
                                  : "--- " + quoted(options_.a_prefix, parent.path.empty() ? path_.path : parent.path));
    } else {
      line(is_added ? "--- /dev/null" : "--- " + quoted(options_.a_prefix, path_.path));
    }
    line(is_gone ? "+++ /dev/null" : "+++ " + quoted(options_.b_prefix, path_.path));
  }
  ObjectId id_or_null(const ObjectId& oid) const { return oid.is_null() ? ObjectId::null(options_.algo()) : oid; }
  std::string quote_two(std::string_view prefix, std::string_view name) const {
    return quote_c_style(std::string(prefix).append(name), options_.quote_path);
  }

  std::string to_eol(std::string_view text) {
    const bool cr = ends_with(text, "\r");
    if (cr) text.remove_suffix(1);
    return std::string(text) + std::string(options_.color(DiffColor::reset)) + (cr ? "\r\n" : "\n");
  }

  void dump() {
    const std::string_view frag = options_.color(DiffColor::frag), func = options_.color(DiffColor::func),
                           context = options_.color(DiffColor::context), old_color = options_.color(DiffColor::old_line),
                           new_color = options_.color(DiffColor::new_line), reset = options_.color(DiffColor::reset);
    for (long i = 0;;) {
      std::string_view comment;
      bool has_comment = false;
      for (; i <= count_ && !is_marked(i); i++) {
        std::string_view text = at(i).text;
        if (!text.empty() && (is_alpha(text[0]) || text[0] == '_' || text[0] == '$')) {
          comment = text;
          has_comment = true;
        }
      }
      if (count_ < i) return;
      const long end = next_unmarked(i + 1);
      long rlines = end - i;
      if (count_ < end) rlines--;
      long null_context = 0;
      if (!context_) {
        for (long j = i; j < end; j++)
          if (!(at(j).flag & (mark_ - 1))) null_context++;
        rlines -= null_context;
      }
      std::string head = options_.full_line_prefix() + std::string(frag) + std::string(parents_ + 1, '@');
      for (std::size_t n = 0; n < parents_; n++) {
        const long from = at(i).parent_lines[n], to = at(end).parent_lines[n];
        head += strf(" -%d,%d", from, to - from - null_context);
      }
      head += strf(" +%d,%d ", i + 1, rlines) + std::string(parents_ + 1, '@');
      if (has_comment) {
        std::size_t comment_end = 0;
        for (std::size_t k = 0; k < 40 && k < comment.size(); k++)
          if (!is_line_space(comment[k])) comment_end = k;
        if (comment_end) head += strf("%s%s %s%s", reset, context, reset, func);
        head += comment.substr(0, comment_end);
      }
      options_.emit(head + std::string(reset) + "\n");
      while (i < end) {
        ResultLine& line = at(i++);
        if (!(line.flag & no_pre_delete_))
          for (const LostLine& lost : line.lost) {
            std::string text = options_.full_line_prefix() + std::string(old_color);
            for (std::size_t n = 0; n < parents_; n++) text += lost.parents & (1ull << n) ? '-' : ' ';
            options_.emit(text + to_eol(lost.text));
          }
        if (count_ < i) break;
        std::string text = options_.full_line_prefix();
        if (!(line.flag & (mark_ - 1))) {
          if (!context_) continue;
          text += context;
        } else {
          text += new_color;
        }
        for (std::size_t n = 0; n < parents_; n++) text += line.flag & (1ull << n) ? '+' : ' ';
        options_.emit(text + to_eol(line.text));
      }
    }
  }

  DiffOptions& options_;
  const CombinePath& path_;
  const CombineSettings& settings_;
  const std::size_t parents_;
  const std::uint64_t all_, mark_, no_pre_delete_;
  const long context_;
  bool in_worktree_ = false, is_deleted_ = false, mode_differs_ = false;
  std::uint32_t mode_ = 0;
  const UserdiffDriver* converter_ = nullptr;
  std::string result_;
  std::vector<ResultLine> lines_;
  long count_ = 0;
};

void show_raw(DiffOptions& options, const CombinePath& path, const CombineSettings& settings) {
  if (settings.show_log) settings.show_log();
  const char end = options.line_termination, between = end ? '\t' : '\0';
  auto name = [&](std::string_view n) { return end ? quote_c_style(n, options.quote_path) : std::string(n); };
  std::string text = options.full_line_prefix();
  if (options.output_format & kDiffRaw) {
    text += std::string(path.parents.size(), ':');
    for (const auto& parent : path.parents) text += strf("%06o ", parent.mode);
    text += strf("%06o", path.mode);
    auto id = [&](const ObjectId& oid) { return oid.is_null() ? ObjectId::null(options.algo()) : oid; };
    for (const auto& parent : path.parents) text += " " + abbreviate(options, id(parent.oid), options.abbrev);
    text += " " + abbreviate(options, id(path.oid), options.abbrev) + " ";
  }
  if (options.output_format & (kDiffRaw | kDiffNameStatus)) {
    for (const auto& parent : path.parents) text += parent.status;
    text += between;
  }
  if (settings.all_paths)
    for (const auto& parent : path.parents) text += name(parent.path.empty() ? path.path : parent.path) + between;
  text += name(path.path);
  text += end;
  options.emit(text);
}

void show_patch(DiffOptions& options, const CombinePath& path, const CombineSettings& settings, bool from_trees) {
  CombinedPatch patch(options, path, settings);
  patch.is_from_trees = from_trees;
  patch.show();
}

}  // namespace

bool parse_combine_option(CombineSettings& settings, const std::string& arg) {
  if (arg == "-c") {
    settings.enabled = true;
    settings.dense = false;
  } else if (arg == "--cc") {
    settings.enabled = settings.dense = true;
  } else if (arg == "--combined-all-paths") {
    settings.all_paths = true;
  } else {
    return false;
  }
  return true;
}

void show_combined_diff(DiffOptions& options, const CombinePath& path, const CombineSettings& settings) {
  if (options.output_format & (kDiffRaw | kDiffName | kDiffNameStatus))
    show_raw(options, path, settings);
  else if (options.output_format & kDiffPatch)
    show_patch(options, path, settings, false);
}

void diff_tree_combined(DiffOptions& options, const ObjectId& tree, const std::vector<ObjectId>& parent_trees,
                        const CombineSettings& settings) {
  const unsigned format = options.output_format;
  constexpr unsigned kStats = kDiffNumstat | kDiffStat | kDiffShortstat | kDiffSummary | kDiffDirstat;
  std::vector<CombinePath> paths;
  for (std::size_t i = 0; i < parent_trees.size(); i++) {
    options.recursive = true;
    options.output_format = i == 0 && (format & kStats) ? format & kStats : unsigned{kDiffNoOutput};
    const bool external = std::exchange(options.allow_external, false);
    diff_tree(options, parent_trees[i], tree);
    diffcore_std(options);
    std::map<std::string, PairPtr> here;
    for (const PairPtr& pair : options.queue)
      if (!is_pair_unmodified(*pair)) here[pair->two->path] = pair;
    auto parent_of = [&](const DiffPair& pair) {
      CombinePath::Parent parent;
      parent.status = pair.status;
      parent.mode = pair.one->mode;
      parent.oid = pair.one->oid;
      if (pair.one->path != pair.two->path) parent.path = pair.one->path;
      return parent;
    };
    if (i == 0) {
      for (const PairPtr& pair : options.queue) {
        if (is_pair_unmodified(*pair)) continue;
        CombinePath path;
        path.path = pair->two->path;
        path.mode = pair->two->mode;
        path.oid = pair->two->oid;
        path.parents.push_back(parent_of(*pair));
        paths.push_back(std::move(path));
      }
    } else {
      std::erase_if(paths, [&](CombinePath& path) {
        auto it = here.find(path.path);
        if (it == here.end()) return true;
        path.parents.push_back(parent_of(*it->second));
        return false;
      });
    }
    if (i == 0 && (format & kStats)) {
      if (!options.queue.empty() && settings.show_log) settings.show_log();
      diff_flush(options);
    }
    options.queue.clear();
    options.allow_external = external;
  }
  options.output_format = format;
  if (paths.empty()) return;
  options.has_changes = true;
  bool separate = false;
  if (format & (kDiffRaw | kDiffName | kDiffNameStatus)) {
    for (const CombinePath& path : paths) show_raw(options, path, settings);
    separate = true;
  } else if (format & kStats) {
    separate = true;
  }
  if (!(format & kDiffPatch)) return;
  if (separate) options.emit(options.full_line_prefix() + (options.line_termination ? "\n" : std::string(1, '\0')));
  for (const CombinePath& path : paths) show_patch(options, path, settings, true);
}

}  // namespace git
