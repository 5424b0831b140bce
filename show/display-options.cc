// Parsing is spread over small groups, each of which knows its words.
#include "show/display-options.h"

#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"
#include "object-name.h"
#include "repository.h"
#include "show/encoding.h"
#include "walk/reflog-walk.h"
#include "walk/revisions.h"

namespace git {

DisplayOptions::DisplayOptions(RevWalk& w) : walk(w) { context.repo = &w.repo(); }
DisplayOptions::~DisplayOptions() = default;

namespace {

struct Valued {
  const std::vector<std::string>& args;
  std::size_t at;
  std::string value;
  int used = 0;
  bool is(std::string_view name) {
    std::string_view arg = args[at];
    if (arg == name) {
      if (at + 1 >= args.size()) die("Option '%s' requires a value", name.substr(2));
      value = args[at + 1];
      used = 2;
      return true;
    }
    if (starts_with(arg, name) && arg.size() > name.size() && arg[name.size()] == '=') {
      value = std::string(arg.substr(name.size() + 1));
      used = 1;
      return true;
    }
    return false;
  }
};

int parse_grep_option(DisplayOptions& o, const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at];
  Valued v{args, at, {}};
  if (v.is("--author")) {
    o.filter.add_author(v.value);
    return v.used;
  }
  if (v.is("--committer")) {
    o.filter.add_committer(v.value);
    return v.used;
  }
  if (v.is("--grep-reflog")) {
    o.filter.add_reflog(v.value);
    return v.used;
  }
  if (v.is("--grep")) {
    o.filter.add_body(v.value);
    return v.used;
  }
  using Syntax = MessageFilter::Syntax;
  auto syntax = [&](Syntax s) {
    o.filter.syntax = s;
    o.filter.syntax_set = true;
    return 1;
  };
  if (arg == "--basic-regexp") return syntax(Syntax::basic);
  if (arg == "--extended-regexp" || arg == "-E") return syntax(Syntax::extended);
  if (arg == "--fixed-strings" || arg == "-F") return syntax(Syntax::fixed);
  if (arg == "--perl-regexp" || arg == "-P") return syntax(Syntax::perl);
  if (arg == "--regexp-ignore-case" || arg == "-i") {
    o.filter.ignore_case = true;
    return 1;
  }
  if (arg == "--all-match") {
    o.filter.all_match = true;
    return 1;
  }
  if (arg == "--invert-grep") {
    o.filter.invert = true;
    return 1;
  }
  return 0;
}

int parse_notes_option(DisplayOptions& o, std::string_view arg) {
  std::string_view value;
  auto add_ref = [&](std::string_view name) {
    o.show_notes = o.show_notes_given = true;
    if (o.notes_display.use_default < 0) o.notes_display.use_default = 0;
    o.notes_display.extra_refs.push_back(expand_loose_notes_ref(o.walk.repo(), name));
  };
  if (arg == "--show-notes-by-default") {
    o.show_notes = true;
    return 1;
  }
  if (arg == "--notes" || arg == "--show-notes") {
    o.show_notes = o.show_notes_given = true;
    o.notes_display.use_default = 1;
    return 1;
  }
  if (skip_prefix(arg, "--notes=", &value)) {
    add_ref(value);
    return 1;
  }
  if (skip_prefix(arg, "--show-notes=", &value)) {
    // The old form adds to the default.
    o.show_notes = o.show_notes_given = true;
    if (o.notes_display.use_default < 0) o.notes_display.use_default = 1;
    o.notes_display.extra_refs.push_back(expand_notes_ref(value));
    return 1;
  }
  if (arg == "--no-notes") {
    o.show_notes = false;
    o.show_notes_given = true;
    o.notes_display = {};
    return 1;
  }
  if (arg == "--standard-notes") {
    o.show_notes_given = true;
    o.notes_display.use_default = 1;
    return 1;
  }
  if (arg == "--no-standard-notes") {
    o.notes_display.use_default = 0;
    return 1;
  }
  return 0;
}

}  // namespace

