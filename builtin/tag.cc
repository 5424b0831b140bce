// git tag: make, list, delete and verify tags (git-tag(1)).
#include <unistd.h>

#include <cstdio>

#include "advice.h"
#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "config/ident.h"
#include "editor.h"
#include "gpg-interface.h"
#include "gpg-verify.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "show/column.h"
#include "show/ref-filter.h"

GIT_BUILTIN("tag", cmd_tag, kSetup | kDelayPagerConfig)

namespace git {
namespace {

enum class Cleanup : std::uint8_t { verbatim, whitespace, strip };

struct Settings {
  int mode = 0;  // 'l', 'd', 'v' or 0: create
  int lines = -1;
  bool annotate = false, force = false, edit = false, create_reflog = false, omit_empty = false, ignore_case = false;
  bool message_given = false;
  int sign = -1;  // -1: as configured
  std::optional<std::string> key;
  std::string message;
  std::optional<std::string> message_file, cleanup;
  std::vector<std::string> trailers;
  std::optional<std::string> format;
  int color = kColorUnknown;
  ColumnStyle column;
  RefFilter filter;
  RefSorting sorting;

  bool makes_object() const { return sign > 0 || key || annotate || message_given || message_file || edit || !trailers.empty(); }
};

// "refs/tags/" + name, where that is a good one.
std::optional<std::string> tag_ref(const std::string& name) {
  if (starts_with(name, "-") || name == "HEAD") return std::nullopt;
  std::string full = "refs/tags/" + name;
  if (!check_refname_format(full)) return std::nullopt;
  return full;
}

// ---- listing ----
int list_tags(Repository& repo, Settings& s) {
  std::string text = "%(refname:lstrip=2)";
  if (s.format)
    text = *s.format;
  else if (s.lines > 0)
    text = strf("%%(align:15)%%(refname:lstrip=2)%%(end) %%(contents:lines=%d)", s.lines);
  AtomSettings atoms;
  atoms.use_color = want_color(s.color == kColorUnknown ? config_color_when(repo.config(), "ui") : s.color);
  Result<RefFormat> format = RefFormat::parse(&repo, text, RefQuote::none, atoms);
  if (!format) die("unable to parse format: %s", format.error().message);
  s.filter.kinds = kRefKindTags;
  s.filter.ignore_case = s.sorting.ignore_case = s.ignore_case;
  s.sorting.parse(repo);
  RefLister lister(repo, s.filter, s.sorting, *format);
  bool in_columns = s.column.is_active(isatty(STDOUT_FILENO)) && s.lines == -1;
  std::vector<std::string> lines;
  lister.run(0, [&](const std::string& line) {
    if (line.empty() && s.omit_empty) return;
    if (in_columns)
      lines.push_back(line);
    else
      out(line + "\n");
  });
  if (in_columns) out(format_columns(lines, s.column, {"", "\n", terminal_columns() - 1, 2}));
  return 0;
}

// ---- deleting ----
int delete_tags(Repository& repo, const std::vector<std::string>& names) {
  RefStore& refs = repo.refs();
  int code = 0;
  std::unique_ptr<RefTransaction> transaction = refs.begin();
  std::vector<std::pair<std::string, ObjectId>> deleted;
  for (const std::string& name : names) {
    std::string full = "refs/tags/" + name;
    std::optional<ObjectId> oid = refs.read_oid(full);
    if (!oid) {
      code = error("tag '%s' not found.", name) < 0 ? 1 : 0;
      continue;
    }
    RefUpdate update;
    update.name = full;
    update.new_oid = ObjectId::null(repo.algo());
    update.flags = kRefNoDeref;
    if (transaction->add(std::move(update))) deleted.emplace_back(name, *oid);
  }
  if (deleted.empty()) return code;
  Result<void> done = transaction->commit();
  if (!done) {
    error("could not delete references: %s", done.error().message);
    code = 1;
  }
  for (const auto& [name, oid] : deleted)
    if (!refs.read("refs/tags/" + name)) outf("Deleted tag '%s' (was %s)\n", name, unique_abbrev(repo, oid));
  return code;
}

// ---- verifying ----
int verify_tags(Repository& repo, const Settings& s, const std::vector<std::string>& names) {
  VerifyOptions verify;
  verify.verbose = !s.format;
  verify.omit_status = s.format.has_value();
  std::optional<RefFormat> format;
  if (s.format) format = RefFormat::parse(&repo, *s.format, RefQuote::none, {}).take_or_die();
  RefValues values(repo);
  int code = 0;
  for (const std::string& name : names) {
    std::optional<ObjectId> oid = repo.refs().read_oid("refs/tags/" + name);
    if (!oid) {
      error("tag '%s' not found.", name);
      code = 1;
      continue;
    }
    if (!verify_tag(repo, *oid, name, verify)) {
      code = 1;
      continue;
    }
    if (!format) continue;
    RefItem item;
    item.ref.name = name;
    item.ref.oid = *oid;
    out(format->format(values, item).take_or_die() + "\n");
  }
  return code;
}

// ---- making ----
std::string comment_prefix(Repository& repo) {
  Config& config = repo.config();
  std::optional<std::string> text = config.get_string("core.commentstring");
  if (!text) text = config.get_string("core.commentchar");
  return !text || *text == "auto" || text->empty() ? "#" : *text;
}

std::string tidy(const std::string& text, Cleanup cleanup, const std::string& comment) {
  switch (cleanup) {
    case Cleanup::verbatim:
      return text;
    case Cleanup::whitespace:
      return strip_space(text);
    case Cleanup::strip:
      break;
  }
  return strip_space(text, comment);
}

std::string old_tag_body(Repository& repo, const std::optional<ObjectId>& previous) {
  if (!previous) return "";
  Result<ObjectData> object = repo.odb().read(*previous);
  if (!object || object->type != ObjectType::tag) return "";
  MessageParts parts = split_message(object->data);
  return std::string(parts.whole.substr(0, parts.whole.size() - parts.signature.size()));
}

std::string edit_template(const std::string& name, Cleanup cleanup, const std::string& comment) {
  std::string help = strf("\nWrite a message for tag:\n  %s\nLines starting with '%s' will be ignored.\n", name, comment);
  if (cleanup != Cleanup::strip)
    help = strf(
        "\nWrite a message for tag:\n  %s\nLines starting with '%s' will be kept; you may remove them yourself if you want to.\n",
        name, comment);
  return "\n" + comment_lines(help, comment);
}

class TagMaker {
 public:
  TagMaker(Repository& repo, const Settings& settings, std::string name) : repo_(repo), s_(settings), name_(std::move(name)) {
    comment_ = comment_prefix(repo);
    if (!s_.cleanup || *s_.cleanup == "strip" || *s_.cleanup == "default")
      cleanup_ = Cleanup::strip;
    else if (*s_.cleanup == "verbatim")
      cleanup_ = Cleanup::verbatim;
    else if (*s_.cleanup == "whitespace")
      cleanup_ = Cleanup::whitespace;
    else
      die("Invalid cleanup mode %s", *s_.cleanup);
  }
  // When the ref is there, or could not be made.
  void finish() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  [[noreturn]] void fail(const std::string& what);
  ObjectId make(const ObjectId& target, const std::optional<ObjectId>& previous, const std::string& given_target);

