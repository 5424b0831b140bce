// The patch of one pair: extended header, then hunks, a rewrite, a binary patch or a note that binaries differ. The
// header waits until there is something to show below it, unless it says something itself.
#include <algorithm>
#include <cstdlib>

#include "base/env.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"
#include "diff/binary-patch.h"
#include "diff/emit.h"
#include "diff/external.h"
#include "diff/submodule-diff.h"
#include "diff/userdiff.h"
#include "diff/ws.h"
#include "diff/xdl-emit.h"
#include "index/attr.h"
#include "index/convert.h"
#include "object-name.h"
#include "repository.h"

namespace git {
namespace {

// Blank lines at the end of the new file that the old one had fewer of: the line (from 1) the new ones start at in
// either file, 0 where there are none.
struct BlankAtEof {
  long in_old = 0, in_new = 0;
};

long count_trailing_blank(std::string_view text) {
  long count = 0;
  auto lines = text_lines(text);
  while (count < static_cast<long>(lines.size()) && ws_blank_line(lines[lines.size() - 1 - static_cast<std::size_t>(count)]))
    count++;
  return count;
}

BlankAtEof check_blank_at_eof(std::string_view old_text, std::string_view new_text) {
  const long old_blank = count_trailing_blank(old_text), new_blank = count_trailing_blank(new_text);
  BlankAtEof result;
  if (new_blank <= old_blank) return result;
  result.in_old = static_cast<long>(text_lines(old_text).size()) - old_blank + 1;
  result.in_new = static_cast<long>(text_lines(new_text).size()) - new_blank + 1;
  return result;
}

// Without the half of a character that a cut may have left at the end.
std::string_view whole_characters(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    if (utf8_next(rest) >= 0) continue;
    return rest.size() < 4 && (static_cast<unsigned char>(rest[0]) & 0xc0) == 0xc0 ? text.substr(0, text.size() - rest.size())
                                                                                   : text;
  }
  return text;
}

class PatchMaker : public HunkSink {
 public:
  PatchMaker(DiffOptions& options, DiffPair& pair, DiffFilespec& one, DiffFilespec& two, PatchWriter& writer)
      : options_(options), pair_(pair), one_(one), two_(two), writer_(writer) {}

  void run(bool complete_rewrite) {
    if (pair_.is_header_only) {
      make_names();
      make_header(false, false);
      return show_header();
    }
    if (show_submodule()) return;
    make_names();
    const bool is_creation = !one_.is_valid(), is_deletion = !two_.is_valid();
    bool must_show = make_header(is_creation, is_deletion);
    if (!is_creation && !is_deletion) {
      if ((one_.mode ^ two_.mode) & 0170000) return show_header();
    }
    old_conv_ = textconv_driver(options_, one_);
    new_conv_ = textconv_driver(options_, two_);
    const bool old_binary = !options_.text && !old_conv_ && is_binary_spec(options_, one_);
    const bool new_binary = !options_.text && !new_conv_ && is_binary_spec(options_, two_);
    if (complete_rewrite && !is_creation && !is_deletion && !old_binary && !new_binary) {
      show_header();
      show_rewrite();
      options_.found_changes = true;
      return;
    }
    if (options_.irreversible_delete && is_deletion) {
      show_header();
      options_.found_changes = true;
      return;
    }
    if (old_binary || new_binary) return show_binary(must_show);
    if (must_show) show_header();
    show_text();
  }

  // ---- HunkSink ----
  void hunk(long old_begin, long old_count, long new_begin, long new_count, std::string_view function) override {
    show_header();
    show_labels();
    options_.found_changes = true;
    old_line_ = old_begin;
    new_line_ = new_begin;
    if (words_) words_->flush();
    writer_.hunk_header(format_hunk_header(old_begin, old_count, new_begin, new_count, whole_characters(function)));
  }
  void line(char kind, std::string_view bytes) override {
    if (words_) {
      words_->line(kind, bytes);
    } else {
      bool blank_at_eof = false;
      if (kind == '+' && (rule_ & kWsBlankAtEof) && blank_.in_old && blank_.in_new && blank_.in_old <= old_line_ &&
          blank_.in_new <= new_line_)
        blank_at_eof = ws_blank_line(bytes);
      writer_.line(kind, std::string(bytes) + (ends_with(bytes, "\n") ? "" : "\n"), rule_line(bytes), blank_at_eof);
      if (!ends_with(bytes, "\n")) writer_.no_newline();
    }
    if (kind != '+') old_line_++;
    if (kind != '-') new_line_++;
  }