int DisplayOptions::parse(const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at], value;
  Config& config = walk.repo().config();
  auto set_format = [&](std::string_view text) {
    format = parse_pretty_format(config, text);
    verbose_header = format_given = true;
  };
  if (arg == "--pretty") {
    set_format({});
  } else if (skip_prefix(arg, "--pretty=", &value) || skip_prefix(arg, "--format=", &value)) {
    set_format(value);
  } else if (arg == "--oneline") {
    set_format("oneline");
    abbrev_commit = abbrev_commit_given = true;
  } else if (arg == "-v" || arg == "--header") {
    if (arg == "--header") return 0;
    verbose_header = true;
  } else if (arg == "--abbrev-commit") {
    abbrev_commit = abbrev_commit_given = true;
  } else if (arg == "--no-abbrev-commit") {
    abbrev_commit = false;
    abbrev_commit_given = true;
  } else if (arg == "--abbrev") {
    abbrev = -1;
    abbrev_given = true;
  } else if (arg == "--no-abbrev") {
    abbrev = 0;
    abbrev_given = true;
  } else if (skip_prefix(arg, "--abbrev=", &value)) {
    std::optional<std::int64_t> n = parse_int(value);
    int most = static_cast<int>(hex_size(walk.repo().algo()));
    abbrev = n ? static_cast<int>(std::min<std::int64_t>(std::max<std::int64_t>(*n, 4), most)) : 4;
    abbrev_given = true;
  } else if (arg == "--graph") {
    wants_graph = true;
    walk.topo_order = true;
    walk.rewrite_parents = true;
  } else if (arg == "--no-graph") {
    wants_graph = false;
  } else if (skip_prefix(arg, "--encoding=", &value)) {
    encoding = value == "none" ? std::string() : std::string(value);
    encoding_given = true;
  } else if (arg == "--encoding") {
    if (at + 1 >= args.size()) die("Option '%s' requires a value", "encoding");
    encoding = args[at + 1] == "none" ? std::string() : args[at + 1];
    encoding_given = true;
    return 2;
  } else if (arg == "--expand-tabs") {
    expand_tabs = 8;
  } else if (arg == "--no-expand-tabs") {
    expand_tabs = 0;
  } else if (skip_prefix(arg, "--expand-tabs=", &value)) {
    std::optional<std::uint64_t> n = parse_uint(value);
    if (!n || *n > 0x7fffffff) die("'%s': not a non-negative integer", value);
    expand_tabs = static_cast<int>(*n);
  } else if (arg == "--relative-date") {
    date = DateFormat{DateMode::relative, false, {}};
    date_given = true;
  } else if (skip_prefix(arg, "--date=", &value)) {
    date = parse_date_format(value);
    date_given = true;
  } else if (arg == "--date") {
    if (at + 1 >= args.size()) die("Option '%s' requires a value", "date");
    date = parse_date_format(args[at + 1]);
    date_given = true;
    return 2;
  } else if (arg == "--log-size") {
    show_log_size = true;
  } else if (arg == "--show-signature") {
    show_signature = true;
  } else if (arg == "--no-show-signature") {
    show_signature = false;
  } else {
    if (int used = parse_notes_option(*this, arg)) return used;
    return parse_grep_option(*this, args, at);
  }
  return 1;
}

const Decorations& DisplayOptions::decorations() {
  if (!decorations_) {
    read_decoration_config(walk.repo(), decoration_filter);
    decorations_ = Decorations::load(walk.repo(), decoration_filter, !decorate_full);
  }
  return *decorations_;
}

void DisplayOptions::finish(bool use_color) {
  Repository& repo = walk.repo();
  context.format = format;
  context.output_encoding = encoding_given ? encoding : log_output_encoding(repo);
  context.abbrev = abbrev;
  // A reference shows short dates, unless --date says otherwise.
  if (format.format == CommitFormat::reference && !date_given) date = DateFormat{DateMode::short_date, false, {}};
  context.date = date;
  context.has_date = date_given;
  context.use_color = use_color;
  context.walk = &walk;
  context.reflog = walk.reflog_walk();
  context.decorate_with = [this](const Commit* c, const PrettyContext::DecorateOptions& how, bool color) {
    return decorations().format(c->oid, how, color);
  };
  context.decorations = [this](const Commit* c, bool color) { return decorations().format(c->oid, {}, color); };
  context.commit_color = use_color ? config_color(repo.config(), "color.diff.commit", "\033[33m") : std::string();
  if (expand_tabs >= 0) {
    context.format.expand_tabs = expand_tabs > 0;
    context.expand_tabs_width = expand_tabs;
  }
  bool user = format.format == CommitFormat::user || format.format == CommitFormat::reference;
  if (use_mailmap || (user && format.user.find("%aN") != std::string::npos) || user) {
    bool needed = use_mailmap;
    for (std::string_view p : {"N", "E", "L"})
      for (std::string_view who : {"a", "c"})
        needed = needed || (user && format.user.find(std::string(who) + std::string(p)) != std::string::npos);
    if (needed) {
      mailmap = std::make_shared<Mailmap>(Mailmap::read(repo));
      context.mailmap = mailmap.get();
      context.use_mailmap = use_mailmap;
    }
  }
  bool wants_raw_notes = user && format.user.find("%N") != std::string::npos;
  if (show_notes || wants_raw_notes) {
    notes = std::make_shared<NotesShown>(repo, notes_display);
    auto shown = notes;
    std::string to = context.output_encoding;
    context.notes = [shown, to](const Commit* c, bool raw) { return shown->format(c->oid, raw, to); };
  }
  if (!filter.empty()) {
    if (!filter.syntax_set) filter.read_config(repo.config());
    filter.output_encoding = context.output_encoding;
    if (use_mailmap) filter.mailmap = mailmap.get();
    filter.reflog = walk.reflog_walk();
    if (filter.has_reflog_pattern() && !walk.reflog_info) die("cannot use --grep-reflog without --walk-reflogs");
    if (show_notes) {
      auto shown = notes;
      filter.notes = [shown](const Commit* c) { return shown->format(c->oid, true, {}); };
    }
    filter.compile();
    walk.commit_filter = [this, previous = walk.commit_filter](Commit* c) {
      return (!previous || previous(c)) && filter.matches(walk.repo(), c);
    };
  }
}

}  // namespace git
