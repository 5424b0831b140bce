// git replace: objects that stand in for others, kept as refs.
#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "config/fsck-config.h"
#include "editor.h"
#include "hash/hasher.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "walk/commit-pool.h"

GIT_BUILTIN("replace", cmd_replace, kSetup)

namespace git {
namespace {

enum Mode { kNone, kList, kDelete, kEdit, kGraft, kConvertGrafts, kReplace };

struct Replace {
  Repository& repo;
  bool force = false, raw = false;
  std::string base = get_env_or("GIT_REPLACE_REF_BASE", "refs/replace/");

  int list(const std::string& pattern, const std::string& format);
  int remove(const std::vector<std::string>& names);
  int create(const std::string& object_name, const std::string& replacement_name);
  int put(const std::string& object_name, const ObjectId& object, const std::string& replacement_name,
          const ObjectId& replacement);
  int edit(const std::string& name);
  std::optional<ObjectId> edit_object(const ObjectId& object, ObjectType type);
  int graft(const std::vector<std::string>& names, bool gentle);
  int convert_grafts();

  std::string ref_name(const ObjectId& oid) const { return base + oid.hex(); }
  bool check_ref(const ObjectId& object, std::optional<ObjectId>& previous);
};

int Replace::list(const std::string& pattern, const std::string& format) {
  if (!format.empty() && format != "short" && format != "medium" && format != "long")
    return error("invalid replace format '%s'\nvalid formats are 'short', 'medium' and 'long'", format);
  int result = 0;
  repo.refs().for_each_raw(base, [&](const Ref& ref) {
    std::string name = ref.name.substr(base.size());
    if (!wildmatch(pattern, name, 0)) return true;
    if (format.empty() || format == "short") {
      outf("%s\n", name);
    } else if (format == "medium") {
      outf("%s -> %s\n", name, ref.oid);
    } else {
      auto object = get_oid(repo, name);
      if (!object) {
        result = error("failed to resolve '%s' as a valid ref", name);
        return false;
      }
      outf("%s (%s) -> %s (%s)\n", name, type_name(repo.odb().type_of(*object, kLookupNoReplace)), ref.oid,
           type_name(repo.odb().type_of(ref.oid, kLookupNoReplace)));
    }
    return true;
  });
  return result;
}

int Replace::remove(const std::vector<std::string>& names) {
  int had_error = 0;
  for (const std::string& name : names) {
    auto oid = get_oid(repo, name);
    if (!oid) {
      error("failed to resolve '%s' as a valid ref", name);
      had_error = 1;
      continue;
    }
    auto ref = repo.refs().read_oid(ref_name(*oid));
    if (!ref) {
      error("replace ref '%s' not found", *oid);
      had_error = 1;
      continue;
    }
    auto removed = repo.refs().remove(ref_name(*oid), *ref, "");
    if (!removed) {
      error("%s", removed.error().message);
      had_error = 1;
      continue;
    }
    outf("Deleted replace ref '%s'\n", *oid);
  }
  return had_error;
}

bool Replace::check_ref(const ObjectId& object, std::optional<ObjectId>& previous) {
  std::string ref = ref_name(object);
  if (!check_refname_format(ref)) {
    error("'%s' is not a valid ref name", ref);
    return false;
  }
  previous = repo.refs().read_oid(ref);
  if (previous && !force) {
    error("replace ref '%s' already exists", ref);
    return false;
  }
  return true;
}

int Replace::put(const std::string& object_name, const ObjectId& object, const std::string& replacement_name,
                 const ObjectId& replacement) {
  ObjectType type = repo.odb().type_of(object, kLookupNoReplace), other = repo.odb().type_of(replacement, kLookupNoReplace);
  if (!force && type != other)
    return error(
        "Objects must be of the same type.\n'%s' points to a replaced object of type '%s'\nwhile '%s' points to a "
        "replacement object of type '%s'.",
        object_name, type_name(type), replacement_name, type_name(other));
  std::optional<ObjectId> previous;
  if (!check_ref(object, previous)) return -1;
  RefUpdate update;
  update.name = ref_name(object);
  update.new_oid = replacement;
  update.old_oid = previous ? *previous : ObjectId::null(repo.algo());
  auto updated = repo.refs().update(std::move(update));
  return updated ? 0 : error("%s", updated.error().message);
}

int Replace::create(const std::string& object_name, const std::string& replacement_name) {
  auto object = get_oid(repo, object_name);
  if (!object) return error("failed to resolve '%s' as a valid ref", object_name);
  auto replacement = get_oid(repo, replacement_name);
  if (!replacement) return error("failed to resolve '%s' as a valid ref", replacement_name);
  return put(object_name, *object, replacement_name, *replacement);
}

// The object as text in a file, edited, and read back.
std::optional<ObjectId> Replace::edit_object(const ObjectId& object, ObjectType type) {
  std::string path = repo.git_path("REPLACE_EDITOBJ");
  bool as_text = type == ObjectType::tree && !raw;
  ChildProcess show;
  show.git_command = true;
  show.args = {"--no-replace-objects", "cat-file", as_text ? "-p" : std::string(type_name(type)), object.hex()};
  CommandOutput shown = pipe_command(show, "");
  if (shown.code) {
    error("cat-file reported failure");
    return std::nullopt;
  }
  if (!write_file(path, shown.out)) {
    error_errno("unable to open %s for writing", path);
    return std::nullopt;
  }
  auto text = launch_editor(&repo, path);
  if (!text) {
    error("editing object file failed");
    return std::nullopt;
  }
  std::optional<ObjectId> result;
  if (as_text) {
    ChildProcess make;
    make.git_command = true;
    make.args = {"mktree"};
    CommandOutput made = pipe_command(make, *text);
    if (made.code)
      error("mktree reported failure");
    else if (!(result = ObjectId::from_hex(trim(made.out), repo.algo())))
      error("mktree did not return an object name");
  } else {
    FsckOptions options = default_fsck_options();
    options.is_strict = true;
    FsckState state;
    auto report = [](const FsckFinding& finding) { return error("object fails fsck: %s", finding.text) < 0; };
    if (fsck_object(ObjectId::null(repo.algo()), type, *text, options, state, report)) die("refusing to create malformed object");
    auto written = repo.odb().write(type, *text);
    if (written)
      result = *written;
    else
      error("unable to write object to database");
  }
  ::unlink(path.c_str());
  return result;
}

int Replace::edit(const std::string& name) {
  auto object = get_oid(repo, name);
  if (!object) return error("not a valid object name: '%s'", name);
  ObjectType type = repo.odb().type_of(*object, kLookupNoReplace);
  if (type == ObjectType::bad) return error("unable to get object type for %s", *object);
  std::optional<ObjectId> previous;
  if (!check_ref(*object, previous)) return -1;
  auto edited = edit_object(*object, type);
  if (!edited) return -1;
  if (*edited == *object) return error("new object is the same as the old one: '%s'", *object);
  return put(name, *object, "replacement", *edited);
}

// A commit's bytes with other parents.
std::string with_parents(std::string_view bytes, const std::vector<ObjectId>& parents) {
  std::size_t tree_end = bytes.find('\n') + 1;
  std::string_view rest = bytes.substr(tree_end);
  while (starts_with(rest, "parent ")) rest.remove_prefix(rest.find('\n') + 1);
  std::string result(bytes.substr(0, tree_end));
  for (const ObjectId& parent : parents) result += strf("parent %s\n", parent);
  return result += rest;
}

// Removes a header with its continuation lines; false where there is none.
bool remove_header(std::string& bytes, std::string_view key) {
  std::size_t end_of_headers = bytes.find("\n\n");
  bool found = false;
  for (std::size_t at = 0; at < bytes.size() && at <= end_of_headers;) {
    std::size_t end = bytes.find('\n', at);
    if (end == std::string::npos || end == at) break;
    if (!starts_with(std::string_view(bytes).substr(at), key)) {
      at = end + 1;
      continue;
    }
    end++;
    while (end < bytes.size() && bytes[end] == ' ') end = bytes.find('\n', end) + 1;
    bytes.erase(at, end - at);
    found = true;
    end_of_headers = bytes.find("\n\n", at ? at - 1 : 0);
  }
  return found;
}

int Replace::graft(const std::vector<std::string>& names, bool gentle) {
  auto start = get_oid(repo, names[0], NameHint::committish);
  if (!start) return error("not a valid object name: '%s'", names[0]);
  ObjectId old;
  auto commit = repo.odb().read_peeled(*start, ObjectType::commit, &old);
  if (!commit) return error("could not parse %s", names[0]);
  std::vector<ObjectId> parents;
  for (std::size_t i = 1; i < names.size(); i++) {
    auto oid = get_oid(repo, names[i], NameHint::committish);
    if (!oid) return error("not a valid object name: '%s'", names[i]);
    auto parent = peel_to_type(repo, *oid, ObjectType::commit, true);
    if (!parent) return error("could not parse %s as a commit", names[i]);
    parents.push_back(*parent);
  }
  std::string bytes = with_parents(commit->data, parents);
  bool was_signed = remove_header(bytes, "gpgsig ");
  was_signed |= remove_header(bytes, "gpgsig-sha256 ");
  if (was_signed) {
    warning("the original commit '%s' has a gpg signature", names[0]);
    warning("the signature will be removed in the replacement commit!");
  }
  std::string without_tags = bytes;
  while (auto tag = find_commit_header(without_tags, "mergetag")) {
    auto parsed = parse_tag(*tag + "\n", repo.algo());
    if (!parsed) return error("malformed mergetag in commit '%s'", names[0]);
    bool is_kept = false;
    for (const ObjectId& parent : parents) is_kept |= parent == parsed->object;
    if (!is_kept)
      return error("original commit '%s' contains mergetag '%s' that is discarded; use --edit instead of --graft", names[0],
                   hash_object(repo.algo(), "tag", *tag + "\n"));
    std::size_t at = without_tags.find("\nmergetag ");
    std::size_t end = without_tags.find('\n', at + 1) + 1;
    while (end < without_tags.size() && without_tags[end] == ' ') end = without_tags.find('\n', end) + 1;
    without_tags.erase(at + 1, end - at - 1);
  }
  auto written = repo.odb().write(ObjectType::commit, bytes);
  if (!written) return error("could not write replacement commit for: '%s'", names[0]);
  if (*written == old) {
    if (!gentle) return error("new commit is the same as the old one: '%s'", old);
    warning("graft for '%s' unnecessary", old);
    return 0;
  }
  return put(names[0], old, "replacement", *written);
}

int Replace::convert_grafts() {
  std::string path = repo.common_path("info/grafts");
  auto text = read_file(path);
  if (!text) return -1;
  std::string failed;
  for (std::string_view line : split_lines(*text)) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> names;
    for (std::string_view word : split(line, ' '))
      if (!word.empty()) names.emplace_back(word);
    if (!names.empty() && graft(names, true)) failed += strf("\n\t%s", line);
  }
  if (failed.empty()) return ::unlink(path.c_str()) < 0 ? -1 : 0;
  warning("could not convert the following graft(s):\n%s", failed);
  return -1;
}

}  // namespace

