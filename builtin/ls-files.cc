// git ls-files: what the index and the worktree hold, one path a line.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/convert.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "index/submodule-config.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("ls-files", cmd_ls_files, kSetup)

namespace git {
namespace {

struct LsFiles {
  LsFiles(Invocation& i) : inv(i), repo(i.repo()), index(i.repo()), scan(index) {}
  Invocation& inv;
  Repository& repo;
  Index index;
  DirScan scan;
  bool show_cached = false, show_others = false, show_deleted = false, show_modified = false, show_stage = false,
       show_unmerged = false, show_killed = false, show_resolve_undo = false, show_tag = false, show_valid_bit = false,
       show_fsmonitor_bit = false, show_eol = false, nul = false, debug = false, recurse_submodules = false,
       skipping_duplicates = false, error_unmatch = false, full_name = false, deduplicate = false, sparse = false;
  bool exclude_given = false;
  unsigned dir_flags = 0;
  int abbrev = 0;
  std::optional<std::string> format, with_tree;
  Repository* here = &repo;  // ours, or the submodule that is shown
  std::string super_prefix;  // "sub/" of that
  Pathspec spec;
  std::vector<std::uint8_t> seen;
  std::string display_prefix;
  std::optional<Converter> converter;
  std::string last_shown;

  const char *tag_cached = "", *tag_unmerged = "", *tag_removed = "", *tag_other = "", *tag_killed = "", *tag_modified = "",
             *tag_skip_worktree = "", *tag_resolve_undo = "";

