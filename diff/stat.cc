// Counts of added and removed lines for each pair, and the formats made of them.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/env.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"
#include "diff/emit.h"
#include "diff/stat-summary.h"
#include "diff/xdl-emit.h"

namespace git {
namespace {

struct FileStat {
  std::string name, from_name, print_name, comments;
  std::uint64_t added = 0, removed = 0;
  bool is_renamed = false, is_unmerged = false, is_binary = false, is_interesting = false;

  bool is_shown() const { return is_interesting || added + removed; }
};

struct Counter : HunkSink {
  std::uint64_t added = 0, removed = 0;
  void hunk(long, long, long, long, std::string_view) override {}
  void line(char kind, std::string_view) override {
    if (kind == '+') added++;
    if (kind == '-') removed++;
  }
};

std::string compact_summary(const DiffPair& pair, bool is_renamed) {
  const DiffFilespec &one = *pair.one, &two = *pair.two;
  if (!is_renamed) {
    if (pair.status == 'A') return is_link_mode(two.mode) ? "new +l" : (two.mode & 0777) == 0755 ? "new +x" : "new";
    if (pair.status == 'D') return "gone";
  }
  if (is_link_mode(one.mode) && !is_link_mode(two.mode)) return "mode -l";
  if (!is_link_mode(one.mode) && is_link_mode(two.mode)) return "mode +l";
  if ((one.mode & 0777) == 0644 && (two.mode & 0777) == 0755) return "mode +x";
  if ((one.mode & 0777) == 0755 && (two.mode & 0777) == 0644) return "mode -x";
  return {};
}

std::uint64_t count_lines(std::string_view text) {
  const auto newlines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  return newlines + (!text.empty() && text.back() != '\n' ? 1 : 0);
}

// False where the pair is not worth a line.
bool measure(DiffOptions& options, DiffPair& pair, FileStat& stat) {
  const std::string one_name(strip_relative(options, pair.one->path)), two_name(strip_relative(options, pair.two->path));
  stat.name = two_name;
  if (one_name != two_name) {
    stat.from_name = one_name;
    stat.is_renamed = true;
  }
  stat.is_interesting = pair.status != 'X';
  if (pair.is_unmerged) {
    stat.is_unmerged = true;
    return true;
  }
  if (options.stat_with_summary) stat.comments = compact_summary(pair, stat.is_renamed);
  fill_oid(options, *pair.one);
  fill_oid(options, *pair.two);
  DiffFilespec &one = *pair.one, &two = *pair.two;
  const bool same = one.oid == two.oid;
  if (is_binary_spec(options, one) || is_binary_spec(options, two)) {
    stat.is_binary = true;
    if (!same) {
      stat.added = load_size(options, two);
      stat.removed = load_size(options, one);
    }
    return true;
  }
  if (pair.status == 'M' && pair.score) {
    stat.removed = count_lines(load(options, one));
    stat.added = count_lines(load(options, two));
    return true;
  }
  if (same && !(one.dirty_submodule || two.dirty_submodule)) return true;
  XdiffParams params;
  params.flags = options.xdl_opts;
  params.anchors = options.anchors;
  HunkConfig config;
  config.context = options.context;
  config.inter_hunk = options.inter_hunk_context;
  config.with_function_names = false;
  std::string_view before = load(options, one), after = load(options, two);
  if (!config.context) trim_common_tail(before, after);
  LineDiff diff = compare_lines(before, after, params);
  mark_ignorable(diff, params.flags, [&](std::string_view l) {
    return std::any_of(options.ignore_regex.begin(), options.ignore_regex.end(), [&](auto& r) { return r->matches(l); });
  });
  Counter counter;
  emit_hunks(diff, config, counter);
  stat.added = counter.added;
  stat.removed = counter.removed;
  return !(pair.status == 'M' && !stat.added && !stat.removed && one.mode == two.mode);
}

std::vector<FileStat> compute_stats(DiffOptions& options) {
  std::vector<FileStat> stats;
  for (PairPtr& pair : options.queue) {
    if (is_pair_unmodified(*pair)) continue;
    if (is_tree_mode(pair->one->mode) || is_tree_mode(pair->two->mode)) continue;
    FileStat stat;
    if (measure(options, *pair, stat)) {
      if (!stat.is_unmerged && stat.added + stat.removed) options.found_changes = true;
      if (stat.is_interesting && (pair->status != 'M' || pair->one->mode != pair->two->mode || stat.is_binary))
        options.found_changes = true;
      stats.push_back(std::move(stat));
    }
    unload(*pair->one);
    unload(*pair->two);
  }
  return stats;
}

void fill_print_name(const DiffOptions& options, FileStat& stat) {
  stat.print_name =
      stat.is_renamed ? rename_name(stat.from_name, stat.name, options.quote_path) : quote_c_style(stat.name, options.quote_path);
  if (!stat.comments.empty()) stat.print_name += " (" + stat.comments + ")";
}

int decimal_width(std::uint64_t n) { return static_cast<int>(std::to_string(n).size()); }

int terminal_columns() {
  if (auto n = parse_uint(get_env_or("COLUMNS", "")); n && *n > 0 && *n < 100000) return static_cast<int>(*n);
  struct winsize size;
  if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col) return size.ws_col;
  return 80;
}

std::int64_t scale(std::int64_t value, int width, std::int64_t max) { return value ? 1 + value * (width - 1) / max : 0; }

struct Widths {
  int number = 0, name = 0, graph = 0;
  std::int64_t max_change = 0;
};

Widths find_widths(const DiffOptions& options, std::vector<FileStat>& stats, std::size_t& count) {
  Widths w;
  int max_name = 0, binary_width = 0;
  std::size_t i = 0;
  for (; i < count && i < stats.size(); i++) {
    FileStat& stat = stats[i];
    if (!stat.is_shown()) {
      count++;
      continue;
    }
    fill_print_name(options, stat);
    max_name = std::max(max_name, utf8_width(stat.print_name));
    if (stat.is_unmerged) {
      binary_width = std::max(binary_width, 8);
      continue;
    }
    if (stat.is_binary) {
      binary_width = std::max(binary_width, 14 + decimal_width(stat.added) + decimal_width(stat.removed));
      w.number = 3;
      continue;
    }
    w.max_change = std::max(w.max_change, static_cast<std::int64_t>(stat.added + stat.removed));
  }
  count = i;
  const std::string prefix = options.full_line_prefix();
  int width = options.stat_width == -1 ? terminal_columns() - utf8_width_no_ansi(prefix)
              : options.stat_width     ? options.stat_width
                                       : 80;
  w.number = std::max(decimal_width(static_cast<std::uint64_t>(w.max_change)), w.number);
  int graph_limit = options.stat_graph_width;
  if (graph_limit == -1) graph_limit = options.config ? options.config->get_int_or("diff.statgraphwidth", 0) : 0;
  int name_limit = options.stat_name_width;
  if (name_limit == -1) name_limit = options.config ? options.config->get_int_or("diff.statnamewidth", 0) : 0;
  width = std::max(width, 16 + 6 + w.number);
  w.graph = w.max_change + 4 > binary_width ? static_cast<int>(std::min<std::int64_t>(w.max_change, 1000000)) : binary_width - 4;
  if (graph_limit && graph_limit < w.graph) w.graph = graph_limit;
  w.name = name_limit > 0 && name_limit < max_name ? name_limit : max_name;
  if (w.name + w.number + 6 + w.graph > width) {
    if (w.graph > width * 3 / 8 - w.number - 6) w.graph = std::max(width * 3 / 8 - w.number - 6, 6);
    if (graph_limit && w.graph > graph_limit) w.graph = graph_limit;
    if (w.name > width - w.number - 6 - w.graph)
      w.name = width - w.number - 6 - w.graph;
    else
      w.graph = width - w.number - 6 - w.name;
  }
  return w;
}

std::string graph_part(std::string_view set, char sign, std::int64_t count, std::string_view reset) {
  if (count <= 0) return {};
  return std::string(set) + std::string(static_cast<std::size_t>(count), sign) + std::string(reset);
}

void emit_stat_line(DiffOptions& options, const FileStat& stat, const Widths& w) {
  std::string_view name = stat.print_name;
  std::string_view dots;
  int length = w.name;
  int width = utf8_width(name);
  if (w.name < width) {
    dots = "...";
    length = std::max(length - 3, 0);
    while (width > length && !name.empty()) {
      std::string_view before = name;
      std::int32_t c = utf8_next(name);
      if (c < 0) name.remove_prefix(1);
      width -= c < 0 ? 1 : std::max(char_width(c), 0);
      if (before.size() == name.size()) break;
    }
    if (std::size_t slash = name.find('/'); slash != std::string_view::npos) name.remove_prefix(slash);
  }
  const int padding = std::max(length - utf8_width(name), 0);
  std::string line = options.full_line_prefix() + " " + std::string(dots) + std::string(name) +
                     std::string(static_cast<std::size_t>(padding), ' ') + " | ";
  const std::string_view add = options.color(DiffColor::new_line), del = options.color(DiffColor::old_line),
                         reset = options.color(DiffColor::reset);
  if (stat.is_binary) {
    line += strf("%*s", w.number, "Bin");
    if (stat.added || stat.removed) line += strf(" %s%d%s -> %s%d%s bytes", del, stat.removed, reset, add, stat.added, reset);
  } else if (stat.is_unmerged) {
    line += strf("%*s", w.number, "Unmerged");
  } else {
    auto added = static_cast<std::int64_t>(stat.added), removed = static_cast<std::int64_t>(stat.removed);
    line += strf("%*d%s", w.number, added + removed, added + removed ? " " : "");
    if (w.graph <= w.max_change) {
      std::int64_t total = scale(added + removed, w.graph, w.max_change);
      if (total < 2 && added && removed) total = 2;
      if (added < removed) {
        added = scale(added, w.graph, w.max_change);
        removed = total - added;
      } else {
        removed = scale(removed, w.graph, w.max_change);
        added = total - removed;
      }
    }
    line += graph_part(add, '+', added, reset) + graph_part(del, '-', removed, reset);
  }
  options.emit(line + "\n");
}

void emit_summary_line(DiffOptions& options, const std::vector<FileStat>& stats) {
  std::size_t files = stats.size();
  std::uint64_t added = 0, removed = 0;
  for (const FileStat& stat : stats) {
    if (stat.is_unmerged || !stat.is_shown()) {
      files--;
      continue;
    }
    if (stat.is_binary) continue;
    added += stat.added;
    removed += stat.removed;
  }
  options.emit(options.full_line_prefix() + format_stat_summary(files, added, removed));
}

void emit_diffstat(DiffOptions& options, std::vector<FileStat>& stats) {
  if (stats.empty()) return;
  std::size_t count = options.stat_count ? static_cast<std::size_t>(options.stat_count) : stats.size();
  const Widths widths = find_widths(options, stats, count);
  for (std::size_t i = 0; i < count; i++)
    if (stats[i].is_shown()) emit_stat_line(options, stats[i], widths);
  for (std::size_t i = count; i < stats.size(); i++)
    if (!stats[i].is_unmerged && stats[i].is_shown()) {
      options.emit(options.full_line_prefix() + " ...\n");
      break;
    }
  emit_summary_line(options, stats);
}

void emit_numstat(DiffOptions& options, std::vector<FileStat>& stats) {
  for (FileStat& stat : stats) {
    std::string line = options.full_line_prefix();
    line += stat.is_binary ? std::string("-\t-\t") : strf("%d\t%d\t", stat.added, stat.removed);
    if (options.line_termination) {
      fill_print_name(options, stat);
      line += stat.is_renamed ? stat.print_name : quote_c_style(stat.name, options.quote_path);
      line += options.line_termination;
    } else {
      if (stat.is_renamed) {
        line += '\0';
        line += stat.from_name;
        line += '\0';
      }
      line += stat.name;
      line += '\0';
    }
    options.emit(line);
  }
}

struct Damage {
  std::string name;
  std::uint64_t amount;
};

class Dirstat {
 public:
  Dirstat(DiffOptions& options, std::vector<Damage> files) : options_(options), files_(std::move(files)) {
    for (const Damage& file : files_) total_ += file.amount;
    std::sort(files_.begin(), files_.end(), [](const Damage& a, const Damage& b) { return a.name < b.name; });
  }
  void run() {
    if (total_) gather({});
  }

