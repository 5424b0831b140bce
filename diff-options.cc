// From configuration and command line to DiffOptions.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"
#include "diff.h"
#include "diff/xdiff.h"
#include "object-name.h"
#include "repository.h"

namespace git {
namespace {

struct ColorSlot {
  DiffColor slot;
  const char* name;
  const char* fallback;
};
constexpr ColorSlot kColorSlots[] = {
    {DiffColor::reset, "", "\033[m"},
    {DiffColor::context, "context", ""},
    {DiffColor::meta, "meta", "\033[1m"},
    {DiffColor::frag, "frag", "\033[36m"},
    {DiffColor::old_line, "old", "\033[31m"},
    {DiffColor::new_line, "new", "\033[32m"},
    {DiffColor::commit, "commit", "\033[33m"},
    {DiffColor::whitespace, "whitespace", "\033[41m"},
    {DiffColor::func, "func", ""},
    {DiffColor::old_moved, "oldmoved", "\033[1;35m"},
    {DiffColor::old_moved_alternative, "oldmovedalternative", "\033[1;34m"},
    {DiffColor::old_moved_dim, "oldmoveddimmed", "\033[2m"},
    {DiffColor::old_moved_alternative_dim, "oldmovedalternativedimmed", "\033[2;3m"},
    {DiffColor::new_moved, "newmoved", "\033[1;36m"},
    {DiffColor::new_moved_alternative, "newmovedalternative", "\033[1;33m"},
    {DiffColor::new_moved_dim, "newmoveddimmed", "\033[2m"},
    {DiffColor::new_moved_alternative_dim, "newmovedalternativedimmed", "\033[2;3m"},
    {DiffColor::context_dim, "contextdimmed", "\033[2m"},
    {DiffColor::old_dim, "olddimmed", "\033[2;31m"},
    {DiffColor::new_dim, "newdimmed", "\033[2;32m"},
    {DiffColor::context_bold, "contextbold", "\033[1m"},
    {DiffColor::old_bold, "oldbold", "\033[1;31m"},
    {DiffColor::new_bold, "newbold", "\033[1;32m"},
};

void read_colors(DiffOptions& o, const Config& config) {
  o.colors.assign(static_cast<std::size_t>(DiffColor::count_), "");
  for (const ColorSlot& slot : kColorSlots) {
    std::string value = slot.fallback;
    if (*slot.name) {
      std::string name = slot.name;
      if (name == "context") value = config_color(config, "color.diff.plain", value);
      value = config_color(config, "diff.color." + name, value);
      value = config_color(config, "color.diff." + name, value);
    }
    o.colors[static_cast<std::size_t>(slot.slot)] = value;
  }
}

// "red,xyz" -> the unknown words.
int parse_ws_error_highlight(std::string_view text, unsigned& result, std::string_view& bad) {
  unsigned value = 0;
  for (std::string_view word : split(text, ',')) {
    bad = word;
    if (word == "none")
      value = 0;
    else if (word == "default")
      value = kWsNew;
    else if (word == "all")
      value = kWsNew | kWsOld | kWsContext;
    else if (word == "new")
      value |= kWsNew;
    else if (word == "old")
      value |= kWsOld;
    else if (word == "context")
      value |= kWsContext;
    else
      return -1;
  }
  result = value;
  return 0;
}

bool set_algorithm(DiffOptions& o, std::string_view name) {
  unsigned flags;
  if (iequals(name, "myers") || iequals(name, "default"))
    flags = 0;
  else if (iequals(name, "minimal"))
    flags = kXdfNeedMinimal;
  else if (iequals(name, "patience"))
    flags = kXdfPatience;
  else if (iequals(name, "histogram"))
    flags = kXdfHistogram;
  else
    return false;
  o.xdl_opts = (o.xdl_opts & ~(kXdfAlgorithmMask | kXdfNeedMinimal)) | flags;
  return true;
}

std::optional<SubmoduleFormat> parse_submodule_format(std::string_view word) {
  if (word == "log") return SubmoduleFormat::log;
  if (word == "short") return SubmoduleFormat::short_;
  if (word == "diff") return SubmoduleFormat::inline_diff;
  return std::nullopt;
}

// Appends what was wrong, a line each.
void parse_dirstat(DiffOptions& o, std::string_view text, std::string& errors) {
  if (text.empty()) return;
  for (std::string_view word : split(text, ',')) {
    if (word == "changes") {
      o.dirstat_by_line = o.dirstat_by_file = false;
    } else if (word == "lines") {
      o.dirstat_by_line = true;
      o.dirstat_by_file = false;
    } else if (word == "files") {
      o.dirstat_by_file = true;
      o.dirstat_by_line = false;
    } else if (word == "noncumulative") {
      o.dirstat_cumulative = false;
    } else if (word == "cumulative") {
      o.dirstat_cumulative = true;
    } else if (!word.empty() && is_digit(word[0])) {
      int permille = 0;
      std::size_t i = 0;
      for (; i < word.size() && is_digit(word[i]) && permille < 100000; i++) permille = permille * 10 + (word[i] - '0');
      permille *= 10;
      if (i + 1 < word.size() && word[i] == '.' && is_digit(word[i + 1])) {
        permille += word[i + 1] - '0';
        for (i++; i < word.size() && is_digit(word[i]);) i++;
      }
      if (i == word.size())
        o.dirstat_permille = permille;
      else
        errors += strf("  Failed to parse dirstat cut-off percentage '%s'\n", word);
    } else {
      errors += strf("  Unknown dirstat parameter '%s'\n", word);
    }
  }
}

unsigned parse_color_moved_ws(std::string_view text, std::string& problem) {
  unsigned result = 0;
  for (std::string_view word : split(text, ',')) {
    word = trim(word);
    if (word == "no")
      result = 0;
    else if (word == "ignore-space-change")
      result |= kXdfIgnoreWhitespaceChange;
    else if (word == "ignore-space-at-eol")
      result |= kXdfIgnoreWhitespaceAtEol;
    else if (word == "ignore-all-space")
      result |= kXdfIgnoreWhitespace;
    else if (word == "allow-indentation-change")
      result |= kMovedWsAllowIndentation;
    else
      problem = strf(
          "unknown color-moved-ws mode '%s', possible values are 'ignore-space-change', 'ignore-space-at-eol', "
          "'ignore-all-space', 'allow-indentation-change'",
          word);
  }
  if ((result & kMovedWsAllowIndentation) && (result & kXdfWhitespaceFlags) && problem.empty())
    problem = "color-moved-ws: allow-indentation-change cannot be combined with other whitespace modes";
  return result;
}

constexpr const char* kColorMovedHelp =
    "color moved setting must be one of 'no', 'default', 'blocks', 'zebra', 'dimmed-zebra', 'plain'";

void read_basic_config(DiffOptions& o, const Config& config) {
  read_colors(o, config);
  o.quote_path = config.get_bool_or("core.quotepath", true);
  o.rename_limit_default = config.get_int_or("diff.renamelimit", 1000);
  if (auto text = config.get_string("diff.dirstat")) {
    std::string errors;
    parse_dirstat(o, *text, errors);
    if (!errors.empty()) warning("Found errors in 'diff.dirstat' config variable:\n%s", errors);
  }
  if (config.get_bool_or("diff.indentheuristic", true)) o.xdl_opts |= kXdfIndentHeuristic;
  o.suppress_blank_empty = config.get_bool_or("diff.suppressblankempty", config.get_bool_or("diff.suppress-blank-empty", false));
}

void read_ui_config(DiffOptions& o, const Config& config) {
  o.use_color = config_color_when(config, "color.diff");
  if (const ConfigEntry* entry = config.find("diff.colormoved")) {
    std::string word = entry->value.value_or("true");
    auto flag = parse_maybe_bool_text(word);
    if (flag)
      o.color_moved = *flag ? ColorMoved::zebra : ColorMoved::no;
    else if (!parse_color_moved(word, o.color_moved))
      die("%s", kColorMovedHelp);
  }
  if (auto text = config.get_string("diff.colormovedws")) {
    std::string problem;
    unsigned ws = parse_color_moved_ws(*text, problem);
    if (!problem.empty())
      error("%s", problem);
    else
      o.color_moved_ws = ws;
  }
  o.context = config.get_int_or("diff.context", 3);
  if (o.context < 0) die("bad config variable 'diff.context'");
  o.inter_hunk_context = config.get_int_or("diff.interhunkcontext", 0);
  if (o.inter_hunk_context < 0) die("bad config variable 'diff.interhunkcontext'");
  o.detect_rename = DetectRename::rename;
  if (const ConfigEntry* entry = config.find("diff.renames")) {
    std::string word = entry->value.value_or("true");
    if (iequals(word, "copies") || iequals(word, "copy"))
      o.detect_rename = DetectRename::copy;
    else
      o.detect_rename = config.get_bool_or("diff.renames", true) ? DetectRename::rename : DetectRename::none;
  }
  o.skip_stat_unmatch = config.get_bool_or("diff.autorefreshindex", true);
  o.mnemonic_prefix = config.get_bool_or("diff.mnemonicprefix", false);
  if (auto p = config.get_string("diff.srcprefix")) o.a_prefix = *p;
  if (auto p = config.get_string("diff.dstprefix")) o.b_prefix = *p;
  if (config.get_bool_or("diff.noprefix", false)) {
    o.a_prefix = o.b_prefix = "";
    o.mnemonic_prefix = false;
  }
  o.relative_name = config.get_bool_or("diff.relative", false);
  if (auto file = config.get_path("diff.orderfile")) o.orderfile = *file;
  if (auto word = config.get_string("diff.ignoresubmodules")) set_ignore_submodules(o, *word);
  if (auto word = config.get_string("diff.submodule")) {
    if (auto format = parse_submodule_format(*word))
      o.submodule_format = *format;
    else
      warning("Unknown value for 'diff.submodule' config variable: '%s'", *word);
  }
  if (auto name = config.get_string("diff.algorithm"); name && !set_algorithm(o, *name))
    die("unknown value for config '%s': %s", "diff.algorithm", *name);
  if (auto text = config.get_string("diff.wserrorhighlight")) {
    std::string_view bad;
    if (parse_ws_error_highlight(*text, o.ws_error_highlight, bad) < 0)
      error("unknown value for config '%s': %s", "diff.wserrorhighlight", *text);
  }
}

}  // namespace

bool parse_color_moved(std::string_view word, ColorMoved& mode) {
  if (word == "no")
    mode = ColorMoved::no;
  else if (word == "plain")
    mode = ColorMoved::plain;
  else if (word == "blocks")
    mode = ColorMoved::blocks;
  else if (word == "zebra" || word == "default")
    mode = ColorMoved::zebra;
  else if (word == "dimmed-zebra" || word == "dimmed_zebra")
    mode = ColorMoved::zebra_dim;
  else
    return false;
  return true;
}

int parse_rename_score(std::string_view& text) {
  std::uint64_t number = 0, scale = 1;
  bool has_dot = false;
  while (!text.empty()) {
    const char c = text[0];
    if (!has_dot && c == '.') {
      scale = 1;
      has_dot = true;
    } else if (c == '%') {
      scale = has_dot ? scale * 100 : 100;
      text.remove_prefix(1);
      break;
    } else if (is_digit(c)) {
      if (scale < 100000) {
        scale *= 10;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
      }
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  return static_cast<int>(number >= scale ? static_cast<std::uint64_t>(kMaxScore) : kMaxScore * number / scale);
}

DiffOptions make_diff_options(Repository* repo, const Config& config, Index* index, std::string_view prefix, DiffConfig level) {
  DiffOptions o;
  o.repo = repo;
  o.config = &config;
  o.index = index;
  o.prefix = prefix;
  o.use_color = kColorNever;
  o.ignore_untracked_in_submodules = true;
  o.write = [](std::string_view bytes) { out(bytes); };
  if (level != DiffConfig::none) read_basic_config(o, config);
  if (level == DiffConfig::ui) read_ui_config(o, config);
  if (level == DiffConfig::none) {
    read_colors(o, config);
    o.xdl_opts |= kXdfIndentHeuristic;
  }
  return o;
}

struct DiffOptionParser::State {
  explicit State(DiffOptions& o) : options(o), parser(std::vector<std::string>{}) {}
  DiffOptions& options;
  Options parser;
};

namespace {

// Adds the options one by one; each lambda holds the DiffOptions by reference.
class Adder {
 public:
  using Value = const std::optional<std::string>&;
  Adder(DiffOptions& o, Options& p) : o_(o), p_(p) {}

  void add_all() {
    p_.group("Diff output format options");
    add_formats();
    add_stats();
    add_looks();
    p_.group("Diff rename options");
    add_renames();
    p_.group("Diff algorithm options");
    add_algorithms();
    add_words();
    p_.group("Other diff options");
    add_others();
  }

 private:
  void flag(char s, const char* l, const char* help, std::function<void()> fn, unsigned flags = kOptNoArg | kOptNoNeg) {
    p_.callback(
        s, l, "", help,
        [fn = std::move(fn)](Value, bool) {
          fn();
          return true;
        },
        flags);
  }
  void toggle(char s, const char* l, const char* help, bool* v) { p_.boolean(s, l, v, help); }
  void add_format(unsigned bits) {
    o_.output_format &= ~unsigned{kDiffNoOutput};
    o_.output_format |= bits;
  }
  void format(char s, const char* l, const char* help, unsigned bits) {
    flag(s, l, help, [this, bits]() {
      o_.output_format &= ~unsigned{kDiffNoOutput};
      o_.output_format |= bits;
    });
  }
  void valued(char s, const char* l, const char* arg, const char* help, std::function<bool(Value, bool)> fn, unsigned flags) {
    p_.callback(s, l, arg, help, std::move(fn), flags);
  }
  void xdf(char s, const char* l, const char* help, unsigned bit) {
    p_.callback(
        s, l, "", help,
        [this, bit](Value, bool unset) {
          o_.xdl_opts = unset ? o_.xdl_opts & ~bit : o_.xdl_opts | bit;
          return true;
        },
        kOptNoArg);
  }
  static int number(const char* option, Value value) {
    auto n = value ? parse_uint(*value) : std::nullopt;
    if (!n || *n > 1000000000) {
      error("%s expects a numerical value", option);
      exit_with(129);
    }
    return static_cast<int>(*n);
  }
  bool context(Value value, bool unset) {
    if (unset) return false;
    if (value) {
      o_.context = number("--unified", value);
    }
    o_.output_format &= ~unsigned{kDiffNoOutput};
    o_.output_format |= kDiffPatch;
    return true;
  }

  void add_formats() {
    format('p', "patch", "generate patch", kDiffPatch);
    flag('s', "no-patch", "suppress diff output", [this]() { o_.output_format = kDiffNoOutput; });
    flag('u', "", "generate patch", [this]() {
      o_.output_format &= ~unsigned{kDiffNoOutput};
      o_.output_format |= kDiffPatch;
    });
    valued(
        'U', "unified", "n", "generate diffs with <n> lines context", [this](Value v, bool u) { return context(v, u); },
        kOptNoNeg | kOptOptionalArg);
    toggle('W', "function-context", "generate diffs with the whole function as context", &o_.function_context);
    format(0, "raw", "generate the diff in raw format", kDiffRaw);
    flag(0, "patch-with-raw", "synonym for '-p --raw'", [this]() { add_format(kDiffPatch | kDiffRaw); });
    flag(0, "patch-with-stat", "synonym for '-p --stat'", [this]() { add_format(kDiffPatch | kDiffStat); });
    format(0, "numstat", "machine friendly --stat", kDiffNumstat);
    format(0, "shortstat", "output only the last line of --stat", kDiffShortstat);
    auto dirstat = [this](Value value, bool) {
      std::string errors;
      if (value) parse_dirstat(o_, *value, errors);
      if (!errors.empty()) die("Failed to parse --dirstat/-X option parameter:\n%s", errors);
      o_.output_format &= ~unsigned{kDiffNoOutput};
      o_.output_format |= kDiffDirstat;
      return true;
    };
    valued('X', "dirstat", "<param1>,<param2>...", "output the distribution of relative amount of changes for each sub-directory",
           dirstat, kOptNoNeg | kOptOptionalArg);
    valued(
        0, "cumulative", "", "synonym for --dirstat=cumulative",
        [this](Value, bool) {
          o_.dirstat_cumulative = true;
          add_format(kDiffDirstat);
          return true;
        },
        kOptNoNeg | kOptNoArg);
    valued(
        0, "dirstat-by-file", "<param1>,<param2>...", "synonym for --dirstat=files,<param1>,<param2>...",
        [this, dirstat](Value value, bool unset) {
          o_.dirstat_by_file = true;
          o_.dirstat_by_line = false;
          return dirstat(value, unset);
        },
        kOptNoNeg | kOptOptionalArg);
    format(0, "check", "warn if changes introduce conflict markers or whitespace errors", kDiffCheck);
    format(0, "summary", "condensed summary such as creations, renames and mode changes", kDiffSummary);
    format(0, "name-only", "show only names of changed files", kDiffName);
    format(0, "name-status", "show only names and status of changed files", kDiffNameStatus);
  }

  void add_stats() {
    auto set = [this](int* target) {
      return [this, target](Value value, bool) {
        *target = number("--stat", value);
        o_.output_format |= kDiffStat;
        return true;
      };
    };
    valued(
        0, "stat", "<width>[,<name-width>[,<count>]]", "generate diffstat",
        [this](Value value, bool) {
          if (value) {
            auto parts = split(*value, ',');
            int* targets[] = {&o_.stat_width, &o_.stat_name_width, &o_.stat_count};
            for (std::size_t i = 0; i < parts.size(); i++) {
              auto n = parts[i].empty() && i < 3 ? std::optional<std::uint64_t>(0) : parse_uint(parts[i]);
              if (!n || i >= 3 || *n > 1000000000) {
                error("invalid --stat value: %s", *value);
                exit_with(129);
              }
              if (!parts[i].empty()) *targets[i] = static_cast<int>(*n);
            }
          }
          o_.output_format &= ~unsigned{kDiffNoOutput};
          o_.output_format |= kDiffStat;
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    valued(0, "stat-width", "width", "generate diffstat with a given width", set(&o_.stat_width), kOptNoNeg);
    valued(0, "stat-name-width", "width", "generate diffstat with a given name width", set(&o_.stat_name_width), kOptNoNeg);
    valued(0, "stat-graph-width", "width", "generate diffstat with a given graph width", set(&o_.stat_graph_width), kOptNoNeg);
    valued(0, "stat-count", "count", "generate diffstat with limited lines", set(&o_.stat_count), kOptNoNeg);
    valued(
        0, "compact-summary", "", "generate compact summary in diffstat",
        [this](Value, bool unset) {
          o_.stat_with_summary = !unset;
          if (!unset) {
            o_.output_format &= ~unsigned{kDiffNoOutput};
            o_.output_format |= kDiffStat;
          }
          return true;
        },
        kOptNoArg);
  }

  void add_looks() {
    flag(0, "binary", "output a binary diff that can be applied", [this]() {
      o_.binary = true;
      o_.output_format &= ~unsigned{kDiffNoOutput};
      o_.output_format |= kDiffPatch;
    });
    toggle(0, "full-index", "show full pre- and post-image object names on the \"index\" lines", &o_.full_index);
    p_.color(&o_.use_color, "show colored diff");
    valued(
        0, "ws-error-highlight", "kind", "highlight whitespace errors in the 'context', 'old' or 'new' lines in the diff",
        [this](Value value, bool) {
          std::string_view bad;
          if (parse_ws_error_highlight(value.value_or(""), o_.ws_error_highlight, bad) < 0) {
            error("unknown value after ws-error-highlight=%s", bad);
            exit_with(129);
          }
          return true;
        },
        kOptNoNeg);
    flag('z', "", "do not munge pathnames and use NULs as output field terminators in --raw or --numstat",
         [this]() { o_.line_termination = '\0'; });
    valued(
        0, "abbrev", "n", "use <n> digits to display object names",
        [this](Value value, bool unset) {
          if (unset) {
            o_.abbrev = 0;
            return true;
          }
          if (!value) {
            o_.abbrev = -1;
            return true;
          }
          auto n = parse_int(*value);
          if (!n) {
            error("option `%s' expects a numerical value", "abbrev");
            return false;
          }
          o_.abbrev = static_cast<int>(std::clamp<std::int64_t>(*n, 4, 64));
          if (*n == 0) o_.abbrev = 0;
          return true;
        },
        kOptOptionalArg);
    valued(
        0, "src-prefix", "prefix", "show the given source prefix instead of \"a/\"",
        [this](Value v, bool) {
          o_.prefix_chosen = true;
          o_.a_prefix = *v;
          return true;
        },
        kOptNoNeg);
    valued(
        0, "dst-prefix", "prefix", "show the given destination prefix instead of \"b/\"",
        [this](Value v, bool) {
          o_.prefix_chosen = true;
          o_.b_prefix = *v;
          return true;
        },
        kOptNoNeg);
    valued(
        0, "line-prefix", "prefix", "prepend an additional prefix to every line of output",
        [this](Value v, bool) {
          o_.line_prefix = *v;
          return true;
        },
        kOptNoNeg);
    flag(0, "no-prefix", "do not show any source or destination prefix", [this]() {
      o_.prefix_chosen = true;
      o_.a_prefix = o_.b_prefix = "";
    });
    flag(0, "default-prefix", "use default prefixes a/ and b/", [this]() {
      o_.prefix_chosen = true;
      o_.a_prefix = "a/";
      o_.b_prefix = "b/";
    });
    valued(
        0, "inter-hunk-context", "n", "show context between diff hunks up to the specified number of lines",
        [this](Value v, bool) {
          auto n = parse_uint(*v);
          if (!n || *n > 1000000000) {
            error("option `%s' expects a non-negative integer value with an optional k/m/g suffix", "inter-hunk-context");
            exit_with(129);
          }
          o_.inter_hunk_context = static_cast<int>(*n);
          return true;
        },
        kOptNoNeg);
    const char* names[] = {"output-indicator-new", "output-indicator-old", "output-indicator-context"};
    const char* helps[] = {"specify the character to indicate a new line instead of '+'",
                           "specify the character to indicate an old line instead of '-'",
                           "specify the character to indicate a context instead of ' '"};
    for (std::size_t i = 0; i < 3; i++)
      valued(
          0, names[i], "char", helps[i],
          [this, i, name = names[i]](Value v, bool) {
            if (v->size() != 1) {
              error("%s expects a character, got '%s'", name, *v);
              exit_with(129);
            }
            o_.output_indicators[i] = (*v)[0];
            return true;
          },
          kOptNoNeg);
  }

  bool score(Value value, int& target, const char* option) {
    std::string_view text = value ? std::string_view(*value) : std::string_view();
    target = parse_rename_score(text);
    if (!text.empty()) {
      error("invalid argument to %s", option);
      exit_with(129);
    }
    return true;
  }

  void add_renames() {
    valued(
        'B', "break-rewrites", "<n>[/<m>]", "break complete rewrite changes into pairs of delete and create",
        [this](Value v, bool) {
          std::string_view text = v ? std::string_view(*v) : std::string_view();
          int first = parse_rename_score(text), second = 0;
          if (skip_prefix(text, "/")) second = parse_rename_score(text);
          if (!text.empty()) {
            error("%s expects <n>/<m> form", "break-rewrites");
            exit_with(129);
          }
          o_.break_opt = first | second << 16;
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    valued(
        'M', "find-renames", "n", "detect renames",
        [this](Value v, bool) {
          score(v, o_.rename_score, "find-renames");
          o_.detect_rename = DetectRename::rename;
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    flag('D', "irreversible-delete", "omit the preimage for deletes", [this]() { o_.irreversible_delete = true; });
    valued(
        'C', "find-copies", "n", "detect copies",
        [this](Value v, bool) {
          score(v, o_.rename_score, "find-copies");
          if (o_.detect_rename == DetectRename::copy) o_.find_copies_harder = true;
          o_.detect_rename = DetectRename::copy;
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    toggle(0, "find-copies-harder", "use unmodified files as source to find copies", &o_.find_copies_harder);
    flag(0, "no-renames", "disable rename detection", [this]() { o_.detect_rename = DetectRename::none; });
    toggle(0, "rename-empty", "use empty blobs as rename source", &o_.rename_empty);
    valued(
        0, "follow", "", "continue listing the history of a file beyond renames",
        [this](Value, bool unset) {
          o_.follow_renames = !unset;
          if (unset) o_.default_follow_renames = false;
          return true;
        },
        kOptNoArg);
    p_.integer('l', "", &o_.rename_limit, "n",
               "prevent rename/copy detection if the number of rename/copy targets exceeds given limit");
  }

  void add_algorithms() {
    auto algorithm = [this](const char* name) {
      return [this, name]() {
        set_algorithm(o_, name);
        o_.ignore_driver_algorithm = true;
      };
    };
    flag(0, "minimal", "produce the smallest possible diff", algorithm("minimal"));
    xdf('w', "ignore-all-space", "ignore whitespace when comparing lines", kXdfIgnoreWhitespace);
    xdf('b', "ignore-space-change", "ignore changes in amount of whitespace", kXdfIgnoreWhitespaceChange);
    xdf(0, "ignore-space-at-eol", "ignore changes in whitespace at EOL", kXdfIgnoreWhitespaceAtEol);
    xdf(0, "ignore-cr-at-eol", "ignore carrier-return at the end of line", kXdfIgnoreCrAtEol);
    xdf(0, "ignore-blank-lines", "ignore changes whose lines are all blank", kXdfIgnoreBlankLines);
    valued(
        'I', "ignore-matching-lines", "regex", "ignore changes whose all lines match <regex>",
        [this](Value v, bool unset) {
          if (unset) {
            o_.ignore_regex.clear();
            return true;
          }
          auto regex = Regex::compile(*v, Regex::kExtended | Regex::kNewline);
          if (!regex) {
            error("invalid regex given to -I: '%s'", *v);
            exit_with(129);
          }
          o_.ignore_regex.push_back(std::make_shared<Regex>(std::move(*regex)));
          return true;
        },
        0);
    xdf(0, "indent-heuristic", "heuristic to shift diff hunk boundaries for easy reading", kXdfIndentHeuristic);
    flag(0, "patience", "generate diff using the \"patience diff\" algorithm", [this, algorithm]() {
      o_.anchors.clear();
      algorithm("patience")();
    });
    flag(0, "histogram", "generate diff using the \"histogram diff\" algorithm", algorithm("histogram"));
    valued(
        0, "diff-algorithm", "algorithm", "choose a diff algorithm",
        [this](Value v, bool) {
          if (!set_algorithm(o_, *v)) {
            error("option diff-algorithm accepts \"myers\", \"minimal\", \"patience\" and \"histogram\"");
            exit_with(129);
          }
          o_.ignore_driver_algorithm = true;
          return true;
        },
        kOptNoNeg);
    valued(
        0, "anchored", "text", "generate diff using the \"anchored diff\" algorithm",
        [this, algorithm](Value v, bool) {
          algorithm("patience")();
          o_.anchors.push_back(*v);
          return true;
        },
        kOptNoNeg);
  }

  void add_words() {
    valued(
        0, "word-diff", "mode", "show word diff, using <mode> to delimit changed words",
        [this](Value v, bool) {
          const std::string mode = v.value_or("plain");
          if (mode == "plain") {
            o_.word_diff = WordDiff::plain;
          } else if (mode == "color") {
            o_.use_color = kColorAlways;
            o_.word_diff = WordDiff::color;
          } else if (mode == "porcelain") {
            o_.word_diff = WordDiff::porcelain;
          } else if (mode == "none") {
            o_.word_diff = WordDiff::none;
          } else {
            error("bad --word-diff argument: %s", mode);
            exit_with(129);
          }
          if (!v && false) return false;
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    valued(
        0, "word-diff-regex", "regex", "use <regex> to decide what a word is",
        [this](Value v, bool) {
          if (o_.word_diff == WordDiff::none) o_.word_diff = WordDiff::plain;
          o_.word_regex = *v;
          return true;
        },
        kOptNoNeg);
    valued(
        0, "color-words", "regex", "equivalent to --word-diff=color --word-diff-regex=<regex>",
        [this](Value v, bool) {
          o_.use_color = kColorAlways;
          o_.word_diff = WordDiff::color;
          if (v) o_.word_regex = *v;
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    valued(
        0, "color-moved", "mode", "moved lines of code are colored differently",
        [this](Value v, bool unset) {
          if (unset) {
            o_.color_moved = ColorMoved::no;
          } else if (!v) {
            if (o_.color_moved == ColorMoved::no) o_.color_moved = ColorMoved::zebra;
          } else {
            auto flag_value = parse_maybe_bool_text(*v);
            if (flag_value) {
              o_.color_moved = *flag_value ? ColorMoved::zebra : ColorMoved::no;
            } else if (!parse_color_moved(*v, o_.color_moved)) {
              error("%s", kColorMovedHelp);
              error("bad --color-moved argument: %s", *v);
              exit_with(129);
            }
          }
          return true;
        },
        kOptOptionalArg);
    valued(
        0, "color-moved-ws", "mode", "how white spaces are ignored in --color-moved",
        [this](Value v, bool unset) {
          if (unset) {
            o_.color_moved_ws = 0;
            return true;
          }
          std::string problem;
          unsigned ws = parse_color_moved_ws(*v, problem);
          if (!problem.empty()) {
            error("%s", problem);
            error("invalid mode '%s' in --color-moved-ws", *v);
            exit_with(129);
          }
          o_.color_moved_ws = ws;
          return true;
        },
        0);
  }

  void add_others() {
    valued(
        0, "relative", "prefix", "when run from subdir, exclude changes outside and show relative paths",
        [this](Value v, bool unset) {
          o_.relative_name = !unset;
          if (v) o_.relative_argument = *v;
          return true;
        },
        kOptOptionalArg);
    toggle('a', "text", "treat all files as text", &o_.text);
    toggle('R', "", "swap two inputs, reverse the diff", &o_.reverse_diff);
    toggle(0, "exit-code", "exit with 1 if there were differences, 0 otherwise", &o_.exit_with_status);
    toggle(0, "quiet", "disable all output of the program", &o_.quick);
    toggle(0, "ext-diff", "allow an external diff helper to be executed", &o_.allow_external);
    valued(
        0, "textconv", "", "run external text conversion filters when comparing binary files",
        [this](Value, bool unset) {
          o_.allow_textconv = !unset;
          o_.textconv_set_via_cmdline = !unset;
          return true;
        },
        kOptNoArg);
    valued(
        0, "ignore-submodules", "when", "ignore changes to submodules in the diff generation",
        [this](Value v, bool) {
          o_.override_submodule_config = true;
          set_ignore_submodules(o_, v.value_or("all"));
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    valued(
        0, "submodule", "format", "specify how differences in submodules are shown",
        [this](Value v, bool) {
          auto parsed = parse_submodule_format(v.value_or("log"));
          if (!parsed) {
            error("failed to parse --submodule option parameter: '%s'", v.value_or(""));
            exit_with(129);
          }
          o_.submodule_format = *parsed;
          return true;
        },
        kOptNoNeg | kOptOptionalArg);
    flag(0, "ita-invisible-in-index", "hide 'git add -N' entries from the index", [this]() { o_.ita_invisible_in_index = true; });
    flag(0, "ita-visible-in-index", "treat 'git add -N' entries as real", [this]() { o_.ita_invisible_in_index = false; });
    auto pickaxe = [this](unsigned kind) {
      return [this, kind](Value v, bool) {
        o_.pickaxe = *v;
        o_.has_pickaxe = true;
        o_.pickaxe_opts |= kind;
        if (v->empty()) {
          error("%s requires a non-empty argument", kind == kPickaxeKindS ? "-S" : "-G");
          exit_with(129);
        }
        return true;
      };
    };
    valued('S', "", "string", "look for differences that change the number of occurrences of the specified string",
           pickaxe(kPickaxeKindS), kOptNoNeg);
    valued('G', "", "regex", "look for differences where a patch contains the specified regex", pickaxe(kPickaxeKindG),
           kOptNoNeg);
    flag(0, "pickaxe-all", "show all changes in the changeset with -S or -G", [this]() { o_.pickaxe_opts |= kPickaxeAll; });
    flag(0, "pickaxe-regex", "treat <string> in -S as extended POSIX regular expression",
         [this]() { o_.pickaxe_opts |= kPickaxeRegex; });
    valued(
        'O', "", "file", "control the order in which files appear in the output",
        [this](Value v, bool) {
          o_.orderfile = v->empty() ? "" : prefix_filename(o_.prefix, *v);
          return true;
        },
        kOptNoNeg);
    valued(
        0, "rotate-to", "path", "show the change in the specified path first",
        [this](Value v, bool) {
          o_.rotate_to = prefix_filename(o_.prefix, *v);
          o_.skip_instead_of_rotate = false;
          return true;
        },
        kOptNoNeg);
    valued(
        0, "skip-to", "path", "skip the output to the specified path",
        [this](Value v, bool) {
          o_.rotate_to = prefix_filename(o_.prefix, *v);
          o_.skip_instead_of_rotate = true;
          return true;
        },
        kOptNoNeg);
    valued(
        0, "find-object", "object-id", "look for differences that change the number of occurrences of the specified object",
        [this](Value v, bool) {
          auto oid = o_.repo ? get_oid(*o_.repo, *v) : std::nullopt;
          if (!oid) {
            error("unable to resolve '%s'", *v);
            exit_with(129);
          }
          o_.pickaxe_opts |= kPickaxeKindObject;
          o_.has_pickaxe = true;
          o_.recursive = true;
          o_.tree_in_recursive = true;
          o_.find_objects.push_back(*oid);
          return true;
        },
        kOptNoNeg);
    valued(
        0, "diff-filter", "[(A|C|D|M|R|T|U|X|B)...[*]]", "select files by diff type",
        [this](Value v, bool) {
          for (char c : *v) {
            const bool exclude = c >= 'a' && c <= 'z';
            const unsigned bit = filter_bit(exclude ? to_upper(c) : c);
            if (!bit) {
              error("unknown change class '%s' in --diff-filter=%s", std::string(1, c), *v);
              exit_with(129);
            }
            (exclude ? o_.filter_not : o_.filter) |= bit;
          }
          return true;
        },
        kOptNoNeg);
    valued(
        0, "max-depth", "depth", "maximum tree depth to recurse",
        [this](Value v, bool) {
          auto n = parse_int(*v);
          if (!n || *n > 1000000 || *n < -1000000) {
            error("option `%s' expects a numerical value", "max-depth");
            return false;
          }
          o_.recursive = true;
          o_.max_depth = static_cast<int>(*n);
          o_.max_depth_valid = *n >= 0;
          return true;
        },
        kOptNoNeg);
    valued(
        0, "output", "file", "output to a specific file",
        [this](Value v, bool) {
          auto file = std::make_shared<UniqueFd>(xopen(prefix_filename(o_.prefix, *v), O_WRONLY | O_CREAT | O_TRUNC));
          o_.write = [file](std::string_view bytes) {
            if (!write_in_full(file->get(), bytes)) die_errno("write failure on output file");
          };
          o_.writes_to_file = true;
          if (o_.use_color != kColorAlways) o_.use_color = kColorNever;
          return true;
        },
        kOptNoNeg);
  }

  DiffOptions& o_;
  Options& p_;
};

}  // namespace

DiffOptionParser::DiffOptionParser(DiffOptions& options) : state_(std::make_unique<State>(options)) { add_to(state_->parser); }
DiffOptionParser::~DiffOptionParser() = default;

void DiffOptionParser::add_to(Options& parser) {
  // The Adder lives as long as the callbacks that use it.
  auto adder = std::make_shared<Adder>(state_->options, parser);
  adder->add_all();
  keep_.push_back(adder);
}

int DiffOptionParser::parse(const std::vector<std::string>& args, std::size_t at) {
  const std::string& arg = args[at];
  if (arg.size() < 2 || arg[0] != '-' || arg == "--") return 0;
  std::vector<std::string> some = {"diff", arg};
  if (at + 1 < args.size()) some.push_back(args[at + 1]);
  const std::size_t given = some.size() - 1;
  auto left = state_->parser.parse(some, state_->options.prefix,
                                   kOneShot | kKeepUnknown | kNoInternalHelp | kStopAtNonOption | kKeepDashDash);
  return static_cast<int>(given - std::min(left.size(), given));
}

void diff_setup_done(DiffOptions& o) {
  const unsigned exclusive = kDiffName | kDiffNameStatus | kDiffCheck | kDiffNoOutput;
  auto count = [](unsigned bits) { return __builtin_popcount(bits); };
  if (count(o.output_format & exclusive) > 1)
    die("options '%s', '%s', '%s', and '%s' cannot be used together", "--name-only", "--name-status", "--check", "-s");
  const unsigned kinds = o.pickaxe_opts & (kPickaxeKindS | kPickaxeKindG | kPickaxeKindObject);
  if (count(kinds) > 1) die("options '%s', '%s', and '%s' cannot be used together", "-G", "-S", "--find-object");
  if ((o.pickaxe_opts & (kPickaxeKindG | kPickaxeRegex)) == (kPickaxeKindG | kPickaxeRegex))
    die("options '%s' and '%s' cannot be used together, use '%s' with '%s'", "-G", "--pickaxe-regex", "--pickaxe-regex", "-S");
  if ((o.pickaxe_opts & (kPickaxeAll | kPickaxeKindObject)) == (kPickaxeAll | kPickaxeKindObject))
    die("options '%s' and '%s' cannot be used together, use '%s' with '%s' and '%s'", "--pickaxe-all", "--find-object",
        "--pickaxe-all", "-G", "-S");
  o.diff_from_contents = (o.xdl_opts & (kXdfWhitespaceFlags | kXdfIgnoreBlankLines)) || !o.ignore_regex.empty();
  if (o.find_copies_harder) o.detect_rename = DetectRename::copy;
  if (o.relative_name) {
    o.relative_prefix = o.relative_argument.empty() ? o.prefix : o.relative_argument;
  } else {
    o.relative_prefix.clear();
  }
  if (o.output_format & exclusive)
    o.output_format &= ~unsigned{kDiffRaw | kDiffNumstat | kDiffStat | kDiffShortstat | kDiffDirstat | kDiffSummary | kDiffPatch};
  if (o.output_format & (kDiffPatch | kDiffNumstat | kDiffStat | kDiffShortstat | kDiffDirstat | kDiffSummary | kDiffCheck))
    o.recursive = true;
  if (kinds) o.recursive = true;
  if (o.output_format & kDiffPatch) o.dirty_submodules = true;
  if (o.rename_limit < 0) o.rename_limit = o.rename_limit_default;
  if (o.use_color == kColorAuto) o.use_color = want_color(kColorAuto) && !o.writes_to_file ? 1 : 0;
  if (o.use_color < 0) o.use_color = 0;
  if (o.quick) {
    o.output_format = kDiffNoOutput;
    o.exit_with_status = true;
  }
  if (o.exit_with_status && o.allow_external && o.has_external_command()) o.diff_from_contents = true;
  if (o.follow_renames && o.pathspec.size() != 1) die("--follow requires exactly one pathspec");
  if (!o.use_color || (o.allow_external && o.has_external_command())) o.color_moved = ColorMoved::no;
  if (o.filter_not) {
    if (!o.filter) o.filter = ~filter_bit('*');
    o.filter &= ~o.filter_not;
  }
}

}  // namespace git
