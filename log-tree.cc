// The header is held back until there is a diff to go with it, or it is known that there will be none and the header
// is wanted anyway.
#include "log-tree.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"
#include "diff/rev-limiter.h"
#include "log-patch-id.h"
#include "object-name.h"
#include "odb.h"
#include "pager.h"
#include "repository.h"
#include "walk/reflog-walk.h"

namespace git {

LogTree::LogTree(Repository& r, std::string_view p, DiffConfig level)
    : repo(r),
      prefix(p),
      walk(r),
      display(walk),
      index(std::make_unique<Index>(r)),
      diff(make_diff_options(&r, r.config(), index.get(), p, level)),
      parser_(diff) {
  combine.always_show_header = true;
}
LogTree::~LogTree() {
  if (holds_quarantine_) repo.odb().drop_quarantine();
}

void LogTree::read_log_config() {
  Config& config = repo.config();
  if (auto pretty = config.get_string("format.pretty")) display.format = parse_pretty_format(config, *pretty);
  if (auto abbrev = config.get_bool("log.abbrevcommit")) display.abbrev_commit = *abbrev;
  if (auto date = config.get_string("log.date")) {
    display.date = parse_date_format(*date);
    date_from_config_ = true;
  }
  show_root_diff = config.get_bool("log.showroot").value_or(true);
  display.use_mailmap = config.get_bool("log.mailmap").value_or(true);
  display.show_signature = config.get_bool("log.showsignature").value_or(false);
  default_follow = config.get_bool("log.follow").value_or(false);
  if (auto word = config.get_string("log.diffmerges"); word && !set_default_merges(*word))
    die("bad config variable '%s'", "log.diffmerges");
  if (const ConfigEntry* entry = config.find("log.decorate")) {
    std::optional<bool> flag = parse_maybe_bool(entry->value);
    if (flag) {
      decorate = *flag ? 1 : 0;
      decorate_auto = false;
    } else if (entry->value && (*entry->value == "full" || *entry->value == "short")) {
      decorate = *entry->value == "full" ? 2 : 1;
      decorate_auto = false;
    } else if (entry->value && *entry->value != "auto") {
      decorate_auto = false;
    }
  }
}

namespace {

std::optional<MergeDiff> parse_merge_diff(std::string_view word) {
  if (word == "off" || word == "none") return MergeDiff::off;
  if (word == "1" || word == "first-parent") return MergeDiff::first_parent;
  if (word == "m" || word == "separate") return MergeDiff::separate;
  if (word == "c" || word == "combined") return MergeDiff::combined;
  if (word == "cc" || word == "dense-combined") return MergeDiff::dense_combined;
  if (word == "r" || word == "remerge") return MergeDiff::remerge;
  return std::nullopt;
}

}  // namespace

bool LogTree::set_default_merges(const std::string& word) {
  std::optional<MergeDiff> mode = parse_merge_diff(word);
  if (!mode) return false;
  configured_merges_ = *mode;
  return true;
}

bool LogTree::set_merges(const std::string& word) {
  if (word == "on" || word == "m") {
    merges = configured_merges_;
    merges_given_ = true;
    return true;
  }
  std::optional<MergeDiff> mode = parse_merge_diff(word);
  if (!mode) return false;
  merges = *mode;
  merges_given_ = true;
  return true;
}

int LogTree::parse_option(const std::vector<std::string>& args, std::size_t at) {
  const std::string& arg = args[at];
  std::string_view value;
  auto merge_mode = [&](MergeDiff mode, bool implies) {
    merges = mode;
    merges_given_ = true;
    if (implies) merges_imply_patch = true;
    return 1;
  };
  if (arg == "-m") {
    merges = configured_merges_;
    merges_given_ = true;
    merges_by_m_ = true;
    return 1;
  }
  if (arg == "-c") return merge_mode(MergeDiff::combined, true);
  if (arg == "--cc") return merge_mode(MergeDiff::dense_combined, true);
  if (arg == "--dd") return merge_mode(MergeDiff::first_parent, true);
  if (arg == "--remerge-diff") return merge_mode(MergeDiff::remerge, true);
  if (arg == "--no-diff-merges") return merge_mode(MergeDiff::off, false);
  if (arg == "--combined-all-paths") {
    combine.all_paths = true;
    return 1;
  }
  if (skip_prefix(arg, "--diff-merges=", &value)) {
    if (!set_merges(std::string(value))) die("invalid value for '%s': '%s'", "--diff-merges", value);
    merges_need_diff_ = merges != MergeDiff::off;
    return 1;
  }
  if (arg == "--diff-merges") {
    if (at + 1 >= args.size()) die("Option '%s' requires a value", "diff-merges");
    if (!set_merges(args[at + 1])) die("invalid value for '%s': '%s'", "--diff-merges", args[at + 1]);
    merges_need_diff_ = merges != MergeDiff::off;
    return 2;
  }
  if (arg == "-r") {
    diff.recursive = true;
    return 1;
  }
  if (arg == "-t") {
    diff.recursive = diff.tree_in_recursive = true;
    shows_diff = true;
    return 1;
  }
  if (arg == "--root") {
    show_root_diff = true;
    return 1;
  }
  if (arg == "--always") {
    always_show_header = true;
    return 1;
  }
  if (arg == "--no-commit-id") {
    no_commit_id = true;
    return 1;
  }
  if (int used = display.parse(args, at)) return used;
  return parser_.parse(args, at);
}

void LogTree::finish() {
  Config& config = repo.config();
  if (!diff.recursive) diff.recursive = true;
  if (diff.output_format & ~static_cast<unsigned>(kDiffNoOutput)) shows_diff = true;
  if (diff.has_pickaxe || !diff.find_objects.empty() || diff.filter || diff.filter_not || diff.follow_renames) shows_diff = true;
  if (!diff.find_objects.empty()) walk.simplify_history = false;
  if (!line_ranges.empty()) shows_diff = true;
  if (merges == MergeDiff::unset && walk.first_parent_only && !merges_given_) merges = MergeDiff::first_parent;
  if (merges == MergeDiff::unset) merges = default_merges;
  combine.enabled = merges == MergeDiff::combined || merges == MergeDiff::dense_combined;
  combine.dense = merges == MergeDiff::dense_combined;
  if (combine.all_paths && !combine.enabled) die("--combined-all-paths makes no sense without -c or --cc");
  if (merges_imply_patch) shows_diff = true;
  if ((merges_imply_patch || merges_need_diff_) && !diff.output_format) {
    diff.output_format = kDiffPatch;
    shows_diff = true;
  }
  if (merges == MergeDiff::remerge) {
    if (!diff.output_format) diff.output_format = kDiffPatch;
    // A merge that took one side as it was may still have had a conflict.
    walk.simplify_history = false;
    // The notes of a cache would go where the trial merges go: nowhere.
    diff.textconv_cache_put = nullptr;
  }
  if (default_follow && walk.pathspec.size() == 1 && !diff.follow_renames && line_ranges.empty()) {
    std::string_view only = walk.pathspec[0];
    if (only.find_first_of("*?[") == std::string_view::npos && !starts_with(only, ":")) {
      diff.follow_renames = diff.default_follow_renames = true;
      shows_diff = true;
    }
  }
  if (!walk.pathspec.empty()) {
    Pathspec spec = parse_pathspec(repo, walk.pathspec, prefix, kPreferFull);
    if (diff.follow_renames) {
      if (spec.size() != 1) die("--follow requires exactly one pathspec");
      walk.prune = walk.simplify_by_decoration;
      diff.pathspec = std::move(spec);
    } else {
      limit_walk_by_paths(walk, prefix);
      if (!walk.full_diff) diff.pathspec = std::move(spec);
    }
  } else if (diff.follow_renames) {
    die("--follow requires exactly one pathspec");
  }
  give_patch_ids(walk, prefix);
  use_terminator = display.format.is_terminated;
  if (display.wants_graph) {
    if (walk.reverse) die("options '%s' and '%s' cannot be used together", "--reverse", "--graph");
    if (walk.reflog_info) die("options '%s' and '%s' cannot be used together", "--walk-reflogs", "--graph");
    if (walk.no_walk) die("options '%s' and '%s' cannot be used together", "--no-walk", "--graph");
    if (walk.track_linear) die("options '%s' and '%s' cannot be used together", "--show-linear-break", "--graph");
  }
  diff.abbrev = display.abbrev_given ? display.abbrev : diff.abbrev;
  diff_setup_done(diff);
  const bool color = want_color(diff.use_color);
  display.decorate_full = decorate == 2;
  display.finish(color);
  bool wants_source = false;
  if (!show_source && display.format.user.find("%S") != std::string::npos) wants_source = true;
  walk.track_sources = show_source || wants_source;
  if (walk.track_sources) display.context.source = [this](const Commit* c) { return source_of(c); };
  display.context.abbrev = display.abbrev_given ? display.abbrev : -1;
  if (color) display.context.commit_color = std::string(diff.color(DiffColor::commit));
  if (walk.simplify_by_decoration)
    walk.is_decorated = [this](Commit* c) {
      display.decorate_full = false;
      return display.decorations().find(c->oid) != nullptr;
    };
  if (display.wants_graph) {
    graph = std::make_unique<Graph>(walk, config, color, [this](std::string_view text) { write(text); });
    std::string line_prefix = diff.line_prefix;
    graph->line_prefix = line_prefix;
    diff.output_prefix = [this, line_prefix] {
      std::string line = line_prefix;
      graph->padding_line(line);
      return line;
    };
    walk.on_show = [this](Commit* c) {
      graph->update(c);
      display.context.graph_width = graph->width();
      diff.output_prefix_length = graph->width();
    };
  }
  repo.commits().keep_buffers = true;
}

std::string LogTree::abbreviated(const ObjectId& oid) {
  if (!display.abbrev_commit || (display.abbrev_given && display.abbrev == 0)) return oid.hex();
  return unique_abbrev(repo, oid, display.abbrev_given ? display.abbrev : -1);
}

void LogTree::mark(Commit* commit) {
  std::string text = walk.mark(commit);
  if (text.empty()) return;
  write(text);
  write(" ");
}

// The name by which a commit was reached first (--source).
std::string LogTree::source_of(const Commit* c) { return walk.source_of(c); }

void LogTree::decorations(Commit* commit) {
  if (show_source) {
    std::string source = source_of(commit);
    if (!source.empty()) write("\t" + source);
  }
  if (!decorate) return;
  write(display.decorations().format(commit->oid, {}, want_color(diff.use_color)));
}

void LogTree::reflog_line() {
  ReflogWalk* log = walk.reflog_walk();
  if (!log || !log->has_current()) return;
  const ReflogEntry& entry = log->entry();
  std::string date;
  bool dates = display.date_given || log->wants_dates() || date_from_config_;
  if (dates) date = show_date(entry.time, entry.tz, display.date);
  std::string selector = log->selector(false, dates ? &date : nullptr);
  if (display.format.format == CommitFormat::oneline)
    write(strf("%s: %s\n", selector, entry.message));
  else
    write(strf("Reflog: %s (%s)\nReflog message: %s\n", selector, entry.committer, entry.message));
}

void LogTree::show_log(Commit* commit, Commit* parent) {
  log_shown_ = true;
  if (loginfo_shown_) return;
  loginfo_shown_ = true;
  PrettyContext& context = display.context;
  CommitFormat f = display.format.format;
  const bool user = f == CommitFormat::user || f == CommitFormat::reference;
  const bool mail = f == CommitFormat::email || f == CommitFormat::mboxrd;
  auto parents_and_children = [&] {
    if (walk.print_parents)
      for (Commit* p : walk.parents(commit)) write(" " + abbreviated(p->oid));
    if (walk.children)
      for (Commit* c : walk.children_of(commit)) write(" " + abbreviated(c->oid));
  };
  if (!display.verbose_header) {
    if (graph) graph->show_commit();
    if (!graph) mark(commit);
    write(abbreviated(commit->oid));
    parents_and_children();
    decorations(commit);
    if (graph && !graph->is_commit_finished()) {
      write("\n");
      graph->show_remainder();
    }
    write(std::string_view(&diff.line_termination, 1));
    return;
  }
  if (shown_one && !use_terminator) {
    if (diff.line_termination == '\n' && !missing_newline && graph) graph->show_padding();
    write(std::string_view(&diff.line_termination, 1));
  }
  shown_one = true;
  if (graph) graph->show_commit();
  if (!graph && !diff.line_prefix.empty()) write(diff.line_prefix);
  if (mail) {
    write(strf("From %s Mon Sep 17 00:00:00 2001\n", commit->oid));
    if (graph) graph->show_oneline();
    if (email_headers) email_headers(commit);
  } else if (!user) {
    write(diff.color(DiffColor::commit));
    if (f != CommitFormat::oneline) write("commit ");
    if (!graph) mark(commit);
    write(abbreviated(commit->oid));
    parents_and_children();
    if (parent) write(strf(" (from %s)", abbreviated(parent->oid)));
    write(diff.color(DiffColor::reset));
    decorations(commit);
    if (f == CommitFormat::oneline) {
      write(" ");
    } else {
      write("\n");
      if (graph) graph->show_oneline();
    }
    if (walk.reflog_walk()) {
      reflog_line();
      if (f == CommitFormat::oneline) return;
    }
  }
  if (show_signature) show_signature(commit);
  std::string text = pretty_commit(context, commit);
  if (!user && display.show_notes && context.notes) {
    std::string notes = context.notes(commit, false);
    if (!notes.empty()) {
      if (mail) {
        text += "---\n";
        shown_dashes_ = true;
      }
      text += notes;
    }
  }
  if (add_to_message) add_to_message(commit, text);
  if (display.show_log_size) {
    write(strf("log size %u\n", text.size()));
    if (graph) graph->show_oneline();
  }
  missing_newline = text.empty() || text.back() != '\n';
  if (graph)
    graph->show_commit_message(text);
  else
    write(text);
  if (use_terminator && !(user && display.format.user.empty())) {
    if (!missing_newline && graph) graph->show_padding();
    write(std::string_view(&diff.line_termination, 1));
  }
}

bool LogTree::flush(Commit* commit, Commit* parent) {
  shown_dashes_ = false;
  diffcore_std(diff);
  if (diff.queue.empty() && !diff.has_header_only_patches()) {
    unsigned saved = diff.output_format;
    diff.output_format = kDiffNoOutput;
    diff_flush(diff);
    diff.output_format = saved;
    return false;
  }
  if (!loginfo_shown_ && !no_commit_id) {
    show_log(commit, parent);
    CommitFormat f = display.format.format;
    const bool user_empty = (f == CommitFormat::user || f == CommitFormat::reference) && display.format.user.empty();
    if ((diff.output_format & ~static_cast<unsigned>(kDiffNoOutput)) && display.verbose_header && f != CommitFormat::oneline &&
        !user_empty) {
      if (diff.output_prefix) write(diff.output_prefix());
      const unsigned both = kDiffStat | kDiffPatch;
      if (!shown_dashes_ && (diff.output_format & both) == both) write("---");
      write("\n");
    }
  }
  diff_flush(diff);
  has_changes = true;
  return true;
}

bool LogTree::show_diff(Commit* commit, std::span<Commit* const> parents) {
  CommitPool& pool = repo.commits();
  if (!shows_diff && !diff.exit_with_status) return false;
  const ObjectId tree = pool.tree(commit);
  if (parents.empty()) {
    if (show_root_diff) {
      diff_tree(diff, ObjectId::null(repo.algo()), tree);
      flush(commit, nullptr);
    }
    return loginfo_shown_;
  }
  for (Commit* p : parents) pool.parse_or_die(p);
  if (parents.size() > 1) {
    if (merges == MergeDiff::remerge) return show_remerge(commit, parents, tree);
    if (combine.enabled) {
      std::vector<ObjectId> trees;
      for (Commit* p : parents) trees.push_back(pool.tree(p));
      combine.always_show_header = always_show_header;
      combine.show_log = [this, commit] { show_log(commit); };
      diff_tree_combined(diff, tree, trees, combine);
      return loginfo_shown_;
    }
    if (merges == MergeDiff::off || merges == MergeDiff::unset) return false;
  }
  bool shown = false;
  for (Commit* p : parents) {
    bool only_first = merges == MergeDiff::first_parent;
    diff_tree(diff, pool.tree(p), tree);
    flush(commit, parents.size() > 1 && !only_first ? p : nullptr);
    shown = shown || loginfo_shown_;
    if (only_first || p == parents.back()) break;
    loginfo_shown_ = false;
  }
  return shown;
}

bool LogTree::show_against(Commit* commit, const std::vector<Commit*>& parents) {
  loginfo_shown_ = false;
  bool shown = show_diff(commit, parents);
  if (!shown && !loginfo_shown_ && always_show_header) {
    show_log(commit);
    shown = true;
  }
  return shown;
}

bool LogTree::show(Commit* commit) {
  if (walk.track_linear && walk.is_linear_break() && !walk.reverse) write(strf("\n%s\n", walk.show_linear_break));
  loginfo_shown_ = false;
  bool shown = show_diff(commit, walk.parents_for_diff(commit));
  if (!shown && !loginfo_shown_ && always_show_header) {
    show_log(commit);
    shown = true;
  }
  if (walk.track_linear && walk.is_linear_break() && walk.reverse) write(strf("\n%s\n", walk.show_linear_break));
  return shown;
}

}  // namespace git