 private:
  std::uint64_t gather(std::string_view base) {
    std::uint64_t sum = 0;
    unsigned sources = 0;
    while (at_ < files_.size() && starts_with(files_[at_].name, base)) {
      const std::string& name = files_[at_].name;
      const std::size_t slash = name.find('/', base.size());
      if (slash != std::string::npos) {
        sum += gather(std::string_view(name).substr(0, slash + 1));
        sources++;
      } else {
        sum += files_[at_++].amount;
        sources += 2;
      }
    }
    if (!base.empty() && sources != 1 && sum) {
      const int permille = static_cast<int>(sum * 1000 / total_);
      if (permille >= options_.dirstat_permille) {
        options_.emit(options_.full_line_prefix() + strf("%4d.%01d%% %s\n", permille / 10, permille % 10, base));
        if (!options_.dirstat_cumulative) return 0;
      }
    }
    return sum;
  }

  DiffOptions& options_;
  std::vector<Damage> files_;
  std::size_t at_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

std::string format_stat_summary(std::size_t files, std::uint64_t insertions, std::uint64_t deletions) {
  if (!files) return " 0 files changed\n";
  std::string text = strf(Q_(" %d file changed", " %d files changed", files), files);
  if (insertions || !deletions) text += strf(Q_(", %d insertion(+)", ", %d insertions(+)", insertions), insertions);
  if (deletions || !insertions) text += strf(Q_(", %d deletion(-)", ", %d deletions(-)", deletions), deletions);
  return text + "\n";
}

void emit_stats(DiffOptions& options) {
  std::vector<FileStat> stats = compute_stats(options);
  if (options.output_format & kDiffNumstat) emit_numstat(options, stats);
  if (options.output_format & kDiffStat) emit_diffstat(options, stats);
  if ((options.output_format & kDiffShortstat) && !stats.empty()) emit_summary_line(options, stats);
  if ((options.output_format & kDiffDirstat) && options.dirstat_by_line) {
    std::vector<Damage> files;
    for (const FileStat& stat : stats) {
      const std::uint64_t lines = stat.added + stat.removed;
      files.push_back({stat.name, stat.is_binary ? (lines + 63) / 64 : lines});
    }
    Dirstat(options, std::move(files)).run();
  }
}

void emit_dirstat(DiffOptions& options) {
  std::vector<Damage> files;
  for (PairPtr& pair : options.queue) {
    DiffFilespec &one = *pair->one, &two = *pair->two;
    std::uint64_t damage = 0;
    const bool changed = !(one.oid_valid && two.oid_valid) || one.oid != two.oid;
    if (changed && options.dirstat_by_file) {
      damage = 1;
    } else if (changed) {
      ChangeCount count;
      std::uint64_t size = 0;
      if (one.is_valid() && two.is_valid()) {
        count = count_changes(options, one, two);
        size = load_size(options, one);
      } else if (one.is_valid()) {
        size = load_size(options, one);
      } else if (two.is_valid()) {
        count.added = load_size(options, two);
      } else {
        continue;
      }
      damage = size - count.copied + count.added;
      if (!damage) damage = 1;
    }
    files.push_back({std::string(strip_relative(options, two.path.empty() ? one.path : two.path)), damage});
  }
  Dirstat(options, std::move(files)).run();
}

}  // namespace git