int cmd_replace(Invocation& inv) {
  Replace command{inv.repo()};
  int mode = kNone;
  std::optional<std::string> format;
  Options options({"git replace [-f] <object> <replacement>", "git replace [-f] --edit <object>",
                   "git replace [-f] --graft <commit> [<parent>...]", "git replace [-f] --convert-graft-file",
                   "git replace -d <object>...", "git replace [--format=<format>] [-l [<pattern>]]"});
  options.cmd_mode('l', "list", &mode, kList, "list replace refs");
  options.cmd_mode('d', "delete", &mode, kDelete, "delete replace refs");
  options.cmd_mode('e', "edit", &mode, kEdit, "edit existing object");
  options.cmd_mode('g', "graft", &mode, kGraft, "change a commit's parents");
  options.cmd_mode(0, "convert-graft-file", &mode, kConvertGrafts, "convert existing graft file");
  options.boolean('f', "force", &command.force, "replace the ref if it exists");
  options.boolean(0, "raw", &command.raw, "do not pretty-print contents for --edit");
  options.string(0, "format", &format, "format", "use this format");
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());

  inv.repo().use_replace_refs = false;
  if (mode == kNone) mode = args.empty() ? kList : kReplace;
  if (format && mode != kList) options.usage_msg("--format cannot be used when not listing");
  if (command.force && (mode == kList || mode == kDelete)) options.usage_msg("-f only makes sense when writing a replacement");
  if (command.raw && mode != kEdit) options.usage_msg("--raw only makes sense with --edit");
  int result = 0;
  switch (mode) {
    case kDelete:
      if (args.empty()) options.usage_msg("-d needs at least one argument");
      result = command.remove(args);
      break;
    case kReplace:
      if (args.size() != 2) options.usage_msg("bad number of arguments");
      result = command.create(args[0], args[1]);
      break;
    case kEdit:
      if (args.size() != 1) options.usage_msg("-e needs exactly one argument");
      result = command.edit(args[0]);
      break;
    case kGraft:
      if (args.empty()) options.usage_msg("-g needs at least one argument");
      result = command.graft(args, false);
      break;
    case kConvertGrafts:
      if (!args.empty()) options.usage_msg("--convert-graft-file takes no argument");
      return command.convert_grafts() ? 1 : 0;
    default:
      if (args.size() > 1) options.usage_msg("only one pattern can be given with -l");
      result = command.list(args.empty() ? "*" : args[0], format.value_or(""));
  }
  return result;
}

}  // namespace git
