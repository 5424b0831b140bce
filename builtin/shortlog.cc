// git shortlog: commits grouped by who wrote them, or by other fields.
#include <map>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff/rev-limiter.h"
#include "object-name.h"
#include "object/object.h"
#include "show/display-options.h"
#include "show/encoding.h"
#include "show/mailmap.h"
#include "show/pretty.h"
#include "show/trailers.h"
#include "walk/revisions.h"

GIT_BUILTIN("shortlog", cmd_shortlog, kSetupGently | kUsePager | kNoParseopt)

namespace git {
namespace {

const std::vector<std::string> kUsage = {"git shortlog [<options>] [<revision-range>] [[--] <path>...]",
                                         "git log --pretty=short | git shortlog [<options>]"};

class Shortlog {
 public:
  explicit Shortlog(Invocation& inv) : inv_(inv) {}
  int run();

 private:
  bool parse_wrap(const std::optional<std::string>& value);
  int option(DisplayOptions& display, const std::vector<std::string>& args, std::size_t at);
  void read_stdin();
  void add_commit(DisplayOptions& display, Commit* c);
  void insert(const std::string& who, std::string_view what);
  std::string map_ident(std::string_view ident) const;
  void print();

  Invocation& inv_;
  bool by_committer_ = false, by_author_ = false, numbered_ = false, summary_ = false, email_ = false, wrap_ = false;
  std::vector<std::string> trailers_, formats_;
  bool has_groups_ = false;
  int width_ = 76, indent1_ = 6, indent2_ = 9;
  Mailmap mailmap_;
  std::map<std::string, std::vector<std::string>> groups_;
};

std::string Shortlog::map_ident(std::string_view text) const {
  std::optional<IdentLine> ident = split_ident_line(text);
  if (!ident) {
    std::string with_date = std::string(text) + " 0 +0000";
    ident = split_ident_line(with_date);
    if (!ident) return {};
    std::string name(ident->name), mail(ident->mail);
    mailmap_.map(name, mail);
    return email_ ? strf("%s <%s>", name, mail) : name;
  }
  std::string name(ident->name), mail(ident->mail);
  mailmap_.map(name, mail);
  return email_ ? strf("%s <%s>", name, mail) : name;
}

void Shortlog::insert(const std::string& who, std::string_view what) {
  if (summary_) {
    groups_[who].emplace_back();
    return;
  }
  std::string_view text = what;
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  std::string subject;
  std::string_view rest = text;
  if (starts_with(rest, "[PATCH")) {
    std::size_t close = rest.find(']');
    std::size_t newline = rest.find('\n');
    if (close != std::string_view::npos && (newline == std::string_view::npos || close < newline)) rest.remove_prefix(close + 1);
  }
  while (!rest.empty() && is_space(rest.front()) && rest.front() != '\n') rest.remove_prefix(1);
  subject = take_subject(rest);
  groups_[who].push_back(subject);
}

void Shortlog::read_stdin() {
  static constexpr std::string_view kAuthor[] = {"Author: ", "author "}, kCommitter[] = {"Commit: ", "committer "};
  if (has_groups_ && (!trailers_.empty() || !formats_.empty()))
    die(!trailers_.empty() ? "using %s with stdin is not supported" : "using %s with stdin is not supported",
        !trailers_.empty() ? "--group=trailer" : "--group=format");
  const auto& match = by_committer_ ? kCommitter : kAuthor;
  LineReader lines(0);
  std::string line;
  while (lines.next(line)) {
    std::string_view value;
    if (!skip_prefix(line, match[0], &value) && !skip_prefix(line, match[1], &value)) continue;
    std::string who = map_ident(value);
    while (lines.next(line) && !line.empty()) {
    }
    while (lines.next(line) && line.empty()) {
    }
    if (who.empty()) continue;
    insert(who, line);
  }
}

void Shortlog::add_commit(DisplayOptions& display, Commit* c) {
  Repository& repo = inv_.repo();
  Result<std::string> raw = repo.commits().read_buffer(c);
  if (!raw) die("%s", raw.error().message);
  std::string buffer = reencode_commit(*raw, log_output_encoding(repo));
  Result<CommitHeader> header = parse_commit(buffer, repo.algo());
  if (!header) return;
  std::string oneline;
  if (!summary_) {
    if (display.verbose_header && display.format.format == CommitFormat::user) {
      oneline = format_commit(display.context, c, display.format.user);
    } else {
      std::string_view message = header->message;
      oneline = take_subject(message);
    }
    if (oneline.empty()) oneline = "<none>";
  }
  std::vector<std::string> seen;
  auto once = [&](const std::string& who) {
    for (const std::string& s : seen)
      if (s == who) return;
    seen.push_back(who);
    insert(who, oneline);
  };
  if (by_author_) once(map_ident(header->author));
  if (by_committer_) once(map_ident(header->committer));
  for (const std::string& format : formats_) once(format_commit(display.context, c, format));
  if (!trailers_.empty()) {
    TrailerBlock block = parse_trailers(header->message, TrailerSettings::read(repo.config()), true);
    for (const Trailer& t : block.trailers)
      for (const std::string& key : trailers_)
        if (iequals(t.token, key)) {
          std::string value = unfold_value(t.value);
          std::string person;
          if (value.find('<') != std::string::npos) person = map_ident(value);
          once(person.empty() ? value : person);
        }
  }
}

void Shortlog::print() {
  std::vector<std::pair<std::string, const std::vector<std::string>*>> list;
  for (const auto& [who, what] : groups_) list.push_back({who, &what});
  if (numbered_)
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second->size() > b.second->size(); });
  for (const auto& [who, what] : list) {
    if (summary_) {
      outf("%6d\t%s\n", what->size(), who);
      continue;
    }
    outf("%s (%d):\n", who, what->size());
    for (std::size_t i = what->size(); i-- > 0;) {
      const std::string& line = (*what)[i];
      if (wrap_) {
        out(wrap_text(line, indent1_, indent2_, width_) + "\n");
      } else {
        outf("      %s\n", line);
      }
    }
    out("\n");
  }
}

