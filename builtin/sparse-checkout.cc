// git sparse-checkout: which part of the tree the worktree has.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/cache-tree.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "index/unpack-trees.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("sparse-checkout", cmd_sparse_checkout, kSetup)

namespace git {
namespace {

using Args = std::vector<std::string>;

std::optional<std::string> unquote_line(const std::string& line) {
  if (line.empty() || line[0] != '"') return line;
  std::string_view rest = line;
  return unquote_c_style(rest);
}

class SparseCheckout {
 public:
  explicit SparseCheckout(Invocation& inv) : inv_(inv), repo_(inv.repo()), prefix_(inv.prefix_or_empty()) {}
  int run();

 private:
  int list(const Args& args);
  int init(const Args& args);
  int set(const Args& args);
  int add(const Args& args);
  int reapply(const Args& args);
  int disable(const Args& args);
  int clean(const Args& args);
  int check_rules(const Args& args);

  void require_worktree() { setup_work_tree(repo_); }
  int update_modes(int* cone, int* sparse_index);
  void set_config(bool sparse, bool cone);
  bool cone() { return repo_.config().get_bool_or("core.sparsecheckoutcone", true); }
  void check_paths(const Args& paths, bool skip_checks);
  Args with_prefix(const Args& args);
  void fill_cone(SparsePatterns& patterns, const Args& dirs, bool quoted_lines);
  void insert_recursive(SparsePatterns& patterns, std::string path);
  int write_and_update(SparsePatterns& patterns);
  int update_worktree(const SparsePatterns* patterns);
  void clean_outside(Index& index);
  Args read_stdin();
  SparsePatterns current();
  Invocation& inv_;
  Repository& repo_;
  std::string prefix_;
};

Args SparseCheckout::read_stdin() {
  Args lines;
  LineReader reader(0);
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

SparsePatterns SparseCheckout::current() {
  Result<std::string> text = read_file(sparse_checkout_file(repo_));
  return SparsePatterns::parse(text ? std::string_view(*text) : std::string_view(), cone());
}

int SparseCheckout::list(const Args& args) {
  if (!is_sparse_checkout(repo_)) die("this worktree is not sparse");
  Options o({"git sparse-checkout list"});
  o.parse(args, prefix_);
  Result<std::string> text = read_file(sparse_checkout_file(repo_));
  if (!text) {
    warning("this worktree is not sparse (sparse-checkout file may not exist)");
    return 0;
  }
  bool as_cone = repo_.config().get_bool_or("core.sparsecheckoutcone", false);
  SparsePatterns patterns = SparsePatterns::parse(*text, as_cone);
  if (patterns.use_cone) {
    for (const std::string& dir : patterns.recursive) outf("%s\n", quote_c_style(std::string_view(dir).substr(1)));
    return 0;
  }
  for (const IgnorePattern& p : patterns.list.patterns) {
    std::string line = std::string(p.flags & kPatternNegative ? "!" : "") + p.pattern + (p.flags & kPatternMustBeDir ? "/" : "");
    outf("%s\n", line);
  }
  return 0;
}

void SparseCheckout::set_config(bool sparse, bool cone_mode) {
  if (!repo_.layout().worktree_config) {
    // Per-worktree settings need the extension; what only the main worktree means moves there.
    std::string common = repo_.common_dir() + "/config", own = repo_.git_path("config.worktree");
    if (sparse) {
      config_set_in_file(common, "core.repositoryformatversion", "1");
      config_set_in_file(common, "extensions.worktreeconfig", "true");
      Result<std::vector<ConfigEntry>> entries = read_config_file(common, false, {});
      if (entries)
        for (const ConfigEntry& e : *entries) {
          if (e.key == "core.bare" && e.value && parse_maybe_bool(e.value).value_or(false)) {
            config_set_in_file(repo_.common_dir() + "/config.worktree", "core.bare", "true");
            config_set_in_file(common, "core.bare", std::nullopt);
          }
          if (e.key == "core.worktree" && e.value) {
            config_set_in_file(repo_.common_dir() + "/config.worktree", "core.worktree", *e.value);
            config_set_in_file(common, "core.worktree", std::nullopt);
          }
        }
    }
  }
  std::string file = repo_.git_path("config.worktree");
  config_set_in_file(file, "core.sparsecheckout", sparse ? "true" : "false");
  config_set_in_file(file, "core.sparsecheckoutcone", cone_mode ? "true" : "false");
  repo_.config().reload();
  repo_.config().add_command_override("core.sparsecheckout", sparse ? "true" : "false");
  repo_.config().add_command_override("core.sparsecheckoutcone", cone_mode ? "true" : "false");
}

int SparseCheckout::update_modes(int* cone_mode, int* sparse_index) {
  bool as_cone = *cone_mode >= 0 ? *cone_mode != 0 : cone();
  set_config(true, as_cone);
  if (*sparse_index >= 0) {
    config_set_in_file(repo_.git_path("config.worktree"), "index.sparse", *sparse_index ? "true" : "false");
    repo_.config().add_command_override("index.sparse", *sparse_index ? "true" : "false");
  }
  return 0;
}

void SparseCheckout::clean_outside(Index& index) {
  // Directories outside of the cone that hold nothing but ignored files go.
  if (!is_sparse_checkout_cone(repo_)) return;
  Index sparse = index.repo().worktree() ? Index::read(repo_) : Index(repo_);
  if (!sparse.is_sparse && !convert_to_sparse(sparse, 1)) return;
  for (const auto& e : sparse.entries()) {
    if (!is_tree_mode(e->mode)) continue;
    std::string dir = e->path.substr(0, e->path.size() - 1);
    std::optional<struct stat> st = lstat_path(dir);
    if (!st || !S_ISDIR(st->st_mode)) continue;
    DirScan scan(index);
    scan.setup_standard_excludes();
    Pathspec spec = literal_pathspec({e->path});
    scan.fill(&spec);
    if (!scan.entries.empty()) {
      warning("directory '%s' contains untracked files, but is not in the sparse-checkout cone", e->path);
    } else if (remove_dir_recursive(dir, 0)) {
      warning("failed to remove directory '%s'", dir);
    }
  }
}

int SparseCheckout::update_worktree(const SparsePatterns* patterns) {
  if (!Index::read(repo_).internals().existed) return 0;  // nothing is checked out yet
  UnpackOptions o;
  o.verbose_update = false;
  o.update = true;
  o.head_idx = -1;
  o.quiet = false;
  o.show_all_errors = true;
  o.porcelain_command = "sparse-checkout";
  LockFile lock = LockFile::hold_or_die(repo_.index_file());
  Index index = Index::read(repo_);
  SparsityResult result = update_sparsity(index, o, patterns);
  bool written = result != SparsityResult::errors && index.write_locked(lock);
  if (!written)
    lock.rollback();
  else
    clean_outside(index);
  return result == SparsityResult::errors ? 1 : 0;
}

int SparseCheckout::write_and_update(SparsePatterns& patterns) {
  std::string file = sparse_checkout_file(repo_);
  make_leading_dirs(file);
  LockFile lock = LockFile::hold_or_die(file);
  std::string text;
  if (patterns.use_cone) {
    text = patterns.format_cone();
  } else {
    for (const IgnorePattern& p : patterns.list.patterns)
      text += std::string(p.flags & kPatternNegative ? "!" : "") + p.pattern + (p.flags & kPatternMustBeDir ? "/" : "") + "\n";
  }
  SparsePatterns effective = SparsePatterns::parse(text, patterns.use_cone);
  int code = update_worktree(&effective);
  if (code) return code;
  if (!lock.write(text) || !lock.close()) die_errno("unable to write %s", file);
  lock.commit_or_die();
  return 0;
}

void SparseCheckout::insert_recursive(SparsePatterns& patterns, std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  if (path.empty()) return;
  if (path[0] != '/') path.insert(path.begin(), '/');
  if (path == "/") return;
  patterns.recursive.insert(path);
  patterns.parent.erase(path);
  for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash; slash = path.rfind('/', slash - 1)) {
    std::string above = path.substr(0, slash);
    if (!patterns.recursive.count(above)) patterns.parent.insert(above);
  }
}

Args SparseCheckout::with_prefix(const Args& args) {
  if (prefix_.empty()) return args;
  Args out;
  for (const std::string& arg : args) {
    std::optional<std::string> path = prefix_path_gently(repo_, prefix_, arg);
    out.push_back(path ? *path : prefix_path(repo_, prefix_, arg));
  }
  return out;
}

void SparseCheckout::check_paths(const Args& paths, bool skip_checks) {
  bool as_cone = cone();
  if (!prefix_.empty() && !paths.empty() && !as_cone) die("please run from the toplevel directory in non-cone mode");
  if (skip_checks) return;
  if (as_cone) {
    for (const std::string& path : paths) {
      if (!path.empty() && path[0] == '/') die("specify directories rather than patterns (no leading slash)");
      if (!path.empty() && path[0] == '!')
        die("specify directories rather than patterns.  If your directory starts with a '!', pass --skip-checks");
      if (path.find_first_of("*?[]") != std::string::npos)
        die("specify directories rather than patterns.  If your directory really has any of '*?[]\\' in it, pass --skip-checks");
    }
  }
  Index index = Index::read(repo_);
  for (const std::string& path : paths) {
    IndexEntry* e = index.find(path);
    if (!e) continue;
    if (as_cone) die("'%s' is not a directory; to treat it as a directory anyway, rerun with --skip-checks", path);
    warning(
        "pass a leading slash before paths such as '%s' if you want a single file (see NON-CONE PROBLEMS in the "
        "git-sparse-checkout manual).",
        path);
  }
}

void SparseCheckout::fill_cone(SparsePatterns& patterns, const Args& dirs, bool quoted) {
  for (const std::string& dir : dirs) {
    std::optional<std::string> plain = quoted ? unquote_line(dir) : std::optional<std::string>(dir);
    if (!plain) die("unable to unquote C-style string '%s'", dir);
    std::string path = std::string(trim(*plain));
    if (path.empty()) continue;
    std::optional<std::string> clean = normalize_path(path);
    if (!clean) die("could not normalize path %s", path);
    insert_recursive(patterns, *clean);
  }
}

int SparseCheckout::init(const Args& args) {
  int as_cone = -1, sparse_index = -1;
  Options o({"git sparse-checkout init [--cone] [--[no-]sparse-index]"});
  o.boolean(0, "cone", &as_cone, N_("initialize the sparse-checkout in cone mode"));
  o.boolean(0, "sparse-index", &sparse_index, N_("toggle the use of a sparse index"));
  o.parse(args, prefix_);
  update_modes(&as_cone, &sparse_index);
  if (path_exists(sparse_checkout_file(repo_))) {
    SparsePatterns patterns = current();
    return update_worktree(&patterns);
  }
  if (!repo_.refs().read_oid("HEAD")) {
    std::string file = sparse_checkout_file(repo_);
    make_leading_dirs(file);
    if (!write_file(file, "/*\n!/*/\n")) die("failed to open '%s'", file);
    return 0;
  }
  SparsePatterns patterns;
  patterns.use_cone = cone();
  add_pattern(patterns.list, "/*", "", 0);
  add_pattern(patterns.list, "!/*/", "", 0);
  return write_and_update(patterns);
}

int SparseCheckout::set(const Args& args) {
  int as_cone = -1, sparse_index = -1;
  bool use_stdin = false, skip_checks = false;
  Options o({"git sparse-checkout set [--[no-]cone] [--[no-]sparse-index] [--skip-checks] (--stdin | <patterns>)"});
  o.boolean(0, "cone", &as_cone, N_("initialize the sparse-checkout in cone mode"));
  o.boolean(0, "sparse-index", &sparse_index, N_("toggle the use of a sparse index"));
  o.boolean(0, "skip-checks", &skip_checks, N_("skip some sanity checks on the given paths that might give false positives"),
            kOptNoNeg);
  o.boolean(0, "stdin", &use_stdin, N_("read patterns from standard in"), kOptNoNeg);
  Args rest = o.parse(args, prefix_);
  update_modes(&as_cone, &sparse_index);
  Args patterns_in = rest;
  if (patterns_in.empty() && !use_stdin && !cone())
    patterns_in = {"/*", "!/*/"};
  else {
    check_paths(patterns_in, skip_checks);
    if (cone()) patterns_in = with_prefix(patterns_in);
  }
  SparsePatterns patterns;
  patterns.use_cone = cone();
  if (use_stdin) patterns_in = read_stdin();
  if (patterns.use_cone) {
    fill_cone(patterns, patterns_in, use_stdin);
  } else {
    for (const std::string& line : patterns_in) add_pattern(patterns.list, line, "", 0);
  }
  return write_and_update(patterns);
}

int SparseCheckout::add(const Args& args) {
  if (!is_sparse_checkout(repo_)) die("no sparse-checkout to add to");
  bool use_stdin = false, skip_checks = false;
  Options o({"git sparse-checkout add [--skip-checks] (--stdin | <patterns>)"});
  o.boolean(0, "skip-checks", &skip_checks, N_("skip some sanity checks on the given paths that might give false positives"),
            kOptNoNeg);
  o.boolean(0, "stdin", &use_stdin, N_("read patterns from standard in"));
  Args rest = o.parse(args, prefix_);
  bool as_cone = repo_.config().get_bool_or("core.sparsecheckoutcone", false);
  if (!as_cone && !prefix_.empty() && !rest.empty()) die("please run from the toplevel directory in non-cone mode");
  check_paths(rest, skip_checks);
  if (as_cone) rest = with_prefix(rest);
  Result<std::string> text = read_file(sparse_checkout_file(repo_));
  SparsePatterns patterns = SparsePatterns::parse(text ? std::string_view(*text) : std::string_view(), as_cone);
  if (as_cone && !patterns.use_cone) die("existing sparse-checkout patterns do not use cone mode");
  if (use_stdin) rest = read_stdin();
  if (patterns.use_cone)
    fill_cone(patterns, rest, use_stdin);
  else
    for (const std::string& line : rest) add_pattern(patterns.list, line, "", 0);
  return write_and_update(patterns);
}

int SparseCheckout::reapply(const Args& args) {
  if (!is_sparse_checkout(repo_)) die("must be in a sparse-checkout to reapply sparsity patterns");
  int as_cone = -1, sparse_index = -1;
  Options o({"git sparse-checkout reapply [--[no-]cone] [--[no-]sparse-index]"});
  o.boolean(0, "cone", &as_cone, N_("initialize the sparse-checkout in cone mode"));
  o.boolean(0, "sparse-index", &sparse_index, N_("toggle the use of a sparse index"));
  o.parse(args, prefix_);
  if (as_cone < 0 && !repo_.config().find("core.sparsecheckoutcone")) as_cone = 0;
  update_modes(&as_cone, &sparse_index);
  return update_worktree(nullptr);
}

int SparseCheckout::disable(const Args& args) {
  Options o({"git sparse-checkout disable"});
  o.parse(args, prefix_);
  SparsePatterns everything;
  add_pattern(everything.list, "/*", "", 0);
  repo_.config().add_command_override("core.sparsecheckout", "true");
  repo_.config().add_command_override("index.sparse", "false");
  if (update_worktree(&everything)) die("error while refreshing working directory");
  std::string file = repo_.git_path("config.worktree");
  if (!repo_.layout().worktree_config && !path_exists(file)) file = repo_.common_dir() + "/config";
  config_set_in_file(file, "core.sparsecheckout", "false");
  config_set_in_file(file, "core.sparsecheckoutcone", "false");
  config_set_in_file(file, "index.sparse", "false");
  return 0;
}

// Directories outside of the cone that came back as files.
int SparseCheckout::clean(const Args& args) {
  bool force = false, dry_run = false, verbose = false;
  bool require_force = repo_.config().get_bool_or("clean.requireforce", true);
  Options o({"git sparse-checkout clean [-n|--dry-run]"});
  o.boolean('n', "dry-run", &dry_run, N_("dry run"));
  o.boolean('f', "force", &force, N_("force"));
  o.boolean('v', "verbose", &verbose, N_("report each affected file, not just directories"));
  o.parse(args, prefix_);
  if (!is_sparse_checkout(repo_)) die("must be in a sparse-checkout to clean directories");
  if (!is_sparse_checkout_cone(repo_)) die("must be in a cone-mode sparse-checkout to clean directories");
  if (require_force && !force && !dry_run) die("for safety, refusing to clean without one of --force or --dry-run");
  Index index = Index::read(repo_);
  Index sparse = Index::read(repo_);
  if (!sparse.is_sparse && !convert_to_sparse(sparse, 1))
    die("failed to convert index to a sparse index; resolve merge conflicts and try again");
  for (const auto& e : sparse.entries()) {
    if (!is_tree_mode(e->mode)) continue;
    std::string dir = e->path.substr(0, e->path.size() - 1);
    if (!is_directory(dir)) continue;
    const char* verb = dry_run ? "Would remove %s\n" : "Removing %s\n";
    if (verbose) {
      DirScan scan(index);
      Pathspec spec = literal_pathspec({e->path});
      scan.fill(&spec);
      for (const DirEntry& entry : scan.entries) outf(verb, quote_c_style(entry.path));
    } else {
      outf(verb, quote_c_style(e->path));
    }
    if (!dry_run && remove_dir_recursive(dir, 0)) warning_errno("failed to remove '%s'", dir);
  }
  return 0;
}

int SparseCheckout::check_rules(const Args& args) {
  int as_cone = -1;
  bool nul = false;
  std::optional<std::string> rules;
  Options o({"git sparse-checkout check-rules [-z] [--skip-checks][--[no-]cone] [--rules-file <file>]"});
  o.boolean('z', "", &nul, N_("terminate input and output files by a NUL character"));
  o.boolean(0, "cone", &as_cone, N_("when used with --rules-file interpret patterns as cone mode patterns"));
  o.filename(0, "rules-file", &rules, N_("use patterns in <file> instead of the current ones."));
  o.parse(args, prefix_);
  SparsePatterns patterns;
  if (rules) {
    patterns.use_cone = as_cone != 0;
    Result<std::string> text = read_file(*rules);
    if (!text) die_errno("could not open '%s'", *rules);
    Args lines;
    for (std::string_view line : split_lines(*text)) lines.emplace_back(line);
    if (patterns.use_cone)
      fill_cone(patterns, lines, true);
    else
      for (const std::string& line : lines) add_pattern(patterns.list, line, "", 0);
  } else {
    Result<std::string> text = read_file(sparse_checkout_file(repo_));
    if (!text) die("unable to load existing sparse-checkout patterns");
    patterns = SparsePatterns::parse(*text, cone());
  }
  LineReader reader(0, nul ? '\0' : '\n');
  for (std::string line; reader.next(line);) {
    std::string path = line;
    if (!nul && !path.empty() && path[0] == '"') {
      std::optional<std::string> plain = unquote_line(path);
      if (!plain) die("unable to unquote C-style string '%s'", line);
      path = *plain;
    }
    if (!patterns.path_in_checkout(path, !path.empty() && path.back() == '/' ? DT_DIR : DT_REG)) continue;
    if (nul)
      out(path), out(std::string_view("\0", 1));
    else
      outf("%s\n", quote_c_style(path));
  }
  return 0;
}

int SparseCheckout::run() {
  int which = -1;
  Options o({"git sparse-checkout (init | list | set | add | reapply | disable | check-rules | clean) [<options>]"});
  const char* names[] = {"list", "init", "set", "add", "reapply", "clean", "disable", "check-rules"};
  for (int i = 0; i < 8; ++i) o.subcommand(names[i], &which, i);
  Args rest = o.parse(inv_.args, prefix_, 0);
  Args args = rest;
  if (args.empty() || args[0] != names[which]) args.insert(args.begin(), names[which]);
  // what follows is never an option
  if (auto end = std::find(args.begin(), args.end(), "--end-of-options"); end != args.end() && (which == 3 || which == 4))
    args.erase(end);
  if (which != 7) require_worktree();
  switch (which) {
    case 0:
      return list(args);
    case 1:
      return init(args);
    case 2:
      return set(args);
    case 3:
      return add(args);
    case 4:
      return reapply(args);
    case 5:
      return clean(args);
    case 6:
      return disable(args);
    default:
      return check_rules(args);
  }
}

}  // namespace

int cmd_sparse_checkout(Invocation& inv) { return SparseCheckout(inv).run(); }

}  // namespace git
