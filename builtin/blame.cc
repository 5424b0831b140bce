// git blame and git annotate.
#include "blame.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/regex.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "diff/external.h"
#include "diff/userdiff.h"
#include "diff/xdl-emit.h"
#include "index.h"
#include "index/convert.h"
#include "index/pathspec.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "setup.h"
#include "show/encoding.h"
#include "show/mailmap.h"
#include "show/pretty.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"

GIT_BUILTIN("blame", cmd_blame, kSetup)
GIT_BUILTIN("annotate", cmd_annotate, kSetup | kNoParseopt)

namespace git {
namespace {

struct Settings {
  std::vector<std::string> ignored_revs, ignored_files;
  bool finds_moves = false;
  int finds_copies = 0;
  unsigned move_score = 20, copy_score = 40;
  bool mark_unblamable = false, mark_ignored = false;
  bool incremental = false, blank_boundary = false, show_root = false, compat = false;
  bool show_name = false, show_number = false, porcelain = false, line_porcelain = false, long_name = false, raw_time = false;
  bool no_author = false, show_email = false, show_score = false;
  int abbrev = -1;
  unsigned xdl_opts = kXdfIndentHeuristic;
  std::optional<std::string> contents;
  std::vector<std::string> ranges;
  DateFormat date{DateMode::iso8601, false, {}};
  bool first_parent = false;
};

struct CommitInfo {
  std::string author, author_mail, committer, committer_mail, summary;
  std::uint64_t author_time = 0, committer_time = 0;
  int author_tz = 0, committer_tz = 0;
};

class BlameCommand {
 public:
  BlameCommand(Invocation& inv, bool annotate) : inv_(inv), repo_(inv.repo()), config_(inv.repo().config()) {
    s_.compat = annotate;
  }
  int run(std::vector<std::string> args);

 private:
  std::vector<std::string> parse(const std::vector<std::string>& args);
  std::set<ObjectId> ignored_commits();
  void find_path(std::vector<std::string>& rest);
  void load_final(RevWalk& walk);
  std::vector<std::pair<long, long>> parse_ranges(const std::string& text);
  long parse_position(std::string_view& spec, const std::vector<std::string_view>& lines, long begin, bool is_end);
  CommitInfo info_of(const BlameOrigin& origin);
  std::string format_time(std::uint64_t time, int tz) const;
  std::string hex_of(const BlameOrigin& origin) const {
    return origin.commit ? origin.commit->oid.hex() : ObjectId::null(repo_.algo()).hex();
  }
  bool is_boundary(const BlameOrigin& origin) const { return origin.commit && boundaries_.count(origin.commit); }
  void emit_details(const BlameOrigin& origin, bool repeat);
  void emit_filename(const BlameOrigin& origin);
  void emit_porcelain(const BlameEntry& entry, const std::vector<std::string_view>& lines);
  void emit_lines(const Blame& blame, const std::vector<std::string_view>& lines);