  int run();
  void parse(std::vector<std::string>& args);
  void use_tags();
  void show_name(std::string_view path);
  std::string quoted(std::string_view path);
  std::string eol_info(const std::string& path, const IndexEntry* entry);
  std::string adjusted_tag(const char* tag, const IndexEntry& e);
  void show_entry(const char* tag, const std::string& path, const IndexEntry& e);
  void show_formatted(const std::string& path, const IndexEntry& e);
  void show_debug(const IndexEntry& e);
  void show_scan();
  void show_killed_files();
  void show_entries();
  void show_resolve_undos();
  void overlay_tree();
  void recurse(const IndexEntry& e);
  bool matches(const std::string& path, bool is_dir, bool mark);
};

std::string LsFiles::quoted(std::string_view path) {
  std::string whole = super_prefix + std::string(path);
  if (nul) return display_prefix.empty() ? whole : relative_path("/" + whole, "/" + display_prefix);
  return quote_path(whole, display_prefix, repo.config().get_bool_or("core.quotepath", true));
}

void LsFiles::show_name(std::string_view path) {
  std::string text = quoted(path);
  if (text.empty()) text = "./";
  out(text);
  out(nul ? std::string_view("\0", 1) : std::string_view("\n"));
}

bool LsFiles::matches(const std::string& path, bool is_dir, bool mark) {
  MatchPathspecOptions options;
  options.is_directory = is_dir;
  if (mark) options.seen = &seen;
  return match_pathspec(&index, spec, super_prefix + path, options) != 0;
}

void LsFiles::use_tags() {
  tag_cached = "H ", tag_unmerged = "M ", tag_removed = "R ", tag_modified = "C ", tag_other = "? ", tag_killed = "K ";
  tag_skip_worktree = "S ", tag_resolve_undo = "U ";
}

std::string LsFiles::adjusted_tag(const char* tag, const IndexEntry& e) {
  std::string text = tag;
  if (text.empty()) return text;
  if ((show_valid_bit && e.assume_valid) || (show_fsmonitor_bit && e.fsmonitor_valid)) {
    if (text[0] >= 'A' && text[0] <= 'Z')
      text[0] = to_lower(text[0]);
    else if (text[0] == '?')
      text[0] = '!';
    else
      text = "v ";
  }
  return text;
}

std::string LsFiles::eol_info(const std::string& path, const IndexEntry* entry) {
  if (!converter) converter.emplace(repo, &index);
  std::string in_index, in_worktree;
  if (entry && is_regular_mode(entry->mode)) {
    if (Result<ObjectData> data = repo.odb().read(entry->oid)) in_index = describe_eol(data->data);
  }
  std::optional<struct stat> st = lstat_path(path);
  if (st && S_ISREG(st->st_mode)) {
    if (Result<std::string> bytes = read_file(path)) in_worktree = describe_eol(*bytes);
  }
  return strf("i/%-5s w/%-5s attr/%-17s\t", in_index, in_worktree, describe_eol_attributes(converter->attributes(path)));
}

void LsFiles::show_debug(const IndexEntry& e) {
  if (!debug) return;
  const StatData& s = e.stat;
  outf("  ctime: %u:%u\n", s.ctime_sec, s.ctime_nsec);
  outf("  mtime: %u:%u\n", s.mtime_sec, s.mtime_nsec);
  outf("  dev: %u\tino: %u\n", s.dev, s.ino);
  outf("  uid: %u\tgid: %u\n", s.uid, s.gid);
  unsigned flags = static_cast<unsigned>(e.stage) << 12 | (e.assume_valid ? 0x8000u : 0u) | (e.skip_worktree ? 0x40000000u : 0u) |
                   (e.intent_to_add ? 0x20000000u : 0u) | (e.skip_worktree || e.intent_to_add ? 0x4000u : 0u);
  outf("  size: %u\tflags: %x\n", s.size, flags);
}

void LsFiles::show_formatted(const std::string& path, const IndexEntry& e) {
  std::string text;
  std::string_view f = *format;
  auto size_text = [&](bool padded) {
    std::string size = "-";
    if (is_regular_mode(e.mode) || is_link_mode(e.mode)) {
      auto info = repo.odb().info(e.oid);
      if (!info) die("could not get object info about '%s'", e.oid);
      size = std::to_string(info->size);
    }
    return padded ? strf("%7s", size) : size;
  };
  while (!f.empty()) {
    std::size_t at = f.find('%');
    text.append(f.substr(0, at));
    if (at == std::string_view::npos) break;
    f.remove_prefix(at + 1);
    if (f.empty()) die("bad ls-files format: element '%s' does not start with '('", "");
    if (f[0] == '%' || f[0] == 'n') {
      text += f[0] == 'n' ? '\n' : '%';
      f.remove_prefix(1);
      continue;
    }
    if (f[0] == 'x' && f.size() >= 3 && hex_value(f[1]) >= 0 && hex_value(f[2]) >= 0) {
      text += static_cast<char>(hex_value(f[1]) * 16 + hex_value(f[2]));
      f.remove_prefix(3);
      continue;
    }
    if (f[0] != '(') die("bad ls-files format: element '%s' does not start with '('", f);
    std::size_t end = f.find(')');
    if (end == std::string_view::npos) die("bad ls-files format: element '%s' does not end in ')'", f);
    std::string_view name = f.substr(1, end - 1);
    f.remove_prefix(end + 1);
    if (name == "objectmode")
      text += strf("%06o", e.mode);
    else if (name == "objectname")
      text += abbrev ? unique_abbrev(*here, e.oid, abbrev) : e.oid.hex();
    else if (name == "objecttype")
      text += type_name(type_of_mode(e.mode));
    else if (name == "objectsize")
      text += size_text(false);
    else if (name == "objectsize:padded")
      text += size_text(true);
    else if (name == "stage")
      text += std::to_string(e.stage);
    else if (name == "path")
      text += quoted(path);
    else if (name == "eolinfo:index" || name == "eolinfo:worktree") {
      if (!converter) converter.emplace(repo, &index);
      if (name == "eolinfo:index") {
        if (is_regular_mode(e.mode))
          if (Result<ObjectData> data = repo.odb().read(e.oid)) text += describe_eol(data->data);
      } else if (auto st = lstat_path(path); st && S_ISREG(st->st_mode)) {
        if (Result<std::string> bytes = read_file(path)) text += describe_eol(*bytes);
      }
    } else if (name == "eolattr") {
      if (!converter) converter.emplace(repo, &index);
      text += describe_eol_attributes(converter->attributes(path));
    } else {
      die("bad ls-files format: %%(%s)", name);
    }
  }
  out(text);
  out(nul ? std::string_view("\0", 1) : std::string_view("\n"));
}

// The index of a submodule that we care for, shown as if it were part of ours.
void LsFiles::recurse(const IndexEntry& e) {
  SubmoduleConfig config(*here);
  auto submodule = config.is_active(e.path) ? open_submodule(*here, config, e.path) : nullptr;
  if (!submodule) return show_entry(tag_cached, e.path, e);
  // A bad setting there is as fatal as one here.
  submodule->config().get_bool("index.sparse");
  Repository* outer = std::exchange(here, submodule.get());
  const std::string outer_prefix = super_prefix;
  super_prefix += e.path + "/";
  Index nested = Index::read(*submodule);
  std::swap(index, nested);
  show_entries();
  std::swap(index, nested);
  super_prefix = outer_prefix;
  here = outer;
}

void LsFiles::show_entry(const char* tag, const std::string& path, const IndexEntry& e) {
  if (deduplicate && !show_stage && !show_tag && path == last_shown && !last_shown.empty()) return;
  if (!matches(path, is_tree_mode(e.mode) || is_gitlink_mode(e.mode), true)) return;
  last_shown = path;
  if (format) return show_formatted(path, e);
  out(adjusted_tag(tag, e));
  if (show_stage) outf("%06o %s %d\t", e.mode, abbrev ? unique_abbrev(*here, e.oid, abbrev) : e.oid.hex(), int{e.stage});
  if (show_eol) out(eol_info(path, &e));
  show_name(path);
  show_debug(e);
}

void LsFiles::show_killed_files() {
  for (const DirEntry& entry : scan.entries) {
    std::string path = entry.path;
    if (!path.empty() && path.back() == '/') path.pop_back();
    bool killed = index.has_directory(path);
    for (std::size_t slash = path.find('/'); slash != std::string::npos && !killed; slash = path.find('/', slash + 1)) {
      std::string above = path.substr(0, slash);
      IndexEntry* e = index.find(above);
      killed = e ? !is_gitlink_mode(e->mode) : index.is_path_unmerged(above);
    }
    if (!killed || !matches(path, false, true)) continue;
    out(tag_killed);
    show_name(entry.path);
  }
}

void LsFiles::show_scan() {
  if (show_others) {
    scan.flags = dir_flags;
    scan.fill(&spec);
    for (const DirEntry& entry : scan.entries) {
      std::string_view path = entry.path;
      bool is_dir = !path.empty() && path.back() == '/';
      std::string bare(is_dir ? path.substr(0, path.size() - 1) : path);
      if (index.find_position(bare) >= 0 || index.is_path_unmerged(bare)) continue;
      if (!matches(entry.path, is_dir, true)) continue;
      out(tag_other);
      if (show_eol) out(eol_info(entry.path, nullptr));
      show_name(entry.path);
    }
  }
  if (!show_killed) return;
  scan.flags = 0;
  DirScan plain(index);
  plain.fill(&spec);
  scan.entries = plain.entries;
  show_killed_files();
}

void LsFiles::show_entries() {
  if (!(show_cached || show_stage || show_deleted || show_modified)) return;
  if (sparse && index.internals().was_sparse) convert_to_sparse(index, 1);
  for (std::size_t i = 0; i < index.size(); ++i) {
    IndexEntry& e = index[i];
    std::string path = e.path;
    if (recurse_submodules && is_gitlink_mode(e.mode) && (show_cached || show_stage)) {
      MatchPathspecOptions options;
      options.is_directory = true, options.leading = true;
      if (match_pathspec(&index, spec, super_prefix + path, options)) recurse(e);
      continue;
    }
    if ((dir_flags & kShowIgnored) && !scan.is_excluded(path, is_gitlink_mode(e.mode))) continue;
    if (show_unmerged && !e.stage) continue;
    if (show_cached || show_stage) {
      show_entry(e.stage ? tag_unmerged : e.skip_worktree ? tag_skip_worktree : tag_cached, path, e);
      if (deduplicate && (show_cached || show_stage) && !show_stage) {
        // once a name was shown there is nothing to add about it
        if (last_shown == path && !show_tag) continue;
      }
    }
    if (!(show_deleted || show_modified) || e.skip_worktree || e.update_in_worktree) continue;
    struct stat st {};
    bool missing = lstat(path.c_str(), &st) < 0;
    if (missing && errno != ENOENT && errno != ENOTDIR) error_errno("cannot lstat '%s'", path);
    if (!missing && has_symlink_leading_path(path)) missing = true;
    if (show_deleted && missing) {
      show_entry(tag_removed, path, e);
      if (deduplicate) continue;
    }
    if (show_modified && (missing || index.modified(e, st, 0))) show_entry(tag_modified, path, e);
  }
}

void LsFiles::show_resolve_undos() {
  for (const auto& [path, undo] : index.internals().resolve_undo) {
    if (!matches(path, false, true)) continue;
    for (int i = 0; i < 3; ++i) {
      if (!undo.mode[i]) continue;
      outf("%s%06o %s %d\t", tag_resolve_undo, undo.mode[i],
           abbrev ? unique_abbrev(repo, undo.oid[i], abbrev) : undo.oid[i].hex(), i + 1);
      show_name(path);
    }
  }
}

// --with-tree: the tree's paths too, as if they were tracked, for error checking of "git commit <paths>".
void LsFiles::overlay_tree() {
  std::optional<ObjectId> oid = get_oid(repo, *with_tree);
  if (!oid) die("tree-ish %s not found.", *with_tree);
  std::optional<ObjectId> tree = peel_to_type(repo, *oid, ObjectType::tree, true);
  if (!tree) die("bad tree-ish %s", *with_tree);
  if (index.has_unmerged()) {
    // unmerged stages must not look like the tree's
    for (const auto& e : index.entries())
      if (e->stage) e->stage = 3;
  }
  Index other(repo);
  if (Result<void> r = other.read_tree(*tree, 0); !r) die("unable to read tree entries %s", *with_tree);
  for (const auto& e : other.entries()) {
    if (index.find(e->path)) continue;
    IndexEntry copy = *e;
    copy.stage = 1;
    copy.update_in_worktree = true;
    index.add(copy, Index::kOkToAdd | Index::kOkToReplace | Index::kSkipDfCheck);
  }
}

void LsFiles::parse(std::vector<std::string>& args) {
  Options options({"git ls-files [<options>] [<file>...]"});
  PatternList* command_line = nullptr;
  int exclude_count = 0;
  bool exclude_standard = false, others_dir = false, empty_directory = true;
  options.boolean('z', "", &nul, N_("separate paths with the NUL character"));
  bool t = false, v = false, f = false;
  options.boolean('t', "", &t, N_("identify the file status with tags"));
  options.boolean('v', "", &v, N_("use lowercase letters for 'assume unchanged' files"));
  options.boolean('f', "", &f, N_("use lowercase letters for 'fsmonitor clean' files"));
  options.boolean('c', "cached", &show_cached, N_("show cached files in the output (default)"));
  options.boolean('d', "deleted", &show_deleted, N_("show deleted files in the output"));
  options.boolean('m', "modified", &show_modified, N_("show modified files in the output"));
  options.boolean('o', "others", &show_others, N_("show other files in the output"));
  options.bit('i', "ignored", &dir_flags, kShowIgnored, N_("show ignored files in the output"));
  options.boolean('s', "stage", &show_stage, N_("show staged contents' object name in the output"));
  options.boolean('k', "killed", &show_killed, N_("show files on the filesystem that need to be removed"));
  options.boolean(0, "directory", &others_dir, N_("show 'other' directories' names only"));
  options.boolean(0, "eol", &show_eol, N_("show line endings of files"));
  options.boolean(0, "empty-directory", &empty_directory, N_("don't show empty directories"));
  options.boolean('u', "unmerged", &show_unmerged, N_("show unmerged files in the output"));
  options.boolean(0, "resolve-undo", &show_resolve_undo, N_("show resolve-undo information"));
  options.callback(
      'x', "exclude", N_("pattern"), N_("skip files matching pattern"),
      [&](const std::optional<std::string>& value, bool unset) {
        if (unset || !value) return true;
        exclude_given = true;
        if (!command_line) command_line = &scan.add_pattern_list("--exclude option");
        add_pattern(*command_line, *value, "", --exclude_count);
        return true;
      },
      kOptNoNeg);
  options.callback(
      'X', "exclude-from", N_("file"), N_("read exclude patterns from <file>"),
      [&](const std::optional<std::string>& value, bool) {
        exclude_given = true;
        scan.add_patterns_from_file(prefix_filename(inv.prefix_or_empty(), *value));
        return true;
      },
      kOptNoNeg);
  options.string(0, "exclude-per-directory", &scan.per_directory, N_("file"),
                 N_("read additional per-directory exclude patterns in <file>"));
  options.callback(
      0, "exclude-standard", "", N_("add the standard git exclusions"),
      [&](const std::optional<std::string>&, bool) {
        exclude_given = exclude_standard = true;
        scan.setup_standard_excludes();
        return true;
      },
      kOptNoArg | kOptNoNeg);
  options.boolean(0, "full-name", &full_name, N_("make the output relative to the project top directory"), kOptNoNeg);
  options.boolean(0, "recurse-submodules", &recurse_submodules, N_("recurse through submodules"));
  options.boolean(0, "error-unmatch", &error_unmatch, N_("if any <file> is not in the index, treat this as an error"));
  options.string(0, "with-tree", &with_tree, N_("tree-ish"), N_("pretend that paths removed since <tree-ish> are still present"));
  options.abbrev(&abbrev);
  options.boolean(0, "debug", &debug, N_("show debugging data"));
  options.boolean(0, "deduplicate", &deduplicate, N_("suppress duplicate entries"));
  options.boolean(0, "sparse", &sparse, N_("show sparse directories in the presence of a sparse index"));
  options.string(0, "format", &format, N_("format"), N_("format to use for the output"));
  args = options.parse(inv.args, inv.prefix_or_empty());
  if (others_dir) dir_flags |= kShowOtherDirectories;
  if (!empty_directory) dir_flags |= kHideEmptyDirectories;
  show_tag = t || v || f;
  show_valid_bit = v, show_fsmonitor_bit = f;
  if (!scan.per_directory.empty()) exclude_given = true;
  if (!full_name) display_prefix = inv.prefix_or_empty();
}

int LsFiles::run() {
  std::vector<std::string> args;
  parse(args);
  index = Index::read(repo);
  if (format &&
      (show_stage || show_others || show_killed || show_resolve_undo || deduplicate || show_eol || show_tag || show_unmerged))
    Options({"git ls-files [<options>] [<file>...]"})
        .usage_msg("--format cannot be used with -s, -o, -k, -t, --resolve-undo, --deduplicate, --eol");
  if (show_tag || show_stage) deduplicate = false;
  if (show_tag) use_tags();
  if (show_modified || show_others || show_deleted || (dir_flags & kShowIgnored) || show_killed)
    if (!repo.worktree()) setup_work_tree(repo);
  if (show_unmerged) show_stage = true;
  if (show_tag || show_stage) skipping_duplicates = false;
  if (recurse_submodules &&
      (show_deleted || show_others || show_unmerged || show_killed || show_modified || show_resolve_undo || with_tree))
    die("ls-files --recurse-submodules unsupported mode");
  if (recurse_submodules && error_unmatch) die("ls-files --recurse-submodules does not support --error-unmatch");
  spec = parse_pathspec(repo, args, inv.prefix_or_empty(), kPreferCwd);
  if (spec.magic & kMagicMaxDepth) spec.max_depth = -1;
  seen.assign(spec.size(), 0);
  if ((dir_flags & kShowIgnored) && !show_others && !show_cached && !show_stage && !show_deleted && !show_modified &&
      !show_unmerged && !show_killed)
    die("ls-files -i must be used with either -o or -c");
  if ((dir_flags & kShowIgnored) && !exclude_given) die("ls-files --ignored needs some exclude pattern");
  if (!(show_stage || show_deleted || show_others || show_unmerged || show_killed || show_modified || show_resolve_undo))
    show_cached = true;
  if (with_tree) {
    if (show_stage || show_unmerged) die("options 'ls-files --with-tree' and '-s/-u' cannot be used together");
    overlay_tree();
  }
  if (show_others || show_killed) show_scan();
  show_entries();
  if (show_resolve_undo) show_resolve_undos();
  if (error_unmatch) {
    seen.resize(spec.size());
    if (report_path_error(seen, spec)) {
      err("Did you forget to 'git add'?\n");
      return 1;
    }
  }
  return 0;
}

}  // namespace

int cmd_ls_files(Invocation& inv) { return LsFiles(inv).run(); }

}  // namespace git