 private:
  std::string take_message(const std::optional<ObjectId>& previous);

  Repository& repo_;
  const Settings& s_;
  std::string name_, comment_, path_;
  Cleanup cleanup_ = Cleanup::strip;
};

void TagMaker::fail(const std::string& what) {
  if (!path_.empty()) errf("The tag message has been left in %s\n", path_);
  if (what.empty()) exit_with(128);
  die("%s", what);
}

std::string TagMaker::take_message(const std::optional<ObjectId>& previous) {
  bool given = s_.message_given || s_.message_file;
  bool edits = !given || s_.edit;
  std::string text = s_.message;
  if (!edits && s_.trailers.empty()) return tidy(text, cleanup_, comment_);
  path_ = repo_.git_path("TAG_EDITMSG");
  std::string initial = given ? text + "\n" : previous ? old_tag_body(repo_, previous) : "";
  if (!given && initial.empty()) initial = edit_template(name_, cleanup_, comment_);
  if (!write_file(path_, initial)) die_errno("could not create file '%s'", path_);
  if (!s_.trailers.empty()) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"interpret-trailers", "--in-place", "--no-divider"};
    for (const std::string& trailer : s_.trailers) child.args.push_back("--trailer=" + trailer);
    child.args.push_back(path_);
    if (child.run()) die("unable to pass trailers to --trailers");
  }
  std::optional<std::string> edited;
  if (edits) {
    edited = launch_editor(&repo_, path_);
    if (!edited) {
      errf("%s", "Please supply the message using either -m or -F option.\n");
      exit_with(1);
    }
  } else {
    edited = read_file(path_).take_or_die();
  }
  return tidy(*edited, cleanup_, comment_);
}