bool Shortlog::parse_wrap(const std::optional<std::string>& value) {
  wrap_ = true;
  width_ = 76;
  indent1_ = 6;
  indent2_ = 9;
  if (!value) return true;
  int* targets[] = {&width_, &indent1_, &indent2_};
  std::vector<std::string_view> parts = split(*value, ',');
  if (parts.size() > 3) return false;
  for (std::size_t i = 0; i < parts.size(); i++) {
    std::optional<std::uint64_t> n = parts[i].empty() ? std::optional<std::uint64_t>() : parse_uint(parts[i]);
    if (parts[i].empty() && i + 1 < parts.size()) {
      *targets[i] = 0;
      continue;
    }
    if (!n || *n > 100000) return false;
    *targets[i] = static_cast<int>(*n);
  }
  return !(width_ && ((indent1_ && width_ <= indent1_) || (indent2_ && width_ <= indent2_)));
}

int Shortlog::option(DisplayOptions& display, const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at], value;
  auto group = [&](std::string_view text) {
    has_groups_ = true;
    std::string_view rest = text;
    if (text == "author")
      by_author_ = true;
    else if (text == "committer")
      by_committer_ = true;
    else if (skip_prefix(rest, "trailer:"))
      trailers_.push_back(std::string(rest));
    else if (skip_prefix(rest, "format:"))
      formats_.push_back(std::string(rest));
    else if (text.find('%') != std::string_view::npos)
      formats_.push_back(std::string(text));
    else {
      error("unknown group type: %s", text);
      exit_with(129);
    }
  };
  auto wrap = [&](const std::optional<std::string>& text) {
    if (!parse_wrap(text)) {
      error("-w[<width>[,<indent1>[,<indent2>]]]");
      exit_with(129);
    }
  };
  if (arg == "--committer") {
    by_committer_ = has_groups_ = true;
  } else if (arg == "--numbered") {
    numbered_ = true;
  } else if (arg == "--summary") {
    summary_ = true;
  } else if (arg == "--email") {
    email_ = true;
  } else if (arg == "--group") {
    if (at + 1 >= args.size()) die("option `group' requires a value");
    group(args[at + 1]);
    return 2;
  } else if (skip_prefix(arg, "--group=", &value)) {
    group(value);
  } else if (arg == "--no-group") {
    by_author_ = by_committer_ = has_groups_ = false;
    trailers_.clear();
    formats_.clear();
  } else if (starts_with(arg, "-w") && !starts_with(arg, "--")) {
    wrap(arg.size() > 2 ? std::optional<std::string>(arg.substr(2)) : std::nullopt);
  } else if (arg.size() > 1 && arg[0] == '-' && arg[1] != '-' && arg.find_first_not_of("cnse", 1) == std::string_view::npos) {
    for (char c : arg.substr(1)) {
      if (c == 'c') by_committer_ = has_groups_ = true;
      if (c == 'n') numbered_ = true;
      if (c == 's') summary_ = true;
      if (c == 'e') email_ = true;
    }
  } else {
    return display.parse(args, at);
  }
  return 1;
}

