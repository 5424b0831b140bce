// git rev-parse: names to object names, options sorted into kinds, paths of the repository, and helpers for scripts.
#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "index/index-state.h"
#include "index/split-index.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "walk/abbrev.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("rev-parse", cmd_rev_parse, kNoParseopt)

namespace git {
namespace {

enum Kind : unsigned { kDoRevs = 1, kDoNoRev = 2, kDoFlags = 4, kDoNonFlags = 8 };
constexpr unsigned kShowAll = kDoRevs | kDoNoRev | kDoFlags | kDoNonFlags;
enum class Format : std::uint8_t { unset, canonical, relative };
enum class Default : std::uint8_t { relative, relative_if_shared, canonical, unmodified };

constexpr const char* kUsage =
    "git rev-parse --parseopt [<options>] -- [<args>...]\n"
    "   or: git rev-parse --sq-quote [<arg>...]\n"
    "   or: git rev-parse [<options>] [<arg>...]\n"
    "\n"
    "Run \"git rev-parse --parseopt -h\" for more information on the first usage.";

// rev-list's options that take no value worth splitting; what rev-parse sorts as "revs".
bool is_rev_argument(std::string_view arg) {
  static constexpr std::string_view kOptions[] = {
      "--all",        "--bisect",         "--dense",          "--branches",     "--branches=",
      "--header",     "--ignore-missing", "--max-age=",       "--max-count=",   "--min-age=",
      "--no-merges",  "--min-parents=",   "--no-min-parents", "--max-parents=", "--no-max-parents",
      "--objects",    "--objects-edge",   "--parents",        "--pretty",       "--remotes",
      "--remotes=",   "--glob=",          "--sparse",         "--tags",         "--tags=",
      "--topo-order", "--date-order",     "--unpacked"};
  if (arg.size() > 1 && arg[0] == '-' && is_digit(arg[1])) return true;
  for (std::string_view option : kOptions) {
    if (arg == option) return true;
    if (option.back() == '=' && starts_with(arg, option)) return true;
  }
  return false;
}

class RevParse {
 public:
  explicit RevParse(Invocation& inv) : inv_(inv) {}
  int run(std::vector<std::string> args);

 private:
  Repository& repo() { return *inv_.repository; }
  void show(std::string_view text) {
    if (sq_) {
      out(sq_quote(text));
      out(" ");
    } else {
      out(text);
      out("\n");
    }
  }
  bool show_flag(std::string_view arg) {
    if (!(filter_ & kDoFlags)) return false;
    if (filter_ & (is_rev_argument(arg) ? kDoRevs : kDoNoRev)) {
      show(arg);
      return true;
    }
    return false;
  }
  void show_default() {
    std::optional<std::string> name = std::exchange(default_, std::nullopt);
    if (!name) return;
    if (auto oid = get_oid(repo(), *name)) show_rev(true, *oid, name->c_str());
  }
  void show_rev(bool normal, const ObjectId& oid, const char* name);
  bool show_file(const std::string& arg, bool output_prefix);
  bool try_difference(const std::string& arg);
  bool try_parents(const std::string& arg);
  void show_refs(std::string_view prefix, std::string_view pattern, bool trim);
  void print_path(const std::string& path, Format format, Default fallback);
  [[noreturn]] void die_no_single_rev();
  bool option(const std::vector<std::string>& args, std::size_t& i);
  bool ref_option(std::string_view arg);
  bool repository_option(std::string_view arg);