ObjectId TagMaker::make(const ObjectId& target, const std::optional<ObjectId>& previous, const std::string& given_target) {
  ObjectType type = repo_.odb().type_of(target);
  if (type == ObjectType::bad || type == ObjectType::none) die("bad object type.");
  if (type == ObjectType::tag)
    advise_if_enabled(repo_.config(), "nestedTag",
                      strf("You have created a nested tag. The object referred to by your new tag is\n"
                           "already a tag. If you meant to tag the object that it points to, use:\n\n\tgit tag -f %s %s^{}",
                           name_, given_target));
  std::string text =
      strf("object %s\ntype %s\ntag %s\ntagger %s\n\n", target, type_name(type), name_, committer_ident(repo_.config()));
  std::string message = take_message(previous);
  if (!s_.message_given && !s_.message_file && message.empty()) die("no tag message?");
  text += message;
  if (s_.sign > 0) {
    std::optional<std::string> signature = sign_buffer(repo_, text, s_.key ? *s_.key : signing_key(repo_));
    if (!signature) {
      error("unable to sign the tag");
      fail("");
    }
    text += *signature;
  }
  Result<ObjectId> written = repo_.odb().write(ObjectType::tag, text);
  if (!written) fail("unable to write tag file");
  return *written;
}

std::string reflog_message(Repository& repo, const ObjectId& oid) {
  std::string text = get_env_or("GIT_REFLOG_ACTION", "");
  if (text.empty()) text = "tag: tagging " + unique_abbrev(repo, oid);
  text += " (";
  ObjectType type = repo.odb().type_of(oid);
  if (type == ObjectType::commit) {
    Result<ObjectData> object = repo.odb().read(oid);
    if (object) {
      MessageParts parts = split_message(object->data);
      Commit* commit = repo.commits().peel_to_commit(oid);
      DateFormat format;
      format.mode = DateMode::short_date;
      text += one_line(parts.subject) + ", " + show_date(commit ? commit->date : 0, 0, format);
    }
  } else {
    text += type == ObjectType::tree   ? "tree object"
            : type == ObjectType::blob ? "blob object"
            : type == ObjectType::tag  ? "other tag object"
                                       : "object of unknown type";
  }
  return text + ")";
}

void read_message_file(Settings& s) {
  if (*s.message_file == "-") {
    Result<std::string> text = read_fd(STDIN_FILENO);
    if (!text) die_errno("cannot read '%s'", *s.message_file);
    s.message = *text;
  } else {
    Result<std::string> text = read_file(*s.message_file);
    if (!text) die_errno("could not open or read '%s'", *s.message_file);
    s.message = *text;
  }
}

int create_tag(Repository& repo, Settings& s, const std::vector<std::string>& args) {
  if (args.size() > 2) die("too many arguments");
  if (s.message_file && s.message_given) die("options '%s' and '%s' cannot be used together", "-F", "-m");
  if (s.message_file) read_message_file(s);
  std::string target_name = args.size() == 2 ? args[1] : "HEAD";
  std::optional<ObjectId> object = get_oid(repo, target_name);
  if (!object) die("Failed to resolve '%s' as a valid ref.", target_name);
  std::optional<std::string> full = tag_ref(args[0]);
  if (!full) die("'%s' is not a valid tag name.", args[0]);
  std::optional<ObjectId> previous = repo.refs().read_oid(*full);
  if (previous && !s.force) die("tag '%s' already exists", args[0]);
  TagMaker maker(repo, s, args[0]);
  std::string log = reflog_message(repo, *object);
  if (s.makes_object()) object = maker.make(*object, previous, target_name);
  RefUpdate update;
  update.name = *full;
  update.new_oid = object;
  update.old_oid = previous ? *previous : ObjectId::null(repo.algo());
  update.flags = s.create_reflog ? unsigned{kRefForceCreateReflog} : 0;
  update.message = log;
  Result<void> done = repo.refs().update(std::move(update));
  if (!done) maker.fail(done.error().message);
  maker.finish();
  if (s.force && previous && *previous != *object) outf("Updated tag '%s' (was %s)\n", args[0], unique_abbrev(repo, *previous));
  return 0;
}

