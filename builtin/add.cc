// git add: what the worktree has at the paths given becomes what the next commit has.
#include <fcntl.h>
#include <unistd.h>

#include "add-patch.h"
#include "advice.h"
#include "advise-sparse.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/add-to-index.h"
#include "index/dir.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("add", cmd_add, kSetup | kNeedWorkTree)
GIT_BUILTIN("stage", cmd_stage, kSetup | kNeedWorkTree)

namespace git {
namespace {

class Add {
 public:
  explicit Add(Invocation& inv) : inv_(inv), repo_(inv.repo()), prefix_(inv.prefix_or_empty()) {}
  int run();

 private:
  void parse();
  int refresh(Index& index);
  void prune_directory(Index& index, DirScan& scan, std::vector<std::uint8_t>& seen);
  void check_unmatched(Index& index, DirScan& scan, std::vector<std::uint8_t>& seen);
  int add_files(Index& index, DirScan& scan);
  int renormalize(Index& index);
  void chmod(Index& index, char flip);
  void check_embedded(const std::string& path);
  int edit_patch();
  std::vector<std::string> pathspec_originals(const std::vector<std::string>& args);
  unsigned flags() const {
    return (verbose_ ? unsigned{kAddVerbose} : 0u) | (dry_run_ ? unsigned{kAddPretend} : 0u) |
           (intent_ ? unsigned{kAddIntent} : 0u) | (ignore_errors_ ? unsigned{kAddIgnoreErrors} : 0u) |
           (!take_worktree_changes_ && !(addremove_ || update_) ? unsigned{kAddIgnoreRemoval} : 0u);
  }
  Invocation& inv_;
  Repository& repo_;
  std::string prefix_;
  std::vector<std::string> args_;
  Pathspec spec_;
  bool verbose_ = false, dry_run_ = false, patch_ = false, edit_ = false, force_ = false, update_ = false, renormalize_ = false,
       intent_ = false, refresh_ = false, ignore_errors_ = false, ignore_missing_ = false, sparse_ = false,
       take_worktree_changes_ = false, nul_ = false, warn_embedded_ = true;
  int context_ = -1, inter_hunk_ = -1;
  int addremove_ = -1;
  int ignore_errors_option_ = -1;
  std::optional<std::string> chmod_, pathspec_file_;
  bool gave_embedded_advice_ = false;
  int exit_ = 0;
};

void Add::parse() {
  Options o({"git add [<options>] [--] <pathspec>..."});
  o.boolean('n', "dry-run", &dry_run_, N_("dry run"));
  o.boolean('v', "verbose", &verbose_, N_("be verbose"));
  o.group("");
  o.boolean('p', "patch", &patch_, N_("select hunks interactively"));
  o.integer('U', "unified", &context_, N_("n"), N_("generate diffs with <n> lines context"));
  o.integer(0, "inter-hunk-context", &inter_hunk_, N_("lines"),
            N_("show context between diff hunks up to the specified number of lines"));
  o.boolean('e', "edit", &edit_, N_("edit current diff and apply"));
  o.boolean('f', "force", &force_, N_("allow adding otherwise ignored files"));
  o.boolean('u', "update", &update_, N_("update tracked files"));
  o.boolean(0, "renormalize", &renormalize_, N_("renormalize EOL of tracked files (implies -u)"));
  o.boolean('N', "intent-to-add", &intent_, N_("record only the fact that the path will be added later"));
  o.boolean('A', "all", &addremove_, N_("add changes from all tracked and untracked files"));
  o.callback(
      0, "ignore-removal", "", N_("ignore paths removed in the working tree (same as --no-all)"),
      [&](const std::optional<std::string>&, bool unset) {
        addremove_ = unset ? 1 : 0;
        return true;
      },
      kOptNoArg);
  o.boolean(0, "refresh", &refresh_, N_("don't add, only refresh the index"));
  o.boolean(0, "ignore-errors", &ignore_errors_option_, N_("just skip files which cannot be added because of errors"));
  o.boolean(0, "ignore-missing", &ignore_missing_, N_("check if - even missing - files are ignored in dry run"));
  o.boolean(0, "sparse", &sparse_, N_("allow updating entries outside of the sparse-checkout cone"));
  o.string(0, "chmod", &chmod_, "(+|-)x", N_("override the executable bit of the listed files"), kOptLiteralArgHelp);
  o.boolean(0, "warn-embedded-repo", &warn_embedded_, N_("warn when adding an embedded repository"), kOptHidden);
  o.filename(0, "pathspec-from-file", &pathspec_file_, N_("read pathspec from file"));
  o.boolean(0, "pathspec-file-nul", &nul_, N_("with --pathspec-from-file, pathspec elements are separated with NUL character"));
  args_ = o.parse(inv_.args, prefix_, kKeepDashDash);
  if (!args_.empty() && args_[0] == "--") args_.erase(args_.begin());
}

std::vector<std::string> Add::pathspec_originals(const std::vector<std::string>& args) {
  std::vector<std::string> list;
  for (const PathspecItem& item :
       parse_pathspec(repo_, args, prefix_, kPreferFull | kPathspecSymlinkLeading | kPathspecPrefixOrigin).items)
    list.push_back(item.original);
  return list;
}

int Add::refresh(Index& index) {
  std::vector<std::uint8_t> seen(spec_.size());
  auto filter = [&](const IndexEntry& e) {
    if (e.skip_worktree) return false;
    return spec_.empty() || index_entry_path_match(index, spec_, e.path, e.mode, &seen);
  };
  unsigned flags = verbose_ ? unsigned{Index::kRefreshInPorcelain} : unsigned{Index::kRefreshQuiet};
  index.refresh(flags | Index::kRefreshIgnoreSkipWorktree, filter, "Unstaged changes after refreshing the index:");
  std::vector<std::string> only_sparse;
  int failed = 0;
  for (std::size_t i = 0; i < spec_.size(); ++i) {
    if (seen[i]) continue;
    Pathspec one;
    one.items = {spec_.items[i]};
    one.magic = spec_.items[i].magic;
    bool skipped = false;
    for (const auto& e : index.entries()) skipped |= e->skip_worktree && index_entry_path_match(index, one, e->path, e->mode);
    if (skipped || !path_in_sparse_checkout(index, spec_.items[i].match)) {
      only_sparse.push_back(spec_.items[i].original);
      continue;
    }
    die("pathspec '%s' did not match any files", spec_.items[i].original);
  }
  if (!only_sparse.empty()) {
    advise_on_updating_sparse_paths(repo_, only_sparse);
    failed = 1;
  }
  return failed;
}

// Which items match something tracked, or something found?
void Add::prune_directory(Index& index, DirScan& scan, std::vector<std::uint8_t>& seen) {
  for (const auto& e : index.entries()) {
    if (!sparse_ && (e->skip_worktree || !path_in_sparse_checkout(index, e->path))) continue;
    index_entry_path_match(index, spec_, e->path, e->mode, &seen);
  }
  std::erase_if(scan.entries, [&](const DirEntry& entry) {
    MatchPathspecOptions options;
    options.seen = &seen;
    options.is_directory = !entry.path.empty() && entry.path.back() == '/';
    return !match_pathspec(&index, spec_, entry.path, options);
  });
}

void Add::check_unmatched(Index& index, DirScan& scan, std::vector<std::uint8_t>& seen) {
  std::vector<std::string> only_sparse;
  for (std::size_t i = 0; i < spec_.size(); ++i) {
    const PathspecItem& item = spec_.items[i];
    if (seen[i] || (item.magic & kMagicExclude)) continue;
    if (!sparse_) {
      bool sparse_match = false;
      Pathspec one;
      one.items = {item};
      one.magic = item.magic;
      for (const auto& e : index.entries())
        if ((e->skip_worktree || !path_in_sparse_checkout(index, e->path)) &&
            index_entry_path_match(index, one, e->path, e->mode))
          sparse_match = true;
      if (sparse_match) {
        only_sparse.push_back(item.original);
        continue;
      }
    }
    if (item.match.empty()) continue;
    bool may_be_missing = (item.magic & (kMagicGlob | kMagicIcase)) || path_exists(item.match);
    if (may_be_missing && !(item.magic & (kMagicGlob | kMagicIcase))) {
      if (scan.is_excluded(item.match, is_directory(item.match))) {
        if (!(ignore_missing_ && dry_run_)) continue;
      }
      continue;
    }
    if (!path_exists(item.match)) {
      if (ignore_missing_) {
        if (scan.is_excluded(item.match, false)) scan.ignored.push_back({item.match});
      } else {
        die("pathspec '%s' did not match any files", item.original);
      }
    }
  }
  if (!only_sparse.empty()) {
    advise_on_updating_sparse_paths(repo_, only_sparse);
    exit_ = 1;
  }
}

void Add::check_embedded(const std::string& path) {
  if (!warn_embedded_ || path.empty() || path.back() != '/') return;
  std::string name = path.substr(0, path.size() - 1);
  Result<std::string> modules = read_file(".gitmodules");
  if (modules && modules->find("path = " + name + "\n") != std::string::npos) return;
  warning("adding embedded git repository: %s", name);
  if (gave_embedded_advice_) return;
  gave_embedded_advice_ = true;
  advise_if_enabled(repo_.config(), "addEmbeddedRepo",
                    strf("You've added another git repository inside your current repository.\n"
                         "Clones of the outer repository will not contain the contents of\n"
                         "the embedded repository and will not know how to obtain it.\n"
                         "If you meant to add a submodule, use:\n\n"
                         "\tgit submodule add <url> %s\n\n"
                         "If you added this path by mistake, you can remove it from the\n"
                         "index with:\n\n"
                         "\tgit rm --cached %s\n\n"
                         "See \"git help submodule\" for more information.",
                         name, name));
}

int Add::add_files(Index& index, DirScan& scan) {
  int errors = 0;
  std::vector<std::string> outside;
  if (!scan.ignored.empty()) {
    err("The following paths are ignored by one of your .gitignore files:\n");
    for (const DirEntry& e : scan.ignored)
      errf("%s\n", !e.path.empty() && e.path.back() == '/' ? e.path.substr(0, e.path.size() - 1) : e.path);
    advise_if_enabled(repo_.config(), "addIgnoredFile", "Use -f if you really want to add them.");
    errors = 1;
  }
  for (const DirEntry& e : scan.entries) {
    if (!sparse_ && !path_in_sparse_checkout(index, e.path)) {
      outside.push_back(e.path);
      continue;
    }
    if (add_file_to_index(index, e.path, flags())) {
      if (!ignore_errors_) die("adding files failed");
      errors = 1;
      continue;
    }
    check_embedded(e.path);
  }
  if (!outside.empty()) {
    advise_on_updating_sparse_paths(repo_, outside);
    errors = 1;
  }
  return errors;
}

int Add::renormalize(Index& index) {
  int errors = 0;
  std::vector<std::string> paths;
  for (const auto& e : index.entries()) {
    if (!sparse_ && (e->skip_worktree || !path_in_sparse_checkout(index, e->path))) continue;
    if (e->stage || (!is_regular_mode(e->mode) && !is_link_mode(e->mode))) continue;
    if (!spec_.empty() && !index_entry_path_match(index, spec_, e->path, e->mode)) continue;
    paths.push_back(e->path);
  }
  for (const std::string& path : paths)
    if (path_exists(path)) errors |= add_file_to_index(index, path, flags() | kAddRenormalize) != 0;
  return errors;
}

void Add::chmod(Index& index, char flip) {
  for (std::size_t i = 0; i < index.size(); ++i) {
    IndexEntry& e = index[i];
    if (!sparse_ && (e.skip_worktree || !path_in_sparse_checkout(index, e.path))) continue;
    if (!spec_.empty() && !index_entry_path_match(index, spec_, e.path, e.mode)) continue;
    bool ok = dry_run_ ? is_regular_mode(e.mode) : chmod_index_entry(index, e, flip);
    if (ok) continue;
    errf("cannot chmod %cx '%s'\n", flip, e.path);
    exit_ = 1;
  }
}

// git add -e: the diff of the worktree in an editor, and what is left of it into the index.
int Add::edit_patch() {
  std::string file = repo_.git_path("ADD_EDIT.patch");
  {
    UniqueFd fd = xopen(file, O_CREAT | O_TRUNC | O_WRONLY);
    ChildProcess diff;
    diff.git_command = true;
    diff.args = {"diff-files", "-p", "--no-color", "--"};
    for (const PathspecItem& item : spec_.items) diff.args.push_back(item.original);
    diff.out = fd.release();
    if (diff.run()) die("could not write patch");
  }
  ChildProcess editor;
  editor.git_command = true;
  editor.args = {"var", "GIT_EDITOR"};
  std::string command(trim(pipe_command(editor, "").out));
  ChildProcess edit;
  edit.use_shell = true;
  edit.args = {command, file};
  flush_out();
  if (edit.run()) die("editing patch failed");
  std::optional<struct stat> st = stat_path(file);
  if (!st) die_errno("could not stat '%s'", file);
  if (!st->st_size) die("empty patch. aborted");
  ChildProcess apply;
  apply.git_command = true;
  apply.args = {"apply", "--recount", "--cached", file};
  if (apply.run()) die("could not apply '%s'", file);
  unlink(file.c_str());
  return 0;
}

int Add::run() {
  parse();
  Config& config = repo_.config();
  ignore_errors_ = config.get_bool("add.ignoreerrors").value_or(config.get_bool_or("add.ignore-errors", false));
  if (ignore_errors_option_ >= 0) ignore_errors_ = ignore_errors_option_;
  if (context_ < -1) die("'%s' cannot be negative", "--unified");
  if (inter_hunk_ < -1) die("'%s' cannot be negative", "--inter-hunk-context");
  if (!patch_ && context_ >= 0) die("the option '%s' requires '%s'", "--unified", "--interactive/--patch");
  if (!patch_ && inter_hunk_ >= 0) die("the option '%s' requires '%s'", "--inter-hunk-context", "--interactive/--patch");
  if (patch_) {
    if (dry_run_) die("options '%s' and '%s' cannot be used together", "--dry-run", "--interactive/--patch");
    if (pathspec_file_) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--interactive/--patch");
    AddPatchOptions choose;
    choose.context = context_;
    choose.inter_hunk_context = inter_hunk_;
    return run_add_patch(repo_, choose, pathspec_originals(args_)) ? 1 : 0;
  }
  if (edit_) {
    if (pathspec_file_) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--edit");
    spec_ = parse_pathspec(repo_, args_, prefix_, kPreferFull | kPathspecSymlinkLeading);
    return edit_patch();
  }
  if (addremove_ > 0 && update_) die("options '%s' and '%s' cannot be used together", "-A", "-u");
  if (ignore_missing_ && !dry_run_) die("the option '%s' requires '%s'", "--ignore-missing", "--dry-run");
  if (chmod_ && *chmod_ != "-x" && *chmod_ != "+x") die("--chmod param '%s' must be either -x or +x", *chmod_);
  bool add_new_files = !update_ && !refresh_ && !renormalize_;
  bool require_pathspec = !(update_ || addremove_ > 0 || renormalize_);
  LockFile lock = LockFile::hold_or_die(repo_.index_file());
  unsigned spec_flags = kPreferFull | kPathspecSymlinkLeading;
  if (pathspec_file_) {
    if (!args_.empty()) die("'%s' and pathspec arguments cannot be used together", "--pathspec-from-file");
    spec_ = parse_pathspec_file(repo_, *pathspec_file_, nul_, prefix_, spec_flags);
  } else {
    if (nul_) die("the option '%s' requires '%s'", "--pathspec-file-nul", "--pathspec-from-file");
    spec_ = parse_pathspec(repo_, args_, prefix_, spec_flags);
  }
  if (require_pathspec && args_.empty() && !pathspec_file_) {
    err("Nothing specified, nothing added.\n");
    advise_if_enabled(repo_.config(), "addEmptyPathspec", "Maybe you wanted to say 'git add .'?");
    return 0;
  }
  take_worktree_changes_ = !(refresh_ || renormalize_) && (update_ || addremove_ != 0);
  if (addremove_ < 0 && !update_) addremove_ = spec_.empty() ? 0 : 1;
  bool add_removals = update_ || addremove_ > 0;
  Index index = Index::read(repo_);
  die_path_inside_submodule(index, spec_);
  DirScan scan(index);
  std::vector<std::uint8_t> seen(spec_.size());
  if (add_new_files) {
    if (!force_) {
      scan.flags |= kCollectIgnored;
      scan.setup_standard_excludes();
    }
    scan.fill(&spec_);
    if (!spec_.empty()) prune_directory(index, scan, seen);
  }
  int code = 0;
  if (refresh_) {
    code = refresh(index);
  } else {
    if (!spec_.empty()) {
      if (!add_new_files) {
        for (const auto& e : index.entries()) {
          if (!sparse_ && (e->skip_worktree || !path_in_sparse_checkout(index, e->path))) continue;
          index_entry_path_match(index, spec_, e->path, e->mode, &seen);
        }
        if (update_ && !renormalize_) {
          std::vector<std::uint8_t> known = seen;
          for (const auto& e : index.entries()) index_entry_path_match(index, spec_, e->path, e->mode, &known);
          for (std::size_t i = 0; i < spec_.size(); ++i)
            if (!path_exists(spec_.items[i].match) || spec_.items[i].match.empty() || is_directory(spec_.items[i].match))
              known[i] = 1;
          if (report_path_error(known, spec_)) exit_with(1);
        }
      }
      check_unmatched(index, scan, seen);
    }
    if (renormalize_)
      code |= renormalize(index);
    else {
      unsigned f = flags() & ~unsigned{kAddIgnoreRemoval};
      if (!add_removals) f |= kAddIgnoreRemoval;
      code |= add_files_to_cache(index, &spec_, f & ~unsigned{kAddIntent}, sparse_);
    }
    if (add_new_files) code |= add_files(index, scan);
    if (chmod_ && !spec_.empty()) chmod(index, (*chmod_)[0]);
  }
  if (dry_run_) {
    lock.rollback();
  } else if (!index.write_locked(lock, Index::kSkipIfUnchanged)) {
    die("unable to write new index file");
  }
  return code | exit_;
}

}  // namespace

int cmd_add(Invocation& inv) { return Add(inv).run(); }
int cmd_stage(Invocation& inv) { return Add(inv).run(); }

}  // namespace git