 private:
  unsigned rule_line(std::string_view) const { return rule_; }

  bool show_submodule() {
    if (options_.submodule_format == SubmoduleFormat::short_) return false;
    if ((one_.is_valid() && !is_gitlink_mode(one_.mode)) || (two_.is_valid() && !is_gitlink_mode(two_.mode))) return false;
    return show_submodule_change(options_, one_, two_, writer_);
  }

  void make_names() {
    std::string_view old_name = one_.path, new_name = two_.path;
    if (!options_.no_index || true) {
      old_name = strip_relative(options_, old_name);
      new_name = strip_relative(options_, new_name);
    }
    if (!one_.is_valid()) old_name = new_name;
    if (!two_.is_valid()) new_name = old_name;
    std::string_view a = options_.a_prefix, b = options_.b_prefix;
    if (options_.reverse_diff) std::swap(a, b);
    auto without_slash = [](std::string_view name) { return starts_with(name, "/") ? name.substr(1) : name; };
    old_quoted_ = quote_c_style(std::string(a).append(without_slash(old_name)), options_.quote_path);
    new_quoted_ = quote_c_style(std::string(b).append(without_slash(new_name)), options_.quote_path);
    old_label_ = one_.is_valid() ? old_quoted_ : "/dev/null";
    new_label_ = two_.is_valid() ? new_quoted_ : "/dev/null";
  }

  void meta_line(const std::string& text) {
    header_.append(options_.color(DiffColor::meta)).append(text).append(options_.color(DiffColor::reset)).append("\n");
  }

  // True where the header says something even without hunks.
  bool make_header(bool is_creation, bool is_deletion) {
    bool must_show = false;
    if (options_.suppress_diff_headers) return false;
    meta_line("diff --git " + old_quoted_ + " " + new_quoted_);
    if (is_creation) {
      meta_line(strf("new file mode %06o", two_.mode));
      must_show = options_.found_changes = true;
    } else if (is_deletion) {
      meta_line(strf("deleted file mode %06o", one_.mode));
      must_show = options_.found_changes = true;
    } else if (one_.mode != two_.mode) {
      meta_line(strf("old mode %06o", one_.mode));
      meta_line(strf("new mode %06o", two_.mode));
      must_show = options_.found_changes = true;
    }
    if (add_metainfo()) must_show = true;
    return must_show;
  }

  bool add_metainfo() {
    bool must_show = true;
    const int percent = pair_.score * 100 / kMaxScore;
    auto names = [&](const char* verb) {
      meta_line(strf("similarity index %d%%", percent));
      meta_line(strf("%s from %s", verb, quote_c_style(strip_relative(options_, pair_.one->path), options_.quote_path)));
      meta_line(strf("%s to %s", verb, quote_c_style(strip_relative(options_, pair_.two->path), options_.quote_path)));
    };
    if (pair_.status == 'C') {
      names("copy");
    } else if (pair_.status == 'R') {
      names("rename");
    } else if (pair_.status == 'M' && pair_.score) {
      meta_line(strf("dissimilarity index %d%%", percent));
    } else {
      must_show = false;
    }
    if (auto extra = options_.extra_headers.find(pair_.one->path); extra != options_.extra_headers.end()) {
      for (const std::string& text : extra->second) meta_line(text);
      must_show = true;
    }
    if (pair_.is_unmerged || one_.oid == two_.oid) return must_show;
    const int full = static_cast<int>(hex_size(options_.algo()));
    int length = options_.abbrev ? options_.abbrev : -1;
    if (options_.full_index) length = full;
    if (options_.binary && length != full && (is_binary_spec(options_, one_) || is_binary_spec(options_, two_))) length = full;
    std::string text = "index " + abbreviate(options_, one_.oid, length) + ".." + abbreviate(options_, two_.oid, length);
    if (one_.mode == two_.mode) text += strf(" %06o", one_.mode);
    meta_line(text);
    return must_show;
  }

