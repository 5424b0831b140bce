// git check-ignore: which pattern makes a path ignored.
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
#include "index/pathspec.h"
#include "repository.h"
#include "setup.h"

GIT_BUILTIN("check-ignore", cmd_check_ignore, kSetup | kNeedWorkTree)

namespace git {
namespace {

struct CheckIgnore {
  CheckIgnore(Invocation& i) : inv(i), repo(i.repo()), index(i.repo()), scan(index) {}
  Invocation& inv;
  Repository& repo;
  Index index;
  DirScan scan;
  bool quiet = false, verbose = false, use_stdin = false, nul = false, non_matching = false, no_index = false;

  void show(const std::string& path, const IgnorePattern* p);
  int check(const std::vector<std::string>& paths);
};

void CheckIgnore::show(const std::string& path, const IgnorePattern* p) {
  std::string pattern;
  if (p) pattern = std::string(p->flags & kPatternNegative ? "!" : "") + p->pattern + (p->flags & kPatternMustBeDir ? "/" : "");
  bool quote_high = repo.config().get_bool_or("core.quotepath", true);
  if (nul) {
    std::string_view end("\0", 1);
    if (verbose) {
      if (p) {
        out(p->source), out(end), outf("%d", p->line), out(end), out(pattern), out(end);
      } else {
        out(end), out(end), out(end);
      }
    }
    out(path), out(end);
    return;
  }
  if (verbose) {
    if (p)
      outf("%s:%d:%s\t", quote_c_style(p->source, quote_high), p->line, pattern);
    else
      out("::\t");
  }
  outf("%s\n", quote_c_style(path, quote_high));
}

int CheckIgnore::check(const std::vector<std::string>& paths) {
  if (paths.empty()) {
    if (!quiet) err("no pathspec given.\n");
    return 0;
  }
  Pathspec spec = parse_pathspec(repo, paths, inv.prefix_or_empty(), kPathspecSymlinkLeading | kPathspecKeepDuplicates,
                                 kMagicTop | kMagicLiteral | kMagicGlob | kMagicIcase);
  die_path_inside_submodule(index, spec);
  std::vector<std::uint8_t> seen(spec.size());
  if (!no_index)
    for (const auto& e : index.entries()) match_pathspec(index, spec, e->path, &seen);
  int ignored = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::string& full = spec.items[i].match;
    const IgnorePattern* p = nullptr;
    if (!seen[i] && !full.empty()) {
      bool is_dir = full.back() == '/';
      std::string bare = is_dir ? full.substr(0, full.size() - 1) : full;
      std::optional<struct stat> st = lstat_path(bare);
      p = scan.last_matching(bare, is_dir || (st && S_ISDIR(st->st_mode)));
      if (!verbose && p && (p->flags & kPatternNegative)) p = nullptr;
    }
    if (!quiet && (p || non_matching)) show(paths[i], p);
    if (p) ++ignored;
  }
  return ignored;
}

}  // namespace

int cmd_check_ignore(Invocation& inv) {
  CheckIgnore c(inv);
  Options o({"git check-ignore [<options>] <pathname>...", "git check-ignore [<options>] --stdin"});
  o.boolean('q', "quiet", &c.quiet, N_("suppress progress reporting"));
  o.boolean('v', "verbose", &c.verbose, N_("be verbose"));
  o.group("");
  o.boolean(0, "stdin", &c.use_stdin, N_("read file names from stdin"));
  o.boolean('z', "", &c.nul, N_("terminate input and output records by a NUL character"));
  o.boolean('n', "non-matching", &c.non_matching, N_("show non-matching input paths"));
  o.boolean(0, "no-index", &c.no_index, N_("ignore index when checking"));
  std::vector<std::string> args = o.parse(inv.args, inv.prefix_or_empty());
  if (c.use_stdin) {
    if (!args.empty()) die("cannot specify pathnames with --stdin");
  } else {
    if (c.nul) die("-z only makes sense with --stdin");
    if (args.empty()) die("no path specified");
  }
  if (c.quiet) {
    if (args.size() > 1) die("--quiet is only valid with a single pathname");
    if (c.verbose) die("cannot have both --quiet and --verbose");
  }
  if (c.non_matching && !c.verbose) die("--non-matching is only valid with --verbose");
  if (!c.no_index) c.index = Index::read(inv.repo());
  c.scan.setup_standard_excludes();
  int ignored = 0;
  if (!c.use_stdin) {
    ignored = c.check(args);
  } else {
    LineReader lines(0, c.nul ? '\0' : '\n');
    for (std::string line; lines.next(line);) {
      if (!c.nul && !line.empty() && line[0] == '"') {
        std::string_view rest = line;
        std::optional<std::string> plain = unquote_c_style(rest);
        if (!plain) die("line is badly quoted");
        line = std::move(*plain);
      }
      ignored += c.check({line});
      flush_out();
    }
  }
  return ignored ? 0 : 1;
}

}  // namespace git