void define_options(Options& options, Repository& repo, Settings& s) {
  options.cmd_mode('l', "list", &s.mode, 'l', N_("list tag names"));
  options.callback(
      'n', "", "n", N_("print <n> lines of each tag message"),
      [&s](const std::optional<std::string>& value, bool) {
        std::optional<std::int64_t> n = value ? parse_int(*value) : 1;
        if (!n || *n < 0) return error("option `%s' expects a numerical value", "n") == 0;
        s.lines = static_cast<int>(*n);
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  options.cmd_mode('d', "delete", &s.mode, 'd', N_("delete tags"));
  options.cmd_mode('v', "verify", &s.mode, 'v', N_("verify tags"));
  options.group(N_("Tag creation options"));
  options.boolean('a', "annotate", &s.annotate, N_("annotated tag, needs a message"));
  options.boolean('s', "sign", &s.sign, N_("annotated and GPG-signed tag"));
  options.string('u', "local-user", &s.key, "key-id", N_("use another key to sign the tag"));
  options.callback('m', "message", "message", N_("tag message"), [&s](const std::optional<std::string>& value, bool unset) {
    s.message_given = !unset;
    if (unset)
      s.message.clear();
    else
      s.message += (s.message.empty() ? "" : "\n\n") + *value;
    return true;
  });
  options.filename('F', "file", &s.message_file, N_("read message from file"));
  options.strings(0, "trailer", &s.trailers, "trailer", N_("add custom trailer(s)"), kOptNoNeg);
  options.boolean('e', "edit", &s.edit, N_("force edit of tag message"));
  options.string(0, "cleanup", &s.cleanup, "mode", N_("how to strip spaces and #comments from message"));
  options.boolean('f', "force", &s.force, N_("replace the tag if exists"));
  options.boolean(0, "create-reflog", &s.create_reflog, N_("create a reflog"));
  options.group(N_("Tag listing options"));
  options.callback(
      0, "column", "style", N_("show tag list in columns"),
      [&s](const std::optional<std::string>& value, bool unset) {
        s.column.when = unset ? ColumnStyle::When::never : ColumnStyle::When::always;
        return unset || !value || s.column.add(*value);
      },
      kOptOptionalArg);
  add_filter_options(options, repo, s.filter);
  options.boolean(0, "omit-empty", &s.omit_empty, N_("do not output a newline after empty formatted refs"));
  options.strings(0, "sort", &s.sorting.specs, "key", N_("field name to sort on"));
  options.string(0, "format", &s.format, "format", N_("format to use for the output"));
  options.color(&s.color, N_("respect format colors"));
  options.boolean('i', "ignore-case", &s.ignore_case, N_("sorting and filtering are case insensitive"));
}

void require_list_mode(const Settings& s) {
  auto only = [](bool used, const char* name) {
    if (used) die("the '%s' option is only allowed in list mode", name);
  };
  only(s.lines != -1, "-n");
  only(!s.filter.with.empty(), "--contains");
  only(!s.filter.without.empty(), "--no-contains");
  only(!s.filter.points_at.empty(), "--points-at");
  only(!s.filter.merged.empty(), "--merged");
  only(!s.filter.not_merged.empty(), "--no-merged");
}

}  // namespace

int cmd_tag(Invocation& inv) {
  Repository& repo = inv.repo();
  Settings s;
  Options options(
      {"git tag [-a | -s | -u <key-id>] [-f] [-m <msg> | -F <file>] [-e]\n"
       "        [(--trailer <token>[(=|:)<value>])...]\n"
       "        <tagname> [<commit> | <object>]",
       "git tag -d <tagname>...",
       "git tag [-n[<num>]] -l [--contains <commit>] [--no-contains <commit>]\n"
       "        [--points-at <object>] [--column[=<options>] | --no-column]\n"
       "        [--create-reflog] [--sort=<key>] [--format=<format>]\n"
       "        [--merged <commit>] [--no-merged <commit>] [<pattern>...]",
       "git tag -v [--format=<format>] <tagname>..."});
  define_options(options, repo, s);
  s.sorting.specs = repo.config().get_strings("tag.sort");
  s.column.add_config(repo.config(), "tag");
  bool config_columns = s.column.when != ColumnStyle::When::never;
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (s.key) s.sign = 1;
  if (s.sign < 0 && !s.mode && !args.empty()) {
    if (repo.config().get_bool_or("tag.gpgsign", false))
      s.sign = 1;
    else if (s.makes_object() && !s.annotate && repo.config().get_bool_or("tag.forcesignannotated", false))
      s.sign = 1;
  }
  bool asks = !s.filter.with.empty() || !s.filter.without.empty() || !s.filter.merged.empty() || !s.filter.not_merged.empty() ||
              !s.filter.points_at.empty() || s.lines != -1;
  if (!s.mode && (args.empty() || asks)) s.mode = 'l';
  if (s.mode && (s.makes_object() || s.force)) options.usage_with_options();
  if (s.mode == 'l') {
    if (s.lines != -1 && !config_columns && s.column.when == ColumnStyle::When::always)
      die("options '%s' and '%s' cannot be used together", "--column", "-n");
    s.filter.patterns = args;
    return list_tags(repo, s);
  }
  require_list_mode(s);
  if (s.mode == 'v') return verify_tags(repo, s, args);
  if (s.mode == 'd') return delete_tags(repo, args);
  return create_tag(repo, s, args);
}

}  // namespace git
