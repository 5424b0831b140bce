// git grep: searches the worktree, the index or trees.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "diff.h"
#include "diff/external.h"
#include "diff/grep.h"
#include "diff/userdiff.h"
#include "index.h"
#include "index/dir.h"
#include "index/pathspec.h"
#include "index/submodule-config.h"
#include "object-name.h"
#include "odb.h"
#include "pager.h"
#include "setup.h"

GIT_BUILTIN("grep", cmd_grep, kSetupGently | kUsePager)

namespace git {
namespace {

// One repository that is searched: ours, or a submodule's below `prefix`.
struct Scope {
  Repository* repo = nullptr;
  Index* index = nullptr;
  DiffOptions* diff = nullptr;
  std::string prefix;  // "sub/", "" for our own
  ObjectId treeish;    // whose .gitmodules counts; null for the current one
};

class GrepCommand {
 public:
  explicit GrepCommand(Invocation& inv) : inv_(inv), repo_(inv.repository.get()) {}
  int run();

 private:
  void read_config(const Config& config);
  std::vector<std::string> parse();
  void add_pattern(const std::string& text);
  bool search_file(Grep& grep, const Scope& in, const std::string& path);
  bool search_blob(Grep& grep, const Scope& in, const std::string& shown, const std::string& path, const ObjectId& oid);
  bool search_bytes(Grep& grep, const Scope& in, const std::string& shown, DiffFilespec& spec);
  bool search_index(Grep& grep, const Scope& in);
  bool search_directory(Grep& grep, const Scope& in);
  bool search_tree(Grep& grep, const Scope& in, const ObjectId& tree, const std::string& label, std::string& base);
  // Searches the submodule at `path` of `outer`: its index and worktree, or the tree of `commit`.
  bool search_submodule(Grep& grep, const Scope& outer, const std::string& path, const ObjectId* commit,
                        const std::string& label);
  std::vector<std::string> pager_command();
  int open_in_pager(std::vector<std::string> command);
  std::string shown_name(const std::string& path) const;

