// git notes: texts attached to objects without changing them.
#include <algorithm>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/strip-space.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "config.h"
#include "editor.h"
#include "notes-merge.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "show/notes.h"
#include "walk/commit-pool.h"
#include "worktree.h"

GIT_BUILTIN("notes", cmd_notes, kSetup)

namespace git {
namespace {

const std::vector<std::string> kUsage = {
    "git notes [--ref <notes-ref>] [list [<object>]]",
    "git notes [--ref <notes-ref>] add [-f] [--allow-empty] [--[no-]separator|--separator=<paragraph-break>] [--[no-]stripspace] "
    "[-F <file> | -m <msg> | (-c | -C) <object>] [-e] [<object>]",
    "git notes [--ref <notes-ref>] copy [-f] <from-object> <to-object>",
    "git notes [--ref <notes-ref>] append [--allow-empty] [--[no-]separator|--separator=<paragraph-break>] [--[no-]stripspace] "
    "[-F <file> | -m <msg> | (-c | -C) <object>] [-e] [<object>]",
    "git notes [--ref <notes-ref>] edit [--allow-empty] [<object>]",
    "git notes [--ref <notes-ref>] show [<object>]",
    "git notes [--ref <notes-ref>] merge [-v | -q] [-s <strategy>] <notes-ref>",
    "git notes merge --commit [-v | -q]",
    "git notes merge --abort [-v | -q]",
    "git notes [--ref <notes-ref>] remove [<object>...]",
    "git notes [--ref <notes-ref>] prune [-n] [-v]",
    "git notes [--ref <notes-ref>] get-ref"};

constexpr const char* kTemplate = "\nWrite/edit the notes for the following object:\n";

// Pieces of a note in the order given, joined by the separator.
struct NoteText {
  std::string text;
  bool is_given = false, use_editor = false, allow_empty = false, strip_default = true;
  int strip = -1;
  std::optional<std::string> separator = "\n";
  struct Piece {
    std::string text;
    bool strip;
  };
  std::vector<Piece> pieces;
};

class Notes {
 public:
  Notes(Invocation& inv, const std::optional<std::string>& ref) : inv_(inv), repo_(inv.repo()) {
    ref_ = ref ? expand_notes_ref(*ref) : default_notes_ref(repo_);
  }
  int list(std::vector<std::string> args);
  int add(std::vector<std::string> args);
  int copy(std::vector<std::string> args);
  int append_or_edit(std::vector<std::string> args, bool is_edit);
  int show(std::vector<std::string> args);
  int merge(std::vector<std::string> args);
  int remove(std::vector<std::string> args);
  int prune(std::vector<std::string> args);
  int get_ref() {
    outf("%s\n", ref_);
    return 0;
  }

 private:
  NotesTree open(const char* verb, bool writable);
  ObjectId object(const std::string& name);
  void add_text_options(Options& options, NoteText& note);
  void join(NoteText& note);
  void edit(NoteText& note, const ObjectId& object, const std::optional<ObjectId>& old);
  ObjectId write_text(const NoteText& note);
  void commit(NotesTree& tree, const std::string& message);
  int copy_lines(NotesTree& tree, bool force, const std::string& rewrite);
  std::string comment_prefix() {
    Config& config = repo_.config();
    if (auto text = config.get_string("core.commentstring"); text && *text != "auto") return *text;
    if (auto text = config.get_string("core.commentchar"); text && *text != "auto" && !text->empty()) return *text;
    return "#";
  }