  Invocation& inv_;
  std::string prefix_;
  unsigned filter_ = kShowAll;
  std::optional<std::string> default_;
  bool verify_ = false, quiet_ = false, sq_ = false, output_prefix_ = false;
  int revs_count_ = 0;
  bool normal_ = true;  // not ^
  enum { kNotSymbolic, kAsIs, kFull } symbolic_ = kNotSymbolic;
  int abbrev_ = 0;
  bool abbrev_ref_ = false, abbrev_strict_ = true;
  Format format_ = Format::unset;
  std::vector<std::string> excluded_;
  std::vector<std::string> hidden_;
  bool hidden_set_ = false;
  std::string hidden_space_;
  HashAlgo output_algo_ = HashAlgo::unknown;
};

void RevParse::show_rev(bool normal, const ObjectId& oid, const char* name) {
  if (!(filter_ & kDoRevs)) return;
  default_.reset();
  revs_count_++;
  std::string text;
  if ((symbolic_ != kNotSymbolic || abbrev_ref_) && name) {
    if (symbolic_ == kFull || abbrev_ref_) {
      ObjectId ignored;
      std::string full;
      int found = dwim_ref(repo(), name, &ignored, &full);
      if (found == 0) return;  // not a ref: nothing to show
      if (found > 1 && !abbrev_ref_) {
        error("refname '%s' is ambiguous", name);
        return;
      }
      text = abbrev_ref_ ? shorten_unambiguous_ref(repo(), full, abbrev_strict_) : full;
    } else {
      text = name;
    }
  } else if (abbrev_) {
    text = unique_abbrev(repo(), oid, abbrev_);
  } else {
    text = oid.hex();
  }
  show(normal == normal_ ? text : "^" + text);
}

bool RevParse::show_file(const std::string& arg, bool output_prefix) {
  show_default();
  if ((filter_ & (kDoNonFlags | kDoNoRev)) == (kDoNonFlags | kDoNoRev)) {
    if (output_prefix)
      show(prefix_filename(prefix_, arg));
    else
      show(arg);
    return true;
  }
  return false;
}

bool RevParse::try_difference(const std::string& arg) {
  std::size_t dots = arg.find("..");
  if (dots == std::string::npos) return false;
  bool symmetric = arg.size() > dots + 2 && arg[dots + 2] == '.';
  std::string start = arg.substr(0, dots), end = arg.substr(dots + (symmetric ? 3 : 2));
  if (start.empty() && end.empty() && !symmetric) return false;
  if (end.empty()) end = "HEAD";
  if (start.empty()) start = "HEAD";
  std::optional<ObjectId> a = get_oid(repo(), start, NameHint::committish), b;
  if (a) b = get_oid(repo(), end, NameHint::committish);
  if (!a || !b) return false;
  Commit *one = nullptr, *two = nullptr;
  if (symmetric) {
    one = repo().commits().peel_to_commit(*a);
    two = repo().commits().peel_to_commit(*b);
    if (!one || !two) return false;
  }
  show_rev(true, *b, end.c_str());
  show_rev(symmetric, *a, start.c_str());
  if (symmetric)
    for (Commit* base : merge_bases(repo().commits(), one, two)) show_rev(false, base->oid, nullptr);
  return true;
}

bool RevParse::try_parents(const std::string& arg) {
  std::size_t mark;
  bool include_rev = false, include_parents = false;
  long exclude_parent = 0;
  if ((mark = arg.find("^!")) != std::string::npos) {
    include_rev = true;
    if (mark + 2 != arg.size()) return false;
  } else if ((mark = arg.find("^@")) != std::string::npos) {
    include_parents = true;
    if (mark + 2 != arg.size()) return false;
  } else if ((mark = arg.find("^-")) != std::string::npos) {
    include_rev = true;
    exclude_parent = 1;
    if (mark + 2 < arg.size()) {
      std::optional<std::uint64_t> n = parse_uint(std::string_view(arg).substr(mark + 2));
      if (!n || *n < 1 || *n > 0x7fffffff) return false;
      exclude_parent = static_cast<long>(*n);
    }
  } else {
    return false;
  }
  std::string base = arg.substr(0, mark);
  std::optional<ObjectId> oid = get_oid(repo(), base, NameHint::committish);
  Commit* c = oid ? repo().commits().peel_to_commit(*oid) : nullptr;
  if (!c) return false;
  if (exclude_parent && static_cast<std::size_t>(exclude_parent) > c->parents.size()) return false;
  if (include_rev) show_rev(true, *oid, base.c_str());
  long n = 0;
  for (Commit* p : c->parents) {
    n++;
    if (exclude_parent && n != exclude_parent) continue;
    std::string name;
    if (symbolic_ != kNotSymbolic) name = strf("%s^%d", base, n);
    show_rev(include_parents, p->oid, name.empty() ? nullptr : name.c_str());
  }
  return true;
}

void RevParse::show_refs(std::string_view prefix, std::string_view pattern, bool trim) {
  std::string full;
  if (!pattern.empty()) {
    if (prefix.empty() && !starts_with(pattern, "refs/")) full = "refs/";
    full += std::string(prefix) + std::string(pattern);
    if (full.find_first_of("*?[") == std::string::npos) {
      if (full.back() != '/') full += '/';
      full += '*';
    }
  }
  std::string start = full.empty() ? std::string(prefix) : full.substr(0, full.rfind('/', full.find_first_of("*?[\\")) + 1);
  repo().refs().for_each(start, [&](const Ref& ref) {
    if (ref.oid.is_null() || ref.is_broken) return true;
    if (!full.empty() && !wildmatch(full, ref.name)) return true;
    std::string_view shown = ref.name;
    if (trim) shown.remove_prefix(prefix.size());
    for (const std::string& exclude : excluded_)
      if (wildmatch(exclude, shown)) return true;
    for (std::size_t i = hidden_.size(); i-- > 0;) {
      std::string_view hide = hidden_[i], subject = ref.name;
      bool negated = skip_prefix(hide, "!");
      bool whole = skip_prefix(hide, "^");
      if (!whole && !hidden_space_.empty() && !skip_prefix(subject, hidden_space_)) continue;
      if (starts_with(subject, hide) && (subject.size() == hide.size() || subject[hide.size()] == '/')) {
        if (!negated) return true;
        break;
      }
    }
    show_rev(true, ref.oid, ref.name.c_str());
    return true;
  });
  excluded_.clear();
  hidden_.clear();
  hidden_set_ = false;
}

void RevParse::print_path(const std::string& path, Format format, Default fallback) {
  std::string cwd = current_dir();
  std::string start = inv_.original_cwd.empty() ? cwd : inv_.original_cwd;
  if (format == Format::unset && fallback == Default::unmodified) {
    show(path);
    return;
  }
  if (format == Format::relative || (format == Format::unset && fallback == Default::relative)) {
    std::string base = prefix_.empty() ? cwd : path_join(cwd, prefix_);
    std::string real = real_path_forgiving(absolute_path(path)), real_base = real_path_forgiving(base);
    show(relative_path(real, real_base));
    return;
  }
  if (format == Format::unset && fallback == Default::relative_if_shared) {
    std::string base = prefix_.empty() ? cwd : path_join(cwd, prefix_);
    if (!is_absolute_path(path)) {
      std::string whole = absolute_path(path);
      show(relative_path(whole, prefix_.empty() ? cwd : absolute_path(prefix_)));
    } else {
      // Absolute as it was found; relative only where it shares the prefix of the cwd.
      show(path);
    }
    return;
  }
  show(real_path_forgiving(absolute_path(path)));
}

void RevParse::die_no_single_rev() {
  if (quiet_) exit_with(1);
  die("Needed a single revision");
}

bool RevParse::ref_option(std::string_view arg) {
  std::string_view value;
  auto refs = [&](std::string_view option, std::string_view prefix) {
    if (arg == option || starts_with(arg, std::string(option) + "=")) {
      if (hidden_set_) die("options '%s' and '%s' cannot be used together", "--exclude-hidden", option);
      if (arg == option)
        show_refs(prefix, {}, true);
      else
        show_refs(prefix, arg.substr(option.size() + 1), true);
      return true;
    }
    return false;
  };
  if (refs("--branches", "refs/heads/") || refs("--tags", "refs/tags/") || refs("--remotes", "refs/remotes/")) return true;
  if (arg == "--all") {
    show_refs("refs/", {}, false);
    return true;
  }
  if (skip_prefix(arg, "--glob=", &value)) {
    show_refs({}, value, false);
    return true;
  }
  if (skip_prefix(arg, "--exclude=", &value)) {
    excluded_.push_back(std::string(value));
    return true;
  }
  if (skip_prefix(arg, "--exclude-hidden=", &value)) {
    if (value != "fetch" && value != "receive" && value != "uploadpack") die("unsupported section for hidden refs: %s", value);
    if (hidden_set_) die("--exclude-hidden= passed more than once");
    hidden_set_ = true;
    hidden_space_ = repo().ref_namespace();
    for (const ConfigEntry& entry : repo().config().entries())
      if (entry.value && (entry.key == "transfer.hiderefs" || entry.key == strf("%s.hiderefs", value))) {
        std::string pattern = *entry.value;
        while (!pattern.empty() && pattern.back() == '/') pattern.pop_back();
        hidden_.push_back(pattern);
      }
    return true;
  }
  if (arg == "--bisect") {
    auto each = [&](const std::string& prefix, bool normal) {
      repo().refs().for_each(prefix, [&](const Ref& ref) {
        if (!ref.oid.is_null()) show_rev(normal, ref.oid, ref.name.c_str());
        return true;
      });
    };
    std::string bad = "bad", good = "good";
    if (auto terms = read_file_if_exists(repo().git_path("BISECT_TERMS"))) {
      std::vector<std::string_view> lines = split_lines(*terms);
      if (lines.size() >= 2) {
        bad = std::string(lines[0]);
        good = std::string(lines[1]);
      }
    }
    each("refs/bisect/" + bad, true);
    each("refs/bisect/" + good, false);
    return true;
  }
  return false;
}

bool RevParse::repository_option(std::string_view arg) {
  const RepositoryLayout& layout = repo().layout();
  if (arg == "--show-toplevel") {
    if (!repo().worktree()) die("this operation must be run in a work tree");
    print_path(*repo().worktree(), format_, Default::unmodified);
  } else if (arg == "--show-superproject-working-tree") {
    if (!repo().worktree()) return true;
    // A superproject lists this worktree as a gitlink.
    std::string top = real_path_forgiving(*repo().worktree());
    std::string parent(path_dirname(top));
    ChildProcess child;
    child.git_command = true;
    child.dir = parent;
    child.args = {"ls-files", "-z", "--stage", "--full-name", "--", std::string(path_basename(top))};
    for (const std::string& name : local_repo_env_vars()) child.env.push_back(name);
    child.err = ChildProcess::kNull;
    CommandOutput listing = pipe_command(child, "", true);
    if (listing.code == 0 && starts_with(listing.out, "160000")) {
      std::size_t tab = listing.out.find('\t');
      std::string name = listing.out.substr(tab + 1, listing.out.find('\0', tab) - tab - 1);
      if (!ends_with(top, "/" + name)) die("BUG: returned path string doesn't match cwd?");
      print_path(top.substr(0, top.size() - name.size() - 1), format_, Default::unmodified);
    }
  } else if (arg == "--show-prefix") {
    if (!prefix_.empty())
      show(prefix_);
    else
      out("\n");
  } else if (arg == "--show-cdup") {
    std::string up;
    if (!inv_.prefix || inv_.prefix->empty()) {
      if (repo().worktree() && !path_below(real_path_forgiving(inv_.original_cwd.empty() ? current_dir() : inv_.original_cwd),
                                           real_path_forgiving(*repo().worktree()))) {
        out(*repo().worktree());
        out("\n");
        return true;
      }
    } else {
      for (char c : *inv_.prefix)
        if (c == '/') up += "../";
    }
    out(up);
    out("\n");
  } else if (arg == "--git-dir" || arg == "--absolute-git-dir") {
    std::optional<std::string> env = get_env("GIT_DIR");
    bool absolute = arg == "--absolute-git-dir";
    if (absolute) {
      print_path(layout.git_dir, Format::canonical, Default::canonical);
      return true;
    }
    if (env && !env->empty()) {
      print_path(prefix_.empty() || is_absolute_path(*env) ? *env : *env, format_, Default::unmodified);
      return true;
    }
    if (prefix_.empty()) {
      print_path(layout.git_dir.empty() ? ".git" : layout.git_dir, format_, Default::unmodified);
      return true;
    }
    print_path(layout.git_dir_abs, format_, is_absolute_path(layout.git_dir) ? Default::unmodified : Default::canonical);
  } else if (arg == "--git-common-dir") {
    if (layout.common_dir == layout.git_dir_abs)
      print_path(layout.git_dir, format_, Default::relative_if_shared);
    else
      print_path(layout.common_dir, format_, Default::relative_if_shared);
  } else if (arg == "--is-inside-git-dir") {
    std::string cwd = real_path_forgiving(inv_.original_cwd.empty() ? current_dir() : inv_.original_cwd);
    out(path_below(cwd, real_path_forgiving(layout.git_dir_abs)) ? "true\n" : "false\n");
  } else if (arg == "--is-inside-work-tree") {
    std::string cwd = real_path_forgiving(inv_.original_cwd.empty() ? current_dir() : inv_.original_cwd);
    bool inside = repo().worktree() && path_below(cwd, real_path_forgiving(*repo().worktree()));
    if (inside && path_below(cwd, real_path_forgiving(layout.git_dir_abs)) &&
        real_path_forgiving(layout.git_dir_abs) != real_path_forgiving(*repo().worktree()))
      inside = !path_below(real_path_forgiving(layout.git_dir_abs), real_path_forgiving(*repo().worktree()));
    out(inside ? "true\n" : "false\n");
  } else if (arg == "--is-bare-repository") {
    out(repo().is_bare() ? "true\n" : "false\n");
  } else if (arg == "--is-shallow-repository") {
    out(repo().is_shallow() ? "true\n" : "false\n");
  } else if (arg == "--shared-index-path") {
    Index index = Index::read(repo());
    if (!is_split_for_writing(index)) return true;
    const ObjectId& base = index.internals().split->base_oid;
    print_path(repo().git_path("sharedindex." + base.hex()), format_, Default::relative_if_shared);
  } else if (arg == "--show-object-format" || starts_with(arg, "--show-object-format=")) {
    std::string_view which = arg.size() > 21 ? arg.substr(21) : std::string_view("storage");
    if (which == "storage" || which == "input" || which == "output")
      out(strf("%s\n", hash_name(repo().algo())));
    else if (which == "compat")
      out(strf("%s\n", layout.compat_algo == HashAlgo::unknown ? std::string_view() : hash_name(layout.compat_algo)));
    else
      die("unknown mode for --show-object-format: %s", which);
  } else if (arg == "--show-ref-format") {
    out(strf("%s\n", layout.ref_format));
  } else {
    return false;
  }
  return true;
}

bool RevParse::option(const std::vector<std::string>& args, std::size_t& i) {
  const std::string& arg = args[i];
  std::string_view value;
  if (arg == "-n") {
    if (++i >= args.size()) die("-n requires an argument");
    if (filter_ & kDoFlags && filter_ & kDoRevs) {
      show(arg);
      show(args[i]);
    }
    return true;
  }
  if (starts_with(arg, "-n") && !starts_with(arg, "--")) {
    if (filter_ & kDoFlags && filter_ & kDoRevs) show(arg);
    return true;
  }
  if (arg == "--path-format" || skip_prefix(arg, "--path-format=", &value)) {
    if (arg == "--path-format") die("--path-format requires an argument");
    if (value == "absolute")
      format_ = Format::canonical;
    else if (value == "relative")
      format_ = Format::relative;
    else
      die("unknown argument to --path-format: %s", value);
    return true;
  }
  if (arg == "--default") {
    if (++i >= args.size()) die("--default requires an argument");
    default_ = args[i];
    return true;
  }
  if (arg == "--prefix") {
    if (++i >= args.size()) die("--prefix requires an argument");
    prefix_ = args[i];
    inv_.repository->startup_prefix = prefix_;
    output_prefix_ = true;
    return true;
  }
  if (arg == "--revs-only") {
    filter_ &= ~static_cast<unsigned>(kDoNoRev);
    return true;
  }
  if (arg == "--no-revs") {
    filter_ &= ~static_cast<unsigned>(kDoRevs);
    return true;
  }
  if (arg == "--flags") {
    filter_ &= ~static_cast<unsigned>(kDoNonFlags);
    return true;
  }
  if (arg == "--no-flags") {
    filter_ &= ~static_cast<unsigned>(kDoFlags);
    return true;
  }
  if (arg == "--verify") {
    filter_ &= ~static_cast<unsigned>(kDoFlags | kDoNoRev);
    verify_ = true;
    return true;
  }
  if (arg == "--quiet" || arg == "-q") {
    quiet_ = true;
    return true;
  }
  if (arg == "--short" || skip_prefix(arg, "--short=", &value)) {
    filter_ &= ~static_cast<unsigned>(kDoFlags | kDoNoRev);
    verify_ = true;
    abbrev_ = -1;
    if (arg != "--short") {
      std::optional<std::int64_t> n = parse_int(value);
      int most = static_cast<int>(hex_size(repo().algo()));
      abbrev_ = static_cast<int>(n.value_or(0));
      if (abbrev_ < kMinimumAbbrev) abbrev_ = kMinimumAbbrev;
      if (abbrev_ > most) abbrev_ = most;
    }
    return true;
  }
  if (arg == "--sq") {
    sq_ = true;
    return true;
  }
  if (arg == "--output-object-format" || skip_prefix(arg, "--output-object-format=", &value)) {
    if (arg == "--output-object-format") {
      if (++i >= args.size()) die("no object format specified");
      value = args[i];
    }
    output_algo_ = hash_by_name(value);
    if (output_algo_ == HashAlgo::unknown && value != "storage") die("unsupported object format: %s", value);
    return true;
  }
  if (arg == "--not") {
    normal_ = !normal_;
    return true;
  }
  if (arg == "--symbolic") {
    symbolic_ = kAsIs;
    return true;
  }
  if (arg == "--symbolic-full-name") {
    symbolic_ = kFull;
    return true;
  }
  if (arg == "--abbrev-ref" || skip_prefix(arg, "--abbrev-ref=", &value)) {
    abbrev_ref_ = true;
    abbrev_strict_ = repo().config().get_bool("core.warnambiguousrefs").value_or(true);
    if (arg != "--abbrev-ref") {
      if (value == "strict")
        abbrev_strict_ = true;
      else if (value == "loose")
        abbrev_strict_ = false;
      else
        die("unknown mode for --abbrev-ref: %s", value);
    }
    return true;
  }
  if (skip_prefix(arg, "--disambiguate=", &value)) {
    bool hex = value.size() >= static_cast<std::size_t>(kMinimumAbbrev);
    for (char c : value) hex = hex && hex_value(c) >= 0;
    if (hex)
      for (const ObjectId& oid : objects_with_prefix(repo(), value)) show_rev(true, oid, nullptr);
    return true;
  }
  for (auto [name, key] :
       {std::pair{"--since=", "--max-age="}, {"--after=", "--max-age="}, {"--before=", "--min-age="}, {"--until=", "--min-age="}})
    if (skip_prefix(arg, name, &value)) {
      if (filter_ & kDoRevs && filter_ & kDoFlags) show(strf("%s%u", key, approxidate(value)));
      return true;
    }
  if (arg == "--git-path") {
    if (++i >= args.size()) die("--git-path requires an argument");
    print_path(repo().git_path(args[i]), format_, Default::relative_if_shared);
    return true;
  }
  if (ref_option(arg) || repository_option(arg)) return true;
  if (show_flag(arg) && verify_) die_no_single_rev();
  return true;
}

int RevParse::run(std::vector<std::string> args) {
  bool as_is = false, as_is_filenames = false, seen_end = false;
  bool has_dashdash = false;
  for (const std::string& a : args)
    if (a == "--") {
      has_dashdash = true;
      break;
    }
  for (std::size_t i = 0; i < args.size(); i++) {
    const std::string& arg = args[i];
    if (arg == "--local-env-vars" && !as_is && !seen_end) {
      for (const std::string& name : local_repo_env_vars()) outf("%s\n", name);
      continue;
    }
    if (arg == "--resolve-git-dir" && !as_is && !seen_end) {
      if (++i >= args.size()) die("--resolve-git-dir requires an argument");
      std::optional<std::string> dir = resolve_git_dir(args[i]);
      if (!dir) die("not a gitdir '%s'", args[i]);
      outf("%s\n", *dir);
      continue;
    }
    if (!inv_.repository) {
      SetupResult found = setup_git_directory(false);
      inv_.repository = std::move(found.repo);
      inv_.prefix = std::move(found.prefix);
      inv_.original_cwd = std::move(found.original_cwd);
      prefix_ = inv_.prefix.value_or("");
      inv_.repository->startup_prefix = prefix_;
    }
    if (as_is) {
      bool shown = show_file(arg, output_prefix_);
      if (shown && as_is_filenames) verify_filename(prefix_, arg, false, &repo());
      continue;
    }
    if (!seen_end) {
      if (arg == "--end-of-options") {
        seen_end = true;
        if (filter_ & (kDoFlags | kDoRevs) && filter_ & kDoFlags && !verify_) show_file(arg, false);
        continue;
      }
      if (arg == "--") {
        as_is = true;
        if (filter_ & (kDoFlags | kDoRevs)) show_file(arg, false);
        continue;
      }
      if (arg.size() > 1 && arg[0] == '-') {
        option(args, i);
        continue;
      }
    } else if (arg == "--") {
      as_is = true;
      if (filter_ & (kDoFlags | kDoRevs)) show_file(arg, false);
      continue;
    }
    // A revision?
    if (try_difference(arg)) continue;
    if (try_parents(arg)) continue;
    std::string name = arg;
    bool normal = true;
    if (!name.empty() && name[0] == '^') {
      name.erase(0, 1);
      normal = false;
    }
    ObjectContext context;
    if (auto oid = get_oid_with_context(repo(), name, NameHint::none, &context, quiet_, false, prefix_)) {
      if (output_algo_ != HashAlgo::unknown && output_algo_ != repo().algo())
        die("repository has no compatibility object format for '%s'", name);
      if (!verify_) show_default();
      show_rev(normal, *oid, name.c_str());
      continue;
    }
    if (verify_) die_no_single_rev();
    if (has_dashdash) die("bad revision '%s'", arg);
    as_is = true;
    as_is_filenames = true;
    if (show_file(arg, output_prefix_)) verify_filename(prefix_, arg, true, &repo());
  }
  if (!inv_.repository) return 0;
  if (verify_) {
    if (revs_count_ == 1) return 0;
    if (revs_count_ == 0 && default_) {
      std::string name = *default_;
      if (auto oid = get_oid(repo(), name, NameHint::none, quiet_)) {
        show_rev(true, *oid, name.c_str());
        return 0;
      }
    }
    die_no_single_rev();
  }
  show_default();
  return 0;
}

// ---- --parseopt ----
// The specification comes on standard input: usage lines, "--", then one option per line.
int parse_options_for_shell(std::vector<std::string> args) {
  bool keep_dashdash = false, stop_at_non_option = false, stuck_long = false;
  Options own({"git rev-parse --parseopt [<options>] -- [<args>...]"});
  own.boolean(0, "keep-dashdash", &keep_dashdash, "keep the `--` passed as an arg");
  own.boolean(0, "stop-at-non-option", &stop_at_non_option, "stop parsing after the first non-option argument");
  own.boolean(0, "stuck-long", &stuck_long, "output in stuck long form");
  args.insert(args.begin(), "parseopt");
  args = own.parse(args, {}, kKeepDashDash);
  if (args.empty() || args[0] != "--") own.usage_with_options();

  LineReader lines(0);
  std::string line;
  std::vector<std::string> usage;
  for (;;) {
    if (!lines.next(line)) die("premature end of input");
    if (line == "--") {
      if (usage.empty()) die("no usage string given before the `--' separator");
      break;
    }
    usage.push_back(line);
  }
  Options spec(usage);
  std::string parsed = "set --";
  struct Emit {
    std::string* parsed;
    bool stuck_long;
    char short_name;
    std::string long_name;
  };
  while (lines.next(line)) {
    if (line.empty()) continue;
    std::size_t space = line.find_first_of(" \t\n");
    std::string names = line.substr(0, space);
    if (space == std::string::npos || space == 0) {
      spec.group(std::string(trim(line)));
      continue;
    }
    if (names.find_first_of("*=?!") == 0) die("missing opt-spec before option flags");
    std::string help = space == std::string::npos ? std::string() : std::string(ltrim(std::string_view(line).substr(space + 1)));
    std::size_t marks = names.find_first_of("*=?!");
    Options::Option option;
    option.kind = Options::Option::Kind::callback;
    option.flags = kOptNoArg;
    std::string name = names.substr(0, marks);
    if (marks != std::string::npos && marks > 0) {
      std::size_t at = marks;
      for (; at < names.size(); at++) {
        char c = names[at];
        if (c == '=')
          option.flags &= ~static_cast<unsigned>(kOptNoArg);
        else if (c == '?') {
          option.flags &= ~static_cast<unsigned>(kOptNoArg);
          option.flags |= kOptOptionalArg;
        } else if (c == '!')
          option.flags |= kOptNoNeg;
        else if (c == '*')
          option.flags |= kOptHidden;
        else
          break;
      }
      option.arg_help = names.substr(at);
    } else if (marks == 0) {
      name = names;
    }
    if (name.size() == 1) {
      option.short_name = name[0];
    } else if (name.size() > 2 && name[1] == ',') {
      option.short_name = name[0];
      option.long_name = name.substr(2);
    } else if (name.size() == 2 && name[1] == ',') {
      option.short_name = name[0];
    } else {
      option.long_name = name;
    }
    if (option.short_name == '-' && option.long_name.empty()) die("Invalid option spec");
    option.help = help;
    Emit emit{&parsed, stuck_long, option.short_name, option.long_name};
    option.call = [emit](const std::optional<std::string>& value, bool unset) {
      std::string& text = *emit.parsed;
      if (unset)
        text += strf(" --no-%s", emit.long_name);
      else if (emit.short_name && (emit.long_name.empty() || !emit.stuck_long))
        text += strf(" -%c", emit.short_name);
      else
        text += strf(" --%s", emit.long_name);
      if (value) {
        if (!emit.stuck_long)
          text += ' ';
        else if (!emit.long_name.empty())
          text += '=';
        text += sq_quote(*value);
      }
      return true;
    };
    spec.add(std::move(option));
  }
  std::vector<std::string> rest = args;
  unsigned flags = kShellEval;
  if (keep_dashdash) flags |= kKeepDashDash;
  if (stop_at_non_option) flags |= kStopAtNonOption;
  rest = spec.parse(rest, {}, flags);
  parsed += " --";
  parsed += sq_quote_argv(rest);
  outf("%s\n", parsed);
  return 0;
}

}  // namespace

int cmd_rev_parse(Invocation& inv) {
  std::vector<std::string> args(inv.args.begin() + 1, inv.args.end());
  if (!args.empty() && args[0] == "--parseopt") return parse_options_for_shell({args.begin() + 1, args.end()});
  if (!args.empty() && args[0] == "--sq-quote") {
    outf("%s\n", sq_quote_argv({args.begin() + 1, args.end()}));
    return 0;
  }
  if (args.size() == 1 && args[0] == "-h") usage("%s", kUsage);
  if (args.empty()) {
    // Only asks whether this is a repository.
    setup_git_directory(false);
    return 0;
  }
  return RevParse(inv).run(std::move(args));
}

}  // namespace git