  void show_header() {
    if (header_.empty()) return;
    writer_.text(header_);
    header_.clear();
  }
  void show_labels() {
    if (old_label_.empty()) return;
    if (!options_.suppress_diff_headers || true) writer_.header_minus_plus(old_label_, new_label_);
    old_label_.clear();
  }

  void show_binary(bool must_show) {
    if (one_.is_valid() && two_.is_valid() && one_.oid_valid && two_.oid_valid && one_.oid == two_.oid) {
      if (must_show) show_header();
      return;
    }
    const std::string &before = load(options_, one_), &after = load(options_, two_);
    if (one_.is_valid() == two_.is_valid() && before == after) {
      if (must_show) show_header();
      return;
    }
    show_header();
    options_.found_changes = true;
    if (options_.binary)
      writer_.text(format_binary_patch(before, after, options_.config ? options_.config->get_int_or("core.compression", 1) : 1));
    else
      writer_.text(strf("Binary files %s and %s differ\n", old_label_, new_label_));
  }

  std::string converted(const UserdiffDriver* driver, DiffFilespec& spec) {
    return driver ? run_textconv(options_, *driver, spec) : load(options_, spec);
  }

  void show_rewrite() {
    const std::string before = converted(old_conv_, one_), after = converted(new_conv_, two_);
    rule_ = whitespace_rule(options_, two_.path);
    blank_ = check_blank_at_eof(before, after);
    const auto old_lines = text_lines(before), new_lines = text_lines(after);
    show_labels();
    auto count = [](std::size_t n) { return n == 0 ? std::string("0,0") : n == 1 ? "1" : "1," + std::to_string(n); };
    std::string old_count = options_.irreversible_delete ? "?,?" : count(old_lines.size());
    start_words();
    writer_.hunk_header("@@ -" + old_count + " +" + count(new_lines.size()) + " @@");
    old_line_ = static_cast<long>(old_lines.size()) + 1;
    if (!options_.irreversible_delete)
      for (std::string_view l : old_lines) line('-', l);
    old_line_ = static_cast<long>(old_lines.size()) + 1;
    new_line_ = 1;
    for (std::string_view l : new_lines) line('+', l);
    if (words_) words_->flush();
  }

  void start_words() {
    if (options_.word_diff != WordDiff::none) words_ = std::make_unique<WordDiffer>(options_, one_, two_, writer_);
  }

  void show_text() {
    const std::string before = converted(old_conv_, one_), after = converted(new_conv_, two_);
    rule_ = whitespace_rule(options_, two_.is_valid() ? two_.path : one_.path);
    if (rule_ & kWsBlankAtEof) blank_ = check_blank_at_eof(before, after);
    XdiffParams params;
    params.flags = options_.xdl_opts;
    params.anchors = options_.anchors;
    apply_driver_algorithm(params.flags);
    HunkConfig config;
    config.context = options_.context;
    config.inter_hunk = options_.inter_hunk_context;
    config.whole_functions = options_.function_context;
    read_environment(config);
    const FuncNamePattern* names = driver_of(options_, one_).func_names();
    if (!names) names = driver_of(options_, two_).func_names();
    if (names) config.find_function = [names](std::string_view l) { return names->find(l); };
    std::string_view old_view = before, new_view = after;
    if (!config.context && !config.whole_functions) trim_common_tail(old_view, new_view);
    LineDiff diff = compare_lines(old_view, new_view, params);
    mark_ignorable(diff, params.flags, [&](std::string_view l) {
      return std::any_of(options_.ignore_regex.begin(), options_.ignore_regex.end(), [&](auto& r) { return r->matches(l); });
    });
    start_words();
    emit_hunks(diff, config, *this);
    if (words_) words_->flush();
  }