  Invocation& inv_;
  Repository* repo_;
  GrepSettings s_;
  std::vector<GrepWord> words_;
  bool cached_ = false, untracked_ = false, no_index_ = false, full_name_ = false, textconv_ = false;
  int exclude_standard_ = -1, max_depth_ = -1, threads_ = 0;
  bool recurse_submodules_ = false;
  std::optional<std::string> open_in_;  // -O: "" for the usual pager
  std::string found_;                   // names for it, each with a NUL behind
  int color_ = -1;
  Pathspec pathspec_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<Config> early_;
  std::unique_ptr<DiffOptions> diff_;
  bool quote_ = true;
};

void GrepCommand::read_config(const Config& config) {
  s_.show_line_number = config.get_bool_or("grep.linenumber", false);
  s_.show_column = config.get_bool_or("grep.column", false);
  full_name_ = config.get_bool_or("grep.fullname", false);
  const std::string type = config.get_string_or("grep.patterntype", "default");
  if (type == "extended")
    s_.type = GrepType::extended;
  else if (type == "fixed")
    s_.type = GrepType::fixed;
  else if (type == "perl")
    s_.type = GrepType::perl;
  else if (type == "default" && config.get_bool_or("grep.extendedregexp", false))
    s_.type = GrepType::extended;
  else if (type != "basic" && type != "default")
    die("bad grep.patterntype argument: %s", type);
  color_ = config_color_when(config, "color.grep");
  recurse_submodules_ = config.get_bool_or("submodule.recurse", false);
  quote_ = config.get_bool_or("core.quotepath", true);
  GrepColors& c = s_.colors;
  auto color = [&](const char* key, std::string& target) {
    target = config_color(config, std::string("color.grep.") + key, target);
  };
  color("context", c.context);
  color("filename", c.filename);
  color("function", c.function);
  color("linenumber", c.line_number);
  color("column", c.column);
  color("match", c.match_context);
  c.match_selected = c.match_context == "\033[1;31m" ? c.match_selected : c.match_context;
  color("matchcontext", c.match_context);
  color("matchselected", c.match_selected);
  color("selected", c.selected);
  color("separator", c.separator);
}

void GrepCommand::add_pattern(const std::string& text) {
  // Lines are alternatives.
  const auto lines = split(text, '\n');
  if (lines.size() > 1) words_.push_back({GrepToken::open, {}});
  for (std::size_t i = 0; i < lines.size(); i++) {
    if (i) words_.push_back({GrepToken::or_, {}});
    words_.push_back({GrepToken::pattern, std::string(lines[i])});
  }
  if (lines.size() > 1) words_.push_back({GrepToken::close, {}});
}

std::vector<std::string> GrepCommand::parse() {
  using Value = const std::optional<std::string>&;
  Options p({"git grep [<options>] [-e] <pattern> [<rev>...] [[--] <path>...]"});
  auto token = [&](GrepToken kind) {
    return [this, kind](Value, bool) {
      words_.push_back({kind, {}});
      return true;
    };
  };
  auto type = [&](GrepType kind) {
    return [this, kind](Value, bool) {
      s_.type = kind;
      return true;
    };
  };
  p.boolean(0, "cached", &cached_, N_("search in index instead of in the work tree"));
  p.boolean(0, "no-index", &no_index_, N_("find in contents not managed by git"), kOptNoNeg);
  p.callback(
      0, "index", "", "",
      [&](Value, bool) {
        no_index_ = false;
        return true;
      },
      kOptNoArg | kOptNoNeg | kOptHidden);
  p.boolean(0, "untracked", &untracked_, N_("search in both tracked and untracked files"));
  p.boolean(0, "exclude-standard", &exclude_standard_, N_("ignore files specified via '.gitignore'"));
  p.group("");
  p.boolean(0, "recurse-submodules", &recurse_submodules_, N_("recursively search in each submodule"));
  p.boolean('v', "invert-match", &s_.invert, N_("show non-matching lines"));
  p.boolean('i', "ignore-case", &s_.ignore_case, N_("case insensitive matching"));
  p.boolean('w', "word-regexp", &s_.word, N_("match patterns only at word boundaries"));
  p.boolean('a', "text", &s_.text, N_("process binary files as text"));
  p.boolean('I', "", &s_.skip_binary, N_("don't match patterns in binary files"));
  p.boolean(0, "textconv", &textconv_, N_("process binary files with textconv filters"));
  p.callback(
      'r', "recursive", "", N_("search in subdirectories (default)"),
      [&](Value, bool unset) {
        max_depth_ = unset ? 0 : -1;
        return true;
      },
      kOptNoArg);
  p.integer(0, "max-depth", &max_depth_, "n", N_("descend at most <n> levels"), kOptNoNeg);
  p.group("");
  p.callback('E', "extended-regexp", "", N_("use extended POSIX regular expressions"), type(GrepType::extended), kOptNoArg);
  p.callback('G', "basic-regexp", "", N_("use basic POSIX regular expressions (default)"), type(GrepType::basic), kOptNoArg);
  p.callback('F', "fixed-strings", "", N_("interpret patterns as fixed strings"), type(GrepType::fixed), kOptNoArg);
  p.callback('P', "perl-regexp", "", N_("use Perl-compatible regular expressions"), type(GrepType::perl), kOptNoArg);
  p.group("");
  p.boolean('n', "line-number", &s_.show_line_number, N_("show line numbers"));
  p.boolean(0, "column", &s_.show_column, N_("show column number of first match"));
  p.callback(
      'h', "", "", N_("don't show filenames"),
      [&](Value, bool) {
        s_.show_name = false;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  p.callback(
      'H', "", "", N_("show filenames"),
      [&](Value, bool) {
        s_.show_name = true;
        return true;
      },
      kOptNoArg | kOptNoNeg);
  p.boolean(0, "full-name", &full_name_, N_("show filenames relative to top directory"));
  p.boolean('l', "files-with-matches", &s_.name_only, N_("show only filenames instead of matching lines"));
  p.boolean(0, "name-only", &s_.name_only, N_("synonym for --files-with-matches"));
  p.boolean('L', "files-without-match", &s_.unmatched_names, N_("show only the names of files without match"));
  p.boolean('z', "null", &s_.nul_after_name, N_("print NUL after filenames"), kOptNoNeg);
  p.boolean('o', "only-matching", &s_.only_matching, N_("show only matching parts of a line"));
  p.boolean('c', "count", &s_.count, N_("show the number of matches instead of matching lines"));
  p.color(&color_, N_("highlight matches"));
  p.boolean(0, "break", &s_.file_break, N_("print empty line between matches from different files"));
  p.boolean(0, "heading", &s_.heading, N_("show filename only once above matches from same file"));
  p.group("");
  auto lines = [&](long* a, long* b) {
    return [a, b](Value v, bool unset) {
      auto n = v ? parse_uint(*v) : std::optional<std::uint64_t>(0);
      if (unset) n = 0;
      if (!n || *n > 1000000000) {
        error("switch expects a numerical value");
        return false;
      }
      *a = static_cast<long>(*n);
      if (b) *b = static_cast<long>(*n);
      return true;
    };
  };
  p.callback('C', "context", "n", N_("show <n> context lines before and after matches"), lines(&s_.before, &s_.after));
  p.callback('B', "before-context", "n", N_("show <n> context lines before matches"), lines(&s_.before, nullptr));
  p.callback('A', "after-context", "n", N_("show <n> context lines after matches"), lines(&s_.after, nullptr));
  p.number(N_("shortcut for -C NUM"), [&](int n) { s_.before = s_.after = n; });
  p.integer(0, "threads", &threads_, "n", N_("use <n> worker threads"));
  p.boolean('p', "show-function", &s_.function_name, N_("show a line with the function name before matches"));
  p.boolean('W', "function-context", &s_.function_body, N_("show the surrounding function"));
  p.group("");
  p.callback(
      'f', "", "file", N_("read patterns from file"),
      [&](Value v, bool) {
        std::string text = *v == "-" ? read_fd(0).take_or_die() : [&]() {
          auto bytes = read_file(prefix_filename(inv_.prefix_or_empty(), *v));
          if (!bytes) die_errno("cannot open '%s'", *v);
          return *bytes;
        }();
        for (std::string_view line : split_lines(text)) {
          if (ends_with(line, "\r")) line.remove_suffix(1);
          words_.push_back({GrepToken::pattern, std::string(line)});
        }
        return true;
      },
      kOptNoNeg);
  p.callback(
      'e', "", "pattern", N_("match <pattern>"),
      [&](Value v, bool) {
        add_pattern(*v);
        return true;
      },
      kOptNoNeg);
  p.callback(0, "and", "", N_("combine patterns specified with -e"), token(GrepToken::and_), kOptNoArg | kOptNoNeg);
  p.callback(0, "or", "", "", token(GrepToken::or_), kOptNoArg | kOptNoNeg);
  p.callback(0, "not", "", "", token(GrepToken::not_), kOptNoArg | kOptNoNeg);
  p.callback('(', "", "", "", token(GrepToken::open), kOptNoArg | kOptNoNeg | kOptNoDash);
  p.callback(')', "", "", "", token(GrepToken::close), kOptNoArg | kOptNoNeg | kOptNoDash);
  p.boolean('q', "quiet", &s_.quiet, N_("indicate hit with exit status without output"));
  p.boolean(0, "all-match", &s_.all_match, N_("show only matches from files that match all patterns"));
  p.group("");
  p.callback(
      'O', "open-files-in-pager", "pager", N_("show matching files in the pager"),
      [&](Value v, bool unset) {
        open_in_ = unset ? std::nullopt : std::optional(v.value_or(""));
        return true;
      },
      kOptOptionalArg);
  p.callback('m', "max-count", "n", N_("maximum number of results per file"), [&](Value v, bool unset) {
    auto n = unset ? std::optional<std::int64_t>(-1) : parse_int(*v);
    if (!n) {
      error("option `%s' expects a numerical value", "max-count");
      return false;
    }
    s_.max_count = static_cast<long>(*n);
    return true;
  });
  return p.parse(inv_.args, inv_.prefix_or_empty(), kKeepDashDash | kStopAtNonOption | kNoInternalHelp);
}

std::string GrepCommand::shown_name(const std::string& path) const {
  std::string name = path;
  if (!full_name_ && inv_.prefix) {
    std::string top = "/" + *inv_.prefix;
    top.pop_back();
    name = relative_path("/" + path, top);
  }
  return s_.nul_after_name ? name : quote_c_style(name, quote_);
}

bool GrepCommand::search_bytes(Grep& grep, const Scope& in, const std::string& shown, DiffFilespec& spec) {
  const UserdiffDriver* conv = textconv_ ? textconv_driver(*in.diff, spec) : nullptr;
  std::string converted;
  std::string_view bytes;
  if (conv) {
    converted = run_textconv(*in.diff, *conv, spec);
    bytes = converted;
  } else {
    bytes = load(*in.diff, spec);
  }
  const UserdiffDriver& driver = driver_of(*in.diff, spec);
  const bool binary = !conv && (driver.binary ? *driver.binary : looks_binary(bytes));
  const FuncNamePattern* names = s_.function_name || s_.function_body ? driver.func_names() : nullptr;
  FuncNameFinder finder;
  if (names) finder = [names](std::string_view line) { return names->find(line); };
  return grep.search(shown, bytes, binary, finder);
}

bool GrepCommand::search_file(Grep& grep, const Scope& in, const std::string& path) {
  struct stat st;
  if (::lstat(path.c_str(), &st) < 0) {
    if (errno != ENOENT) error_errno("'%s'", path);
    return false;
  }
  if (!S_ISREG(st.st_mode)) return false;
  auto bytes = read_file(path);
  if (!bytes) {
    error("'%s': %s", path, std::strerror(errno));
    return false;
  }
  DiffFilespec spec(path.substr(in.prefix.size()));
  spec.mode = kModeBlob;
  spec.oid = ObjectId::null(in.diff->algo());
  spec.data = std::move(*bytes);
  spec.size = spec.data->size();
  return search_bytes(grep, in, shown_name(path), spec);
}

bool GrepCommand::search_blob(Grep& grep, const Scope& in, const std::string& shown, const std::string& path,
                              const ObjectId& oid) {
  DiffFilespec spec(path.substr(in.prefix.size()));
  spec.fill(oid, true, kModeBlob);
  if (!in.repo->odb().has(oid)) {
    error("'%s': unable to read %s", shown, oid);
    return false;
  }
  return search_bytes(grep, in, shown, spec);
}

bool GrepCommand::search_submodule(Grep& grep, const Scope& outer, const std::string& path, const ObjectId* commit,
                                   const std::string& label) {
  SubmoduleConfig config(*outer.repo);
  if (!config.is_active(outer.treeish, path)) return false;
  auto repo = open_submodule(*outer.repo, config, path, &outer.treeish);
  if (!repo) return false;
  Index index = Index::read(*repo);
  DiffOptions diff = make_diff_options(repo.get(), repo->config(), &index, {}, DiffConfig::none);
  Scope in{repo.get(), &index, &diff, outer.prefix + path + "/", commit ? *commit : ObjectId::null(repo->algo())};
  if (!commit) return search_index(grep, in);
  ObjectId tree;
  if (!repo->odb().read_peeled(*commit, ObjectType::tree, &tree)) die("unable to read tree (%s)", *commit);
  std::string base = in.prefix;
  return search_tree(grep, in, tree, label, base);
}

bool GrepCommand::search_index(Grep& grep, const Scope& in) {
  bool hit = false;
  std::string last;
  Index& index = *in.index;
  for (std::size_t i = 0; i < index.size(); i++) {
    const IndexEntry& entry = index[i];
    if (!cached_ && entry.skip_worktree) continue;
    const std::string path = in.prefix + entry.path;
    bool one = false;
    if (recurse_submodules_ && is_gitlink_mode(entry.mode)) {
      MatchPathspecOptions options;
      options.is_directory = options.leading = true;
      if (match_pathspec(&index, pathspec_, path, options)) one = search_submodule(grep, in, entry.path, nullptr, {});
    } else {
      if (!is_regular_mode(entry.mode) || path == last) continue;
      if (!match_pathspec(index, pathspec_, path)) continue;
      last = path;
      if (cached_ || entry.assume_valid) {
        if (entry.stage || entry.intent_to_add) continue;
        one = search_blob(grep, in, shown_name(path), path, entry.oid);
      } else {
        one = search_file(grep, in, path);
      }
    }
    hit = hit || one;
    if (hit && s_.quiet) return true;
  }
  return hit;
}

bool GrepCommand::search_directory(Grep& grep, const Scope& in) {
  bool hit = false;
  std::vector<std::string> paths;
  if (repo_ && !no_index_) {
    DirScan dir(*index_);
    if (exclude_standard_ != 0) dir.setup_standard_excludes();
    dir.fill(&pathspec_);
    for (const DirEntry& entry : dir.entries)
      if (match_pathspec(*index_, pathspec_, entry.path)) paths.push_back(entry.path);
    for (std::size_t i = 0; i < index_->size(); i++)
      if (is_regular_mode((*index_)[i].mode) && match_pathspec(*index_, pathspec_, (*index_)[i].path))
        paths.push_back((*index_)[i].path);
  } else {
    std::function<void(const std::string&)> walk = [&](const std::string& dir) {
      for (const std::string& name : list_dir(dir.empty() ? "." : dir)) {
        if (name == ".git") continue;
        const std::string path = dir.empty() ? name : dir + "/" + name;
        struct stat st;
        if (::lstat(path.c_str(), &st)) continue;
        if (S_ISDIR(st.st_mode))
          walk(path);
        else if (match_pathspec(nullptr, pathspec_, path, {}))
          paths.push_back(path);
      }
    };
    if (repo_ && exclude_standard_ == 1) {
      DirScan dir(*index_);
      dir.setup_standard_excludes();
      dir.fill(&pathspec_);
      for (const DirEntry& entry : dir.entries)
        if (match_pathspec(*index_, pathspec_, entry.path)) paths.push_back(entry.path);
    } else {
      walk("");
    }
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  for (const std::string& path : paths) {
    const bool one = search_file(grep, in, path);
    hit = hit || one;
    if (hit && s_.quiet) return true;
  }
  return hit;
}

bool GrepCommand::search_tree(Grep& grep, const Scope& in, const ObjectId& tree, const std::string& label, std::string& base) {
  auto object = in.repo->odb().read(tree);
  if (!object) die("unable to read tree (%s)", tree);
  TreeReader reader(object->data, in.repo->algo());
  TreeEntry entry;
  bool hit = false, takes_all = pathspec_.empty();
  while (reader.next(entry)) {
    if (!takes_all) {
      // A submodule that is searched is a directory like any other.
      const std::uint32_t mode = recurse_submodules_ && is_gitlink_mode(entry.mode) ? kModeTree : entry.mode;
      Interest interest = tree_entry_interesting(*repo_, pathspec_, base, entry.name, mode, true);
      if (interest == Interest::all_not) break;
      if (interest == Interest::no) continue;
      takes_all = interest == Interest::all;
    }
    const std::size_t length = base.size();
    base.append(entry.name);
    if (is_regular_mode(entry.mode)) {
      hit = search_blob(grep, in, label + shown_name(base), base, entry.oid) || hit;
    } else if (recurse_submodules_ && is_gitlink_mode(entry.mode)) {
      hit = search_submodule(grep, in, base.substr(in.prefix.size()), &entry.oid, label) || hit;
    } else if (is_tree_mode(entry.mode)) {
      base += '/';
      hit = search_tree(grep, in, entry.oid, label, base) || hit;
    }
    base.resize(length);
    if (hit && s_.quiet) break;
  }
  return hit;
}

// ---- -O ----

// The pager with options that have it jump to the first match, where it is one we know.
std::vector<std::string> GrepCommand::pager_command() {
  std::string pager = open_in_->empty() ? pager_program(repo_ ? repo_->config() : *early_, true).value_or("cat") : *open_in_;
  std::vector<std::string> command = {pager};
  if (words_.size() != 1) return command;
  std::string_view name = path_basename(pager);
  if (s_.ignore_case && name == "less") command.push_back("-I");
  if (name == "less" || name == "vi") command.push_back(std::string("+/") + (name == "less" ? "*" : "") + words_[0].pattern);
  return command;
}

int GrepCommand::open_in_pager(std::vector<std::string> command) {
  ChildProcess child;
  child.use_shell = true;
  child.args = std::move(command);
  for (std::string_view name : split_lines(found_, '\0')) child.args.push_back(std::string(name));
  if (inv_.prefix) child.dir = *inv_.prefix;
  int code = child.run();
  if (code) exit_with(code);
  return 0;
}

int GrepCommand::run() {
  early_ = std::make_unique<Config>(ConfigSources{});
  const Config& config = repo_ ? repo_->config() : *early_;
  read_config(config);
  if (inv_.args.size() == 2 && inv_.args[1] == "-h") {
    usage("%s", "git grep [<options>] [-e] <pattern> [<rev>...] [[--] <path>...]");
  }
  std::vector<std::string> args = parse();
  // One thread searches; who asks for more is told, as by a git without threads.
  auto check_threads = [](int n, const char* name) {
    if (n < 0) die(_("invalid number of threads specified (%d) for %s"), n, name);
    if (n > 1) warning(_("no threads support, ignoring %s"), name);
  };
  check_threads(config.get_int("grep.threads").value_or(0), "grep.threads");
  check_threads(threads_, "--threads");
  if (!repo_ && !no_index_) {
    if (config.get_bool_or("grep.fallbacktonoindex", false))
      no_index_ = true;
    else
      setup_git_directory(false);
  }
  std::size_t at = 0;
  if (words_.empty()) {
    if (args.empty()) die("no pattern given");
    add_pattern(args[at++]);
  }
  if (s_.only_matching && s_.invert) s_.only_matching = true;
  if (cached_ && untracked_) die("options '%s' and '%s' cannot be used together", "--untracked", "--cached");
  if (cached_ && no_index_) die("options '%s' and '%s' cannot be used together", "--no-index", "--cached");
  if (no_index_) recurse_submodules_ = false;
  if (recurse_submodules_ && untracked_) die("--untracked not supported with --recurse-submodules");
  if (exclude_standard_ >= 0 && !no_index_ && !untracked_) die("--[no-]exclude-standard cannot be used for tracked contents");
  s_.color = want_color(color_);
  if (s_.unmatched_names && s_.name_only) s_.name_only = false;
  struct Object {
    ObjectId oid;
    std::string name, path;
  };
  std::vector<Object> objects;
  bool has_dashes = false;
  for (std::size_t i = at; i < args.size(); i++) has_dashes = has_dashes || args[i] == "--";
  for (; at < args.size(); at++) {
    if (args[at] == "--") break;
    if (no_index_) break;
    ObjectContext context;
    auto oid = get_oid_with_context(*repo_, args[at], NameHint::none, &context, true, false, inv_.prefix_or_empty());
    if (!oid) {
      if (has_dashes) die("unable to resolve revision: %s", args[at]);
      break;
    }
    if (!has_dashes) verify_non_filename(inv_.prefix_or_empty(), args[at]);
    objects.push_back({*oid, args[at], context.path});
  }
  if (at < args.size() && args[at] == "--") at++;
  std::vector<std::string> paths(args.begin() + static_cast<std::ptrdiff_t>(std::min(at, args.size())), args.end());
  if (!has_dashes && !no_index_)
    for (std::size_t i = 0; i < paths.size(); i++) verify_filename(inv_.prefix_or_empty(), paths[i], i == 0);
  if (untracked_ && !objects.empty()) die("--no-index or --untracked cannot be used with revs");
  if (!objects.empty() && cached_) die("both --cached and trees are given");
  if (repo_) {
    unsigned flags = kPreferCwd | (max_depth_ != -1 ? unsigned{kMaxDepthValid} : 0u);
    pathspec_ = parse_pathspec(*repo_, paths, inv_.prefix_or_empty(), flags, kMagicAll, max_depth_);
    index_ = std::make_unique<Index>(Index::read(*repo_));
  } else {
    pathspec_ = literal_pathspec(paths);
  }
  pathspec_.recursive = true;
  diff_ = std::make_unique<DiffOptions>(make_diff_options(repo_, config, index_.get(), inv_.prefix_or_empty(), DiffConfig::none));
  if (no_index_) diff_->no_index = true;
  std::vector<std::string> pager;
  if (open_in_) {
    if (cached_ || !objects.empty()) die("--open-files-in-pager only works on the worktree");
    pager = pager_command();
    s_.color = false;
    s_.name_only = s_.nul_after_name = true;
  }
  const Scope own{repo_, index_.get(), diff_.get(), {}, ObjectId::null(repo_ ? repo_->algo() : HashAlgo::sha1)};
  Grep grep(s_, words_, [this](std::string_view bytes) {
    if (open_in_)
      found_.append(bytes);
    else
      out(bytes);
  });
  bool hit = false;
  if (no_index_ || untracked_) {
    hit = search_directory(grep, own);
  } else if (objects.empty()) {
    if (!cached_) setup_work_tree(*repo_);
    hit = search_index(grep, own);
  } else {
    for (const Object& object : objects) {
      const ObjectType type = repo_->odb().type_of(object.oid);
      if (type == ObjectType::blob) {
        hit = search_blob(grep, own, object.name, object.path.empty() ? object.name : object.path, object.oid) || hit;
      } else {
        ObjectId tree;
        if (!repo_->odb().read_peeled(object.oid, ObjectType::tree, &tree))
          die("unable to grep from object of type %s", type_name(type));
        std::string base;
        std::string label = object.name + (object.name.find(':') == std::string::npos || object.path.empty() ? ":" : "/");
        if (!object.path.empty()) label = object.name + "/";
        if (ends_with(object.name, ":")) label = object.name;
        Scope in = own;
        in.treeish = object.oid;
        hit = search_tree(grep, in, tree, label, base) || hit;
      }
      if (hit && s_.quiet) break;
    }
  }
  if (hit && open_in_) return open_in_pager(std::move(pager));
  return hit ? 0 : 1;
}

}  // namespace

int cmd_grep(Invocation& inv) { return GrepCommand(inv).run(); }

}  // namespace git