  Invocation& inv_;
  Repository& repo_;
  std::string ref_;
};

NotesTree Notes::open(const char* verb, bool) {
  if (!starts_with(ref_, "refs/notes/")) die("refusing to %s notes in %s (outside of refs/notes/)", verb, ref_);
  return NotesTree::read(repo_, ref_);
}
ObjectId Notes::object(const std::string& name) {
  std::optional<ObjectId> oid = get_oid(repo_, name);
  if (!oid) die("failed to resolve '%s' as a valid ref.", name);
  return *oid;
}

void Notes::commit(NotesTree& tree, const std::string& message) {
  if (!tree.is_dirty) return;
  ObjectId root = tree.write();
  std::vector<ObjectId> parents;
  std::optional<ObjectId> old = repo_.refs().read_oid(ref_);
  if (old) parents.push_back(*old);
  std::string text = message;
  if (text.empty() || text.back() != '\n') text += '\n';
  ObjectId oid = create_notes_commit(repo_, root, parents, text);
  RefUpdate update;
  update.name = ref_;
  update.new_oid = oid;
  update.message = "notes: " + text.substr(0, text.find('\n'));
  if (Result<void> done = repo_.refs().update(std::move(update)); !done) die("%s", done.error().message);
}

// ---- the text of a note ----
void Notes::add_text_options(Options& options, NoteText& note) {
  auto push = [&note](std::string text, bool strip) {
    note.pieces.push_back({std::move(text), strip});
    note.is_given = true;
  };
  options.callback(
      'm', "message", "message", "note contents as a string",
      [push](const std::optional<std::string>& v, bool) {
        push(*v, true);
        return true;
      },
      kOptNoNeg);
  options.callback(
      'F', "file", "file", "note contents in a file",
      [this, push](const std::optional<std::string>& v, bool) {
        Result<std::string> text = *v == "-" ? read_fd(0) : read_file(prefix_filename(inv_.prefix_or_empty(), *v));
        if (!text) die("could not open or read '%s': %s", *v, "No such file or directory");
        push(*text, true);
        return true;
      },
      kOptNoNeg);
  auto reuse = [this, push](const std::optional<std::string>& v) {
    std::optional<ObjectId> oid = get_oid(repo_, *v);
    if (!oid) die("failed to resolve '%s' as a valid ref.", *v);
    Result<ObjectData> data = repo_.odb().read(*oid);
    if (!data) die("failed to read object '%s'.", *v);
    if (data->type != ObjectType::blob) die("cannot read note data from non-blob object '%s'.", *v);
    push(data->data, false);
  };
  options.callback(
      'c', "reedit-message", "object", "reuse and edit specified note object",
      [&note, reuse](const std::optional<std::string>& v, bool) {
        note.use_editor = true;
        reuse(v);
        return true;
      },
      kOptNoNeg);
  options.boolean('e', "edit", &note.use_editor, "edit note message in editor");
  options.callback(
      'C', "reuse-message", "object", "reuse specified note object",
      [reuse](const std::optional<std::string>& v, bool) {
        reuse(v);
        return true;
      },
      kOptNoNeg);
  options.boolean(0, "allow-empty", &note.allow_empty, "allow storing empty note");
  options.callback(
      0, "separator", "paragraph-break", "insert <paragraph-break> between paragraphs",
      [&note](const std::optional<std::string>& v, bool unset) {
        if (unset)
          note.separator.reset();
        else
          note.separator = v ? *v : "\n";
        return true;
      },
      kOptOptionalArg);
  options.boolean(0, "stripspace", &note.strip, "remove unnecessary whitespace");
}

void Notes::join(NoteText& note) {
  note.text.clear();
  for (const NoteText::Piece& piece : note.pieces) {
    if (!note.text.empty()) {
      if (note.separator) {
        std::string s = *note.separator;
        if (s.empty())
          ;
        else if (s.back() != '\n')
          s += '\n';
        note.text += s;
      }
    }
    std::string text = piece.text;
    bool strip = note.strip == -1 ? piece.strip : note.strip == 1;
    note.text += strip ? strip_space(text) : text;
    if (strip || note.strip == -1) {
      if (!note.text.empty() && note.text.back() != '\n' && strip) note.text += '\n';
    }
  }
  // What is stripped as a whole has no empty lines at its ends.
  bool any_strip = note.strip == 1;
  for (const NoteText::Piece& piece : note.pieces) any_strip = any_strip || (note.strip == -1 && piece.strip);
  if (any_strip && note.strip != 0) note.text = strip_space(note.text);
}

void Notes::edit(NoteText& note, const ObjectId& target, const std::optional<ObjectId>& old) {
  if (!note.use_editor && note.is_given) return;
  std::string path = repo_.git_path("NOTES_EDITMSG"), text;
  if (note.is_given) {
    text = note.text;
  } else if (old) {
    if (Result<ObjectData> data = repo_.odb().read(*old)) text = data->data;
  }
  std::string comment = comment_prefix();
  text += '\n';
  text += comment_lines(kTemplate, comment);
  ChildProcess child;
  child.git_command = true;
  child.args = {"show", "--stat", "--no-notes", target.hex()};
  CommandOutput shown = pipe_command(child, "");
  if (shown.code) die("unable to start 'show' for object '%s'", target);
  text += comment_lines(shown.out, comment);
  if (!write_file(path, text)) die_errno("could not create file '%s'", path);
  std::optional<std::string> edited = launch_editor(&repo_, path);
  if (!edited) {
    err("");
    die("please supply the note contents using either -m or -F option");
  }
  note.text = note.strip == 0 ? *edited : strip_space(*edited, comment);
  remove_file(path);
}

ObjectId Notes::write_text(const NoteText& note) {
  Result<ObjectId> oid = repo_.odb().write(ObjectType::blob, note.text);
  if (!oid) die("unable to write note object");
  return *oid;
}

// ---- subcommands ----
int Notes::list(std::vector<std::string> args) {
  Options options({"git notes [list [<object>]]"});
  args = options.parse(args, inv_.prefix_or_empty());
  if (args.size() > 1) {
    error("too many arguments");
    options.usage_with_options();
  }
  NotesTree tree = open("list", false);
  if (!args.empty()) {
    ObjectId oid = object(args[0]);
    std::optional<ObjectId> note = tree.find(oid);
    if (!note) {
      error("no note found for object %s.", oid);
      return 1;
    }
    outf("%s\n", *note);
    return 0;
  }
  for (const auto& [target, note] : tree.notes()) outf("%s %s\n", note, target);
  return 0;
}

int Notes::show(std::vector<std::string> args) {
  Options options({"git notes show [<object>]"});
  args = options.parse(args, inv_.prefix_or_empty());
  if (args.size() > 1) {
    error("too many arguments");
    options.usage_with_options();
  }
  ObjectId oid = object(args.empty() ? "HEAD" : args[0]);
  NotesTree tree = open("show", false);
  std::optional<ObjectId> note = tree.find(oid);
  if (!note) {
    error("no note found for object %s.", oid);
    return 1;
  }
  ChildProcess child;
  child.git_command = true;
  child.args = {"show", note->hex()};
  flush_out();
  return child.run();
}

int Notes::add(std::vector<std::string> args) {
  bool force = false;
  NoteText note;
  Options options({"git notes add [<options>] [<object>]"});
  add_text_options(options, note);
  options.boolean('f', "force", &force, "replace existing notes");
  std::vector<std::string> original = args;
  args = options.parse(args, inv_.prefix_or_empty());
  if (args.size() > 1) {
    error("too many arguments");
    options.usage_with_options();
  }
  join(note);
  ObjectId oid = object(args.empty() ? "HEAD" : args[0]);
  NotesTree tree = open("add", true);
  std::optional<ObjectId> old = tree.find(oid);
  if (old) {
    if (!force) {
      if (note.is_given) {
        error("Cannot add notes. Found existing notes for object %s. Use '-f' to overwrite existing notes", oid);
        return 1;
      }
      // As if "edit" had been said.
      return append_or_edit({"edit", args.empty() ? "HEAD" : args[0]}, true);
    }
    errf("Overwriting existing notes for object %s\n", oid);
  }
  edit(note, oid, old);
  if (!note.text.empty() || note.allow_empty) {
    tree.add(oid, write_text(note), NotesCombine::overwrite);
    commit(tree, "Notes added by 'git notes add'");
  } else {
    errf("Removing note for object %s\n", oid);
    tree.remove(oid);
    commit(tree, "Notes removed by 'git notes add'");
  }
  return 0;
}

int Notes::copy_lines(NotesTree& tree, bool force, const std::string& rewrite) {
  LineReader lines(0);
  std::string line;
  int result = 0;
  std::vector<NotesTree> targets;
  NotesCombine how = NotesCombine::concatenate;
  std::string message = "Notes added by 'git notes copy'";
  if (!rewrite.empty()) {
    message = "Notes added by 'git notes copy'";
    Config& config = repo_.config();
    if (!config.get_bool("notes.rewrite." + rewrite).value_or(true)) return 0;
    std::string mode = get_env_or("GIT_NOTES_REWRITE_MODE", config.get_string_or("notes.rewritemode", "concatenate"));
    if (auto parsed = parse_notes_combine(mode))
      how = *parsed;
    else
      error("Bad notes.rewriteMode value: '%s'", mode);
    std::vector<std::string> patterns;
    if (auto list = get_env("GIT_NOTES_REWRITE_REF")) {
      for (std::string_view p : split(*list, ':')) patterns.push_back(std::string(p));
    } else {
      patterns = config.get_strings("notes.rewriteref");
    }
    std::vector<std::string> names;
    for (const std::string& pattern : patterns) {
      if (!starts_with(pattern, "refs/notes/")) {
        warning("Refusing to rewrite notes in %s (outside of refs/notes/)", pattern);
        continue;
      }
      if (pattern.find_first_of("*?[") == std::string::npos) {
        names.push_back(pattern);
        continue;
      }
      repo_.refs().for_each("refs/notes/", [&](const Ref& ref) {
        if (wildmatch(pattern, ref.name)) names.push_back(ref.name);
        return true;
      });
    }
    for (const std::string& name : names) targets.push_back(NotesTree::read(repo_, name));
    if (targets.empty()) return 0;
  }
  while (lines.next(line)) {
    std::vector<std::string_view> words;
    for (std::string_view word : split(line, ' '))
      if (!trim(word).empty()) words.push_back(trim(word));
    if (words.size() < 2) die("malformed input line: '%s'.", line);
    std::optional<ObjectId> from = get_oid(repo_, words[0]), to = get_oid(repo_, words[1]);
    if (!from) die("failed to resolve '%s' as a valid ref.", words[0]);
    if (!to) die("failed to resolve '%s' as a valid ref.", words[1]);
    auto copy_one = [&](NotesTree& t, bool overwrite, NotesCombine combine) {
      std::optional<ObjectId> note = t.find(*from), existing = t.find(*to);
      if (existing && !overwrite) return false;
      if (note)
        t.add(*to, *note, combine);
      else if (existing)
        t.remove(*to);
      return true;
    };
    if (!rewrite.empty()) {
      for (NotesTree& t : targets)
        if (t.find(*from)) copy_one(t, true, how);
    } else if (!copy_one(tree, force, NotesCombine::overwrite)) {
      error("failed to copy notes from '%s' to '%s'", words[0], words[1]);
      result = 1;
    }
  }
  if (rewrite.empty()) {
    commit(tree, message);
  } else {
    std::string saved = ref_;
    for (NotesTree& t : targets) {
      ref_ = t.ref;
      commit(t, message);
    }
    ref_ = saved;
  }
  return result;
}

int Notes::copy(std::vector<std::string> args) {
  bool force = false, from_stdin = false;
  std::string rewrite;
  Options options(
      {"git notes copy [<options>] <from-object> <to-object>", "git notes copy --stdin [<from-object> <to-object>]..."});
  options.boolean('f', "force", &force, "replace existing notes");
  options.boolean(0, "stdin", &from_stdin, "read objects from stdin");
  options.string(0, "for-rewrite", &rewrite, "command", "load rewriting config for <command> (implies --stdin)");
  args = options.parse(args, inv_.prefix_or_empty());
  if (from_stdin || !rewrite.empty()) {
    if (!args.empty()) {
      error("too many arguments");
      options.usage_with_options();
    }
    NotesTree tree = rewrite.empty() ? open("copy", true) : NotesTree(repo_);
    return copy_lines(tree, force, rewrite);
  }
  if (args.empty()) {
    error("too few arguments");
    options.usage_with_options();
  }
  if (args.size() > 2) {
    error("too many arguments");
    options.usage_with_options();
  }
  ObjectId from = object(args[0]), to = object(args.size() > 1 ? args[1] : "HEAD");
  NotesTree tree = open("copy", true);
  if (tree.find(to)) {
    if (!force) {
      error("Cannot copy notes. Found existing notes for object %s. Use '-f' to overwrite existing notes", to);
      return 1;
    }
    errf("Overwriting existing notes for object %s\n", to);
  }
  std::optional<ObjectId> note = tree.find(from);
  if (!note) {
    error("missing notes on source object %s. Cannot copy.", from);
    return 1;
  }
  tree.add(to, *note, NotesCombine::overwrite);
  commit(tree, "Notes added by 'git notes copy'");
  return 0;
}

int Notes::append_or_edit(std::vector<std::string> args, bool is_edit) {
  NoteText note;
  Options options({is_edit ? "git notes edit [<object>]" : "git notes append [<options>] [<object>]"});
  add_text_options(options, note);
  args = options.parse(args, inv_.prefix_or_empty());
  if (args.size() > 1) {
    error("too many arguments");
    options.usage_with_options();
  }
  join(note);
  if (note.is_given && is_edit)
    errf(
        "The -m/-F/-c/-C options have been deprecated for the 'edit' subcommand.\n"
        "Please use 'git notes add -f -m/-F/-c/-C' instead.\n");
  ObjectId oid = object(args.empty() ? "HEAD" : args[0]);
  const char* verb = is_edit ? "edit" : "append";
  NotesTree tree = open(verb, true);
  std::optional<ObjectId> old = tree.find(oid);
  edit(note, oid, is_edit ? old : std::nullopt);
  if (old && !is_edit) {
    Result<ObjectData> data = repo_.odb().read(*old);
    std::string previous = data ? data->data : std::string();
    if (!previous.empty() && !note.text.empty()) {
      if (note.separator) {
        std::string s = *note.separator;
        if (!s.empty() && s.back() != '\n') s += '\n';
        previous += s;
      }
    }
    note.text = previous + note.text;
  }
  std::string message;
  if (!note.text.empty() || note.allow_empty) {
    tree.add(oid, write_text(note), NotesCombine::overwrite);
    message = strf("Notes added by 'git notes %s'", verb);
  } else {
    errf("Removing note for object %s\n", oid);
    tree.remove(oid);
    message = strf("Notes removed by 'git notes %s'", verb);
  }
  commit(tree, message);
  return 0;
}

int Notes::remove(std::vector<std::string> args) {
  bool ignore_missing = false, from_stdin = false;
  Options options({"git notes remove [<object>]"});
  options.boolean(0, "ignore-missing", &ignore_missing, "attempt to remove non-existent note is not an error");
  options.boolean(0, "stdin", &from_stdin, "read object names from the standard input");
  args = options.parse(args, inv_.prefix_or_empty());
  NotesTree tree = open("remove", true);
  int result = 0;
  auto one = [&](const std::string& name) {
    std::optional<ObjectId> oid = get_oid(repo_, name);
    if (!oid) {
      error("Failed to resolve '%s' as a valid ref.", name);
      return 1;
    }
    if (tree.remove(*oid)) {
      errf("Removing note for object %s\n", name);
      return 0;
    }
    errf("Object %s has no note\n", name);
    return ignore_missing ? 0 : 1;
  };
  if (args.empty() && !from_stdin) {
    result = one("HEAD");
  } else {
    for (const std::string& name : args) result |= one(name);
  }
  if (from_stdin) {
    LineReader lines(0);
    std::string line;
    while (lines.next(line)) result |= one(std::string(rtrim(line)));
  }
  if (!result) commit(tree, "Notes removed by 'git notes remove'");
  return result;
}

int Notes::prune(std::vector<std::string> args) {
  bool dry_run = false, verbose = false;
  Options options({"git notes prune [<options>]"});
  options.boolean('n', "dry-run", &dry_run, "do not remove, show only");
  options.boolean('v', "verbose", &verbose, "report pruned notes");
  args = options.parse(args, inv_.prefix_or_empty());
  if (!args.empty()) {
    error("too many arguments");
    options.usage_with_options();
  }
  NotesTree tree = open("prune", true);
  std::vector<ObjectId> gone;
  for (const auto& [target, note] : tree.notes())
    if (!repo_.odb().has(target)) gone.push_back(target);
  for (const ObjectId& oid : gone) {
    if (dry_run || verbose) outf("%s\n", oid);
    if (!dry_run) tree.remove(oid);
  }
  if (!dry_run) commit(tree, "Notes removed by 'git notes prune'");
  return 0;
}

int Notes::merge(std::vector<std::string> args) {
  int verbosity = 0;
  bool do_commit = false, do_abort = false;
  std::optional<std::string> strategy;
  Options options(
      {"git notes merge [<options>] <notes-ref>", "git notes merge --commit [<options>]", "git notes merge --abort [<options>]"});
  options.group("General options");
  options.verbosity(&verbosity);
  options.group("Merge options");
  options.string('s', "strategy", &strategy, "strategy",
                 "resolve notes conflicts using the given strategy (manual/ours/theirs/union/cat_sort_uniq)");
  options.group("Committing unmerged notes");
  options.boolean(0, "commit", &do_commit, "finalize notes merge by committing unmerged notes");
  options.group("Aborting notes merge resolution");
  options.boolean(0, "abort", &do_abort, "abort notes merge");
  args = options.parse(args, inv_.prefix_or_empty());
  bool do_merge = strategy || (!do_commit && !do_abort);
  if (static_cast<int>(do_merge) + static_cast<int>(do_commit) + static_cast<int>(do_abort) != 1) {
    error("cannot mix --commit, --abort or -s/--strategy");
    options.usage_with_options();
  }
  if (do_merge && args.size() != 1) {
    error("must specify a notes ref to merge");
    options.usage_with_options();
  }
  if (!do_merge && !args.empty()) {
    error("too many arguments");
    options.usage_with_options();
  }
  RefStore& refs = repo_.refs();
  auto finish = [&] {
    int bad = 0;
    abort_notes_merge(repo_);
    if (refs.read("NOTES_MERGE_PARTIAL"))
      if (Result<void> done = refs.remove("NOTES_MERGE_PARTIAL", std::nullopt, "", kRefNoDeref); !done)
        bad |= error("failed to delete ref NOTES_MERGE_PARTIAL") ? 1 : 0;
    if (refs.read("NOTES_MERGE_REF"))
      if (Result<void> done = refs.remove("NOTES_MERGE_REF", std::nullopt, "", kRefNoDeref); !done)
        bad |= error("failed to delete ref NOTES_MERGE_REF") ? 1 : 0;
    return bad;
  };
  if (do_abort) {
    if (int bad = finish(); bad) return bad;
    return 0;
  }
  if (do_commit) {
    std::optional<ObjectId> partial = refs.read_oid("NOTES_MERGE_PARTIAL");
    if (!partial) die("failed to read ref NOTES_MERGE_PARTIAL");
    Commit* c = repo_.commits().peel_to_commit(*partial);
    if (!c) die("could not find commit from NOTES_MERGE_PARTIAL.");
    std::optional<ResolvedRef> target = refs.resolve("NOTES_MERGE_REF");
    if (!target) die("failed to resolve NOTES_MERGE_REF");
    ObjectId oid = commit_notes_merge(repo_, *partial);
    Result<std::string> raw = repo_.commits().read_buffer(c);
    std::string_view message = raw ? commit_message(*raw) : std::string_view();
    RefUpdate update;
    update.name = target->name;
    update.new_oid = oid;
    update.old_oid = c->parents.empty() ? ObjectId::null(repo_.algo()) : c->parents[0]->oid;
    update.message = "notes: " + std::string(trim(message.substr(0, message.find('\n'))));
    if (Result<void> done = refs.update(std::move(update)); !done) die("%s", done.error().message);
    return finish();
  }
  NotesMergeOptions o;
  o.verbosity = verbosity + 2;
  o.local_ref = ref_;
  o.remote_ref = expand_loose_notes_ref(repo_, args[0]);
  if (strategy) {
    auto parsed = parse_notes_merge_strategy(*strategy);
    if (!parsed) {
      error("unknown -s/--strategy: %s", *strategy);
      options.usage_with_options();
    }
    o.strategy = *parsed;
  } else {
    std::string_view short_ref = ref_;
    if (!skip_prefix(short_ref, "refs/notes/")) die("BUG: local ref %s is outside of refs/notes/", ref_);
    for (const std::string& key : {strf("notes.%s.mergestrategy", short_ref), std::string("notes.mergestrategy")})
      if (auto name = repo_.config().get_string(key)) {
        auto parsed = parse_notes_merge_strategy(*name);
        if (!parsed) die("unknown notes merge strategy %s", *name);
        o.strategy = *parsed;
        break;
      }
  }
  NotesTree tree = open("merge", true);

  o.message = strf("Merged notes from %s into %s", o.remote_ref, o.local_ref);
  NotesMergeResult result = merge_notes(repo_, o, tree);
  if (result.kind != NotesMergeResult::Kind::conflicts) {
    RefUpdate update;
    update.name = ref_;
    update.new_oid = result.commit;
    update.message = "notes: " + o.message;
    if (Result<void> done = refs.update(std::move(update)); !done) die("%s", done.error().message);
    return 0;
  }
  RefUpdate partial;
  partial.name = "NOTES_MERGE_PARTIAL";
  partial.new_oid = result.commit;
  partial.message = "notes: " + o.message;
  if (Result<void> done = refs.update(std::move(partial)); !done) die("%s", done.error().message);
  for (const Worktree& w : list_worktrees(repo_)) {
    std::optional<Ref> link = w.is_current ? std::nullopt : repo_.refs().read(worktree_ref_name(w, "NOTES_MERGE_REF"));
    if (link && link->symref_target == ref_) die("a notes merge into %s is already in-progress at %s", ref_, w.path);
  }
  if (Result<void> done = refs.create_symref("NOTES_MERGE_REF", ref_, ""); !done)
    die("failed to store link to current notes ref (%s)", ref_);
  errf(
      "Automatic notes merge failed. Fix conflicts in %s and commit the result with 'git notes merge --commit', or abort the "
      "merge with 'git notes merge --abort'.\n",
      repo_.git_path("NOTES_MERGE_WORKTREE"));
  return 1;
}

}  // namespace

int cmd_notes(Invocation& inv) {
  std::optional<std::string> ref;
  int verb = -1;
  Options options(kUsage);
  options.string(0, "ref", &ref, "notes-ref", "use notes from <notes-ref>");
  int n = 0;
  for (const char* name : {"list", "add", "copy", "append", "edit", "show", "merge", "remove", "prune", "get-ref"})
    options.subcommand(name, &verb, n++);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty(), kSubcommandOptional);
  if (verb < 0) {
    if (!args.empty()) {
      error("unknown subcommand: `%s'", args[0]);
      options.usage_with_options();
    }
    return Notes(inv, ref).list({"list"});
  }
  Notes notes(inv, ref);
  switch (verb) {
    case 0:
      return notes.list(args);
    case 1:
      return notes.add(args);
    case 2:
      return notes.copy(args);
    case 3:
      return notes.append_or_edit(args, false);
    case 4:
      return notes.append_or_edit(args, true);
    case 5:
      return notes.show(args);
    case 6:
      return notes.merge(args);
    case 7:
      return notes.remove(args);
    case 8:
      return notes.prune(args);
    default:
      return notes.get_ref();
  }
}

}  // namespace git
