// The transformations in their one right order, and the formats in the order they are shown.
#include "diff/pipeline.h"

#include <algorithm>
#include <set>

#include "diff/emit.h"

namespace git {
namespace {

void emit_flat_formats(DiffOptions& options) {
  for (PairPtr& pair : options.queue) {
    if (pair->status == 'X') continue;
    if (options.output_format & kDiffCheck) {
      if (!is_pair_unmodified(*pair)) emit_check(options, *pair);
    } else if (options.output_format & kDiffRaw) {
      emit_raw(options, *pair);
    } else if (options.output_format & kDiffNameStatus) {
      emit_name_status(options, *pair);
    } else if (options.output_format & kDiffName) {
      emit_name(options, *pair);
    }
  }
}

// A note about a path that has no difference is shown all the same, where the path would be.
void queue_header_only_patches(DiffOptions& options) {
  std::set<std::string_view> present;
  for (const PairPtr& pair : options.queue) present.insert({pair->one->path, pair->two->path});
  std::vector<std::string> missing;
  for (const auto& [path, lines] : options.extra_headers)
    if (!present.count(path)) missing.push_back(path);
  for (const std::string& path : missing) {
    PairPtr pair = queue_pair(options.queue, std::make_shared<DiffFilespec>(path), std::make_shared<DiffFilespec>(path));
    pair->status = 'U';
    pair->is_header_only = true;
  }
  if (missing.empty()) return;
  std::stable_sort(options.queue.begin(), options.queue.end(),
                   [](const PairPtr& a, const PairPtr& b) { return a->one->path < b->one->path; });
}

void emit_patches(DiffOptions& options) {
  PatchWriter writer(options);
  if (options.has_header_only_patches()) queue_header_only_patches(options);
  for (PairPtr& pair : options.queue) {
    if (pair->status == 'X' || (!pair->is_header_only && is_pair_unmodified(*pair))) continue;
    if ((pair->one->is_valid() && is_tree_mode(pair->one->mode)) || (pair->two->is_valid() && is_tree_mode(pair->two->mode)))
      continue;
    emit_patch(options, *pair, writer);
    unload(*pair->one);
    unload(*pair->two);
  }
  writer.flush();
}

}  // namespace

void diffcore_std(DiffOptions& options) {
  if (options.skip_stat_unmatch) diffcore_skip_stat_unmatch(options);
  if (!options.found_follow) {
    if (options.break_opt != -1) diffcore_break(options);
    if (options.detect_rename != DetectRename::none) diffcore_rename(options);
    if (options.break_opt != -1) diffcore_merge_broken(options);
  }
  if (options.has_pickaxe) diffcore_pickaxe(options);
  if (!options.orderfile.empty()) diffcore_order(options);
  if (!options.rotate_to.empty()) diffcore_rotate(options);
  if (!options.found_follow) resolve_statuses(options);
  diffcore_apply_filter(options);
  options.has_changes = !options.queue.empty() && !options.diff_from_contents;
  options.found_follow = false;
}

void diff_flush(DiffOptions& options) {
  const unsigned format = options.output_format;
  bool separate = false;
  if (!options.queue.empty() || options.has_header_only_patches()) {
    if (format & (kDiffRaw | kDiffName | kDiffNameStatus | kDiffCheck)) {
      emit_flat_formats(options);
      separate = true;
    }
    const bool by_line = (format & kDiffDirstat) && options.dirstat_by_line;
    if ((format & (kDiffStat | kDiffShortstat | kDiffNumstat)) || by_line) {
      emit_stats(options);
      separate = true;
    }
    if ((format & kDiffDirstat) && !by_line) {
      emit_dirstat(options);
      separate = true;
    }
    if ((format & kDiffSummary) && !is_summary_empty(options)) {
      for (PairPtr& pair : options.queue) emit_summary(options, *pair);
      separate = true;
    }
    if ((format & kDiffNoOutput) && options.exit_with_status && options.diff_from_contents) {
      auto write = std::exchange(options.write, [](std::string_view) {});
      const ColorMoved moved = std::exchange(options.color_moved, ColorMoved::no);
      emit_patches(options);
      options.write = std::move(write);
      options.color_moved = moved;
    }
    if (format & kDiffPatch) {
      if (separate) {
        options.emit(options.full_line_prefix());
        if (options.line_termination)
          options.emit(std::string_view(&options.line_termination, 1));
        else
          options.emit(std::string_view("\0", 1));
        if (!options.patch_separator.empty()) options.emit(options.patch_separator);
      }
      emit_patches(options);
    }
    if ((format & kDiffCallback) && options.format_callback) options.format_callback(options);
  } else if ((format & kDiffCallback) && options.format_callback) {
    options.format_callback(options);
  }
  options.queue.clear();
  if (options.diff_from_contents) options.has_changes = options.found_changes;
}

}  // namespace git
