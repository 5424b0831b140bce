// git update-index: plumbing that puts files and object names into the index.
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/pathspec.h"
#include "index/sparse.h"
#include "index/split-index.h"
#include "index/submodule-head.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("update-index", cmd_update_index, kSetup)

namespace git {
namespace {

enum class Mark : std::uint8_t { keep, set, unset };

class UpdateIndex {
 public:
  explicit UpdateIndex(Invocation& inv) : inv_(inv), repo_(inv.repo()), prefix_(inv.prefix_or_empty()) {}
  int run();

 private:
  void read();
  void parse();
  void argument(const std::string& path);
  void update_one(const std::string& path);
  bool process_path(const std::string& path);
  bool process_directory(const std::string& path, const struct stat& st);
  bool add_file(const std::string& path, const struct stat* st, const IndexEntry* old);
  bool remove_one(const std::string& path);
  bool add_cacheinfo(std::uint32_t mode, const ObjectId& oid, const std::string& path, int stage);
  void chmod(char flip, const std::string& path);
  bool mark(const std::string& path, const char* what, const std::function<void(IndexEntry&)>& change);
  void read_index_info();
  void refresh(unsigned extra);
  int unresolve(const std::vector<std::string>& args);
  int reupdate(const std::vector<std::string>& args);
  void cacheinfo_args(std::vector<std::string>& args, std::size_t& i);
  void tune();
  unsigned refresh_flags() const {
    return (quiet_ ? unsigned{Index::kRefreshQuiet} : 0u) | (unmerged_ ? unsigned{Index::kRefreshUnmerged} : 0u) |
           (ignore_missing_ ? unsigned{Index::kRefreshIgnoreMissing} : 0u) |
           (ignore_submodules_ ? unsigned{Index::kRefreshIgnoreSubmodules} : 0u);
  }
  template <class... Args>
  void say(const char* format, const Args&... args) {
    if (verbose_) outf(format, args...);
  }