  Invocation& inv_;
  Repository& repo_;
  Config& config_;
  Settings s_;
  std::string path_, final_text_;
  Commit* final_commit_ = nullptr;
  std::vector<Commit*> parents_;
  std::set<const Commit*> boundaries_;
  std::set<const void*> shown_;
  std::set<const Commit*> more_than_one_path_;
  bool shown_worktree_ = false;
  std::unique_ptr<Mailmap> mailmap_;
};

std::vector<std::string> BlameCommand::parse(const std::vector<std::string>& args) {
  Options p({"git blame [<options>] [<rev-opts>] [<rev>] [--] <file>"});
  s_.show_root = config_.get_bool_or("blame.showroot", false);
  s_.blank_boundary = config_.get_bool_or("blame.blankboundary", false);
  s_.show_email = config_.get_bool_or("blame.showemail", false);
  if (auto date = config_.get_string("blame.date")) s_.date = parse_date_format(*date);
  for (const ConfigEntry* entry : config_.find_all("blame.ignorerevsfile"))
    s_.ignored_files.push_back(entry->value ? expand_config_path(*entry->value).value_or(*entry->value) : std::string());
  if (auto algorithm = config_.get_string("diff.algorithm")) {
    if (*algorithm == "patience") s_.xdl_opts |= kXdfPatience;
    if (*algorithm == "histogram") s_.xdl_opts |= kXdfHistogram;
    if (*algorithm == "minimal") s_.xdl_opts |= kXdfNeedMinimal;
  }
  s_.mark_unblamable = config_.get_bool_or("blame.markunblamablelines", false);
  s_.mark_ignored = config_.get_bool_or("blame.markignoredlines", false);
  p.boolean(0, "incremental", &s_.incremental, N_("show blame entries as we find them, incrementally"));
  p.boolean('b', "", &s_.blank_boundary, N_("do not show object names of boundary commits (Default: off)"));
  p.boolean(0, "root", &s_.show_root, N_("do not treat root commits as boundaries (Default: off)"));
  p.boolean('f', "show-name", &s_.show_name, N_("show original filename (Default: auto)"));
  p.boolean('n', "show-number", &s_.show_number, N_("show original linenumber (Default: off)"));
  p.boolean('p', "porcelain", &s_.porcelain, N_("show in a format designed for machine consumption"));
  p.callback(
      0, "line-porcelain", "", N_("show porcelain format with per-line commit information"),
      [&](const std::optional<std::string>&, bool) {
        s_.porcelain = s_.line_porcelain = true;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  p.boolean('c', "", &s_.compat, N_("use the same output mode as git-annotate (Default: off)"));
  p.boolean('t', "", &s_.raw_time, N_("show raw timestamp (Default: off)"));
  p.boolean('l', "", &s_.long_name, N_("show long commit SHA1 (Default: off)"));
  p.boolean('s', "", &s_.no_author, N_("suppress author name and timestamp (Default: off)"));
  p.boolean('e', "show-email", &s_.show_email, N_("show author email instead of name (Default: off)"));
  p.strings(0, "ignore-rev", &s_.ignored_revs, "rev", N_("ignore <rev> when blaming"));
  p.strings(0, "ignore-revs-file", &s_.ignored_files, "file", N_("ignore revisions from <file>"));
  p.callback(
      'w', "", "", N_("ignore whitespace differences"),
      [&](const std::optional<std::string>&, bool) {
        s_.xdl_opts |= kXdfIgnoreWhitespace;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  p.callback(
      0, "minimal", "", N_("spend extra cycles to find better match"),
      [&](const std::optional<std::string>&, bool) {
        s_.xdl_opts |= kXdfNeedMinimal;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  p.callback(
      0, "diff-algorithm", "algorithm", N_("choose a diff algorithm"),
      [&](const std::optional<std::string>& v, bool) {
        s_.xdl_opts &= ~(kXdfAlgorithmMask | kXdfNeedMinimal);
        if (*v == "patience")
          s_.xdl_opts |= kXdfPatience;
        else if (*v == "histogram")
          s_.xdl_opts |= kXdfHistogram;
        else if (*v == "minimal")
          s_.xdl_opts |= kXdfNeedMinimal;
        else if (*v != "myers" && *v != "default") {
          error("option diff-algorithm accepts \"myers\", \"minimal\", \"patience\" and \"histogram\"");
          return false;
        }
        return true;
      },
      kOptNoNeg);
  auto score = [](const std::optional<std::string>& v, unsigned* target) {
    if (!v) return;
    // A word that is no number is not worth a message.
    *target = static_cast<unsigned>(parse_uint(*v).value_or(0));
  };
  p.callback(
      'M', "", "score", N_("find line movements within and across files"),
      [this, score](const std::optional<std::string>& v, bool) {
        s_.finds_moves = true;
        score(v, &s_.move_score);
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  p.callback(
      'C', "", "score", N_("find line copies within and across files"),
      [this, score](const std::optional<std::string>& v, bool) {
        s_.finds_moves = true;
        s_.finds_copies = std::min(s_.finds_copies + 1, 3);
        score(v, &s_.copy_score);
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  p.filename(0, "contents", &s_.contents, N_("use <file>'s contents as the final image"));
  p.strings('L', "", &s_.ranges, "range", N_("process only line range <start>,<end> or function :<funcname>"));
  p.abbrev(&s_.abbrev);
  p.callback(
      0, "date", "format", N_("how dates are shown"),
      [&](const std::optional<std::string>& v, bool) {
        s_.date = parse_date_format(*v);
        return true;
      },
      kOptNoNeg);
  p.boolean(0, "first-parent", &s_.first_parent, N_("follow only the first parent of merges"), kOptNoNeg);
  return p.parse(args, inv_.prefix_or_empty(), kKeepDashDash | kKeepUnknown);
}

std::set<ObjectId> BlameCommand::ignored_commits() {
  std::set<ObjectId> ignored;
  for (const std::string& name : s_.ignored_files) {
    // An empty name forgets what was named so far.
    if (name.empty()) {
      ignored.clear();
      continue;
    }
    auto text = read_file(name);
    if (!text) die("could not open object name list: %s", name);
    for (std::string_view line : split_lines(*text)) {
      line = trim(line.substr(0, line.find('#')));
      if (line.empty()) continue;
      auto oid = ObjectId::from_hex(line, repo_.algo());
      if (!oid) die("invalid object name: %s", line);
      if (Commit* commit = repo_.commits().peel_to_commit(*oid)) ignored.insert(commit->oid);
    }
  }
  for (const std::string& name : s_.ignored_revs) {
    Commit* commit = lookup_commit_by_name(repo_, name);
    if (!commit) die(_("cannot find revision %s to ignore"), name);
    ignored.insert(commit->oid);
  }
  return ignored;
}

void BlameCommand::find_path(std::vector<std::string>& rest) {
  auto dashes = std::find(rest.begin(), rest.end(), "--");
  auto bad = []() { usage("%s", "git blame [<options>] [<rev-opts>] [<rev>] [--] <file>"); };
  std::string path;
  if (dashes != rest.end()) {
    const auto behind = rest.end() - dashes - 1;
    if (behind == 1) {
      path = rest.back();
      rest.erase(dashes, rest.end());
    } else if (behind == 2 && rest.begin() == dashes) {
      // "-- file rev"
      std::string rev = rest.back();
      path = rest[rest.size() - 2];
      rest = {rev};
    } else {
      bad();
    }
  } else {
    if (rest.empty()) bad();
    path = rest.back();
    rest.pop_back();
    if (rest.size() == 1 && rest[0][0] != '-' && !path_exists(prefix_filename(inv_.prefix_or_empty(), path)) &&
        path_exists(prefix_filename(inv_.prefix_or_empty(), rest[0])))
      std::swap(path, rest[0]);
  }
  path_ = prefix_path(repo_, inv_.prefix_or_empty(), path);
}

void BlameCommand::load_final(RevWalk& walk) {
  for (const PendingObject& tip : walk.pending) {
    if (tip.flags & kRevUninteresting) continue;
    Commit* commit = repo_.commits().peel_to_commit(tip.oid);
    if (!commit) die("Non commit %s?", tip.name);
    if (final_commit_ && final_commit_ != commit) die("More than one commit to dig from %s and %s?", "HEAD", tip.name);
    final_commit_ = commit;
  }
  DiffOptions options = make_diff_options(&repo_, config_, nullptr, "", DiffConfig::ui);
  if (final_commit_ && !s_.contents) {
    auto oid = get_oid(repo_, final_commit_->oid.hex() + ":" + path_, NameHint::none, true);
    if (!oid) die("no such path %s in %s", path_, final_commit_->oid);
    DiffFilespec spec(path_);
    spec.fill(*oid, true, kModeBlob);
    const UserdiffDriver* conv = textconv_driver(options, spec);
    final_text_ = conv ? run_textconv(options, *conv, spec) : load(options, spec);
    return;
  }
  auto head = final_commit_ ? std::optional<ObjectId>(final_commit_->oid) : repo_.refs().read_oid("HEAD");
  final_commit_ = nullptr;
  if (!head) die("no such ref: HEAD");
  parents_.push_back(repo_.commits().get(*head));
  if (auto merge = read_file_if_exists(repo_.git_path("MERGE_HEAD")))
    for (std::string_view line : split_lines(*merge))
      if (auto oid = ObjectId::from_hex(line, repo_.algo())) parents_.push_back(repo_.commits().get(*oid));
  bool known = get_oid(repo_, head->hex() + ":" + path_, NameHint::none, true).has_value();
  Index index = Index::read(repo_);
  known = known || index.find(path_) || index.is_path_unmerged(path_);
  if (!known) die("no such path '%s' in HEAD", path_);
  if (s_.contents && *s_.contents == "-") {
    final_text_ = read_fd(0).take_or_die();
  } else {
    const std::string file = s_.contents ? *s_.contents : path_;
    struct stat st;
    if (::lstat(file.c_str(), &st)) die_errno("Cannot lstat '%s'", file);
    if (S_ISLNK(st.st_mode)) {
      final_text_ = read_link(file).value_or("");
    } else {
      final_text_ = read_file(file).take_or_die();
    }
  }
  Converter converter(repo_, &index);
  if (auto converted = converter.to_git(path_, final_text_)) final_text_ = *converted;
}

long BlameCommand::parse_position(std::string_view& spec, const std::vector<std::string_view>& lines, long begin, bool is_end) {
  const long size = static_cast<long>(lines.size());
  if (is_end && !spec.empty() && (spec[0] == '+' || spec[0] == '-')) {
    const bool minus = spec[0] == '-';
    std::size_t n = 1;
    while (n < spec.size() && is_digit(spec[n])) n++;
    const long value = static_cast<long>(parse_uint(spec.substr(1, n - 1)).value_or(0));
    if (n > 1) {
      if (!value) die("-L invalid empty range");
      spec.remove_prefix(n);
      return minus ? std::max(begin + 2 - value, 1L) - 1000000000L : begin + value;
    }
  }
  std::size_t n = 0;
  while (n < spec.size() && is_digit(spec[n])) n++;
  if (n) {
    const long value = static_cast<long>(parse_uint(spec.substr(0, n)).value_or(0));
    spec.remove_prefix(n);
    if (!is_end && !value) die("-L invalid line number: %d", value);
    return value;
  }
  bool from_start = false;
  if (!is_end && starts_with(spec, "^/")) {
    from_start = true;
    spec.remove_prefix(1);
  }
  if (spec.empty() || spec[0] != '/') return -1;
  std::string pattern;
  std::size_t i = 1;
  for (; i < spec.size() && spec[i] != '/'; i++) {
    if (spec[i] == '\\' && i + 1 < spec.size()) {
      if (spec[i + 1] != '/') pattern += spec[i];
      i++;
    }
    pattern += spec[i];
  }
  if (i >= spec.size()) return -1;
  spec.remove_prefix(i + 1);
  auto regex = Regex::compile(pattern, Regex::kNewline);
  if (!regex) die("-L parameter '%s': %s", pattern, regex.error().message);
  for (long l = from_start ? 0 : begin; l < size; l++)
    if (regex->matches(lines[static_cast<std::size_t>(l)])) return l + 1;
  die("-L parameter '%s' starting at line %d: %s", pattern, (from_start ? 0 : begin) + 1, "No match");
}

std::vector<std::pair<long, long>> BlameCommand::parse_ranges(const std::string& text) {
  std::vector<std::pair<long, long>> ranges;
  const auto lines = text_lines(text);
  const long size = static_cast<long>(lines.size());
  long anchor = 1;
  for (const std::string& range : s_.ranges) {
    std::string_view spec = range;
    if (starts_with(spec, ":") || starts_with(spec, "^:")) {
      bool from_start = skip_prefix(spec, "^");
      std::string pattern(spec.substr(1));
      auto regex = Regex::compile(pattern, Regex::kNewline);
      if (!regex) die("-L parameter '%s': %s", pattern, regex.error().message);
      DiffOptions options = make_diff_options(&repo_, config_, nullptr, "", DiffConfig::none);
      const FuncNamePattern* names = options.userdiff().for_path(path_).func_names();
      auto is_function = [&](long l) {
        std::string_view line = lines[static_cast<std::size_t>(l)];
        return names ? names->find(line).has_value() : default_func_name(line).has_value();
      };
      long l = from_start ? 0 : anchor - 1;
      while (l < size && !(is_function(l) && regex->matches(lines[static_cast<std::size_t>(l)]))) l++;
      if (l >= size) die("-L parameter '%s' starting at line %d: no match", pattern, anchor);
      long end = l + 1;
      while (end < size && !is_function(end)) end++;
      ranges.push_back({l, end});
      anchor = end + 1;
      continue;
    }
    long bottom = 0, top = 0;
    if (spec.empty() || spec[0] != ',') {
      bottom = parse_position(spec, lines, anchor - 1, false);
      if (bottom < 0) die("malformed -L argument '%s'", range);
    }
    if (skip_prefix(spec, ",") && !spec.empty()) {
      top = parse_position(spec, lines, (bottom ? bottom : 1) - 1, true);
      if (top == -1) die("malformed -L argument '%s'", range);
      if (top < -1) {
        // ",-n": up to here.
        long first = top + 1000000000L;
        top = bottom;
        bottom = first;
      } else if (range.find(",+") != std::string::npos) {
        top = bottom + (top - ((bottom ? bottom : 1) - 1)) - 1;
      }
    }
    if (!spec.empty()) die("malformed -L argument '%s'", range);
    if (bottom > size || ((size || bottom || top) && size < bottom))
      die(Q_("file %s has only %d line", "file %s has only %d lines", static_cast<std::uint64_t>(size)), path_, size);
    if (bottom && top && bottom > top) std::swap(bottom, top);
    if (bottom < 1) bottom = 1;
    if (top < 1 || top > size) top = size;
    ranges.push_back({bottom - 1, top});
    anchor = top + 1;
  }
  std::sort(ranges.begin(), ranges.end());
  std::vector<std::pair<long, long>> merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second)
      merged.back().second = std::max(merged.back().second, range.second);
    else
      merged.push_back(range);
  }
  return merged;
}

CommitInfo BlameCommand::info_of(const BlameOrigin& origin) {
  CommitInfo info;
  if (!origin.commit) {
    info.author = info.committer = s_.contents ? "External file (--contents)" : "Not Committed Yet";
    info.author_mail = info.committer_mail = s_.contents ? "<external.file>" : "<not.committed.yet>";
    info.author_time = info.committer_time = current_time();
    info.author_tz = info.committer_tz = local_tz_offset(info.author_time);
    info.summary = "Version of " + path_ + " from " + (s_.contents ? *s_.contents : path_);
    return info;
  }
  std::string buffer = reencode_commit(repo_.commits().read_buffer(origin.commit).take_or_die(), log_output_encoding(repo_));
  auto header = parse_commit(buffer, repo_.algo());
  auto person = [&](std::string_view line, std::string& name, std::string& mail, std::uint64_t& time, int& tz) {
    auto ident = split_ident_line(line);
    if (!ident) {
      name = mail = "(unknown)";
      return;
    }
    name = ident->name;
    mail = ident->mail;
    if (mailmap_) mailmap_->map(name, mail);
    mail = "<" + mail + ">";
    time = ident_time(*ident);
    tz = ident_tz(*ident);
  };
  if (header) {
    person(header->author, info.author, info.author_mail, info.author_time, info.author_tz);
    person(header->committer, info.committer, info.committer_mail, info.committer_time, info.committer_tz);
  }
  std::string_view message = commit_message(buffer);
  info.summary = take_subject(message);
  if (info.summary.empty()) info.summary = "(" + origin.commit->oid.hex() + ")";
  return info;
}

std::string BlameCommand::format_time(std::uint64_t time, int tz) const {
  if (s_.raw_time) return strf("%d %s%04d", time, tz < 0 ? "-" : "+", std::abs(tz));
  std::string text = show_date(time, tz, s_.date);
  int width = 0;
  switch (s_.date.mode) {
    case DateMode::rfc2822:
      width = 31;
      break;
    case DateMode::iso8601_strict:
    case DateMode::iso8601:
      width = 25;
      break;
    case DateMode::raw:
      width = 16;
      break;
    case DateMode::unix_time:
      width = 10;
      break;
    case DateMode::short_date:
      width = 10;
      break;
    case DateMode::relative:
      width = 22;
      break;
    case DateMode::human:
      width = 12;
      break;
    case DateMode::normal:
      width = 30;
      break;
    case DateMode::strftime:
      width = static_cast<int>(show_date(0, 0, s_.date).size());
      break;
  }
  while (utf8_width(text) < width) text += ' ';
  return text;
}

void BlameCommand::emit_filename(const BlameOrigin& origin) {
  if (origin.previous) outf("previous %s %s\n", origin.previous->commit->oid, quote_c_style(origin.previous->path));
  outf("filename %s\n", quote_c_style(origin.path));
}

void BlameCommand::emit_details(const BlameOrigin& origin, bool repeat) {
  const void* key = origin.commit ? static_cast<const void*>(origin.commit) : static_cast<const void*>(this);
  if (!repeat && !shown_.insert(key).second) return;
  shown_.insert(key);
  const CommitInfo info = info_of(origin);
  outf("author %s\nauthor-mail %s\nauthor-time %d\nauthor-tz %s%04d\n", info.author, info.author_mail, info.author_time,
       info.author_tz < 0 ? "-" : "+", std::abs(info.author_tz));
  outf("committer %s\ncommitter-mail %s\ncommitter-time %d\ncommitter-tz %s%04d\n", info.committer, info.committer_mail,
       info.committer_time, info.committer_tz < 0 ? "-" : "+", std::abs(info.committer_tz));
  outf("summary %s\n", info.summary);
  if (is_boundary(origin)) out("boundary\n");
}

void BlameCommand::emit_porcelain(const BlameEntry& entry, const std::vector<std::string_view>& lines) {
  const std::string hex = hex_of(*entry.origin);
  for (long i = 0; i < entry.count; i++) {
    outf("%s %d %d", hex, entry.origin_line + 1 + i, entry.line + 1 + i);
    if (i == 0) outf(" %d", entry.count);
    out("\n");
    if (i == 0 || s_.line_porcelain) {
      const void* key = entry.origin->commit ? static_cast<const void*>(entry.origin->commit) : static_cast<const void*>(this);
      const bool first = !shown_.count(key);
      emit_details(*entry.origin, s_.line_porcelain);
      (void)first;
      if (first || s_.line_porcelain || more_than_one_path_.count(entry.origin->commit)) emit_filename(*entry.origin);
    }
    out("\t");
    std::string_view text = lines[static_cast<std::size_t>(entry.line + i)];
    out(text);
    if (!ends_with(text, "\n")) out("\n");
  }
}

void BlameCommand::emit_lines(const Blame& blame, const std::vector<std::string_view>& lines) {
  int longest_file = 0, longest_author = 0, max_digits = 1, orig_digits = 1, abbrev = 0;
  bool names_differ = s_.show_name;
  std::map<const BlameOrigin*, CommitInfo> infos;
  for (const BlameEntry& entry : blame.entries) {
    const BlameOrigin& origin = *entry.origin;
    if (origin.path != path_) names_differ = true;
    longest_file = std::max(longest_file, utf8_width(origin.path));
    auto [it, is_new] = infos.try_emplace(&origin);
    if (is_new) it->second = info_of(origin);
    const std::string& name = s_.show_email ? it->second.author_mail : it->second.author;
    longest_author = std::max(longest_author, utf8_width(name));
    max_digits = std::max(max_digits, static_cast<int>(std::to_string(entry.line + entry.count).size()));
    orig_digits = std::max(orig_digits, static_cast<int>(std::to_string(entry.origin_line + entry.count).size()));
    if (s_.abbrev < 0)
      abbrev = std::max(abbrev, static_cast<int>(origin.commit ? unique_abbrev(repo_, origin.commit->oid, -1).size()
                                                               : static_cast<std::size_t>(default_abbrev(repo_))));
  }
  const int full = static_cast<int>(hex_size(repo_.algo()));
  abbrev = s_.abbrev < 0 ? abbrev + 1 : s_.abbrev == 0 ? full : std::min(s_.abbrev + 1, full);
  if (s_.abbrev >= full) abbrev = full;
  for (const BlameEntry& entry : blame.entries) {
    const BlameOrigin& origin = *entry.origin;
    const CommitInfo& info = infos[&origin];
    const std::string& name = s_.show_email ? info.author_mail : info.author;
    for (long i = 0; i < entry.count; i++) {
      std::size_t length = static_cast<std::size_t>(s_.long_name ? full : abbrev);
      std::string hex = hex_of(origin);
      std::string text;
      if (is_boundary(origin)) {
        if (s_.blank_boundary) {
          hex.assign(hex.size(), ' ');
        } else if (!s_.compat) {
          length--;
          text += '^';
        }
      }
      if (s_.mark_unblamable && entry.is_unblamable) text += '*', length--;
      if (s_.mark_ignored && entry.is_ignored) text += '?', length--;
      text += hex.substr(0, length);
      if (s_.compat) {
        text += strf("\t(%10s\t%10s\t%d)", name, format_time(info.author_time, info.author_tz), entry.line + 1 + i);
      } else {
        if (names_differ) text += strf(" %-*s", longest_file, origin.path);
        if (s_.show_number) text += strf(" %*d", orig_digits, entry.origin_line + 1 + i);
        if (!s_.no_author) {
          const int pad = longest_author - utf8_width(name);
          text += " (" + name + std::string(static_cast<std::size_t>(std::max(pad, 0)), ' ') + " " +
                  strf("%10s", format_time(info.author_time, info.author_tz));
        }
        text += strf(" %*d) ", max_digits, entry.line + 1 + i);
      }
      std::string_view content = lines[static_cast<std::size_t>(entry.line + i)];
      text += content;
      if (!ends_with(content, "\n")) text += '\n';
      out(text);
    }
  }
}

int BlameCommand::run(std::vector<std::string> args) {
  std::vector<std::string> rest = parse(args);
  find_path(rest);
  RevWalk walk(repo_);
  RevWalk::Setup how;
  how.prefix = inv_.prefix_or_empty();
  how.assume_dashdash = true;
  how.revarg_cannot_be_filename = true;
  walk.first_parent_only = s_.first_parent;
  walk.setup(rest, how);
  mailmap_ = std::make_unique<Mailmap>(Mailmap::read(repo_));
  load_final(walk);
  std::set<const Commit*> excluded;
  CommitPool& pool = repo_.commits();
  std::vector<Commit*> stack;
  for (const PendingObject& tip : walk.pending)
    if (tip.flags & kRevUninteresting)
      if (Commit* commit = pool.peel_to_commit(tip.oid)) stack.push_back(commit);
  while (!stack.empty()) {
    Commit* commit = stack.back();
    stack.pop_back();
    if (!excluded.insert(commit).second) continue;
    pool.parse(commit).or_die();
    for (Commit* parent : commit->parents) stack.push_back(parent);
  }
  const auto max_age = walk.max_age;
  BlameSettings settings;
  settings.path = path_;
  settings.text = final_text_;
  settings.final_commit = final_commit_;
  settings.worktree_parents = parents_;
  settings.xdl_opts = s_.xdl_opts;
  settings.finds_moves = s_.finds_moves;
  settings.finds_copies = s_.finds_copies;
  settings.move_score = s_.move_score;
  settings.copy_score = s_.copy_score;
  settings.first_parent = walk.first_parent_only;
  if (!s_.ranges.empty()) settings.ranges = parse_ranges(final_text_);
  settings.is_boundary = [&](Commit* commit) {
    pool.parse(commit).or_die();
    bool boundary = excluded.count(commit) > 0 || (max_age >= 0 && static_cast<std::int64_t>(commit->date) < max_age);
    if (commit->parents.empty() && !s_.show_root) boundary = true;
    if (boundary) boundaries_.insert(commit);
    return boundary;
  };
  const std::set<ObjectId> ignored = ignored_commits();
  if (!ignored.empty()) settings.is_ignored = [&ignored](const ObjectId& oid) { return ignored.count(oid) > 0; };
  if (s_.incremental)
    settings.found = [&](const BlameEntry& entry) {
      outf("%s %d %d %d\n", hex_of(*entry.origin), entry.origin_line + 1, entry.line + 1, entry.count);
      emit_details(*entry.origin, false);
      emit_filename(*entry.origin);
    };
  Blame blame = assign_blame(repo_, settings);
  if (s_.incremental) return 0;
  const auto lines = text_lines(final_text_);
  if (s_.porcelain) {
    std::map<const Commit*, std::set<std::string>> paths;
    for (const BlameEntry& entry : blame.entries) paths[entry.origin->commit].insert(entry.origin->path);
    for (const auto& [commit, names] : paths)
      if (names.size() > 1) more_than_one_path_.insert(commit);
    for (const BlameEntry& entry : blame.entries) emit_porcelain(entry, lines);
  } else {
    emit_lines(blame, lines);
  }
  return 0;
}

}  // namespace

int cmd_blame(Invocation& inv) { return BlameCommand(inv, false).run(inv.args); }
int cmd_annotate(Invocation& inv) { return BlameCommand(inv, true).run(inv.args); }

}  // namespace git
