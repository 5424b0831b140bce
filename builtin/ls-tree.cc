// git ls-tree: what a tree holds.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index/pathspec.h"
#include "object-name.h"
#include "odb.h"

GIT_BUILTIN("ls-tree", cmd_ls_tree, kSetup)

namespace git {
namespace {

enum Mode { kDefault, kLong, kNameOnly, kNameStatus, kObjectOnly };

struct LsTree {
  Repository& repo;
  bool recursive = false, show_trees = false, tree_only = false, nul_terminated = false;
  int mode = kDefault;
  int abbrev = 0;
  std::string format{};
  std::string chomp_prefix{};  // taken off shown paths
  bool quote_high = true;
  Pathspec pathspec{};

  bool walk(const ObjectId& tree, const std::string& base);
  bool recurses_into(const std::string& base, std::string_view name) const;
  void show(const TreeEntry& entry, const std::string& base) const;
  std::string shown_path(const std::string& base, std::string_view name) const;
  std::string shown_oid(const ObjectId& oid) const { return abbrev ? unique_abbrev(repo, oid, abbrev) : oid.hex(); }
  std::string size_of(const TreeEntry& entry, bool is_padded) const;
  void show_formatted(const TreeEntry& entry, const std::string& base) const;
};

bool LsTree::recurses_into(const std::string& base, std::string_view name) const {
  if (recursive) return true;
  // A path below this directory was asked for.
  for (const PathspecItem& item : pathspec.items) {
    std::string_view spec = item.match;
    if (!skip_prefix(spec, base) || spec.size() <= name.size() || spec[name.size()] != '/') continue;
    if (starts_with(spec, name)) return true;
  }
  return false;
}

std::string LsTree::shown_path(const std::string& base, std::string_view name) const {
  std::string path = base + std::string(name);
  if (nul_terminated) {
    if (chomp_prefix.empty()) return path;
    return starts_with(path, chomp_prefix) ? path.substr(chomp_prefix.size()) : quote_path(path, chomp_prefix, quote_high);
  }
  std::string shown = quote_path(path, chomp_prefix, quote_high);
  return shown == "." ? "./" : shown;
}

std::string LsTree::size_of(const TreeEntry& entry, bool is_padded) const {
  std::string size = "-";
  if (type_of_mode(entry.mode) == ObjectType::blob) {
    auto info = repo.odb().info(entry.oid);
    if (!info && is_padded && mode == kLong)
      size = "BAD";
    else if (!info)
      die("could not get object info about '%s'", entry.oid);
    else
      size = std::to_string(info->size);
  }
  return is_padded ? strf("%7s", size) : size;
}

void LsTree::show_formatted(const TreeEntry& entry, const std::string& base) const {
  std::string line;
  for (std::string_view rest = format; !rest.empty();) {
    std::size_t percent = rest.find('%');
    line += rest.substr(0, percent);
    if (percent == std::string_view::npos) break;
    rest.remove_prefix(percent + 1);
    int high = rest.size() >= 3 ? hex_value(rest[1]) : -1, low = rest.size() >= 3 ? hex_value(rest[2]) : -1;
    if (skip_prefix(rest, "%"))
      line += '%';
    else if (skip_prefix(rest, "n"))
      line += '\n';
    else if (starts_with(rest, "x") && high >= 0 && low >= 0) {
      line += static_cast<char>(high << 4 | low);
      rest.remove_prefix(3);
    } else if (skip_prefix(rest, "(objectmode)"))
      line += strf("%06o", entry.mode);
    else if (skip_prefix(rest, "(objecttype)"))
      line += type_name(type_of_mode(entry.mode));
    else if (skip_prefix(rest, "(objectsize:padded)"))
      line += size_of(entry, true);
    else if (skip_prefix(rest, "(objectsize)"))
      line += size_of(entry, false);
    else if (skip_prefix(rest, "(objectname)"))
      line += shown_oid(entry.oid);
    else if (skip_prefix(rest, "(path)"))
      line += shown_path(base, entry.name);
    else if (rest.empty() || rest[0] != '(')
      die("bad ls-tree format: element '%s' does not start with '('", rest);
    else {
      std::size_t end = rest.find(')');
      if (end == std::string_view::npos) die("bad ls-tree format: element '%s' does not end in ')'", rest);
      die("bad ls-tree format: %%%s", rest.substr(0, end + 1));
    }
  }
  line += nul_terminated ? '\0' : '\n';
  out(line);
}

void LsTree::show(const TreeEntry& entry, const std::string& base) const {
  if (!format.empty()) return show_formatted(entry, base);
  std::string line;
  switch (mode) {
    case kObjectOnly:
      line = shown_oid(entry.oid);
      break;
    case kNameOnly:
    case kNameStatus:
      line = shown_path(base, entry.name);
      break;
    default:
      line = strf("%06o %s %s", entry.mode, type_name(type_of_mode(entry.mode)), shown_oid(entry.oid));
      if (mode == kLong) line += " " + size_of(entry, true);
      line += "\t" + shown_path(base, entry.name);
  }
  line += nul_terminated ? '\0' : '\n';
  out(line);
}

bool LsTree::walk(const ObjectId& tree, const std::string& base) {
  auto data = repo.odb().read_peeled(tree, ObjectType::tree);
  if (!data) {
    error("Could not read %s", tree);
    return false;
  }
  TreeReader reader(data->data, repo.algo());
  TreeEntry entry;
  Interest interest = Interest::no;
  while (reader.next(entry)) {
    entry.mode = canon_mode(entry.mode);
    if (interest != Interest::all && !pathspec.empty()) {
      interest = tree_entry_interesting(repo, pathspec, base, entry.name, entry.mode, recursive);
      if (interest == Interest::all_not) break;
      if (interest == Interest::no) continue;
    }
    ObjectType type = type_of_mode(entry.mode);
    bool enter = type == ObjectType::tree && recurses_into(base, entry.name);
    bool is_shown = type == ObjectType::blob ? !tree_only : !(enter && !show_trees);
    if (is_shown) show(entry, base);
    if (enter && !walk(entry.oid, base + std::string(entry.name) + "/")) return false;
  }
  if (reader.has_error()) die("%s", reader.error());
  return true;
}

}  // namespace

int cmd_ls_tree(Invocation& inv) {
  LsTree command{inv.repo()};
  bool full_name = false, full_tree = false;
  std::optional<std::string> format;
  Options options({"git ls-tree [<options>] <tree-ish> [<path>...]"});
  options.boolean('d', "", &command.tree_only, "only show trees");
  options.boolean('r', "", &command.recursive, "recurse into subtrees");
  options.boolean('t', "", &command.show_trees, "show trees when recursing");
  options.boolean('z', "", &command.nul_terminated, "terminate entries with NUL byte");
  options.cmd_mode('l', "long", &command.mode, kLong, "include object size");
  options.cmd_mode(0, "name-only", &command.mode, kNameOnly, "list only filenames");
  options.cmd_mode(0, "name-status", &command.mode, kNameStatus, "list only filenames");
  options.cmd_mode(0, "object-only", &command.mode, kObjectOnly, "list only objects");
  options.boolean(0, "full-name", &full_name, "use full path names");
  options.boolean(0, "full-tree", &full_tree, "list entire tree; not just current directory (implies --full-name)");
  options.string(0, "format", &format, "format", "format to use for the output", kOptNoNeg);
  options.abbrev(&command.abbrev);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());

  std::string prefix(inv.prefix_or_empty());
  if (full_tree) prefix.clear();
  if (!full_tree && !full_name) command.chomp_prefix = prefix;
  if (command.tree_only && command.recursive) command.show_trees = true;
  if (format && command.mode != kDefault) options.usage_msg("--format can't be combined with other format-altering options");
  if (args.empty()) options.usage_with_options();
  command.quote_high = inv.repo().config().get_bool_or("core.quotepath", true);
  if (format) command.format = *format;

  auto oid = get_oid_with_context(inv.repo(), args[0], NameHint::treeish, nullptr);
  if (!oid) die("Not a valid object name %s", args[0]);
  std::vector<std::string> paths(args.begin() + 1, args.end());
  command.pathspec = parse_pathspec(inv.repo(), paths, prefix, kPreferCwd, kMagicTop | kMagicLiteral);
  for (PathspecItem& item : command.pathspec.items) item.nowildcard_length = item.match.size();
  command.pathspec.has_wildcard = false;

  ObjectId tree;
  auto data = inv.repo().odb().read_peeled(*oid, ObjectType::tree, &tree);
  if (!data) die("not a tree object");
  return command.walk(tree, "") ? 0 : 1;
}

}  // namespace git