  Invocation& inv_;
  Repository& repo_;
  std::string prefix_;
  LockFile lock_;
  std::optional<LockFile> held_;
  std::string lock_error_;
  std::optional<Index> index_;
  bool allow_add_ = false, allow_remove_ = false, allow_replace_ = false, info_only_ = false, force_remove_ = false,
       verbose_ = false, ignore_skip_worktree_ = false, quiet_ = false, unmerged_ = false, ignore_missing_ = false,
       ignore_submodules_ = false, nul_ = false, force_write_ = false, clear_resolve_undo_ = false;
  Mark valid_ = Mark::keep, skip_ = Mark::keep, fsmonitor_ = Mark::keep;
  char chmod_ = 0;
  int split_index_ = -1, preferred_version_ = 0;
  bool show_version_ = false, seen_double_dash_ = false;
  int errors_ = 0;
};

void UpdateIndex::read() {
  if (index_) return;
  Result<LockFile> held = LockFile::hold(repo_.index_file());
  if (held)
    held_ = std::move(*held);
  else
    lock_error_ = held.error().message;
  index_.emplace(Index::read(repo_));
}

bool UpdateIndex::remove_one(const std::string& path) {
  if (!allow_remove_) {
    error("%s: does not exist and --remove not passed", path);
    return false;
  }
  index_->remove_path(path);
  return true;
}

bool UpdateIndex::add_file(const std::string& path, const struct stat* st, const IndexEntry* old) {
  if (old && !old->stage && !index_->match_stat(*old, *st, 0)) return true;
  IndexEntry e;
  e.path = path;
  index_->fill_stat(e, *st);
  const WorktreeSettings& settings = index_->internals().settings;
  if (!settings.has_symlinks && S_ISREG(st->st_mode) && old && is_link_mode(old->mode))
    e.mode = old->mode;
  else if (!settings.trust_executable_bit && S_ISREG(st->st_mode))
    e.mode = old && is_regular_mode(old->mode) ? old->mode : kModeBlob;
  else
    e.mode = entry_mode_of(st->st_mode);
  Result<ObjectId> oid = index_path(*index_, path, *st, !info_only_);
  if (!oid) {
    error("%s", oid.error().message);
    return false;
  }
  e.oid = *oid;
  unsigned flags = (allow_add_ ? unsigned{Index::kOkToAdd} : 0u) | (allow_replace_ ? unsigned{Index::kOkToReplace} : 0u);
  if (!index_->add(std::move(e), flags)) {
    error("%s: cannot add to the index - missing --add option?", path);
    return false;
  }
  return true;
}

bool UpdateIndex::process_directory(const std::string& path, const struct stat& st) {
  std::ptrdiff_t at = index_->find_position(path);
  if (at >= 0) {
    IndexEntry& e = (*index_)[static_cast<std::size_t>(at)];
    if (is_gitlink_mode(e.mode)) {
      if (!submodule_head(path)) return true;  // not checked out: nothing to say
      return add_file(path, &st, &e);
    }
    return remove_one(path);
  }
  if (index_->has_directory(path)) {
    error("%s: is a directory - add individual files instead", path);
    return false;
  }
  if (submodule_head(path)) return add_file(path, &st, nullptr);
  error("%s: is a directory - add files inside instead", path);
  return false;
}

bool UpdateIndex::process_path(const std::string& path) {
  if (has_symlink_leading_path(path)) {
    error("'%s' is beyond a symbolic link", path);
    return false;
  }
  const IndexEntry* e = index_->find(path);
  if (e && e->skip_worktree) {
    // The file is as it should be, whether it is there or not.
    if (!ignore_skip_worktree_ && allow_remove_) index_->remove_path(path);
    return true;
  }
  struct stat st {};
  if (lstat(path.c_str(), &st) < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return remove_one(path);
    error("lstat(\"%s\"): %s", path, strerror(errno));
    return false;
  }
  if (S_ISDIR(st.st_mode)) return process_directory(path, st);
  return add_file(path, &st, e);
}

bool UpdateIndex::mark(const std::string& path, const char*, const std::function<void(IndexEntry&)>& change) {
  expand_index_to_path(*index_, path);
  IndexEntry* e = index_->find(path);
  if (!e) return false;
  change(*e);
  index_->invalidate_path(path);
  index_->is_changed = true;
  return true;
}

void UpdateIndex::update_one(const std::string& path) {
  if (valid_ != Mark::keep || skip_ != Mark::keep || fsmonitor_ != Mark::keep) {
    auto change = [&](IndexEntry& e) {
      if (valid_ != Mark::keep) e.assume_valid = valid_ == Mark::set;
      if (skip_ != Mark::keep) e.skip_worktree = skip_ == Mark::set;
      if (fsmonitor_ != Mark::keep) e.fsmonitor_valid = fsmonitor_ == Mark::set;
    };
    if (!verify_path(repo_, path, 0)) {
      errf("Ignoring path %s\n", path);
      return;
    }
    if (!mark(path, "", change)) die("Unable to mark file %s", path);
    return;
  }
  struct stat st {};
  bool missing = lstat(path.c_str(), &st) < 0;
  if (!verify_path(repo_, path, missing ? 0 : st.st_mode)) {
    errf("Ignoring path %s\n", path);
    return;
  }
  if (force_remove_) {
    index_->remove_path(path);
    say("remove '%s'\n", path);
    return;
  }
  if (!process_path(path)) die("Unable to process path %s", path);
  say("add '%s'\n", path);
}

void UpdateIndex::chmod(char flip, const std::string& path) {
  IndexEntry* e = index_->find(path);
  if (!e || !is_regular_mode(e->mode)) die("git update-index: cannot chmod %cx '%s'", flip, path);
  e->mode = flip == '+' ? kModeExecutable : kModeBlob;
  index_->invalidate_path(path);
  index_->is_changed = true;
  say("chmod %cx '%s'\n", flip, path);
}

bool UpdateIndex::add_cacheinfo(std::uint32_t mode, const ObjectId& oid, const std::string& path, int stage) {
  if (!verify_path(repo_, path, mode)) {
    error("Invalid path '%s'", path);
    return false;
  }
  IndexEntry e;
  e.path = path;
  e.mode = canon_mode(mode);
  e.oid = oid;
  e.stage = static_cast<std::uint8_t>(stage);
  if (valid_ == Mark::set) e.assume_valid = true;
  unsigned flags = (allow_add_ ? unsigned{Index::kOkToAdd} : 0u) | (allow_replace_ ? unsigned{Index::kOkToReplace} : 0u);
  if (!index_->add(std::move(e), flags)) {
    error("%s: cannot add to the index - missing --add option?", path);
    return false;
  }
  say("add '%s'\n", path);
  return true;
}

std::optional<std::uint32_t> parse_octal(std::string_view text) {
  if (text.empty() || text.size() > 7) return std::nullopt;
  std::uint32_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

void UpdateIndex::read_index_info() {
  LineReader reader(0, nul_ ? '\0' : '\n');
  HashAlgo algo = repo_.algo();
  for (std::string line; reader.next(line);) {
    // mode SP oid TAB path | mode SP type SP oid TAB path | mode SP oid SP stage TAB path
    std::string_view text = line;
    std::size_t tab = text.find('\t');
    auto bad = [&] { die("malformed index info %s", line); };
    std::size_t space = text.find(' ');
    if (tab == std::string_view::npos || space == std::string_view::npos || space > tab) bad();
    std::optional<std::uint32_t> mode = parse_octal(text.substr(0, space));
    if (!mode) bad();
    std::string_view middle = text.substr(space + 1, tab - space - 1);
    int stage = 0;
    if (middle.size() > 2 && middle[middle.size() - 2] == ' ' && middle.back() >= '0' && middle.back() <= '3') {
      stage = middle.back() - '0';
      middle.remove_suffix(2);
    }
    if (std::size_t inner = middle.find(' '); inner != std::string_view::npos) middle.remove_prefix(inner + 1);
    std::optional<ObjectId> oid = ObjectId::from_hex(middle, algo);
    if (!oid) bad();
    std::string path(text.substr(tab + 1));
    if (!nul_ && !path.empty() && path[0] == '"') {
      std::string_view rest = path;
      std::optional<std::string> plain = unquote_c_style(rest);
      if (!plain) die("git update-index: bad quoting of path name");
      path = std::move(*plain);
    }
    if (!verify_path(repo_, path, *mode)) {
      errf("Ignoring path %s\n", path);
      continue;
    }
    if (*mode == 0) {
      index_->remove_path(path);
      continue;
    }
    allow_add_ = allow_replace_ = true;
    if (!add_cacheinfo(*mode, *oid, path, stage)) die("git update-index: unable to update %s", path);
  }
}

void UpdateIndex::refresh(unsigned extra) {
  read();
  setup_work_tree(repo_);
  // Racily clean entries are compared now; writing the index spares the next reader from doing it again.
  for (const auto& e : index_->entries())
    if (index_->timestamp_sec && !is_gitlink_mode(e->mode) && index_->timestamp_sec <= e->stat.mtime_sec) force_write_ = true;
  if (index_->refresh(refresh_flags() | extra)) errors_ = 1;
}

int UpdateIndex::unresolve(const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    std::string path = prefix_path(repo_, prefix_, arg);
    ResolveUndoMap& map = index_->internals().resolve_undo;
    auto it = map.find(path);
    if (it == map.end()) {
      // Nothing recorded: HEAD and MERGE_HEAD know the sides.
      if (index_->is_path_unmerged(path)) continue;
      std::optional<ObjectId> head = get_oid(repo_, "HEAD", NameHint::none, true),
                              merge = get_oid(repo_, "MERGE_HEAD", NameHint::none, true);
      if (!head || !merge) continue;
      continue;
    }
    ResolveUndo undo = it->second;
    index_->remove_path(path);
    for (int i = 0; i < 3; ++i) {
      if (!undo.mode[i]) continue;
      IndexEntry e;
      e.path = path, e.mode = undo.mode[i], e.oid = undo.oid[i], e.stage = static_cast<std::uint8_t>(i + 1);
      index_->add(std::move(e), Index::kOkToAdd | Index::kSkipDfCheck);
    }
    map.erase(path);
    index_->is_changed = true;
  }
  return 0;
}

// --again: the paths whose index entry differs from HEAD.
int UpdateIndex::reupdate(const std::vector<std::string>& args) {
  Pathspec spec = parse_pathspec(repo_, args, prefix_, kPreferCwd);
  Index head(repo_);
  std::optional<ObjectId> commit = repo_.refs().read_oid("HEAD");
  if (commit)
    if (Result<void> r = head.read_tree(*commit); !r) die("%s", r.error().message);
  std::vector<std::string> paths;
  for (const auto& e : index_->entries()) {
    if (e->stage || !index_entry_path_match(*index_, spec, e->path, e->mode)) continue;
    IndexEntry* old = head.find(e->path);
    if (old && old->mode == e->mode && old->oid == e->oid) continue;
    paths.push_back(e->path);
  }
  for (const std::string& path : paths) update_one(path);
  return 0;
}

void UpdateIndex::cacheinfo_args(std::vector<std::string>& args, std::size_t& i) {
  auto parse = [&](std::string_view mode_text, std::string_view hex, const std::string& path) {
    std::optional<std::uint32_t> mode = parse_octal(mode_text);
    std::optional<ObjectId> oid = ObjectId::from_hex(hex, repo_.algo());
    if (!mode || !oid) return false;
    if (!add_cacheinfo(*mode, *oid, path, 0)) die("git update-index: --cacheinfo cannot add %s", path);
    return true;
  };
  if (i + 1 < args.size()) {
    std::vector<std::string_view> parts = split(args[i + 1], ',');
    if (parts.size() >= 3) {
      std::string path(std::string_view(args[i + 1]).substr(parts[0].size() + parts[1].size() + 2));
      if (parse(parts[0], parts[1], path)) {
        ++i;
        return;
      }
    }
  }
  if (i + 3 >= args.size()) {
    error("option 'cacheinfo' expects <mode>,<sha1>,<path>");
    exit_with(129);
  }
  if (!parse(args[i + 1], args[i + 2], args[i + 3])) die("git update-index: --cacheinfo cannot add %s", args[i + 3]);
  i += 3;
}

void UpdateIndex::argument(const std::string& arg) {
  setup_work_tree(repo_);
  std::string path = prefix_path(repo_, prefix_, arg);
  update_one(path);
  if (chmod_) chmod(chmod_, path);
}

const std::vector<std::string> kUsage = {"git update-index [<options>] [--] [<file>...]"};

int UpdateIndex::run() {
  std::vector<std::string> args(inv_.args.begin() + 1, inv_.args.end());
  bool read_stdin = false, only_options = false;
  auto on_off = [&](std::string_view arg, std::string_view name, int& value) {
    if (arg == "--" + std::string(name)) return value = 1, true;
    if (arg == "--no-" + std::string(name)) return value = 0, true;
    return false;
  };
  if (args.size() == 1 && args[0] == "-h") {
    Options o(kUsage);
    out(o.format_usage(false));
    return 0;
  }
  read();
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& a = args[i];
    std::string_view value;
    if (only_options || a.empty() || a[0] != '-' || a == "-") {
      argument(a);
    } else if (a == "--") {
      only_options = true;
    } else if (a == "-q") {
      quiet_ = true;
    } else if (a == "--ignore-submodules" || a == "--no-ignore-submodules") {
      ignore_submodules_ = a[2] == 'i';
    } else if (a == "--add" || a == "--no-add") {
      allow_add_ = a == "--add";
    } else if (a == "--replace" || a == "--no-replace") {
      allow_replace_ = a == "--replace";
    } else if (a == "--remove" || a == "--no-remove") {
      allow_remove_ = a == "--remove";
    } else if (a == "--unmerged" || a == "--no-unmerged") {
      unmerged_ = a == "--unmerged";
    } else if (a == "--refresh") {
      refresh(0);
    } else if (a == "--really-refresh") {
      refresh(Index::kRefreshReally);
    } else if (a == "--cacheinfo") {
      cacheinfo_args(args, i);
    } else if (skip_prefix(a, "--cacheinfo=", &value)) {
      std::vector<std::string> one = {"--cacheinfo", std::string(value)};
      std::size_t k = 0;
      cacheinfo_args(one, k);
    } else if (a == "--chmod=+x" || a == "--chmod=-x") {
      chmod_ = a[8];
    } else if (a == "--chmod" && i + 1 < args.size() && (args[i + 1] == "+x" || args[i + 1] == "-x")) {
      chmod_ = args[++i][0];
    } else if (starts_with(a, "--chmod")) {
      error("option 'chmod' expects \"+x\" or \"-x\"");
      exit_with(129);
    } else if (a == "--assume-unchanged") {
      valid_ = Mark::set;
    } else if (a == "--no-assume-unchanged") {
      valid_ = Mark::unset;
    } else if (a == "--skip-worktree") {
      skip_ = Mark::set;
    } else if (a == "--no-skip-worktree") {
      skip_ = Mark::unset;
    } else if (a == "--fsmonitor-valid") {
      fsmonitor_ = Mark::set;
    } else if (a == "--no-fsmonitor-valid") {
      fsmonitor_ = Mark::unset;
    } else if (a == "--ignore-skip-worktree-entries" || a == "--no-ignore-skip-worktree-entries") {
      ignore_skip_worktree_ = a[2] == 'i';
    } else if (a == "--info-only") {
      info_only_ = true;
    } else if (a == "--force-remove") {
      force_remove_ = true;
    } else if (a == "-z") {
      nul_ = true;
    } else if (a == "--stdin") {
      if (i + 1 != args.size()) {
        error("option '%s' must be the last argument", a);
        exit_with(129);
      }
      read_stdin = true;
    } else if (a == "--index-info") {
      if (i + 1 != args.size()) {
        error("option '%s' must be the last argument", a);
        exit_with(129);
      }
      read_index_info();
    } else if (a == "--unresolve") {
      std::vector<std::string> rest(args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      if (unresolve(rest)) errors_ = 1;
      break;
    } else if (a == "-g" || a == "--again") {
      std::vector<std::string> rest(args.begin() + static_cast<std::ptrdiff_t>(i) + 1, args.end());
      if (!rest.empty() && rest[0] == "--") rest.erase(rest.begin());
      setup_work_tree(repo_);
      reupdate(rest);
      break;
    } else if (a == "--ignore-missing") {
      ignore_missing_ = true;
    } else if (a == "--verbose") {
      verbose_ = true;
    } else if (a == "--clear-resolve-undo") {
      index_->internals().resolve_undo.clear();
      index_->is_changed = true;
    } else if (a == "--index-version" && i + 1 < args.size()) {
      preferred_version_ = static_cast<int>(parse_int(args[++i]).value_or(-1));
    } else if (skip_prefix(a, "--index-version=", &value)) {
      preferred_version_ = static_cast<int>(parse_int(value).value_or(-1));
    } else if (a == "--show-index-version") {
      show_version_ = true;
    } else if (a == "--force-write-index") {
      force_write_ = true;
    } else if (on_off(a, "split-index", split_index_)) {
    } else if (a == "--untracked-cache" || a == "--force-untracked-cache" || a == "--test-untracked-cache") {
      die("%s", _("untracked cache is disabled on this system or location"));
    } else if (a == "--fsmonitor") {
      die("%s", _("fsmonitor is not supported"));
    } else if (a == "--no-untracked-cache" || a == "--no-fsmonitor") {
      // What is written never has them.
      index_->is_changed = true;
    } else if (a == "-h") {
      out(Options(kUsage).format_usage(false));
      return 0;
    } else {
      Options o(kUsage);
      std::string_view name = a;
      if (skip_prefix(name, "--"))
        error("unknown option `%s'", name.substr(0, name.find('=')));
      else
        error("unknown switch `%c'", a[1]);
      err(o.format_usage(false));
      return 129;
    }
  }
  if (read_stdin) {
    setup_work_tree(repo_);
    LineReader reader(0, nul_ ? '\0' : '\n');
    for (std::string line; reader.next(line);) {
      if (!nul_ && !line.empty() && line[0] == '"') {
        std::string_view rest = line;
        std::optional<std::string> plain = unquote_c_style(rest);
        if (!plain) die("line is badly quoted");
        line = std::move(*plain);
      }
      argument(line);
    }
  }
  tune();
  if (index_->is_changed || force_write_ || preferred_version_) {
    if (!held_) {
      if (refresh_flags() & Index::kRefreshQuiet) exit_with(128);
      die("%s", lock_error_);
    }
    if (!index_->write_locked(*held_)) die("Unable to write new index file");
  }
  return errors_;
}

void UpdateIndex::tune() {
  if (show_version_) outf("%d\n", index_->version ? index_->version : 0);
  if (preferred_version_) {
    if (preferred_version_ < 2 || preferred_version_ > 4) die("index-version %d not in range: %d..%d", preferred_version_, 2, 4);
    if (index_->version != preferred_version_) index_->is_changed = true;
    if (verbose_) outf("index-version: was %d, set to %d\n", index_->version, preferred_version_);
    index_->version = preferred_version_;
  }
  if (split_index_ < 0) return;
  auto configured = repo_.config().get_bool("core.splitindex");
  if (split_index_ && configured && !*configured)
    warning("%s", _("core.splitIndex is set to false; remove or change it, if you really want to enable split index"));
  if (!split_index_ && configured && *configured)
    warning("%s", _("core.splitIndex is set to true; remove or change it, if you really want to disable split index"));
  set_split_index(*index_, split_index_ != 0, true);
}

}  // namespace

int cmd_update_index(Invocation& inv) { return UpdateIndex(inv).run(); }

}  // namespace git