int Shortlog::run() {
  std::vector<std::string> args(inv_.args.begin() + 1, inv_.args.end());
  Options help(kUsage);
  bool unused = false;
  help.boolean('c', "committer", &unused, "group by committer rather than author");
  help.boolean('n', "numbered", &unused, "sort output according to the number of commits per author");
  help.boolean('s', "summary", &unused, "suppress commit descriptions, only provides commit count");
  help.boolean('e', "email", &unused, "show the email address of each author");
  for (const std::string& arg : args)
    if (arg == "-h") {
      out(help.format_usage(false));
      return 129;
    }
  if (!inv_.repository) {
    std::vector<std::string> left;
    for (std::size_t i = 0; i < args.size(); i++) {
      const std::string& a = args[i];
      if (a == "-n" || a == "--numbered")
        numbered_ = true;
      else if (a == "-s" || a == "--summary")
        summary_ = true;
      else if (a == "-e" || a == "--email")
        email_ = true;
      else if (a == "-c" || a == "--committer")
        by_committer_ = has_groups_ = true;
      else if (starts_with(a, "-w"))
        parse_wrap(a.size() > 2 ? std::optional<std::string>(a.substr(2)) : std::nullopt);
      else
        left.push_back(a);
    }
    if (!left.empty()) {
      error("too many arguments given outside repository");
      help.usage_with_options();
    }
    if (!has_groups_) by_author_ = true;
    read_stdin();
    print();
    return 0;
  }
  Repository& repo = inv_.repo();
  mailmap_ = Mailmap::read(repo);
  RevWalk walk(repo);
  DisplayOptions display(walk);
  display.use_mailmap = true;
  RevWalk::Setup how;
  how.prefix = inv_.prefix_or_empty();
  how.other_option = [&](const std::vector<std::string>& list, std::size_t at) { return option(display, list, at); };
  how.on_unknown = [&](const std::string& arg) {
    error("unrecognized argument: %s", arg);
    help.usage_with_options();
  };
  walk.setup(args, how);
  if (!has_groups_) by_author_ = true;
  if (walk.pending.empty() && !walk.got_revision && isatty(0)) {
    walk.default_revision = "HEAD";
    if (auto oid = get_oid(repo, "HEAD")) {
      walk.add_pending(*oid, "HEAD");
      walk.got_revision = true;
    }
  }
  if (walk.pending.empty() && !walk.got_revision) {
    if (isatty(0)) err("(reading log message from standard input)\n");
    read_stdin();
  } else {
    limit_walk_by_paths(walk, inv_.prefix_or_empty());
    display.finish(false);
    repo.commits().keep_buffers = true;
    walk.prepare();
    while (Commit* c = walk.next()) {
      add_commit(display, c);
      repo.commits().drop_buffer(c);
    }
  }
  print();
  return 0;
}

}  // namespace

int cmd_shortlog(Invocation& inv) { return Shortlog(inv).run(); }

}  // namespace git