  void apply_driver_algorithm(unsigned& flags) {
    if (options_.ignore_driver_algorithm) return;
    const std::string& algorithm = driver_of(options_, one_).algorithm;
    const std::string& name = algorithm.empty() ? driver_of(options_, two_).algorithm : algorithm;
    if (name.empty()) return;
    flags &= ~(kXdfAlgorithmMask | kXdfNeedMinimal);
    if (name == "patience")
      flags |= kXdfPatience;
    else if (name == "histogram")
      flags |= kXdfHistogram;
    else if (name == "minimal")
      flags |= kXdfNeedMinimal;
  }

  static void read_environment(HunkConfig& config) {
    const std::string env = get_env_or("GIT_DIFF_OPTS", "");
    std::string_view text = env;
    if (skip_prefix(text, "--unified=") || skip_prefix(text, "-u"))
      if (auto n = parse_uint(text)) config.context = static_cast<long>(*n);
  }

  DiffOptions& options_;
  DiffPair& pair_;
  DiffFilespec& one_;
  DiffFilespec& two_;
  PatchWriter& writer_;
  const UserdiffDriver* old_conv_ = nullptr;
  const UserdiffDriver* new_conv_ = nullptr;
  std::string header_, old_quoted_, new_quoted_, old_label_, new_label_;
  unsigned rule_ = 0;
  BlankAtEof blank_;
  long old_line_ = 0, new_line_ = 0;
  std::unique_ptr<WordDiffer> words_;
};

void patch_one(DiffOptions& options, DiffPair& pair, DiffFilespec& one, DiffFilespec& two, PatchWriter& writer) {
  const bool complete_rewrite = pair.status == 'M' && pair.score;
  PatchMaker(options, pair, one, two, writer).run(complete_rewrite);
}

}  // namespace

unsigned whitespace_rule(DiffOptions& options, const std::string& path) {
  unsigned config_rule = kWsDefaultRule;
  if (options.config)
    if (auto text = options.config->get_string("core.whitespace")) config_rule = parse_whitespace_rule(*text);
  if (!options.repo || options.no_index) return config_rule;
  AttrValue value = options.converter().attribute_reader().get(path, "whitespace");
  if (value.is_set()) return all_whitespace_rules(config_rule);
  if (value.is_unset()) return ws_tab_width(config_rule);
  if (value.has_value()) return parse_whitespace_rule(value.value);
  return config_rule;
}

std::string abbreviate(DiffOptions& options, const ObjectId& oid, int length) {
  if (length == 0) length = static_cast<int>(hex_size(options.algo()));
  if (!options.repo)
    return oid.is_null() ? std::string(static_cast<std::size_t>(length < 0 ? 7 : length), '0')
                         : oid.hex(static_cast<std::size_t>(length < 0 ? 7 : length));
  if (length >= static_cast<int>(hex_size(options.algo())))
    return oid.is_null() ? ObjectId::null(options.algo()).hex() : oid.hex();
  if (length < 0) length = default_abbrev(*options.repo);
  if (oid.is_null()) return std::string(static_cast<std::size_t>(length), '0');
  return unique_abbrev(*options.repo, oid, length);
}

void emit_patch(DiffOptions& options, DiffPair& pair, PatchWriter& writer) {
  if (pair.is_header_only) return patch_one(options, pair, *pair.one, *pair.two, writer);
  if (pair.is_unmerged) {
    if (options.allow_external && run_external_diff_unmerged(options, pair)) return;
    options.found_changes = true;
    writer.text(strf("* Unmerged path %s\n", strip_relative(options, pair.one->path)));
    return;
  }
  fill_oid(options, *pair.one);
  fill_oid(options, *pair.two);
  if (options.allow_external && run_external_diff(options, pair)) return;
  if (!pair.is_type_changed()) return patch_one(options, pair, *pair.one, *pair.two, writer);
  // A file that became a link (or the like) is shown as gone and new.
  DiffFilespec no_two(pair.two->path), no_one(pair.one->path);
  no_two.oid = no_one.oid = ObjectId::null(options.algo());
  patch_one(options, pair, *pair.one, no_two, writer);
  patch_one(options, pair, no_one, *pair.two, writer);
}

}  // namespace git
