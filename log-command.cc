// git log, show, whatchanged and the walking half of reflog: one set of options, four sets of defaults.
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "diff/rev-limiter.h"
#include "log-tree.h"
#include "object-name.h"
#include "odb.h"
#include "pager.h"
#include "refs.h"

namespace git {
namespace {

class LogRun {
 public:
  LogRun(Invocation& inv, LogCommand which)
      : inv_(inv), repo_(inv.repo()), which_(which), log_(inv.repo(), inv.prefix_or_empty(), DiffConfig::ui) {}
  int run(const std::vector<std::string>& args);

 private:
  void defaults();
  int option(const std::vector<std::string>& args, std::size_t at);
  int walk();
  int show_objects();
  int show_blob(const PendingObject& p);
  int show_tag(PendingObject& p);
  void show_tree(const PendingObject& p);

  Invocation& inv_;
  Repository& repo_;
  LogCommand which_;
  LogTree log_;
  bool quiet_ = false, still_use_this_ = false;
};

void LogRun::defaults() {
  RevWalk& walk = log_.walk;
  log_.read_log_config();
  walk.default_revision = "HEAD";
  DisplayOptions& d = log_.display;
  d.verbose_header = true;
  switch (which_) {
    case LogCommand::log:
      log_.always_show_header = true;
      break;
    case LogCommand::show:
      log_.shows_diff = true;
      log_.always_show_header = true;
      walk.no_walk = true;
      log_.default_merges = MergeDiff::dense_combined;
      break;
    case LogCommand::whatchanged:
      log_.shows_diff = true;
      walk.simplify_history = false;
      log_.always_show_header = false;
      break;
    case LogCommand::reflog:
      walk.reflog_info = true;
      d.abbrev_commit = true;
      d.format = parse_pretty_format(repo_.config(), "oneline");
      break;
  }
}

int LogRun::option(const std::vector<std::string>& args, std::size_t at) {
  const std::string& arg = args[at];
  std::string_view value;
  DisplayOptions& d = log_.display;
  if (arg == "-q" || arg == "--quiet") {
    quiet_ = true;
  } else if (arg == "--no-quiet") {
    quiet_ = false;
  } else if (arg == "--source") {
    log_.show_source = true;
  } else if (arg == "--no-source") {
    log_.show_source = false;
  } else if (arg == "--mailmap" || arg == "--use-mailmap") {
    d.use_mailmap = true;
  } else if (arg == "--no-mailmap" || arg == "--no-use-mailmap") {
    d.use_mailmap = false;
  } else if (arg == "--no-follow") {
    log_.default_follow = false;
    log_.diff.follow_renames = false;
  } else if (arg == "--i-still-use-this") {
    still_use_this_ = true;
  } else if (arg == "--clear-decorations") {
    d.decoration_filter = {};
    d.decoration_filter.all_refs = true;
  } else if (skip_prefix(arg, "--decorate-refs=", &value)) {
    d.decoration_filter.include.push_back(std::string(value));
  } else if (skip_prefix(arg, "--decorate-refs-exclude=", &value)) {
    d.decoration_filter.exclude.push_back(std::string(value));
  } else if (arg == "--no-decorate") {
    log_.decorate = 0;
    log_.decorate_given = true;
  } else if (arg == "--decorate") {
    log_.decorate = 1;
    log_.decorate_given = true;
  } else if (skip_prefix(arg, "--decorate=", &value)) {
    log_.decorate_given = true;
    std::optional<bool> flag = parse_maybe_bool(std::string(value));
    if (value == "full")
      log_.decorate = 2;
    else if (value == "short")
      log_.decorate = 1;
    else if (value == "auto")
      log_.decorate_given = false;
    else if (flag)
      log_.decorate = *flag ? 1 : 0;
    else {
      die("invalid --decorate option: %s", value);
    }
    if (value == "auto") log_.decorate_auto = true;
  } else {
    return log_.parse_option(args, at);
  }
  return 1;
}

int LogRun::run(const std::vector<std::string>& args) {
  defaults();
  RevWalk::Setup how;
  how.prefix = inv_.prefix_or_empty();
  how.revarg_cannot_be_filename = false;
  how.other_option = [this](const std::vector<std::string>& list, std::size_t at) { return option(list, at); };
  how.on_unknown = [](const std::string& arg) { die("unrecognized argument: %s", arg); };
  // Tips of a reflog walk and of "show" are read in the order given.
  for (const std::string& arg : args)
    if (arg == "-g" || arg == "--walk-reflogs") log_.walk.reflog_info = true;
  log_.walk.setup(args, how);
  if (which_ == LogCommand::whatchanged && !still_use_this_) {
    err("'git whatchanged' is nominated for removal.\n"
        "hint: You can replace 'git whatchanged <opts>' with:\n"
        "hint:\tgit log <opts> --raw --no-merges\n"
        "hint: Or make an alias:\n"
        "hint:\tgit config set --global alias.whatchanged 'log --raw --no-merges'\n\n"
        "If you still use this command, here's what you can do:\n\n"
        "- read https://git-scm.com/docs/BreakingChanges.html\n"
        "- check if anyone has discussed this on the mailing\n"
        "  list and if they came up with something that can\n"
        "  help you: https://lore.kernel.org/git/?q=git+whatchanged\n"
        "- send an email to <git@vger.kernel.org> to let us\n"
        "  know that you still use this command and were unable\n"
        "  to determine a suitable replacement\n\n");
    die("refusing to run without --i-still-use-this");
  }
  DisplayOptions& d = log_.display;
  if (!d.show_notes_given && !d.format_given) d.show_notes = true;
  if (!log_.decorate_given && log_.decorate_auto) log_.decorate = isatty(1) || is_pager_in_use() ? 1 : 0;
  if (d.format.format == CommitFormat::raw) {
    if (!log_.decorate_given) log_.decorate = 0;
    if (!d.abbrev_commit_given) d.abbrev_commit = false;
  }
  if (quiet_) log_.diff.output_format |= kDiffNoOutput;
  if (log_.diff.has_pickaxe || log_.diff.filter || log_.diff.filter_not || log_.diff.follow_renames)
    log_.always_show_header = false;
  if (which_ == LogCommand::show && !log_.diff.output_format) log_.diff.output_format = kDiffPatch;
  if (which_ == LogCommand::whatchanged && !log_.diff.output_format) log_.diff.output_format = kDiffRaw;
  log_.finish();
  if (log_.diff.follow_renames) log_.always_show_header = false;
  if (which_ == LogCommand::show && log_.walk.no_walk) return show_objects();
  return walk();
}

int LogRun::walk() {
  RevWalk& walk = log_.walk;
  walk.prepare();
  long saved_count = walk.max_count;
  while (Commit* c = walk.next()) {
    bool shown = log_.show(c);
    // A commit that was not shown does not count.
    if (!shown && walk.max_count >= 0 && saved_count >= 0) walk.max_count++;
    repo_.commits().drop_buffer(c);
  }
  return diff_result_code(log_.diff);
}

int LogRun::show_blob(const PendingObject& p) {
  Result<ObjectData> blob = repo_.odb().read(p.oid);
  if (!blob) return error("could not read object %s.", p.name);
  log_.write(blob->data);
  return 0;
}

int LogRun::show_tag(PendingObject& p) {
  Result<ObjectData> data = repo_.odb().read(p.oid);
  if (!data) return error("could not read object %s", p.oid);
  Result<TagHeader> tag = parse_tag(data->data, repo_.algo());
  if (!tag) return error("could not read object %s", p.oid);
  if (log_.shown_one) log_.write("\n");
  log_.write(strf("%stag %s%s\n", log_.diff.color(DiffColor::commit), tag->name, log_.diff.color(DiffColor::reset)));
  if (std::optional<IdentLine> ident = split_ident_line(tag->tagger)) {
    std::string name(ident->name), mail(ident->mail);
    if (log_.display.use_mailmap && log_.display.mailmap) log_.display.mailmap->map(name, mail);
    CommitFormat f = log_.display.format.format;
    if (f != CommitFormat::oneline) {
      const bool fuller = f == CommitFormat::fuller;
      log_.write(strf(fuller ? "Tagger:     %s <%s>\n" : "Tagger: %s <%s>\n", name, mail));
      std::string date = show_date(ident_time(*ident), ident_tz(*ident), log_.display.date);
      if (f == CommitFormat::medium || f == CommitFormat::user || f == CommitFormat::reference)
        log_.write(strf("Date:   %s\n", date));
      else if (fuller)
        log_.write(strf("TaggerDate: %s\n", date));
    }
  }
  std::size_t body = data->data.find("\n\n");
  if (body != std::string::npos) log_.write(data->data.substr(body + 1));
  log_.shown_one = true;
  p.oid = tag->object;
  p.type = ObjectType::none;
  return 0;
}

void LogRun::show_tree(const PendingObject& p) {
  if (log_.shown_one) log_.write("\n");
  log_.write(strf("%stree %s%s\n\n", log_.diff.color(DiffColor::commit), p.name, log_.diff.color(DiffColor::reset)));
  Result<ObjectData> data = repo_.odb().read(p.oid);
  if (!data) die("unable to read tree (%s)", p.oid);
  TreeReader reader(data->data, repo_.algo());
  TreeEntry entry;
  while (reader.next(entry)) log_.write(strf("%s%s\n", entry.name, is_tree_mode(entry.mode) ? "/" : ""));
  log_.shown_one = true;
}

int LogRun::show_objects() {
  RevWalk& walk = log_.walk;
  std::vector<PendingObject> pending = std::move(walk.pending);
  walk.pending.clear();
  // A range is walked after all.
  bool range = false;
  for (const PendingObject& p : pending) range = range || (p.flags & kRevUninteresting);
  if (range) {
    walk.pending = std::move(pending);
    walk.no_walk = false;
    return this->walk();
  }
  int result = 0;
  log_.diff.stat_width = -1;
  for (PendingObject& p : pending) {
    for (bool again = true; again;) {
      again = false;
      ObjectType type = repo_.odb().type_of(p.oid);
      switch (type) {
        case ObjectType::blob:
          result = show_blob(p);
          break;
        case ObjectType::tag:
          result = show_tag(p);
          again = result == 0;
          break;
        case ObjectType::tree:
          show_tree(p);
          break;
        case ObjectType::commit: {
          Commit* c = repo_.commits().get(p.oid);
          repo_.commits().parse_or_die(c);
          walk.set_flag(c, kRevSeen);
          walk.set_flag(c, kRevAdded);
          if (walk.commit_filter && !walk.commit_filter(c)) break;
          if (walk.prune) walk.simplify_shown(c);
          if (!walk.would_show(c)) break;
          walk.set_flag(c, kRevShown);
          log_.show(c);
          walk.clear_flag(c, kRevShown);
          break;
        }
        default:
          result = error("unknown type: %d", static_cast<int>(type));
          break;
      }
    }
  }
  return result ? (result < 0 ? 255 : result) : diff_result_code(log_.diff);
}

}  // namespace

int run_log_command(Invocation& inv, const std::vector<std::string>& args, LogCommand which) {
  return LogRun(inv, which).run(args);
}

}  // namespace git
